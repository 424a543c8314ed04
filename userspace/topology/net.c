// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "topology/net.h"

/**
 * net_bits() - how long an address is
 * @family: AF_INET or AF_INET6
 *
 * Return: 32 or 128.
 */
unsigned int net_bits(uint8_t family)
{
	return family == AF_INET ? 32 : 128;
}

/**
 * net_number() - an address as a number
 * @a: the address
 *
 * Return: the number.
 */
u128 net_number(const struct lw_addr *a)
{
	u128 v = 0;

	for (unsigned int i = 0; i < lw_addr_size(a); i++)
		v = v << 8 | a->bytes[i];
	return v;
}

/**
 * net_addr() - a number as an address
 * @family: AF_INET or AF_INET6
 * @number: the number
 *
 * Return: the address.
 */
struct lw_addr net_addr(uint8_t family, u128 number)
{
	struct lw_addr a = { .family = family };

	for (unsigned int i = lw_addr_size(&a); i--; number >>= 8)
		a.bytes[i] = (uint8_t)number;
	return a;
}

/**
 * net_host_mask() - the bits of an address behind its prefix
 * @family: AF_INET or AF_INET6
 * @len: the prefix's length
 *
 * Return: a number with these bits set.
 */
u128 net_host_mask(uint8_t family, uint8_t len)
{
	unsigned int host = net_bits(family) - len;

	return host >= 128 ? ~(u128)0 : ((u128)1 << host) - 1;
}

/**
 * net_whole() - the network of one address alone
 * @a: the address
 *
 * Return: a /32 or /128.
 */
struct topo_addr net_whole(const struct lw_addr *a)
{
	return (struct topo_addr){ *a, (uint8_t)net_bits(a->family) };
}

/**
 * net_of() - the network that an address is in
 * @a: the address, with its prefix's length
 *
 * Return: the network.
 */
struct topo_addr net_of(const struct topo_addr *a)
{
	uint8_t family = a->addr.family;

	return (struct topo_addr){ net_addr(family, net_number(&a->addr) & ~net_host_mask(family, a->len)), a->len };
}

/**
 * net_usable() - can an interface have this address?
 * @a: the address
 *
 * Return: true if it is unicast, and not one that every host has.
 */
bool net_usable(const struct lw_addr *a)
{
	u128 v = net_number(a);

	if (a->family == AF_INET)
		return v >> 24 != 0 && v >> 24 != 127 && v >> 28 < 14;
	return v > 1 && v >> 120 != 0xff;
}

/**
 * net_link_local() - is it an address that means something on one link only?
 * @a: the address
 *
 * Return: true if it is of 169.254.0.0/16 or fe80::/10.
 */
bool net_link_local(const struct lw_addr *a)
{
	u128 v = net_number(a);

	return a->family == AF_INET ? v >> 16 == 0xa9fe : v >> 118 == 0xfe80 >> 6;
}

/**
 * net_contains() - is one network inside another?
 * @outer: the other
 * @inner: the one; a network contains itself
 *
 * Return: true if it is.
 */
bool net_contains(const struct topo_addr *outer, const struct topo_addr *inner)
{
	uint8_t family = outer->addr.family;

	return inner->addr.family == family && inner->len >= outer->len &&
	       !((net_number(&outer->addr) ^ net_number(&inner->addr)) & ~net_host_mask(family, outer->len));
}

static int by_order(const void *a, const void *b)
{
	return state_compare_addr(a, b);
}

/* two halves of a network, the lower one first */
static bool are_halves(const struct topo_addr *a, const struct topo_addr *b)
{
	uint8_t family = a->addr.family;

	if (family != b->addr.family || a->len != b->len || a->len < 2)
		return false;
	return (net_number(&a->addr) ^ net_number(&b->addr)) == net_host_mask(family, a->len) + 1 &&
	       !(net_number(&a->addr) & (net_host_mask(family, a->len) + 1));
}

/**
 * net_join() - the shortest list of networks that covers the same addresses, of one that is sorted
 * @list: networks in the order of state_compare_addr()
 * @n: how many
 *
 * Return: how many they are afterwards.
 */
size_t net_join(struct topo_addr *list, size_t n)
{
	size_t out = 0;

	for (size_t i = 0; i < n; i++) {
		struct topo_addr next = list[i];

		if (out && net_contains(&list[out - 1], &next))
			continue;
		while (out && are_halves(&list[out - 1], &next)) {
			next = list[--out];
			next.len--;
		}
		list[out++] = next;
	}
	return out;
}

/**
 * net_merge() - the shortest list of networks that covers the same addresses
 * @list: networks, in any order; sorted afterwards
 * @n: how many
 *
 * Return: how many they are afterwards.
 */
size_t net_merge(struct topo_addr *list, size_t n)
{
	if (n)
		qsort(list, n, sizeof(*list), by_order);
	return net_join(list, n);
}

/**
 * net_format() - a network as text
 * @a: the network
 * @text: where it goes
 *
 * Return: @text, such as "10.0.0.0/8".
 */
const char *net_format(const struct topo_addr *a, char text[NET_STRLEN])
{
	char addr[LW_ADDR_STRLEN];

	snprintf(text, NET_STRLEN, "%s/%u", lw_addr_format(&a->addr, addr), a->len);
	return text;
}
