// SPDX-License-Identifier: GPL-2.0
/*
 * What is inside. Nothing here trusts a length or a type: a peer is who holds the key, and may be
 * hostile all the same.
 */

#include <linux/etherdevice.h>
#include <linux/if_arp.h>
#include <linux/if_vlan.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/inet_ecn.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/ndisc.h>
#include "inner.h"
#include "sources.h"

/* struct lw_inner - where the IP header is */
struct lw_inner {
	__be16		proto;	/* ETH_P_IP or ETH_P_IPV6 */
	unsigned int	offset;	/* from skb->data */
	unsigned int	tags;	/* VLAN tags before it */
};

/* The first byte of an IP packet says which; a frame's type does, behind up to two VLAN tags. */
static bool lw_inner_find(u8 mode, struct sk_buff *skb, struct lw_inner *in)
{
	in->offset = 0;
	in->tags = 0;
	if (mode == LINKWIRE_MODE_L3) {
		if (!pskb_may_pull(skb, 1))
			return false;
		in->proto = skb->data[0] >> 4 == 4 ? htons(ETH_P_IP) :
			    skb->data[0] >> 4 == 6 ? htons(ETH_P_IPV6) : 0;
	} else {
		if (!pskb_may_pull(skb, ETH_HLEN))
			return false;
		in->offset = ETH_HLEN;
		in->proto = ((struct ethhdr *)skb->data)->h_proto;
		while (eth_type_vlan(in->proto)) {
			if (++in->tags > 2 || !pskb_may_pull(skb, in->offset + VLAN_HLEN))
				return false;
			in->proto = ((struct vlan_hdr *)(skb->data + in->offset))->
					h_vlan_encapsulated_proto;
			in->offset += VLAN_HLEN;
		}
	}
	if (in->proto == htons(ETH_P_IP))
		return pskb_may_pull(skb, in->offset + sizeof(struct iphdr));
	if (in->proto == htons(ETH_P_IPV6))
		return pskb_may_pull(skb, in->offset + sizeof(struct ipv6hdr));
	return false;
}

/**
 * lw_inner_sendable - may a wire carry this?
 * @wire: the wire
 * @skb: to be sent
 * Return: false for what is no IP packet on an L3 wire, or no frame on an L2 wire.
 */
bool lw_inner_sendable(const struct lw_wire *wire, struct sk_buff *skb)
{
	struct lw_inner in;

	if (wire->mode == LINKWIRE_MODE_L2)
		return pskb_may_pull(skb, ETH_HLEN);
	return lw_inner_find(LINKWIRE_MODE_L3, skb, &in) && skb->protocol == in.proto;
}

/**
 * lw_inner_marks - DSCP, ECN and TTL of what is inside
 * @wire: the wire
 * @skb: to be sent
 * @tos: set, if there is an IP header
 * @ttl: likewise
 */
void lw_inner_marks(const struct lw_wire *wire, struct sk_buff *skb, u8 *tos, u8 *ttl)
{
	struct lw_inner in;

	if (!lw_inner_find(wire->mode, skb, &in))
		return;
	if (in.proto == htons(ETH_P_IP)) {
		const struct iphdr *ip = (void *)skb->data + in.offset;

		*tos = ip->tos;
		*ttl = ip->ttl;
	} else {
		const struct ipv6hdr *ip = (void *)skb->data + in.offset;

		*tos = ipv6_get_dsfield(ip);
		*ttl = ip->hop_limit;
	}
}

/* L3: a header whose lengths hold, and nothing behind its end */
static bool lw_inner_trim(struct sk_buff *skb, const struct lw_inner *in)
{
	unsigned int len;

	if (in->proto == htons(ETH_P_IP)) {
		const struct iphdr *ip = (void *)skb->data;

		len = ntohs(ip->tot_len);
		if (ip->ihl < 5 || len < ip->ihl * 4)
			return false;
	} else {
		len = sizeof(struct ipv6hdr) + ntohs(((struct ipv6hdr *)skb->data)->payload_len);
	}
	if (len > skb->len)
		return false;
	skb->protocol = in->proto;
	return !pskb_trim(skb, len);
}

/* struct lw_sum - where a TCP or UDP checksum is, from skb->data */
struct lw_sum {
	unsigned int	start;
	unsigned int	end;
	unsigned int	field;	/* from @start */
};

/* found by the headers alone, and only where those are plain */
static bool lw_inner_sum(struct sk_buff *skb, const struct lw_inner *in, struct lw_sum *sum)
{
	u8 proto;

	if (in->tags > 1)
		return false;
	if (in->proto == htons(ETH_P_IP)) {
		const struct iphdr *ip = (void *)skb->data + in->offset;

		if (ip->ihl != 5 || ip_is_fragment(ip))
			return false;
		sum->start = in->offset + sizeof(*ip);
		sum->end = in->offset + ntohs(ip->tot_len);
		proto = ip->protocol;
	} else {
		const struct ipv6hdr *ip = (void *)skb->data + in->offset;

		sum->start = in->offset + sizeof(*ip);
		sum->end = sum->start + ntohs(ip->payload_len);
		proto = ip->nexthdr;
	}
	if (proto == IPPROTO_TCP && sum->end >= sum->start + sizeof(struct tcphdr))
		sum->field = offsetof(struct tcphdr, check);
	else if (proto == IPPROTO_UDP && sum->end >= sum->start + sizeof(struct udphdr))
		sum->field = offsetof(struct udphdr, check);
	else
		return false;
	return true;
}

/**
 * lw_inner_partial - may a packet's checksum be left as it is, for the receiver?
 * @wire: that it is sent by
 * @skb: CHECKSUM_PARTIAL
 * Return: true if the receiver will find it by lw_inner_csum().
 */
bool lw_inner_partial(const struct lw_wire *wire, struct sk_buff *skb)
{
	struct lw_inner in;
	struct lw_sum sum;

	return lw_inner_find(wire->mode, skb, &in) && lw_inner_sum(skb, &in, &sum) &&
	       sum.end == skb->len && skb_checksum_start_offset(skb) == sum.start &&
	       skb->csum_offset == sum.field;
}

/* The sender left the L4 checksum partial: its field holds the pseudo header's sum. */
static bool lw_inner_csum(struct sk_buff *skb, const struct lw_inner *in)
{
	struct lw_sum sum;

	/* a frame's padding would be summed too */
	return lw_inner_sum(skb, in, &sum) && sum.end <= skb->len && !pskb_trim(skb, sum.end) &&
	       skb_partial_csum_set(skb, sum.start, sum.field);
}

/* RFC 6040, 4.2. Return: false if the packet has to be dropped. */
static bool lw_inner_ecn(struct sk_buff *skb, const struct lw_inner *in, u8 outer_tos)
{
	struct ipv6hdr *ip6 = (void *)skb->data + in->offset;
	struct iphdr *ip = (void *)skb->data + in->offset;
	bool v4 = in->proto == htons(ETH_P_IP), ce = false;

	if (__INET_ECN_decapsulate(outer_tos, v4 ? ip->tos : ipv6_get_dsfield(ip6), &ce) > 1)
		return false;
	if (ce && v4)
		IP_ECN_set_ce(ip);
	else if (ce)
		IP6_ECN_set_ce(skb, ip6);
	else if ((outer_tos & INET_ECN_MASK) == INET_ECN_ECT_1 && v4)
		IP_ECN_set_ect1(ip);	/* does nothing unless it is ECT(0) */
	else if ((outer_tos & INET_ECN_MASK) == INET_ECN_ECT_1)
		IP6_ECN_set_ect1(skb, ip6);
	return true;
}

/* ARP over Ethernet, of IPv4 */
struct lw_arp {
	struct arphdr	head;
	u8		sender_mac[ETH_ALEN];
	__be32		sender;
	u8		target_mac[ETH_ALEN];
	__be32		target;
} __packed;

/* It tells where its sender's address is; a probe, which has none, asks only (RFC 5227). */
static bool lw_inner_arp_allowed(const struct lw_sources *sources, const struct sk_buff *skb,
				 unsigned int offset)
{
	const struct lw_arp *arp = (void *)skb->data + offset;

	if (skb->len < offset + sizeof(*arp) || arp->head.ar_hrd != htons(ARPHRD_ETHER) ||
	    arp->head.ar_pro != htons(ETH_P_IP) || arp->head.ar_hln != ETH_ALEN ||
	    arp->head.ar_pln != sizeof(arp->sender))
		return false;
	if (lw_sources_have_macs(sources) && !lw_sources_mac(sources, arp->sender_mac))
		return false;
	if (!arp->sender)
		return arp->head.ar_op == htons(ARPOP_REQUEST);
	return lw_sources_ipv4(sources, arp->sender);
}

static bool lw_inner_ip6_listed(const struct lw_sources *sources, const struct in6_addr *addr)
{
	/* fe80::/10; ipv6_addr_type() says that of ff02::/16, too */
	return (addr->s6_addr32[0] & htonl(0xffc00000)) == htonl(0xfe800000) ||
	       lw_sources_ipv6(sources, addr);
}

/*
 * Neighbour discovery needs link-local addresses and, before there is any, the unspecified one, for
 * ICMP only. Where there are neighbours, an advertisement is to them what a reply is to ARP, and is
 * held to the address that it is about; in fragments it is nothing (RFC 6980), nor is a packet whose
 * headers cannot be followed (RFC 7112). Nothing is read behind the packet's own end: a receiver
 * cuts what a frame has there, and would find something else in its place.
 */
static bool lw_inner_ip6_allowed(const struct lw_sources *sources, u8 mode,
				 const struct sk_buff *skb, unsigned int offset)
{
	const struct ipv6hdr *ip = (void *)skb->data + offset;
	bool none = ipv6_addr_any(&ip->saddr);
	const struct nd_msg *nd;
	u8 proto = ip->nexthdr;
	__be16 frag = 0;
	unsigned int end;
	int at;

	if (!none && !lw_inner_ip6_listed(sources, &ip->saddr))
		return false;
	if (!none && mode == LINKWIRE_MODE_L3)
		return true;
	end = min_t(unsigned int, skb->len, offset + sizeof(*ip) + ntohs(ip->payload_len));
	at = ipv6_skip_exthdr(skb, offset + sizeof(*ip), &proto, &frag);
	if (at < 0 || at > end || (none && (proto != IPPROTO_ICMPV6 || frag)))
		return false;
	if (proto != IPPROTO_ICMPV6 || frag & htons(IP6_OFFSET))
		return true;
	nd = (void *)skb->data + at;
	if (end < at + sizeof(nd->icmph))
		return false;
	if (nd->icmph.icmp6_type != NDISC_NEIGHBOUR_ADVERTISEMENT)
		return true;
	return !frag && end >= at + sizeof(*nd) && lw_inner_ip6_listed(sources, &nd->target);
}

/*
 * Does it come from where the wire may deliver from? Nothing that could carry another packet past
 * this is let through: more tags than are looked behind, and other types than IP and ARP unless the
 * machines that may send them are listed.
 */
static bool lw_inner_allowed(const struct lw_wire *wire, const struct lw_sources *sources,
			     const struct sk_buff *skb, const struct lw_inner *in, bool ip)
{
	const void *head = skb->data + in->offset;

	if (wire->mode == LINKWIRE_MODE_L2 && lw_sources_have_macs(sources) &&
	    !lw_sources_mac(sources, ((const struct ethhdr *)skb->data)->h_source))
		return false;
	switch (in->proto) {
	case htons(ETH_P_IP):
		return ip && ((const struct iphdr *)head)->version == 4 &&
		       lw_sources_ipv4(sources, ((const struct iphdr *)head)->saddr);
	case htons(ETH_P_IPV6):
		return ip && ((const struct ipv6hdr *)head)->version == 6 &&
		       lw_inner_ip6_allowed(sources, wire->mode, skb, in->offset);
	case htons(ETH_P_ARP):
		return lw_inner_arp_allowed(sources, skb, in->offset);
	default:
		return !eth_type_vlan(in->proto) && lw_sources_have_macs(sources);
	}
}

/**
 * lw_inner_deliverable - make what was opened fit to be received
 * @wire: the wire
 * @skb: its data is the plaintext, ours alone and all of it linear; of a TCP super-packet the headers
 * @flags: of the shim
 * @outer_tos: of the outer header
 *
 * Sets the packet's protocol, checksum state and ECN; an L3 packet loses what is behind its end.
 *
 * Context: RCU.
 * Return: 0, or the LW_STAT() of the reason why it must be dropped.
 */
int lw_inner_deliverable(const struct lw_wire *wire, struct sk_buff *skb, u8 flags, u8 outer_tos)
{
	const struct lw_sources *sources = rcu_dereference(wire->conf)->sources;
	struct lw_inner in;
	bool ip = lw_inner_find(wire->mode, skb, &in);

	if (wire->mode == LINKWIRE_MODE_L3) {
		if (!ip || !lw_inner_trim(skb, &in))
			return LW_STAT(RX_INNER);
	} else if (skb->len < ETH_HLEN) {
		return LW_STAT(RX_INNER);
	}
	if (unlikely(sources) && !lw_inner_allowed(wire, sources, skb, &in, ip))
		return LW_STAT(RX_SOURCE);
	skb->ip_summed = CHECKSUM_NONE;
	if (flags & LW_FLAG_CSUM_PARTIAL && (!ip || !lw_inner_csum(skb, &in)))
		return LW_STAT(RX_CSUM);
	if (ip && !lw_inner_ecn(skb, &in, outer_tos))
		return LW_STAT(RX_ECN);
	return 0;
}
