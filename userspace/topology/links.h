/* SPDX-License-Identifier: MIT */
/*
 * Which ends of wires are at which node.
 */
#ifndef LINKWIRE_TOPO_LINKS_H
#define LINKWIRE_TOPO_LINKS_H

#include "topology/state.h"

/* the ends at node n are port[first[n]] to port[first[n + 1] - 1], in the order of the wires */
struct links {
	size_t *first;
	struct topo_port *port;
};

void links_make(struct links *l, const struct topo_state *s);
void links_free(struct links *l);

#endif
