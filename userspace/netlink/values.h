/* SPDX-License-Identifier: MIT */
/*
 * Values of attributes: read with their size checked, strings written with their size bounded.
 */
#ifndef LW_NETLINK_VALUES_H
#define LW_NETLINK_VALUES_H

#include <libmnl/libmnl.h>
#include <stddef.h>
#include <stdint.h>

#include "netlink/address.h"

/* Each gives zero, or the empty string, for an attribute of the wrong size. */
uint8_t lw_get_u8(const struct nlattr *a);
uint16_t lw_get_be16(const struct nlattr *a);	/* in host order */
uint16_t lw_get_u16(const struct nlattr *a);
uint32_t lw_get_u32(const struct nlattr *a);
uint64_t lw_get_u64(const struct nlattr *a);
void lw_get_string(const struct nlattr *a, char *text, size_t size);	/* cut to @size - 1 bytes */
void lw_get_addr(const struct nlattr *a, struct lw_addr *addr);

void lw_put_be16(struct nlmsghdr *nlh, uint16_t type, uint16_t value);
void lw_put_addr(struct nlmsghdr *nlh, uint16_t type, const struct lw_addr *addr);

/* A string from outside: so much of it that a request cannot overflow, which is more than the kernel takes of any. */
void lw_put_string(struct nlmsghdr *nlh, uint16_t type, const char *text);

#endif
