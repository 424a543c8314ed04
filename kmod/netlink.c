// SPDX-License-Identifier: GPL-2.0
/*
 * The generic netlink family, and its commands on wires. Every request comes from a socket in the
 * underlay netns and needs CAP_NET_ADMIN over it, to look as well as to change: labels, endpoints
 * and tags are nobody else's business.
 */

#include <linux/net_namespace.h>
#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include "compat.h"
#include "netlink.h"
#include "sa.h"

/* one wire, by one of three names */
#define LW_WIRE_POLICY											\
	[LINKWIRE_A_ID]		= NLA_POLICY_MIN(NLA_U32, 1),					\
	[LINKWIRE_A_IFINDEX]	= NLA_POLICY_MIN(NLA_U32, 1),					\
	[LINKWIRE_A_IFNAME]	= { .type = NLA_NUL_STRING, .len = IFNAMSIZ - 1 }

/* nothing; an array of one would make 6.1 warn when it is asked for its policies */
static const struct nla_policy lw_none_policy[LINKWIRE_A_PAD + 1];

static const struct nla_policy lw_wire_policy[LINKWIRE_A_IFNAME + 1] = {
	LW_WIRE_POLICY,
};

static const struct nla_policy lw_wire_set_policy[LINKWIRE_A_LINK + 1] = {
	LW_WIRE_POLICY,
	[LINKWIRE_A_LINK]	= NLA_POLICY_NESTED(lw_conf_policy),
};

static const struct nla_policy lw_wire_del_policy[LINKWIRE_A_IDS + 1] = {
	LW_WIRE_POLICY,
	[LINKWIRE_A_IDS]	= { .type = NLA_BINARY },
};

static const struct nla_policy lw_sa_new_policy[LINKWIRE_A_SA + 1] = {
	LW_WIRE_POLICY,
	[LINKWIRE_A_SA]		= NLA_POLICY_NESTED(lw_sa_policy),
};

static const struct nla_policy lw_one_sa_policy[LINKWIRE_A_SA + 1] = {
	LW_WIRE_POLICY,
	[LINKWIRE_A_SA]		= NLA_POLICY_NESTED(lw_sa_key_policy),
};

/**
 * lw_netlink_wire - the wire that a request is about
 * @ul: the underlay that it came from
 * @attrs: LINKWIRE_A_*
 * @extack: says what is wrong
 *
 * By id; or by the device, if that is in this netns too.
 *
 * Context: sa_lock or rtnl held, and the wire stays while it is. Return: the wire; or an error.
 */
struct lw_wire *lw_netlink_wire(struct lw_underlay *ul, struct nlattr *attrs[],
				struct netlink_ext_ack *extack)
{
	struct lw_wire *wire = NULL;
	struct net_device *dev = NULL;
	struct nlattr *attr;

	attr = attrs[LINKWIRE_A_ID];
	if (attr) {
		wire = lw_underlay_find(ul, nla_get_u32(attr));
		goto found;
	}
	rcu_read_lock();
	attr = attrs[LINKWIRE_A_IFINDEX];
	if (attr) {
		dev = dev_get_by_index_rcu(ul->net, nla_get_u32(attr));
	} else {
		attr = attrs[LINKWIRE_A_IFNAME];
		if (attr)
			dev = dev_get_by_name_rcu(ul->net, nla_data(attr));
	}
	if (dev && lw_is_wire(dev)) {
		wire = netdev_priv(dev);
		/* another netns's wire may live here; one that is being made has no id yet */
		if (wire->underlay != ul || lw_underlay_find(ul, wire->id) != wire)
			wire = NULL;
	}
	rcu_read_unlock();
found:
	if (wire)
		return wire;
	if (attr)
		NL_SET_ERR_MSG_ATTR(extack, attr, "no such wire in this netns");
	else
		NL_SET_ERR_MSG(extack, "which wire? an id, ifindex or name is missing");
	return ERR_PTR(attr ? -ENODEV : -EINVAL);
}

static int lw_wire_fill(struct sk_buff *msg, u32 portid, u32 seq, int flags,
			const struct lw_wire *wire)
{
	const struct lw_underlay *ul = wire->underlay;
	struct net_device *dev = wire->dev;
	struct net *net = dev_net(dev);
	struct nlattr *nest;
	int nsid;
	void *hdr;

	hdr = genlmsg_put(msg, portid, seq, &lw_genl, flags, LINKWIRE_CMD_WIRE_GET);
	if (!hdr)
		return -EMSGSIZE;
	nsid = net_eq(net, ul->net) ? NETNSA_NSID_NOT_ASSIGNED : peernet2id(ul->net, net);
	if (nla_put_u32(msg, LINKWIRE_A_ID, wire->id) ||
	    nla_put_u32(msg, LINKWIRE_A_IFINDEX, dev->ifindex) ||
	    nla_put_string(msg, LINKWIRE_A_IFNAME, dev->name) ||
	    nla_put_u64_64bit(msg, LINKWIRE_A_NETNS_COOKIE, net->net_cookie, LINKWIRE_A_PAD) ||
	    (nsid >= 0 && nla_put_s32(msg, LINKWIRE_A_NETNSID, nsid)) ||
	    nla_put_u8(msg, LINKWIRE_A_CARRIER, netif_carrier_ok(dev)) ||
	    nla_put_u8(msg, LINKWIRE_A_UP, !!(dev->flags & IFF_UP)) ||
	    nla_put_u32(msg, LINKWIRE_A_MTU, dev->mtu) || lw_conf_active_fill(msg, wire))
		goto cancel;
	nest = nla_nest_start(msg, LINKWIRE_A_LINK);
	if (!nest || lw_conf_fill(msg, wire, true) || lw_conf_sources_fill(msg, wire))
		goto cancel;
	nla_nest_end(msg, nest);
	if (lw_stats_fill(msg, LINKWIRE_A_STATS, wire->stats))
		goto cancel;
	genlmsg_end(msg, hdr);
	return 0;
cancel:
	genlmsg_cancel(msg, hdr);
	return -EMSGSIZE;
}

static int lw_netlink_wire_get(struct sk_buff *skb, struct genl_info *info)
{
	struct lw_underlay *ul = lw_underlay_get(genl_info_net(info));
	struct sk_buff *msg = NULL;
	struct lw_wire *wire;
	int err;

	rtnl_lock();	/* the device's name and netns; allowed sources */
	wire = lw_netlink_wire(ul, info->attrs, info->extack);
	if (IS_ERR(wire)) {
		err = PTR_ERR(wire);
		goto unlock;
	}
	msg = genlmsg_new(GENLMSG_DEFAULT_SIZE + lw_conf_sources_size(wire), GFP_KERNEL);
	err = msg ? lw_wire_fill(msg, info->snd_portid, info->snd_seq, 0, wire) : -ENOMEM;
unlock:
	rtnl_unlock();
	if (err) {
		nlmsg_free(msg);
		return err;
	}
	return genlmsg_reply(msg, info);
}

/* A message of a dump has room for the longest wire; for one that has become longer since, the next. */
static int lw_netlink_wire_dump_start(struct netlink_callback *cb)
{
	cb->min_dump_alloc = GENLMSG_DEFAULT_SIZE +
			     READ_ONCE(lw_underlay_get(sock_net(cb->skb->sk))->longest);
	return 0;
}

static int lw_netlink_wire_dump(struct sk_buff *msg, struct netlink_callback *cb)
{
	struct lw_underlay *ul = lw_underlay_get(sock_net(msg->sk));
	struct nlattr **attrs = lw_dump_attrs(cb), *which;
	unsigned long id = cb->args[0];
	struct lw_wire *wire;

	if (cb->args[1])
		return 0;
	which = attrs[LINKWIRE_A_ID] ?: attrs[LINKWIRE_A_IFINDEX] ?: attrs[LINKWIRE_A_IFNAME];
	if (which) {
		NL_SET_ERR_MSG_ATTR(cb->extack, which, "a dump is of all wires");
		return -EINVAL;
	}
	rtnl_lock();
	xa_for_each_start(&ul->wires, id, wire, id) {
		if (lw_wire_fill(msg, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq, NLM_F_MULTI,
				 wire))
			break;
	}
	rtnl_unlock();
	lw_netlink_wire_dump_start(cb);
	cb->args[0] = id;	/* where to go on: the first that did not fit */
	cb->args[1] = !wire;
	return wire && !msg->len ? -EMSGSIZE : msg->len;
}

static int lw_netlink_wire_set(struct sk_buff *skb, struct genl_info *info)
{
	struct lw_underlay *ul = lw_underlay_get(genl_info_net(info));
	struct nlattr *tb[IFLA_LINKWIRE_MAX + 1];
	struct lw_wire *wire;
	int err;

	if (GENL_REQ_ATTR_CHECK(info, LINKWIRE_A_LINK)) {
		NL_SET_ERR_MSG(info->extack, "nothing to change");
		return -EINVAL;
	}
	err = nla_parse_nested(tb, IFLA_LINKWIRE_MAX, info->attrs[LINKWIRE_A_LINK], lw_conf_policy,
			       info->extack);
	if (err)
		return err;
	rtnl_lock();
	wire = lw_netlink_wire(ul, info->attrs, info->extack);
	err = IS_ERR(wire) ? PTR_ERR(wire) : lw_conf_change(wire, tb, info->extack);
	rtnl_unlock();
	return err;
}

/* all of them, or none: first they are looked for, then put on a list, each once */
static int lw_netlink_wire_del_many(struct lw_underlay *ul, const struct nlattr *attr,
				    struct netlink_ext_ack *extack)
{
	unsigned int n = nla_len(attr) / sizeof(u32), i;
	const u32 *ids = nla_data(attr);
	LIST_HEAD(kill);

	if (!n || nla_len(attr) % sizeof(u32)) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "an array of 32-bit ids is wanted");
		return -EINVAL;
	}
	for (i = 0; i < n; i++) {
		if (!lw_underlay_find(ul, ids[i])) {
			NL_SET_ERR_MSG_FMT(extack, "no wire has the id %u", ids[i]);
			NL_SET_BAD_ATTR(extack, attr);
			return -ENODEV;
		}
	}
	for (i = 0; i < n; i++)
		unregister_netdevice_queue(lw_underlay_find(ul, ids[i])->dev, &kill);
	unregister_netdevice_many(&kill);
	return 0;
}

static int lw_netlink_wire_del(struct sk_buff *skb, struct genl_info *info)
{
	struct lw_underlay *ul = lw_underlay_get(genl_info_net(info));
	struct lw_wire *wire;
	int err = 0;

	if (info->attrs[LINKWIRE_A_IDS] &&
	    (info->attrs[LINKWIRE_A_ID] || info->attrs[LINKWIRE_A_IFINDEX] ||
	     info->attrs[LINKWIRE_A_IFNAME])) {
		NL_SET_ERR_MSG_ATTR(info->extack, info->attrs[LINKWIRE_A_IDS],
				    "one wire, or many: not both");
		return -EINVAL;
	}
	rtnl_lock();
	if (info->attrs[LINKWIRE_A_IDS]) {
		err = lw_netlink_wire_del_many(ul, info->attrs[LINKWIRE_A_IDS], info->extack);
	} else {
		wire = lw_netlink_wire(ul, info->attrs, info->extack);
		if (IS_ERR(wire))
			err = PTR_ERR(wire);
		else
			unregister_netdevice(wire->dev);
	}
	rtnl_unlock();
	return err;
}

static int lw_netlink_underlay_get(struct sk_buff *skb, struct genl_info *info)
{
	struct lw_underlay *ul = lw_underlay_get(genl_info_net(info));
	struct sk_buff *msg = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);
	void *hdr;

	if (!msg)
		return -ENOMEM;
	hdr = genlmsg_put_reply(msg, info, &lw_genl, 0, LINKWIRE_CMD_UNDERLAY_GET);
	if (!hdr || lw_stats_fill(msg, LINKWIRE_A_STATS, ul->stats)) {
		nlmsg_free(msg);
		return -EMSGSIZE;
	}
	genlmsg_end(msg, hdr);
	return genlmsg_reply(msg, info);
}

static const struct genl_ops lw_ops[] = {
	{
		.cmd		= LINKWIRE_CMD_WIRE_GET,
		.doit		= lw_netlink_wire_get,
		.start		= lw_netlink_wire_dump_start,
		.dumpit		= lw_netlink_wire_dump,
		.policy		= lw_wire_policy,
		.maxattr	= ARRAY_SIZE(lw_wire_policy) - 1,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= LINKWIRE_CMD_WIRE_SET,
		.doit		= lw_netlink_wire_set,
		.policy		= lw_wire_set_policy,
		.maxattr	= ARRAY_SIZE(lw_wire_set_policy) - 1,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= LINKWIRE_CMD_WIRE_DEL,
		.doit		= lw_netlink_wire_del,
		.policy		= lw_wire_del_policy,
		.maxattr	= ARRAY_SIZE(lw_wire_del_policy) - 1,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= LINKWIRE_CMD_SA_NEW,
		.doit		= lw_netlink_sa_new,
		.policy		= lw_sa_new_policy,
		.maxattr	= ARRAY_SIZE(lw_sa_new_policy) - 1,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= LINKWIRE_CMD_SA_DEL,
		.doit		= lw_netlink_sa_del,
		.policy		= lw_one_sa_policy,
		.maxattr	= ARRAY_SIZE(lw_one_sa_policy) - 1,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= LINKWIRE_CMD_SA_GET,
		.doit		= lw_netlink_sa_get,
		.dumpit		= lw_netlink_sa_dump,
		.policy		= lw_one_sa_policy,
		.maxattr	= ARRAY_SIZE(lw_one_sa_policy) - 1,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
	{
		.cmd		= LINKWIRE_CMD_UNDERLAY_GET,
		.doit		= lw_netlink_underlay_get,
		.policy		= lw_none_policy,
		.maxattr	= ARRAY_SIZE(lw_none_policy) - 1,
		.flags		= GENL_UNS_ADMIN_PERM,
	},
};

static const struct genl_multicast_group lw_groups[] = {
	{ .name = LINKWIRE_MCGRP_EVENTS, .flags = GENL_MCAST_CAP_NET_ADMIN },
};

struct genl_family lw_genl __ro_after_init = {
	.name		= LINKWIRE_FAMILY_NAME,
	.version	= LINKWIRE_FAMILY_VERSION,
	.netnsok	= true,
	.parallel_ops	= true,
	.module		= THIS_MODULE,
	.ops		= lw_ops,
	.n_ops		= ARRAY_SIZE(lw_ops),
	.resv_start_op	= LINKWIRE_CMD_WIRE_GET,
	.mcgrps		= lw_groups,
	.n_mcgrps	= ARRAY_SIZE(lw_groups),
};

/**
 * lw_netlink_init - take requests from now on
 * Return: 0 or an error.
 */
int __init lw_netlink_init(void)
{
	return genl_register_family(&lw_genl);
}

/**
 * lw_netlink_exit - take no more requests; waits for those under way
 */
void lw_netlink_exit(void)
{
	genl_unregister_family(&lw_genl);
}
