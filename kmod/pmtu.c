// SPDX-License-Identifier: GPL-2.0
/*
 * What is too big for the way to the peer. Senders are told: by their route, by ICMP, by ICMP made
 * for a bridge; IPv4 without DF is cut to fit, since who forwarded it ignores learnt MTUs.
 */

#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/if_bridge.h>
#include <linux/if_vlan.h>
#include <net/icmp.h>
#include <net/ip.h>
#include <net/ip_tunnels.h>
#include "compat.h"
#include "route.h"

/**
 * lw_fits - is a packet small enough?
 * @wire: that it is sent by
 * @skb: at the Ethernet header of an L2 wire, at the IP header of an L3 wire
 * @mtu: as the device's: without the Ethernet header
 * Return: true if it, or each segment of it, fits.
 */
bool lw_fits(const struct lw_wire *wire, const struct sk_buff *skb, unsigned int mtu)
{
	unsigned int l2 = wire->mode == LINKWIRE_MODE_L2 ? ETH_HLEN : 0;

	if (!skb_is_gso(skb))
		return skb->len <= mtu + l2;
	/* a frame with a tag is longer by it */
	return l2 ? skb_gso_validate_mac_len(skb, mtu + l2) :
		    skb_gso_validate_network_len(skb, mtu);
}

/* struct lw_cut - what ip_do_fragment() is given as a route, and where its fragments are gathered */
struct lw_cut {
	struct rtable		rt;
	struct sk_buff		*list;
	struct sk_buff		**tail;
	unsigned int		l2_len;
	u8			l2[ETH_HLEN];
};

static unsigned int lw_cut_mtu(const struct dst_entry *dst)
{
	return dst->dev->mtu;
}

static struct dst_ops lw_cut_ops = {
	.family	= AF_UNSPEC,
	.mtu	= lw_cut_mtu,
};

static int lw_cut_output(struct net *net, struct sock *sk, struct sk_buff *skb)
{
	struct lw_cut *cut = container_of(skb_dst(skb), struct lw_cut, rt.dst);

	skb_dst_drop(skb);	/* it is on the stack of lw_cut() */
	if (skb_cow_head(skb, cut->l2_len)) {
		kfree_skb(skb);
		return -ENOMEM;
	}
	if (cut->l2_len) {
		memcpy(skb_push(skb, cut->l2_len), cut->l2, cut->l2_len);
		skb_reset_mac_header(skb);
	}
	skb_mark_not_on_list(skb);
	*cut->tail = skb;
	cut->tail = &skb->next;
	return 0;
}

/*
 * IPv4 without DF: a list of fragments that fit, or NULL. @skb is gone. The route on the stack is
 * referred to by the fragments only inside ip_do_fragment(): lw_cut_output() drops it from each.
 */
static struct sk_buff *lw_cut(struct lw_wire *wire, struct sk_buff *skb, unsigned int mtu)
{
	struct lw_cut cut = {
		.tail	= &cut.list,
		.l2_len	= wire->mode == LINKWIRE_MODE_L2 ? ETH_HLEN : 0,
	};

	lw_dst_init(&cut.rt.dst, &lw_cut_ops);
	cut.rt.dst.dev = wire->dev;
	memcpy(cut.l2, skb->data, cut.l2_len);
	skb_pull(skb, cut.l2_len);
	skb_reset_network_header(skb);
	skb_dst_drop(skb);
	skb_dst_set_noref(skb, &cut.rt.dst);
	memset(IPCB(skb), 0, sizeof(*IPCB(skb)));
	IPCB(skb)->frag_max_size = mtu;
	ip_do_fragment(dev_net(wire->dev), NULL, skb, lw_cut_output);
	return cut.list;
}

/**
 * lw_may_cut - may a packet be fragmented on its way?
 * @wire: that it is sent by
 * @skb: likewise
 * Return: true for IPv4 without DF.
 */
bool lw_may_cut(const struct lw_wire *wire, struct sk_buff *skb)
{
	unsigned int l2 = wire->mode == LINKWIRE_MODE_L2 ? ETH_HLEN : 0;
	const struct iphdr *ip;

	if (skb->protocol != htons(ETH_P_IP) || !pskb_may_pull(skb, l2 + sizeof(*ip)) ||
	    (l2 && ((struct ethhdr *)skb->data)->h_proto != htons(ETH_P_IP)))
		return false;
	ip = (void *)skb->data + l2;
	if (ip->version != 4 || ip->ihl < 5 || ip->frag_off & htons(IP_DF))
		return false;
	/* ip_do_fragment() copies the header from what is linear, whatever there is */
	return pskb_may_pull(skb, l2 + ip->ihl * 4);
}

/* a bridge forwards without any route: the answer comes in by the wire, as from behind the peer */
static void lw_answer_bridge(struct lw_wire *wire, struct sk_buff *skb, struct dst_entry *dst)
{
	int err = skb_tunnel_check_pmtu(skb, dst, lw_overhead(wire, dst->ops->family), true);

	if (err <= 0 || !pskb_may_pull(skb, ETH_HLEN)) {
		kfree_skb(skb);
		return;
	}
	/* the packet's conntrack entry, bridge port and mark are not the answer's */
	skb_scrub_packet(skb, true);
	skb->protocol = eth_type_trans(skb, wire->dev);
	netif_rx(skb);
}

static void lw_answer(struct sk_buff *skb, unsigned int mtu)
{
	unsigned int l2 = skb_network_offset(skb);
	__be16 proto = skb->protocol;

	/* from a VLAN device on the wire: what its packets have is less by the tags */
	if (eth_type_vlan(proto) && l2 > ETH_HLEN && l2 <= min(skb_headlen(skb), mtu)) {
		proto = *(__be16 *)(skb->data + l2 - sizeof(proto));
		mtu -= l2 - ETH_HLEN;
	}
	skb_dst_update_pmtu_no_confirm(skb, mtu);
	if (proto == htons(ETH_P_IP))
		icmp_ndo_send(skb, ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, htonl(mtu));
	else if (proto == htons(ETH_P_IPV6))
		icmpv6_ndo_send(skb, ICMPV6_PKT_TOOBIG, 0, max_t(u32, mtu, IPV6_MIN_MTU));
	kfree_skb(skb);
}

/**
 * lw_too_big - a packet that lw_fits() does not let through
 * @wire: that it was sent by
 * @skb: gone; not a super-packet, or one with DF
 * @dst: the route to the peer
 * @mtu: what would fit
 *
 * Context: BH disabled, RCU. Return: a list of fragments to send instead; NULL if there are none,
 * and the sender was told where that is possible.
 */
struct sk_buff *lw_too_big(struct lw_wire *wire, struct sk_buff *skb, struct dst_entry *dst,
			   unsigned int mtu)
{
	if (!skb_is_gso(skb) && lw_may_cut(wire, skb)) {
		if (skb->ip_summed != CHECKSUM_PARTIAL || !skb_checksum_help(skb))
			return lw_cut(wire, skb, mtu);
		kfree_skb(skb);
	} else if (netif_is_any_bridge_port(wire->dev)) {
		lw_answer_bridge(wire, skb, dst);
	} else {
		lw_answer(skb, mtu);
	}
	return NULL;
}
