// SPDX-License-Identifier: MIT
#include "netlink/values.h"

#include <arpa/inet.h>
#include <string.h>

#define STRING_MAX 512

uint8_t lw_get_u8(const struct nlattr *a)
{
	return mnl_attr_get_payload_len(a) == sizeof(uint8_t) ? mnl_attr_get_u8(a) : 0;
}

uint16_t lw_get_u16(const struct nlattr *a)
{
	return mnl_attr_get_payload_len(a) == sizeof(uint16_t) ? mnl_attr_get_u16(a) : 0;
}

uint16_t lw_get_be16(const struct nlattr *a)
{
	return ntohs(lw_get_u16(a));
}

uint32_t lw_get_u32(const struct nlattr *a)
{
	return mnl_attr_get_payload_len(a) == sizeof(uint32_t) ? mnl_attr_get_u32(a) : 0;
}

uint64_t lw_get_u64(const struct nlattr *a)
{
	return mnl_attr_get_payload_len(a) == sizeof(uint64_t) ? mnl_attr_get_u64(a) : 0;
}

void lw_get_string(const struct nlattr *a, char *text, size_t size)
{
	size_t len = strnlen(mnl_attr_get_payload(a), mnl_attr_get_payload_len(a));

	if (len >= size)
		len = size - 1;
	memcpy(text, mnl_attr_get_payload(a), len);
	text[len] = '\0';
}

void lw_get_addr(const struct nlattr *a, struct lw_addr *addr)
{
	(void)lw_addr_from_bytes(addr, mnl_attr_get_payload(a), mnl_attr_get_payload_len(a));
}

void lw_put_be16(struct nlmsghdr *nlh, uint16_t type, uint16_t value)
{
	mnl_attr_put_u16(nlh, type, htons(value));
}

void lw_put_addr(struct nlmsghdr *nlh, uint16_t type, const struct lw_addr *addr)
{
	mnl_attr_put(nlh, type, lw_addr_size(addr), addr->bytes);
}

void lw_put_string(struct nlmsghdr *nlh, uint16_t type, const char *text)
{
	char cut[STRING_MAX];
	size_t len = strnlen(text, sizeof(cut) - 1);

	memcpy(cut, text, len);
	cut[len] = '\0';
	mnl_attr_put_strz(nlh, type, cut);
}
