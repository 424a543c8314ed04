/* SPDX-License-Identifier: MIT */
/*
 * Addresses and networks as numbers: what lies in what, what can be joined.
 */
#ifndef LINKWIRE_TOPO_NET_H
#define LINKWIRE_TOPO_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "topology/state.h"

__extension__ typedef unsigned __int128 u128;

#define NET_STRLEN (LW_ADDR_STRLEN + 4)

unsigned int net_bits(uint8_t family);			/* 32 or 128 */
u128 net_number(const struct lw_addr *a);
struct lw_addr net_addr(uint8_t family, u128 number);
u128 net_host_mask(uint8_t family, uint8_t len);	/* the bits behind a prefix */
struct topo_addr net_whole(const struct lw_addr *a);	/* the network of that address alone: /32 or /128 */
struct topo_addr net_of(const struct topo_addr *a);	/* the network that an address with a length is in */
bool net_usable(const struct lw_addr *a);
bool net_link_local(const struct lw_addr *a);
bool net_contains(const struct topo_addr *outer, const struct topo_addr *inner);
size_t net_join(struct topo_addr *list, size_t n);
size_t net_merge(struct topo_addr *list, size_t n);
const char *net_format(const struct topo_addr *a, char text[NET_STRLEN]);

#endif
