/* SPDX-License-Identifier: GPL-2.0 */
/* Headers of TCP super-packets: of one that is cut, of one that is put together again. super.c */
#ifndef _LW_SUPER_H
#define _LW_SUPER_H

#include <linux/if_ether.h>
#include <linux/if_vlan.h>
#include <linux/ipv6.h>
#include "wire.h"

/* Ethernet with a tag, IPv6, TCP with all of its options */
#define LW_SUPER_HEADER_MAX	(ETH_HLEN + VLAN_HLEN + sizeof(struct ipv6hdr) + 60)

/**
 * struct lw_super - what the headers of all segments of a super-packet are made from
 * @len: of the headers, bytes; the payload begins there
 * @l3: where the IP header is
 * @l4: where the TCP header is
 * @mss: payload of each segment but the last, bytes
 * @v4: or IPv6
 * @header: of the first segment
 */
struct lw_super {
	u16	len;
	u16	l3;
	u16	l4;
	u16	mss;
	bool	v4;
	u8	header[LW_SUPER_HEADER_MAX];
};

bool lw_super_parse(struct lw_super *s, u8 mode, const u8 *data, unsigned int len);
bool lw_super_cuttable(struct lw_super *s, u8 mode, const struct sk_buff *skb);
void lw_super_header(const struct lw_super *s, u8 *to, unsigned int i, unsigned int payload,
		     bool last);
void lw_super_sum(const struct lw_super *s, u8 *segment, unsigned int payload);
bool lw_super_begins(const struct lw_super *s, unsigned int payload);
bool lw_super_follows(const struct lw_super *s, const u8 *header, unsigned int i,
		      unsigned int payload, bool last);
void lw_super_join(struct lw_super *s, const u8 *header);
unsigned int lw_super_gso_type(const struct lw_super *s);

#endif /* _LW_SUPER_H */
