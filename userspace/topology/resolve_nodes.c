// SPDX-License-Identifier: MIT
/*
 * What nodes ask for: their namespaces, where they are in the underlay, what lives on them and behind them.
 */
#include <stdlib.h>
#include <string.h>

#include "netlink/netns.h"
#include "topology/attrs.h"
#include "topology/links.h"
#include "topology/names.h"
#include "topology/net.h"
#include "topology/quantity.h"
#include "topology/resolver.h"

#define NETNS_NAME_MAX 200
#define NAMED_LINKS 8	/* of a node that has too many: as many are named */

static void resolve_netns(struct resolver *r, const struct graph_node *n, struct topo_node *out, size_t index)
{
	const char *given = attr_get(n->attrs, "lw_netns");
	size_t other;

	out->underlay = name_underlay(&r->s->mem, r->s->name, n->name);
	out->given = given;
	out->netns = given ? arena_strdup(&r->s->mem, given) : name_netns(&r->s->mem, r->s->name, n->name);
	if (!lw_netns_name_valid(out->netns) || strlen(out->netns) > NETNS_NAME_MAX)
		diag_error(r->d, n->line, "node %s: lw_netns \"%s\" cannot be the name of a network namespace", n->name,
			   given);
	if (!strmap_add(&r->netns, out->netns, index, &other))
		diag_error(r->d, n->line, "node %s and node %s would both be in network namespace %s", n->name,
			   r->g->node[other].name, out->netns);
}

static void resolve_loopback(struct resolver *r, const struct graph_node *n, struct topo_node *out)
{
	const char *text = attr_get(n->attrs, "lw_loopback"), *at = text, *word;

	out->loopback = arena_alloc(&r->s->mem, count_words(text ?: "") * sizeof(*out->loopback));
	while (text && (word = parse_word(&r->s->mem, &at))) {
		struct topo_addr a;

		if (lw_addr_parse_prefix(&a.addr, &a.len, word) || a.len != net_bits(a.addr.family) ||
		    !net_usable(&a.addr) || net_link_local(&a.addr)) {
			diag_error(r->d, n->line, "node %s: lw_loopback \"%s\": \"%s\" is no address of a host", n->name,
				   text, word);
			continue;
		}
		out->loopback[out->loopbacks++] = a;
	}
}

static void resolve_prefix(struct resolver *r, const struct graph_node *n, struct topo_node *out)
{
	const char *text = attr_get(n->attrs, "lw_prefix"), *at = text, *word;
	char net[NET_STRLEN];

	out->prefix = arena_alloc(&r->s->mem, count_words(text ?: "") * sizeof(*out->prefix));
	while (text && (word = parse_word(&r->s->mem, &at))) {
		struct topo_addr a, whole;

		if (lw_addr_parse_prefix(&a.addr, &a.len, word) || !a.len || !net_usable(&a.addr)) {
			diag_error(r->d, n->line, "node %s: lw_prefix \"%s\": \"%s\" is no network", n->name, text, word);
			continue;
		}
		whole = net_of(&a);
		if (!lw_addr_equal(&whole.addr, &a.addr))
			diag_error(r->d, n->line, "node %s: lw_prefix \"%s\" is no network, but an address in %s",
				   n->name, word, net_format(&whole, net));
		else
			out->prefix[out->prefixes++] = a;
	}
}

static void resolve_endpoint(struct resolver *r, const struct graph_node *n, struct topo_node *out, size_t index)
{
	const char *text = attr_get(n->attrs, "lw_endpoint"), *at = text, *word;
	char addr[LW_ADDR_STRLEN];
	size_t other;

	out->endpoint = arena_alloc(&r->s->mem, count_words(text ?: "") * sizeof(*out->endpoint));
	while (text && (word = parse_word(&r->s->mem, &at))) {
		struct lw_addr a;

		if (lw_addr_parse(&a, word) || !net_usable(&a) || net_link_local(&a)) {
			diag_error(r->d, n->line, "node %s: lw_endpoint \"%s\": \"%s\" is no address of a host", n->name,
				   text, word);
			continue;
		}
		lw_addr_format(&a, addr);
		if (!strmap_add(&r->endpoint, arena_strdup(&r->s->mem, addr), index, &other)) {
			if (other == index)
				diag_error(r->d, n->line, "node %s has the endpoint %s twice", n->name, addr);
			else
				diag_error(r->d, n->line, "endpoint %s is used twice: by node %s and by node %s", addr,
					   r->g->node[other].name, n->name);
			continue;
		}
		out->endpoint[out->endpoints++] = a;
	}
}

static void resolve_kind(struct resolver *r, const struct graph_node *n, struct topo_node *out)
{
	static const char *const not_a_bridges[] = { "lw_loopback", "lw_prefix" };
	const char *kind = attr_get(n->attrs, "lw_kind");

	out->bridge = kind && !strcmp(kind, "bridge");
	if (kind && !out->bridge && strcmp(kind, "node"))
		diag_error(r->d, n->line, "node %s: lw_kind \"%s\" is neither node nor bridge", n->name, kind);
	for (size_t i = 0; out->bridge && i < sizeof(not_a_bridges) / sizeof(*not_a_bridges); i++)
		if (attr_get(n->attrs, not_a_bridges[i]))
			diag_error(r->d, n->line, "node %s: a bridge has no addresses: %s means nothing to it", n->name,
				   not_a_bridges[i]);
}

static void resolve_node(struct resolver *r, const struct graph_node *n, size_t index)
{
	const char *rate = attr_get(n->attrs, "lw_rate"), *links = attr_get(n->attrs, "lw_max_links");
	struct topo_node *out = state_add_node(r->s);

	out->name = arena_strdup(&r->s->mem, n->name);
	out->label = n->label ? arena_strdup(&r->s->mem, n->label) : NULL;
	out->line = n->line;
	out->max_links = UINT32_MAX;
	resolve_netns(r, n, out, index);
	resolve_kind(r, n, out);
	if (!out->bridge) {
		resolve_loopback(r, n, out);
		resolve_prefix(r, n, out);
	}
	resolve_endpoint(r, n, out, index);
	if (rate && !parse_rate(rate, &out->rate))
		diag_error(r->d, n->line, "node %s: lw_rate \"%s\" " RATE_WORDS, n->name, rate);
	if (links && !parse_number(links, 0, UINT32_MAX - 1, &out->max_links))
		diag_error(r->d, n->line, "node %s: lw_max_links \"%s\" is no number of links", n->name, links);
	strmap_add(&r->s->by_underlay, out->underlay, index, NULL);
}

/**
 * resolve_nodes() - work out what every node asks for
 * @r: the work
 */
void resolve_nodes(struct resolver *r)
{
	for (size_t i = 0; i < r->g->nodes; i++)
		resolve_node(r, &r->g->node[i], i);
}

static const char *links_of(struct resolver *r, const struct links *links, size_t node)
{
	const char *list = "";

	for (size_t i = links->first[node]; i < links->first[node + 1]; i++) {
		size_t n = i - links->first[node];

		if (n == NAMED_LINKS)
			return arena_printf(&r->d->mem, "%s ...", list);
		list = arena_printf(&r->d->mem, "%s%s%s", list, n ? ", " : "", r->s->wire[links->port[i].wire].name);
	}
	return list;
}

/**
 * check_nodes() - what nodes bear, now that their wires are known
 * @r: the work
 */
void check_nodes(struct resolver *r)
{
	struct links links;

	links_make(&links, r->s);
	for (size_t i = 0; i < r->s->nodes; i++) {
		size_t n = links.first[i + 1] - links.first[i];
		const struct topo_node *node = &r->s->node[i];
		uint64_t floor = 0;

		if (n > node->max_links)
			diag_error(r->d, node->line, "node %s has %zu links, and lw_max_links allows %u: %s", node->name, n,
				   node->max_links, links_of(r, &links, i));
		for (size_t k = links.first[i]; k < links.first[i + 1]; k++)
			floor += r->s->wire[links.port[k].wire].floor;
		if (floor && !node->rate)
			diag_error(r->d, node->line,
				   "node %s has wires with lw_floor, but no lw_rate: nobody knows what can be guaranteed",
				   node->name);
		else if (floor > node->rate)
			diag_error(r->d, node->line, "node %s: the lw_floor of its wires is %s together, and its lw_rate %s",
				   node->name, format_rate(&r->d->mem, floor), format_rate(&r->d->mem, node->rate));
	}
	links_free(&links);
}
