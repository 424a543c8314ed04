/* SPDX-License-Identifier: MIT */
/*
 * Routes: RTM_NEWROUTE, RTM_DELROUTE.
 */
#ifndef LW_NETLINK_ROUTE_H
#define LW_NETLINK_ROUTE_H

#include "netlink/address.h"

struct lw_route {
	struct lw_addr dst;	/* the family is the route's; all zeroes with prefix_len 0: the default route */
	uint8_t prefix_len;
	struct lw_addr via;	/* gateway, of either family for an IPv4 route; family 0: none */
	struct lw_addr prefsrc;	/* source of what is sent from here; family 0: the kernel chooses */
	uint32_t ifindex;	/* 0: the kernel finds it from via */
	uint32_t metric;	/* 0: the kernel's default */
	uint32_t table;		/* 0: main */
	uint8_t protocol;	/* RTPROT_*; 0: RTPROT_STATIC */
	uint8_t type;		/* RTN_*; 0: RTN_UNICAST */
};

int lw_route_add(struct lw_batch *b, const struct lw_route *r);		/* one that is there already: -EEXIST */
int lw_route_replace(struct lw_batch *b, const struct lw_route *r);
int lw_route_del(struct lw_batch *b, const struct lw_route *r);

typedef int lw_route_fn(const struct lw_route *r, void *arg);

/* All unicast, blackhole, unreachable and prohibiting routes of both families (multipath routes by their first hop). */
int lw_route_dump(struct lw_nl *nl, lw_route_fn *fn, void *arg, struct lw_error *err);

/* Those that @protocol put there, in all tables: the kernel leaves the others out of its answer. */
int lw_route_dump_protocol(struct lw_nl *nl, uint8_t protocol, lw_route_fn *fn, void *arg, struct lw_error *err);

#endif
