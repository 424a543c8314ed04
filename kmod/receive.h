/* SPDX-License-Identifier: GPL-2.0 */
/* The way up, shared by single packets (receive.c) and trains (join.c). */
#ifndef _LW_RECEIVE_H
#define _LW_RECEIVE_H

#include "aead.h"
#include "encap.h"

/**
 * struct lw_rx - what is known of a record without any cryptography
 * @sa: that it is of
 * @number: its packet number
 * @flags: of its shim
 * @remote: where it came from
 */
struct lw_rx {
	struct lw_sa	*sa;
	u64		number;
	u8		flags;
	struct lw_addr	remote;
};

/* receive.c */
void lw_rx_drop(struct lw_wire *wire, struct sk_buff *skb, unsigned int why, unsigned int n);
int lw_rx_check_shim(const struct lw_wire *wire, const struct lw_sa *sa, u8 flags, u64 number);
bool lw_rx_admit(struct lw_underlay *ul, const struct sk_buff *skb, const u8 *shim,
		 struct lw_rx *rx, struct sk_buff *drop);
void lw_rx_outer(struct lw_op *op, const struct lw_rx *rx, struct sk_buff *skb);
void lw_rx_heard(struct lw_op *op, bool newest);
void lw_rx_result(struct lw_op *op, struct sk_buff *skb);
void lw_rx_deliver(struct lw_op *op, struct sk_buff *skb, unsigned int len, unsigned int n);

#endif /* _LW_RECEIVE_H */
