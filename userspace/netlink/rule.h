/* SPDX-License-Identifier: MIT */
/*
 * Rules of routing policy: RTM_NEWRULE, RTM_DELRULE.
 */
#ifndef LW_NETLINK_RULE_H
#define LW_NETLINK_RULE_H

#include <net/if.h>

#include "netlink/address.h"

struct lw_rule {
	uint8_t family;		/* AF_INET or AF_INET6 */
	struct lw_addr from, to;	/* family 0: any */
	uint8_t from_len, to_len;
	char iif[IFNAMSIZ];	/* the interface that it came in by, "lo" if it was made here; empty: any */
	uint32_t priority;
	uint32_t table;
	uint8_t protocol;	/* RTPROT_*: who put it there */
};

int lw_rule_add(struct lw_batch *b, const struct lw_rule *r);	/* one that is there already: -EEXIST */
int lw_rule_del(struct lw_batch *b, const struct lw_rule *r);

typedef int lw_rule_fn(const struct lw_rule *r, void *arg);

/* All rules of both families that lead to a table. */
int lw_rule_dump(struct lw_nl *nl, lw_rule_fn *fn, void *arg, struct lw_error *err);

#endif
