// SPDX-License-Identifier: GPL-2.0
/*
 * Trains on their way down: packets of one size, the last of which may be shorter, are sealed one by
 * one into one packet, which the stack takes for a UDP super-packet (SKB_GSO_UDP_L4) and carries once.
 * Who segments it is a device, or the stack just before one that cannot, or nobody.
 */

#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include "compat.h"
#include "encap.h"
#include "pages.h"
#include "send.h"
#include "super.h"

/* what devices that segment UDP take at least: UDP_MAX_SEGMENTS of old */
#define LW_TRAIN_MAX	64

/* segments that a train has to take for a sender to make no more at once */
#define LW_TRAIN_TOLD	16

/* of a segment in what it is cut from */
#define LW_TRAIN_PIECES	4

/* before a train, at most: Ethernet with a tag, IPv6, UDP */
#define LW_TRAIN_HEADERS	(ETH_HLEN + VLAN_HLEN + sizeof(struct ipv6hdr) + sizeof(struct udphdr))

/**
 * struct lw_train - a train on its way through the cipher
 * @super: what headers are made from, if a super-packet is cut
 * @list: packets that are not in the train yet, if there is none
 * @pages: of the train
 * @len: plaintext of each packet but the last, bytes
 * @last: of the last one
 * @n: packets
 * @at: which is in the cipher, or the first to go there
 * @first: of the super-packet's segments, which is the train's first
 * @number: packet number of the train's first
 */
struct lw_train {
	struct lw_super		super;
	struct sk_buff		*list;
	struct lw_pages		pages;
	unsigned int		len;
	unsigned int		last;
	unsigned int		n;
	unsigned int		at;
	unsigned int		first;
	u64			number;
};

/* how many packets of @len bytes a train may have; less than 2: there is none */
static unsigned int lw_train_most(const struct lw_wire *wire, const struct lw_path *path,
				  unsigned int len)
{
	const struct net_device *dev = path->dst->dev;
	unsigned int segs = READ_ONCE(dev->gso_max_segs);
	unsigned int size = min_t(unsigned int, READ_ONCE(dev->gso_max_size) - 1, U16_MAX);

	/* without scatter-gather, it would be copied once more to be segmented */
	if (!wire->encap->trains || !(dev->features & NETIF_F_SG) || size <= LW_TRAIN_HEADERS)
		return 0;
	len += wire->encap->prefix + LW_SHIM_LEN + LW_ICV_LEN;
	/* a device that takes one segment only has the stack cut trains of any length */
	return min3((unsigned int)((size - LW_TRAIN_HEADERS) / len), segs > 1 ? segs : U16_MAX,
		    (unsigned int)LW_TRAIN_MAX);
}

static void lw_train_free(struct lw_op *op)
{
	struct lw_train *t = op->train;
	struct sk_buff *skb, *next;

	skb_list_walk_safe(t->list, skb, next) {
		skb_mark_not_on_list(skb);
		consume_skb(skb);
	}
	kfree(t);
}

/* the first of the list is copied, all of it. Return: its checksum is partial, or an error */
static int lw_train_packet(struct lw_op *op, u8 *to)
{
	struct lw_train *t = op->train;
	struct sk_buff *skb = t->list;
	bool partial = skb->ip_summed == CHECKSUM_PARTIAL;
	int err = skb_copy_bits(skb, 0, to, skb->len);

	t->list = skb->next;
	skb_mark_not_on_list(skb);
	consume_skb(skb);
	return err ?: partial;
}

/*
 * The segment whose turn it is: headers are made at @to. Of the payload, at least what fills the last
 * 64 bytes of them up is copied: ciphers do well from there. The rest is encrypted on its way from
 * where it is, if it has few pieces and the cipher is one that does so at once.
 *
 * Return: its checksum is partial, or an error. @copied: the plaintext that is there.
 */
static int lw_train_segment(struct lw_op *op, u8 *to, unsigned int *copied)
{
	struct lw_train *t = op->train;
	const struct lw_super *s = &t->super;
	unsigned int i = t->first + t->at, payload = op->len - s->len;
	unsigned int from = s->len + i * s->mss;
	bool partial = op->sa->partial;
	int err;

	lw_super_header(s, to, i, payload, from + payload == op->src->len);
	*copied = ALIGN(s->len, 64);
	if (partial && op->sa->aead && !op->sa->async && *copied < op->len) {
		sg_init_table(op->sg, 1 + LW_TRAIN_PIECES);
		err = skb_to_sgvec(op->src, op->sg + 1, from + *copied - s->len,
				   op->len - *copied);
		if (likely(err > 0))
			return skb_copy_bits(op->src, from, to + s->len, *copied - s->len) ?: partial;
	}
	*copied = op->len;
	err = skb_copy_bits(op->src, from, to + s->len, payload);
	if (!partial)
		lw_super_sum(s, to, payload);
	return err ?: partial;
}

/* The packet whose turn it is, to its place. Return: 1 or an error. */
static int lw_train_record(struct lw_op *op)
{
	const struct lw_encap_ops *encap = op->wire->encap;
	struct scatterlist *dst = op->sg + 1 + LW_TRAIN_PIECES;
	struct lw_train *t = op->train;
	u8 *at = lw_piece(&t->pages, t->at);
	unsigned int copied;
	int partial;

	if (encap->prefix)
		put_unaligned_be32(encap->word, at);
	at += encap->prefix;
	op->len = t->at < t->n - 1 ? t->len : t->last;
	op->packet_number = t->number + t->at;
	copied = op->len;
	partial = t->list ? lw_train_packet(op, at + LW_SHIM_LEN) :
			    lw_train_segment(op, at + LW_SHIM_LEN, &copied);
	if (unlikely(partial < 0))
		return partial;
	lw_tx_shim(at, op->wire, op->sa, partial, op->packet_number);
	sg_init_one(dst, at, LW_SHIM_LEN + op->len + LW_ICV_LEN);
	if (copied < op->len)
		sg_set_buf(op->sg, at, LW_SHIM_LEN + copied);
	else
		sg_init_one(op->sg, at, LW_SHIM_LEN + op->len + LW_ICV_LEN);
	lw_op_record(op, copied < op->len ? dst : op->sg);
	return 1;
}

static int lw_train_more(struct lw_op *op, int err)
{
	struct lw_train *t = op->train;

	if (unlikely(err))
		return err;
	if (++t->at == t->n)
		return 0;
	return lw_train_record(op);
}

static void lw_train_finish(struct lw_op *op)
{
	struct lw_train *t = op->train;

	lw_tx_away(op, t->len * (t->n - 1) + t->last, t->n);
	lw_train_free(op);
}

/* an empty train, as long as it will be */
static struct lw_op *lw_train_new(struct lw_wire *wire, struct lw_sa *sa,
				  const struct lw_path *path, unsigned int len, unsigned int last,
				  unsigned int n)
{
	unsigned int more = wire->encap->prefix + LW_SHIM_LEN + LW_ICV_LEN, size = len + more;
	unsigned int headroom = LL_RESERVED_SPACE(path->dst->dev) + LW_HEADROOM;
	struct sk_buff *skb;
	struct lw_train *t;
	struct lw_op *op;

	t = kmalloc(sizeof(*t), GFP_ATOMIC | __GFP_NOWARN);
	if (!t)
		return NULL;
	skb = alloc_skb(headroom, GFP_ATOMIC | __GFP_NOWARN);
	if (!skb)
		goto free_train;
	if (!lw_pages_first(&t->pages, 0, size, n * size) ||
	    !lw_pages_rest(&t->pages, size, 0, n))
		goto free_pages;
	op = lw_op_new(wire, sa, true, 1 + LW_TRAIN_PIECES + 1);
	if (!op)
		goto free_pages;
	skb_reserve(skb, headroom);
	lw_pages_give(&t->pages, skb, 0, (n - 1) * size + last + more);
	if (n > 1) {
		skb_shinfo(skb)->gso_size = size;
		skb_shinfo(skb)->gso_segs = n;
		skb_shinfo(skb)->gso_type = SKB_GSO_UDP_L4;
	}
	t->list = NULL;
	t->len = len;
	t->last = last;
	t->n = n;
	t->at = 0;
	t->first = 0;
	op->skb = skb;
	op->train = t;
	op->packets = n;
	op->more = lw_train_more;
	op->finish = lw_train_finish;
	op->path = *path;
	return op;
free_pages:
	lw_pages_free(&t->pages);
	kfree_skb(skb);
free_train:
	kfree(t);
	return NULL;
}

/* it is not needed */
static void lw_train_undo(struct lw_op *op)
{
	kfree_skb(op->skb);
	lw_train_free(op);
	lw_op_free(op);
}

/*
 * Off it goes, numbered from @number, in the place of @src, whose owner becomes its own if it is the
 * last of it; owns all that it was given.
 */
static void lw_train_start(struct lw_op *op, struct sk_buff *src, bool last, u64 number)
{
	struct lw_train *t = op->train;
	struct lw_wire *wire = op->wire;
	struct sk_buff *skb = op->skb;
	unsigned int n = t->n;
	int err;

	lw_tx_stand_in(wire, skb, src, last);
	t->number = number;
	err = lw_train_record(op);
	dst_hold(op->path.dst);
	if (likely(err > 0) && likely(!lw_op_run(op)))
		return;
	dst_release(op->path.dst);
	lw_train_free(op);
	lw_op_free(op);
	lw_tx_drop(wire, skb, err > 0 ? LW_STAT(TX_BUSY) : LW_STAT(TX_CRYPTO), n);
}

/*
 * TCP makes super-packets as long as the wire takes them, and a wire takes what others made as long as
 * may be. What is longer than a train is better made as long as one: the sender is told, as it was by
 * the device when its route was found, and forgets it with that route (sk_setup_caps()). So it is not
 * told of what may pass sooner, an underlay that takes little at once.
 */
static void lw_train_tell(struct sk_buff *skb, unsigned int most, unsigned int mss)
{
	struct sock *sk = lw_tx_tcp_sender(skb);

	if (sk && most >= LW_TRAIN_TOLD && READ_ONCE(sk->sk_gso_max_size) > most * mss)
		WRITE_ONCE(sk->sk_gso_max_size, most * mss);
}

/**
 * lw_train_super - send a TCP super-packet as trains, one if it fits
 * @wire: that it is sent by
 * @sa: likewise
 * @skb: a super-packet whose segments fit; consumed if so
 * @path: to the peer; its route is borrowed
 * Context: BH disabled, RCU. Return: false if it is none for this, or there is no memory: then it is as it was.
 */
bool lw_train_super(struct lw_wire *wire, struct lw_sa *sa, struct sk_buff *skb,
		    const struct lw_path *path)
{
	unsigned int payload, segments, most, trains, last, n, first = 0;
	struct lw_super s;
	struct lw_op *op;
	u64 number;

	if (!wire->encap->trains || !lw_super_cuttable(&s, wire->mode, skb))
		return false;
	most = lw_train_most(wire, path, s.len + s.mss);
	payload = skb->len - s.len;
	segments = DIV_ROUND_UP(payload, s.mss);
	last = payload - (segments - 1) * s.mss;
	if (most < 2 || segments < 2)
		return false;
	if (segments > most)
		lw_train_tell(skb, most, s.mss);
	/* two of about a half rather than a long one and a single packet */
	trains = DIV_ROUND_UP(segments, most);
	do {
		n = DIV_ROUND_UP(segments - first, trains);
		trains--;
		op = lw_train_new(wire, sa, path, s.len + s.mss,
				  s.len + (first + n < segments ? s.mss : last), n);
		if (unlikely(!op))
			break;
		/* numbered last, and all at once */
		if (!first && unlikely(!lw_sa_spend_train(sa, s.len + s.mss, s.len + last,
							  segments, &number))) {
			lw_train_undo(op);
			break;
		}
		((struct lw_train *)op->train)->super = s;
		((struct lw_train *)op->train)->first = first;
		op->src = skb_get(skb);
		lw_train_start(op, skb, first + n == segments, number + first);
		first += n;
	} while (first < segments);
	if (!first)
		return false;
	if (unlikely(first < segments))
		lw_tx_drop(wire, NULL, LW_STAT(TX_NO_MEM), segments - first);
	consume_skb(skb);
	return true;
}

/**
 * lw_train_packets - send the first packets of a list as a train
 * @wire: that they are sent by
 * @sa: likewise
 * @list: packets of one flow, the first of which fits; the rest afterwards
 * @path: to the peer; its route is borrowed
 * Context: BH disabled, RCU. Return: false if nothing was sent.
 */
bool lw_train_packets(struct lw_wire *wire, struct lw_sa *sa, struct sk_buff **list,
		      const struct lw_path *path)
{
	struct sk_buff *skb = *list, *first, *end = NULL;
	unsigned int len = skb->len, last = len, n = 0;
	unsigned int most = lw_train_most(wire, path, len);
	struct lw_op *op;
	u64 number;

	for (; skb && n < most && last == len && skb->len <= len; skb = skb->next) {
		if (unlikely(!lw_tx_checksum(wire, sa, skb)))
			break;
		last = skb->len;
		end = skb;
		n++;
	}
	if (n < 2)
		return false;
	op = lw_train_new(wire, sa, path, len, last, n);
	if (unlikely(!op))
		return false;
	if (unlikely(!lw_sa_spend_train(sa, len, last, n, &number))) {
		lw_train_undo(op);
		return false;
	}
	first = *list;
	*list = end->next;
	end->next = NULL;
	((struct lw_train *)op->train)->list = first;
	lw_train_start(op, first, true, number);
	return true;
}
