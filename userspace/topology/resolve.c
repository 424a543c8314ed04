// SPDX-License-Identifier: MIT
/*
 * From a graph to the state that it asks for, all but what depends on what is live. All conflicts are told, not only
 * the first.
 */
#include <string.h>

#include "topology/attrs.h"
#include "topology/names.h"
#include "topology/resolve.h"
#include "topology/resolver.h"

#define POOL4 "10.0.0.0/8"
#define POOL6 "fd6c:7700::/64"

static void resolve_name(struct resolver *r, const char *fallback)
{
	const char *tenant = attr_get(r->g->attrs, "lw_tenant");
	const char *name = attr_get(r->g->attrs, "lw_name") ?: r->g->name ?: fallback;
	struct topo_state *s = r->s;

	s->named = name && *name;
	if (!s->named) {
		diag_error(r->d, 0, "the graph has no name, and the file gives it none");
		name = "topology";
	}
	if (tenant && strchr(tenant, '/'))
		diag_error(r->d, 0, "lw_tenant \"%s\": \"/\" is what stands between it and the topology's name", tenant);
	s->title = tenant ? arena_printf(&s->mem, "%s/%s", tenant, name) : arena_strdup(&s->mem, name);
	s->name = name_graph(&s->mem, s->title);
	s->fabric = name_fabric(&s->mem, s->name);
}

static bool resolve_switch(struct resolver *r, const char *name, bool otherwise)
{
	const char *text = attr_get(r->g->attrs, name);
	bool on = text && !strcmp(text, "on");

	if (!text)
		return otherwise;
	if (!on && strcmp(text, "off"))
		diag_error(r->d, 0, "%s \"%s\" is neither on nor off", name, text);
	return on;
}

static void resolve_graph(struct resolver *r, const char *fallback)
{
	const char *pool4 = attr_get(r->g->attrs, "lw_pool4") ?: POOL4;
	const char *pool6 = attr_get(r->g->attrs, "lw_pool6") ?: POOL6;

	resolve_name(r, fallback);
	if (!parse_pool(&r->s->pool4, AF_INET, pool4))
		diag_error(r->d, 0, "lw_pool4 \"%s\" is no IPv4 network with room for a wire, such as %s, nor \"none\"",
			   pool4, POOL4);
	if (!parse_pool(&r->s->pool6, AF_INET6, pool6))
		diag_error(r->d, 0, "lw_pool6 \"%s\" is no IPv6 network with room for a wire, such as %s, nor \"none\"",
			   pool6, POOL6);
	r->s->routes_on = resolve_switch(r, "lw_routes", false);
	r->s->sources_on = resolve_switch(r, "lw_sources", r->s->routes_on);
	r->s->has_fabric = r->g->nodes > 0;
}

static bool same(const char *a, const char *b)
{
	return !strcmp(a ?: "", b ?: "");
}

/*
 * In a strict graph edges between the same two nodes are one. DOT would let the last one's ports win, and a wire would
 * be gone without a word; so only edges that say the same are merged.
 */
static bool merged(struct resolver *r, struct strmap *seen, size_t index)
{
	const struct graph_edge *e = &r->g->edge[index], *first;
	bool swap = !r->g->directed && e->tail > e->head;
	size_t other;

	if (strmap_add(seen, arena_printf(&r->s->mem, "%zu %zu", swap ? e->head : e->tail, swap ? e->tail : e->head),
		       index, &other))
		return false;
	first = &r->g->edge[other];
	if ((first->tail == e->tail && same(first->tail_port, e->tail_port) && same(first->head_port, e->head_port)) ||
	    (first->tail == e->head && same(first->tail_port, e->head_port) && same(first->head_port, e->tail_port)))
		diag_note(r->d, e->line, "%s is written again: in a strict graph that is one wire",
			  graph_edge_name(&r->d->mem, r->g, e));
	else
		diag_error(r->d, e->line,
			   "strict makes one wire of %s and %s, whose ports differ: leave `strict` out for two",
			   graph_edge_name(&r->d->mem, r->g, first), graph_edge_name(&r->d->mem, r->g, e));
	return true;
}

static void merge(struct resolver *r, bool *skip)
{
	struct strmap seen = { 0 };

	for (size_t i = 0; i < r->g->edges; i++)
		if (!skip[i])
			skip[i] = merged(r, &seen, i);
	strmap_free(&seen);
}

/**
 * resolve() - work out what a graph asks for, all but addresses from the pools and what follows from them
 * @s: the state asked for; empty before
 * @g: the graph
 * @fallback_name: the topology's name if the graph has none
 * @d: where every conflict is told
 */
void resolve(struct topo_state *s, const struct graph *g, const char *fallback_name, struct diag *d)
{
	struct resolver r = { .s = s, .g = g, .d = d };
	struct port_names *names = arena_alloc(&s->mem, (g->edges + 1) * sizeof(*names));
	bool *skip = arena_alloc(&s->mem, g->edges + 1);

	attrs_check(g, d);
	resolve_graph(&r, fallback_name);
	resolve_nodes(&r);
	resolve_rules(&r, skip);
	if (g->strict)
		merge(&r, skip);
	resolve_ports(&r, skip, names);
	resolve_wires(&r, skip, names);
	resolve_segments(&r);
	resolve_chains(&r);
	check_rules(&r);
	check_nodes(&r);
	strmap_free(&r.port);
	strmap_free(&r.towards);
	strmap_free(&r.netns);
	strmap_free(&r.endpoint);
}
