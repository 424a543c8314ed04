/* SPDX-License-Identifier: MIT */
/*
 * A graph as its file says it, whatever the file's language: names, ports and attributes as written, nothing looked at.
 */
#ifndef LINKWIRE_TOPO_MODEL_H
#define LINKWIRE_TOPO_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "topology/arena.h"
#include "topology/diag.h"

enum graph_language { GRAPH_UNKNOWN, GRAPH_DOT, GRAPH_GRAPHML };

#define GRAPH_TEXT_MAX (1u << 20)	/* bytes of a name, port, label or value */

#define GRAPH_EDGES_MAX 1000000		/* a few words of DOT can mean any number */

/* one of ours: its name begins with lw_ */
struct attr {
	const char *name;
	const char *value;
	struct attr *next;
};

struct graph_node {
	const char *name;		/* what it is known by */
	const char *label;		/* what people call it; NULL: the same */
	unsigned int line;		/* where it is named first; 0: not known */
	struct attr *attrs;
};

struct graph_edge {
	size_t tail, head;		/* index of a node */
	const char *tail_port;		/* NULL: none was written */
	const char *head_port;
	unsigned int line;
	struct attr *attrs;
};

struct graph {
	struct arena mem;
	enum graph_language language;	/* that it was written in */
	const char *name;		/* NULL: it has none */
	bool directed;			/* a -> b and b -> a are two edges, though each is a wire both ways */
	bool strict;			/* parallel edges are one edge */
	struct attr *attrs;
	struct attr *node_defaults;	/* what nodes and edges have that say nothing themselves; applied already */
	struct attr *edge_defaults;
	struct graph_node *node;
	size_t nodes, node_cap;
	struct graph_edge *edge;
	size_t edges, edge_cap;
};

size_t graph_add_node(struct graph *g, const char *name, unsigned int line);
struct graph_edge *graph_add_edge(struct graph *g, size_t tail, const char *tail_port, size_t head,
				  const char *head_port, unsigned int line);
void graph_set_name(struct graph *g, const char *name);
void graph_set_label(struct graph *g, size_t node, const char *label);
void graph_add_attr(struct graph *g, struct attr **list, const char *name, const char *value);
const char *graph_edge_name(struct arena *mem, const struct graph *g, const struct graph_edge *e);
void graph_send(const struct graph *g, const struct diag *d, FILE *to);
bool graph_receive(struct graph *g, struct diag *d, FILE *from);
void graph_free(struct graph *g);

#endif
