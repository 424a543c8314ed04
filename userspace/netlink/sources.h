/* SPDX-License-Identifier: MIT */
/*
 * The allowed sources of a wire: the addresses that packets may come from, out of it.
 */
#ifndef LW_NETLINK_SOURCES_H
#define LW_NETLINK_SOURCES_H

#include <linux/netlink.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "netlink/address.h"

struct lw_prefix {
	struct lw_addr addr;	/* bits behind the prefix are zero, or the kernel refuses it */
	uint8_t len;
};

struct lw_mac {
	uint8_t bytes[6];
};

/*
 * To builders, a view of somebody else's arrays. What lw_sources_parse() and lw_sources_copy() made is owned, and
 * freed by lw_sources_free().
 */
struct lw_sources {
	bool on;		/* false: everything is allowed */
	struct lw_prefix *prefix;	/* of both families, in any order */
	size_t prefixes;
	struct lw_mac *mac;
	size_t macs;
};

/* Bytes of a request that the attribute takes, at most. */
size_t lw_sources_size(const struct lw_sources *s);

/* Adds IFLA_LINKWIRE_SOURCES. Of a kind, one more than the kernel takes is sent at most, which it then refuses. */
void lw_sources_put(struct nlmsghdr *nlh, const struct lw_sources *s);

/* From IFLA_LINKWIRE_SOURCES. 0, or -ENOMEM. */
int lw_sources_parse(const struct nlattr *nest, struct lw_sources *s);

int lw_sources_copy(struct lw_sources *to, const struct lw_sources *from);	/* 0, or -ENOMEM with nothing to free */
void lw_sources_free(struct lw_sources *s);

#endif
