/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What differs between the kernels that we build for: 6.1, 6.12 and 7.2. The rest of the module is written
 * against the newest; nothing but this file asks for a version.
 */
#ifndef _LW_COMPAT_H
#define _LW_COMPAT_H

#include <linux/version.h>
#include <linux/netdevice.h>
#include <linux/net.h>
#include <crypto/aead.h>
#include <net/genetlink.h>
#include <net/ip.h>
#include <net/ip6_route.h>
#include <net/ip6_tunnel.h>
#include <net/ipv6.h>
#include <net/route.h>
#include <net/rtnetlink.h>
#include <net/udp_tunnel.h>

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 10, 0)
#include <net/gso.h>
#include <net/inet_dscp.h>
#endif

#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
#include <linux/unaligned.h>
#else
#include <asm/unaligned.h>
#endif

/* 6.3: the completion callback is given the data, and not the request */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 3, 0)
typedef void *lw_crypto_arg_t;
#define lw_crypto_arg_data(arg)		(arg)
#else
typedef struct crypto_async_request *lw_crypto_arg_t;
#define lw_crypto_arg_data(arg)		((arg)->data)
#endif

/* 6.10: dst_init() counts from one by itself */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 10, 0)
#define lw_dst_init(dst, ops)		dst_init(dst, ops, NULL, DST_OBSOLETE_NONE, DST_NOCOUNT)
#else
#define lw_dst_init(dst, ops)		dst_init(dst, ops, NULL, 1, DST_OBSOLETE_NONE, DST_NOCOUNT)
#endif

#ifndef dst_rtable
#define dst_rtable(entry)		container_of(entry, struct rtable, dst)
#endif

/* 6.12: lockless transmission is a bit of the device, no feature */
static inline void lw_dev_set_lltx(struct net_device *dev)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
	dev->lltx = true;
#else
	dev->features |= NETIF_F_LLTX;
#endif
}

/* 6.18: the type of service of a flow is a dscp_t */
static inline void lw_flowi4_set_tos(struct flowi4 *fl4, u8 tos)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 18, 0)
	fl4->flowi4_dscp = inet_dsfield_to_dscp(tos);
#else
	fl4->flowi4_tos = tos & INET_DSCP_MASK;
#endif
}

/* 6.19: addresses of sockets without a size */
static inline int lw_kernel_bind(struct socket *sock, void *addr, int len)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 19, 0)
	return kernel_bind(sock, (struct sockaddr_unsized *)addr, len);
#else
	return kernel_bind(sock, (struct sockaddr *)addr, len);
#endif
}

/* 7.0: UDP tunnels are set up on the sock; their transmit functions take flags of the control block */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(7, 0, 0)
#define lw_setup_udp_tunnel_sock(net, sock, cfg)	setup_udp_tunnel_sock(net, (sock)->sk, cfg)
#define lw_udp_tunnel_sock_release(sock)		udp_tunnel_sock_release((sock)->sk)
#else
#define lw_setup_udp_tunnel_sock(net, sock, cfg)	setup_udp_tunnel_sock(net, sock, cfg)
#define lw_udp_tunnel_sock_release(sock)		udp_tunnel_sock_release(sock)
#endif

static inline void lw_udp_xmit4(struct rtable *rt, struct sock *sk, struct sk_buff *skb, __be32 src, __be32 dst,
				u8 tos, u8 ttl, __be16 src_port, __be16 dst_port)
{
	udp_tunnel_xmit_skb(rt, sk, skb, src, dst, tos, ttl, htons(IP_DF), src_port, dst_port, false, false
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 16, 0)
			    , 0
#endif
			    );
}

/* a socket takes super-packets as they come, and has GRO make some of packets from a network */
static inline void lw_udp_take_trains(struct sock *sk)
{
	udp_set_bit(GRO_ENABLED, sk);
	udp_set_bit(ACCEPT_L4, sk);
}

/*
 * "net: add xmit recursion limit to tunnel xmit functions" (in 7.2, and in stable kernels such as 6.12.95): tunnels
 * count as a device on the way, and send nothing for more than so many. Without it, ip6_skb_dst_mtu() takes the socket
 * of a packet that comes from a queue, or from a cipher that was late, for an IPv6 one, and follows a pointer in it:
 * but it is whoever's who sent the inner packet, such as a virtual machine's macvtap.
 */
#ifdef IP_TUNNEL_RECURSION_LIMIT
#define lw_tunnel6_begin()	do { } while (0)
#define lw_tunnel6_end()	do { } while (0)
#define lw_tunnels_end()	(dev_recursion_level() > IP_TUNNEL_RECURSION_LIMIT)
#else
#define lw_tunnel6_begin()	dev_xmit_recursion_inc()
#define lw_tunnel6_end()	dev_xmit_recursion_dec()
#define lw_tunnels_end()	false
#endif

static inline void lw_udp_xmit6(struct dst_entry *dst, struct sock *sk, struct sk_buff *skb, struct in6_addr *src,
				struct in6_addr *dst_addr, u8 tos, u8 ttl, __be16 src_port, __be16 dst_port)
{
	lw_tunnel6_begin();
	udp_tunnel6_xmit_skb(dst, sk, skb, NULL, src, dst_addr, tos, ttl, 0, src_port, dst_port, false
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 16, 0)
			     , 0
#endif
			     );
	lw_tunnel6_end();
}

static inline void lw_iptunnel_xmit(struct rtable *rt, struct sk_buff *skb, __be32 src, __be32 dst, u8 proto,
				    u8 tos, u8 ttl)
{
	iptunnel_xmit(NULL, rt, skb, src, dst, proto, tos, ttl, htons(IP_DF), false
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 16, 0)
		      , 0
#endif
		      );
}

static inline void lw_ip6tunnel_xmit(struct sk_buff *skb)
{
	lw_tunnel6_begin();
	ip6tunnel_xmit(NULL, skb, NULL
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 16, 0)
		       , 0
#endif
		       );
	lw_tunnel6_end();
}

/* 6.15: a new link's parameters come in one structure */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 15, 0)
#define LW_NEWLINK(name)										\
	name(struct net_device *dev, struct rtnl_newlink_params *params, struct netlink_ext_ack *extack)
#define lw_newlink_net()	rtnl_newlink_link_net(params)
#define lw_newlink_tb()		(params->tb)
#define lw_newlink_data()	(params->data)
#else
#define LW_NEWLINK(name)										\
	name(struct net *src_net, struct net_device *dev, struct nlattr *tb[], struct nlattr *data[],		\
	     struct netlink_ext_ack *extack)
#define lw_newlink_net()	(src_net)
#define lw_newlink_tb()		(tb)
#define lw_newlink_data()	(data)
#endif

/* 6.16: a netns that dies gives its devices back one by one, under rtnl */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 16, 0)
#define LW_PERNET_EXIT_RTNL(fn)										\
	static void __net_exit fn##_rtnl(struct net *net, struct list_head *kill) { fn(net, kill); }
#define LW_PERNET_EXIT_OP(fn)	.exit_rtnl = fn##_rtnl
#else
#define LW_PERNET_EXIT_RTNL(fn)										\
	static void __net_exit fn##_batch_rtnl(struct list_head *nets, struct list_head *kill)			\
	{													\
		struct net *net;										\
														\
		list_for_each_entry(net, nets, exit_list)							\
			fn(net, kill);										\
	}
#define LW_PERNET_EXIT_OP(fn)	.exit_batch_rtnl = fn##_batch_rtnl
#endif

/* 6.7: what a dump was asked for */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 7, 0)
#define lw_dump_attrs(cb)	(genl_info_dump(cb)->attrs)
#else
#define lw_dump_attrs(cb)	(genl_dumpit_info(cb)->attrs)
#endif

/* 6.7: the message of an extack may be put together at run time */
#ifndef NL_SET_ERR_MSG_FMT
#define NL_SET_ERR_MSG_FMT(extack, fmt, ...)	NL_SET_ERR_MSG(extack, "no such wire")
#endif

/* 6.10: the name of a traced string is given once */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 10, 0)
#define lw_assign_str(dst, src)		__assign_str(dst)
#else
#define lw_assign_str(dst, src)		__assign_str(dst, src)
#endif

#endif /* _LW_COMPAT_H */
