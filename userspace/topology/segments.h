/* SPDX-License-Identifier: MIT */
/*
 * What bridges join.
 */
#ifndef LINKWIRE_TOPO_SEGMENTS_H
#define LINKWIRE_TOPO_SEGMENTS_H

#include "topology/diag.h"
#include "topology/state.h"

size_t *segments_groups(const struct topo_state *s);
void segments_assign(struct topo_state *s, const struct topo_state *live, struct diag *d);

#endif
