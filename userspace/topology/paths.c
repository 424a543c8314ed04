// SPDX-License-Identifier: MIT
#include <linux/linkwire.h>
#include <stdlib.h>
#include <string.h>

#include "topology/net.h"
#include "topology/paths.h"
#include "topology/segments.h"

#define MTU_IPV6 1280
#define TIE_BITS 34	/* of a length: twice as many of TIE_MASK as there can be nodes; weights are above */
#define TIE_MASK 0x1fffffu

static const struct topo_addr *address(const struct topo_end *end, uint8_t family)
{
	for (size_t i = 0; i < end->addrs; i++)
		if (end->addr[i].addr.family == family)
			return &end->addr[i];
	return NULL;
}

/* can packets of the family be sent over the wire? Frames need an address that a neighbour is found by. */
static bool carries(const struct topo_state *s, const struct topo_wire *w, uint8_t family)
{
	if (w->down || (family == AF_INET6 && w->mtu < MTU_IPV6))
		return false;
	for (int i = 0; i < 2; i++)
		if (!s->node[w->end[i].node].bridge && !address(&w->end[i], family) && w->mode != LINKWIRE_MODE_L3)
			return false;
	return true;
}

static uint64_t length_of(const struct topo_wire *w, bool half)
{
	uint64_t tie = strtoull(w->key, NULL, 16) & TIE_MASK;

	return ((uint64_t)w->weight * (half ? 1 : 2)) << TIE_BITS | tie;
}

struct half {
	struct arc arc;
	size_t number;		/* its other direction is beside it */
};

static int by_from(const void *a, const void *b)
{
	const struct half *x = a, *y = b;

	if (x->arc.from != y->arc.from)
		return x->arc.from < y->arc.from ? -1 : 1;
	return (x->number > y->number) - (x->number < y->number);
}

static size_t find_arcs(const struct topo_state *s, uint8_t family, struct half *list)
{
	size_t *group = segments_groups(s), n = 0;

	for (uint32_t i = 0; i < s->wires; i++) {
		const struct topo_wire *w = &s->wire[i];
		bool half = s->node[w->end[0].node].bridge || s->node[w->end[1].node].bridge;
		uint32_t a = (uint32_t)group[w->end[0].node], b = (uint32_t)group[w->end[1].node];
		struct arc arc = { .from = a, .to = b, .out = { i, 0 }, .in = { i, 1 }, .length = length_of(w, half) };

		if (a == b || !carries(s, w, family))
			continue;
		list[n] = (struct half){ arc, n };
		arc.from = b;
		arc.to = a;
		arc.out = list[n].arc.in;
		arc.in = list[n].arc.out;
		list[n + 1] = (struct half){ arc, n + 1 };
		n += 2;
	}
	free(group);
	return n;
}

/**
 * paths_make() - find the steps that ways are made of
 * @p: where they go
 * @s: the state, with its addresses
 * @family: AF_INET or AF_INET6
 */
void paths_make(struct paths *p, const struct topo_state *s, uint8_t family)
{
	struct half *list = calloc(2 * s->wires + 1, sizeof(*list));
	uint32_t *place = calloc(2 * s->wires + 1, sizeof(*place));

	*p = (struct paths){ .s = s, .family = family };
	p->first = calloc(s->nodes + 2, sizeof(*p->first));
	p->arc = calloc(2 * s->wires + 1, sizeof(*p->arc));
	if (!list)
		no_memory();
	if (!place || !p->first || !p->arc)
		no_memory();
	p->arcs = find_arcs(s, family, list);
	qsort(list, p->arcs, sizeof(*list), by_from);
	for (size_t i = 0; i < p->arcs; i++)
		place[list[i].number] = (uint32_t)i;
	for (size_t i = 0; i < p->arcs; i++) {
		p->arc[i] = list[i].arc;
		p->arc[i].back = place[list[i].number ^ 1];
		p->first[list[i].arc.from + 1]++;
	}
	for (size_t i = 1; i <= s->nodes; i++)
		p->first[i] += p->first[i - 1];
	free(list);
	free(place);
}

static void push(struct paths *p, uint64_t far, uint32_t node)
{
	size_t i = p->heaped++;

	p->heap = array_grow(p->heap, &p->cap, i, sizeof(*p->heap));
	for (; i && p->heap[(i - 1) / 2].far > far; i = (i - 1) / 2)
		p->heap[i] = p->heap[(i - 1) / 2];
	p->heap[i] = (struct place){ far, node };
}

static struct place pop(struct paths *p)
{
	struct place top = p->heap[0], last = p->heap[--p->heaped];
	size_t i = 0;

	for (size_t child; (child = 2 * i + 1) < p->heaped; i = child) {
		if (child + 1 < p->heaped && p->heap[child + 1].far < p->heap[child].far)
			child++;
		if (p->heap[child].far >= last.far)
			break;
		p->heap[i] = p->heap[child];
	}
	if (p->heaped)
		p->heap[i] = last;
	return top;
}

/* of two ways of one length, the wire with the lower identity: sums of ties can be equal, if hardly ever */
static bool better(const struct paths *p, const struct tree *t, uint32_t node, uint32_t arc, uint64_t far)
{
	if (far != t->far[node])
		return far < t->far[node];
	return t->next[node] != NO_ARC && strcmp(p->s->wire[p->arc[arc].out.wire].key,
						 p->s->wire[p->arc[t->next[node]].out.wire].key) < 0;
}

/**
 * paths_tree() - find the shortest way of every node to one
 * @p: the steps
 * @root: the one
 * @closed: by node: those that a way can begin and end at, but not pass; NULL: none
 * @t: where the ways go
 */
void paths_tree(struct paths *p, uint32_t root, const bool *closed, struct tree *t)
{
	for (size_t i = 0; i < p->s->nodes; i++) {
		t->next[i] = NO_ARC;
		t->far[i] = TOO_FAR;
	}
	t->n = 0;
	t->far[root] = 0;
	p->heaped = 0;
	push(p, 0, root);
	while (p->heaped) {
		struct place at = pop(p);

		if (at.far != t->far[at.node])	/* a shorter way was found since */
			continue;
		if (t->order)
			t->order[t->n++] = at.node;
		if (closed && closed[at.node] && at.node != root)
			continue;
		for (size_t i = p->first[at.node]; i < p->first[at.node + 1]; i++) {
			const struct arc *arc = &p->arc[i];
			uint64_t far = at.far + arc->length;
			bool shorter = far < t->far[arc->to];

			if (!better(p, t, arc->to, arc->back, far))
				continue;
			t->next[arc->to] = arc->back;
			t->far[arc->to] = far;
			if (shorter)
				push(p, far, arc->to);
		}
	}
}

/* of the end that a step arrives at, an address that the end that it leaves by sees as a neighbour's */
static struct lw_addr neighbour(const struct paths *p, const struct topo_port *out, const struct topo_port *in)
{
	const struct topo_end *from = &p->s->wire[out->wire].end[out->end], *to = &p->s->wire[in->wire].end[in->end];

	for (size_t i = 0; i < to->addrs; i++) {
		struct topo_addr whole = net_whole(&to->addr[i].addr);

		if (whole.addr.family != p->family)
			continue;
		for (size_t k = 0; k < from->addrs; k++)
			if (net_contains(&from->addr[k], &whole))
				return whole.addr;
	}
	return (struct lw_addr){ 0 };
}

/**
 * paths_step() - the next step on a way
 * @p: the steps
 * @t: the ways
 * @node: where it begins
 * @step: where it goes
 *
 * Return: false if there is none.
 */
bool paths_step(const struct paths *p, const struct tree *t, uint32_t node, struct step_on *step)
{
	if (t->next[node] == NO_ARC)
		return false;
	step->node = node;
	step->first = step->last = &p->arc[t->next[node]];
	if (p->s->node[step->first->to].bridge)
		step->last = &p->arc[t->next[step->first->to]];
	step->to = step->last->to;
	step->via = neighbour(p, &step->first->out, &step->last->in);
	return true;
}

/**
 * paths_back() - the same step in the other direction
 * @p: the steps
 * @step: the step
 * @back: where the other one goes
 */
void paths_back(const struct paths *p, const struct step_on *step, struct step_on *back)
{
	back->node = step->to;
	back->to = step->node;
	back->first = &p->arc[step->last->back];
	back->last = &p->arc[step->first->back];
	back->via = neighbour(p, &back->first->out, &back->last->in);
}

/**
 * paths_free() - free what paths_make() made
 * @p: the steps
 */
void paths_free(struct paths *p)
{
	free(p->first);
	free(p->arc);
	free(p->heap);
}
