/* SPDX-License-Identifier: GPL-2.0 */
/* UDP sockets, each shared by the wires of one underlay, family, port and bound device. socket.c. */
#ifndef _LW_SOCKET_H
#define _LW_SOCKET_H

#include "wire.h"

/**
 * struct lw_port - one family's UDP port of an underlay
 * @node: in the underlay's ports
 * @key: host family, big-endian port
 * @sockets: one for each device that wires are bound to, and one for those that are not
 * @rcu: frees
 */
struct lw_port {
	struct rhash_head	node;
	struct lw_port_key {
		u16	family;
		__be16	port;
	} key;
	struct list_head	sockets;
	struct rcu_head		rcu;
};

/**
 * struct lw_socket - an open socket
 * @sk: for senders under RCU; UDP frees it a grace period after @sock is released
 * @sock: owned
 * @port: that it is of
 * @link: ifindex that it is bound to, or 0
 * @users: wires; under rtnl
 * @siblings: in @port
 * @rcu: frees
 */
struct lw_socket {
	struct sock		*sk;
	struct socket		*sock;
	struct lw_port		*port;
	int			link;
	unsigned int		users;
	struct list_head	siblings;
	struct rcu_head		rcu;
};

struct lw_socket *lw_socket_get(struct lw_underlay *ul, u16 family, __be16 port, int link,
				struct netlink_ext_ack *extack);
void lw_socket_put(struct lw_underlay *ul, struct lw_socket *s);
extern const struct rhashtable_params lw_ports_params;

/* keep.c */
void lw_keep_begin(struct lw_underlay *ul);
void lw_keep_end(struct lw_underlay *ul);

#endif /* _LW_SOCKET_H */
