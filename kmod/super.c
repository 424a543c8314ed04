// SPDX-License-Identifier: GPL-2.0
/*
 * Headers of TCP super-packets. One function says what the header of each segment is: a sender cuts by
 * it, and a receiver takes segments for one super-packet only if cutting that would give the very same
 * bytes again. Checksums are left partial, as the flag of the shim says.
 */

#include <linux/ip.h>
#include <linux/skbuff.h>
#include <linux/tcp.h>
#include <net/ip.h>
#include <net/ip6_checksum.h>
#include <net/tcp.h>
#include "super.h"

/* of a TCP header: in segments that are neither first nor last there is nothing but ACK and ECE */
#define LW_TCP_FLAGS	13
#define LW_TCP_NEVER	(TCPHDR_SYN | TCPHDR_RST | TCPHDR_URG)
#define LW_TCP_LAST	(TCPHDR_FIN | TCPHDR_PSH)
#define LW_TCP_FIRST	TCPHDR_CWR

static u8 *lw_tcp_flags(u8 *header, const struct lw_super *s)
{
	return header + s->l4 + LW_TCP_FLAGS;
}

/**
 * lw_super_parse - find the headers of a TCP segment
 * @s: filled, except for @mss
 * @mode: of the wire: what @data begins with
 * @data: the packet, or the beginning of it
 * @len: bytes there
 *
 * Plain headers only: Ethernet with one tag at most, no fragment, neither IP options nor extension
 * headers.
 *
 * Return: false if it is something else.
 */
bool lw_super_parse(struct lw_super *s, u8 mode, const u8 *data, unsigned int len)
{
	const struct iphdr *ip;
	const struct tcphdr *tcp;
	bool l2 = mode == LINKWIRE_MODE_L2;
	__be16 proto = 0;

	s->l3 = 0;
	if (l2) {
		if (len < ETH_HLEN + VLAN_HLEN)
			return false;
		s->l3 = ETH_HLEN;
		proto = ((const struct ethhdr *)data)->h_proto;
		if (eth_type_vlan(proto)) {
			s->l3 += VLAN_HLEN;
			proto = ((const struct vlan_ethhdr *)data)->h_vlan_encapsulated_proto;
		}
	}
	if (len < s->l3 + sizeof(struct ipv6hdr) + sizeof(struct tcphdr))
		return false;
	ip = (const void *)data + s->l3;
	s->v4 = ip->version == 4;
	if (s->v4) {
		if ((l2 && proto != htons(ETH_P_IP)) || ip->ihl != 5 ||
		    ip->protocol != IPPROTO_TCP || ip_is_fragment(ip))
			return false;
		s->l4 = s->l3 + sizeof(struct iphdr);
	} else {
		if ((l2 && proto != htons(ETH_P_IPV6)) || ip->version != 6 ||
		    ((const struct ipv6hdr *)ip)->nexthdr != IPPROTO_TCP)
			return false;
		s->l4 = s->l3 + sizeof(struct ipv6hdr);
	}
	tcp = (const void *)data + s->l4;
	s->len = s->l4 + tcp->doff * 4;
	if (tcp->doff < sizeof(*tcp) / 4 || s->len >= len)
		return false;
	memcpy(s->header, data, s->len);
	return true;
}

/**
 * lw_super_cuttable - can this super-packet be cut here, rather than by the stack?
 * @s: filled
 * @mode: of the wire that it is sent by
 * @skb: a super-packet
 * Return: false if it is nothing that this file knows.
 */
bool lw_super_cuttable(struct lw_super *s, u8 mode, const struct sk_buff *skb)
{
	const struct skb_shared_info *sh = skb_shinfo(skb);
	unsigned int len = min_t(unsigned int, skb->len, LW_SUPER_HEADER_MAX + 1);
	u8 buf[LW_SUPER_HEADER_MAX + 1];
	const u8 *data;

	if (sh->gso_type & ~(SKB_GSO_TCPV4 | SKB_GSO_TCPV6 | SKB_GSO_TCP_ECN | SKB_GSO_DODGY) ||
	    !(sh->gso_type & (SKB_GSO_TCPV4 | SKB_GSO_TCPV6)) || !sh->gso_size ||
	    skb->ip_summed != CHECKSUM_PARTIAL)
		return false;
	/* not pulled: TCP's own are clones, and would be copied for it */
	data = skb_header_pointer(skb, 0, len, buf);
	if (!data || !lw_super_parse(s, mode, data, len))
		return false;
	s->mss = sh->gso_size;
	return s->v4 == !!(sh->gso_type & SKB_GSO_TCPV4) &&
	       skb_checksum_start_offset(skb) == s->l4 &&
	       skb->csum_offset == offsetof(struct tcphdr, check) &&
	       !(*lw_tcp_flags(s->header, s) & LW_TCP_NEVER);
}

static __sum16 lw_super_pseudo(const struct lw_super *s, const u8 *header, unsigned int len,
			       __wsum sum)
{
	const struct ipv6hdr *ip6 = (const void *)header + s->l3;
	const struct iphdr *ip = (const void *)header + s->l3;

	return s->v4 ? csum_tcpudp_magic(ip->saddr, ip->daddr, len, IPPROTO_TCP, sum) :
		       csum_ipv6_magic(&ip6->saddr, &ip6->daddr, len, IPPROTO_TCP, sum);
}

/**
 * lw_super_header - the headers of a segment
 * @s: the super-packet
 * @to: written, @s->len bytes
 * @i: which segment, from 0
 * @payload: of this segment, bytes
 * @last: it is the last one
 */
void lw_super_header(const struct lw_super *s, u8 *to, unsigned int i, unsigned int payload,
		     bool last)
{
	unsigned int len = s->len - s->l4 + payload;
	struct tcphdr *tcp = (void *)to + s->l4;

	memcpy(to, s->header, s->len);
	if (s->v4) {
		struct iphdr *ip = (void *)to + s->l3;

		ip->tot_len = htons(sizeof(*ip) + len);
		ip->id = htons(ntohs(ip->id) + i);
		ip->check = 0;
		ip->check = ip_fast_csum(ip, 5);
	} else {
		((struct ipv6hdr *)(to + s->l3))->payload_len = htons(len);
	}
	tcp->seq = htonl(ntohl(tcp->seq) + i * s->mss);
	if (i)
		*lw_tcp_flags(to, s) &= ~LW_TCP_FIRST;
	if (!last)
		*lw_tcp_flags(to, s) &= ~LW_TCP_LAST;
	tcp->check = ~lw_super_pseudo(s, to, len, 0);
}

/**
 * lw_super_sum - sum a segment up, for a peer that takes no partial checksums
 * @s: the super-packet
 * @segment: headers and payload, in one piece
 * @payload: bytes
 */
void lw_super_sum(const struct lw_super *s, u8 *segment, unsigned int payload)
{
	struct tcphdr *tcp = (void *)segment + s->l4;
	unsigned int len = s->len - s->l4 + payload;

	tcp->check = 0;
	tcp->check = lw_super_pseudo(s, segment, len, csum_partial(tcp, len, 0));
}

/**
 * lw_super_begins - can a super-packet begin with this segment?
 * @s: of the segment's headers
 * @payload: of the segment, bytes
 * Return: true if there is nothing in its headers that its followers would lose.
 */
bool lw_super_begins(const struct lw_super *s, unsigned int payload)
{
	u8 flags = s->header[s->l4 + LW_TCP_FLAGS];

	return !(flags & (LW_TCP_NEVER | LW_TCP_LAST)) && flags & TCPHDR_ACK &&
	       lw_super_follows(s, s->header, 0, payload, false);
}

/**
 * lw_super_follows - is this segment what cutting would give?
 * @s: the super-packet
 * @header: of the segment, @s->len bytes
 * @i: which segment it would be, from 0
 * @payload: of the segment, bytes
 * @last: it would be the last one
 * Return: true if its headers are what lw_super_header() makes.
 */
bool lw_super_follows(const struct lw_super *s, const u8 *header, unsigned int i,
		      unsigned int payload, bool last)
{
	u8 same[LW_SUPER_HEADER_MAX];

	lw_super_header(s, same, i, payload, last);
	if (last)
		*lw_tcp_flags(same, s) |= header[s->l4 + LW_TCP_FLAGS] & LW_TCP_LAST;
	return !memcmp(same, header, s->len);
}

/**
 * lw_super_join - the super-packet ends with this segment
 * @s: gets what only the last segment has
 * @header: of that segment
 */
void lw_super_join(struct lw_super *s, const u8 *header)
{
	*lw_tcp_flags(s->header, s) |= header[s->l4 + LW_TCP_FLAGS] & LW_TCP_LAST;
}

/**
 * lw_super_gso_type - what the stack calls a super-packet
 * @s: the super-packet
 * Return: SKB_GSO_*.
 */
unsigned int lw_super_gso_type(const struct lw_super *s)
{
	return (s->v4 ? SKB_GSO_TCPV4 : SKB_GSO_TCPV6) |
	       (s->header[s->l4 + LW_TCP_FLAGS] & LW_TCP_FIRST ? SKB_GSO_TCP_ECN : 0);
}
