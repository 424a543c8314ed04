/* SPDX-License-Identifier: MIT */
/*
 * Shortest ways through the wires that are up and carry a family.
 *
 * The vertices are the nodes. A segment is one vertex, its first bridge; a step into it and a step out of it have half
 * the length of a wire each, so that a way from end to end of a segment is as long as a wire. Ways are the same in both
 * directions: of several that are equally short, the identities of the wires choose one, wherever they stand in the
 * file.
 */
#ifndef LINKWIRE_TOPO_PATHS_H
#define LINKWIRE_TOPO_PATHS_H

#include "topology/state.h"

#define NO_ARC UINT32_MAX
#define TOO_FAR UINT64_MAX

struct arc {
	uint32_t from, to;
	uint32_t back;			/* the same in the other direction */
	struct topo_port out, in;	/* the end that it leaves by, and the one that it arrives at */
	uint64_t length;
};

struct place {
	uint64_t far;
	uint32_t node;
};

struct paths {
	const struct topo_state *s;
	uint8_t family;
	size_t *first;			/* those from node n are arc[first[n]] to arc[first[n + 1] - 1] */
	struct arc *arc;
	size_t arcs;
	struct place *heap;
	size_t heaped, cap;
};

/* the ways of all nodes to one */
struct tree {
	uint32_t *next;			/* by node: the first arc; NO_ARC: none, or it is the one */
	uint64_t *far;			/* by node: how far it is; TOO_FAR: there is no way */
	uint32_t *order;		/* the nodes that have a way, nearest first; NULL: nobody wants to know */
	size_t n;
};

/* one step of a way, from node to node: over a wire, or through a segment by two arcs */
struct step_on {
	uint32_t node, to;
	const struct arc *first, *last;	/* the same one, or into and out of the segment */
	struct lw_addr via;		/* family 0: none is needed */
};

void paths_make(struct paths *p, const struct topo_state *s, uint8_t family);
void paths_tree(struct paths *p, uint32_t root, const bool *closed, struct tree *t);
bool paths_step(const struct paths *p, const struct tree *t, uint32_t node, struct step_on *step);
void paths_back(const struct paths *p, const struct step_on *step, struct step_on *back);
void paths_free(struct paths *p);

#endif
