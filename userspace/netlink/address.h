/* SPDX-License-Identifier: MIT */
/*
 * IPv4 and IPv6 addresses, as values and on interfaces.
 */
#ifndef LW_NETLINK_ADDRESS_H
#define LW_NETLINK_ADDRESS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include "netlink/batch.h"

struct lw_addr {
	uint8_t family;		/* AF_INET, AF_INET6; 0: none */
	union {
		struct in_addr v4;
		struct in6_addr v6;
		uint8_t bytes[16];
	};
};

#define LW_ADDR_STRLEN INET6_ADDRSTRLEN

int lw_addr_parse(struct lw_addr *a, const char *text);			/* 0 or -EINVAL; numbers only, no names */
int lw_addr_parse_prefix(struct lw_addr *a, uint8_t *len, const char *text);	/* ADDR[/LEN]; the whole length if none */
const char *lw_addr_format(const struct lw_addr *a, char buf[LW_ADDR_STRLEN]);
unsigned int lw_addr_size(const struct lw_addr *a);			/* 4 or 16 */
bool lw_addr_equal(const struct lw_addr *a, const struct lw_addr *b);
int lw_addr_from_bytes(struct lw_addr *a, const void *bytes, unsigned int size);	/* by size: 4 or 16; else -EINVAL */

/* an address of an interface: RTM_NEWADDR, RTM_DELADDR */
struct lw_ifaddr {
	uint32_t ifindex;
	struct lw_addr addr;
	uint8_t prefix_len;
	uint32_t flags;		/* IFA_F_*; builders set IFA_F_NODAD for IPv6, since a wire has one peer */
	uint8_t scope;		/* RT_SCOPE_* */
	uint8_t proto;		/* IFA_PROTO: who put it there, a mark as a route's protocol is; 0: none */
};

/* Builders: return the request's index in the batch or a negative errno (also kept in the batch). */
int lw_ifaddr_add(struct lw_batch *b, const struct lw_ifaddr *a);
int lw_ifaddr_del(struct lw_batch *b, const struct lw_ifaddr *a);

typedef int lw_ifaddr_fn(const struct lw_ifaddr *a, void *arg);	/* less than 0 ends the dump with that */

/* All addresses of the namespace, both families, link-local ones too. */
int lw_ifaddr_dump(struct lw_nl *nl, lw_ifaddr_fn *fn, void *arg, struct lw_error *err);

#endif
