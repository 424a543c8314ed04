/* SPDX-License-Identifier: MIT */
/*
 * Packets on their way through a topology as its state has it, step by step: policies, routes, networks on wires,
 * frames through bridges, denials and allowed sources. Nothing of this knows how the state was made.
 */
#ifndef TOPO_WALK_H
#define TOPO_WALK_H

#include <linux/rtnetlink.h>

#include "tests/topo_fixture.h"
#include "topology/net.h"

enum walked { DELIVERED, NO_ROUTE, PROHIBITED, DENIED, REFUSED, LOST, LOOPING };

struct walk {
	const struct topo_state *s;
	struct lw_addr src, dst;
	char path[1024];	/* " a b c": the nodes that have seen it */
};

static inline bool is_in(const struct topo_addr *net, const struct lw_addr *a)
{
	struct topo_addr whole = net_whole(a);

	return (!net->len && net->addr.family == a->family) || net_contains(net, &whole);
}

static inline bool lives_at(const struct topo_state *s, size_t node, const struct lw_addr *a)
{
	const struct topo_node *n = &s->node[node];

	for (size_t i = 0; i < n->loopbacks; i++)
		if (lw_addr_equal(&n->loopback[i].addr, a))
			return true;
	for (size_t i = 0; i < n->prefixes; i++)
		if (is_in(&n->prefix[i], a))
			return true;
	for (size_t i = 0; i < 2 * s->wires; i++) {
		const struct topo_end *end = &s->wire[i / 2].end[i % 2];

		for (size_t k = 0; end->node == node && k < end->addrs; k++)
			if (lw_addr_equal(&end->addr[k].addr, a))
				return true;
	}
	return false;
}

static inline bool denied(const struct walk *w, size_t node, const struct topo_port *in)
{
	const struct topo_node *n = &w->s->node[node];

	for (size_t i = 0; i < n->denials; i++) {
		const struct topo_denial *d = &n->denial[i];
		bool drops = is_in(&d->from, &w->src) && is_in(&d->to, &w->dst);

		for (size_t k = 0; k < d->buts; k++)
			drops &= d->but[k].wire != in->wire || d->but[k].end != in->end;
		if (drops)
			return true;
	}
	return false;
}

static inline bool accepted(const struct walk *w, const struct topo_port *in)
{
	const struct topo_end *end = &w->s->wire[in->wire].end[in->end];

	for (size_t i = 0; i < end->sources; i++)
		if (is_in(&end->source[i], &w->src))
			return true;
	return !end->sources_on;
}

/* where a packet leaves a node, and to whom: LOST means that it goes on */
static inline enum walked look_up(const struct walk *w, size_t node, const struct topo_port *in, struct topo_port *out,
				  struct lw_addr *via)
{
	const struct topo_node *n = &w->s->node[node];
	enum walked result = NO_ROUTE;
	int longest = -1;

	for (size_t i = 0; i < n->policies; i++) {
		const struct topo_policy *p = &n->policy[i];

		if (!is_in(&p->from, &w->src) || !is_in(&p->to, &w->dst) ||
		    (p->in.wire != TOPO_ANY && (p->in.wire != in->wire || p->in.end != in->end)))
			continue;
		*out = p->out;
		*via = p->via;
		return LOST;
	}
	for (size_t i = 0; i < 2 * w->s->wires; i++) {
		const struct topo_end *end = &w->s->wire[i / 2].end[i % 2];

		for (size_t k = 0; end->node == node && !w->s->wire[i / 2].down && k < end->addrs; k++) {
			if (!is_in(&end->addr[k], &w->dst) || end->addr[k].len <= longest)
				continue;
			longest = end->addr[k].len;
			*out = (struct topo_port){ (uint32_t)(i / 2), (uint8_t)(i % 2) };
			*via = w->dst;
			result = LOST;
		}
	}
	for (size_t i = 0; i < n->routes; i++) {
		const struct topo_route *r = &n->route[i];

		if (!is_in(&r->dst, &w->dst) || r->dst.len <= longest)
			continue;
		longest = r->dst.len;
		*out = r->out;
		*via = r->via;
		result = r->type == RTN_PROHIBIT ? PROHIBITED : LOST;
	}
	return result;
}

/* over a wire, or through bridges to the end that has the address @via; false: nobody has, or somebody refused it */
static inline bool cross(struct walk *w, struct topo_port out, const struct lw_addr *via, struct topo_port *in,
			 bool *refused)
{
	const struct topo_wire *wire = &w->s->wire[out.wire];
	const struct topo_end *end = &wire->end[!out.end];

	if (wire->down)
		return false;
	*in = (struct topo_port){ out.wire, !out.end };
	if (!w->s->node[end->node].bridge) {
		for (size_t i = 0; i < end->addrs; i++)
			if (!via->family || lw_addr_equal(&end->addr[i].addr, via)) {
				*refused = !accepted(w, in);
				return true;
			}
		*refused = !accepted(w, in);
		return !via->family;
	}
	if (!accepted(w, in)) {
		*refused = true;
		return true;
	}
	for (size_t i = 0; i < 2 * w->s->wires; i++)
		if (w->s->wire[i / 2].end[i % 2].node == end->node && i / 2 != out.wire &&
		    cross(w, (struct topo_port){ (uint32_t)(i / 2), (uint8_t)(i % 2) }, via, in, refused))
			return true;
	return false;
}

/* from @node on, where the packet is made (@in is TOPO_LOCAL), or has come in by @in */
static inline enum walked walk_from(struct walk *w, size_t node, struct topo_port in)
{
	for (int ttl = 64; ttl; ttl--) {
		struct topo_port out;
		struct lw_addr via = { 0 };
		bool refused = false;
		enum walked found;

		snprintf(w->path + strlen(w->path), sizeof(w->path) - strlen(w->path), " %s", w->s->node[node].name);
		if (denied(w, node, &in))
			return DENIED;
		if (lives_at(w->s, node, &w->dst))
			return DELIVERED;
		found = look_up(w, node, &in, &out, &via);
		if (found != LOST)
			return found;
		if (!cross(w, out, &via, &in, &refused))
			return LOST;
		if (refused)
			return REFUSED;
		node = w->s->wire[in.wire].end[in.end].node;
	}
	return LOOPING;
}

static inline enum walked walk(struct walk *w, const struct topo_state *s, size_t node, const struct lw_addr *src,
			       const struct lw_addr *dst)
{
	*w = (struct walk){ .s = s, .src = *src, .dst = *dst };
	return walk_from(w, node, (struct topo_port){ TOPO_LOCAL, 0 });
}

static inline size_t node_named(const struct topo_state *s, const char *name)
{
	for (size_t i = 0; i < s->nodes; i++)
		if (!strcmp(s->node[i].name, name))
			return i;
	fail_msg("no node %s", name);
	return 0;
}

/* all addresses of a node, and one of each network behind it */
static inline size_t addresses_of(const struct topo_state *s, size_t node, struct lw_addr *list)
{
	const struct topo_node *n = &s->node[node];
	size_t count = 0;

	for (size_t i = 0; i < n->loopbacks; i++)
		list[count++] = n->loopback[i].addr;
	for (size_t i = 0; i < n->prefixes; i++)
		list[count++] = net_addr(n->prefix[i].addr.family, net_number(&n->prefix[i].addr) + 9);
	for (size_t i = 0; i < 2 * s->wires; i++) {
		const struct topo_end *end = &s->wire[i / 2].end[i % 2];

		for (size_t k = 0; end->node == node && !s->wire[i / 2].down && k < end->addrs; k++)
			list[count++] = end->addr[k].addr;
	}
	return count;
}

#endif
