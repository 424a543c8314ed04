// SPDX-License-Identifier: MIT
/*
 * Allowed sources of wires that stay. While routes change, packets may come the old way or the new: so what was allowed
 * and what will be are both allowed, until all routes lead where they should.
 */
#include <stdlib.h>
#include <string.h>

#include "netlink/wire.h"
#include "topology/emit.h"

/**
 * sources_of() - the allowed sources of an end, as the kernel is told them
 * @mem: where the list is made
 * @end: the end
 *
 * Return: the list.
 */
struct lw_sources sources_of(struct arena *mem, const struct topo_end *end)
{
	struct lw_sources s = { .on = end->sources_on };

	s.prefix = arena_alloc(mem, (end->sources + 1) * sizeof(*s.prefix));
	for (size_t i = 0; i < end->sources; i++)
		s.prefix[s.prefixes++] = (struct lw_prefix){ end->source[i].addr, end->source[i].len };
	return s;
}

/* both lists are sorted */
static struct lw_sources both(struct arena *mem, const struct topo_end *a, const struct topo_end *b)
{
	struct lw_sources s = { .on = true };
	size_t i = 0, k = 0;

	s.prefix = arena_alloc(mem, (a->sources + b->sources + 1) * sizeof(*s.prefix));
	while (i < a->sources || k < b->sources) {
		int order = i == a->sources ? 1 : k == b->sources ? -1 :
			    state_compare_addr(&a->source[i], &b->source[k]);
		const struct topo_addr *next = order <= 0 ? &a->source[i] : &b->source[k];

		s.prefix[s.prefixes++] = (struct lw_prefix){ next->addr, next->len };
		i += order <= 0;
		k += order >= 0;
	}
	return s;
}

static int send_sources(struct emit *e, struct site *s, struct job **jobs, size_t n, bool last)
{
	struct arena mem = { 0 };
	struct lw_batch b;
	int ret;

	lw_batch_init(&b, NETLINK_GENERIC);
	for (size_t i = 0; i < n; i++) {
		const struct topo_end *end = &jobs[i]->wire->end[jobs[i]->end], *was = jobs[i]->was;
		struct lw_wire_spec spec = { .has = LW_HAS(IFLA_LINKWIRE_SOURCES) };

		if (!last && end->sources_on && !was->sources_on)
			continue;	/* all is allowed until the end */
		if (last || !end->sources_on)
			spec.sources = sources_of(&mem, end);
		else
			spec.sources = both(&mem, end, was);
		lw_wire_set(&b, LW_WIRE_ID(jobs[i]->id), &spec);
	}
	ret = lw_batch_send(&s->under, &b, NULL, NULL, e->err);
	lw_batch_free(&b);
	arena_free(&mem);
	return ret ? emit_failed(e, ret, "allowed sources of wires of node %s", s->node->name) : 0;
}

static int widen(struct emit *e, struct site *s, struct job **jobs, size_t n)
{
	return send_sources(e, s, jobs, n, false);
}

static int narrow(struct emit *e, struct site *s, struct job **jobs, size_t n)
{
	return send_sources(e, s, jobs, n, true);
}

/**
 * sources_widen() - allow what was allowed and what will be
 * @e: the work
 * @jobs: both ends of each wire, one behind the other
 * @n: how many ends
 *
 * Return: 0 or a negative errno.
 */
int sources_widen(struct emit *e, struct job *jobs, size_t n)
{
	struct job **order = jobs_by_node(jobs, n);
	int ret = jobs_each_site(e, order, n, widen);

	free(order);
	return ret;
}

/**
 * sources_narrow() - allow no more than what is wanted
 * @e: the work
 * @jobs: both ends of each wire, one behind the other
 * @n: how many ends
 *
 * Return: 0 or a negative errno.
 */
int sources_narrow(struct emit *e, struct job *jobs, size_t n)
{
	struct job **order = jobs_by_node(jobs, n);
	int ret = jobs_each_site(e, order, n, narrow);

	free(order);
	return ret;
}
