// SPDX-License-Identifier: MIT
/*
 * What a node has beside its wires, routes and denials: addresses, a bridge, forwarding.
 */
#include <errno.h>
#include <linux/rtnetlink.h>

#include "netlink/link.h"
#include "netlink/sysctl.h"
#include "topology/emit.h"
#include "topology/live.h"

#define LOOPBACK 1	/* ifindex of lo, in every namespace */

static void put_addr(struct lw_batch *b, uint32_t ifindex, const struct lw_addr *addr, uint8_t len, bool add)
{
	const struct lw_ifaddr a = {
		.ifindex = ifindex, .addr = *addr, .prefix_len = len, .proto = LIVE_ADDR_PROTO,
	};

	if (add)
		lw_ifaddr_add(b, &a);
	else
		lw_ifaddr_del(b, &a);
}

static bool has_endpoint(const struct topo_node *node, const struct lw_addr *a)
{
	for (size_t i = 0; i < node->endpoints; i++)
		if (lw_addr_equal(&node->endpoint[i], a))
			return true;
	return false;
}

/* those of @node that @other has not, on the link to the other underlays */
static int endpoints(struct emit *e, struct site *s, const struct topo_node *node, const struct topo_node *other,
		     bool add)
{
	struct lw_batch b;
	struct lw_link link;
	int ret = site_under(e, s) ?: lw_link_get(&s->under, LW_BY_NAME(LIVE_DEVICE), &link, e->err);

	if (ret)
		return emit_failed(e, ret, "endpoints of node %s", s->node->name);
	lw_batch_init(&b, NETLINK_ROUTE);
	for (size_t i = 0; i < node->endpoints; i++)
		if (!has_endpoint(other, &node->endpoint[i]))
			put_addr(&b, link.ifindex, &node->endpoint[i], (uint8_t)(8 * lw_addr_size(&node->endpoint[i])),
				 add);
	ret = lw_batch_send(&s->under, &b, NULL, NULL, e->err);
	lw_batch_free(&b);
	if (!ret && add)
		ret = lab_routes(e, s, link.ifindex, node);
	return ret ? emit_failed(e, ret, "endpoints of node %s", s->node->name) : 0;
}

static bool has_loopback(const struct topo_node *node, const struct topo_addr *a)
{
	for (size_t i = 0; i < node->loopbacks; i++)
		if (!state_compare_addr(&node->loopback[i], a))
			return true;
	return false;
}

static int loopbacks(struct emit *e, struct site *s, const struct topo_node *node, const struct topo_node *other,
		     bool add)
{
	struct lw_batch b;
	int ret = site_inner(e, s);

	if (ret)
		return ret;
	lw_batch_init(&b, NETLINK_ROUTE);
	b.keep_going = !add;
	for (size_t i = 0; i < node->loopbacks; i++)
		if (!has_loopback(other, &node->loopback[i]))
			put_addr(&b, LOOPBACK, &node->loopback[i].addr, node->loopback[i].len, add);
	ret = lw_batch_send(&s->inner, &b, NULL, NULL, e->err);
	lw_batch_free(&b);
	/* somebody inside may have been faster */
	if (!add && ret == -EADDRNOTAVAIL)
		ret = 0;
	return ret ? emit_failed(e, ret, "loopback addresses of node %s", s->node->name) : 0;
}

static int bridge_add(struct emit *e, struct site *s)
{
	struct lw_link_new bridge = LW_LINK_NEW(TOPO_BRIDGE);
	struct lw_link link;
	struct lw_batch b;
	int ret = site_inner(e, s);

	if (ret)
		return ret;
	lw_batch_init(&b, NETLINK_ROUTE);
	if (lw_link_get(&s->inner, LW_BY_NAME(TOPO_BRIDGE), &link, NULL)) {
		bridge.mtu = TOPO_MTU_MAX;
		lw_link_add_kind(&b, &bridge, "bridge");
		lw_link_set_alias(&b, LW_BY_NAME(TOPO_BRIDGE), LIVE_BRIDGE);
	}
	lw_link_set_up(&b, LW_BY_NAME(TOPO_BRIDGE), true);
	ret = lw_batch_send(&s->inner, &b, NULL, NULL, e->err);
	lw_batch_free(&b);
	return ret ? emit_failed(e, ret, "bridge of node %s", s->node->name) : 0;
}

static int bridge_del(struct emit *e, struct site *s)
{
	struct lw_batch b;
	int ret = site_inner(e, s);

	if (ret)
		return ret;
	lw_batch_init(&b, NETLINK_ROUTE);
	lw_link_del(&b, LW_BY_NAME(TOPO_BRIDGE));
	ret = lw_batch_send(&s->inner, &b, NULL, NULL, e->err);
	lw_batch_free(&b);
	return ret && ret != -ENODEV ? emit_failed(e, ret, "bridge of node %s", s->node->name) : 0;
}

static int forwarding(struct emit *e, struct site *s, bool on)
{
	int ret = site_inner(e, s);

	if (ret)
		return ret;
	ret = lw_forwarding_set(s->inner_fd, on, e->err);
	return ret ? emit_failed(e, ret, "forwarding at node %s", s->node->name) : 0;
}

/**
 * node_first() - what a node must have before its wires
 * @e: the work
 * @want: index of the node wanted
 * @changes: NODE_…
 *
 * Return: 0 or a negative errno.
 */
int node_first(struct emit *e, size_t want, unsigned int changes)
{
	const struct topo_node *node = &e->want->node[want];
	struct site *s = &e->site[want];
	int ret = 0;

	if (changes & NODE_ENDPOINT)
		ret = endpoints(e, s, node, e->was[want], true);
	if (!ret && changes & NODE_LOOPBACK)
		ret = loopbacks(e, s, node, e->was[want], true);
	if (!ret && changes & NODE_BRIDGE && node->bridge)
		ret = bridge_add(e, s);
	return ret;
}

/**
 * node_last() - what a node gets when its wires and routes are there, and what nothing needs any more
 * @e: the work
 * @want: index of the node wanted
 * @changes: NODE_…
 *
 * Return: 0 or a negative errno.
 */
int node_last(struct emit *e, size_t want, unsigned int changes)
{
	const struct topo_node *node = &e->want->node[want];
	struct site *s = &e->site[want];
	int ret = 0;

	if (changes & NODE_FORWARD)
		ret = forwarding(e, s, node->forwards);
	if (!ret && changes & NODE_BRIDGE && !node->bridge)
		ret = bridge_del(e, s);
	if (!ret && changes & NODE_LOOPBACK)
		ret = loopbacks(e, s, e->was[want], node, false);
	if (!ret && changes & NODE_ENDPOINT)
		ret = endpoints(e, s, e->was[want], node, false);
	return ret;
}

/**
 * node_strip() - take away what a node has in a namespace that is not ours to delete
 * @e: the work
 * @live: index of the live node
 *
 * Return: 0 or a negative errno.
 */
int node_strip(struct emit *e, size_t live)
{
	static const struct topo_node none;
	const struct topo_node *node = &e->live->node[live];
	struct site *s = &e->old[live];
	int ret = 0;

	if (node->routes || node->policies)
		ret = routes_strip(e, s, node);
	if (!ret && node->bridge)
		ret = bridge_del(e, s);
	if (!ret && node->loopbacks)
		ret = loopbacks(e, s, node, &none, false);
	if (!ret && node->has_table)
		ret = denials_strip(e, s);
	return ret;
}
