// SPDX-License-Identifier: MIT
/*
 * The interface at each end of each wire: by its port as written, by the edge's lw_id, or by the node at the other
 * end and the order of the file; in this order, so that what is named by hand is never in the way of what is not.
 */
#include <string.h>

#include "topology/attrs.h"
#include "topology/names.h"
#include "topology/resolver.h"

static const char *port_key(struct resolver *r, size_t node, const char *name)
{
	return arena_printf(&r->s->mem, "%zu %s", node, name);
}

static const char *take(struct resolver *r, size_t edge, size_t node, const char *ifname)
{
	const struct graph_edge *e = &r->g->edge[edge];
	size_t other;

	if (strmap_add(&r->port, port_key(r, node, ifname), edge + 1, &other))
		return ifname;
	diag_error(r->d, e->line, "interface %s of node %s is used twice: by %s and by %s", ifname,
		   r->g->node[node].name, graph_edge_name(&r->d->mem, r->g, &r->g->edge[other - 1]),
		   graph_edge_name(&r->d->mem, r->g, e));
	return ifname;
}

static void by_port(struct resolver *r, size_t edge, struct port_names *names)
{
	const struct graph_edge *e = &r->g->edge[edge];

	if (e->tail_port)
		names->tail = take(r, edge, e->tail, name_ifname(&r->s->mem, e->tail_port));
	if (e->head_port)
		names->head = take(r, edge, e->head, name_ifname(&r->s->mem, e->head_port));
}

/* both ends of an edge from a node to itself would be called the same: the second has one more "~" */
static void by_id(struct resolver *r, size_t edge, struct strmap *ids, struct port_names *names)
{
	const struct graph_edge *e = &r->g->edge[edge];
	const char *id = attr_get(e->attrs, "lw_id");
	bool order = e->tail < e->head;
	struct arena *mem = &r->s->mem;
	size_t other;

	if (!id)
		return;
	if (!strmap_add(ids, arena_printf(mem, "%zu %zu %s", order ? e->tail : e->head, order ? e->head : e->tail, id),
			edge, &other)) {
		diag_error(r->d, e->line, "lw_id \"%s\" is used twice between the same nodes: by %s and by %s", id,
			   graph_edge_name(&r->d->mem, r->g, &r->g->edge[other]),
			   graph_edge_name(&r->d->mem, r->g, e));
		return;
	}
	if (!names->tail)
		names->tail = take(r, edge, e->tail, name_ifname_id(mem, r->g->node[e->head].name, id));
	if (!names->head)
		names->head = take(r, edge, e->head,
				   name_ifname_id(mem, r->g->node[e->tail].name,
						  e->tail == e->head ? arena_printf(mem, "%s~", id) : id));
}

static const char *free_port(struct resolver *r, size_t node, size_t peer)
{
	const char *key = arena_printf(&r->s->mem, "%zu %zu", node, peer), *ifname;
	size_t nth = 0;

	strmap_get(&r->towards, key, &nth);
	do {
		ifname = name_ifname_towards(&r->s->mem, r->g->node[peer].name, (unsigned int)++nth);
	} while (!strmap_add(&r->port, port_key(r, node, ifname), 0, NULL));
	strmap_set(&r->towards, key, nth);
	return ifname;
}

/**
 * resolve_ports() - give every end of a wire the name of its interface
 * @r: the work
 * @skip: edges that are no wires
 * @names: where they go, by edge
 */
void resolve_ports(struct resolver *r, const bool *skip, struct port_names *names)
{
	struct strmap ids = { 0 };

	for (size_t i = 0; i < r->g->edges; i++)
		if (!skip[i])
			by_port(r, i, &names[i]);
	for (size_t i = 0; i < r->g->edges; i++)
		if (!skip[i])
			by_id(r, i, &ids, &names[i]);
	for (size_t i = 0; i < r->g->edges; i++) {
		const struct graph_edge *e = &r->g->edge[i];

		if (skip[i])
			continue;
		if (!names[i].tail)
			names[i].tail = free_port(r, e->tail, e->head);
		if (!names[i].head)
			names[i].head = free_port(r, e->head, e->tail);
	}
	strmap_free(&ids);
}
