// SPDX-License-Identifier: MIT
#include <stdlib.h>
#include <string.h>

#include "topology/net.h"
#include "topology/overlaps.h"

static const char *end_name(struct arena *mem, const struct topo_state *s, const struct topo_end *end)
{
	return arena_printf(mem, "%s:%s", s->node[end->node].name, end->port ?: end->ifname);
}

/* where both ends of a wire have addresses of a family, they must be able to talk */
static void check_peers(const struct topo_state *s, const struct topo_wire *w, int which, struct diag *d)
{
	const struct topo_end *end = &w->end[which], *peer = &w->end[!which];
	char text[NET_STRLEN];

	for (size_t k = 0; k < end->addrs; k++) {
		bool family = false, met = false;

		for (size_t j = 0; j < peer->addrs; j++) {
			struct topo_addr other = net_whole(&peer->addr[j].addr);

			family |= other.addr.family == end->addr[k].addr.family;
			met |= net_contains(&end->addr[k], &other);
		}
		if (family && !met)
			diag_error(d, w->line, "%s: %s at %s has no address of %s in its network", w->name,
				   net_format(&end->addr[k], text), end_name(&d->mem, s, end),
				   end_name(&d->mem, s, peer));
	}
}

struct seen {
	struct diag *d;
	struct strmap addr;	/* address → index in by */
	const char **by;
	size_t n, cap;
};

static void see(struct seen *seen, const struct lw_addr *a, const char *by, unsigned int line)
{
	char text[LW_ADDR_STRLEN];
	size_t other;

	lw_addr_format(a, text);
	seen->by = array_grow(seen->by, &seen->cap, seen->n, sizeof(*seen->by));
	seen->by[seen->n++] = by;
	if (!strmap_add(&seen->addr, arena_strdup(&seen->d->mem, text), seen->n - 1, &other))
		diag_error(seen->d, line, "address %s is used twice: by %s and by %s", text, seen->by[other], by);
}

/**
 * check_written() - look at the addresses in the file, each for itself
 * @s: the state, before any are given out
 * @d: where conflicts are told
 */
void check_written(const struct topo_state *s, struct diag *d)
{
	struct seen seen = { .d = d };

	for (size_t i = 0; i < 2 * s->wires; i++) {
		const struct topo_wire *w = &s->wire[i / 2];
		const struct topo_end *end = &w->end[i % 2];

		for (size_t k = 0; k < end->addrs; k++)
			see(&seen, &end->addr[k].addr, end_name(&d->mem, s, end), w->line);
		if (!w->segment)
			check_peers(s, w, i % 2, d);
	}
	for (size_t i = 0; i < s->nodes; i++)
		for (size_t k = 0; k < s->node[i].loopbacks; k++)
			see(&seen, &s->node[i].loopback[k].addr,
			    arena_printf(&d->mem, "lw_loopback of %s", s->node[i].name), s->node[i].line);
	strmap_free(&seen.addr);
	free(seen.by);
}

/* of two that are the same, the first contains the second */
enum kind { PREFIX, POOL, LOOPBACK, WIRE, ENDPOINT };

struct claim {
	struct topo_addr net;
	enum kind kind;
	size_t node, other;	/* whose it is; of a wire's address: both ends' */
	const struct topo_wire *wire;
};

struct claims {
	const struct topo_state *s;
	struct diag *d;
	struct claim *claim;
	size_t n, cap;
};

static void add(struct claims *c, struct claim claim)
{
	c->claim = array_grow(c->claim, &c->cap, c->n, sizeof(*c->claim));
	c->claim[c->n++] = claim;
}

/* what contains comes before what is contained */
static int by_place(const void *a, const void *b)
{
	const struct claim *x = a, *y = b;
	int order = state_compare_addr(&x->net, &y->net) ?: (int)x->kind - (int)y->kind;

	return order ?: (x->node > y->node) - (x->node < y->node);
}

static const char *words(struct claims *c, const struct claim *q)
{
	static const char *const kind[] = { "lw_prefix", "", "lw_loopback", "", "lw_endpoint" };
	char net[NET_STRLEN], addr[LW_ADDR_STRLEN];

	lw_addr_format(&q->net.addr, addr);
	switch (q->kind) {
	case POOL:
		return arena_printf(&c->d->mem, "lw_pool%c %s", q->net.addr.family == AF_INET ? '4' : '6',
				    net_format(&q->net, net));
	case WIRE:
		return arena_printf(&c->d->mem, "address %s of %s", addr, q->wire->name);
	default:
		return arena_printf(&c->d->mem, "%s %s of node %s", kind[q->kind],
				    q->kind == PREFIX ? net_format(&q->net, net) : addr, c->s->node[q->node].name);
	}
}

/*
 * A pool may have prefixes, loopbacks and addresses of wires in it, which are given to nobody else then; not an
 * endpoint, since packets to it could be routed into the wires that they carry. A prefix is one node's alone.
 */
static const char *conflict(const struct claim *outer, const struct claim *inner)
{
	if (outer->kind == POOL)
		return inner->kind == ENDPOINT ? "underlay and wires need networks of their own" : NULL;
	if (outer->kind != PREFIX)
		return NULL;
	switch (inner->kind) {
	case POOL:
		return "nothing is left to give out";
	case ENDPOINT:
		return "underlay and wires need networks of their own";
	case WIRE:
		return inner->node == outer->node || inner->other == outer->node ? NULL : "a network is behind one node";
	default:
		return inner->node == outer->node ? NULL : "a network is behind one node";
	}
}

static unsigned int line_of(const struct claims *c, const struct claim *q)
{
	return q->wire ? q->wire->line : c->s->node[q->node].line;
}

static void sweep(struct claims *c)
{
	const struct claim *open[130];	/* each inside the one before: no more than there are lengths */
	size_t n = 0;

	for (size_t i = 0; i < c->n; i++) {
		const struct claim *q = &c->claim[i];
		const char *why = NULL;

		while (n && !net_contains(&open[n - 1]->net, &q->net))
			n--;
		for (size_t k = n; k-- && !why;) {
			why = conflict(open[k], q);
			if (why)
				diag_error(c->d, line_of(c, q->kind == POOL ? open[k] : q), "%s is in %s: %s",
					   words(c, q), words(c, open[k]), why);
		}
		if ((q->kind == POOL || q->kind == PREFIX) && !(n && open[n - 1]->net.len == q->net.len))
			open[n++] = q;
	}
}

static void claim_nodes(struct claims *c)
{
	for (size_t i = 0; i < c->s->nodes; i++) {
		const struct topo_node *n = &c->s->node[i];

		for (size_t k = 0; k < n->prefixes; k++)
			add(c, (struct claim){ .net = n->prefix[k], .kind = PREFIX, .node = i });
		for (size_t k = 0; k < n->loopbacks; k++)
			add(c, (struct claim){ .net = n->loopback[k], .kind = LOOPBACK, .node = i });
		for (size_t k = 0; k < n->endpoints; k++)
			add(c, (struct claim){ .net = net_whole(&n->endpoint[k]), .kind = ENDPOINT, .node = i });
	}
}

static void claim_pool(struct claims *c, const struct topo_pool *p)
{
	if (p->on && c->s->nodes)
		add(c, (struct claim){ .net = { p->base, p->len }, .kind = POOL });
}

/**
 * check_overlaps() - find networks in the file that are in each other's way
 * @s: the state, before any addresses are given out
 * @d: where conflicts are told
 */
void check_overlaps(const struct topo_state *s, struct diag *d)
{
	struct claims c = { .s = s, .d = d };

	claim_nodes(&c);
	/* where nodes say nothing, there is nothing to meet */
	if (c.n) {
		claim_pool(&c, &s->pool4);
		claim_pool(&c, &s->pool6);
		for (size_t i = 0; i < 2 * s->wires; i++) {
			const struct topo_wire *w = &s->wire[i / 2];
			const struct topo_end *end = &w->end[i % 2];

			for (size_t k = 0; k < end->addrs; k++)
				add(&c, (struct claim){ .net = net_whole(&end->addr[k].addr), .kind = WIRE,
							.node = end->node, .other = w->end[!(i % 2)].node, .wire = w });
		}
		qsort(c.claim, c.n, sizeof(*c.claim), by_place);
		sweep(&c);
	}
	free(c.claim);
}
