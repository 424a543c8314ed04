// SPDX-License-Identifier: GPL-2.0
/*
 * VXLAN: UDP, the first word of a VXLAN-GPE header (RFC 7348, draft-ietf-nvo3-vxlan-gpe), the shim,
 * whose first word stands where the VNI does. To switches, tools and RSS it is VXLAN.
 */

#include <linux/udp.h>
#include "compat.h"
#include "encap.h"

#define LW_GPE_LEN	4
#define LW_GPE_WORD	0x0c0000fe	/* flags I and P; next protocol 0xfe: ours */

static u8 lw_vxlan_proto(void)
{
	return IPPROTO_UDP;
}

static void lw_vxlan_send(struct sock *sk, struct sk_buff *skb, struct lw_path *path)
{
	/* UDP wants to be told, and says itself only what the sum begins with */
	if (skb_is_gso(skb)) {
		skb->ip_summed = CHECKSUM_PARTIAL;
		skb->csum_start = skb_headroom(skb) - sizeof(struct udphdr);
		skb->csum_offset = offsetof(struct udphdr, check);
	}
	if (path->family == AF_INET)
		lw_udp_xmit4(dst_rtable(path->dst), sk, skb, path->local.v4, path->remote.v4,
			     path->tos, path->ttl, path->src_port, path->dst_port);
	else
		lw_udp_xmit6(path->dst, sk, skb, &path->local.v6, &path->remote.v6, path->tos,
			     path->ttl, path->src_port, path->dst_port);
}

/**
 * lw_vxlan_receive - a packet for one of our UDP ports
 * @sk: the socket
 * @skb: at its UDP header, whose checksum is verified; or a train of such
 * Context: BH disabled, RCU. Return: 0, always: it is consumed.
 */
int lw_vxlan_receive(struct sock *sk, struct sk_buff *skb)
{
	struct lw_underlay *ul = lw_underlay_get(sock_net(sk));
	unsigned int outer = sizeof(struct udphdr) + LW_GPE_LEN;

	if (skb_is_gso(skb)) {
		lw_arrive(skb, &lw_encap_vxlan, sk->sk_family, udp_hdr(skb));
		__skb_pull(skb, sizeof(struct udphdr));
		lw_receive_train(ul, skb);
		return 0;
	}
	/* a segment of a super-packet that UDP has cut up still points to the one behind it */
	skb_mark_not_on_list(skb);
	if (unlikely(!pskb_may_pull(skb, outer) ||
		     get_unaligned_be32(skb->data + sizeof(struct udphdr)) != LW_GPE_WORD)) {
		lw_rx_unknown(ul, skb, LW_STAT(RX_MALFORMED));
		return 0;
	}
	lw_arrive(skb, &lw_encap_vxlan, sk->sk_family, udp_hdr(skb));
	__skb_pull(skb, outer);
	lw_receive(ul, skb);
	return 0;
}

/**
 * lw_vxlan_error - an ICMP error for a packet from one of our ports: is it one that we sent?
 * @sk: the socket
 * @skb: network header at the quoted IP header, transport header at the quoted UDP header
 * Return: 0 if it may change a route's MTU; -ENOENT if not.
 */
int lw_vxlan_error(struct sock *sk, struct sk_buff *skb)
{
	int at = skb_transport_offset(skb) + (int)sizeof(struct udphdr) + LW_GPE_LEN;
	const __be32 *shim = NULL;
	struct lw_addr remote, local;
	__be16 dst_port;

	if (pskb_may_pull(skb, at + (int)sizeof(*shim)))
		shim = (const void *)skb->data + at;
	else if (!pskb_may_pull(skb, skb_transport_offset(skb) + (int)sizeof(struct udphdr)))
		return -ENOENT;
	dst_port = udp_hdr(skb)->dest;
	if (sk->sk_family == AF_INET) {
		remote.v4 = ip_hdr(skb)->daddr;
		local.v4 = ip_hdr(skb)->saddr;
	} else {
		remote.v6 = ipv6_hdr(skb)->daddr;
		local.v6 = ipv6_hdr(skb)->saddr;
	}
	return lw_quoted(lw_underlay_get(sock_net(sk)), &lw_encap_vxlan, sk->sk_family, &remote,
			 &local, dst_port, shim) ? 0 : -ENOENT;
}

const struct lw_encap_ops lw_encap_vxlan = {
	.overhead	= sizeof(struct udphdr) + LW_GPE_LEN,
	.prefix		= LW_GPE_LEN,
	.word		= LW_GPE_WORD,
	.trains		= true,
	.l2		= true,
	.socket		= true,
	.proto		= lw_vxlan_proto,
	.send		= lw_vxlan_send,
};
