// SPDX-License-Identifier: MIT
#include "netlink/tunnel.h"

#include <net/if.h>		/* before the kernel's headers, which then leave out what it has */

#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/if_tunnel.h>
#include <linux/ip6_tunnel.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#include "netlink/link.h"
#include "netlink/values.h"

#define VXLAN_PORT 4789
#define TTL 64

static const char *const names[] = {
	[LW_TUNNEL_VXLAN] = "vxlan",
	[LW_TUNNEL_GRETAP] = "gretap",
	[LW_TUNNEL_IPIP] = "ipip",
	[LW_TUNNEL_SIT] = "sit",
	[LW_TUNNEL_IP6TNL] = "ip6tnl",
	[LW_TUNNEL_IP6GRETAP] = "ip6gretap",
};

#define KINDS (sizeof(names) / sizeof(*names))

const char *lw_tunnel_name(enum lw_tunnel_kind kind)
{
	return names[kind];
}

enum lw_tunnel_kind lw_tunnel_of_name(const char *name)
{
	for (unsigned int i = 1; i < KINDS; i++)
		if (!strcmp(names[i], name))
			return (enum lw_tunnel_kind)i;
	return LW_TUNNEL_NONE;
}

static void put_vxlan(struct nlmsghdr *nlh, const struct lw_tunnel *t)
{
	bool v6 = t->remote.family == AF_INET6;

	mnl_attr_put_u32(nlh, IFLA_VXLAN_ID, t->key);
	lw_put_addr(nlh, v6 ? IFLA_VXLAN_GROUP6 : IFLA_VXLAN_GROUP, &t->remote);
	lw_put_addr(nlh, v6 ? IFLA_VXLAN_LOCAL6 : IFLA_VXLAN_LOCAL, &t->local);
	lw_put_be16(nlh, IFLA_VXLAN_PORT, VXLAN_PORT);
	/* one peer: nothing to be learnt */
	mnl_attr_put_u8(nlh, IFLA_VXLAN_LEARNING, 0);
}

static void put_gretap(struct nlmsghdr *nlh, const struct lw_tunnel *t)
{
	const uint32_t key = __builtin_bswap32(t->key);

	lw_put_addr(nlh, IFLA_GRE_LOCAL, &t->local);
	lw_put_addr(nlh, IFLA_GRE_REMOTE, &t->remote);
	lw_put_be16(nlh, IFLA_GRE_IFLAGS, 0x2000);	/* GRE_KEY: there is one */
	lw_put_be16(nlh, IFLA_GRE_OFLAGS, 0x2000);
	mnl_attr_put_u32(nlh, IFLA_GRE_IKEY, key);
	mnl_attr_put_u32(nlh, IFLA_GRE_OKEY, key);
	mnl_attr_put_u8(nlh, IFLA_GRE_TTL, TTL);
	if (t->kind == LW_TUNNEL_GRETAP)
		mnl_attr_put_u8(nlh, IFLA_GRE_PMTUDISC, 1);
}

static void put_iptun(struct nlmsghdr *nlh, const struct lw_tunnel *t)
{
	lw_put_addr(nlh, IFLA_IPTUN_LOCAL, &t->local);
	lw_put_addr(nlh, IFLA_IPTUN_REMOTE, &t->remote);
	mnl_attr_put_u8(nlh, IFLA_IPTUN_TTL, TTL);
	if (t->kind != LW_TUNNEL_IPIP)
		mnl_attr_put_u8(nlh, IFLA_IPTUN_PROTO, 0);	/* whatever is in it */
	if (t->kind == LW_TUNNEL_IP6TNL)
		mnl_attr_put_u32(nlh, IFLA_IPTUN_FLAGS, IP6_TNL_F_IGN_ENCAP_LIMIT);
	else
		mnl_attr_put_u8(nlh, IFLA_IPTUN_PMTUDISC, 1);
}

static void put_info(struct nlmsghdr *nlh, const struct lw_tunnel *t)
{
	struct nlattr *info = mnl_attr_nest_start(nlh, IFLA_LINKINFO), *data;

	lw_put_string(nlh, IFLA_INFO_KIND, names[t->kind]);
	data = mnl_attr_nest_start(nlh, IFLA_INFO_DATA);
	if (t->kind == LW_TUNNEL_VXLAN)
		put_vxlan(nlh, t);
	else if (t->kind == LW_TUNNEL_GRETAP || t->kind == LW_TUNNEL_IP6GRETAP)
		put_gretap(nlh, t);
	else
		put_iptun(nlh, t);
	mnl_attr_nest_end(nlh, data);
	mnl_attr_nest_end(nlh, info);
}

int lw_tunnel_add(struct lw_batch *b, const struct lw_link_new *dev, const struct lw_tunnel *t)
{
	struct nlmsghdr *nlh = lw_batch_begin(b, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);
	struct ifinfomsg *ifi;

	if (!nlh)
		return b->err;
	ifi = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifi));
	ifi->ifi_index = (int)dev->ifindex;
	ifi->ifi_flags = dev->up ? IFF_UP : 0;
	ifi->ifi_change = ifi->ifi_flags;
	lw_put_string(nlh, IFLA_IFNAME, dev->name);
	if (dev->mtu)
		mnl_attr_put_u32(nlh, IFLA_MTU, dev->mtu);
	put_info(nlh, t);
	return lw_batch_end(b, nlh);
}

void lw_tunnel_parse(const struct nlattr *data, struct lw_tunnel *t)
{
	bool vxlan = t->kind == LW_TUNNEL_VXLAN, gre = t->kind == LW_TUNNEL_GRETAP || t->kind == LW_TUNNEL_IP6GRETAP;
	const struct nlattr *a;

	mnl_attr_for_each_nested(a, data) {
		uint16_t type = mnl_attr_get_type(a);

		if (vxlan && type == IFLA_VXLAN_ID)
			t->key = lw_get_u32(a);
		else if (gre && type == IFLA_GRE_OKEY)
			t->key = __builtin_bswap32(lw_get_u32(a));
		else if (vxlan ? type == IFLA_VXLAN_LOCAL || type == IFLA_VXLAN_LOCAL6 :
			 type == (gre ? (uint16_t)IFLA_GRE_LOCAL : (uint16_t)IFLA_IPTUN_LOCAL))
			lw_get_addr(a, &t->local);
		else if (vxlan ? type == IFLA_VXLAN_GROUP || type == IFLA_VXLAN_GROUP6 :
			 type == (gre ? (uint16_t)IFLA_GRE_REMOTE : (uint16_t)IFLA_IPTUN_REMOTE))
			lw_get_addr(a, &t->remote);
	}
}
