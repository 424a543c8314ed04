// SPDX-License-Identifier: GPL-2.0
/*
 * rtnetlink: ip link add … type linkwire, and what lwctl link does by the same messages.
 *
 * A wire belongs to the netns that its request was made from, or that IFLA_LINK_NETNSID names (for
 * which rtnetlink asks CAP_NET_ADMIN over that one); its device may be in another. Who changes a
 * link is not known here, so a device outside of its underlay is changed by the generic netlink
 * family only.
 */

#include <linux/etherdevice.h>
#include <linux/netdevice.h>
#include <net/rtnetlink.h>
#include "compat.h"
#include "encap.h"
#include "socket.h"

static atomic_t lw_serial;

static u8 lw_link_mode(const struct lw_encap_ops *encap, struct nlattr *data[])
{
	if (data[IFLA_LINKWIRE_MODE])
		return nla_get_u8(data[IFLA_LINKWIRE_MODE]);
	return encap->l2 ? LINKWIRE_MODE_L2 : LINKWIRE_MODE_L3;
}

/* rtnetlink itself lets pass what it does not know */
static int lw_link_strict(struct nlattr *info, struct netlink_ext_ack *extack)
{
	struct nlattr *attr;
	int rem, err = 0;

	nla_for_each_nested(attr, info, rem)
		if (!err && nla_type(attr) == IFLA_INFO_DATA)
			err = nla_validate_nested(attr, IFLA_LINKWIRE_MAX, lw_conf_policy, extack);
	return err;
}

static int lw_link_validate(struct nlattr *tb[], struct nlattr *data[],
			    struct netlink_ext_ack *extack)
{
	struct nlattr *address = tb[IFLA_ADDRESS];
	int err;

	err = tb[IFLA_LINKINFO] ? lw_link_strict(tb[IFLA_LINKINFO], extack) : 0;
	if (err)
		return err;
	if (!address || !data || !data[IFLA_LINKWIRE_ENCAP])
		return 0;
	if (lw_link_mode(lw_encap(nla_get_u8(data[IFLA_LINKWIRE_ENCAP])), data) ==
	    LINKWIRE_MODE_L3) {
		NL_SET_ERR_MSG_ATTR(extack, address, "an L3 wire has no MAC address");
		return -EOPNOTSUPP;
	}
	if (nla_len(address) != ETH_ALEN || !is_valid_ether_addr(nla_data(address))) {
		NL_SET_ERR_MSG_ATTR(extack, address, "no unicast MAC address");
		return -EADDRNOTAVAIL;
	}
	return 0;
}

static int lw_link_kind(struct lw_wire *wire, struct nlattr *data[],
			struct netlink_ext_ack *extack)
{
	u8 mode;

	if (!data || !data[IFLA_LINKWIRE_ENCAP]) {
		NL_SET_ERR_MSG(extack, "the encapsulation is missing");
		return -EINVAL;
	}
	wire->encap = lw_encap(nla_get_u8(data[IFLA_LINKWIRE_ENCAP]));
	mode = lw_link_mode(wire->encap, data);
	if (mode == LINKWIRE_MODE_L2 && !wire->encap->l2) {
		NL_SET_ERR_MSG_ATTR(extack, data[IFLA_LINKWIRE_MODE],
				    "this encapsulation carries IP packets only (mode l3)");
		return -EINVAL;
	}
	lw_device_set_mode(wire->dev, mode);
	return 0;
}

static int LW_NEWLINK(lw_link_new)
{
	struct nlattr **attrs = lw_newlink_tb(), **link = lw_newlink_data();
	struct lw_underlay *ul = lw_underlay_get(lw_newlink_net());
	struct lw_wire *wire = netdev_priv(dev);
	struct lw_socket *sock = NULL;
	struct lw_conf *conf;
	u32 id = 0;
	int err;

	wire->dev = dev;
	wire->underlay = ul;
	lw_carrier_init(wire);
	do {
		wire->serial = atomic_inc_return(&lw_serial);
	} while (!wire->serial);
	err = lw_link_kind(wire, link, extack);
	if (err)
		return err;
	if (link[IFLA_LINKWIRE_ID])
		id = nla_get_u32(link[IFLA_LINKWIRE_ID]);
	if (id && lw_underlay_find(ul, id)) {
		NL_SET_ERR_MSG_ATTR(extack, link[IFLA_LINKWIRE_ID], "id in use");
		return -EEXIST;
	}
	conf = lw_conf_parse(ul, wire, link, extack);
	if (IS_ERR(conf))
		return PTR_ERR(conf);
	lw_conf_set(wire, conf);
	if (!attrs[IFLA_MTU])
		dev->mtu = lw_device_default_mtu(wire);

	if (wire->encap->socket) {
		sock = lw_socket_get(ul, conf->family, conf->port, conf->link, extack);
		if (IS_ERR(sock)) {
			err = PTR_ERR(sock);
			NL_SET_BAD_ATTR(extack, link[IFLA_LINKWIRE_PORT]);
			goto err_conf;
		}
		rcu_assign_pointer(wire->sock, sock);
	}
	err = register_netdevice(dev);
	if (err)
		goto err_sock;
	/* from here on, lw_device_uninit() and lw_device_destroy() undo it all */
	err = lw_underlay_add(ul, wire, id);
	if (err) {
		wire->id = 0;
		unregister_netdevice(dev);
	}
	return err;

err_sock:
	/* register_netdevice() has called them already if it came beyond ndo_init */
	if (rcu_access_pointer(wire->sock)) {
		RCU_INIT_POINTER(wire->sock, NULL);
		lw_socket_put(ul, sock);
	}
err_conf:
	if (rcu_access_pointer(wire->conf))
		lw_conf_set(wire, NULL);
	return err;
}

static int lw_link_change(struct net_device *dev, struct nlattr *tb[], struct nlattr *data[],
			  struct netlink_ext_ack *extack)
{
	struct lw_wire *wire = netdev_priv(dev);

	if (!data)
		return 0;
	if (!net_eq(dev_net(dev), wire->underlay->net)) {
		NL_SET_ERR_MSG(extack,
			       "the wire's underlay is another netns: only from there can it be changed");
		return -EPERM;
	}
	return lw_conf_change(wire, data, extack);
}

static size_t lw_link_size(const struct net_device *dev)
{
	return lw_conf_size();
}

static int lw_link_fill(struct sk_buff *msg, const struct net_device *dev)
{
	const struct lw_wire *wire = netdev_priv(dev);

	return lw_conf_fill(msg, wire, net_eq(dev_net(dev), wire->underlay->net));
}

struct rtnl_link_ops lw_link_ops __read_mostly = {
	.kind		= LINKWIRE_KIND,
	.maxtype	= IFLA_LINKWIRE_MAX,
	.policy		= lw_conf_policy,
	.priv_size	= sizeof(struct lw_wire),
	.setup		= lw_device_setup,
	.validate	= lw_link_validate,
	.newlink	= lw_link_new,
	.changelink	= lw_link_change,
	.get_size	= lw_link_size,
	.fill_info	= lw_link_fill,
};
