/* SPDX-License-Identifier: MIT */
/*
 * The kernel's own tunnels, which are plaintext: what a wire without a cipher is made of.
 */
#ifndef LW_NETLINK_TUNNEL_H
#define LW_NETLINK_TUNNEL_H

#include "netlink/address.h"

struct lw_link_new;
struct nlattr;

enum lw_tunnel_kind {
	LW_TUNNEL_NONE,
	LW_TUNNEL_VXLAN,	/* frames in UDP */
	LW_TUNNEL_GRETAP,	/* frames in GRE with a key, as NVGRE has them */
	LW_TUNNEL_IPIP,		/* IPv4 packets in IPv4 */
	LW_TUNNEL_SIT,		/* IPv4 and IPv6 packets in IPv4 */
	LW_TUNNEL_IP6TNL,	/* IPv4 and IPv6 packets in IPv6 */
	LW_TUNNEL_IP6GRETAP,
};

struct lw_tunnel {
	enum lw_tunnel_kind kind;
	struct lw_addr local, remote;
	uint32_t key;		/* vxlan: the VNI; gretap: the key, both ways; others have none */
};

/* The kernel's name of a kind, and the kind of a name (LW_TUNNEL_NONE: none of these). */
const char *lw_tunnel_name(enum lw_tunnel_kind kind);
enum lw_tunnel_kind lw_tunnel_of_name(const char *name);

/* A tunnel in the namespace of the socket; made there and moved away later, it sends from there for ever. */
int lw_tunnel_add(struct lw_batch *b, const struct lw_link_new *dev, const struct lw_tunnel *t);

/* What IFLA_INFO_DATA says of a tunnel whose kind is set already. */
void lw_tunnel_parse(const struct nlattr *data, struct lw_tunnel *t);

#endif
