/* SPDX-License-Identifier: GPL-2.0 */
/* The way down, shared by single packets (send.c) and trains (train.c). */
#ifndef _LW_SEND_H
#define _LW_SEND_H

#include "aead.h"

/* send.c */
void lw_tx_drop(struct lw_wire *wire, struct sk_buff *skb, unsigned int why, unsigned int n);
void lw_tx_away(struct lw_op *op, unsigned int len, unsigned int n);
struct sock *lw_tx_tcp_sender(struct sk_buff *skb);
void lw_tx_stand_in(const struct lw_wire *wire, struct sk_buff *skb, struct sk_buff *src, bool last);
bool lw_tx_checksum(const struct lw_wire *wire, const struct lw_sa *sa, struct sk_buff *skb);
void lw_tx_shim(u8 *shim, const struct lw_wire *wire, const struct lw_sa *sa, bool partial,
		u64 packet_number);

/* train.c */
bool lw_train_super(struct lw_wire *wire, struct lw_sa *sa, struct sk_buff *skb,
		    const struct lw_path *path);
bool lw_train_packets(struct lw_wire *wire, struct lw_sa *sa, struct sk_buff **list,
		      const struct lw_path *path);

#endif /* _LW_SEND_H */
