/* SPDX-License-Identifier: MIT */
/*
 * Between the files that resolve a graph: resolve.c calls the others, in the order of this list.
 */
#ifndef LINKWIRE_TOPO_RESOLVER_H
#define LINKWIRE_TOPO_RESOLVER_H

#include "topology/diag.h"
#include "topology/model.h"
#include "topology/state.h"

struct resolver {
	struct topo_state *s;
	const struct graph *g;
	struct diag *d;
	struct strmap port;	/* "node interface" → edge + 1 that wrote it */
	struct strmap towards;	/* "node peer" → ends without a port so far */
	struct strmap netns;	/* namespace → node */
	struct strmap endpoint;	/* underlay address → node */
};

/* resolve_nodes.c */
void resolve_nodes(struct resolver *r);
void check_nodes(struct resolver *r);	/* once the wires are there */

/* access.c */
void resolve_rules(struct resolver *r, bool *skip);
void check_rules(struct resolver *r);	/* once the wires, segments and chains are there */

/* chains.c */
void resolve_chains(struct resolver *r);

/* resolve_ports.c: interfaces of every end, given to edges that are wires */
struct port_names {
	const char *tail, *head;
};

void resolve_ports(struct resolver *r, const bool *skip, struct port_names *names);

/* resolve_wires.c */
void resolve_wires(struct resolver *r, const bool *skip, const struct port_names *names);

/* endpoints.c */
void resolve_endpoints(struct resolver *r, struct topo_wire *w, const struct graph_edge *e);

/* segments.c */
void resolve_segments(struct resolver *r);

#endif
