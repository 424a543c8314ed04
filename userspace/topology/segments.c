// SPDX-License-Identifier: MIT
/*
 * Segments: what bridges join. A vertex of kind bridge has no addresses and routes nothing; the other ends of its
 * wires, and of the wires of bridges that it is wired to, are neighbours in one network.
 */
#include <stdlib.h>
#include <string.h>

#include <linux/linkwire.h>

#include "topology/net.h"
#include "topology/resolver.h"
#include "topology/segments.h"

#define NAMED_BRIDGES 4

static size_t find(size_t *group, size_t i)
{
	while (group[i] != i) {
		group[i] = group[group[i]];
		i = group[i];
	}
	return i;
}

/* the lower one is the name of both */
static bool join(size_t *group, size_t a, size_t b)
{
	size_t x = find(group, a), y = find(group, b);

	if (x == y)
		return false;
	group[x > y ? x : y] = x > y ? y : x;
	return true;
}

static bool at_bridge(const struct topo_state *s, const struct topo_wire *w, int end)
{
	return s->node[w->end[end].node].bridge;
}

static size_t *no_groups(const struct topo_state *s)
{
	size_t *group = calloc(s->nodes + 1, sizeof(*group));

	if (!group)
		no_memory();
	for (size_t i = 0; i < s->nodes; i++)
		group[i] = i;
	return group;
}

/**
 * segments_groups() - which bridges are joined by wires that are up
 * @s: the state
 *
 * Return: by node: for bridges that frames pass between, the index of the same one of them; to be freed.
 */
size_t *segments_groups(const struct topo_state *s)
{
	size_t *group = no_groups(s);

	for (size_t i = 0; i < s->wires; i++) {
		const struct topo_wire *w = &s->wire[i];

		if (!w->down && at_bridge(s, w, 0) && at_bridge(s, w, 1))
			join(group, w->end[0].node, w->end[1].node);
	}
	for (size_t i = 0; i < s->nodes; i++)
		group[i] = find(group, i);
	return group;
}

/* no bridge here speaks a spanning tree protocol, which would take half a minute to let the first frame pass */
static void check_loops(struct resolver *r)
{
	size_t *group = no_groups(r->s);

	for (size_t i = 0; i < r->s->wires; i++) {
		const struct topo_wire *w = &r->s->wire[i];

		if (!w->down && at_bridge(r->s, w, 0) && at_bridge(r->s, w, 1) &&
		    !join(group, w->end[0].node, w->end[1].node))
			diag_error(r->d, w->line, "%s closes a loop of bridges, in which frames would go round for ever",
				   w->name);
	}
	free(group);
}

static void check_wire(struct resolver *r, const struct topo_segment *seg, const struct topo_wire *w,
		       const struct topo_wire *first)
{
	if (w->mode != LINKWIRE_MODE_L2)
		diag_error(r->d, w->line, "%s: a bridge forwards frames: lw_mode can only be l2", w->name);
	if (w->mtu != first->mtu)
		diag_error(r->d, w->line, "%s has lw_mtu %u and %s %u, in one segment (%s): what is too big is lost",
			   first->name, first->mtu, w->name, w->mtu, seg->name);
}

static const struct topo_addr *address_of(const struct topo_end *end, uint8_t family, const struct topo_addr *in)
{
	for (size_t i = 0; i < end->addrs; i++)
		if (end->addr[i].addr.family == family && (!in || net_contains(in, &end->addr[i])))
			return &end->addr[i];
	return NULL;
}

/* what the file says of addresses: the first one's network is the segment's */
static bool written_net(struct resolver *r, struct topo_segment *seg, uint8_t family, struct topo_addr *net)
{
	const struct topo_end *first = NULL;
	char text[NET_STRLEN];
	bool lack = false;

	for (size_t i = 0; i < seg->ports; i++) {
		const struct topo_wire *w = &r->s->wire[seg->port[i].wire];
		const struct topo_end *end = &w->end[seg->port[i].end];
		const struct topo_addr *a = address_of(end, family, NULL);

		if (!a) {
			lack = true;
		} else if (!first) {
			first = end;
			*net = net_of(a);
		} else if (!address_of(end, family, net)) {
			diag_error(r->d, w->line, "%s: its end at %s has no address in %s, as %s has in one segment (%s)",
				   w->name, r->s->node[end->node].name, net_format(net, text),
				   r->s->node[first->node].name, seg->name);
		}
	}
	return lack;
}

static void name_segment(struct resolver *r, struct topo_segment *seg, size_t node, size_t *bridges)
{
	const char *name = r->s->node[node].name;

	if (++*bridges <= NAMED_BRIDGES)
		seg->name = seg->name ? arena_printf(&r->s->mem, "%s, %s", seg->name, name) : name;
	else if (*bridges == NAMED_BRIDGES + 1)
		seg->name = arena_printf(&r->s->mem, "%s ...", seg->name);
}

/* bridges → segments, in the order of nodes */
static size_t *make_segments(struct resolver *r, size_t *group)
{
	struct topo_state *s = r->s;
	size_t *bridges = calloc(s->nodes + 1, sizeof(*bridges));
	size_t *segment = calloc(s->nodes + 1, sizeof(*segment));

	if (!bridges || !segment)
		no_memory();
	for (size_t i = 0; i < s->nodes; i++) {
		size_t root = find(group, i);

		if (!s->node[i].bridge)
			continue;
		if (root == i) {
			s->segment = array_grow(s->segment, &s->segment_cap, s->segments, sizeof(*s->segment));
			s->segment[s->segments++] = (struct topo_segment){ .line = s->node[i].line };
			segment[i] = s->segments;
		}
		segment[i] = segment[root];
		name_segment(r, &s->segment[segment[i] - 1], i, &bridges[segment[i] - 1]);
	}
	free(bridges);
	return segment;
}

static void add_ports(struct resolver *r, const size_t *segment)
{
	struct topo_state *s = r->s;
	const struct topo_wire **first = calloc(s->segments + 1, sizeof(*first));

	if (!first)
		no_memory();
	for (size_t i = 0; i < s->wires; i++) {
		struct topo_wire *w = &s->wire[i];
		struct topo_segment *seg;

		if (!at_bridge(s, w, 0) && !at_bridge(s, w, 1))
			continue;
		w->segment = (uint32_t)segment[w->end[!at_bridge(s, w, 0)].node];
		w->wants4 = w->wants6 = false;
		seg = &s->segment[w->segment - 1];
		first[w->segment - 1] = first[w->segment - 1] ?: w;
		check_wire(r, seg, w, first[w->segment - 1]);
		seg->ports += !at_bridge(s, w, 0) || !at_bridge(s, w, 1);
	}
	for (size_t i = 0; i < s->segments; i++) {
		s->segment[i].port = arena_alloc(&s->mem, s->segment[i].ports * sizeof(struct topo_port));
		s->segment[i].ports = 0;
	}
	for (size_t i = 0; i < 2 * s->wires; i++) {
		struct topo_wire *w = &s->wire[i / 2];
		struct topo_segment *seg = w->segment ? &s->segment[w->segment - 1] : NULL;

		if (seg && !at_bridge(s, w, i % 2))
			seg->port[seg->ports++] = (struct topo_port){ (uint32_t)(i / 2), (uint8_t)(i % 2) };
	}
	free(first);
}

/**
 * resolve_segments() - find the segments, and what they want
 * @r: the work
 */
void resolve_segments(struct resolver *r)
{
	size_t *group = no_groups(r->s), *segment;
	struct topo_state *s = r->s;

	for (size_t i = 0; i < s->wires; i++)
		if (at_bridge(s, &s->wire[i], 0) && at_bridge(s, &s->wire[i], 1))
			join(group, s->wire[i].end[0].node, s->wire[i].end[1].node);
	segment = make_segments(r, group);
	add_ports(r, segment);
	for (size_t i = 0; i < s->segments; i++) {
		struct topo_segment *seg = &s->segment[i];

		seg->wants4 = written_net(r, seg, AF_INET, &seg->net4) && (s->pool4.on || seg->net4.addr.family);
		seg->wants6 = written_net(r, seg, AF_INET6, &seg->net6) && (s->pool6.on || seg->net6.addr.family);
	}
	check_loops(r);
	free(group);
	free(segment);
}
