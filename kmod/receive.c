// SPDX-License-Identifier: GPL-2.0
/*
 * A packet's way up, bottom to top: entry, SA, checks, window, open, window, inside, up. Trains of
 * packets are taken apart in join.c.
 */

#include <linux/etherdevice.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include "compat.h"
#include "inner.h"
#include "receive.h"
#include "trace.h"

/**
 * lw_rx_drop - drop what came for a wire
 * @wire: the wire
 * @skb: NULL if it is gone already
 * @why: LW_STAT() of the reason
 * @n: packets
 * Context: BH disabled.
 */
void lw_rx_drop(struct lw_wire *wire, struct sk_buff *skb, unsigned int why, unsigned int n)
{
	lw_stats_add(wire->stats, why, n);
	trace_lw_drop(wire->dev, why);
	kfree_skb(skb);
}

/**
 * lw_rx_unknown - drop a packet of which no wire is known
 * @ul: the netns that it came in by
 * @skb: gone; NULL if it is a part of another
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
static void lw_rx_up(struct lw_wire *wire, struct sk_buff *skb, unsigned int len, unsigned int n)
{
	bool xnet = !net_eq(dev_net(wire->dev), wire->underlay->net);

	/* down since it was decrypted; what GRO drops is added to ip -s link by the core, as rx_overrun only */
	if (unlikely(!(READ_ONCE(wire->dev->flags) & IFF_UP)))
		return lw_rx_drop(wire, skb, LW_STAT(RX_DOWN), n);
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
		lw_stats_passed(wire->stats, LW_STAT(RX_PACKETS), LW_STAT(RX_BYTES), len, n);
	else
		lw_rx_drop(wire, NULL, LW_STAT(RX_OVERRUN), n);
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

/**
 * lw_rx_heard - what authentic packets tell of the peer
 * @op: that they came by
 * @newest: one of them is newer than any of lane 0 of its SA before
 * Context: BH disabled, RCU.
 */
void lw_rx_heard(struct lw_op *op, bool newest)
{
	struct lw_conf *conf;

	lw_carrier_heard(op->wire);
	conf = rcu_dereference(op->wire->conf);
	if (conf->roam && newest)
		lw_rx_roam(op, conf);
}

/* the window's last word: 0, or the reason to drop */
static int lw_rx_commit(struct lw_op *op)
{
	struct lw_heard *h = lw_lane_heard(op->sa, op->packet_number);
	bool new, newest;

	if (unlikely(!h))
		return LW_STAT(RX_NO_MEM);
	/* since it was let in, by those before it */
	if (unlikely(!lw_sa_usable(op->sa)))
		return LW_STAT(RX_EXPIRED);
	spin_lock(&h->window.lock);
	new = lw_window_commit(&h->window, lw_counter(op->packet_number), &newest);
	if (new)
		lw_sa_spend_rx(op->sa, h, op->len, op->len, 1);
	spin_unlock(&h->window.lock);
	if (!new)
		return LW_STAT(RX_REPLAY);
	lw_rx_heard(op, newest && !lw_lane(op->packet_number));
	return 0;
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

/**
 * lw_rx_deliver - authentic, and new: look into it, and up
 * @op: of it
 * @skb: the plaintext: a packet, or packets put together to a super-packet
 * @len: plaintext of all, bytes
 * @n: packets
 * Context: BH disabled, RCU.
 */
void lw_rx_deliver(struct lw_op *op, struct sk_buff *skb, unsigned int len, unsigned int n)
{
	int why = lw_inner_deliverable(op->wire, skb, op->outer.flags, op->outer.tos);

	if (unlikely(why))
		lw_rx_drop(op->wire, skb, why, n);
	else
		lw_rx_up(op->wire, skb, len, n);
}

/**
 * lw_rx_result - the cipher has spoken
 * @op: with @err, @packet_number, @len and @outer of the packet
 * @skb: the packet, at its shim
 * Context: BH disabled, RCU.
 */
void lw_rx_result(struct lw_op *op, struct sk_buff *skb)
{
	struct lw_wire *wire = op->wire;
	int why = 0;

	if (unlikely(op->err)) {
		why = LW_STAT(RX_NO_MEM);
		if (op->err == -EBADMSG) {
			why = LW_STAT(RX_AUTH);
			lw_sa_spend_failed(op->sa);
		}
	} else {
		why = lw_rx_commit(op);
	}
	if (unlikely(why))
		return lw_rx_drop(wire, skb, why, 1);

	skb_pull(skb, LW_SHIM_LEN);
	skb_trim(skb, op->len);
	if (likely(op->len > LW_NOTE_LEN) || !lw_rx_keepalive(wire, skb))
		lw_rx_deliver(op, skb, op->len, 1);
}

static void lw_rx_finish(struct lw_op *op)
{
	lw_rx_result(op, op->skb);
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
		op = lw_op_new(wire, sa, false, 1);
		if (!op)
			return NULL;
		sg_init_one(op->sg, src->data, len);
		skb_gso_reset(src);	/* of the outer packet, if anything */
		op->skb = src;
		*dst = op->sg;
		return op;
	}

	skb = alloc_skb(NET_SKB_PAD + NET_IP_ALIGN + len, GFP_ATOMIC | __GFP_NOWARN);
	if (!skb)
		return NULL;
	entries = 1 + skb_shinfo(src)->nr_frags;
	op = lw_op_new(wire, sa, false, entries + 1);
	if (!op)
		goto free;
	skb_reserve(skb, NET_SKB_PAD + NET_IP_ALIGN);
	skb_put(skb, len);
	memcpy(skb->data, src->data, LW_SHIM_LEN);
	sg_init_table(op->sg, entries);
	*dst = op->sg + entries;
	sg_init_one(*dst, skb->data, len);
	/* pages that somebody else may write to are read once: a cipher reads them twice */
	if (skb_has_shared_frag(src)) {
		if (skb_copy_bits(src, 0, skb->data, len))
			goto free_op;
		sg_init_one(op->sg, skb->data, len);
		*dst = op->sg;
	} else if (skb_to_sgvec(src, op->sg, 0, len) < 0) {
		goto free_op;
	}
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
			     const struct sk_buff *skb, struct lw_addr *remote)
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

/**
 * lw_rx_check_shim - what a shim tells, before any cryptography
 * @wire: that its SA is of
 * @sa: that its tag names
 * @flags: of the shim
 * @number: likewise
 * Context: RCU. Return: 0, or the LW_STAT() of the reason to drop.
 */
int lw_rx_check_shim(const struct lw_wire *wire, const struct lw_sa *sa, u8 flags, u64 number)
{
	unsigned int lane = lw_lane(number);
	const struct lw_heard *h;

	if (flags & ~LW_FLAGS_KNOWN)
		return LW_STAT(RX_FLAGS);
	if ((flags & LW_FLAG_IP) != (wire->mode == LINKWIRE_MODE_L3 ? LW_FLAG_IP : 0))
		return LW_STAT(RX_MODE);
	if (lane >= sa->lanes)
		return LW_STAT(RX_LANE);
	h = rcu_dereference(sa->heard[lane]);
	if (likely(h) && !lw_window_check(&h->window, lw_counter(number)))
		return LW_STAT(RX_REPLAY);
	return 0;
}

/**
 * lw_rx_admit - find a record's SA, and look at all that can be looked at before it is opened
 * @ul: the netns that it came in by
 * @skb: that it is in, with its outer headers, lw_arrive() called
 * @shim: of the record
 * @rx: filled
 * @drop: dropped if it is refused, which is counted; or NULL
 * Context: BH disabled, RCU. Return: false if it is refused.
 */
bool lw_rx_admit(struct lw_underlay *ul, const struct sk_buff *skb, const u8 *shim,
		 struct lw_rx *rx, struct sk_buff *drop)
{
	u32 word = get_unaligned_be32(shim);
	struct lw_sa *sa = lw_sa_by_tag(ul, word >> 8);
	struct lw_wire *wire;
	int why;

	if (unlikely(!sa)) {
		lw_rx_unknown(ul, drop, LW_STAT(RX_NO_SA));
		return false;
	}
	wire = sa->wire;
	rx->sa = sa;
	rx->number = get_unaligned_be64(shim + 4);
	rx->flags = word & 0xff;
	memset(&rx->remote, 0, sizeof(rx->remote));
	why = lw_rx_check_outer(wire, rcu_dereference(wire->conf), skb, &rx->remote) ?:
	      lw_rx_check_shim(wire, sa, rx->flags, rx->number);
	if (!why && unlikely(!lw_sa_usable(sa)))
		why = LW_STAT(RX_EXPIRED);
	if (!why && unlikely(!(READ_ONCE(wire->dev->flags) & IFF_UP)))
		why = LW_STAT(RX_DOWN);
	if (unlikely(why)) {
		lw_rx_drop(wire, drop, why, 1);
		return false;
	}
	return true;
}

/**
 * lw_rx_outer - what the op has to know of the outer header
 * @op: to be told
 * @rx: of its (first) record
 * @skb: as it came
 */
void lw_rx_outer(struct lw_op *op, const struct lw_rx *rx, struct sk_buff *skb)
{
	const struct lw_arrival *from = lw_arrival(skb);

	op->outer.addr = rx->remote;
	op->outer.port = from->src_port;
	op->outer.family = from->family;
	op->outer.tos = from->tos;
	op->outer.flags = rx->flags;
}

static void lw_receive_one(struct lw_underlay *ul, struct sk_buff *skb)
{
	struct scatterlist *dst;
	struct lw_wire *wire;
	struct lw_op *op;
	struct lw_rx rx;

	/* a super-packet is no record: opened in place, it would keep what its sender says of it */
	if (unlikely(skb_is_gso(skb) || !pskb_may_pull(skb, LW_SHIM_LEN) ||
		     skb->len < LW_SHIM_LEN + LW_ICV_LEN))
		return lw_rx_unknown(ul, skb, LW_STAT(RX_MALFORMED));
	if (!lw_rx_admit(ul, skb, skb->data, &rx, skb))
		return;
	wire = rx.sa->wire;
	op = lw_rx_op(wire, rx.sa, skb, &dst);
	if (unlikely(!op))
		return lw_rx_drop(wire, skb, LW_STAT(RX_NO_MEM), 1);
	op->finish = lw_rx_finish;
	op->packet_number = rx.number;
	op->len = skb->len - LW_SHIM_LEN - LW_ICV_LEN;
	lw_rx_outer(op, &rx, skb);
	lw_op_record(op, dst);
	if (unlikely(lw_op_run(op))) {
		skb = op->skb;
		lw_op_free(op);
		lw_rx_drop(wire, skb, LW_STAT(RX_BUSY), 1);
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
