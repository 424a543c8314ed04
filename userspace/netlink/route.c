// SPDX-License-Identifier: MIT
#include "netlink/route.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#include "netlink/values.h"

/* a gateway of another family than the route's needs an attribute that says which */
static void put_via(struct nlmsghdr *nlh, const struct lw_route *r)
{
	struct {
		uint16_t family;
		uint8_t bytes[16];
	} via = { .family = r->via.family };

	if (r->via.family == r->dst.family) {
		lw_put_addr(nlh, RTA_GATEWAY, &r->via);
		return;
	}
	memcpy(via.bytes, r->via.bytes, lw_addr_size(&r->via));
	mnl_attr_put(nlh, RTA_VIA, sizeof(via.family) + lw_addr_size(&r->via), &via);
}

static void get_via(const struct nlattr *a, struct lw_addr *via)
{
	const struct rtvia *v = mnl_attr_get_payload(a);
	size_t len = mnl_attr_get_payload_len(a);

	if (len > sizeof(*v))
		(void)lw_addr_from_bytes(via, v->rtvia_addr, (unsigned int)(len - sizeof(*v)));
}

static int put_route(struct lw_batch *b, uint16_t type, uint16_t flags, const struct lw_route *r)
{
	struct nlmsghdr *nlh = lw_batch_begin(b, type, flags);
	uint32_t table = r->table ? r->table : RT_TABLE_MAIN;
	struct rtmsg *rtm;

	if (!nlh)
		return b->err;
	rtm = mnl_nlmsg_put_extra_header(nlh, sizeof(*rtm));
	rtm->rtm_family = r->dst.family;
	rtm->rtm_dst_len = r->prefix_len;
	rtm->rtm_table = table < 256 ? (uint8_t)table : RT_TABLE_UNSPEC;
	rtm->rtm_protocol = r->protocol ? r->protocol : RTPROT_STATIC;
	rtm->rtm_type = r->type ? r->type : RTN_UNICAST;
	rtm->rtm_scope = r->dst.family == AF_INET && !r->via.family && rtm->rtm_type == RTN_UNICAST ?
		RT_SCOPE_LINK : RT_SCOPE_UNIVERSE;
	if (type == RTM_DELROUTE)
		rtm->rtm_scope = RT_SCOPE_NOWHERE;	/* whatever it is */
	if (r->prefix_len)
		lw_put_addr(nlh, RTA_DST, &r->dst);
	if (r->via.family)
		put_via(nlh, r);
	if (r->prefsrc.family)
		lw_put_addr(nlh, RTA_PREFSRC, &r->prefsrc);
	if (r->ifindex)
		mnl_attr_put_u32(nlh, RTA_OIF, r->ifindex);
	if (r->metric)
		mnl_attr_put_u32(nlh, RTA_PRIORITY, r->metric);
	mnl_attr_put_u32(nlh, RTA_TABLE, table);
	return lw_batch_end(b, nlh);
}

int lw_route_add(struct lw_batch *b, const struct lw_route *r)
{
	return put_route(b, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, r);
}

int lw_route_replace(struct lw_batch *b, const struct lw_route *r)
{
	return put_route(b, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE, r);
}

int lw_route_del(struct lw_batch *b, const struct lw_route *r)
{
	return put_route(b, RTM_DELROUTE, 0, r);
}

static void parse_first_hop(const struct nlattr *multipath, struct lw_route *route)
{
	const struct rtnexthop *hop = mnl_attr_get_payload(multipath);
	const char *end = (const char *)hop + mnl_attr_get_payload_len(multipath);
	const struct nlattr *a;

	if (end < (const char *)(hop + 1) || hop->rtnh_len < sizeof(*hop) || (const char *)hop + hop->rtnh_len > end)
		return;
	route->ifindex = (uint32_t)hop->rtnh_ifindex;
	end = (const char *)hop + hop->rtnh_len;
	for (a = (const struct nlattr *)(hop + 1); mnl_attr_ok(a, (int)(end - (const char *)a)); a = mnl_attr_next(a))
		if (mnl_attr_get_type(a) == RTA_GATEWAY)
			lw_get_addr(a, &route->via);
		else if (mnl_attr_get_type(a) == RTA_VIA)
			get_via(a, &route->via);
}

struct dump {
	lw_route_fn *fn;
	void *arg;
	uint8_t protocol;	/* 0: of all */
};

static int parse_route(const struct nlmsghdr *nlh, unsigned int i, void *arg)
{
	const struct rtmsg *rtm = mnl_nlmsg_get_payload(nlh);
	const struct dump *dump = arg;
	struct lw_route route = { 0 };
	const struct nlattr *a;

	(void)i;
	if (nlh->nlmsg_type != RTM_NEWROUTE || mnl_nlmsg_get_payload_len(nlh) < sizeof(*rtm))
		return 0;
	if (rtm->rtm_family != AF_INET && rtm->rtm_family != AF_INET6)
		return 0;
	if (rtm->rtm_type != RTN_UNICAST && rtm->rtm_type != RTN_BLACKHOLE && rtm->rtm_type != RTN_UNREACHABLE &&
	    rtm->rtm_type != RTN_PROHIBIT)
		return 0;
	if (dump->protocol && rtm->rtm_protocol != dump->protocol)
		return 0;
	route.dst.family = rtm->rtm_family;
	route.prefix_len = rtm->rtm_dst_len;
	route.table = rtm->rtm_table;
	route.protocol = rtm->rtm_protocol;
	route.type = rtm->rtm_type;
	mnl_attr_for_each(a, nlh, sizeof(*rtm)) {
		switch (mnl_attr_get_type(a)) {
		case RTA_DST:
			lw_get_addr(a, &route.dst);
			break;
		case RTA_GATEWAY:
			lw_get_addr(a, &route.via);
			break;
		case RTA_VIA:
			get_via(a, &route.via);
			break;
		case RTA_PREFSRC:
			lw_get_addr(a, &route.prefsrc);
			break;
		case RTA_OIF:
			route.ifindex = lw_get_u32(a);
			break;
		case RTA_PRIORITY:
			route.metric = lw_get_u32(a);
			break;
		case RTA_TABLE:
			route.table = lw_get_u32(a);
			break;
		case RTA_MULTIPATH:
			parse_first_hop(a, &route);
			break;
		}
	}
	return dump->fn(&route, dump->arg);
}

/* one family: a kernel that is asked for all of them at once does not sort out by protocol */
static int dump_routes(struct lw_nl *nl, uint8_t family, struct dump *dump, struct lw_error *err)
{
	struct nlmsghdr *nlh;
	struct rtmsg *rtm;
	struct lw_batch b;
	int ret;

	lw_batch_init(&b, NETLINK_ROUTE);
	nlh = lw_batch_begin(&b, RTM_GETROUTE, NLM_F_DUMP);
	if (nlh) {
		rtm = mnl_nlmsg_put_extra_header(nlh, sizeof(*rtm));
		rtm->rtm_family = family;
		rtm->rtm_protocol = dump->protocol;
	}
	lw_batch_end(&b, nlh);
	ret = lw_batch_dump(nl, &b, parse_route, dump, err);
	lw_batch_free(&b);
	return ret;
}

int lw_route_dump(struct lw_nl *nl, lw_route_fn *fn, void *arg, struct lw_error *err)
{
	struct dump dump = { .fn = fn, .arg = arg };

	return dump_routes(nl, AF_UNSPEC, &dump, err);
}

int lw_route_dump_protocol(struct lw_nl *nl, uint8_t protocol, lw_route_fn *fn, void *arg, struct lw_error *err)
{
	struct dump dump = { .fn = fn, .arg = arg, .protocol = protocol };
	int ret = dump_routes(nl, AF_INET, &dump, err);

	return ret ? ret : dump_routes(nl, AF_INET6, &dump, err);
}
