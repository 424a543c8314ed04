/* SPDX-License-Identifier: MIT */
/*
 * Writing a graph: what reading it again makes is the same model, but for lines.
 */
#ifndef LINKWIRE_TOPO_WRITE_H
#define LINKWIRE_TOPO_WRITE_H

#include <stdbool.h>
#include <stdio.h>

#include "topology/diag.h"
#include "topology/model.h"

bool write_dot(const struct graph *g, struct diag *d, FILE *to);
bool write_graphml(const struct graph *g, struct diag *d, FILE *to);

/* both call this; it calls @check for each text of the graph, with the element that it belongs to */
typedef const char *write_check_fn(const char *text);
bool write_check(const struct graph *g, struct diag *d, const char *language, write_check_fn *check);
const struct attr *write_said(struct arena *mem, const struct attr *own, const struct attr *defaults);

#endif
