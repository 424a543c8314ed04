// SPDX-License-Identifier: MIT
/*
 * Names and values: every node gets its namespaces, every end of an edge its interface, every edge its encapsulation,
 * cipher and so on. All conflicts are told, not only the first.
 */
#include <errno.h>
#include <linux/linkwire.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "topology/attrs.h"
#include "topology/names.h"
#include "netlink/netns.h"
#include "netlink/words.h"
#include "topology/resolve.h"

#define POOL4 "10.0.0.0/8"
#define POOL6 "fd6c:7700::/64"
#define NETNS_NAME_MAX 200

struct resolver {
	struct topo_state *s;
	const struct graph *g;
	struct diag *d;
	struct strmap port;	/* "node interface" → edge + 1 that wrote it */
	struct strmap towards;	/* "node peer" → ends without a port so far */
	struct strmap netns;	/* namespace → node */
};

static const char *port_key(struct resolver *r, size_t node, const char *name)
{
	return arena_printf(&r->s->mem, "%zu %s", node, name);
}

static void resolve_graph(struct resolver *r, const char *fallback)
{
	const char *pool4 = attr_get(r->g->attrs, "lw_pool4") ?: POOL4;
	const char *pool6 = attr_get(r->g->attrs, "lw_pool6") ?: POOL6;
	const char *name = r->g->name ?: fallback;

	if (!name || !*name) {
		diag_error(r->d, 0, "the graph has no name, and the file gives it none");
		name = "topology";
	}
	r->s->title = arena_strdup(&r->s->mem, name);
	r->s->name = name_graph(&r->s->mem, name);
	r->s->fabric = name_fabric(&r->s->mem, r->s->name);
	if (!parse_pool(&r->s->pool4, AF_INET, pool4))
		diag_error(r->d, 0, "lw_pool4 \"%s\" is no IPv4 network with room for a wire, such as %s, nor \"none\"",
			   pool4, POOL4);
	if (!parse_pool(&r->s->pool6, AF_INET6, pool6))
		diag_error(r->d, 0, "lw_pool6 \"%s\" is no IPv6 network with room for a wire, such as %s, nor \"none\"",
			   pool6, POOL6);
}

static void resolve_node(struct resolver *r, const struct graph_node *n, size_t index)
{
	struct topo_node *out = state_add_node(r->s);
	const char *given = attr_get(n->attrs, "lw_netns");
	size_t other;

	out->name = arena_strdup(&r->s->mem, n->name);
	out->line = n->line;
	out->underlay = name_underlay(&r->s->mem, r->s->name, n->name);
	out->given = given;
	out->netns = given ? arena_strdup(&r->s->mem, given) : name_netns(&r->s->mem, r->s->name, n->name);
	if (!lw_netns_name_valid(out->netns) || strlen(out->netns) > NETNS_NAME_MAX)
		diag_error(r->d, n->line, "node %s: lw_netns \"%s\" cannot be the name of a network namespace", n->name,
			   given);
	if (!strmap_add(&r->netns, out->netns, index, &other))
		diag_error(r->d, n->line, "node %s and node %s would both be in network namespace %s", n->name,
			   r->g->node[other].name, out->netns);
	strmap_add(&r->s->by_underlay, out->underlay, index, NULL);
}

static void take_port(struct resolver *r, size_t edge, size_t node, const char *port)
{
	const struct graph_edge *e = &r->g->edge[edge];
	const char *ifname = name_ifname(&r->s->mem, port);
	size_t other;

	if (strmap_add(&r->port, port_key(r, node, ifname), edge + 1, &other))
		return;
	diag_error(r->d, e->line, "interface %s of node %s is used twice: by %s and by %s", ifname,
		   r->g->node[node].name, graph_edge_name(&r->d->mem, r->g, &r->g->edge[other - 1]),
		   graph_edge_name(&r->d->mem, r->g, e));
}

/* ports as written come first, and ends without one keep clear of them */
static const char *free_port(struct resolver *r, size_t node, size_t peer)
{
	const char *key = arena_printf(&r->s->mem, "%zu %zu", node, peer), *ifname;
	size_t nth = 0;

	strmap_get(&r->towards, key, &nth);
	do {
		ifname = name_ifname_towards(&r->s->mem, r->g->node[peer].name, (unsigned int)++nth);
	} while (!strmap_add(&r->port, port_key(r, node, ifname), 0, NULL));
	strmap_set(&r->towards, key, nth);
	return ifname;
}

static bool parse_number(const char *text, uint32_t least, uint32_t most, uint32_t *value)
{
	unsigned long long v;
	char *end;

	errno = 0;
	v = strtoull(text, &end, 10);
	if (errno || *end || *text < '0' || *text > '9' || v < least || v > most)
		return false;
	*value = (uint32_t)v;
	return true;
}

static void resolve_values(struct resolver *r, struct topo_wire *w, const struct graph_edge *e)
{
	const char *encap = attr_get(e->attrs, "lw_encap"), *mode = attr_get(e->attrs, "lw_mode");
	const char *cipher = attr_get(e->attrs, "lw_cipher"), *mtu = attr_get(e->attrs, "lw_mtu");
	const char *hold = attr_get(e->attrs, "lw_hold");

	w->encap = encap ? lw_encap_parse(encap) : LINKWIRE_ENCAP_VXLAN;
	if (!w->encap)
		diag_error(r->d, e->line, "%s: lw_encap \"%s\" is neither vxlan nor ipip", w->name, encap);
	w->mode = w->encap == LINKWIRE_ENCAP_IPIP ? LINKWIRE_MODE_L3 : LINKWIRE_MODE_L2;
	if (mode && !lw_mode_parse(mode))
		diag_error(r->d, e->line, "%s: lw_mode \"%s\" is neither l2 nor l3", w->name, mode);
	else if (mode && w->encap == LINKWIRE_ENCAP_IPIP && lw_mode_parse(mode) != LINKWIRE_MODE_L3)
		diag_error(r->d, e->line, "%s: lw_encap ipip carries no frames: lw_mode can only be l3", w->name);
	else if (mode)
		w->mode = lw_mode_parse(mode);
	w->cipher = cipher ? lw_cipher_parse(cipher) : LINKWIRE_CIPHER_AES_256_GCM;
	if (!w->cipher)
		diag_error(r->d, e->line,
			   "%s: lw_cipher \"%s\" is none of aes-128-gcm, aes-256-gcm, chacha20-poly1305", w->name,
			   cipher);
	w->mtu = TOPO_MTU;
	if (mtu && !parse_number(mtu, 68, TOPO_MTU_MAX, &w->mtu))
		diag_error(r->d, e->line, "%s: lw_mtu \"%s\" is no number from 68 to %d", w->name, mtu, TOPO_MTU_MAX);
	if (hold && !parse_number(hold, 0, UINT32_MAX, &w->hold))
		diag_error(r->d, e->line, "%s: lw_hold \"%s\" is no number of milliseconds", w->name, hold);
}

static bool has_family(const struct topo_end *end, uint8_t family)
{
	for (size_t i = 0; i < end->addrs; i++)
		if (end->addr[i].addr.family == family)
			return true;
	return false;
}

static void resolve_addresses(struct resolver *r, struct topo_wire *w, const struct graph_edge *e,
			      struct topo_end *tail, struct topo_end *head)
{
	static const char *const name[] = { "lw_tail_addr", "lw_head_addr" };
	struct topo_end *const end[] = { tail, head };
	const char *bad;

	for (int i = 0; i < 2; i++) {
		const char *text = attr_get(e->attrs, name[i]);

		if (text && !parse_addresses(r->s, end[i], text, &bad))
			diag_error(r->d, e->line, "%s: %s \"%s\": \"%s\" is no address that an interface can have",
				   w->name, name[i], text, bad);
	}
	w->wants4 = r->s->pool4.on && !has_family(tail, AF_INET) && !has_family(head, AF_INET);
	w->wants6 = r->s->pool6.on && !has_family(tail, AF_INET6) && !has_family(head, AF_INET6);
	if (w->mtu < 1280 && (w->wants6 || has_family(tail, AF_INET6) || has_family(head, AF_INET6)))
		diag_error(r->d, e->line, "%s: lw_mtu %u is too small for IPv6, which needs 1280 (lw_pool6=none: no IPv6)",
			   w->name, w->mtu);
}

/*
 * A wire is what it joins, whichever way it was written: its ends are put in the order of node and interface. The
 * identity is hashed over names with their lengths, so that no two pairs of ends look alike.
 */
static void identify(struct topo_state *s, struct topo_wire *w)
{
	struct topo_end *a = &w->end[0], *b = &w->end[1];
	int order = strcmp(s->node[a->node].name, s->node[b->node].name) ?: strcmp(a->ifname, b->ifname);
	const char *text;

	if (order > 0) {
		struct topo_end swap = *a;

		*a = *b;
		*b = swap;
		w->tail = 1;
	}
	text = arena_printf(&s->mem, "%zu:%s %s %zu:%s %s", strlen(s->node[a->node].name), s->node[a->node].name,
			    a->ifname, strlen(s->node[b->node].name), s->node[b->node].name, b->ifname);
	snprintf(w->key, sizeof(w->key), "%016llx", (unsigned long long)strmap_hash(text, strlen(text)));
}

static void resolve_edge(struct resolver *r, size_t index)
{
	const struct graph_edge *e = &r->g->edge[index];
	struct topo_wire *w = state_add_wire(r->s);
	struct topo_end *tail = &w->end[0], *head = &w->end[1];
	struct arena *mem = &r->s->mem;
	size_t other;

	w->name = graph_edge_name(mem, r->g, e);
	w->line = e->line;
	*tail = (struct topo_end){ .node = e->tail, .port = e->tail_port ? arena_strdup(mem, e->tail_port) : NULL };
	*head = (struct topo_end){ .node = e->head, .port = e->head_port ? arena_strdup(mem, e->head_port) : NULL };
	tail->ifname = e->tail_port ? name_ifname(mem, e->tail_port) : free_port(r, e->tail, e->head);
	head->ifname = e->head_port ? name_ifname(mem, e->head_port) : free_port(r, e->head, e->tail);
	resolve_values(r, w, e);
	resolve_addresses(r, w, e, tail, head);
	identify(r->s, w);
	if (!strmap_add(&r->s->by_key, arena_strdup(mem, w->key), r->s->wires - 1, &other) &&
	    strcmp(w->name, r->s->wire[other].name))
		diag_error(r->d, e->line, "%s and %s get the same identity %s: rename a port", w->name,
			   r->s->wire[other].name, w->key);
}

static bool same(const char *a, const char *b)
{
	return !strcmp(a ?: "", b ?: "");
}

/*
 * In a strict graph edges between the same two nodes are one. DOT would let the last one's ports win, and a wire would
 * be gone without a word; so only edges that say the same are merged.
 */
static bool merged(struct resolver *r, struct strmap *seen, size_t index)
{
	const struct graph_edge *e = &r->g->edge[index], *first;
	bool swap = !r->g->directed && e->tail > e->head;
	size_t other;

	if (strmap_add(seen, arena_printf(&r->s->mem, "%zu %zu", swap ? e->head : e->tail, swap ? e->tail : e->head),
		       index, &other))
		return false;
	first = &r->g->edge[other];
	if ((first->tail == e->tail && same(first->tail_port, e->tail_port) && same(first->head_port, e->head_port)) ||
	    (first->tail == e->head && same(first->tail_port, e->head_port) && same(first->head_port, e->tail_port)))
		diag_note(r->d, e->line, "%s is written again: in a strict graph that is one wire",
			  graph_edge_name(&r->d->mem, r->g, e));
	else
		diag_error(r->d, e->line,
			   "strict makes one wire of %s and %s, whose ports differ: leave `strict` out for two",
			   graph_edge_name(&r->d->mem, r->g, first), graph_edge_name(&r->d->mem, r->g, e));
	return true;
}

/**
 * resolve() - work out what a graph asks for, all but addresses from the pools
 * @s: the state asked for; empty before
 * @g: the graph
 * @fallback_name: the topology's name if the graph has none
 * @d: where every conflict is told
 */
void resolve(struct topo_state *s, const struct graph *g, const char *fallback_name, struct diag *d)
{
	struct resolver r = { .s = s, .g = g, .d = d };
	bool *skip = arena_alloc(&s->mem, g->edges + 1);
	struct strmap seen = { 0 };

	attrs_check(g, d);
	resolve_graph(&r, fallback_name);
	s->has_fabric = g->nodes > 0;
	for (size_t i = 0; i < g->nodes; i++)
		resolve_node(&r, &g->node[i], i);
	for (size_t i = 0; i < g->edges && g->strict; i++)
		skip[i] = merged(&r, &seen, i);
	for (size_t i = 0; i < g->edges; i++) {
		if (g->edge[i].tail_port && !skip[i])
			take_port(&r, i, g->edge[i].tail, g->edge[i].tail_port);
		if (g->edge[i].head_port && !skip[i])
			take_port(&r, i, g->edge[i].head, g->edge[i].head_port);
	}
	for (size_t i = 0; i < g->edges; i++)
		if (!skip[i])
			resolve_edge(&r, i);
	strmap_free(&seen);
	strmap_free(&r.port);
	strmap_free(&r.towards);
	strmap_free(&r.netns);
}
