// SPDX-License-Identifier: GPL-2.0
/*
 * A packet's way up, top to bottom: entry, SA, checks, window, open, window, inside, up.
 */

#include <linux/etherdevice.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include "aead.h"
#include "compat.h"
#include "encap.h"
#include "inner.h"
#include "trace.h"

/* @skb: NULL if it is gone already */
static void lw_rx_drop(struct lw_wire *wire, struct sk_buff *skb, unsigned int why)
{
	lw_stats_inc(wire->stats, why);
	trace_lw_drop(wire->dev, why);
	kfree_skb(skb);
}

/**
 * lw_rx_unknown - drop a packet of which no wire is known
 * @ul: the netns that it came in by
 * @skb: gone
 * @why: LW_STAT() of the reason
 * Context: BH disabled.
 */
void lw_rx_unknown(struct lw_underlay *ul, struct sk_buff *skb, unsigned int why)
{
	lw_stats_inc(ul->stats, why);
	trace_lw_drop(NULL, why);
	kfree_skb(skb);
}

/* opened, and all is well: to the device */
static void lw_rx_up(struct lw_wire *wire, struct sk_buff *skb)
{
	bool xnet = !net_eq(dev_net(wire->dev), wire->underlay->net);
	unsigned int len = skb->len;

	/* down since it was decrypted; what GRO drops is added to ip -s link by the core, as rx_overrun only */
	if (unlikely(!(READ_ONCE(wire->dev->flags) & IFF_UP)))
		return lw_rx_drop(wire, skb, LW_STAT(RX_DOWN));
	skb_scrub_packet(skb, xnet);
	skb_clear_hash(skb);
	skb_set_queue_mapping(skb, 0);
	skb->dev = wire->dev;
	skb->encapsulation = 0;
	skb->mark = 0;
	skb_reset_mac_header(skb);
	if (wire->mode == LINKWIRE_MODE_L2)
		skb->protocol = eth_type_trans(skb, wire->dev);
	else
		skb->pkt_type = PACKET_HOST;
	skb_reset_network_header(skb);
	skb_reset_transport_header(skb);
	skb_reset_inner_headers(skb);

	if (likely(gro_cells_receive(&wire->cells, skb) == NET_RX_SUCCESS))
		lw_stats_passed(wire->stats, LW_STAT(RX_PACKETS), LW_STAT(RX_BYTES), len);
	else
		lw_rx_drop(wire, NULL, LW_STAT(RX_OVERRUN));
}

/*
 * The newest packet of its SA says where the peer is; unless one of a younger SA said so before: a
 * packet that was held back from a key which was replaced since is no news.
 */
static void lw_rx_roam(struct lw_op *op, const struct lw_conf *conf)
{
	struct lw_wire *wire = op->wire;

	if (op->outer.family != conf->family || op->sa->turn < READ_ONCE(wire->heard))
		return;
	WRITE_ONCE(wire->heard, op->sa->turn);
	if (!lw_addr_equal(conf->family, &op->outer.addr, &conf->remote) ||
	    (conf->src_port && op->outer.port != conf->remote_port))
		lw_conf_roam(wire, &op->outer.addr, op->outer.port);
}

/* the window's last word; what an authentic packet tells of the peer */
static bool lw_rx_commit(struct lw_op *op)
{
	struct lw_window *w = &op->sa->windows[0];
	struct lw_wire *wire = op->wire;
	struct lw_conf *conf;
	bool new, newest;

	spin_lock(&w->lock);
	new = lw_window_commit(w, op->packet_number, &newest);
	if (new)
		lw_sa_spend_rx(op->sa, op->len);
	spin_unlock(&w->lock);
	if (!new)
		return false;

	lw_carrier_heard(wire);
	conf = rcu_dereference(wire->conf);
	if (conf->roam && newest)
		lw_rx_roam(op, conf);
	return true;
}

/* nothing in it, or a byte from the peer to us; false: something else */
static bool lw_rx_keepalive(struct lw_wire *wire, struct sk_buff *skb)
{
	u8 note = skb->len ? skb->data[0] : 0;

	if (skb->len && (!note || note & ~LW_NOTES_KNOWN))
		return false;
	lw_stats_inc(wire->stats, LW_STAT(RX_KEEPALIVES));
	consume_skb(skb);
	if (note)
		lw_carrier_note(wire, note);
	return true;
}

static void lw_rx_finish(struct lw_op *op)
{
	struct lw_wire *wire = op->wire;
	struct sk_buff *skb = op->skb;
	int why = 0;

	if (unlikely(op->err)) {
		why = LW_STAT(RX_NO_MEM);
		if (op->err == -EBADMSG) {
			why = LW_STAT(RX_AUTH);
			lw_sa_spend_failed(op->sa);
		}
	} else if (unlikely(!lw_rx_commit(op))) {
		why = LW_STAT(RX_REPLAY);
	}
	if (unlikely(why))
		return lw_rx_drop(wire, skb, why);

	skb_pull(skb, LW_SHIM_LEN);
	skb_trim(skb, op->len);
	if (unlikely(op->len <= LW_NOTE_LEN) && lw_rx_keepalive(wire, skb))
		return;
	why = lw_inner_deliverable(wire, skb, op->outer.flags, op->outer.tos);
	if (unlikely(why))
		return lw_rx_drop(wire, skb, why);
	lw_rx_up(wire, skb);
}

/*
 * The op's buffers. A buffer is opened in place only where all of it is linear and nobody else's:
 * pages may be a file's, brought here by a local sender's splice. Everything else is opened on its
 * way into a new linear buffer.
 */
static struct lw_op *lw_rx_op(struct lw_wire *wire, struct lw_sa *sa, struct sk_buff *src,
			      struct scatterlist **dst)
{
	unsigned int len = src->len, entries;
	struct sk_buff *skb;
	struct lw_op *op;

	if (skb_has_frag_list(src) && skb_linearize(src))
		return NULL;
	if (!skb_is_nonlinear(src) && !skb_cloned(src)) {
		op = lw_op_new(wire, sa, 1);
		if (!op)
			return NULL;
		sg_init_one(op->sg, src->data, len);
		op->skb = src;
		*dst = op->sg;
		return op;
	}

	skb = alloc_skb(NET_SKB_PAD + NET_IP_ALIGN + len, GFP_ATOMIC | __GFP_NOWARN);
	if (!skb)
		return NULL;
	entries = 1 + skb_shinfo(src)->nr_frags;
	op = lw_op_new(wire, sa, entries + 1);
	if (!op)
		goto free;
	skb_reserve(skb, NET_SKB_PAD + NET_IP_ALIGN);
	skb_put(skb, len);
	memcpy(skb->data, src->data, LW_SHIM_LEN);
	sg_init_table(op->sg, entries);
	if (skb_to_sgvec(src, op->sg, 0, len) < 0)
		goto free_op;
	*dst = op->sg + entries;
	sg_init_one(*dst, skb->data, len);
	op->skb = skb;
	op->src = src;
	return op;
free_op:
	lw_op_free(op);
free:
	kfree_skb(skb);
	return NULL;
}

/* what is known of the sender without any cryptography: 0, or the reason to drop */
static int lw_rx_check_outer(const struct lw_wire *wire, const struct lw_conf *conf,
			     struct sk_buff *skb, struct lw_addr *remote)
{
	const struct lw_arrival *from = lw_arrival(skb);
	struct lw_addr local;

	if (from->encap != wire->encap || from->family != conf->family ||
	    (wire->encap->socket && from->dst_port != conf->port))
		return LW_STAT(RX_WRONG_ENCAP);
	if (from->family == AF_INET) {
		remote->v4 = ip_hdr(skb)->saddr;
		local.v4 = ip_hdr(skb)->daddr;
	} else {
		remote->v6 = ipv6_hdr(skb)->saddr;
		local.v6 = ipv6_hdr(skb)->daddr;
	}
	/* an unbound wire is not reached through a VRF */
	if (conf->link ? conf->link != from->iif && conf->link != from->sdif : from->sdif)
		return LW_STAT(RX_WRONG_LOCAL);
	if (!lw_addr_any(conf->family, &conf->local) &&
	    !lw_addr_equal(conf->family, &conf->local, &local))
		return LW_STAT(RX_WRONG_LOCAL);
	if (!conf->roam && !lw_addr_equal(conf->family, &conf->remote, remote) &&
	    !(lw_conf_has_backup(conf) && lw_addr_equal(conf->family, &conf->other, remote)))
		return LW_STAT(RX_WRONG_PEER);
	return 0;
}

static int lw_rx_check_shim(const struct lw_wire *wire, const struct lw_sa *sa, u8 flags, u64 number)
{
	u64 lane = number >> 56;

	if (flags & ~LW_FLAGS_KNOWN)
		return LW_STAT(RX_FLAGS);
	if ((flags & LW_FLAG_IP) != (wire->mode == LINKWIRE_MODE_L3 ? LW_FLAG_IP : 0))
		return LW_STAT(RX_MODE);
	if (lane >= sa->lanes)
		return LW_STAT(RX_LANE);
	if (!lw_window_check(&sa->windows[lane], number & LINKWIRE_COUNTER_MAX))
		return LW_STAT(RX_REPLAY);
	return 0;
}

static void lw_receive_one(struct lw_underlay *ul, struct sk_buff *skb)
{
	struct lw_addr remote = {};
	struct scatterlist *dst;
	struct lw_conf *conf;
	struct lw_wire *wire;
	struct lw_sa *sa;
	struct lw_op *op;
	u64 number;
	u32 word;
	int why;

	/* a super-packet is no record: opened in place, it would keep what its sender says of it */
	if (unlikely(skb_is_gso(skb) || !pskb_may_pull(skb, LW_SHIM_LEN) ||
		     skb->len < LW_SHIM_LEN + LW_ICV_LEN))
		return lw_rx_unknown(ul, skb, LW_STAT(RX_MALFORMED));
	word = get_unaligned_be32(skb->data);
	number = get_unaligned_be64(skb->data + 4);
	sa = lw_sa_by_tag(ul, word >> 8);
	if (unlikely(!sa))
		return lw_rx_unknown(ul, skb, LW_STAT(RX_NO_SA));
	wire = sa->wire;
	conf = rcu_dereference(wire->conf);
	why = lw_rx_check_outer(wire, conf, skb, &remote) ?:
	      lw_rx_check_shim(wire, sa, word & 0xff, number);
	if (!why && unlikely(!lw_sa_usable(sa)))
		why = LW_STAT(RX_EXPIRED);
	if (!why && unlikely(!(READ_ONCE(wire->dev->flags) & IFF_UP)))
		why = LW_STAT(RX_DOWN);
	if (unlikely(why))
		return lw_rx_drop(wire, skb, why);

	op = lw_rx_op(wire, sa, skb, &dst);
	if (unlikely(!op))
		return lw_rx_drop(wire, skb, LW_STAT(RX_NO_MEM));
	op->finish = lw_rx_finish;
	op->packet_number = number;
	op->len = skb->len - LW_SHIM_LEN - LW_ICV_LEN;
	op->outer.addr = remote;
	op->outer.port = lw_arrival(skb)->src_port;
	op->outer.family = lw_arrival(skb)->family;
	op->outer.tos = lw_arrival(skb)->tos;
	op->outer.flags = word & 0xff;
	if (unlikely(lw_op_run(op, false, dst))) {
		skb = op->skb;
		lw_op_free(op);
		lw_rx_drop(wire, skb, LW_STAT(RX_BUSY));
	}
}

/**
 * lw_arrive - note what an encapsulation knows of a packet, before its control block is ours
 * @skb: with its network header at the outer IP header
 * @encap: which
 * @family: of the outer header
 * @udp: its UDP header, or NULL
 */
void lw_arrive(struct sk_buff *skb, const struct lw_encap_ops *encap, u8 family,
	       const struct udphdr *udp)
{
	struct lw_arrival from = {
		.encap		= encap,
		.family		= family,
		.src_port	= udp ? udp->source : 0,
		.dst_port	= udp ? udp->dest : 0,
	};

	if (family == AF_INET) {
		from.tos = ip_hdr(skb)->tos;
		from.iif = inet_iif(skb);
		from.sdif = inet_sdif(skb);
	} else {
		from.tos = ipv6_get_dsfield(ipv6_hdr(skb));
		from.iif = inet6_iif(skb);
		from.sdif = inet6_sdif(skb);
	}
	*lw_arrival(skb) = from;
}

/**
 * lw_receive - packets from the underlay
 * @ul: the netns that they came in by
 * @list: each at its shim, with lw_arrive() called; all are consumed
 * Context: BH disabled, RCU.
 */
void lw_receive(struct lw_underlay *ul, struct sk_buff *list)
{
	struct sk_buff *skb, *next;

	skb_list_walk_safe(list, skb, next) {
		skb_mark_not_on_list(skb);
		lw_receive_one(ul, skb);
	}
}
