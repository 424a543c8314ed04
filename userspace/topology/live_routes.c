// SPDX-License-Identifier: MIT
/*
 * Routes and rules of ours, known by their protocol. A policy is a rule, and a table that has its one route.
 */
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

#include "netlink/route.h"
#include "netlink/rule.h"
#include "topology/live.h"
#include "topology/reading.h"

struct lists {
	struct reader *r;
	struct topo_route *route;
	size_t routes, route_cap;
	struct topo_policy *way;	/* what the tables of policies have: out, via, prefsrc, table */
	size_t ways, way_cap;
	struct topo_policy *policy;
	size_t policies, policy_cap;
};

static int by_table(const void *a, const void *b)
{
	const struct topo_policy *x = a, *y = b;

	if (x->table != y->table)
		return x->table < y->table ? -1 : 1;
	return (int)x->to.addr.family - (int)y->to.addr.family;
}

static int by_destination(const void *a, const void *b)
{
	return state_compare_route(a, b);
}

static int take_route(const struct lw_route *found, void *arg)
{
	struct lists *l = arg;
	const struct by_number *at = numbers_find(&l->r->by_ifindex, found->ifindex);
	const struct topo_port out = { at ? (uint32_t)at->wire : TOPO_ANY, at ? (uint8_t)at->end : 0 };

	if (found->type == RTN_UNICAST && !at)
		return 0;	/* not by a wire of ours: somebody else has taken our number */
	if (found->table >= LIVE_TABLE) {
		l->way = array_grow(l->way, &l->way_cap, l->ways, sizeof(*l->way));
		l->way[l->ways++] = (struct topo_policy){
			.to.addr.family = found->dst.family, .out = out, .via = found->via, .prefsrc = found->prefsrc,
			.table = found->table,
		};
	} else if (found->table == RT_TABLE_MAIN) {
		l->route = array_grow(l->route, &l->route_cap, l->routes, sizeof(*l->route));
		l->route[l->routes++] = (struct topo_route){
			.dst = { found->dst, found->prefix_len }, .type = found->type, .out = out,
			.via = found->via, .prefsrc = found->prefsrc,
		};
	}
	return 0;
}

/**
 * live_port() - which end of a wire an interface of the node being read is
 * @r: what is being read
 * @name: its name; "": any; "lo": none, what comes from the node itself
 *
 * Return: the end, or one with TOPO_GONE.
 */
struct topo_port live_port(const struct reader *r, const char *name)
{
	if (!*name)
		return (struct topo_port){ .wire = TOPO_ANY };
	if (!strcmp(name, "lo"))
		return (struct topo_port){ .wire = TOPO_LOCAL };
	for (size_t i = 0; i < r->by_ifindex.n; i++) {
		const struct by_number *at = &r->by_ifindex.list[i];

		if (!strcmp(r->live->wire[at->wire].end[at->end].ifname, name))
			return (struct topo_port){ (uint32_t)at->wire, (uint8_t)at->end };
	}
	return (struct topo_port){ .wire = TOPO_GONE };
}

static int take_rule(const struct lw_rule *found, void *arg)
{
	struct lists *l = arg;
	const struct topo_policy key = { .table = found->table, .to.addr.family = found->family };
	const struct topo_policy *way;
	struct topo_policy *p;

	if (found->protocol != LIVE_ADDR_PROTO || found->table < LIVE_TABLE)
		return 0;
	l->policy = array_grow(l->policy, &l->policy_cap, l->policies, sizeof(*l->policy));
	p = &l->policy[l->policies++];
	way = l->ways ? bsearch(&key, l->way, l->ways, sizeof(key), by_table) : NULL;
	*p = way ? *way : (struct topo_policy){ .table = found->table, .out.wire = TOPO_GONE };
	p->from = (struct topo_addr){ found->from, found->from_len };
	p->to = (struct topo_addr){ found->to, found->to_len };
	p->from.addr.family = found->family;
	p->to.addr.family = found->family;
	p->in = live_port(l->r, found->iif);
	return 0;
}

/**
 * read_routes() - routes and policies of a node
 * @r: what is being read, after read_links()
 *
 * Return: 0 or a negative errno.
 */
int read_routes(struct reader *r)
{
	struct topo_node *node = &r->live->node[r->node];
	struct lists l = { .r = r };
	int ret = lw_route_dump_protocol(&r->inner, LIVE_ADDR_PROTO, take_route, &l, r->err);

	if (l.ways)
		qsort(l.way, l.ways, sizeof(*l.way), by_table);
	ret = ret ?: lw_rule_dump(&r->inner, take_rule, &l, r->err);
	if (l.routes) {
		qsort(l.route, l.routes, sizeof(*l.route), by_destination);
		node->route = arena_alloc(&r->live->mem, l.routes * sizeof(*l.route));
		memcpy(node->route, l.route, l.routes * sizeof(*l.route));
		node->routes = l.routes;
	}
	if (l.policies) {
		node->policy = arena_alloc(&r->live->mem, l.policies * sizeof(*l.policy));
		memcpy(node->policy, l.policy, l.policies * sizeof(*l.policy));
		node->policies = l.policies;
	}
	free(l.route);
	free(l.way);
	free(l.policy);
	return ret;
}
