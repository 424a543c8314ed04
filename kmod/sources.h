/* SPDX-License-Identifier: GPL-2.0 */
/* The source addresses that a wire delivers packets from. Implemented in sources.c. */
#ifndef _LW_SOURCES_H
#define _LW_SOURCES_H

#include <linux/if_ether.h>
#include <linux/in6.h>
#include <linux/linkwire.h>
#include <linux/refcount.h>
#include <net/netlink.h>

enum lw_source_kind {
	LW_SOURCE_IPV4,
	LW_SOURCE_IPV6,
	LW_SOURCE_MAC,
	LW_SOURCE_KINDS
};

/**
 * struct lw_source - an address of any kind, as a number
 * @high: upper 64 bits, for IPv6
 * @low: lower 64 bits
 */
struct lw_source {
	u64	high;
	u64	low;
};

/**
 * struct lw_source_range - addresses from @first to @last
 * @first: lowest
 * @last: highest
 */
struct lw_source_range {
	struct lw_source	first;
	struct lw_source	last;
};

/**
 * struct lw_source_set - the addresses of one kind
 * @range: in order, with other addresses between any two
 * @n: how many
 * @given: what was asked for, as it came
 * @given_len: bytes of it
 */
struct lw_source_set {
	struct lw_source_range	*range;
	unsigned int		n;
	void			*given;
	unsigned int		given_len;
};

/**
 * struct lw_sources - allowed sources: never changed
 * @users: configurations that have it
 * @set: by kind, each in memory behind this
 */
struct lw_sources {
	refcount_t		users;
	struct lw_source_set	set[LW_SOURCE_KINDS];
};

extern const struct nla_policy lw_sources_policy[LINKWIRE_A_SOURCE_MAX + 1];

int lw_sources_parse(const struct nlattr *attr, u8 mode, struct lw_sources **sources,
		     struct netlink_ext_ack *extack);
struct lw_sources *lw_sources_get(struct lw_sources *sources);
void lw_sources_put(struct lw_sources *sources);
size_t lw_sources_size(const struct lw_sources *sources);
int lw_sources_fill(struct sk_buff *msg, const struct lw_sources *sources);
bool lw_sources_ipv4(const struct lw_sources *sources, __be32 addr);
bool lw_sources_ipv6(const struct lw_sources *sources, const struct in6_addr *addr);
bool lw_sources_mac(const struct lw_sources *sources, const u8 addr[ETH_ALEN]);

static inline bool lw_sources_have_macs(const struct lw_sources *sources)
{
	return sources->set[LW_SOURCE_MAC].n;
}

#endif /* _LW_SOURCES_H */
