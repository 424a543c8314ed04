/* SPDX-License-Identifier: MIT */
/*
 * Reading a graph's file.
 */
#ifndef LINKWIRE_TOPO_READ_H
#define LINKWIRE_TOPO_READ_H

#include <stdbool.h>

#include "topology/diag.h"
#include "topology/model.h"

bool graph_read(struct graph *g, struct diag *d, const char *path);

#endif
