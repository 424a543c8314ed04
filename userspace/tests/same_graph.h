/* SPDX-License-Identifier: MIT */
/*
 * For tests and fuzzers: is what was read back the same graph?
 */
#ifndef SAME_GRAPH_H
#define SAME_GRAPH_H

#include <string.h>

#include "topology/model.h"

static inline bool same_text(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

static inline bool same_attrs(const struct attr *a, const struct attr *b)
{
	for (; a && b; a = a->next, b = b->next)
		if (!same_text(a->name, b->name) || !same_text(a->value, b->value))
			return false;
	return a == b;
}

/* all but lines and the language */
static inline bool same_graph(const struct graph *a, const struct graph *b)
{
	bool same = same_text(a->name, b->name) && a->directed == b->directed && a->strict == b->strict &&
		    a->nodes == b->nodes && a->edges == b->edges && same_attrs(a->attrs, b->attrs) &&
		    same_attrs(a->node_defaults, b->node_defaults) && same_attrs(a->edge_defaults, b->edge_defaults);

	for (size_t i = 0; same && i < a->nodes; i++)
		same = same_text(a->node[i].name, b->node[i].name) && same_text(a->node[i].label, b->node[i].label) &&
		       same_attrs(a->node[i].attrs, b->node[i].attrs);
	for (size_t i = 0; same && i < a->edges; i++)
		same = a->edge[i].tail == b->edge[i].tail && a->edge[i].head == b->edge[i].head &&
		       same_text(a->edge[i].tail_port, b->edge[i].tail_port) &&
		       same_text(a->edge[i].head_port, b->edge[i].head_port) &&
		       same_attrs(a->edge[i].attrs, b->edge[i].attrs);
	return same;
}

#endif
