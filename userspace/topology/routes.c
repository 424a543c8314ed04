// SPDX-License-Identifier: MIT
/*
 * Routes: of every node, to what is every other's or behind it, and to the networks of wires that it has no end of.
 */
#include <linux/rtnetlink.h>
#include <stdlib.h>

#include "topology/forwarding.h"
#include "topology/net.h"

/* one destination can be wanted for several reasons: one that is denied is denied, one on a wire is reached there */
#define ON_WIRE RTN_LOCAL	/* the kernel's own route to the wire's network: none of ours */

static int by_destination(const void *a, const void *b)
{
	static const int rank[] = { [RTN_UNICAST] = 2, [ON_WIRE] = 1, [RTN_PROHIBIT] = 0 };
	const struct topo_route *x = a, *y = b;
	int order = state_compare_route(x, y) ?: rank[x->type] - rank[y->type];

	return order ?: (x->out.wire > y->out.wire) - (x->out.wire < y->out.wire);
}

static void add_way(struct forwarding *f, size_t node, size_t to, const struct topo_addr *dst)
{
	const struct topo_addr *loopback = loopback_of(&f->s->node[node], f->family);
	struct topo_route r = { .dst = *dst, .type = RTN_UNICAST };
	struct step_on step;

	if (!paths_step(&f->paths, &f->tree[to], (uint32_t)node, &step))
		return;
	r.out = step.first->out;
	r.via = step.via;
	if (loopback)
		r.prefsrc = loopback->addr;
	gather_route(f, node, &r);
}

static void to_node(struct forwarding *f, size_t node, size_t to)
{
	const struct topo_node *n = &f->s->node[to];

	for (size_t i = 0; i < n->loopbacks; i++)
		if (n->loopback[i].addr.family == f->family)
			add_way(f, node, to, &n->loopback[i]);
	for (size_t i = 0; i < n->prefixes; i++)
		if (n->prefix[i].addr.family == f->family)
			add_way(f, node, to, &n->prefix[i]);
}

/*
 * Where somebody on a network must not talk to somebody else, whoever is nearest on it may have no way that others can
 * use: each address there has a route of its own.
 */
static void to_addresses(struct forwarding *f, size_t node, const struct wire_net *net)
{
	for (size_t i = 0; i < net->ports; i++) {
		const struct topo_end *end = &f->s->wire[net->port[i].wire].end[net->port[i].end];

		for (size_t k = 0; k < end->addrs; k++) {
			struct topo_addr whole = net_whole(&end->addr[k].addr);

			if (net_contains(&net->net, &whole))
				add_way(f, node, end->node, &whole);
		}
	}
}

static void to_net(struct forwarding *f, size_t node, const struct wire_net *net)
{
	size_t at = nearest(f, net, node);

	if (has_end(f, net, node))
		gather_route(f, node, &(struct topo_route){ .dst = net->net, .type = ON_WIRE });
	else if (net->ruled)
		to_addresses(f, node, net);
	else if (at < net->ports)
		add_way(f, node, f->s->wire[net->port[at].wire].end[net->port[at].end].node, &net->net);
}

static void prohibit(struct forwarding *f, size_t node, size_t other)
{
	const struct own *own = &f->own[other];

	for (size_t i = 0; i < own->n; i++)
		gather_route(f, node, &(struct topo_route){ .dst = own->each[i], .type = RTN_PROHIBIT });
}

static void settle(struct gathered *g, size_t from)
{
	size_t n = from;

	if (g->routes > from)
		qsort(g->route + from, g->routes - from, sizeof(*g->route), by_destination);
	for (size_t i = from; i < g->routes; i++)
		if (i == from || state_compare_route(&g->route[i], &g->route[i - 1]))
			g->route[n++] = g->route[i];
	/* only now: what is on a wire has kept others away */
	g->routes = from;
	for (size_t i = from; i < n; i++)
		if (g->route[i].type != ON_WIRE)
			g->route[g->routes++] = g->route[i];
}

/**
 * add_routes() - work out the routes of one family
 * @f: the work
 */
void add_routes(struct forwarding *f)
{
	for (size_t i = 0; i < f->n && f->tree; i++) {
		size_t from = f->gathered[i].routes;

		if (f->s->node[i].bridge)
			continue;
		for (size_t k = 0; k < f->n; k++)
			if (k != i && !f->s->node[k].bridge)
				to_node(f, i, k);
		for (size_t k = 0; k < f->nets; k++)
			to_net(f, i, &f->net[k]);
		for (size_t k = 0; k < f->s->rules; k++)
			if (f->s->rule[k].a == i || f->s->rule[k].b == i)
				prohibit(f, i, f->s->rule[k].a == i ? f->s->rule[k].b : f->s->rule[k].a);
		settle(&f->gathered[i], from);
	}
}
