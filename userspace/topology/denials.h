/* SPDX-License-Identifier: MIT */
/*
 * What a node drops, as a table of nftables.
 */
#ifndef LINKWIRE_TOPO_DENIALS_H
#define LINKWIRE_TOPO_DENIALS_H

#include "topology/state.h"

#define DENIALS_CHAIN "denied"
#define DENIALS_RULES 2		/* without a comment: one for each set */
#define DENIALS_HOOKS 3		/* input, forward, output: each leads to the chain */

int denial_order(const void *a, const void *b);
bool denial_parse(const char *comment, struct topo_addr *from, struct topo_addr *to, char ifname[16]);
/* a list, and the state that it is of, which names the interfaces */
struct denials {
	const struct topo_state *of;
	const struct topo_denial *list;
	size_t n;
};

char *denials_json(const struct denials *d, size_t lists, size_t *len);

#endif
