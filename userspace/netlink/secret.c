// SPDX-License-Identifier: MIT
#include "netlink/secret.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>

void *lw_secret_alloc(size_t size)
{
	void *secret = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (secret == MAP_FAILED)
		return NULL;
	(void)madvise(secret, size, MADV_DONTDUMP);
	(void)mlock(secret, size);
	return secret;
}

void lw_secret_free(void *secret, size_t size)
{
	if (!secret)
		return;
	explicit_bzero(secret, size);
	munmap(secret, size);
}

int lw_secret_random(void *buf, size_t size)
{
	uint8_t *at = buf;

	while (size) {
		ssize_t n = getrandom(at, size, 0);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		at += n;
		size -= n;
	}
	return 0;
}

/* All ones if lo <= x <= hi, else 0; for x, lo and hi from 0 to 255. */
static unsigned int in_range(unsigned int x, unsigned int lo, unsigned int hi)
{
	return 0U - (((lo - 1 - x) & (x - hi - 1)) >> 31);
}

static char encode6(unsigned int v)
{
	unsigned int c = v + 'A';

	c += in_range(v, 26, 51) & ('a' - 'A' - 26);
	c += in_range(v, 52, 61) & (unsigned int)('0' - 'A' - 52);
	c += in_range(v, 62, 62) & (unsigned int)('+' - 'A' - 62);
	c += in_range(v, 63, 63) & (unsigned int)('/' - 'A' - 63);
	return (char)c;
}

/* 0 to 63; or -1: no character of the alphabet */
static int decode6(char text)
{
	unsigned int c = (unsigned char)text, v = 0, ok;

	v += in_range(c, 'A', 'Z') & (c - 'A');
	v += in_range(c, 'a', 'z') & (c - 'a' + 26);
	v += in_range(c, '0', '9') & (c - '0' + 52);
	v += in_range(c, '+', '+') & 62;
	v += in_range(c, '/', '/') & 63;
	ok = in_range(c, 'A', 'Z') | in_range(c, 'a', 'z') | in_range(c, '0', '9') | in_range(c, '+', '+') |
	     in_range(c, '/', '/');
	return (int)((v & ok) | ~ok);
}

void lw_base64_encode(char *text, const uint8_t *bytes, size_t n)
{
	while (n) {
		unsigned int take = n < 3 ? (unsigned int)n : 3;
		unsigned int v = (unsigned int)bytes[0] << 16;

		if (take > 1)
			v |= (unsigned int)bytes[1] << 8;
		if (take > 2)
			v |= bytes[2];
		text[0] = encode6(v >> 18);
		text[1] = encode6(v >> 12 & 63);
		text[2] = take > 1 ? encode6(v >> 6 & 63) : '=';
		text[3] = take > 2 ? encode6(v & 63) : '=';
		text += 4;
		bytes += take;
		n -= take;
	}
	*text = '\0';
}

int lw_base64_decode(uint8_t *bytes, size_t size, const char *text, size_t len)
{
	size_t pad, n, i;
	int bad = 0;

	if (!len || len % 4)
		return -EINVAL;
	pad = text[len - 1] != '=' ? 0 : text[len - 2] != '=' ? 1 : 2;
	n = len / 4 * 3 - pad;
	if (n > size)
		return -EINVAL;

	for (i = 0; i < len; i += 4) {
		unsigned int keep = i + 4 == len ? 3 - (unsigned int)pad : 3;
		int a = decode6(text[i]), b = decode6(text[i + 1]);
		int c = keep > 1 ? decode6(text[i + 2]) : 0;
		int d = keep > 2 ? decode6(text[i + 3]) : 0;
		unsigned int v = ((unsigned int)a & 63) << 18 | ((unsigned int)b & 63) << 12 |
				 ((unsigned int)c & 63) << 6 | ((unsigned int)d & 63);

		bad |= a | b | c | d;
		*bytes++ = (uint8_t)(v >> 16);
		if (keep > 1)
			*bytes++ = (uint8_t)(v >> 8);
		if (keep > 2)
			*bytes++ = (uint8_t)v;
		/* bits behind the last byte must be zero, or one key would have several spellings */
		if (keep < 3)
			bad |= -(int)((v & ((1U << (8 * (3 - keep))) - 1)) != 0);
	}
	return bad < 0 ? -EINVAL : (int)n;
}
