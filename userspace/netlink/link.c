// SPDX-License-Identifier: MIT
#include "netlink/link.h"

#include <ctype.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <stddef.h>
#include <string.h>

#include "netlink/family.h"
#include "netlink/values.h"

bool lw_link_name_valid(const char *name)
{
	size_t len = strlen(name);
	const char *c;

	if (!len || len >= IFNAMSIZ || !strcmp(name, ".") || !strcmp(name, ".."))
		return false;
	for (c = name; *c; c++)
		if (*c == '/' || *c == ':' || isspace((unsigned char)*c))
			return false;
	return true;
}

static void put_ifinfo(struct ifinfomsg *ifi, uint32_t ifindex, bool up)
{
	ifi->ifi_index = (int)ifindex;
	ifi->ifi_flags = up ? IFF_UP : 0;
	ifi->ifi_change = up ? IFF_UP : 0;
}

static void put_new(struct nlmsghdr *nlh, const struct lw_link_new *dev)
{
	if (dev->name)
		lw_put_string(nlh, IFLA_IFNAME, dev->name);
	if (dev->netns_fd >= 0)
		mnl_attr_put_u32(nlh, IFLA_NET_NS_FD, (uint32_t)dev->netns_fd);
	if (dev->mtu)
		mnl_attr_put_u32(nlh, IFLA_MTU, dev->mtu);
	if (dev->mac)
		mnl_attr_put(nlh, IFLA_ADDRESS, 6, dev->mac);
	if (dev->master)
		mnl_attr_put_u32(nlh, IFLA_MASTER, dev->master);
}

/* Everything up to the kind; the caller adds IFLA_INFO_DATA, ends @info and the request. */
static struct nlmsghdr *begin_new(struct lw_batch *b, const struct lw_link_new *dev, const char *kind,
				  struct nlattr **info)
{
	struct nlmsghdr *nlh = lw_batch_begin(b, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL);

	if (!nlh)
		return NULL;
	put_ifinfo(mnl_nlmsg_put_extra_header(nlh, sizeof(struct ifinfomsg)), dev->ifindex, dev->up);
	put_new(nlh, dev);
	*info = mnl_attr_nest_start(nlh, IFLA_LINKINFO);
	lw_put_string(nlh, IFLA_INFO_KIND, kind);
	return nlh;
}

int lw_link_add_wire(struct lw_batch *b, const struct lw_link_new *dev, const struct lw_wire_spec *spec)
{
	struct nlattr *info, *data;
	struct nlmsghdr *nlh;

	lw_wire_make_room(b, spec);
	nlh = begin_new(b, dev, LINKWIRE_KIND, &info);
	if (!nlh)
		return b->err;
	data = mnl_attr_nest_start(nlh, IFLA_INFO_DATA);
	lw_wire_put_spec(nlh, spec);
	mnl_attr_nest_end(nlh, data);
	mnl_attr_nest_end(nlh, info);
	return lw_batch_end(b, nlh);
}

int lw_link_add_kind(struct lw_batch *b, const struct lw_link_new *dev, const char *kind)
{
	struct nlattr *info;
	struct nlmsghdr *nlh = begin_new(b, dev, kind, &info);

	if (!nlh)
		return b->err;
	mnl_attr_nest_end(nlh, info);
	return lw_batch_end(b, nlh);
}

int lw_link_add_vrf(struct lw_batch *b, const struct lw_link_new *dev, uint32_t table)
{
	struct nlattr *info, *data;
	struct nlmsghdr *nlh = begin_new(b, dev, "vrf", &info);

	if (!nlh)
		return b->err;
	data = mnl_attr_nest_start(nlh, IFLA_INFO_DATA);
	mnl_attr_put_u32(nlh, IFLA_VRF_TABLE, table);
	mnl_attr_nest_end(nlh, data);
	mnl_attr_nest_end(nlh, info);
	return lw_batch_end(b, nlh);
}

int lw_link_add_veth(struct lw_batch *b, const struct lw_link_new *dev, const struct lw_link_new *peer)
{
	struct nlattr *info, *data, *other;
	struct nlmsghdr *nlh = begin_new(b, dev, "veth", &info);

	if (!nlh)
		return b->err;
	data = mnl_attr_nest_start(nlh, IFLA_INFO_DATA);
	other = mnl_attr_nest_start(nlh, VETH_INFO_PEER);
	put_ifinfo(mnl_nlmsg_put_extra_header(nlh, sizeof(struct ifinfomsg)), peer->ifindex, peer->up);
	put_new(nlh, peer);
	mnl_attr_nest_end(nlh, other);
	mnl_attr_nest_end(nlh, data);
	mnl_attr_nest_end(nlh, info);
	return lw_batch_end(b, nlh);
}

/* A request about a device that exists. */
static struct nlmsghdr *begin_ref(struct lw_batch *b, uint16_t type, struct lw_link_ref ref)
{
	struct nlmsghdr *nlh = lw_batch_begin(b, type, 0);
	struct ifinfomsg *ifi;

	if (!nlh)
		return NULL;
	ifi = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifi));
	ifi->ifi_index = (int)ref.ifindex;
	if (!ref.ifindex && ref.name)
		lw_put_string(nlh, IFLA_IFNAME, ref.name);
	return nlh;
}

int lw_link_del(struct lw_batch *b, struct lw_link_ref ref)
{
	return lw_batch_end(b, begin_ref(b, RTM_DELLINK, ref));
}

int lw_link_set_up(struct lw_batch *b, struct lw_link_ref ref, bool up)
{
	struct nlmsghdr *nlh = begin_ref(b, RTM_NEWLINK, ref);
	struct ifinfomsg *ifi;

	if (!nlh)
		return b->err;
	ifi = mnl_nlmsg_get_payload(nlh);
	ifi->ifi_flags = up ? IFF_UP : 0;
	ifi->ifi_change = IFF_UP;
	return lw_batch_end(b, nlh);
}

static int set_u32(struct lw_batch *b, struct lw_link_ref ref, uint16_t type, uint32_t value)
{
	struct nlmsghdr *nlh = begin_ref(b, RTM_NEWLINK, ref);

	if (!nlh)
		return b->err;
	mnl_attr_put_u32(nlh, type, value);
	return lw_batch_end(b, nlh);
}

int lw_link_set_mtu(struct lw_batch *b, struct lw_link_ref ref, uint32_t mtu)
{
	return set_u32(b, ref, IFLA_MTU, mtu);
}

int lw_link_set_master(struct lw_batch *b, struct lw_link_ref ref, uint32_t master)
{
	return set_u32(b, ref, IFLA_MASTER, master);
}

int lw_link_set_netns(struct lw_batch *b, struct lw_link_ref ref, int netns_fd)
{
	return set_u32(b, ref, IFLA_NET_NS_FD, (uint32_t)netns_fd);
}

int lw_link_move(struct lw_batch *b, uint32_t ifindex, int netns_fd, const char *name, uint32_t new_ifindex)
{
	struct nlmsghdr *nlh = begin_ref(b, RTM_NEWLINK, LW_BY_INDEX(ifindex));

	if (!nlh)
		return b->err;
	lw_put_string(nlh, IFLA_IFNAME, name);
	mnl_attr_put_u32(nlh, IFLA_NET_NS_FD, (uint32_t)netns_fd);
	mnl_attr_put_u32(nlh, IFLA_NEW_IFINDEX, new_ifindex);
	return lw_batch_end(b, nlh);
}

int lw_link_set_mac(struct lw_batch *b, struct lw_link_ref ref, const uint8_t mac[6])
{
	struct nlmsghdr *nlh = begin_ref(b, RTM_NEWLINK, ref);

	if (!nlh)
		return b->err;
	mnl_attr_put(nlh, IFLA_ADDRESS, 6, mac);
	return lw_batch_end(b, nlh);
}

int lw_link_set_alias(struct lw_batch *b, struct lw_link_ref ref, const char *alias)
{
	struct nlmsghdr *nlh = begin_ref(b, RTM_NEWLINK, ref);

	if (!nlh)
		return b->err;
	lw_put_string(nlh, IFLA_IFALIAS, alias);
	return lw_batch_end(b, nlh);
}

int lw_link_set_name(struct lw_batch *b, uint32_t ifindex, const char *name)
{
	struct nlmsghdr *nlh = begin_ref(b, RTM_NEWLINK, LW_BY_INDEX(ifindex));

	if (!nlh)
		return b->err;
	lw_put_string(nlh, IFLA_IFNAME, name);
	return lw_batch_end(b, nlh);
}

static void parse_data(const struct nlattr *data, struct lw_link *link)
{
	const struct nlattr *a;

	mnl_attr_for_each_nested(a, data)
		if (mnl_attr_get_type(a) == IFLA_LINKWIRE_ID)
			link->wire_id = lw_get_u32(a);
}

static void parse_info(const struct nlattr *info, struct lw_link *link)
{
	const struct nlattr *a, *data = NULL;

	mnl_attr_for_each_nested(a, info) {
		if (mnl_attr_get_type(a) == IFLA_INFO_KIND)
			lw_get_string(a, link->kind, sizeof(link->kind));
		else if (mnl_attr_get_type(a) == IFLA_INFO_DATA)
			data = a;
	}
	if (data && !strcmp(link->kind, LINKWIRE_KIND))
		parse_data(data, link);
	link->tunnel.kind = lw_tunnel_of_name(link->kind);
	if (data && link->tunnel.kind)
		lw_tunnel_parse(data, &link->tunnel);
}

static int parse_link(const struct nlmsghdr *nlh, struct lw_link *link)
{
	const struct ifinfomsg *ifi = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *a;

	memset(link, 0, sizeof(*link));
	if (nlh->nlmsg_type != RTM_NEWLINK || mnl_nlmsg_get_payload_len(nlh) < sizeof(*ifi))
		return -EBADMSG;
	link->ifindex = (uint32_t)ifi->ifi_index;
	link->up = ifi->ifi_flags & IFF_UP;
	mnl_attr_for_each(a, nlh, sizeof(*ifi)) {
		switch (mnl_attr_get_type(a)) {
		case IFLA_IFNAME:
			lw_get_string(a, link->name, sizeof(link->name));
			break;
		case IFLA_IFALIAS:
			lw_get_string(a, link->alias, sizeof(link->alias));
			break;
		case IFLA_MTU:
			link->mtu = lw_get_u32(a);
			break;
		case IFLA_MASTER:
			link->master = lw_get_u32(a);
			break;
		case IFLA_LINK:
			link->peer = lw_get_u32(a);
			break;
		case IFLA_CARRIER:
			link->carrier = lw_get_u8(a);
			break;
		case IFLA_ADDRESS:
			if (mnl_attr_get_payload_len(a) <= sizeof(link->mac)) {
				link->mac_len = (uint8_t)mnl_attr_get_payload_len(a);
				memcpy(link->mac, mnl_attr_get_payload(a), link->mac_len);
			}
			break;
		case IFLA_LINKINFO:
			parse_info(a, link);
			break;
		}
	}
	return 0;
}

struct dump {
	lw_link_fn *fn;
	void *arg;
};

static int parse_dumped(const struct nlmsghdr *nlh, unsigned int i, void *arg)
{
	const struct dump *dump = arg;
	struct lw_link link;

	(void)i;
	return parse_link(nlh, &link) < 0 ? 0 : dump->fn(&link, dump->arg);
}

int lw_link_dump(struct lw_nl *nl, lw_link_fn *fn, void *arg, struct lw_error *err)
{
	struct dump dump = { .fn = fn, .arg = arg };
	struct nlmsghdr *nlh;
	struct lw_batch b;
	int ret;

	lw_batch_init(&b, NETLINK_ROUTE);
	nlh = lw_batch_begin(&b, RTM_GETLINK, NLM_F_DUMP);
	if (nlh) {
		mnl_nlmsg_put_extra_header(nlh, sizeof(struct ifinfomsg));
		mnl_attr_put_u32(nlh, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	}
	lw_batch_end(&b, nlh);
	ret = lw_batch_dump(nl, &b, parse_dumped, &dump, err);
	lw_batch_free(&b);
	return ret;
}

struct indexes {
	lw_ifindex_fn *fn;
	void *arg;
};

static int parse_index(const struct nlmsghdr *nlh, unsigned int i, void *arg)
{
	const struct if_stats_msg *stats = mnl_nlmsg_get_payload(nlh);
	const struct indexes *indexes = arg;

	(void)i;
	if (nlh->nlmsg_type != RTM_NEWSTATS || mnl_nlmsg_get_payload_len(nlh) < sizeof(*stats))
		return 0;
	return indexes->fn(stats->ifindex, indexes->arg);
}

/* by a dump of statistics, those of MPLS alone, which a device has none of: a header is left of each */
int lw_link_indexes(struct lw_nl *nl, lw_ifindex_fn *fn, void *arg, struct lw_error *err)
{
	struct indexes indexes = { .fn = fn, .arg = arg };
	struct if_stats_msg *stats;
	struct nlmsghdr *nlh;
	struct lw_batch b;
	int ret;

	lw_batch_init(&b, NETLINK_ROUTE);
	nlh = lw_batch_begin(&b, RTM_GETSTATS, NLM_F_DUMP);
	if (nlh) {
		stats = mnl_nlmsg_put_extra_header(nlh, sizeof(*stats));
		stats->filter_mask = IFLA_STATS_FILTER_BIT(IFLA_STATS_AF_SPEC);
	}
	lw_batch_end(&b, nlh);
	ret = lw_batch_dump(nl, &b, parse_index, &indexes, err);
	lw_batch_free(&b);
	return ret;
}

static int parse_one(const struct nlmsghdr *nlh, unsigned int i, void *arg)
{
	(void)i;
	return parse_link(nlh, arg);
}

int lw_link_get(struct lw_nl *nl, struct lw_link_ref ref, struct lw_link *link, struct lw_error *err)
{
	struct nlmsghdr *nlh;
	struct lw_batch b;
	int ret;

	lw_batch_init(&b, NETLINK_ROUTE);
	nlh = begin_ref(&b, RTM_GETLINK, ref);
	if (nlh)
		mnl_attr_put_u32(nlh, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	lw_batch_end(&b, nlh);
	ret = lw_batch_send(nl, &b, parse_one, link, err);
	lw_batch_free(&b);
	return ret;
}
