/* SPDX-License-Identifier: MIT */
/*
 * From names in a graph to names that the system takes. The rules are in linkwire-topology(5), "NAMES".
 */
#ifndef LINKWIRE_TOPO_NAMES_H
#define LINKWIRE_TOPO_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "topology/arena.h"

#define NAME_UNDERLAY "+underlay"
#define NAME_FABRIC "+fabric"
#define NAME_GRAPH_MAX 40	/* bytes of a graph's name in the names of its namespaces, and in labels */
#define NAME_NODE_MAX 80

const char *name_graph(struct arena *mem, const char *written);
const char *name_netns(struct arena *mem, const char *graph, const char *node);
const char *name_underlay(struct arena *mem, const char *graph, const char *node);
const char *name_fabric(struct arena *mem, const char *graph);
const char *name_of_underlay(struct arena *mem, const char *graph, const char *netns);
bool name_ifname_legal(const char *port);
const char *name_ifname(struct arena *mem, const char *port);
const char *name_ifname_towards(struct arena *mem, const char *peer, unsigned int nth);
const char *name_ifname_id(struct arena *mem, const char *peer, const char *id);

#endif
