/* SPDX-License-Identifier: MIT */
/*
 * Plans and topologies for people and programs.
 */
#ifndef LINKWIRE_TOPO_SHOW_H
#define LINKWIRE_TOPO_SHOW_H

#include "lwctl/print.h"
#include "topology/compare.h"
#include "topology/generations.h"

/* what is asked for, by its name as written; neither: all */
struct show_only {
	const char *node, *wire;
	size_t found;
};

void show_plan(struct printer *out, const struct plan *p, const struct topo_state *want,
	       const struct topo_state *live, const char *result, unsigned int generation);
void show_topology(struct printer *out, const struct topo_state *want, const struct topo_state *live,
		   struct show_only *only);
const char *show_wire_state(const struct topo_wire *live);
void show_log(struct printer *out, const struct generations *all, const char *title, const char *dir);
const char *show_step(struct arena *mem, const struct step *s, const struct topo_state *want,
		      const struct topo_state *live);

#endif
