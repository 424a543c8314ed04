// SPDX-License-Identifier: MIT
/*
 * Routes and policies of a node, in one batch: what leads somewhere else is there before what led there goes.
 */
#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

#include "netlink/route.h"
#include "netlink/rule.h"
#include "topology/emit.h"
#include "topology/live.h"

#define METRIC 76	/* none that somebody else would choose: theirs and ours do not meet */

static struct lw_route route_of(const struct topo_route *r, uint32_t ifindex)
{
	struct lw_route route = {
		.dst = r->dst.addr, .prefix_len = r->dst.len, .metric = METRIC, .protocol = LIVE_ADDR_PROTO,
		.type = r->type,
	};

	if (r->type == RTN_UNICAST) {
		route.ifindex = ifindex;
		route.via = r->via;
		route.prefsrc = r->prefsrc;
	}
	return route;
}

static uint32_t ifindex_of(const struct emit *e, const struct topo_port *p)
{
	return p->wire < e->want->wires ? e->place[p->wire][p->end].ifindex : 0;
}

static bool leads_over_one_that_is_up(const struct emit *e, const struct topo_route *r)
{
	const struct topo_wire *was;

	if (r->type != RTN_UNICAST)
		return true;
	was = r->out.wire < e->want->wires ? e->plan->stays[r->out.wire] : NULL;
	if (!was || !was->end[r->out.end].up)
		return false;
	/* its next hop is known by an address that it has already */
	return !r->via.family || state_has_via(&was->end[r->out.end], &r->via);
}

/* both are sorted by destination */
static void put_routes(struct emit *e, size_t want, struct lw_batch *b, bool (*pick)(const struct emit *e,
										      const struct topo_route *r))
{
	const struct topo_node *node = &e->want->node[want], *was = e->was[want];

	for (size_t i = 0, k = 0; i < node->routes; i++) {
		const struct topo_route *r = &node->route[i];
		struct lw_route route;

		while (k < was->routes && state_compare_route(&was->route[k], r) < 0)
			k++;
		if (k < was->routes && route_stays(e->plan, e->live, r, &was->route[k]))
			continue;
		if (pick && !pick(e, r))
			continue;
		route = route_of(r, ifindex_of(e, &r->out));
		lw_route_replace(b, &route);
	}
}

static void del_routes(struct lw_batch *b, const struct topo_node *node, const struct topo_node *was)
{
	for (size_t i = 0, k = 0; k < was->routes; k++) {
		const struct topo_route *r = &was->route[k];
		struct lw_route route = route_of(&(struct topo_route){ .dst = r->dst, .type = r->type }, 0);

		while (i < node->routes && state_compare_route(&node->route[i], r) < 0)
			i++;
		if (i < node->routes && !state_compare_route(&node->route[i], r))
			continue;
		lw_route_del(b, &route);
	}
}

/* at the same place for the same policy: the more is said of a packet, the earlier */
static uint32_t priority(const struct topo_policy *p)
{
	enum { FIRST = 1000, ANY_SOURCE = 200, ANY_WAY = 400 };

	return FIRST + 128 - p->to.len + (p->from.len ? 0 : ANY_SOURCE) + (p->in.wire == TOPO_ANY ? ANY_WAY : 0);
}

static struct lw_rule rule_of(const struct topo_state *s, const struct topo_policy *p, uint32_t table)
{
	struct lw_rule rule = {
		.family = p->to.addr.family, .from = p->from.addr, .from_len = p->from.len, .to = p->to.addr,
		.to_len = p->to.len, .priority = priority(p), .table = table, .protocol = LIVE_ADDR_PROTO,
	};

	if (p->in.wire == TOPO_LOCAL)
		strcpy(rule.iif, "lo");
	else if (p->in.wire < s->wires)
		strncpy(rule.iif, s->wire[p->in.wire].end[p->in.end].ifname, sizeof(rule.iif) - 1);
	return rule;
}

static struct lw_route way_of(const struct topo_policy *p, uint32_t ifindex, uint32_t table)
{
	return (struct lw_route){
		.dst.family = p->to.addr.family, .via = p->via, .prefsrc = p->prefsrc, .ifindex = ifindex,
		.protocol = LIVE_ADDR_PROTO, .table = table,
	};
}

static int by_table(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

struct tables {
	uint32_t *used;
	size_t n, at;
	uint32_t next;
};

static void tables_find(struct tables *t, const struct topo_node *was)
{
	t->used = calloc(was->policies + 1, sizeof(*t->used));
	if (!t->used)
		no_memory();
	for (size_t i = 0; i < was->policies; i++)
		t->used[t->n++] = was->policy[i].table;
	qsort(t->used, t->n, sizeof(*t->used), by_table);
	t->next = LIVE_TABLE;
}

static uint32_t table_new(struct tables *t)
{
	for (; t->at < t->n && t->used[t->at] <= t->next; t->at++)
		t->next += t->used[t->at] == t->next;
	return t->next++;
}

static bool is_kept(const struct emit *e, const struct topo_policy *p, const struct topo_node *was)
{
	for (size_t i = 0; i < was->policies; i++)
		if (policy_stays(e->plan, e->live, p, &was->policy[i]))
			return true;
	return false;
}

static bool is_wanted(const struct emit *e, const struct topo_policy *was, const struct topo_node *node)
{
	for (size_t i = 0; i < node->policies; i++)
		if (policy_stays(e->plan, e->live, &node->policy[i], was))
			return true;
	return false;
}

static void put_policies(struct emit *e, size_t want, struct lw_batch *b)
{
	const struct topo_node *node = &e->want->node[want], *was = e->was[want];
	struct tables tables = { 0 };

	tables_find(&tables, was);
	for (size_t i = 0; i < node->policies; i++) {
		const struct topo_policy *p = &node->policy[i];
		struct lw_route way;
		struct lw_rule rule;
		uint32_t table;

		if (is_kept(e, p, was))
			continue;
		table = table_new(&tables);
		way = way_of(p, ifindex_of(e, &p->out), table);
		rule = rule_of(e->want, p, table);
		lw_route_replace(b, &way);
		lw_rule_add(b, &rule);
	}
	free(tables.used);
}

static void del_policy(const struct emit *e, struct lw_batch *b, const struct topo_policy *p)
{
	struct lw_rule rule = rule_of(e->live, p, p->table);
	struct lw_route way = way_of(&(struct topo_policy){ .to.addr.family = p->to.addr.family }, 0, p->table);

	lw_rule_del(b, &rule);
	lw_route_del(b, &way);
}

static int send_changes(struct emit *e, struct site *s, struct lw_batch *b, const char *what)
{
	int ret = lw_batch_send(&s->inner, b, NULL, NULL, e->err);

	lw_batch_free(b);
	return ret ? emit_failed(e, ret, "%s of node %s", what, s->node->name) : 0;
}

/* what went with a device, or was taken away by somebody inside, is gone, as it should be */
static int send_removals(struct emit *e, struct site *s, struct lw_batch *b, const char *what)
{
	int ret;

	b->keep_going = true;
	ret = lw_batch_send(&s->inner, b, NULL, NULL, e->err);
	for (unsigned int i = 0; ret && i < b->n; i++)
		if (b->status[i] && b->status[i] != -ESRCH && b->status[i] != -ENOENT)
			break;
		else if (i + 1 == b->n)
			ret = 0;
	lw_batch_free(b);
	return ret ? emit_failed(e, ret, "%s of node %s", what, s->node->name) : 0;
}

/**
 * routes_first() - lead routes over wires that stay, before others go
 * @e: the work
 * @want: index of the node wanted
 *
 * Return: 0 or a negative errno.
 */
int routes_first(struct emit *e, size_t want)
{
	struct site *s = &e->site[want];
	struct lw_batch b;
	int ret = site_inner(e, s);

	if (ret)
		return ret;
	lw_batch_init(&b, NETLINK_ROUTE);
	put_routes(e, want, &b, leads_over_one_that_is_up);
	return send_changes(e, s, &b, "routes");
}

/**
 * routes_last() - routes and policies as they are wanted
 * @e: the work
 * @want: index of the node wanted
 * @changes: NODE_ROUTES, NODE_POLICIES
 *
 * Return: 0 or a negative errno.
 */
int routes_last(struct emit *e, size_t want, unsigned int changes)
{
	const struct topo_node *node = &e->want->node[want], *was = e->was[want];
	struct site *s = &e->site[want];
	struct lw_batch b;
	int ret = site_inner(e, s);

	if (ret)
		return ret;
	lw_batch_init(&b, NETLINK_ROUTE);
	/* a policy first: what it leads elsewhere must not go the short way meanwhile */
	if (changes & NODE_POLICIES)
		put_policies(e, want, &b);
	if (changes & NODE_ROUTES)
		put_routes(e, want, &b, NULL);
	ret = send_changes(e, s, &b, "routes");
	if (ret)
		return ret;
	lw_batch_init(&b, NETLINK_ROUTE);
	if (changes & NODE_ROUTES)
		del_routes(&b, node, was);
	for (size_t i = 0; changes & NODE_POLICIES && i < was->policies; i++)
		if (!is_wanted(e, &was->policy[i], node))
			del_policy(e, &b, &was->policy[i]);
	return send_removals(e, s, &b, "old routes");
}

/**
 * routes_strip() - take away all routes and policies
 * @e: the work
 * @s: the node's sockets
 * @node: the live node
 *
 * Return: 0 or a negative errno.
 */
int routes_strip(struct emit *e, struct site *s, const struct topo_node *node)
{
	static const struct topo_node none;
	struct lw_batch b;
	int ret = site_inner(e, s);

	if (ret)
		return ret;
	lw_batch_init(&b, NETLINK_ROUTE);
	del_routes(&b, &none, node);
	for (size_t i = 0; i < node->policies; i++)
		del_policy(e, &b, &node->policy[i]);
	return send_removals(e, s, &b, "routes");
}
