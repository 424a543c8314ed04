// SPDX-License-Identifier: GPL-2.0
/* IP in IP: the shim stands right behind the outer IP header. Protocol 253 (RFC 3692). */

#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/moduleparam.h>
#include <net/protocol.h>
#include "compat.h"
#include "encap.h"

/* The kernel's table of protocols is one for all netns: whoever loads the module chooses, no tenant. */
static unsigned short ipip_proto = 253;
module_param(ipip_proto, ushort, 0444);
MODULE_PARM_DESC(ipip_proto, "IP protocol number of the ipip encapsulation (default 253)");

static u8 lw_ipip_proto(void)
{
	return ipip_proto;
}

static void lw_ipip_send(struct sock *sk, struct sk_buff *skb, struct lw_path *path)
{
	struct ipv6hdr *ip6;

	if (path->family == AF_INET) {
		lw_iptunnel_xmit(dst_rtable(path->dst), skb, path->local.v4, path->remote.v4,
				 ipip_proto, path->tos, path->ttl);
		return;
	}
	skb_scrub_packet(skb, false);
	skb_dst_set(skb, path->dst);
	ip6 = skb_push(skb, sizeof(*ip6));
	skb_reset_network_header(skb);
	ip6_flow_hdr(ip6, path->tos, 0);
	ip6->payload_len = htons(skb->len - sizeof(*ip6));
	ip6->nexthdr = ipip_proto;
	ip6->hop_limit = path->ttl;
	ip6->saddr = path->local.v6;
	ip6->daddr = path->remote.v6;
	lw_ip6tunnel_xmit(skb);
}

/* at the shim */
static int lw_ipip_receive(struct sk_buff *skb, u8 family)
{
	struct lw_underlay *ul = lw_underlay_get(dev_net(skb->dev));

	skb_mark_not_on_list(skb);
	lw_arrive(skb, &lw_encap_ipip, family, NULL);
	lw_receive(ul, skb);
	return 0;
}

static int lw_ipip4_receive(struct sk_buff *skb)
{
	return lw_ipip_receive(skb, AF_INET);
}

static int lw_ipip6_receive(struct sk_buff *skb)
{
	return lw_ipip_receive(skb, AF_INET6);
}

static int lw_ipip4_error(struct sk_buff *skb, u32 info)
{
	const struct iphdr *ip = (const struct iphdr *)skb->data;
	struct net *net = dev_net(skb->dev);
	unsigned int at = ip->ihl * 4;
	struct lw_addr remote = { .v4 = ip->daddr }, local = { .v4 = ip->saddr };
	const __be32 *shim = NULL;
	const struct lw_wire *wire;

	if (icmp_hdr(skb)->type != ICMP_DEST_UNREACH || icmp_hdr(skb)->code != ICMP_FRAG_NEEDED)
		return 0;
	if (pskb_may_pull(skb, at + sizeof(*shim)))
		shim = (const void *)skb->data + at;
	wire = lw_quoted(lw_underlay_get(net), &lw_encap_ipip, AF_INET, &remote, &local, 0, shim);
	if (!wire)
		return -ENOENT;
	ipv4_update_pmtu(skb, net, info, rcu_dereference(wire->conf)->link, ipip_proto);
	return 0;
}

static int lw_ipip6_error(struct sk_buff *skb, struct inet6_skb_parm *opt, u8 type, u8 code,
			  int offset, __be32 info)
{
	const struct ipv6hdr *ip = (const struct ipv6hdr *)skb->data;
	struct net *net = dev_net(skb->dev);
	struct lw_addr remote = { .v6 = ip->daddr }, local = { .v6 = ip->saddr };
	const __be32 *shim = NULL;
	const struct lw_wire *wire;
	const struct lw_conf *conf;

	if (type != ICMPV6_PKT_TOOBIG)
		return 0;
	if (pskb_may_pull(skb, offset + sizeof(*shim)))
		shim = (const void *)skb->data + offset;
	wire = lw_quoted(lw_underlay_get(net), &lw_encap_ipip, AF_INET6, &remote, &local, 0, shim);
	if (!wire)
		return -ENOENT;
	conf = rcu_dereference(wire->conf);
	ip6_update_pmtu(skb, net, info, conf->link, conf->fwmark, sock_net_uid(net, NULL));
	return 0;
}

static const struct net_protocol lw_ipip4 = {
	.handler	= lw_ipip4_receive,
	.err_handler	= lw_ipip4_error,
};

static const struct inet6_protocol lw_ipip6 = {
	.handler	= lw_ipip6_receive,
	.err_handler	= lw_ipip6_error,
	.flags		= INET6_PROTO_FINAL,
};

/**
 * lw_ipip_init - take the protocol number
 * Return: 0; -EBUSY if it is taken; -EINVAL.
 */
int __init lw_ipip_init(void)
{
	if (!ipip_proto || ipip_proto > 254)
		return -EINVAL;
	if (inet_add_protocol(&lw_ipip4, ipip_proto))
		goto taken;
	if (inet6_add_protocol(&lw_ipip6, ipip_proto)) {
		inet_del_protocol(&lw_ipip4, ipip_proto);
		goto taken;
	}
	return 0;
taken:
	pr_err("linkwire: IP protocol %u is taken: choose another by ipip_proto=\n", ipip_proto);
	return -EBUSY;
}

/**
 * lw_ipip_exit - give the protocol number back; waits for those inside
 */
void lw_ipip_exit(void)
{
	inet6_del_protocol(&lw_ipip6, ipip_proto);
	inet_del_protocol(&lw_ipip4, ipip_proto);
}

const struct lw_encap_ops lw_encap_ipip = {
	.proto		= lw_ipip_proto,
	.send		= lw_ipip_send,
};
