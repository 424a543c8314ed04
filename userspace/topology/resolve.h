/* SPDX-License-Identifier: MIT */
/*
 * From a graph to the state that it asks for.
 */
#ifndef LINKWIRE_TOPO_RESOLVE_H
#define LINKWIRE_TOPO_RESOLVE_H

#include "topology/diag.h"
#include "topology/model.h"
#include "topology/state.h"

void resolve(struct topo_state *s, const struct graph *g, const char *fallback_name, struct diag *d);

/* address.c: the second half, when what is live is known, so that it keeps its addresses; NULL: nothing is live */
void assign_addresses(struct topo_state *s, const struct topo_state *live, struct diag *d);
void check_machine(const struct topo_state *s, struct diag *d);
bool parse_pool(struct topo_pool *pool, uint8_t family, const char *text);
bool parse_addresses(struct topo_state *s, struct topo_end *end, const char *text, const char **bad);

#endif
