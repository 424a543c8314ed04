// SPDX-License-Identifier: MIT
#include <string.h>

#include "netlink/words.h"
#include "topology/quantity.h"
#include "topology/show.h"

static const char *action(const struct step *s)
{
	switch (s->kind) {
	case STEP_NODE_REPLACE:
	case STEP_WIRE_REPLACE:
		return "replace";
	default:
		return step_sign(s) == '+' ? "add" : step_sign(s) == '-' ? "remove" : "change";
	}
}

static const char *object(const struct step *s)
{
	switch (s->kind) {
	case STEP_FABRIC_ADD:
	case STEP_FABRIC_DEL:
		return "underlay";
	case STEP_NODE_DEL:
	case STEP_NODE_ADD:
	case STEP_NODE_MEND:
	case STEP_NODE_REPLACE:
	case STEP_NODE_CHANGE:
		return "node";
	default:
		return "wire";
	}
}

static bool goes(const struct step *s)
{
	return step_sign(s) == '-';
}

static const struct topo_node *node_of(const struct step *s, const struct topo_state *want,
				       const struct topo_state *live)
{
	return goes(s) ? &live->node[s->live] : &want->node[s->want];
}

static const struct topo_wire *wire_of(const struct step *s, const struct topo_state *want,
				       const struct topo_state *live)
{
	return goes(s) ? &live->wire[s->live] : &want->wire[s->want];
}

static const char *name_of(const struct step *s, const struct topo_state *want, const struct topo_state *live)
{
	if (!strcmp(object(s), "underlay"))
		return want->fabric;
	return !strcmp(object(s), "node") ? node_of(s, want, live)->name : wire_of(s, want, live)->name;
}

/**
 * show_step() - a step of a plan in a few words
 * @mem: where the string is made
 * @s: the step
 * @want: what is wanted
 * @live: what is live
 *
 * Return: such as "+ wire leaf01:swp51 -- spine01:swp1".
 */
const char *show_step(struct arena *mem, const struct step *s, const struct topo_state *want,
		      const struct topo_state *live)
{
	const char *name = name_of(s, want, live);

	return arena_printf(mem, "%c %s %s", step_sign(s), object(s), *name ? name : "\"\"");
}

static void show_networks(struct printer *out, const char *key, const struct topo_addr *list, size_t n)
{
	char text[LW_ADDR_STRLEN];

	print_open_array(out, key);
	for (size_t i = 0; i < n; i++) {
		print_open_object(out, NULL);
		print_string(out, "local", " %s", COLOR_ADDR, lw_addr_format(&list[i].addr, text));
		print_u64(out, "prefixlen", "/%llu", list[i].len);
		print_close_object(out);
	}
	print_close_array(out);
}

static void show_addresses(struct printer *out, const struct topo_end *end)
{
	show_networks(out, "addresses", end->addr, end->addrs);
}

/* for programs a number, for people with its unit */
static void show_quantity(struct printer *out, const char *key, uint64_t value, const char *words)
{
	print_u64(out, key, NULL, value);
	print_text(out, " %s %s", key, words);
}

/* JSON: bytes a second, microseconds */
static void show_limits(struct printer *out, const struct topo_wire *w)
{
	struct arena mem = { 0 };

	if (w->rate)
		show_quantity(out, "rate", w->rate, format_rate(&mem, w->rate));
	if (w->floor)
		show_quantity(out, "floor", w->floor, format_rate(&mem, w->floor));
	if (w->delay_us)
		show_quantity(out, "delay", w->delay_us, format_time(&mem, w->delay_us));
	if (w->loss)
		print_string(out, "loss", " loss %s", COLOR_NONE, format_share(&mem, w->loss));
	arena_free(&mem);
}

static void show_values(struct printer *out, const struct topo_wire *w)
{
	print_string(out, "encap", " %s", COLOR_NONE, state_encap_name(w->encap) ?: "?");
	print_string(out, "mode", " %s", COLOR_NONE, lw_mode_name(w->mode) ?: "?");
	if (w->plain)
		print_string(out, "cipher", " %s (NOT ENCRYPTED)", COLOR_BAD, "none");
	else
		print_string(out, "cipher", " %s", COLOR_NONE, lw_cipher_name(w->cipher) ?: "unkeyed");
	print_u64(out, "mtu", " mtu %llu", w->mtu);
	if (w->hold)
		print_u64(out, "hold", " hold %llu", w->hold);
	show_limits(out, w);
	if (w->weight > 1)
		print_u64(out, "weight", " weight %llu", w->weight);
	if (w->down)
		print_string(out, "admin", " admin %s", COLOR_NONE, "down");
}

static void show_new_node(struct printer *out, const struct topo_node *node)
{
	struct lw_addr addr = state_endpoint(node);
	char text[LW_ADDR_STRLEN];

	print_string(out, "netns", "  netns %s", COLOR_NONE, node->netns);
	print_string(out, "underlay_netns", NULL, COLOR_NONE, node->underlay);
	print_string(out, "underlay_address", "  underlay %s", COLOR_ADDR, lw_addr_format(&addr, text));
}

/* ends in the order in which they were written */
static void show_new_wire(struct printer *out, const struct topo_state *s, const struct topo_wire *w)
{
	print_text(out, " ");
	show_values(out, w);
	print_open_array(out, "ends");
	for (int k = 0; k < 2; k++) {
		const struct topo_end *end = &w->end[k ^ w->tail];

		print_open_object(out, NULL);
		print_string(out, "node", NULL, COLOR_NONE, s->node[end->node].name);
		print_string(out, "ifname", NULL, COLOR_NONE, end->ifname);
		print_text(out, k ? " --" : " ");
		show_addresses(out, end);
		print_close_object(out);
	}
	print_close_array(out);
}

static void show_planned(struct printer *out, const struct step *s, const struct topo_state *want,
			 const struct topo_state *live)
{
	const char sign[] = { step_sign(s), '\0' };
	enum color color = *sign == '+' ? COLOR_GOOD : *sign == '-' ? COLOR_BAD : COLOR_NAME;
	const char *name = name_of(s, want, live);

	print_open_object(out, NULL);
	if (out->json)
		print_string(out, "action", NULL, COLOR_NONE, action(s));
	else
		print_string(out, NULL, "%s", color, sign);
	print_string(out, "object", " %s", COLOR_NONE, object(s));
	print_string(out, "name", *name || out->json ? " %s" : " \"%s\"", color, name);
	if (s->kind == STEP_WIRE_REPLACE || s->kind == STEP_NODE_REPLACE)
		print_text(out, "  made anew:");
	if (s->why)
		print_string(out, "why", "  %s", COLOR_NONE, s->why);
	if (s->kind == STEP_NODE_ADD)
		show_new_node(out, node_of(s, want, live));
	if (s->kind == STEP_WIRE_ADD)
		show_new_wire(out, want, wire_of(s, want, live));
	print_text(out, "\n");
	print_close_object(out);
}

/**
 * show_plan() - print a plan
 * @out: where to
 * @p: the plan
 * @want: what is wanted
 * @live: what is live
 * @result: what became of it, for JSON: "planned", "applied", "undone", "failed"
 * @generation: as which it is kept, for JSON; 0: it is not
 */
void show_plan(struct printer *out, const struct plan *p, const struct topo_state *want,
	       const struct topo_state *live, const char *result, unsigned int generation)
{
	print_open_object(out, NULL);
	print_string(out, "topology", NULL, COLOR_NONE, want->title);
	print_string(out, "result", NULL, COLOR_NONE, result);
	if (generation)
		print_u64(out, "generation", NULL, generation);
	print_open_array(out, "steps");
	for (size_t i = 0; i < p->steps; i++)
		show_planned(out, &p->step[i], want, live);
	print_close_array(out);
	print_string(out, NULL, "%s: ", COLOR_NAME, want->title);
	if (p->steps || out->json) {
		print_u64(out, "add", "%llu to add", p->add);
		print_u64(out, "change", ", %llu to change", p->change);
		print_u64(out, "remove", ", %llu to remove\n", p->remove);
	} else {
		print_text(out, "nothing to change\n");
	}
	print_close_object(out);
	print_end(out);
}

/**
 * show_wire_state() - a wire's state in a word
 * @live: the wire as it is live; NULL: it is not
 *
 * Return: "up", "no-carrier", "down", "broken" or "missing".
 */
const char *show_wire_state(const struct topo_wire *live)
{
	if (!live)
		return "missing";
	if (!live->end[0].present || !live->end[1].present ||
	    (!live->plain && !state_keyed(live)))
		return "broken";
	if (!live->end[0].up || !live->end[1].up)
		return "down";
	return live->end[0].carrier && live->end[1].carrier ? "up" : "no-carrier";
}

static void show_node_rate(struct printer *out, const struct topo_node *node)
{
	struct arena mem = { 0 };

	print_text(out, " ");
	show_quantity(out, "rate", node->rate, format_rate(&mem, node->rate));
	arena_free(&mem);
}

/* what it is reached by, and how many ways it knows */
static void show_node_routes(struct printer *out, const struct topo_node *node)
{
	if (node->loopbacks + node->prefixes + node->routes + node->policies + node->denials == 0)
		return;
	print_text(out, "     loopback");
	show_networks(out, "loopback", node->loopback, node->loopbacks);
	print_text(out, "%s", node->prefixes ? "  prefix" : "");
	show_networks(out, "prefix", node->prefix, node->prefixes);
	print_u64(out, "routes", "  routes %llu", node->routes);
	print_u64(out, "policies", node->policies ? "  of chains %llu" : NULL, node->policies);
	print_u64(out, "denials", node->denials ? "  denials %llu" : NULL, node->denials);
	print_text(out, "\n");
}

static void show_node(struct printer *out, const struct topo_node *node, const struct topo_node *live)
{
	struct lw_addr addr = state_endpoint(node);
	const char *state = !live ? "missing" : live->has_netns && live->has_link ? "up" : "broken";
	char text[LW_ADDR_STRLEN];

	print_open_object(out, NULL);
	print_string(out, "name", "node %-24s", COLOR_NAME, node->name);
	print_string(out, "state", " %-8s", *state == 'u' ? COLOR_GOOD : COLOR_BAD, state);
	print_string(out, "netns", " netns %s", COLOR_NONE, node->netns);
	print_string(out, "underlay_netns", "  underlay %s", COLOR_NONE, node->underlay);
	print_string(out, "underlay_address", " %s", COLOR_ADDR, lw_addr_format(&addr, text));
	print_bool(out, "given", "", node->given);
	print_bool(out, "bridge", "  bridge", node->bridge);
	if (node->label)
		print_string(out, "label", "  (%s)", COLOR_NONE, node->label);
	if (node->rate)
		show_node_rate(out, node);
	print_text(out, "\n");
	show_node_routes(out, node);
	print_close_object(out);
}

static void show_sources(struct printer *out, const struct topo_end *end)
{
	if (out->json)
		show_networks(out, "sources", end->source, end->sources);
	else
		print_u64(out, NULL, "  sources %llu", end->sources);
}

static void show_end(struct printer *out, const struct topo_state *s, const struct topo_end *end,
		     const struct topo_end *live)
{
	char text[LW_ADDR_STRLEN];

	print_open_object(out, NULL);
	print_string(out, "node", "     %s", COLOR_NONE, s->node[end->node].name);
	print_string(out, "ifname", " %s", COLOR_NAME, live && live->present ? live->ifname : end->ifname);
	if (end->port && strcmp(end->port, end->ifname))
		print_string(out, "port", " (port %s)", COLOR_NONE, end->port);
	show_addresses(out, end);
	if (end->backup.family)
		print_string(out, "backup", "  backup %s", COLOR_ADDR, lw_addr_format(&end->backup, text));
	if (end->sources_on)
		show_sources(out, end);
	if (live && live->present) {
		print_u64(out, "id", NULL, live->id);
		print_u64(out, "ifindex", NULL, live->ifindex);
		print_u64(out, "rx_packets", "  rx %llu", live->rx_packets);
		print_u64(out, "tx_packets", " tx %llu packets", live->tx_packets);
	}
	print_text(out, "\n");
	print_close_object(out);
}

static void show_wire(struct printer *out, const struct topo_state *s, const struct topo_wire *w,
		      const struct topo_wire *live, const char *state)
{
	print_open_object(out, NULL);
	print_string(out, "name", "wire %s", COLOR_NAME, w->name);
	print_string(out, "state", "  %s ", !strcmp(state, "up") ? COLOR_GOOD : COLOR_BAD, state);
	show_values(out, w);
	print_text(out, "\n");
	print_open_array(out, "ends");
	for (int k = 0; k < 2; k++)
		if (w->end[k ^ w->tail].ifname)
			show_end(out, s, &w->end[k ^ w->tail], live ? &live->end[k ^ w->tail] : NULL);
	print_close_array(out);
	print_close_object(out);
}

static bool is_node(const char *name, const struct topo_node *node)
{
	return !strcmp(name, node->name) || (node->label && !strcmp(name, node->label));
}

/* by its name, or by "NODE:INTERFACE" of either end, the interface as written or as it is called */
static bool is_wire(const char *name, const struct topo_state *s, const struct topo_wire *w)
{
	if (!strcmp(name, w->name))
		return true;
	for (int k = 0; k < 2; k++) {
		const struct topo_end *end = &w->end[k];
		const char *node = end->ifname ? s->node[end->node].name : "";
		size_t len = strlen(node);

		if (!end->ifname || strncmp(name, node, len) || name[len] != ':')
			continue;
		if (!strcmp(name + len + 1, end->ifname) || (end->port && !strcmp(name + len + 1, end->port)))
			return true;
	}
	return false;
}

static void show_nodes(struct printer *out, const struct topo_state *want, const struct topo_state *live,
		       struct show_only *only)
{
	for (size_t i = 0; i < want->nodes + live->nodes; i++) {
		const struct topo_node *node = i < want->nodes ? &want->node[i] : &live->node[i - want->nodes];
		const struct topo_node *is = state_find_node(live, node->underlay);

		if (i >= want->nodes && state_find_node(want, node->underlay))
			continue;
		if (only->wire || (only->node && !is_node(only->node, node)))
			continue;
		show_node(out, node, is);
		only->found++;
	}
}

static void show_wires(struct printer *out, const struct topo_state *want, const struct topo_state *live,
		       struct show_only *only)
{
	for (size_t i = 0; i < want->wires + live->wires; i++) {
		bool wanted = i < want->wires;
		const struct topo_wire *w = wanted ? &want->wire[i] : &live->wire[i - want->wires];
		const struct topo_wire *is = wanted ? state_find_wire(live, w->key) : w;

		if (!wanted && state_find_wire(want, w->key))
			continue;
		if (only->node || (only->wire && !is_wire(only->wire, wanted ? want : live, w)))
			continue;
		show_wire(out, wanted ? want : live, w, is, wanted ? show_wire_state(is) : "not-in-file");
		only->found++;
	}
}

/**
 * show_topology() - print a topology as the file has it, and how much of it is live
 * @out: where to
 * @want: what the file asks for
 * @live: what is live
 * @only: which of it, by names as written; how many things were printed is added to it
 */
void show_topology(struct printer *out, const struct topo_state *want, const struct topo_state *live,
		   struct show_only *only)
{
	print_open_object(out, NULL);
	if (out->json || !(only->node || only->wire)) {
		print_string(out, "topology", "topology %s", COLOR_NAME, want->title);
		print_string(out, "underlay_netns", "  underlay network in %s\n", COLOR_NONE, want->fabric);
		print_bool(out, "live", "", live->has_fabric);
	}
	print_open_array(out, "nodes");
	show_nodes(out, want, live, only);
	print_close_array(out);
	print_open_array(out, "wires");
	show_wires(out, want, live, only);
	print_close_array(out);
	print_close_object(out);
	print_end(out);
}

/* NAME=VALUE */
static void show_attribute(struct printer *out, const char *word)
{
	struct arena mem = { 0 };
	size_t name = strcspn(word, "=");

	print_string(out, arena_strndup(&mem, word, name), NULL, COLOR_NONE, word + name + (word[name] == '='));
	print_string(out, NULL, " %s", COLOR_NONE, word);
	arena_free(&mem);
}

/**
 * show_log() - print the generations of a topology
 * @out: where to
 * @all: the generations
 * @title: the topology, as written
 * @dir: where they are
 */
void show_log(struct printer *out, const struct generations *all, const char *title, const char *dir)
{
	char text[4096];

	print_open_object(out, NULL);
	print_string(out, "topology", NULL, COLOR_NONE, title);
	print_open_array(out, "generations");
	for (size_t i = 0; i < all->n; i++) {
		const struct generation *g = &all->list[i];

		print_open_object(out, NULL);
		print_u64(out, "number", "%4llu", g->number);
		print_string(out, "time", "  %s", COLOR_NONE, g->time);
		print_string(out, "who", "  %-8s", COLOR_NONE, g->who);
		print_string(out, "action", "  %-8s", COLOR_NAME, g->action);
		if (g->of)
			print_u64(out, "of", " to %llu", g->of);
		print_u64(out, "add", "  +%llu", g->add);
		print_u64(out, "change", " ~%llu", g->change);
		print_u64(out, "remove", " -%llu", g->remove);
		print_string(out, "file", "  %s", COLOR_NONE, g->file);
		print_open_object(out, "attributes");
		for (size_t k = 0; k < g->words; k++)
			show_attribute(out, g->word[k]);
		print_close_object(out);
		if (strcmp(g->action, "destroy")) {
			snprintf(text, sizeof(text), "%s/%u.graph", dir, g->number);
			print_string(out, "graph", NULL, COLOR_NONE, text);
		}
		print_text(out, "\n");
		print_close_object(out);
	}
	print_close_array(out);
	print_close_object(out);
	print_end(out);
}
