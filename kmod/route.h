/* SPDX-License-Identifier: GPL-2.0 */
/* The way to the peer. Implemented in route.c; what is too big for it is handled in pmtu.c. */
#ifndef _LW_ROUTE_H
#define _LW_ROUTE_H

#include "wire.h"

/**
 * struct lw_path - how one packet goes to the peer
 * @dst: the route, with a reference
 * @family: AF_INET or AF_INET6
 * @local: source address
 * @remote: destination address
 * @src_port: UDP
 * @dst_port: UDP
 * @fwmark: of the packet
 * @tos: DSCP and ECN
 * @ttl: or hop limit
 */
struct lw_path {
	struct dst_entry	*dst;
	u16			family;
	struct lw_addr		local;
	struct lw_addr		remote;
	__be16			src_port;
	__be16			dst_port;
	u32			fwmark;
	u8			tos;
	u8			ttl;
};

/* route.c */
int lw_route(struct lw_wire *wire, struct lw_conf *conf, u8 tos, struct lw_path *path);
int lw_route_new(struct lw_wire *wire, const struct lw_conf *conf, const struct lw_addr *remote,
		 u8 tos, struct lw_path *path);
unsigned int lw_overhead(const struct lw_wire *wire, u16 family);

/* pmtu.c */
bool lw_fits(const struct lw_wire *wire, const struct sk_buff *skb, unsigned int mtu);
bool lw_may_cut(const struct lw_wire *wire, struct sk_buff *skb);
struct sk_buff *lw_too_big(struct lw_wire *wire, struct sk_buff *skb, struct dst_entry *dst,
			   unsigned int mtu);

#endif /* _LW_ROUTE_H */
