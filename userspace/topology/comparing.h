/* SPDX-License-Identifier: MIT */
/*
 * compare.c: the plan as a whole; compare_wire.c: a wire; compare_node.c: a node, and what it has beside its wires.
 */
#ifndef LINKWIRE_TOPO_COMPARING_H
#define LINKWIRE_TOPO_COMPARING_H

#include "topology/compare.h"

struct comparing {
	struct plan *p;
	const struct topo_state *want, *live;
	const char *why;	/* of the step in the making */
	unsigned int changes;
};

void changed(struct comparing *c, unsigned int change, const char *why);
bool node_replaced(const struct topo_node *want, const struct topo_node *live);
const char *why_replaced(struct comparing *c, const struct topo_wire *w, const struct topo_wire *l);
void compare_wire(struct comparing *c, const struct topo_wire *w, const struct topo_wire *l);
void compare_node(struct comparing *c, const struct topo_node *w, const struct topo_node *l);

#endif
