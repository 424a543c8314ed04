/* SPDX-License-Identifier: MIT */
/*
 * Addresses and networks in the file that are in each other's way.
 */
#ifndef LINKWIRE_TOPO_OVERLAPS_H
#define LINKWIRE_TOPO_OVERLAPS_H

#include "topology/diag.h"
#include "topology/state.h"

void check_written(const struct topo_state *s, struct diag *d);
void check_overlaps(const struct topo_state *s, struct diag *d);

#endif
