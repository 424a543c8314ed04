/* SPDX-License-Identifier: MIT */
/*
 * Memory for keys: locked, left out of core files, wiped before it is given back.
 */
#ifndef LW_NETLINK_SECRET_H
#define LW_NETLINK_SECRET_H

#include <stddef.h>
#include <stdint.h>

/*
 * @size bytes of zeroes, on pages of their own; NULL: no memory. Locking fails where RLIMIT_MEMLOCK is small; the
 * memory is then given all the same, since only swap could see it.
 */
void *lw_secret_alloc(size_t size);
void lw_secret_free(void *secret, size_t size);	/* @size as allocated; NULL is fine */

/* Fills @buf with random bytes fit for keys. Returns 0 or a negative errno. */
int lw_secret_random(void *buf, size_t size);

/*
 * Base64 (RFC 4648, padded), without tables that a key byte would index: the time it takes and the memory it touches
 * tell nothing about the bytes.
 */
#define LW_BASE64_SIZE(bytes) (((bytes) + 2) / 3 * 4 + 1)	/* with the terminator */

void lw_base64_encode(char *text, const uint8_t *bytes, size_t n);

/* Decodes exactly @len characters. Returns the number of bytes, or -EINVAL: not base64, or more than @size bytes. */
int lw_base64_decode(uint8_t *bytes, size_t size, const char *text, size_t len);

#endif
