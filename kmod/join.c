// SPDX-License-Identifier: GPL-2.0
/*
 * Trains on their way up: many records in one UDP super-packet, which came whole from a machine that
 * is this one, or which GRO made of what came from a network. Records of one SA are opened together.
 *
 * If they are the segments of one TCP super-packet, that is what they become again: they are opened
 * into the place that their payload has in it. The first comes first, since it says how long the
 * headers are; then the last and so on down, since the header of each lies where the payload of the
 * one before it ends. If anything is odd - a record is damaged, seen before, of something else - all
 * are opened once more, each by itself: what they came in was not touched.
 */

#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include "compat.h"
#include "pages.h"
#include "receive.h"
#include "super.h"

#define LW_JOIN_MAX	64	/* records that are opened together */
#define LW_JOIN_PIECES	6	/* of a record in what came */
#define LW_JOIN_START	ALIGN(LW_SHIM_LEN, 16)	/* before the first plaintext of a page */

/**
 * struct lw_record - one of a train
 * @number: its packet number
 * @at: where its shim is in what came, bytes
 * @len: plaintext, bytes
 * @flags: of the shim
 */
struct lw_record {
	u64	number;
	u32	at;
	u16	len;
	u8	flags;
};

/**
 * struct lw_join - records of one SA on their way through the cipher
 * @super: headers of the super-packet that they become
 * @pages: its payload
 * @tail: what the first record has where the header of the second comes to lie
 * @whole: room to put a record together that lies in pieces; NULL before one does
 * @list: those that were opened by themselves; their control block has a struct lw_record
 * @end: of @list
 * @split: each goes by itself
 * @at: which is in the cipher
 * @n: how many there are
 * @record: each
 */
struct lw_join {
	struct lw_super		super;
	struct lw_pages		pages;
	u8			tail[LW_SHIM_LEN + LW_SUPER_HEADER_MAX];
	u8			*whole;
	struct sk_buff		*list;
	struct sk_buff		**end;
	bool			split;
	unsigned int		at;
	unsigned int		n;
	struct lw_record	record[];
};

static struct lw_record *lw_record(struct sk_buff *skb)
{
	BUILD_BUG_ON(sizeof(struct lw_record) > sizeof(skb->cb));
	return (struct lw_record *)skb->cb;
}

static unsigned int lw_join_bytes(const struct lw_join *j)
{
	return j->record[0].len * (j->n - 1) + j->record[j->n - 1].len;
}

static void lw_op_take(struct lw_op *op, const struct lw_record *r)
{
	op->packet_number = r->number;
	op->len = r->len;
	op->outer.flags = r->flags;
}

/* The next one by itself, copied and opened in place. Return: 1; 0 if there is none. */
static int lw_split_next(struct lw_op *op)
{
	struct lw_join *j = op->train;
	unsigned int len;

	for (; j->at < j->n; j->at++) {
		lw_op_take(op, &j->record[j->at]);
		len = LW_SHIM_LEN + op->len + LW_ICV_LEN;
		op->skb = alloc_skb(NET_SKB_PAD + NET_IP_ALIGN + len, GFP_ATOMIC | __GFP_NOWARN);
		if (likely(op->skb)) {
			skb_reserve(op->skb, NET_SKB_PAD + NET_IP_ALIGN);
			if (likely(!skb_copy_bits(op->src, j->record[j->at].at,
						  skb_put(op->skb, len), len))) {
				sg_init_one(op->sg, op->skb->data, len);
				lw_op_record(op, op->sg);
				return 1;
			}
		}
		lw_rx_drop(op->wire, op->skb, LW_STAT(RX_NO_MEM), 1);
		op->skb = NULL;
	}
	return 0;
}

static int lw_split_more(struct lw_op *op, int err)
{
	struct lw_join *j = op->train;
	struct sk_buff *skb = op->skb;

	op->skb = NULL;
	if (unlikely(err)) {
		op->err = err;
		lw_rx_result(op, skb);
	} else {
		*lw_record(skb) = j->record[j->at];
		*j->end = skb;
		j->end = &skb->next;
	}
	j->at++;
	return lw_split_next(op);
}

static int lw_split(struct lw_op *op)
{
	struct lw_join *j = op->train;

	lw_pages_free(&j->pages);
	j->split = true;
	j->at = 0;
	return lw_split_next(op);
}

/* the first record is the longest: room for it is room for each */
static int lw_join_gather(struct lw_op *op, struct lw_join *j)
{
	unsigned int len = LW_SHIM_LEN + op->len + LW_ICV_LEN;

	if (!j->whole)
		j->whole = kmalloc(LW_SHIM_LEN + j->record[0].len + LW_ICV_LEN,
				   GFP_ATOMIC | __GFP_NOWARN);
	if (!j->whole)
		return -ENOMEM;
	sg_init_one(op->sg, j->whole, len);
	return skb_copy_bits(op->src, j->record[j->at].at, j->whole, len);
}

/* the record whose turn it is, to its place. Return: 1 or an error. */
static int lw_join_record(struct lw_op *op)
{
	struct lw_join *j = op->train;
	struct scatterlist *dst = op->sg + LW_JOIN_PIECES;
	int err;

	lw_op_take(op, &j->record[j->at]);
	sg_init_table(op->sg, LW_JOIN_PIECES);
	err = skb_to_sgvec(op->src, op->sg, j->record[j->at].at,
			   LW_SHIM_LEN + op->len + LW_ICV_LEN);
	/*
	 * More pieces than that, or more than one for a library: put together first. Pages that
	 * somebody else may write to are read once: a cipher reads them twice.
	 */
	if (unlikely(err < 0 || (err > 1 && !op->sa->aead) || skb_has_shared_frag(op->src))) {
		err = lw_join_gather(op, j);
		if (err)
			return err;
	}
	/* a driver may put the associated data before it: nothing is there yet, or in @tail */
	sg_init_one(dst, lw_piece(&j->pages, j->at) - LW_SHIM_LEN, LW_SHIM_LEN + op->len);
	lw_op_record(op, dst);
	return 1;
}

/* the first was opened: can the others follow it, and is there room? */
static bool lw_join_first(struct lw_op *op)
{
	struct lw_join *j = op->train;
	struct lw_super *s = &j->super;
	u8 *first = lw_piece(&j->pages, 0);

	if (!lw_super_parse(s, op->wire->mode, first, op->len) ||
	    j->record[j->n - 1].len <= s->len)
		return false;
	s->mss = op->len - s->len;
	if (!lw_super_begins(s, s->mss) || !lw_pages_rest(&j->pages, s->mss, s->len, j->n))
		return false;
	memcpy(j->tail, first + s->mss - LW_SHIM_LEN, LW_SHIM_LEN + s->len);
	return true;
}

/* another one was: is it what belongs here? */
static bool lw_join_next(struct lw_op *op)
{
	struct lw_join *j = op->train;
	const u8 *header = lw_piece(&j->pages, j->at);
	bool last = j->at == j->n - 1;

	if (!lw_super_follows(&j->super, header, j->at, op->len - j->super.len, last))
		return false;
	if (last)
		lw_super_join(&j->super, header);
	if (j->at == 1)
		memcpy(lw_piece(&j->pages, 0) + j->super.mss - LW_SHIM_LEN, j->tail,
		       LW_SHIM_LEN + j->super.len);
	return true;
}

/* all are in their places, and authentic: the super-packet */
static struct sk_buff *lw_join_skb(struct lw_join *j)
{
	unsigned int payload = lw_join_bytes(j) - j->n * j->super.len;
	struct sk_buff *skb;

	skb = alloc_skb(NET_SKB_PAD + NET_IP_ALIGN + LW_SUPER_HEADER_MAX,
			GFP_ATOMIC | __GFP_NOWARN);
	if (unlikely(!skb))
		return NULL;
	skb_reserve(skb, NET_SKB_PAD + NET_IP_ALIGN);
	lw_super_header(&j->super, skb_put(skb, j->super.len), 0, payload, true);
	lw_pages_give(&j->pages, skb, j->super.len, payload);
	skb_shinfo(skb)->gso_size = j->super.mss;
	skb_shinfo(skb)->gso_segs = j->n;
	skb_shinfo(skb)->gso_type = lw_super_gso_type(&j->super);
	return skb;
}

/* the window's last word: all of them are new, or they go by themselves */
static bool lw_join_commit(struct lw_op *op)
{
	struct lw_join *j = op->train;
	struct lw_heard *h = lw_lane_heard(op->sa, j->record[0].number);
	struct lw_window *w;
	bool new, newest;
	unsigned int i;

	if (unlikely(!h))
		return false;
	w = &h->window;
	spin_lock(&w->lock);
	new = lw_sa_room_rx(op->sa, h, j->record[0].len, j->n);
	for (i = 0; new && i < j->n; i++)
		new = lw_window_check(w, lw_counter(j->record[i].number));
	/* they rise: none takes another's place, or moves the window past it */
	for (i = 0; new && i < j->n; i++)
		lw_window_commit(w, lw_counter(j->record[i].number), &newest);
	if (new)
		lw_sa_spend_rx(op->sa, h, j->record[0].len, j->record[j->n - 1].len, j->n);
	spin_unlock(&w->lock);
	if (new)
		lw_rx_heard(op, newest && !lw_lane(j->record[0].number));
	return new;
}

static int lw_join_more(struct lw_op *op, int err)
{
	struct lw_join *j = op->train;

	if (j->split)
		return lw_split_more(op, err);
	if (unlikely(err == -EBADMSG))
		WRITE_ONCE(op->sa->forged, jiffies | 1);
	if (unlikely(err) || !(j->at ? lw_join_next(op) : lw_join_first(op)))
		return lw_split(op);
	j->at = (j->at ?: j->n) - 1;
	if (j->at)
		return lw_join_record(op) > 0 ? 1 : lw_split(op);
	op->skb = lw_join_skb(j);
	if (likely(op->skb) && likely(lw_join_commit(op)))
		return 0;
	kfree_skb(op->skb);
	op->skb = NULL;
	return lw_split(op);
}

static void lw_join_free(struct lw_op *op)
{
	struct lw_join *j = op->train;

	lw_pages_free(&j->pages);
	kfree(j->whole);
	kfree(j);
}

static void lw_join_finish(struct lw_op *op)
{
	struct lw_join *j = op->train;
	struct sk_buff *skb, *next;

	op->err = 0;
	if (likely(!j->split))
		lw_rx_deliver(op, op->skb, lw_join_bytes(j), j->n);
	skb_list_walk_safe(j->list, skb, next) {
		skb_mark_not_on_list(skb);
		lw_op_take(op, lw_record(skb));
		lw_rx_result(op, skb);
	}
	lw_join_free(op);
}

/*
 * They may be segments of one super-packet, and the device's user takes such. Who puts a forged record
 * into a train has it all opened twice: not again for a while.
 */
static bool lw_join_likely(const struct net_device *dev, const struct lw_sa *sa,
			   const struct lw_join *j)
{
	unsigned int i, len = j->record[0].len;
	unsigned long forged = READ_ONCE(sa->forged);

	if (netif_elide_gro(dev) || (forged && jiffies - forged < HZ) ||
	    lw_join_bytes(j) > U16_MAX)
		return false;
	if (j->n < 2 || !(j->record[0].flags & LW_FLAG_CSUM_PARTIAL) ||
	    j->record[j->n - 1].len > len)
		return false;
	for (i = 1; i < j->n; i++)
		if (j->record[i].number <= j->record[i - 1].number ||
		    j->record[i].flags != j->record[0].flags ||
		    (i < j->n - 1 && j->record[i].len != len))
			return false;
	return true;
}

/* opens what was gathered; @skb is borrowed, @j is gone */
static void lw_join_run(struct sk_buff *skb, const struct lw_rx *rx, struct lw_join *j)
{
	struct lw_wire *wire = rx->sa->wire;
	unsigned int n = j->n;
	struct lw_op *op;

	op = lw_op_new(wire, rx->sa, false, LW_JOIN_PIECES + 1);
	if (unlikely(!op)) {
		kfree(j);
		return lw_rx_drop(wire, NULL, LW_STAT(RX_NO_MEM), n);
	}
	op->skb = NULL;
	op->src = skb_get(skb);
	op->train = j;
	op->packets = n;
	op->more = lw_join_more;
	op->finish = lw_join_finish;
	lw_rx_outer(op, rx, skb);
	j->pages.count = 0;
	j->whole = NULL;
	j->list = NULL;
	j->end = &j->list;
	j->split = false;
	j->at = 0;
	if (!lw_join_likely(wire->dev, rx->sa, j) ||
	    !lw_pages_first(&j->pages, LW_JOIN_START, j->record[0].len, lw_join_bytes(j)) ||
	    lw_join_record(op) <= 0) {
		if (!lw_split(op)) {
			lw_join_free(op);
			return lw_op_free(op);
		}
	}
	if (likely(!lw_op_run(op)))
		return;
	kfree_skb(op->skb);
	n = j->split ? n - j->at : n;
	lw_join_free(op);
	lw_op_free(op);
	lw_rx_drop(wire, NULL, LW_STAT(RX_BUSY), n);
}

/**
 * lw_receive_train - a super-packet from the underlay, many records
 * @ul: the netns that it came in by
 * @skb: at the first record's prefix, with lw_arrive() called; consumed
 * Context: BH disabled, RCU.
 */
void lw_receive_train(struct lw_underlay *ul, struct sk_buff *skb)
{
	const struct lw_encap_ops *encap = lw_arrival(skb)->encap;
	unsigned int size = skb_shinfo(skb)->gso_size, least = encap->prefix + LW_SHIM_LEN;
	struct lw_join *j = NULL;
	unsigned int at, len;
	u8 buf[4 + LW_SHIM_LEN];
	struct lw_rx rx;
	const u8 *head;
	u64 number;
	u32 word;
	int why;

	/* UDP has cut off what its header does not count */
	if (unlikely(!skb->len))
		return lw_rx_unknown(ul, skb, LW_STAT(RX_MALFORMED));
	if (unlikely(!(skb_shinfo(skb)->gso_type & SKB_GSO_UDP_L4) || size < least + LW_ICV_LEN)) {
		lw_stats_add(ul->stats, LW_STAT(RX_MALFORMED),
			     size ? DIV_ROUND_UP(skb->len, size) - 1 : 0);
		return lw_rx_unknown(ul, skb, LW_STAT(RX_MALFORMED));
	}
	for (at = 0; at < skb->len; at += size) {
		len = min(size, skb->len - at);
		head = len < least + LW_ICV_LEN ? NULL : skb_header_pointer(skb, at, least, buf);
		if (unlikely(!head || (encap->prefix && get_unaligned_be32(head) != encap->word))) {
			lw_rx_unknown(ul, NULL, LW_STAT(RX_MALFORMED));
			continue;
		}
		head += encap->prefix;
		word = get_unaligned_be32(head);
		number = get_unaligned_be64(head + 4);
		if (j && (word >> 8 != rx.sa->tag || j->n == LW_JOIN_MAX ||
			  lw_lane(number) != lw_lane(j->record[0].number))) {
			lw_join_run(skb, &rx, j);
			j = NULL;
		}
		if (j) {
			why = lw_rx_check_shim(rx.sa->wire, rx.sa, word & 0xff, number);
			if (unlikely(why)) {
				lw_rx_drop(rx.sa->wire, NULL, why, 1);
				continue;
			}
		} else {
			if (!lw_rx_admit(ul, skb, head, &rx, NULL))
				continue;
			j = kmalloc(struct_size(j, record, min_t(unsigned int, LW_JOIN_MAX,
								 DIV_ROUND_UP(skb->len - at, size))),
				    GFP_ATOMIC | __GFP_NOWARN);
			if (unlikely(!j)) {
				lw_rx_drop(rx.sa->wire, NULL, LW_STAT(RX_NO_MEM), 1);
				continue;
			}
			j->n = 0;
		}
		j->record[j->n].number = number;
		j->record[j->n].at = at + encap->prefix;
		j->record[j->n].len = len - least - LW_ICV_LEN;
		j->record[j->n++].flags = word & 0xff;
	}
	if (j)
		lw_join_run(skb, &rx, j);
	consume_skb(skb);
}
