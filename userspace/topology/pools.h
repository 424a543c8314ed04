/* SPDX-License-Identifier: MIT */
/*
 * Addresses out of the pools.
 */
#ifndef LINKWIRE_TOPO_POOLS_H
#define LINKWIRE_TOPO_POOLS_H

#include "topology/diag.h"
#include "topology/state.h"

void pools_assign(struct topo_state *s, const struct topo_pool *p, uint8_t family, const struct topo_state *live,
		  struct diag *d);

#endif
