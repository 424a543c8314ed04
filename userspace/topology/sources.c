// SPDX-License-Identifier: MIT
/*
 * Allowed sources: what an end accepts from its peer is what the graph places behind it, which is what comes by there
 * when every node keeps to its routes and chains.
 */
#include <linux/linkwire.h>
#include <stdlib.h>
#include <string.h>

#include "topology/forwarding.h"
#include "topology/links.h"
#include "topology/net.h"
#include "topology/segments.h"

static uint64_t *heard_at(const struct forwarding *f, const struct topo_port *at)
{
	return &f->heard[(2 * at->wire + at->end) * f->words];
}

/**
 * hear() - what a node sends comes in by an end
 * @f: the work
 * @at: the end
 * @node: the node
 */
void hear(struct forwarding *f, const struct topo_port *at, size_t node)
{
	if (f->heard)
		heard_at(f, at)[node / 64] |= (uint64_t)1 << node % 64;
}

/**
 * hear_step() - what a node sends takes a step
 * @f: the work
 * @step: the step
 * @node: the node
 */
void hear_step(struct forwarding *f, const struct step_on *step, size_t node)
{
	hear(f, &step->first->in, node);
	hear(f, &step->last->in, node);
}

static void unite(uint64_t *set, const uint64_t *more, size_t words)
{
	for (size_t i = 0; i < words; i++)
		set[i] |= more[i];
}

/* all that is sent to one node, from the farthest on: what a node sends on is its own and what came to it */
static void hear_tree(struct forwarding *f, size_t to, uint64_t *sends)
{
	const struct tree *t = &f->tree[to];

	memset(sends, 0, f->n * f->words * sizeof(*sends));
	for (size_t i = t->n; i-- > 1;) {
		uint32_t node = t->order[i];
		const struct arc *arc = &f->paths.arc[t->next[node]];
		uint64_t *sent = &sends[node * f->words];

		if (!f->s->node[node].bridge && !apart(f, node, to))
			sent[node / 64] |= (uint64_t)1 << node % 64;
		unite(heard_at(f, &arc->in), sent, f->words);
		unite(&sends[arc->to * f->words], sent, f->words);
	}
}

static size_t owner(const struct forwarding *f, const struct topo_port *p)
{
	return f->s->wire[p->wire].end[p->end].node;
}

static void hear_way(struct forwarding *f, uint32_t from, uint32_t to)
{
	struct step_on step;

	for (uint32_t at = from; at != to && paths_step(&f->paths, &f->tree[to], at, &step); at = step.to)
		hear_step(f, &step, from);
}

/* from one end of a wire or segment to another */
static void hear_across(struct forwarding *f, const struct topo_port *first, const struct topo_port *last, size_t from)
{
	hear(f, last, from);
	hear(f, &(struct topo_port){ first->wire, !first->end }, from);
}

static const struct topo_port *end_at(const struct forwarding *f, const struct wire_net *net, size_t node)
{
	for (size_t i = 0; i < net->ports; i++)
		if (owner(f, &net->port[i]) == node)
			return &net->port[i];
	return NULL;
}

/* an address with a route of its own; whoever is on its wire too sends over that, whatever his other routes are */
static void hear_address(struct forwarding *f, const struct wire_net *net, const struct topo_port *to, uint32_t from)
{
	const struct tree *t = &f->tree[owner(f, to)];
	struct step_on step;

	for (uint32_t at = from; at != owner(f, to) && paths_step(&f->paths, t, at, &step); at = step.to) {
		const struct topo_port *here = end_at(f, net, at);

		if (here) {
			hear_across(f, here, to, from);
			return;
		}
	}
}

/* the last step to an address of a wire is the wire itself, from the end that was reached first */
static void hear_net(struct forwarding *f, const struct wire_net *net, size_t from)
{
	size_t first = nearest(f, net, from);
	bool goes = false;

	for (size_t i = 0; i < net->ports && first < net->ports; i++) {
		const struct topo_port *p = &net->port[i];

		if (owner(f, p) == from || apart(f, from, owner(f, p)))
			continue;
		if (net->ruled) {
			hear_address(f, net, p, (uint32_t)from);
		} else if (i != first) {
			hear_across(f, &net->port[first], p, from);
			goes = true;
		}
	}
	if (goes && apart(f, from, owner(f, &net->port[first])))
		hear_way(f, (uint32_t)from, (uint32_t)owner(f, &net->port[first]));
}

static void hear_neighbours(struct forwarding *f)
{
	const struct topo_state *s = f->s;

	for (uint32_t i = 0; i < 2 * s->wires; i++) {
		const struct topo_port at = { i / 2, (uint8_t)(i % 2) };
		size_t node = s->wire[at.wire].end[at.end].node, peer = s->wire[at.wire].end[!at.end].node;

		if (!s->wire[at.wire].down && !s->node[peer].bridge && !apart(f, peer, node))
			hear(f, &at, peer);
	}
	for (size_t i = 0; i < s->segments; i++)
		for (size_t k = 0; k < s->segment[i].ports; k++)
			for (size_t j = 0; j < s->segment[i].ports; j++) {
				size_t a = owner(f, &s->segment[i].port[k]), b = owner(f, &s->segment[i].port[j]);

				if (a != b && !apart(f, b, a))
					hear(f, &s->segment[i].port[k], b);
			}
}

/* what is behind a wire between bridges: all that comes into the segment on that side; there are no loops */
static void hear_behind(struct forwarding *f, const struct links *links, const struct topo_port *at, size_t bridge,
			uint32_t through)
{
	for (size_t i = links->first[bridge]; i < links->first[bridge + 1]; i++) {
		const struct topo_port *p = &links->port[i];
		const struct topo_wire *w = &f->s->wire[p->wire];
		size_t peer = w->end[!p->end].node;

		if (p->wire == through || w->down)
			continue;
		if (!f->s->node[peer].bridge)
			unite(heard_at(f, at), heard_at(f, p), f->words);
		else
			hear_behind(f, links, at, peer, p->wire);
	}
}

static void hear_bridges(struct forwarding *f)
{
	const struct topo_state *s = f->s;
	struct links links;

	links_make(&links, s);
	for (uint32_t i = 0; i < 2 * s->wires; i++) {
		const struct topo_port at = { i / 2, (uint8_t)(i % 2) };
		const struct topo_end *end = s->wire[at.wire].end;

		if (s->node[end[0].node].bridge && s->node[end[1].node].bridge && !s->wire[at.wire].down)
			hear_behind(f, &links, &at, end[!at.end].node, at.wire);
	}
	links_free(&links);
}

/* an address, and whose it is */
struct owned {
	struct topo_addr net;
	size_t node;
};

static int by_net(const void *a, const void *b)
{
	const struct owned *x = a, *y = b;

	return state_compare_addr(&x->net, &y->net) ?: (x->node > y->node) - (x->node < y->node);
}

static struct owned *all_owned(const struct forwarding *f, size_t *n)
{
	struct owned *list;
	size_t room = 0;

	for (size_t i = 0; i < f->n; i++)
		room += f->own[i].merges;
	list = calloc(room + 1, sizeof(*list));
	if (!list)
		no_memory();
	*n = 0;
	for (size_t i = 0; i < f->n; i++)
		for (size_t k = 0; k < f->own[i].merges; k++)
			list[(*n)++] = (struct owned){ f->own[i].merged[k], i };
	qsort(list, *n, sizeof(*list), by_net);
	return list;
}

/* of one family; there may be some of the other one already */
static void put(const struct forwarding *f, const struct topo_port *at, const struct topo_addr *list, size_t n)
{
	size_t most = f->family == AF_INET ? LINKWIRE_SOURCE_IPV4_MAX : LINKWIRE_SOURCE_IPV6_MAX;
	struct topo_wire *w = &f->s->wire[at->wire];
	struct topo_end *end = &w->end[at->end];
	struct topo_addr *both = arena_alloc(&f->s->mem, (end->sources + n) * sizeof(*both));

	if (n > most)
		diag_error(f->d, w->line,
			   "%s: its end at %s would accept %zu %s networks, and can know %zu (lw_sources=off: all of them)",
			   w->name, f->s->node[end->node].name, n, f->family == AF_INET ? "IPv4" : "IPv6", most);
	if (end->sources)
		memcpy(both, end->source, end->sources * sizeof(*both));
	if (n)
		memcpy(both + end->sources, list, n * sizeof(*both));
	end->source = both;
	end->sources += n;
}

static size_t add_addrs(const struct forwarding *f, struct topo_addr *list, size_t n, const struct topo_end *end)
{
	for (size_t i = 0; i < end->addrs; i++)
		if (end->addr[i].addr.family == f->family && !net_link_local(&end->addr[i].addr))
			list[n++] = net_whole(&end->addr[i].addr);
	return n;
}

/* the peers' addresses on the wire itself: without them nobody is found, even where all else goes by a chain */
static size_t add_on_wire(const struct forwarding *f, const struct topo_port *at, struct topo_addr *list, size_t n)
{
	const struct topo_wire *w = &f->s->wire[at->wire];
	const struct topo_segment *seg = w->segment ? &f->s->segment[w->segment - 1] : NULL;

	if (!seg)
		return add_addrs(f, list, n, &w->end[!at->end]);
	for (size_t i = 0; i < seg->ports; i++)
		if (seg->port[i].wire != at->wire || seg->port[i].end != at->end)
			n = add_addrs(f, list, n, &f->s->wire[seg->port[i].wire].end[seg->port[i].end]);
	return n;
}

static size_t room_on_wire(const struct forwarding *f)
{
	size_t room = 0;

	for (size_t i = 0; i < 2 * f->s->wires; i++)
		room += f->s->wire[i / 2].end[i % 2].addrs;
	return room;
}

static void list_routed(struct forwarding *f)
{
	size_t n, owned;
	struct owned *all = all_owned(f, &owned);
	struct topo_addr *list = calloc(owned + room_on_wire(f) + 1, sizeof(*list));

	if (!list)
		no_memory();
	for (uint32_t i = 0; i < 2 * f->s->wires; i++) {
		const struct topo_port at = { i / 2, (uint8_t)(i % 2) };
		const uint64_t *heard = heard_at(f, &at);

		if (f->s->wire[at.wire].plain)
			continue;
		n = 0;
		for (size_t k = 0; k < owned; k++)
			if (heard[all[k].node / 64] >> all[k].node % 64 & 1)
				list[n++] = all[k].net;
		if (f->s->chains) {
			n = add_on_wire(f, &at, list, n);
			n = net_merge(list, n);
		} else {
			n = net_join(list, n);
		}
		put(f, &at, list, n);
	}
	free(all);
	free(list);
}

/* without routes: what is the peer's, or of all ends of the segment */
static void list_segment(const struct forwarding *f, const struct topo_segment *seg, struct own *all)
{
	size_t room = 0;

	for (size_t k = 0; k < seg->ports; k++)
		room += f->own[owner(f, &seg->port[k])].merges;
	all->merged = calloc(room + 1, sizeof(*all->merged));
	if (!all->merged)
		no_memory();
	for (size_t k = 0; k < seg->ports; k++) {
		const struct own *own = &f->own[owner(f, &seg->port[k])];

		memcpy(all->merged + all->merges, own->merged, own->merges * sizeof(*own->merged));
		all->merges += own->merges;
	}
	all->merges = net_merge(all->merged, all->merges);
}

static void list_neighbours(struct forwarding *f)
{
	const struct topo_state *s = f->s;
	struct own *segment = calloc(s->segments + 1, sizeof(*segment));

	if (!segment)
		no_memory();
	for (size_t i = 0; i < s->segments; i++)
		list_segment(f, &s->segment[i], &segment[i]);
	for (uint32_t i = 0; i < 2 * s->wires; i++) {
		const struct topo_port at = { i / 2, (uint8_t)(i % 2) };
		const struct topo_wire *w = &s->wire[at.wire];
		size_t peer = w->end[!at.end].node;
		const struct own *own = s->node[peer].bridge ? &segment[w->segment - 1] : &f->own[peer];

		if (!w->plain)
			put(f, &at, own->merged, own->merges);
	}
	for (size_t i = 0; i < s->segments; i++)
		free(segment[i].merged);
	free(segment);
}

/**
 * add_sources() - work out what each end accepts, of one family
 * @f: the work, with what chains send already heard
 */
void add_sources(struct forwarding *f)
{
	uint64_t *sends;

	if (!f->s->sources_on)
		return;
	for (size_t i = 0; i < 2 * f->s->wires; i++)
		f->s->wire[i / 2].end[i % 2].sources_on = !f->s->wire[i / 2].plain;
	if (!f->heard) {
		list_neighbours(f);
		return;
	}
	sends = calloc(f->n * f->words + 1, sizeof(*sends));
	if (!sends)
		no_memory();
	for (size_t i = 0; i < f->n; i++)
		if (!f->s->node[i].bridge)
			hear_tree(f, i, sends);
	for (size_t i = 0; i < f->nets; i++)
		for (size_t k = 0; k < f->n; k++)
			if (!f->s->node[k].bridge)
				hear_net(f, &f->net[i], k);
	hear_neighbours(f);
	hear_bridges(f);
	free(sends);
	list_routed(f);
}
