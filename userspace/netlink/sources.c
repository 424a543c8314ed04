// SPDX-License-Identifier: MIT
#include "netlink/sources.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/linkwire.h>
#include <stdlib.h>
#include <string.h>

static size_t of_family(const struct lw_sources *s, uint8_t family, size_t most)
{
	size_t n = 0, i;

	for (i = 0; i < s->prefixes && n < most; i++)
		n += s->prefix[i].addr.family == family;
	return n;
}

static size_t macs(const struct lw_sources *s)
{
	return s->macs <= LINKWIRE_SOURCE_MAC_MAX ? s->macs : LINKWIRE_SOURCE_MAC_MAX + 1;
}

size_t lw_sources_size(const struct lw_sources *s)
{
	return 4 * MNL_ATTR_HDRLEN + 3 * MNL_ALIGNTO +
	       of_family(s, AF_INET, LINKWIRE_SOURCE_IPV4_MAX + 1) * sizeof(struct linkwire_prefix4) +
	       of_family(s, AF_INET6, LINKWIRE_SOURCE_IPV6_MAX + 1) * sizeof(struct linkwire_prefix6) +
	       macs(s) * sizeof(struct lw_mac);
}

/* prefixes of one family; libmnl has no way to put an array together in place */
static void put_prefixes(struct nlmsghdr *nlh, uint16_t type, const struct lw_sources *s, uint8_t family, size_t most)
{
	struct nlattr *attr = mnl_attr_nest_start(nlh, type);
	uint8_t *at = mnl_attr_get_payload(attr), *end = at;
	size_t n = of_family(s, family, most), i;

	if (!n) {
		mnl_attr_nest_cancel(nlh, attr);
		return;
	}
	for (i = 0; n; i++) {
		const struct lw_prefix *p = &s->prefix[i];

		if (p->addr.family != family)
			continue;
		memcpy(end, p->addr.bytes, lw_addr_size(&p->addr));
		end += lw_addr_size(&p->addr);
		*end++ = p->len;
		n--;
	}
	attr->nla_type = type;
	attr->nla_len = (uint16_t)(end - (uint8_t *)attr);
	memset(end, 0, MNL_ALIGN(attr->nla_len) - attr->nla_len);
	nlh->nlmsg_len += MNL_ALIGN(attr->nla_len) - MNL_ATTR_HDRLEN;
}

void lw_sources_put(struct nlmsghdr *nlh, const struct lw_sources *s)
{
	struct nlattr *nest = mnl_attr_nest_start(nlh, IFLA_LINKWIRE_SOURCES);

	if (!s->on) {
		mnl_attr_put(nlh, LINKWIRE_A_SOURCE_ANY, 0, NULL);
	} else {
		put_prefixes(nlh, LINKWIRE_A_SOURCE_IPV4, s, AF_INET, LINKWIRE_SOURCE_IPV4_MAX + 1);
		put_prefixes(nlh, LINKWIRE_A_SOURCE_IPV6, s, AF_INET6, LINKWIRE_SOURCE_IPV6_MAX + 1);
		if (s->macs)
			mnl_attr_put(nlh, LINKWIRE_A_SOURCE_MAC, macs(s) * sizeof(*s->mac), s->mac);
	}
	mnl_attr_nest_end(nlh, nest);
}

static int parse_prefixes(const struct nlattr *attr, unsigned int size, struct lw_sources *s)
{
	size_t n = mnl_attr_get_payload_len(attr) / (size + 1), i;
	const uint8_t *at = mnl_attr_get_payload(attr);
	struct lw_prefix *more;

	if (!n)
		return 0;
	more = realloc(s->prefix, (s->prefixes + n) * sizeof(*more));
	if (!more)
		return -ENOMEM;
	s->prefix = more;
	for (i = 0; i < n; i++, at += size + 1) {
		struct lw_prefix *p = &s->prefix[s->prefixes++];

		(void)lw_addr_from_bytes(&p->addr, at, size);
		p->len = at[size];
	}
	return 0;
}

static int parse_macs(const struct nlattr *attr, struct lw_sources *s)
{
	size_t n = mnl_attr_get_payload_len(attr) / sizeof(*s->mac);

	free(s->mac);
	s->mac = NULL;
	s->macs = 0;
	if (!n)
		return 0;
	s->mac = malloc(n * sizeof(*s->mac));
	if (!s->mac)
		return -ENOMEM;
	memcpy(s->mac, mnl_attr_get_payload(attr), n * sizeof(*s->mac));
	s->macs = n;
	return 0;
}

int lw_sources_parse(const struct nlattr *nest, struct lw_sources *s)
{
	const struct nlattr *a;
	int ret = 0;

	*s = (struct lw_sources){ .on = true };
	mnl_attr_for_each_nested(a, nest) {
		switch (mnl_attr_get_type(a)) {
		case LINKWIRE_A_SOURCE_ANY:
			s->on = false;
			break;
		case LINKWIRE_A_SOURCE_IPV4:
			ret = parse_prefixes(a, 4, s);
			break;
		case LINKWIRE_A_SOURCE_IPV6:
			ret = parse_prefixes(a, 16, s);
			break;
		case LINKWIRE_A_SOURCE_MAC:
			ret = parse_macs(a, s);
			break;
		}
		if (ret < 0) {
			lw_sources_free(s);
			return ret;
		}
	}
	return 0;
}

static int copy_array(void *to, const void *from, size_t size)
{
	void *copy = NULL;

	if (size) {
		copy = malloc(size);
		if (!copy)
			return -ENOMEM;
		memcpy(copy, from, size);
	}
	memcpy(to, &copy, sizeof(copy));
	return 0;
}

int lw_sources_copy(struct lw_sources *to, const struct lw_sources *from)
{
	struct lw_sources copy = { .on = from->on, .prefixes = from->prefixes, .macs = from->macs };
	int ret;

	ret = copy_array(&copy.prefix, from->prefix, from->prefixes * sizeof(*from->prefix));
	if (!ret)
		ret = copy_array(&copy.mac, from->mac, from->macs * sizeof(*from->mac));
	if (ret < 0) {
		free(copy.prefix);
		copy = (struct lw_sources){ 0 };
	}
	*to = copy;
	return ret;
}

void lw_sources_free(struct lw_sources *s)
{
	free(s->prefix);
	free(s->mac);
	*s = (struct lw_sources){ 0 };
}
