// SPDX-License-Identifier: MIT
/*
 * Service chains: what two nodes send each other passes other nodes, in order and on the way back in the reverse one.
 *
 * Each node on the way knows by where a packet comes from, is going and came in how far it is on its way, so that the
 * way may pass a node again. Everywhere else, and by other ways in, such packets are dropped: who does not keep to the
 * chain is not heard.
 */
#include <stdlib.h>
#include <string.h>

#include "topology/attrs.h"
#include "topology/forwarding.h"
#include "topology/resolver.h"

#define CHAIN "lw_chain_"

/* "a > b > c" → its words */
static size_t split(struct arena *mem, const char *text, const char ***words)
{
	size_t n = 1;

	for (const char *p = text; *p; p++)
		n += *p == '>';
	*words = arena_alloc(mem, n * sizeof(**words));
	n = 0;
	for (;;) {
		size_t len = strcspn(text, ">"), skip = strspn(text, " \t\n"), end = len;

		skip = skip > len ? len : skip;
		while (end > skip && strchr(" \t\n", text[end - 1]))
			end--;
		(*words)[n++] = arena_strndup(mem, text + skip, end - skip);
		if (!text[len])
			return n;
		text += len + 1;
	}
}

static bool add_node(struct resolver *r, struct topo_chain *c, const struct strmap *names, const char *word)
{
	size_t node;

	if (!strmap_get(names, word, &node)) {
		diag_error(r->d, 0, CHAIN "%s: there is no node %s", c->name, *word ? word : "\"\"");
		return false;
	}
	if (r->s->node[node].bridge) {
		diag_error(r->d, 0, CHAIN "%s: %s is a bridge: nothing passes it that has a route", c->name, word);
		return false;
	}
	for (size_t i = 0; i < c->nodes; i++)
		if (c->node[i] == node) {
			diag_error(r->d, 0, CHAIN "%s passes node %s twice", c->name, word);
			return false;
		}
	c->node[c->nodes++] = node;
	return true;
}

static bool same_ends(const struct topo_chain *a, const struct topo_chain *b)
{
	size_t a0 = a->node[0], a1 = a->node[a->nodes - 1], b0 = b->node[0], b1 = b->node[b->nodes - 1];

	return (a0 == b0 && a1 == b1) || (a0 == b1 && a1 == b0);
}

static void resolve_chain(struct resolver *r, const struct attr *a, const struct strmap *names)
{
	struct topo_chain c = { .name = arena_strdup(&r->s->mem, a->name + strlen(CHAIN)) };
	struct topo_state *s = r->s;
	const char **words;
	size_t n = split(&s->mem, a->value, &words);
	bool good = true;

	if (!s->routes_on)
		diag_error(r->d, 0, CHAIN "%s needs lw_routes=on", c.name);
	if (n < 3) {
		diag_error(r->d, 0, CHAIN "%s \"%s\" has nothing between two ends, as \"client > firewall > server\" has",
			   c.name, a->value);
		return;
	}
	c.node = arena_alloc(&s->mem, n * sizeof(*c.node));
	for (size_t i = 0; i < n; i++)
		good &= add_node(r, &c, names, words[i]);
	if (!good)
		return;
	for (size_t i = 0; i < s->chains; i++)
		if (same_ends(&s->chain[i], &c)) {
			diag_error(r->d, 0, CHAIN "%s and " CHAIN "%s have the same ends: only one way can be theirs",
				   s->chain[i].name, c.name);
			return;
		}
	s->chain = array_grow(s->chain, &s->chain_cap, s->chains, sizeof(*s->chain));
	s->chain[s->chains++] = c;
}

/**
 * resolve_chains() - read the chains of a graph
 * @r: the work, with its nodes
 */
void resolve_chains(struct resolver *r)
{
	struct strmap names = { 0 };

	for (const struct attr *a = r->g->attrs; a; a = a->next) {
		if (strncmp(a->name, CHAIN, strlen(CHAIN)) || !a->name[strlen(CHAIN)])
			continue;
		for (size_t i = names.used; i < r->s->nodes; i++)
			strmap_add(&names, r->s->node[i].name, i, NULL);
		resolve_chain(r, a, &names);
	}
	strmap_free(&names);
}

struct way {
	struct step_on *step;
	size_t n, cap;
};

/* from one node of the chain to the next one */
static bool add_leg(struct forwarding *f, uint32_t from, uint32_t to, const bool *closed, struct tree *t, struct way *way)
{
	struct step_on step;

	paths_tree(&f->paths, to, closed, t);
	if (t->next[from] == NO_ARC)
		return false;
	for (uint32_t at = from; at != to && paths_step(&f->paths, t, at, &step); at = step.to) {
		way->step = array_grow(way->step, &way->cap, way->n, sizeof(step));
		way->step[way->n++] = step;
	}
	return true;
}

/*
 * A leg passes no other node of the chain, if it can: boxes are to see packets once, and in order. It never passes an
 * end, where packets would be taken in before they have seen all boxes.
 */
static bool find_way(struct forwarding *f, const struct topo_chain *c, struct way *way)
{
	struct tree t = { .next = calloc(f->n, sizeof(*t.next)), .far = calloc(f->n, sizeof(*t.far)) };
	bool *all = calloc(f->n, sizeof(*all)), *ends = calloc(f->n, sizeof(*ends));
	size_t i;

	if (!t.next || !t.far || !all || !ends)
		no_memory();
	for (i = 0; i < c->nodes; i++)
		all[c->node[i]] = true;
	ends[c->node[0]] = ends[c->node[c->nodes - 1]] = true;
	for (i = 1; i < c->nodes; i++) {
		uint32_t from = (uint32_t)c->node[i - 1], to = (uint32_t)c->node[i];

		if (!add_leg(f, from, to, all, &t, way) && !add_leg(f, from, to, ends, &t, way)) {
			diag_error(f->d, 0, CHAIN "%s: there is no %s way from %s to %s that does not pass its ends",
				   c->name, f->family == AF_INET ? "IPv4" : "IPv6", f->s->node[from].name,
				   f->s->node[to].name);
			break;
		}
	}
	free(t.next);
	free(t.far);
	free(all);
	free(ends);
	return i == c->nodes;
}

/* a packet that comes in by the same end for the second time looks as it did for the first */
static bool is_clear(struct forwarding *f, const struct topo_chain *c, const struct way *way)
{
	struct strmap seen = { 0 };
	struct arena mem = { 0 };
	bool clear = true;

	for (size_t i = 0; i < way->n && clear; i++) {
		const struct topo_port *in = &way->step[i].last->in;

		clear = strmap_add(&seen, arena_printf(&mem, "%u %u", in->wire, in->end), i, NULL);
		if (!clear)
			diag_error(f->d, 0, CHAIN "%s would come to %s by %s twice, and packets do not show which time it is",
				   c->name, f->s->node[way->step[i].to].name, f->s->wire[in->wire].name);
	}
	strmap_free(&seen);
	arena_free(&mem);
	return clear;
}

static void add_policies(struct forwarding *f, size_t node, const struct own *from, const struct own *to,
			 struct topo_policy policy)
{
	for (size_t i = 0; i < from->merges; i++)
		for (size_t k = 0; k < to->merges; k++) {
			policy.from = from->merged[i];
			policy.to = to->merged[k];
			gather_policy(f, node, &policy);
		}
}

/* what is made here has no source yet when its route is looked up; what is behind here comes in from anywhere */
static void add_origin(struct forwarding *f, size_t node, const struct own *to, const struct step_on *step)
{
	const struct topo_node *n = &f->s->node[node];
	const struct topo_addr *loopback = loopback_of(n, f->family);
	struct topo_addr all = { .addr = { .family = f->family } };
	struct own any = { .merged = &all, .merges = 1 };
	struct topo_policy policy = { .in = { TOPO_LOCAL, 0 }, .out = step->first->out, .via = step->via };

	if (loopback)
		policy.prefsrc = loopback->addr;
	add_policies(f, node, &any, to, policy);
	policy.in.wire = TOPO_ANY;
	policy.prefsrc = (struct lw_addr){ 0 };
	for (size_t i = 0; i < n->prefixes; i++) {
		struct own behind = { .merged = &n->prefix[i], .merges = 1 };

		if (n->prefix[i].addr.family == f->family)
			add_policies(f, node, &behind, to, policy);
	}
}

/* everybody but who sends drops it, unless it came in as it should */
static void add_barriers(struct forwarding *f, const struct way *way, size_t from, size_t to)
{
	for (size_t k = 0; k < f->n; k++) {
		struct topo_denial denial = { 0 };

		if (k == from || (k != to && !could_forward(f, k)))
			continue;
		for (size_t i = 0; i < way->n; i++)
			denial.buts += way->step[i].to == k;
		denial.but = arena_alloc(&f->s->mem, denial.buts * sizeof(*denial.but));
		denial.buts = 0;
		for (size_t i = 0; i < way->n; i++)
			if (way->step[i].to == k)
				denial.but[denial.buts++] = way->step[i].last->in;
		for (size_t i = 0; i < f->own[from].merges; i++)
			for (size_t j = 0; j < f->own[to].merges; j++) {
				denial.from = f->own[from].merged[i];
				denial.to = f->own[to].merged[j];
				gather_denial(&f->gathered[k], &denial);
			}
	}
}

static void add_direction(struct forwarding *f, const struct way *way)
{
	size_t from = way->step[0].node, to = way->step[way->n - 1].to;

	add_origin(f, from, &f->own[to], &way->step[0]);
	for (size_t i = 1; i < way->n; i++) {
		const struct step_on *step = &way->step[i];
		struct topo_policy policy = {
			.in = way->step[i - 1].last->in, .out = step->first->out, .via = step->via,
		};

		add_policies(f, step->node, &f->own[from], &f->own[to], policy);
	}
	add_barriers(f, way, from, to);
}

static void remember(struct forwarding *f, struct topo_chain *c, const struct way *way)
{
	if (c->path)
		return;
	c->path = arena_alloc(&f->s->mem, way->n * sizeof(*c->path));
	for (size_t i = 0; i < way->n; i++)
		c->path[i] = way->step[i].first->out;
	c->hops = way->n;
}

static void add_chain(struct forwarding *f, size_t index)
{
	struct topo_chain *c = &f->s->chain[index];
	size_t from = c->node[0], to = c->node[c->nodes - 1];
	struct way way = { 0 }, back = { 0 };

	set_apart(f, from, to);
	if (!f->own[from].n || !f->own[to].n || f->told[index])
		return;
	f->told[index] = !find_way(f, c, &way);
	for (size_t i = way.n; i--;) {
		back.step = array_grow(back.step, &back.cap, back.n, sizeof(*back.step));
		paths_back(&f->paths, &way.step[i], &back.step[back.n++]);
	}
	if (f->told[index] || !is_clear(f, c, &way) || !is_clear(f, c, &back)) {
		f->told[index] = true;
		goto out;
	}
	remember(f, c, &way);
	add_direction(f, &way);
	add_direction(f, &back);
	for (size_t i = 0; i < way.n; i++) {
		hear_step(f, &way.step[i], from);
		hear_step(f, &back.step[i], to);
	}
out:
	free(way.step);
	free(back.step);
}

/**
 * add_chains() - work out the ways of all chains
 * @f: the work
 */
void add_chains(struct forwarding *f)
{
	for (size_t i = 0; i < f->s->chains && f->tree; i++)
		add_chain(f, i);
}
