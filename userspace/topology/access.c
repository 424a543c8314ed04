// SPDX-License-Identifier: MIT
/*
 * Access rules: an edge with lw_access=deny is no wire, but two nodes that must not talk. They have no route to each
 * other; and what they send each other is dropped by everybody who could forward it and by both of them, since the one
 * who sends it may not keep to rules.
 */
#include <string.h>

#include "topology/attrs.h"
#include "topology/forwarding.h"
#include "topology/links.h"
#include "topology/resolver.h"

static const char *pair_key(struct arena *mem, size_t a, size_t b)
{
	return arena_printf(mem, "%zu %zu", a < b ? a : b, a < b ? b : a);
}

static void add_rule(struct resolver *r, const struct graph_edge *e, struct strmap *seen)
{
	/* what is inherited from defaults is no mistake; these are written for one edge */
	static const char *const of_wires[] = { "lw_id", "lw_tail_addr", "lw_head_addr" };
	const char *name = graph_edge_name(&r->s->mem, r->g, e);
	struct topo_state *s = r->s;

	if (e->tail_port || e->head_port)
		diag_error(r->d, e->line, "%s: an edge with lw_access=deny is no wire, and has no ports", name);
	for (size_t i = 0; i < sizeof(of_wires) / sizeof(*of_wires); i++)
		if (attr_get(e->attrs, of_wires[i]))
			diag_error(r->d, e->line, "%s: an edge with lw_access=deny is no wire, and has no %s", name,
				   of_wires[i]);
	if (e->tail == e->head) {
		diag_error(r->d, e->line, "%s: lw_access=deny: a node cannot be kept from itself", name);
		return;
	}
	for (int i = 0; i < 2; i++)
		if (s->node[i ? e->head : e->tail].bridge) {
			diag_error(r->d, e->line, "%s: lw_access=deny: %s is a bridge, and talks to nobody", name,
				   s->node[i ? e->head : e->tail].name);
			return;
		}
	if (!strmap_add(seen, pair_key(&s->mem, e->tail, e->head), s->rules, NULL))
		return;
	s->rule = array_grow(s->rule, &s->rule_cap, s->rules, sizeof(*s->rule));
	s->rule[s->rules++] = (struct topo_rule){ e->tail, e->head, name, e->line };
}

/**
 * resolve_rules() - find the edges that are no wires, but access rules
 * @r: the work, with its nodes
 * @skip: by edge: set for these
 */
void resolve_rules(struct resolver *r, bool *skip)
{
	struct strmap seen = { 0 };

	for (size_t i = 0; i < r->g->edges; i++) {
		const struct graph_edge *e = &r->g->edge[i];
		const char *access = attr_get(e->attrs, "lw_access");

		if (!access)
			continue;
		if (strcmp(access, "deny")) {
			diag_error(r->d, e->line, "%s: lw_access \"%s\" is not deny",
				   graph_edge_name(&r->d->mem, r->g, e), access);
			continue;
		}
		skip[i] = true;
		add_rule(r, e, &seen);
	}
	strmap_free(&seen);
}

static void check_joined(struct resolver *r)
{
	struct strmap rules = { 0 };
	size_t i;

	for (i = 0; i < r->s->rules; i++)
		strmap_add(&rules, pair_key(&r->s->mem, r->s->rule[i].a, r->s->rule[i].b), i, NULL);
	for (size_t k = 0; k < r->s->wires; k++) {
		const struct topo_wire *w = &r->s->wire[k];

		if (strmap_get(&rules, pair_key(&r->s->mem, w->end[0].node, w->end[1].node), &i))
			diag_error(r->d, r->s->rule[i].line, "%s must not talk (lw_access=deny), and %s joins them",
				   r->s->rule[i].name, w->name);
	}
	strmap_free(&rules);
}

static void check_segment(struct resolver *r, const struct links *links, const struct topo_rule *rule)
{
	const struct topo_state *s = r->s;

	for (size_t i = links->first[rule->a]; i < links->first[rule->a + 1]; i++)
		for (size_t k = links->first[rule->b]; k < links->first[rule->b + 1]; k++) {
			uint32_t segment = s->wire[links->port[i].wire].segment;

			if (!segment || s->wire[links->port[k].wire].segment != segment)
				continue;
			diag_error(r->d, rule->line,
				   "%s must not talk (lw_access=deny), and are neighbours in one segment (%s)",
				   rule->name, s->segment[segment - 1].name);
			return;
		}
}

static void check_known(struct resolver *r, const struct links *links, const struct topo_rule *rule)
{
	for (int i = 0; i < 2; i++) {
		size_t node = i ? rule->b : rule->a;

		if (links->first[node] == links->first[node + 1])
			diag_error(r->d, rule->line, "%s: lw_access=deny: no wire knows node %s", rule->name,
				   r->s->node[node].name);
	}
}

static void check_chains(struct resolver *r, const struct topo_rule *rule)
{
	for (size_t i = 0; i < r->s->chains; i++) {
		const struct topo_chain *c = &r->s->chain[i];
		int found = 0;

		for (size_t k = 0; k < c->nodes; k++)
			found += c->node[k] == rule->a || c->node[k] == rule->b;
		if (found == 2)
			diag_error(r->d, rule->line, "%s must not talk (lw_access=deny), and are both in lw_chain_%s",
				   rule->name, c->name);
	}
}

/**
 * check_rules() - find what is at odds with access rules
 * @r: the work, with wires, segments and chains
 */
void check_rules(struct resolver *r)
{
	struct links links;

	if (!r->s->rules)
		return;
	check_joined(r);
	links_make(&links, r->s);
	for (size_t i = 0; i < r->s->rules; i++) {
		check_segment(r, &links, &r->s->rule[i]);
		check_known(r, &links, &r->s->rule[i]);
		check_chains(r, &r->s->rule[i]);
	}
	links_free(&links);
}

static void deny(struct gathered *g, const struct own *from, const struct own *to)
{
	for (size_t i = 0; i < from->merges; i++)
		for (size_t k = 0; k < to->merges; k++)
			gather_denial(g, &(struct topo_denial){ .from = from->merged[i], .to = to->merged[k] });
}

static void deny_both(struct forwarding *f, struct gathered *g, const struct topo_rule *rule)
{
	deny(g, &f->own[rule->a], &f->own[rule->b]);
	deny(g, &f->own[rule->b], &f->own[rule->a]);
}

/**
 * add_denials() - have everybody drop what denied pairs send each other
 * @f: the work
 *
 * Everybody who could forward, not only those who are on the way now: wires fall and routes are changed by hand.
 */
void add_denials(struct forwarding *f)
{
	for (size_t i = 0; i < f->s->rules; i++) {
		const struct topo_rule *rule = &f->s->rule[i];

		set_apart(f, rule->a, rule->b);
		deny_both(f, &f->common, rule);
		if (!could_forward(f, rule->a))
			deny_both(f, &f->gathered[rule->a], rule);
		if (!could_forward(f, rule->b))
			deny_both(f, &f->gathered[rule->b], rule);
	}
}
