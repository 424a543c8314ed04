// SPDX-License-Identifier: GPL-2.0
/*
 * Trains that arrive whole are kept whole. UDP takes a super-packet for a tunnel's socket apart unless
 * its sender marked it as tunnelled; a sender that did would have devices on the way look for inner
 * headers that are not there. So it is marked here, where no device will see it any more: a netfilter
 * hook behind all others, for packets to this machine, in each netns that has a port of ours.
 */

#include <linux/netfilter.h>
#include <linux/netfilter_ipv4.h>
#include <linux/netfilter_ipv6.h>
#include <linux/skbuff.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include "socket.h"

/* Context: RCU */
static unsigned int lw_keep(void *priv, struct sk_buff *skb, const struct nf_hook_state *state)
{
	struct lw_underlay *ul = lw_underlay_get(state->net);
	struct lw_port_key key = { .family = state->pf };
	const struct udphdr *udp;
	struct udphdr buf;
	u8 proto;

	if (likely(!skb_is_gso(skb)) || !(skb_shinfo(skb)->gso_type & SKB_GSO_UDP_L4))
		return NF_ACCEPT;
	proto = state->pf == NFPROTO_IPV4 ? ip_hdr(skb)->protocol : ipv6_hdr(skb)->nexthdr;
	udp = skb_header_pointer(skb, skb_transport_offset(skb), sizeof(buf), &buf);
	if (proto != IPPROTO_UDP || !udp)
		return NF_ACCEPT;
	key.port = udp->dest;
	/* what tcpdump has of it stays as it came; without memory, it is taken apart */
	if (rhashtable_lookup(&ul->ports, &key, lw_ports_params) &&
	    !skb_unclone(skb, GFP_ATOMIC | __GFP_NOWARN))
		skb_shinfo(skb)->gso_type |= SKB_GSO_UDP_TUNNEL_CSUM;
	return NF_ACCEPT;
}

static const struct nf_hook_ops lw_keep_ops[] = {
	{
		.hook		= lw_keep,
		.pf		= NFPROTO_IPV4,
		.hooknum	= NF_INET_LOCAL_IN,
		.priority	= NF_IP_PRI_LAST,
	}, {
		.hook		= lw_keep,
		.pf		= NFPROTO_IPV6,
		.hooknum	= NF_INET_LOCAL_IN,
		.priority	= NF_IP6_PRI_LAST,
	},
};

/**
 * lw_keep_begin - the underlay has a port now
 * @ul: the underlay
 *
 * Without memory for it, trains are taken apart by UDP: slower, nothing else.
 *
 * Context: process, rtnl.
 */
void lw_keep_begin(struct lw_underlay *ul)
{
	ul->keeps = !nf_register_net_hooks(ul->net, lw_keep_ops, ARRAY_SIZE(lw_keep_ops));
}

/**
 * lw_keep_end - the underlay has no port any more
 * @ul: the underlay
 * Context: process, rtnl. Who is in the hook stays there for no longer than a grace period.
 */
void lw_keep_end(struct lw_underlay *ul)
{
	if (ul->keeps)
		nf_unregister_net_hooks(ul->net, lw_keep_ops, ARRAY_SIZE(lw_keep_ops));
	ul->keeps = false;
}
