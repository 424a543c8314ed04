// SPDX-License-Identifier: GPL-2.0
/* Routes to the peer, kept one a CPU with the configuration that they were looked up for. */

#include <linux/netdevice.h>
#include <net/ip6_route.h>
#include <net/route.h>
#include "compat.h"
#include "encap.h"

#define LW_WIRES_MAX	4	/* wires through wires */
#define LW_BELOW_MAX	1024	/* devices looked at: VLANs and bonds by turns multiply the ways down */

static struct dst_entry *lw_lookup(const struct lw_wire *wire, const struct lw_conf *conf,
				   const struct lw_addr *remote, u8 tos, struct lw_addr *local)
{
	struct net *net = wire->underlay->net;
	struct dst_entry *dst;

	if (conf->family == AF_INET) {
		struct flowi4 fl4 = {
			.flowi4_oif = conf->link,
			.flowi4_mark = conf->fwmark,
			.flowi4_proto = wire->encap->proto(),
			.daddr = remote->v4,
			.saddr = conf->local.v4,
			.fl4_dport = conf->remote_port,
		};
		struct rtable *rt;

		lw_flowi4_set_tos(&fl4, tos);
		rt = ip_route_output_key(net, &fl4);
		if (IS_ERR(rt))
			return ERR_CAST(rt);
		local->v4 = fl4.saddr;
		dst = &rt->dst;
	} else {
		struct flowi6 fl6 = {
			.flowi6_oif = conf->link,
			.flowi6_mark = conf->fwmark,
			.flowi6_proto = wire->encap->proto(),
			.daddr = remote->v6,
			/* with a source and no bound socket, the device would be a hint only */
			.saddr = conf->link ? in6addr_any : conf->local.v6,
			.fl6_dport = conf->remote_port,
			.flowlabel = ip6_make_flowinfo(tos, 0),
		};

		dst = ip6_dst_lookup_flow(net, NULL, &fl6, NULL);
		if (IS_ERR(dst))
			return dst;
		local->v6 = ipv6_addr_any(&conf->local.v6) ? fl6.saddr : conf->local.v6;
	}
	if (dst->error) {
		int err = dst->error;

		dst_release(dst);
		return ERR_PTR(err);
	}
	return dst;
}

/*
 * Does what leaves by @dev, below @wires wires and @below devices, come back to @wire? Through other
 * wires: by their routes; through devices above others (VLAN, bond, macvlan): by what is below. A
 * bridge is not looked into: its table decides, and a host whose underlay address is on the bridge
 * that the wire is a port of is no loop. The kernel's own recursion limit ends what this does not
 * see. What cannot be told within @left devices is taken for a loop, since a packet waits for this.
 * Lists of lower devices are walked under RCU, by which their entries are freed.
 */
static bool lw_leads_back(const struct lw_wire *wire, struct net_device *dev, int wires, int below,
			  int *left)
{
	struct net_device *lower;
	struct list_head *iter;
	bool back;

	if (dev == wire->dev || wires > LW_WIRES_MAX || !(*left)--)
		return true;
	if (lw_is_wire(dev)) {
		const struct lw_wire *other = netdev_priv(dev);
		const struct lw_conf *conf = rcu_dereference(other->conf);
		struct lw_addr local;
		struct dst_entry *dst;

		dst = lw_lookup(other, conf, &conf->remote, 0, &local);
		if (IS_ERR(dst))
			return false;
		back = lw_leads_back(wire, dst->dev, wires + 1, 0, left);
		dst_release(dst);
		return back;
	}
	if (below == MAX_NEST_DEV || netif_is_bridge_master(dev) || netif_is_ovs_master(dev))
		return false;
	netdev_for_each_lower_dev(dev, lower, iter)
		if (lw_leads_back(wire, lower, wires, below + 1, left))
			return true;
	return false;
}

/**
 * lw_route_new - a route to an address of the peer, that is not kept
 * @wire: the wire
 * @conf: its configuration, as read under RCU
 * @remote: of the addresses in @conf
 * @tos: of the outer header
 * @path: gets @dst, with a reference, and @local
 *
 * The route is followed through other wires.
 *
 * Context: BH disabled, RCU. Return: 0; -ELOOP if it leads back into the wire; or the reason why
 * there is none.
 */
int lw_route_new(struct lw_wire *wire, const struct lw_conf *conf, const struct lw_addr *remote,
		 u8 tos, struct lw_path *path)
{
	struct dst_entry *dst = lw_lookup(wire, conf, remote, tos, &path->local);
	int left = LW_BELOW_MAX;

	if (IS_ERR(dst))
		return PTR_ERR(dst);
	if (lw_leads_back(wire, dst->dev, 1, 0, &left)) {
		dst_release(dst);
		return -ELOOP;
	}
	path->dst = dst;
	return 0;
}

/**
 * lw_route - the route to a wire's peer
 * @wire: the wire
 * @conf: its configuration, as read under RCU
 * @tos: of the outer header; one that is inherited is looked up each time
 * @path: gets @dst, with a reference, and @local
 *
 * Context: BH disabled, RCU. Return: 0; -ELOOP if it leads back into the wire; or the reason why
 * there is none.
 */
int lw_route(struct lw_wire *wire, struct lw_conf *conf, u8 tos, struct lw_path *path)
{
	bool keep = conf->dscp != LINKWIRE_DSCP_INHERIT || !(tos & ~INET_ECN_MASK);
	struct dst_entry *dst = NULL;
	int err;

	if (keep && conf->family == AF_INET) {
		struct rtable *rt = dst_cache_get_ip4(&conf->routes, &path->local.v4);

		dst = rt ? &rt->dst : NULL;
	} else if (keep) {
		dst = dst_cache_get_ip6(&conf->routes, &path->local.v6);
	}
	if (dst) {
		path->dst = dst;
		return 0;
	}
	err = lw_route_new(wire, conf, &conf->remote, tos, path);
	if (err)
		return err;
	if (keep && conf->family == AF_INET)
		dst_cache_set_ip4(&conf->routes, path->dst, path->local.v4);
	else if (keep)
		dst_cache_set_ip6(&conf->routes, path->dst, &path->local.v6);
	return 0;
}

/**
 * lw_overhead - what a wire adds to what a route's MTU counts
 * @wire: with its encapsulation and mode set
 * @family: of the underlay
 * Return: bytes; for an L2 wire with the inner Ethernet header, which the inner MTU does not count.
 */
unsigned int lw_overhead(const struct lw_wire *wire, u16 family)
{
	return (family == AF_INET ? sizeof(struct iphdr) : sizeof(struct ipv6hdr)) +
	       wire->encap->overhead + LW_SHIM_LEN + LW_ICV_LEN +
	       (wire->mode == LINKWIRE_MODE_L2 ? ETH_HLEN : 0);
}

/**
 * lw_device_default_mtu - what the route to the peer leaves for a wire's packets
 * @wire: being created
 * Context: process, rtnl. Return: bytes.
 */
int lw_device_default_mtu(struct lw_wire *wire)
{
	struct lw_conf *conf = rtnl_dereference(wire->conf);
	unsigned int mtu = ETH_DATA_LEN;
	struct lw_addr local;
	struct dst_entry *dst;

	local_bh_disable();
	rcu_read_lock();
	dst = lw_lookup(wire, conf, &conf->remote, 0, &local);
	if (!IS_ERR(dst)) {
		mtu = dst_mtu(dst);
		dst_release(dst);
	}
	rcu_read_unlock();
	local_bh_enable();
	return clamp_t(int, (int)mtu - (int)lw_overhead(wire, conf->family),
		       (int)wire->dev->min_mtu, (int)wire->dev->max_mtu);
}
