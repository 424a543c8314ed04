// SPDX-License-Identifier: GPL-2.0
/*
 * A packet's way down, top to bottom: entry, route, size, segments, SA, seal, out.
 */

#include <linux/if_vlan.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <net/inet_ecn.h>
#include <net/ip.h>
#include <net/tcp.h>
#include "aead.h"
#include "compat.h"
#include "encap.h"
#include "inner.h"
#include "send.h"
#include "socket.h"
#include "trace.h"

/**
 * lw_tx_drop - drop what cannot be sent
 * @wire: that it was to be sent by
 * @skb: NULL if it is gone already
 * @why: LW_STAT() of the reason
 * @n: packets
 * Context: BH disabled.
 */
void lw_tx_drop(struct lw_wire *wire, struct sk_buff *skb, unsigned int why, unsigned int n)
{
	lw_stats_add(wire->stats, why, n);
	trace_lw_drop(wire->dev, why);
	kfree_skb(skb);
}

/**
 * lw_tx_away - sealed: the outer headers, and away
 * @op: of a packet, or of a train
 * @len: plaintext of all, bytes
 * @n: packets
 * Context: BH disabled, RCU.
 */
void lw_tx_away(struct lw_op *op, unsigned int len, unsigned int n)
{
	struct lw_wire *wire = op->wire;
	struct lw_socket *sock = rcu_dereference(wire->sock);
	struct lw_path *path = &op->path;
	struct sk_buff *skb = op->skb;
	unsigned long now = jiffies;

	if (unlikely(op->err)) {
		dst_release(path->dst);
		return lw_tx_drop(wire, skb, LW_STAT(TX_CRYPTO), n);
	}
	/* the wire may have been deleted while an asynchronous driver had the packet */
	if (unlikely(wire->encap->socket && !sock)) {
		dst_release(path->dst);
		return lw_tx_drop(wire, skb, LW_STAT(TX_NO_ROUTE), n);
	}
	/* it would be dropped further down without a word */
	if (unlikely(lw_tunnels_end())) {
		dst_release(path->dst);
		return lw_tx_drop(wire, skb, LW_STAT(TX_LOOP), n);
	}

	if (likely(len > LW_NOTE_LEN))
		lw_stats_passed(wire->stats, LW_STAT(TX_PACKETS), LW_STAT(TX_BYTES), len, n);
	else
		lw_stats_inc(wire->stats, LW_STAT(TX_KEEPALIVES));
	if (READ_ONCE(wire->last_tx) != now)
		WRITE_ONCE(wire->last_tx, now);

	skb->dev = NULL;	/* what the stack counts here are no packets of the device */
	skb_set_inner_network_header(skb, wire->encap->prefix + LW_SHIM_LEN);
	skb->mark = path->fwmark;
	wire->encap->send(sock ? sock->sk : NULL, skb, path);
}

static void lw_tx_finish(struct lw_op *op)
{
	const struct lw_encap_ops *encap = op->wire->encap;

	if (encap->prefix)
		put_unaligned_be32(encap->word, skb_push(op->skb, encap->prefix));
	lw_tx_away(op, op->len, 1);
}

/**
 * lw_tx_tcp_sender - the TCP socket that sends a packet
 * @skb: any
 * Return: the socket, which stays as long as it owns the packet; NULL if it is no local TCP's.
 */
struct sock *lw_tx_tcp_sender(struct sk_buff *skb)
{
	struct sock *sk = skb->sk;

	if (!sk || !skb->destructor || !sk_fullsock(sk) || !sk_is_tcp(sk) ||
	    skb->destructor == sock_edemux || skb->destructor == sock_efree ||
	    skb->destructor == sock_rfree || skb_sk_is_prefetched(skb))
		return NULL;
	return sk;
}

/*
 * The sealed copy stands for its original in the sender's accounts, so that TCP's small queues and
 * a socket's send buffer see it until it has left. Only owners that count bytes of truesize are
 * known to be moved safely.
 */
static void lw_tx_move_owner(struct sk_buff *to, struct sk_buff *from)
{
	struct sock *sk = from->sk;
	int more;

	if (!sk || (from->destructor != sock_wfree && !lw_tx_tcp_sender(from)))
		return;
	to->sk = sk;
	to->destructor = from->destructor;
	from->sk = NULL;
	from->destructor = NULL;
	more = (int)to->truesize - (int)from->truesize;
	if (more > 0)
		refcount_add(more, &sk->sk_wmem_alloc);
	else if (more < 0)
		WARN_ON_ONCE(refcount_sub_and_test(-more, &sk->sk_wmem_alloc));
}

/**
 * lw_tx_stand_in - a sealed copy takes its original's place
 * @wire: that it is sent by
 * @skb: the copy, of its final truesize
 * @src: the original
 * @last: no other copy will: it has the original's owner
 */
void lw_tx_stand_in(const struct lw_wire *wire, struct sk_buff *skb, struct sk_buff *src, bool last)
{
	skb->protocol = src->protocol;
	skb_copy_hash(skb, src);
	/* as veth: it would name a class of the underlay's qdisc, past its filters */
	if (net_eq(dev_net(wire->dev), wire->underlay->net)) {
		skb->priority = src->priority;
		skb_copy_queue_mapping(skb, src);
	}
	if (last)
		lw_tx_move_owner(skb, src);
}

/**
 * lw_tx_checksum - see to a packet's inner checksum
 * @wire: that it is sent by
 * @sa: likewise
 * @skb: CHECKSUM_PARTIAL afterwards if it is left so, and the shim is to say it
 * Return: false if it could not be summed up.
 */
bool lw_tx_checksum(const struct lw_wire *wire, const struct lw_sa *sa, struct sk_buff *skb)
{
	if (skb->ip_summed == CHECKSUM_PARTIAL && !(sa->partial && lw_inner_partial(wire, skb)) &&
	    unlikely(skb_checksum_help(skb)))
		return false;
	if (skb->ip_summed != CHECKSUM_PARTIAL)
		skb->ip_summed = CHECKSUM_NONE;
	return true;
}

/**
 * lw_tx_shim - the shim of a record
 * @shim: written, LW_SHIM_LEN bytes
 * @wire: that it is sent by
 * @sa: likewise
 * @partial: its inner checksum is
 * @packet_number: lane and counter
 */
void lw_tx_shim(u8 *shim, const struct lw_wire *wire, const struct lw_sa *sa, bool partial,
		u64 packet_number)
{
	u8 flags = (wire->mode == LINKWIRE_MODE_L3 ? LW_FLAG_IP : 0) |
		   (partial ? LW_FLAG_CSUM_PARTIAL : 0);

	put_unaligned_be32(sa->tag << 8 | flags, shim);
	put_unaligned_be64(packet_number, shim + 4);
}

static bool lw_in_place(const struct sk_buff *skb, unsigned int headroom)
{
	return !skb_is_nonlinear(skb) && !skb_cloned(skb) && !skb_shared(skb) &&
	       skb_headroom(skb) >= headroom && skb_tailroom(skb) >= LW_ICV_LEN;
}

/* the op's buffers: @src's bytes are sealed where they are, or on their way into a new buffer */
static struct lw_op *lw_tx_op(struct lw_wire *wire, struct lw_sa *sa, struct sk_buff *src,
			      const struct net_device *lower, struct scatterlist **dst)
{
	bool xnet = !net_eq(dev_net(wire->dev), wire->underlay->net);
	unsigned int headroom = LL_RESERVED_SPACE(lower) + LW_HEADROOM;
	unsigned int len = src->len, entries;
	struct sk_buff *skb;
	struct lw_op *op;

	if (lw_in_place(src, headroom)) {
		op = lw_op_new(wire, sa, true, 1);
		if (!op)
			return NULL;
		skb_push(src, LW_SHIM_LEN);
		skb_put(src, LW_ICV_LEN);
		sg_init_one(op->sg, src->data, src->len);
		op->skb = src;
		*dst = op->sg;
		/* TCP says of each packet what its segments would be; the outer one has none */
		skb_gso_reset(src);
		/* time stamps end here: they would show the sender's socket the outer packet */
		skb_shinfo(src)->tx_flags = 0;
		skb_shinfo(src)->tskey = 0;
		skb_scrub_packet(src, xnet);
		/* as veth: it would name a class of the underlay's qdisc, past its filters */
		if (xnet) {
			src->priority = 0;
			skb_set_queue_mapping(src, 0);
		}
		/* what the inner flow confirms is no neighbour of the underlay's */
		skb_set_dst_pending_confirm(src, 0);
		skb_reset_inner_headers(src);
		src->encapsulation = 0;
		return op;
	}

	if (skb_has_frag_list(src) && skb_linearize(src))
		return NULL;
	skb = alloc_skb(headroom + len + LW_ICV_LEN, GFP_ATOMIC | __GFP_NOWARN);
	if (!skb)
		return NULL;
	entries = 1 + 1 + skb_shinfo(src)->nr_frags;
	op = lw_op_new(wire, sa, true, entries + 1);
	if (!op)
		goto free;
	skb_reserve(skb, headroom - LW_SHIM_LEN);
	skb_put(skb, LW_SHIM_LEN + len + LW_ICV_LEN);
	sg_init_table(op->sg, entries);
	sg_set_buf(op->sg, skb->data, LW_SHIM_LEN);
	if (len && skb_to_sgvec(src, op->sg + 1, 0, len) < 0)
		goto free_op;
	*dst = op->sg + entries;
	sg_init_one(*dst, skb->data, skb->len);

	lw_tx_stand_in(wire, skb, src, true);
	op->skb = skb;
	op->src = src;
	return op;
free_op:
	lw_op_free(op);
free:
	kfree_skb(skb);
	return NULL;
}

/* one packet that fits, or a keepalive; @path's route is borrowed */
static void lw_seal(struct lw_wire *wire, struct lw_sa *sa, struct sk_buff *skb,
		    const struct lw_path *path)
{
	unsigned int len = skb->len;
	struct scatterlist *dst;
	struct lw_op *op;
	bool partial;
	u64 number;

	if (unlikely(!lw_tx_checksum(wire, sa, skb)))
		return lw_tx_drop(wire, skb, LW_STAT(TX_SEGMENT), 1);
	partial = skb->ip_summed == CHECKSUM_PARTIAL;
	op = lw_tx_op(wire, sa, skb, path->dst->dev, &dst);
	if (unlikely(!op))
		return lw_tx_drop(wire, skb, LW_STAT(TX_NO_MEM), 1);
	op->skb->ip_summed = CHECKSUM_NONE;
	op->finish = lw_tx_finish;
	op->path = *path;
	op->len = len;
	/* numbered last: a number that is taken is used, unless the cipher itself refuses */
	if (unlikely(!lw_sa_spend_tx(sa, len, &number))) {
		skb = op->skb;
		lw_op_free(op);
		return lw_tx_drop(wire, skb, LW_STAT(TX_EXPIRED), 1);
	}
	op->packet_number = number;
	lw_tx_shim(op->skb->data, wire, sa, partial, number);
	dst_hold(op->path.dst);
	lw_op_record(op, dst);
	if (unlikely(lw_op_run(op))) {
		skb = op->skb;
		dst_release(op->path.dst);
		lw_op_free(op);
		lw_tx_drop(wire, skb, LW_STAT(TX_BUSY), 1);
	}
}

/* a packet that does not fit is cut, or refused */
static void lw_send_cut(struct lw_wire *wire, struct lw_sa *sa, struct sk_buff *skb,
			const struct lw_path *path, unsigned int mtu)
{
	struct sk_buff *cut = lw_too_big(wire, skb, path->dst, mtu), *next;

	if (!cut)
		lw_tx_drop(wire, NULL, LW_STAT(TX_TOO_BIG), 1);
	skb_list_walk_safe(cut, cut, next) {
		skb_mark_not_on_list(cut);
		lw_seal(wire, sa, cut, path);
	}
}

/* packets of one flow: as trains where that is possible */
static void lw_send_list(struct lw_wire *wire, struct lw_sa *sa, struct sk_buff *list,
			 const struct lw_path *path, unsigned int mtu)
{
	struct sk_buff *skb;

	while (list) {
		if (list->next && lw_fits(wire, list, mtu) &&
		    lw_train_packets(wire, sa, &list, path))
			continue;
		skb = list;
		list = skb->next;
		skb_mark_not_on_list(skb);
		if (likely(lw_fits(wire, skb, mtu)))
			lw_seal(wire, sa, skb, path);
		else
			lw_send_cut(wire, sa, skb, path, mtu);
	}
}

/* outer DSCP, ECN and TTL; the source port */
static void lw_mark(const struct lw_wire *wire, const struct lw_conf *conf, const struct lw_sa *sa,
		    struct sk_buff *skb, struct lw_path *path)
{
	u8 tos = 0, ttl = 0;
	u32 hash;

	lw_inner_marks(wire, skb, &tos, &ttl);
	/* RFC 6040, 4.1, normal mode: the inner ECN field is copied */
	path->tos = (conf->dscp == LINKWIRE_DSCP_INHERIT ? tos & ~INET_ECN_MASK : conf->dscp << 2) |
		    (tos & INET_ECN_MASK);
	path->ttl = conf->ttl ?: ttl ?: LINKWIRE_DEFAULT_TTL;
	path->fwmark = conf->fwmark;
	path->family = conf->family;
	path->remote = conf->remote;
	path->dst_port = conf->remote_port;
	path->src_port = conf->src_port;
	if (wire->encap->socket && !conf->src_port) {
		/* IANA's dynamic ports; the key changes with each SA */
		hash = siphash_1u32(skb->len > LW_NOTE_LEN ? skb_get_hash(skb) : 0,
				    &sa->port_key);
		path->src_port = htons(0xc000 | (hash & 0x3fff));
	}
}

/*
 * @skb: a packet, a super-packet, or a keepalive; @other: that goes to the peer's other address.
 * Context: BH disabled, RCU.
 */
static void lw_send(struct lw_wire *wire, struct sk_buff *skb, bool other)
{
	struct lw_conf *conf = rcu_dereference(wire->conf);
	struct lw_sa *sa = rcu_dereference(wire->tx);
	struct sk_buff *segments;
	struct lw_path path;
	unsigned int mtu;
	int err;

	if (unlikely(!sa))
		return lw_tx_drop(wire, skb, LW_STAT(TX_NO_SA), 1);
	if (unlikely(!lw_sa_usable(sa)))
		return lw_tx_drop(wire, skb, LW_STAT(TX_EXPIRED), 1);
	lw_mark(wire, conf, sa, skb, &path);
	if (unlikely(other)) {
		path.remote = conf->other;
		err = lw_route_new(wire, conf, &conf->other, path.tos & ~INET_ECN_MASK, &path);
	} else {
		err = lw_route(wire, conf, path.tos & ~INET_ECN_MASK, &path);
	}
	if (unlikely(err))
		return lw_tx_drop(wire, skb, err == -ELOOP ? LW_STAT(TX_LOOP) :
							     LW_STAT(TX_NO_ROUTE), 1);
	mtu = max_t(int, (int)dst_mtu(path.dst) - (int)lw_overhead(wire, conf->family),
		    IPV4_MIN_MTU);
	if (skb_is_gso(skb) && lw_fits(wire, skb, mtu) && lw_train_super(wire, sa, skb, &path))
		goto out;
	if (skb_is_gso(skb) && (lw_fits(wire, skb, mtu) || lw_may_cut(wire, skb))) {
		segments = skb_gso_segment(skb, NETIF_F_SG | NETIF_F_HIGHDMA | NETIF_F_HW_CSUM);
		if (IS_ERR_OR_NULL(segments)) {
			lw_tx_drop(wire, skb, LW_STAT(TX_SEGMENT), 1);
			goto out;
		}
		consume_skb(skb);
		skb = segments;
	}
	lw_send_list(wire, sa, skb, &path, mtu);
out:
	dst_release(path.dst);
}

/**
 * lw_xmit - a packet for the peer, from the stack
 * @skb: at the Ethernet header of an L2 wire, at the IP header of an L3 wire
 * @dev: the wire
 * Context: BH disabled, RCU. Return: always NETDEV_TX_OK: what cannot be sent is dropped and counted.
 */
netdev_tx_t lw_xmit(struct sk_buff *skb, struct net_device *dev)
{
	struct lw_wire *wire = netdev_priv(dev);

	rcu_read_lock();
	if (unlikely(!lw_inner_sendable(wire, skb))) {
		lw_tx_drop(wire, skb, LW_STAT(TX_INNER), 1);
	} else {
		skb_tx_timestamp(skb);
		lw_send(wire, skb, false);
	}
	rcu_read_unlock();
	return NETDEV_TX_OK;
}

/**
 * lw_send_keepalive - tell the peer that we, and our key, are alive
 * @wire: with or without carrier: this goes past the queue
 * @note: LW_NOTE_*, what else there is to say; 0: nothing
 * @other: to the peer's other address, if it has one (still)
 * Context: process or softirq.
 */
void lw_send_keepalive(struct lw_wire *wire, u8 note, bool other)
{
	struct sk_buff *skb = alloc_skb(LL_MAX_HEADER + LW_HEADROOM + LW_NOTE_LEN + LW_ICV_LEN,
					GFP_ATOMIC | __GFP_NOWARN);

	local_bh_disable();
	rcu_read_lock();
	if (other && !lw_conf_has_backup(rcu_dereference(wire->conf))) {
		consume_skb(skb);	/* no loss: there was nobody to tell */
	} else if (skb) {
		skb_reserve(skb, LL_MAX_HEADER + LW_HEADROOM);
		if (note)
			skb_put_u8(skb, note);
		lw_send(wire, skb, other);
	} else {
		lw_tx_drop(wire, NULL, LW_STAT(TX_NO_MEM), 1);
	}
	rcu_read_unlock();
	local_bh_enable();
}
