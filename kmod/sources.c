// SPDX-License-Identifier: GPL-2.0
/*
 * Allowed sources: thousands of prefixes, looked up for each packet. They come as a whole, so they
 * are kept as what a search is quickest in, ranges in order, and as they came, to be shown.
 */

#include <linux/etherdevice.h>
#include <linux/linkwire.h>
#include <linux/mm.h>
#include <linux/sort.h>
#include "sources.h"

#define LW_SOURCE_BYTES_MAX(type, most)	(sizeof(type) * (most))

const struct nla_policy lw_sources_policy[LINKWIRE_A_SOURCE_MAX + 1] = {
	[LINKWIRE_A_SOURCE_ANY]		= { .type = NLA_FLAG },
	[LINKWIRE_A_SOURCE_IPV4]	= {
		.type	= NLA_BINARY,
		.len	= LW_SOURCE_BYTES_MAX(struct linkwire_prefix4, LINKWIRE_SOURCE_IPV4_MAX),
	},
	[LINKWIRE_A_SOURCE_IPV6]	= {
		.type	= NLA_BINARY,
		.len	= LW_SOURCE_BYTES_MAX(struct linkwire_prefix6, LINKWIRE_SOURCE_IPV6_MAX),
	},
	[LINKWIRE_A_SOURCE_MAC]		= {
		.type	= NLA_BINARY,
		.len	= LW_SOURCE_BYTES_MAX(u8[ETH_ALEN], LINKWIRE_SOURCE_MAC_MAX),
	},
};

/* attribute, size of an address, size of an entry: what is behind the address is the prefix length */
static const struct {
	int		attr;
	unsigned int	addr;
	unsigned int	entry;
} lw_source_kinds[LW_SOURCE_KINDS] = {
	[LW_SOURCE_IPV4] = { LINKWIRE_A_SOURCE_IPV4, 4, sizeof(struct linkwire_prefix4) },
	[LW_SOURCE_IPV6] = { LINKWIRE_A_SOURCE_IPV6, 16, sizeof(struct linkwire_prefix6) },
	[LW_SOURCE_MAC]  = { LINKWIRE_A_SOURCE_MAC, ETH_ALEN, ETH_ALEN },
};

/* big-endian, of up to 16 bytes */
static struct lw_source lw_source(const u8 *addr, unsigned int len)
{
	struct lw_source s = {};

	for (; len; len--, addr++) {
		s.high = s.high << 8 | s.low >> 56;
		s.low = s.low << 8 | *addr;
	}
	return s;
}

static int lw_source_compare(const struct lw_source *a, const struct lw_source *b)
{
	if (a->high != b->high)
		return a->high < b->high ? -1 : 1;
	return a->low == b->low ? 0 : a->low < b->low ? -1 : 1;
}

static int lw_source_compare_first(const void *a, const void *b)
{
	return lw_source_compare(&((const struct lw_source_range *)a)->first,
				 &((const struct lw_source_range *)b)->first);
}

/* in order; those that overlap or touch become one */
static void lw_source_merge(struct lw_source_set *set)
{
	unsigned int i, n = 0;

	sort(set->range, set->n, sizeof(*set->range), lw_source_compare_first, NULL);
	for (i = 1; i < set->n; i++) {
		struct lw_source_range *now = &set->range[n], *next = &set->range[i];
		struct lw_source after = now->last;

		/* behind the last address of all there is none */
		if (!++after.low && !++after.high)
			break;
		if (lw_source_compare(&next->first, &after) > 0)
			set->range[++n] = *next;
		else if (lw_source_compare(&next->last, &now->last) > 0)
			now->last = next->last;
	}
	set->n = set->n ? n + 1 : 0;
}

/* one entry; @len: the prefix's, of an address of @bits */
static int lw_source_range(struct lw_source_range *r, struct lw_source addr, unsigned int len,
			   unsigned int bits, const struct nlattr *attr,
			   struct netlink_ext_ack *extack)
{
	struct lw_source host = {};

	if (len > bits) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "a prefix is longer than its address");
		return -EINVAL;
	}
	bits -= len;
	host.high = bits > 64 ? U64_MAX >> (128 - bits) : 0;
	host.low = bits >= 64 ? U64_MAX : bits ? U64_MAX >> (64 - bits) : 0;
	if (addr.high & host.high || addr.low & host.low) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "an address has bits set behind its prefix");
		return -EINVAL;
	}
	r->first = addr;
	r->last.high = addr.high | host.high;
	r->last.low = addr.low | host.low;
	return 0;
}

/* ranges of what was given by @attr */
static int lw_source_set(struct lw_source_set *set, unsigned int kind, const struct nlattr *attr,
			 struct netlink_ext_ack *extack)
{
	unsigned int size = lw_source_kinds[kind].addr, entry = lw_source_kinds[kind].entry, i;
	const u8 *at = set->given;
	int err;

	for (i = 0; i < set->n; i++, at += entry) {
		if (kind == LW_SOURCE_MAC && !is_valid_ether_addr(at)) {
			NL_SET_ERR_MSG_ATTR(extack, attr, "no unicast MAC address");
			return -EINVAL;
		}
		err = lw_source_range(&set->range[i], lw_source(at, size),
				      kind == LW_SOURCE_MAC ? 8 * size : at[size], 8 * size, attr,
				      extack);
		if (err)
			return err;
	}
	lw_source_merge(set);
	return 0;
}

/* room for all of it in one piece */
static struct lw_sources *lw_sources_alloc(struct nlattr *tb[])
{
	struct lw_sources *sources;
	size_t size = sizeof(*sources);
	unsigned int kind, n, len;
	void *at;

	for (kind = 0; kind < LW_SOURCE_KINDS; kind++) {
		const struct nlattr *attr = tb[lw_source_kinds[kind].attr];

		len = attr ? nla_len(attr) : 0;
		n = len / lw_source_kinds[kind].entry;
		size += n * sizeof(struct lw_source_range) + ALIGN(len, sizeof(u64));
	}
	sources = kvzalloc(size, GFP_KERNEL_ACCOUNT);
	if (!sources)
		return NULL;
	refcount_set(&sources->users, 1);
	at = sources + 1;
	for (kind = 0; kind < LW_SOURCE_KINDS; kind++) {
		const struct nlattr *attr = tb[lw_source_kinds[kind].attr];
		struct lw_source_set *set = &sources->set[kind];

		if (!attr)
			continue;
		set->given_len = nla_len(attr);
		set->n = set->given_len / lw_source_kinds[kind].entry;
		set->range = at;
		at += set->n * sizeof(*set->range);
		set->given = at;
		at += ALIGN(set->given_len, sizeof(u64));
		memcpy(set->given, nla_data(attr), set->given_len);
	}
	return sources;
}

/**
 * lw_sources_parse - allowed sources, from a request
 * @attr: IFLA_LINKWIRE_SOURCES
 * @mode: of the wire
 * @sources: gets them, to be put; or NULL, if every source is allowed
 * @extack: says what is wrong
 * Context: process. Return: 0 or an error.
 */
int lw_sources_parse(const struct nlattr *attr, u8 mode, struct lw_sources **sources,
		     struct netlink_ext_ack *extack)
{
	struct nlattr *tb[LINKWIRE_A_SOURCE_MAX + 1];
	struct lw_sources *s;
	unsigned int kind;
	int err;

	*sources = NULL;
	err = nla_parse_nested(tb, LINKWIRE_A_SOURCE_MAX, attr, lw_sources_policy, extack);
	if (err)
		return err;
	for (kind = 0; kind < LW_SOURCE_KINDS; kind++) {
		const struct nlattr *list = tb[lw_source_kinds[kind].attr];

		if (list && tb[LINKWIRE_A_SOURCE_ANY]) {
			NL_SET_ERR_MSG_ATTR(extack, list, "any source, or some: not both");
			return -EINVAL;
		}
		if (list && nla_len(list) % lw_source_kinds[kind].entry) {
			NL_SET_ERR_MSG_ATTR(extack, list, "a list that ends within an entry");
			return -EINVAL;
		}
	}
	if (tb[LINKWIRE_A_SOURCE_ANY])
		return 0;
	if (mode == LINKWIRE_MODE_L3 && tb[LINKWIRE_A_SOURCE_MAC]) {
		NL_SET_ERR_MSG_ATTR(extack, tb[LINKWIRE_A_SOURCE_MAC],
				    "an L3 wire has no MAC addresses");
		return -EINVAL;
	}
	s = lw_sources_alloc(tb);
	if (!s)
		return -ENOMEM;
	for (kind = 0; kind < LW_SOURCE_KINDS; kind++) {
		err = lw_source_set(&s->set[kind], kind, tb[lw_source_kinds[kind].attr], extack);
		if (err) {
			lw_sources_put(s);
			return err;
		}
	}
	*sources = s;
	return 0;
}

/**
 * lw_sources_get - another configuration has them
 * @sources: allowed sources, kept by a configuration that is seen under RCU; or NULL
 * Return: @sources.
 */
struct lw_sources *lw_sources_get(struct lw_sources *sources)
{
	if (sources)
		refcount_inc(&sources->users);
	return sources;
}

/**
 * lw_sources_put - a configuration goes
 * @sources: whoever looked at them by that configuration has had a grace period to end; or NULL
 * Context: process.
 */
void lw_sources_put(struct lw_sources *sources)
{
	if (sources && refcount_dec_and_test(&sources->users))
		kvfree(sources);
}

/**
 * lw_sources_size - room that lw_sources_fill() needs
 * @sources: allowed sources, or NULL
 * Return: bytes.
 */
size_t lw_sources_size(const struct lw_sources *sources)
{
	size_t size = nla_total_size(0);
	unsigned int kind;

	for (kind = 0; sources && kind < LW_SOURCE_KINDS; kind++)
		size += nla_total_size(sources->set[kind].given_len);
	return sources ? size : 0;
}

/**
 * lw_sources_fill - put allowed sources into a message, as they were asked for
 * @msg: netlink message
 * @sources: allowed sources; NULL: nothing is put
 * Return: 0 or -EMSGSIZE.
 */
int lw_sources_fill(struct sk_buff *msg, const struct lw_sources *sources)
{
	struct nlattr *nest;
	unsigned int kind;

	if (!sources)
		return 0;
	nest = nla_nest_start(msg, IFLA_LINKWIRE_SOURCES);
	if (!nest)
		return -EMSGSIZE;
	for (kind = 0; kind < LW_SOURCE_KINDS; kind++) {
		const struct lw_source_set *set = &sources->set[kind];

		if (set->given_len &&
		    nla_put(msg, lw_source_kinds[kind].attr, set->given_len, set->given))
			return -EMSGSIZE;
	}
	nla_nest_end(msg, nest);
	return 0;
}

/* the first range that ends at @addr or behind it is the only one that @addr can be in */
static bool lw_source_find(const struct lw_source_set *set, const struct lw_source *addr)
{
	unsigned int low = 0, high = set->n, mid;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (lw_source_compare(&set->range[mid].last, addr) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low < set->n && lw_source_compare(&set->range[low].first, addr) <= 0;
}

/**
 * lw_sources_ipv4 - is an IPv4 address allowed?
 * @sources: allowed sources
 * @addr: address
 * Context: RCU. Return: true if it is.
 */
bool lw_sources_ipv4(const struct lw_sources *sources, __be32 addr)
{
	const struct lw_source s = { .low = ntohl(addr) };

	return lw_source_find(&sources->set[LW_SOURCE_IPV4], &s);
}

/**
 * lw_sources_ipv6 - is an IPv6 address among those that are listed?
 * @sources: allowed sources
 * @addr: address
 * Context: RCU. Return: true if it is.
 */
bool lw_sources_ipv6(const struct lw_sources *sources, const struct in6_addr *addr)
{
	const struct lw_source s = lw_source(addr->s6_addr, sizeof(*addr));

	return lw_source_find(&sources->set[LW_SOURCE_IPV6], &s);
}

/**
 * lw_sources_mac - is a MAC address among those that are listed?
 * @sources: allowed sources
 * @addr: address
 * Context: RCU. Return: true if it is.
 */
bool lw_sources_mac(const struct lw_sources *sources, const u8 addr[ETH_ALEN])
{
	const struct lw_source s = { .low = ether_addr_to_u64(addr) };

	return lw_source_find(&sources->set[LW_SOURCE_MAC], &s);
}
