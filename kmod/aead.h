/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sealing and opening by the kernel's AEADs, synchronous or not. Implemented in aead.c.
 */
#ifndef _LW_AEAD_H
#define _LW_AEAD_H

#include <crypto/aead.h>
#include <linux/scatterlist.h>
#include "route.h"
#include "sa.h"

struct lw_order;

/**
 * struct lw_op - a packet, or a train of them one by one, on its way through the cipher
 * @sa: with a reference if @held; RCU otherwise
 * @wire: with a reference of its device's, likewise
 * @skb: what comes out: its data begins with the shim, unless it is a train
 * @src: what went in, if that is another buffer; freed with the op
 * @train: what a train is made of: @more's and @finish's to know
 * @packet_number: host byte order, lane and counter
 * @len: plaintext, bytes
 * @path: sealing: how to send it on
 * @outer: opening: what the receiver has to know of the outer header
 * @more: of a train: takes a record's result, and says 1 if it has set the next one by
 *	lw_op_record(), or what the whole has come to. BH disabled, RCU. Else NULL.
 * @finish: what comes after; called once, BH disabled, under RCU; owns @skb, but not the op
 * @packets: how many it is; 1 unless it is a train
 * @order: the queue of the CPU that submitted it, where it keeps its place if it has to wait
 * @queue: in @order
 * @seal: or open
 * @spare: of the size that each CPU keeps one of
 * @held: it waits for its driver, in @order, with references
 * @done: completed, and waits for those before it, or for its submitter
 * @err: of the cipher
 * @tracker: of the device's reference
 * @req: behind @sg
 * @nonce: salt and packet number
 * @sg: source, then destination if that is another buffer; the request follows
 */
struct lw_op {
	struct lw_sa		*sa;
	struct lw_wire		*wire;
	struct sk_buff		*skb;
	struct sk_buff		*src;
	void			*train;
	u64			packet_number;
	unsigned int		len;
	union {
		struct lw_path	path;
		struct {
			struct lw_addr	addr;
			__be16		port;
			u8		tos;
			u8		flags;
			u16		family;
		} outer;
	};
	int			(*more)(struct lw_op *op, int err);
	void			(*finish)(struct lw_op *op);
	unsigned int		packets;
	struct lw_order		*order;
	struct list_head	queue;
	bool			seal;
	bool			spare;
	bool			held;
	bool			done;
	int			err;
	netdevice_tracker	tracker;
	struct aead_request	*req;
	u8			nonce[12] __aligned(16);
	struct scatterlist	sg[];
};

void lw_aead_init(void);
void lw_aead_exit(void);
int lw_aead_new(struct lw_sa *sa, const char *name, const u8 *key, unsigned int key_len,
		struct netlink_ext_ack *extack);
const char *lw_aead_driver(const struct lw_sa *sa);
struct lw_op *lw_op_new(struct lw_wire *wire, struct lw_sa *sa, bool seal, unsigned int entries);
void lw_op_record(struct lw_op *op, struct scatterlist *dst);
int lw_op_run(struct lw_op *op);
void lw_op_free(struct lw_op *op);

#endif /* _LW_AEAD_H */
