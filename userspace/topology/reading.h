/* SPDX-License-Identifier: MIT */
/*
 * One node being read. live.c: the order; live_wires.c: wires and their ends; live_node.c: what a node has beside them;
 * live_routes.c: routes and policies; live_denials.c: what it drops.
 */
#ifndef LINKWIRE_TOPO_READING_H
#define LINKWIRE_TOPO_READING_H

#include "netlink/context.h"
#include "topology/state.h"

#define LOOPBACK 1	/* ifindex of lo, in every namespace */

/* an end of ours by its number: of the wire in the underlay, of the device in the node's namespace, or its mark */
struct by_number {
	uint32_t number;
	size_t wire;
	int end;
};

struct numbers {
	struct by_number *list;
	size_t n, cap;
};

struct reader {
	struct topo_state *live;
	const struct topo_state *want;
	struct lw_error *err;
	size_t node;			/* being read */
	struct lw_nl under, inner;
	uint16_t family;		/* of the module's, as it is known; 0: not asked for yet */
	bool no_nftables;		/* in this kernel */
	int saved;			/* the namespace that we came from, once we have left it; -1 */
	bool inside;			/* we are in that node's own namespace; false: it is missing */
	uint64_t netns_cookie;		/* of that node's namespace */
	uint32_t fabric;		/* ifindex of its underlay's link to the others; 0: none that leads there */
	uint32_t bridge;		/* ifindex of TOPO_BRIDGE in its namespace, if it is ours */
	struct numbers by_id, by_ifindex, by_mark;
	struct numbers slaves;		/* devices under the bridge: number only */
	struct numbers others;		/* devices that are none of the module's wires: number only */
};

void numbers_add(struct numbers *n, uint32_t number, size_t wire, int end);
void numbers_sort(struct numbers *n);
const struct by_number *numbers_find(const struct numbers *n, uint32_t number);
struct topo_end *end_by(struct reader *r, const struct numbers *n, uint32_t number);

int read_wires(struct reader *r);
int read_links(struct reader *r);
int read_shapes(struct reader *r);
void finish_wire(struct topo_state *live, struct topo_wire *w);

int read_underlay(struct reader *r);
int read_addresses(struct reader *r);
int read_forwarding(struct reader *r);

struct topo_port live_port(const struct reader *r, const char *name);
int read_routes(struct reader *r);
int read_denials(struct reader *r);

#endif
