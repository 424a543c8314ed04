// SPDX-License-Identifier: MIT
#include <stdlib.h>
#include <string.h>

#include "netlink/words.h"
#include "topology/compare.h"

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

static void because(struct plan *p, const char **why, const char *more)
{
	*why = *why ? arena_printf(&p->mem, "%s, %s", *why, more) : more;
}

/* a node whose devices would be in another namespace is another node */
static bool replaced(const struct topo_node *want, const struct topo_node *live)
{
	return want->given != live->given || strcmp(want->netns, live->netns);
}

static void compare_node(struct plan *p, const struct topo_state *want, size_t i, const struct topo_state *live)
{
	const struct topo_node *w = &want->node[i], *l = state_find_node(live, w->underlay);
	const char *why = NULL;
	size_t at;

	if (!l) {
		add_step(p, STEP_NODE_ADD, i, 0, 0, NULL);
		return;
	}
	at = (size_t)(l - live->node);
	if (replaced(w, l)) {
		add_step(p, STEP_NODE_REPLACE, i, at, 0,
			 arena_printf(&p->mem, "its namespace becomes %s", w->netns));
		return;
	}
	if (!l->has_underlay)
		because(p, &why, "its underlay is missing");
	else if (!l->has_netns)
		because(p, &why, "its namespace is missing");
	if (l->has_underlay && (!l->has_link || l->number != w->number || !live->has_fabric))
		because(p, &why, "its link to the underlay network is missing");
	if (why)
		add_step(p, STEP_NODE_MEND, i, at, 0, why);
}

static const char *why_replaced(struct plan *p, const struct topo_state *want, const struct topo_wire *w,
				const struct topo_state *live, const struct topo_wire *l)
{
	for (int i = 0; i < 2; i++) {
		const struct topo_end *end = &l->end[i];
		const struct topo_node *node = &want->node[w->end[i].node];

		if (!end->present)
			return arena_printf(&p->mem, "its end at %s is missing", node->name);
		if (replaced(node, &live->node[end->node]))
			return arena_printf(&p->mem, "the namespace of %s becomes %s", node->name, node->netns);
		if (end->away)
			return arena_printf(&p->mem, "its end at %s was moved to another namespace", node->name);
		if (end->encap != w->encap)
			return arena_printf(&p->mem, "encap %s -> %s", lw_encap_name(end->encap) ?: "?",
					    lw_encap_name(w->encap));
		if (end->mode != w->mode)
			return arena_printf(&p->mem, "mode %s -> %s", lw_mode_name(end->mode) ?: "?",
					    lw_mode_name(w->mode));
	}
	return NULL;
}

static void compare_addrs(struct plan *p, const struct topo_end *want, const struct topo_end *live,
			  unsigned int *changes, const char **why)
{
	char text[LW_ADDR_STRLEN];

	for (size_t i = 0; i < want->addrs; i++) {
		if (state_has_addr(live, &want->addr[i]))
			continue;
		*changes |= CHANGE_ADDR;
		because(p, why, arena_printf(&p->mem, "+%s/%u", lw_addr_format(&want->addr[i].addr, text),
					     want->addr[i].len));
	}
	for (size_t i = 0; i < live->addrs; i++) {
		if (state_has_addr(want, &live->addr[i]))
			continue;
		*changes |= CHANGE_ADDR;
		because(p, why, arena_printf(&p->mem, "-%s/%u", lw_addr_format(&live->addr[i].addr, text),
					     live->addr[i].len));
	}
}

static void compare_peers(struct plan *p, const struct topo_wire *w, const struct topo_wire *l, unsigned int *changes,
			  const char **why)
{
	for (int i = 0; i < 2 && !(*changes & CHANGE_PEER); i++) {
		if (lw_addr_equal(&l->end[i].local, &w->end[i].local) &&
		    lw_addr_equal(&l->end[i].remote, &w->end[i].remote))
			continue;
		*changes |= CHANGE_PEER;
		because(p, why, "underlay addresses");
	}
}

static void compare_keys(struct plan *p, const struct topo_wire *w, const struct topo_wire *l, unsigned int *changes,
			 const char **why)
{
	if (!state_keyed(l))
		because(p, why, "new keys: its ends do not hear each other");
	else if (l->cipher != w->cipher)
		because(p, why, arena_printf(&p->mem, "cipher %s -> %s (new keys)", lw_cipher_name(l->cipher) ?: "?",
					     lw_cipher_name(w->cipher)));
	else
		return;
	*changes |= CHANGE_KEYS;
}

static void compare_wire(struct plan *p, const struct topo_state *want, size_t i, const struct topo_state *live)
{
	const struct topo_wire *w = &want->wire[i], *l = state_find_wire(live, w->key);
	unsigned int changes = 0;
	const char *why = NULL;
	size_t at;

	if (!l) {
		add_step(p, STEP_WIRE_ADD, i, 0, 0, NULL);
		return;
	}
	at = (size_t)(l - live->wire);
	why = why_replaced(p, want, w, live, l);
	if (why) {
		add_step(p, STEP_WIRE_REPLACE, i, at, 0, why);
		return;
	}
	for (int k = 0; k < 2 && !(changes & CHANGE_MTU); k++)
		if (l->end[k].mtu != w->mtu) {
			changes |= CHANGE_MTU;
			because(p, &why, arena_printf(&p->mem, "mtu %u -> %u", l->end[k].mtu, w->mtu));
		}
	for (int k = 0; k < 2 && !(changes & CHANGE_HOLD); k++)
		if (l->end[k].hold != w->hold) {
			changes |= CHANGE_HOLD;
			because(p, &why, arena_printf(&p->mem, "hold %u -> %u", l->end[k].hold, w->hold));
		}
	compare_peers(p, w, l, &changes, &why);
	compare_keys(p, w, l, &changes, &why);
	for (int k = 0; k < 2; k++)
		compare_addrs(p, &w->end[k], &l->end[k], &changes, &why);
	if (changes)
		add_step(p, STEP_WIRE_CHANGE, i, at, changes, why);
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

/**
 * compare() - plan the way from what is live to what is wanted
 * @p: the plan; empty before
 * @want: what is wanted, with addresses
 * @live: what is live
 *
 * The same two states give the same plan, step for step. Memory of the states is not used by the plan.
 */
void compare(struct plan *p, const struct topo_state *want, const struct topo_state *live)
{
	struct named *gone = arena_alloc(&p->mem, (live->wires + live->nodes + 1) * sizeof(*gone));
	size_t n = 0;

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
		compare_node(p, want, i, live);
	for (size_t i = 0; i < want->wires; i++)
		compare_wire(p, want, i, live);
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
