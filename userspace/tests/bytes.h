/* SPDX-License-Identifier: MIT */
/*
 * For the unit tests: the bytes that a request ought to have, put together by hand, without libmnl.
 */
#ifndef TESTS_BYTES_H
#define TESTS_BYTES_H

#include <linux/netlink.h>
#include <stdint.h>
#include <string.h>

#include "netlink/batch.h"

/* what is expected, byte by byte */
struct bytes {
	uint8_t at[2048];
	size_t n;
};

static inline void put(struct bytes *b, const void *data, size_t n)
{
	memcpy(b->at + b->n, data, n);
	b->n += n;
}

static inline void put_u16(struct bytes *b, uint16_t v)
{
	put(b, &v, sizeof(v));
}

static inline void put_u32(struct bytes *b, uint32_t v)
{
	put(b, &v, sizeof(v));
}

static inline void pad(struct bytes *b)
{
	while (b->n % 4)
		b->at[b->n++] = 0;
}

static inline void attr(struct bytes *b, uint16_t type, const void *data, size_t n)
{
	put_u16(b, (uint16_t)(4 + n));
	put_u16(b, type);
	put(b, data, n);
	pad(b);
}

static inline void attr_u8(struct bytes *b, uint16_t type, uint8_t v)
{
	attr(b, type, &v, 1);
}

static inline void attr_u32(struct bytes *b, uint16_t type, uint32_t v)
{
	attr(b, type, &v, 4);
}

static inline void attr_u64(struct bytes *b, uint16_t type, uint64_t v)
{
	attr(b, type, &v, 8);
}

static inline size_t nest(struct bytes *b, uint16_t type)
{
	put_u16(b, 0);
	put_u16(b, type | NLA_F_NESTED);
	return b->n - 4;
}

static inline void end(struct bytes *b, size_t start)
{
	uint16_t len = (uint16_t)(b->n - start);

	memcpy(b->at + start, &len, 2);
}

static inline void header(struct bytes *b, uint16_t type, uint16_t flags)
{
	put_u32(b, 0);
	put_u16(b, type);
	put_u16(b, flags);
	put_u32(b, 0);
	put_u32(b, 0);
}

static inline void ifinfo(struct bytes *b, uint32_t index, uint32_t flags, uint32_t change)
{
	put_u32(b, 0);
	put_u32(b, index);
	put_u32(b, flags);
	put_u32(b, change);
}

static inline void compare(const struct lw_batch *batch, unsigned int i, struct bytes *want)
{
	const struct nlmsghdr *nlh = lw_batch_request(batch, i);
	uint32_t len = (uint32_t)want->n;

	memcpy(want->at, &len, 4);
	assert_int_equal(nlh->nlmsg_len, want->n);
	assert_memory_equal(nlh, want->at, want->n);
}

#endif
