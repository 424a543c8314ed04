/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Encapsulations: what stands between the outer IP header and the shim. One file each
 * (encap_vxlan.c, encap_ipip.c); nothing else knows one from the other.
 */
#ifndef _LW_ENCAP_H
#define _LW_ENCAP_H

#include "route.h"

/**
 * struct lw_encap_ops - one encapsulation
 * @overhead: bytes between the outer IP header and the shim
 * @prefix: how many of them stand before each record of a train; 0 or 4
 * @word: what they say
 * @l2: carries frames
 * @socket: needs a UDP socket on the wire's port
 * @proto: outer IP protocol, for routes
 * @send: puts the outer headers before @prefix and sends, a packet or a train; owns it, and the
 *	path's route. Its sock is the socket's, or NULL. Context: BH disabled, RCU.
 * @trains: there are trains
 */
struct lw_encap_ops {
	unsigned int	overhead;
	unsigned int	prefix;
	u32		word;
	bool		trains;
	bool		l2;
	bool		socket;
	u8		(*proto)(void);
	void		(*send)(struct sock *sk, struct sk_buff *skb, struct lw_path *path);
};

extern const struct lw_encap_ops lw_encap_vxlan;
extern const struct lw_encap_ops lw_encap_ipip;

/* room for the outer headers and the shim, at most */
#define LW_HEADROOM	(sizeof(struct ipv6hdr) + sizeof(struct udphdr) + 4 + LW_SHIM_LEN)

static inline const struct lw_encap_ops *lw_encap(u8 encap)
{
	return encap == LINKWIRE_ENCAP_IPIP ? &lw_encap_ipip : &lw_encap_vxlan;
}

static inline u8 lw_encap_number(const struct lw_encap_ops *ops)
{
	return ops == &lw_encap_ipip ? LINKWIRE_ENCAP_IPIP : LINKWIRE_ENCAP_VXLAN;
}

/* encap_vxlan.c */
int lw_vxlan_receive(struct sock *sk, struct sk_buff *skb);
int lw_vxlan_error(struct sock *sk, struct sk_buff *skb);

/* encap_ipip.c */
int lw_ipip_init(void);
void lw_ipip_exit(void);

/* receive.c */

/**
 * struct lw_arrival - what an encapsulation tells of a packet; in its control block
 * @encap: which
 * @family: of the outer header
 * @tos: DSCP and ECN of the outer header
 * @src_port: UDP; 0: none
 * @dst_port: UDP; 0: none
 * @iif: device that it came in by
 * @sdif: device below @iif, if that is a VRF
 */
struct lw_arrival {
	const struct lw_encap_ops	*encap;
	u8				family;
	u8				tos;
	__be16				src_port;
	__be16				dst_port;
	int				iif;
	int				sdif;
};

static inline struct lw_arrival *lw_arrival(const struct sk_buff *skb)
{
	BUILD_BUG_ON(sizeof(struct lw_arrival) > sizeof(skb->cb));
	return (struct lw_arrival *)skb->cb;
}

void lw_arrive(struct sk_buff *skb, const struct lw_encap_ops *encap, u8 family,
	       const struct udphdr *udp);
void lw_rx_unknown(struct lw_underlay *ul, struct sk_buff *skb, unsigned int why);
void lw_receive(struct lw_underlay *ul, struct sk_buff *list);

/* join.c */
void lw_receive_train(struct lw_underlay *ul, struct sk_buff *skb);

/* underlay.c */
const struct lw_wire *lw_quoted(struct lw_underlay *ul, const struct lw_encap_ops *encap,
				u16 family, const struct lw_addr *remote,
				const struct lw_addr *local, __be16 dst_port, const __be32 *shim);

#endif /* _LW_ENCAP_H */
