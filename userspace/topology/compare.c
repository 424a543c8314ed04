// SPDX-License-Identifier: MIT
#include <stdlib.h>
#include <string.h>

#include "topology/comparing.h"

#define WHY_MAX 2000	/* bytes of reasons, before no more are told */
#define WHY_MORE ", ..."

static void add_step(struct plan *p, enum step_kind kind, size_t want, size_t live, unsigned int changes,
		     const char *why)
{
	struct step s = { kind, want, live, changes, why };

	p->step = array_grow(p->step, &p->cap, p->steps, sizeof(*p->step));
	p->step[p->steps++] = s;
	switch (step_sign(&s)) {
	case '+':
		p->add++;
		break;
	case '-':
		p->remove++;
		break;
	default:
		p->change++;
	}
}

/**
 * step_sign() - how a plan shows a step
 * @s: the step
 *
 * Return: '+', '~' or '-'.
 */
char step_sign(const struct step *s)
{
	switch (s->kind) {
	case STEP_WIRE_DEL:
	case STEP_NODE_DEL:
	case STEP_FABRIC_DEL:
		return '-';
	case STEP_FABRIC_ADD:
	case STEP_NODE_ADD:
	case STEP_WIRE_ADD:
		return '+';
	default:
		return '~';
	}
}

/**
 * changed() - note that something of a wire or node changes
 * @c: the comparison
 * @change: what: CHANGE_… or NODE_…
 * @why: for people
 */
void changed(struct comparing *c, unsigned int change, const char *why)
{
	c->changes |= change;
	/* root in a node can add as many addresses as he likes */
	if (c->why && strlen(c->why) > WHY_MAX) {
		if (strcmp(c->why + strlen(c->why) - strlen(WHY_MORE), WHY_MORE))
			c->why = arena_printf(&c->p->mem, "%s%s", c->why, WHY_MORE);
		return;
	}
	c->why = c->why ? arena_printf(&c->p->mem, "%s, %s", c->why, why) : why;
}

/**
 * node_replaced() - is a node another one, since its devices would be in another namespace?
 * @want: the node
 * @live: the one that is live
 *
 * Return: true if it is.
 */
bool node_replaced(const struct topo_node *want, const struct topo_node *live)
{
	return want->given != live->given || strcmp(want->netns, live->netns);
}

static void node_step(struct comparing *c, size_t i)
{
	static const struct topo_node none;
	const struct topo_node *w = &c->want->node[i], *l = state_find_node(c->live, w->underlay);
	size_t at = l ? (size_t)(l - c->live->node) : 0;
	bool mend = false;

	c->why = NULL;
	c->changes = 0;
	if (!l || node_replaced(w, l)) {
		compare_node(c, w, &none);
		if (!l)
			add_step(c->p, STEP_NODE_ADD, i, 0, c->changes, NULL);
		else
			add_step(c->p, STEP_NODE_REPLACE, i, at, c->changes,
				 arena_printf(&c->p->mem, "its namespace becomes %s", w->netns));
		return;
	}
	if (!l->has_underlay || !l->has_netns) {
		mend = true;
		changed(c, 0, l->has_underlay ? "its namespace is missing" : "its underlay is missing");
	}
	if (l->has_underlay && (!l->has_link || l->number != w->number || !c->live->has_fabric)) {
		mend = true;
		changed(c, 0, "its link to the underlay network is missing");
	}
	compare_node(c, w, l);
	if (mend || c->changes)
		add_step(c->p, mend ? STEP_NODE_MEND : STEP_NODE_CHANGE, i, at, c->changes, c->why);
}

static void wire_step(struct comparing *c, size_t i)
{
	const struct topo_wire *w = &c->want->wire[i], *l = state_find_wire(c->live, w->key);
	size_t at = l ? (size_t)(l - c->live->wire) : 0;

	c->why = NULL;
	c->changes = 0;
	if (!l) {
		add_step(c->p, STEP_WIRE_ADD, i, 0, 0, NULL);
	} else if (!c->p->stays[i]) {
		add_step(c->p, STEP_WIRE_REPLACE, i, at, 0, why_replaced(c, w, l));
	} else {
		compare_wire(c, w, l);
		if (c->changes)
			add_step(c->p, STEP_WIRE_CHANGE, i, at, c->changes, c->why);
	}
}

struct named {
	const char *name;
	size_t index;
};

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct named *)a)->name, ((const struct named *)b)->name);
}

/* what is live and not wanted, by name: the order in which it was found says nothing */
static void add_removals(struct plan *p, enum step_kind kind, struct named *list, size_t n)
{
	qsort(list, n, sizeof(*list), by_name);
	for (size_t i = 0; i < n; i++)
		add_step(p, kind, 0, list[i].index, 0, NULL);
}

/* wires whose devices stay: what leads over others goes with them */
static void find_those_that_stay(struct comparing *c)
{
	c->p->stays = arena_alloc(&c->p->mem, (c->want->wires + 1) * sizeof(*c->p->stays));
	for (size_t i = 0; i < c->want->wires; i++) {
		const struct topo_wire *w = &c->want->wire[i], *l = state_find_wire(c->live, w->key);

		c->p->stays[i] = l && !why_replaced(c, w, l) ? l : NULL;
	}
}

/**
 * compare() - plan the way from what is live to what is wanted
 * @p: the plan; empty before
 * @want: what is wanted, with addresses
 * @live: what is live
 *
 * The same two states give the same plan, step for step. Memory of the states is used by the plan for its list of
 * wires that stay, and for nothing else.
 */
void compare(struct plan *p, const struct topo_state *want, const struct topo_state *live)
{
	struct named *gone = arena_alloc(&p->mem, (live->wires + live->nodes + 1) * sizeof(*gone));
	struct comparing c = { .p = p, .want = want, .live = live };
	size_t n = 0;

	find_those_that_stay(&c);
	for (size_t i = 0; i < live->wires; i++)
		if (!state_find_wire(want, live->wire[i].key))
			gone[n++] = (struct named){ live->wire[i].name, i };
	add_removals(p, STEP_WIRE_DEL, gone, n);
	n = 0;
	for (size_t i = 0; i < live->nodes; i++)
		if (!state_find_node(want, live->node[i].underlay))
			gone[n++] = (struct named){ live->node[i].underlay, i };
	add_removals(p, STEP_NODE_DEL, gone, n);

	if (want->has_fabric && !live->has_fabric)
		add_step(p, STEP_FABRIC_ADD, 0, 0, 0, NULL);
	for (size_t i = 0; i < want->nodes; i++)
		node_step(&c, i);
	for (size_t i = 0; i < want->wires; i++)
		wire_step(&c, i);
	if (!want->has_fabric && live->has_fabric_netns)
		add_step(p, STEP_FABRIC_DEL, 0, 0, 0, NULL);
}

/**
 * plan_free() - free a plan
 * @p: the plan; empty afterwards
 */
void plan_free(struct plan *p)
{
	free(p->step);
	arena_free(&p->mem);
	*p = (struct plan){ 0 };
}
