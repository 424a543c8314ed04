/* SPDX-License-Identifier: MIT */
/*
 * The attributes that we know: on what they may stand, and which one was meant.
 */
#ifndef LINKWIRE_TOPO_ATTRS_H
#define LINKWIRE_TOPO_ATTRS_H

#include "topology/diag.h"
#include "topology/model.h"

enum attr_owner { ATTR_GRAPH = 1, ATTR_NODE = 2, ATTR_EDGE = 4 };

const char *attr_get(const struct attr *list, const char *name);
bool graph_override(struct graph *g, const char *word, struct diag *d);
void attrs_check(const struct graph *g, struct diag *d);

#endif
