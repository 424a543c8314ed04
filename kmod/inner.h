/* SPDX-License-Identifier: GPL-2.0 */
/* What is inside: the frames and IP packets that a wire carries. Implemented in inner.c. */
#ifndef _LW_INNER_H
#define _LW_INNER_H

#include "wire.h"

bool lw_inner_sendable(const struct lw_wire *wire, struct sk_buff *skb);
bool lw_inner_partial(const struct lw_wire *wire, struct sk_buff *skb);
void lw_inner_marks(const struct lw_wire *wire, struct sk_buff *skb, u8 *tos, u8 *ttl);
int lw_inner_deliverable(const struct lw_wire *wire, struct sk_buff *skb, u8 flags, u8 outer_tos);

#endif /* _LW_INNER_H */
