// SPDX-License-Identifier: MIT
/*
 * Lab mode: every node is a network namespace, with an underlay namespace beside it that root in the node cannot
 * reach; the underlays are joined by a bridge in a namespace of its own.
 *
 *	vx.leaf01                vx.spine01		wires' devices: swp51, swp1 ...
 *	    :                        :
 *	vx.leaf01+underlay       vx.spine01+underlay	their UDP sockets, keys, addresses of 169.254.0.0/16
 *	    | fabric                 | fabric
 *	    | n1                     | n2
 *	    +-------- fabric --------+			vx+fabric
 *
 * Every function does what is missing and no more, so that it can be called again after it was cut off.
 */
#include <errno.h>
#include <linux/if_addr.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include "netlink/link.h"
#include "netlink/netns.h"
#include "netlink/route.h"
#include "topology/emit.h"
#include "topology/live.h"

#define UNDERLAY_PREFIX 16

/* a name without a namespace behind it is left when what made or deleted it was killed: made anew */
static int netns_add(struct emit *e, const char *name, const char *what)
{
	int ret = lw_netns_add(name, e->err);
	struct lw_nl nl;

	if (ret == -EEXIST) {
		ret = lw_nl_open_name(&nl, name, e->err);
		if (!ret)
			lw_nl_close(&nl);
		else if (ret == -EINVAL)
			ret = lw_netns_del(name, e->err) ?: lw_netns_add(name, e->err);
	}
	return ret ? emit_failed(e, ret, "%s", what) : 0;
}

static int netns_del(struct emit *e, const char *name, const char *what)
{
	int ret = lw_netns_del(name, e->err);

	return ret && ret != -ENOENT ? emit_failed(e, ret, "%s", what) : 0;
}

/**
 * lab_fabric_add() - make the network that joins the underlays
 * @e: the work
 *
 * Return: 0 or a negative errno.
 */
int lab_fabric_add(struct emit *e)
{
	const char *what = arena_printf(&e->mem, "underlay %s", e->want->fabric);
	struct lw_link_new bridge = LW_LINK_NEW(LIVE_DEVICE);
	struct lw_link link;
	struct lw_batch b;
	struct lw_nl nl;
	int ret;

	ret = netns_add(e, e->want->fabric, what);
	if (ret)
		return ret;
	ret = lw_nl_open_name(&nl, e->want->fabric, e->err);
	if (ret)
		return emit_failed(e, ret, "%s", what);
	bridge.mtu = TOPO_UNDERLAY_MTU;
	bridge.up = true;
	lw_batch_init(&b, NETLINK_ROUTE);
	if (lw_link_get(&nl, LW_BY_NAME(LIVE_DEVICE), &link, NULL))
		lw_link_add_kind(&b, &bridge, "bridge");
	else
		lw_link_set_up(&b, LW_BY_NAME(LIVE_DEVICE), true);
	ret = lw_batch_send(&nl, &b, NULL, NULL, e->err);
	lw_batch_free(&b);
	lw_nl_close(&nl);
	return ret ? emit_failed(e, ret, "%s", what) : 0;
}

/**
 * lab_fabric_del() - take the network's namespace away
 * @e: the work
 *
 * Return: 0 or a negative errno.
 */
int lab_fabric_del(struct emit *e)
{
	return netns_del(e, e->live->fabric, arena_printf(&e->mem, "underlay %s", e->live->fabric));
}

/* one request whose failure is no news: what is to go may be gone */
static void try_link_del(struct lw_nl *nl, const char *name)
{
	struct lw_batch b;

	lw_batch_init(&b, NETLINK_ROUTE);
	lw_link_del(&b, LW_BY_NAME(name));
	(void)lw_batch_send(nl, &b, NULL, NULL, NULL);
	lw_batch_free(&b);
}

/**
 * lab_fabric_cut() - nothing joins the underlays any more
 * @e: the work
 *
 * The kernel takes namespaces down some time after their names; no wire carries anything meanwhile.
 */
void lab_fabric_cut(struct emit *e)
{
	struct lw_batch b;
	struct lw_nl nl;

	if (lw_nl_open_name(&nl, e->live->fabric, NULL))
		return;
	lw_batch_init(&b, NETLINK_ROUTE);
	lw_link_del(&b, LW_BY_NAME(LIVE_DEVICE));
	e->is_cut = !lw_batch_send(&nl, &b, NULL, NULL, NULL);
	lw_batch_free(&b);
	lw_nl_close(&nl);
}

static int add_link(struct emit *e, struct site *s, struct lw_nl *fabric, uint32_t bridge)
{
	char port[IFNAMSIZ];
	struct lw_link_new outer = LW_LINK_NEW(port), inner = LW_LINK_NEW(LIVE_DEVICE);
	struct lw_batch b;
	int fd, ret;

	snprintf(port, sizeof(port), "n%u", s->node->number);
	fd = lw_netns_open(s->node->underlay, e->err);
	if (fd < 0)
		return fd;
	try_link_del(&s->under, LIVE_DEVICE);
	try_link_del(fabric, port);
	outer.mtu = inner.mtu = TOPO_UNDERLAY_MTU;
	outer.up = true;	/* the other end cannot be up before the two are joined */
	outer.master = bridge;
	inner.netns_fd = fd;
	lw_batch_init(&b, NETLINK_ROUTE);
	lw_link_add_veth(&b, &outer, &inner);
	ret = lw_batch_send(fabric, &b, NULL, NULL, e->err);
	lw_batch_free(&b);
	close(fd);
	return ret;
}

/* with no route to the network alone: lab_routes() makes the only ones */
static int bring_up(struct emit *e, struct site *s)
{
	struct lw_ifaddr a = {
		.addr = state_underlay_addr(s->node->number), .prefix_len = UNDERLAY_PREFIX, .flags = IFA_F_NOPREFIXROUTE,
	};
	struct lw_link link;
	struct lw_batch b;
	int ret;

	ret = lw_link_get(&s->under, LW_BY_NAME(LIVE_DEVICE), &link, e->err);
	if (ret)
		return ret;
	a.ifindex = link.ifindex;
	lw_batch_init(&b, NETLINK_ROUTE);
	lw_link_set_up(&b, LW_BY_INDEX(link.ifindex), true);
	lw_ifaddr_add(&b, &a);
	ret = lw_batch_send(&s->under, &b, NULL, NULL, e->err);
	lw_batch_free(&b);
	return ret ?: lab_routes(e, s, link.ifindex, NULL);
}

/**
 * lab_routes() - everything is a neighbour on the network that joins the underlays, whatever its address
 * @e: the work
 * @s: the node, with a socket in its underlay
 * @ifindex: its link to the network
 * @node: the endpoints that it has; NULL: none yet
 *
 * A wire that is bound to no address of its own sends from the one that its peer knows: the first endpoint.
 *
 * Return: 0 or a negative errno.
 */
int lab_routes(struct emit *e, struct site *s, uint32_t ifindex, const struct topo_node *node)
{
	struct lw_route v4 = {
		.dst.family = AF_INET, .ifindex = ifindex, .protocol = LIVE_ADDR_PROTO,
		.prefsrc = state_underlay_addr(s->node->number),
	};
	struct lw_route v6 = { .dst.family = AF_INET6, .ifindex = ifindex, .protocol = LIVE_ADDR_PROTO };
	struct lw_batch b;
	int ret;

	for (size_t i = node ? node->endpoints : 0; node && i-- > 0;)
		*(node->endpoint[i].family == AF_INET ? &v4.prefsrc : &v6.prefsrc) = node->endpoint[i];
	lw_batch_init(&b, NETLINK_ROUTE);
	lw_route_replace(&b, &v4);
	ret = lw_batch_send(&s->under, &b, NULL, NULL, e->err);
	lw_batch_reset(&b);
	if (!ret) {
		lw_route_replace(&b, &v6);
		ret = lw_batch_send(&s->under, &b, NULL, NULL, e->err);
		/* a kernel without IPv6 needs none */
		if (ret && !v6.prefsrc.family)
			ret = 0;
	}
	lw_batch_free(&b);
	return ret;
}

static int join_fabric(struct emit *e, struct site *s)
{
	struct lw_link bridge;
	struct lw_nl fabric;
	int ret;

	ret = lw_nl_open_name(&fabric, e->want->fabric, e->err);
	if (ret)
		return ret;
	ret = lw_link_get(&fabric, LW_BY_NAME(LIVE_DEVICE), &bridge, e->err) ?:
	      add_link(e, s, &fabric, bridge.ifindex) ?:
	      bring_up(e, s);
	lw_nl_close(&fabric);
	return ret;
}

/* so that live_read() finds the node's namespace again, and knows whose it is */
static int set_mark(struct emit *e, struct site *s)
{
	struct lw_batch b;
	int ret;

	lw_batch_init(&b, NETLINK_ROUTE);
	lw_link_set_alias(&b, LW_BY_NAME("lo"), live_mark(&e->mem, s->node));
	ret = lw_batch_send(&s->under, &b, NULL, NULL, e->err);
	lw_batch_free(&b);
	return ret;
}

/* the node's link to the others is as it should be, and was not just deleted by us */
static bool is_linked(const struct emit *e, const struct topo_node *node)
{
	const struct topo_node *was = state_find_node(e->live, node->underlay);

	return was && was->has_link && was->number == node->number && e->live->has_fabric &&
	       e->old[was - e->live->node].node;
}

/**
 * lab_node_add() - make a node, or what is missing of it
 * @e: the work
 * @want: index of the node wanted
 *
 * Return: 0 or a negative errno.
 */
int lab_node_add(struct emit *e, size_t want)
{
	const struct topo_node *node = &e->want->node[want];
	struct site *s = &e->site[want];
	const char *what = arena_printf(&e->mem, "node %s", node->name);
	int ret;

	ret = netns_add(e, node->underlay, what) ?: site_under(e, s);
	if (!ret) {
		ret = set_mark(e, s);
		if (ret)
			emit_failed(e, ret, "%s", what);
	}
	if (!ret && !node->given)
		ret = netns_add(e, node->netns, what);
	if (ret || is_linked(e, node))
		return ret;
	ret = join_fabric(e, s);
	return ret ? emit_failed(e, ret, "%s", what) : 0;
}

/**
 * lab_node_del() - take a node away
 * @e: the work
 * @live: index of the live node
 *
 * Its wires are gone already, or go with their underlay. The kernel takes that down some time after its name, and the
 * link to the other underlays is deleted by hand, unless it leads nowhere.
 *
 * Return: 0 or a negative errno.
 */
int lab_node_del(struct emit *e, size_t live)
{
	const struct topo_node *node = &e->live->node[live];
	const char *what = arena_printf(&e->mem, "node %s", node->name);
	struct site *s = &e->old[live];
	bool linked = node->has_underlay && !e->is_cut;
	int ret = 0;

	if (node->given && node->has_netns)
		ret = (node->has_underlay ? site_under(e, s) : 0) ?: node_strip(e, live);
	if (!ret && linked)
		ret = site_under(e, s);
	if (ret)
		return ret;
	if (linked)
		try_link_del(&s->under, LIVE_DEVICE);
	site_close(s);
	s->node = NULL;
	/* the underlay, by which the node is known, goes last: a destroy that is killed here can be done again */
	if (!node->given)
		ret = netns_del(e, node->netns, what);
	return ret ?: netns_del(e, node->underlay, what);
}
