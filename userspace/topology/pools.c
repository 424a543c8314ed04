// SPDX-License-Identifier: MIT
/*
 * Addresses out of a pool: two for a wire between two nodes, a block with room to grow for a segment, one for a
 * loopback. What is live keeps what it has, so that a new edge renumbers nobody; then the biggest are served first, in
 * the order of the file, with the lowest that is free.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "topology/net.h"
#include "topology/pools.h"

#define LARGEST 62	/* bits: 2^62 addresses of a vast pool are enough for anyone, and keep sums of them in 64 bits */
#define SEGMENT_LEAST 3	/* bits of the smallest block that a segment gets, where there is room */

/* addresses of the pool, counted from its first: those of [first, last] are taken */
struct range {
	uint64_t first, last;
};

struct ranges {
	struct range *r;
	size_t n, cap;
};

enum kind { SEGMENT, WIRE, LOOPBACK, KINDS };

struct request {
	enum kind kind;
	size_t index;
	unsigned int order, least;	/* 2^order addresses are asked for, 2^least would do */
	unsigned int wish;		/* the order at first */
	bool served;
	uint64_t first;
};

struct pool {
	struct topo_state *s;
	const struct topo_state *live;
	const struct topo_pool *p;
	uint8_t family;
	uint64_t room;
	struct ranges taken;
	struct request *request;
	size_t n, cap;
};

static void add_range(struct ranges *set, uint64_t first, uint64_t last)
{
	set->r = array_grow(set->r, &set->cap, set->n, sizeof(*set->r));
	set->r[set->n++] = (struct range){ first, last };
}

static int by_first(const void *a, const void *b)
{
	const struct range *x = a, *y = b;

	return (x->first > y->first) - (x->first < y->first);
}

static void settle(struct ranges *set)
{
	size_t n = 0;

	if (!set->n)
		return;
	qsort(set->r, set->n, sizeof(*set->r), by_first);
	for (size_t i = 1; i < set->n; i++)
		if (set->r[i].first > set->r[n].last)
			set->r[++n] = set->r[i];
		else if (set->r[i].last > set->r[n].last)
			set->r[n].last = set->r[i].last;
	set->n = n + 1;
}

static bool is_taken(const struct ranges *set, uint64_t first, uint64_t last)
{
	size_t lo = 0, hi = set->n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (set->r[mid].last < first)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < set->n && set->r[lo].first <= last;
}

static bool offset_of(const struct pool *p, const struct lw_addr *a, uint64_t *offset)
{
	u128 at = net_number(a) - net_number(&p->p->base);

	if (a->family != p->family || at >= p->room)
		return false;
	*offset = (uint64_t)at;
	return true;
}

static void reserve(struct pool *p, const struct topo_addr *net)
{
	u128 low = net_number(&p->p->base), high = low + p->room - 1, m, first, last;

	if (net->addr.family != p->family)
		return;
	m = net_host_mask(p->family, net->len);
	first = net_number(&net->addr) & ~m;
	last = first | m;
	if (last < low || first > high)
		return;
	first = first < low ? low : first;
	last = last > high ? high : last;
	add_range(&p->taken, (uint64_t)(first - low), (uint64_t)(last - low));
}

/* what the file's own addresses take from the pool: the whole networks that they are in, as far as these are in it */
static void reserve_written(struct pool *p)
{
	const struct topo_state *s = p->s;

	for (size_t i = 0; i < 2 * s->wires; i++) {
		const struct topo_end *end = &s->wire[i / 2].end[i % 2];

		for (size_t k = 0; k < end->addrs; k++)
			reserve(p, &end->addr[k]);
	}
	for (size_t i = 0; i < s->nodes; i++) {
		for (size_t k = 0; k < s->node[i].loopbacks; k++)
			reserve(p, &s->node[i].loopback[k]);
		for (size_t k = 0; k < s->node[i].prefixes; k++)
			reserve(p, &s->node[i].prefix[k]);
	}
	settle(&p->taken);
}

static void ask(struct pool *p, enum kind kind, size_t index, unsigned int order, unsigned int least)
{
	p->request = array_grow(p->request, &p->cap, p->n, sizeof(*p->request));
	p->request[p->n++] = (struct request){ .kind = kind, .index = index, .order = order, .wish = order, .least = least };
}

static unsigned int order_for(size_t addresses)
{
	unsigned int order = 0;

	while (((uint64_t)1 << order) < addresses)
		order++;
	return order;
}

static bool has_loopback(const struct topo_node *n, uint8_t family)
{
	for (size_t i = 0; i < n->loopbacks; i++)
		if (n->loopback[i].addr.family == family)
			return true;
	return false;
}

/* the first and the last address of a block are no host's; twice as many as are needed now leave room to grow */
static void ask_all(struct pool *p)
{
	struct topo_state *s = p->s;
	bool v4 = p->family == AF_INET;

	for (size_t i = 0; i < s->segments; i++) {
		const struct topo_segment *seg = &s->segment[i];
		unsigned int least = order_for(seg->ports + 2), order = order_for(2 * seg->ports + 2);

		if ((v4 ? seg->wants4 : seg->wants6) && !(v4 ? &seg->net4 : &seg->net6)->addr.family)
			ask(p, SEGMENT, i, order < SEGMENT_LEAST ? SEGMENT_LEAST : order, least);
	}
	for (size_t i = 0; i < s->wires; i++)
		if (v4 ? s->wire[i].wants4 : s->wire[i].wants6)
			ask(p, WIRE, i, 1, 1);
	for (size_t i = 0; i < s->nodes && s->routes_on; i++)
		if (!s->node[i].bridge && !has_loopback(&s->node[i], p->family))
			ask(p, LOOPBACK, i, 0, 0);
}

/* where a live wire has its addresses, if both ends have them as we would give them */
static bool live_wire(const struct pool *p, struct request *q)
{
	const struct topo_wire *was = state_find_wire(p->live, p->s->wire[q->index].key);
	uint8_t len = (uint8_t)(net_bits(p->family) - 1);

	for (size_t i = 0; was && i < was->end[0].addrs; i++) {
		const struct topo_addr *a = &was->end[0].addr[i];
		struct topo_addr other = { .len = len };

		if (a->addr.family != p->family || a->len != len || net_number(&a->addr) & 1 ||
		    !offset_of(p, &a->addr, &q->first))
			continue;
		other.addr = net_addr(p->family, net_number(&a->addr) + 1);
		if (state_has_addr(&was->end[1], &other))
			return true;
	}
	return false;
}

/* the block that the first of its ends that is live is in; made bigger around it if it has become too small */
static bool live_segment(const struct pool *p, struct request *q, bool grow)
{
	const struct topo_segment *seg = &p->s->segment[q->index];

	for (size_t i = 0; i < seg->ports; i++) {
		const struct topo_port *port = &seg->port[i];
		const struct topo_wire *was = state_find_wire(p->live, p->s->wire[port->wire].key);

		for (size_t k = 0; was && k < was->end[port->end].addrs; k++) {
			const struct topo_addr *a = &was->end[port->end].addr[k];
			unsigned int order = net_bits(p->family) - a->len;

			if (a->addr.family != p->family || order < 2 || order > LARGEST || grow != (order < q->least) ||
			    !offset_of(p, &a->addr, &q->first))
				continue;
			q->order = grow ? q->wish : order;
			q->first &= ~(((uint64_t)1 << q->order) - 1);
			return q->first + ((uint64_t)1 << q->order) <= p->room;
		}
	}
	return false;
}

static bool live_loopback(const struct pool *p, struct request *q)
{
	const struct topo_node *was = state_find_node(p->live, p->s->node[q->index].underlay);

	for (size_t i = 0; was && i < was->loopbacks; i++)
		if (was->loopback[i].len == net_bits(p->family) && offset_of(p, &was->loopback[i].addr, &q->first))
			return true;
	return false;
}

static bool live_place(const struct pool *p, struct request *q, bool grow)
{
	if (q->kind == SEGMENT)
		return live_segment(p, q, grow);
	return !grow && (q->kind == WIRE ? live_wire(p, q) : live_loopback(p, q));
}

static int by_place(const void *a, const void *b)
{
	const struct request *const *x = a, *const *y = b;

	if ((*x)->first != (*y)->first)
		return (*x)->first < (*y)->first ? -1 : 1;
	return (*x)->order != (*y)->order ? (int)(*y)->order - (int)(*x)->order :
	       (*x)->kind != (*y)->kind ? (int)(*x)->kind - (int)(*y)->kind :
	       ((*x)->index > (*y)->index) - ((*x)->index < (*y)->index);
}

static uint64_t last_of(const struct request *q)
{
	return q->first + ((uint64_t)1 << q->order) - 1;
}

/* what is live stays where it is, as far as that is free, and nobody else's: a segment may have become two */
static void keep(struct pool *p, bool grow)
{
	struct request **list = calloc(p->n + 1, sizeof(*list));
	struct ranges kept = { 0 };
	size_t n = 0;

	if (!list)
		no_memory();
	for (size_t i = 0; i < p->n; i++) {
		struct request *q = &p->request[i];

		if (!q->served && live_place(p, q, grow) && !is_taken(&p->taken, q->first, last_of(q)))
			list[n++] = q;
	}
	qsort(list, n, sizeof(struct request *), by_place);
	for (size_t i = 0; i < n; i++) {
		if (kept.n && kept.r[kept.n - 1].last >= list[i]->first)
			continue;
		list[i]->served = true;
		add_range(&kept, list[i]->first, last_of(list[i]));
	}
	for (size_t i = 0; i < kept.n; i++)
		add_range(&p->taken, kept.r[i].first, kept.r[i].last);
	settle(&p->taken);
	for (size_t i = 0; i < p->n; i++)
		if (!p->request[i].served)
			p->request[i].order = p->request[i].wish;
	free(kept.r);
	free(list);
}

/* the rest, of one size */
static void serve(struct pool *p, unsigned int order)
{
	uint64_t size = (uint64_t)1 << order, next = 0;
	size_t at = 0, before = p->taken.n;

	for (size_t i = 0; i < p->n; i++) {
		struct request *q = &p->request[i];

		if (q->served || q->order != order)
			continue;
		while (at < before && p->taken.r[at].first < next + size) {
			if (p->taken.r[at].last >= next)
				next = (p->taken.r[at].last + size) & ~(size - 1);
			at++;
		}
		if (next + size <= p->room) {
			q->served = true;
			q->first = next;
			add_range(&p->taken, next, next + size - 1);
			next += size;
		} else if (q->order > q->least) {
			q->order--;
		}
	}
	if (p->taken.n > before)
		settle(&p->taken);
}

static struct topo_addr at(const struct pool *p, uint64_t offset, unsigned int order)
{
	return (struct topo_addr){ net_addr(p->family, net_number(&p->p->base) + offset),
				   (uint8_t)(net_bits(p->family) - order) };
}

static void give(struct pool *p, const struct request *q)
{
	struct topo_addr a = at(p, q->first, q->order), b = at(p, q->first + 1, q->order);
	struct topo_segment *seg;
	struct topo_node *n;
	struct topo_wire *w;

	switch (q->kind) {
	case SEGMENT:
		seg = &p->s->segment[q->index];
		*(p->family == AF_INET ? &seg->net4 : &seg->net6) = a;
		break;
	case WIRE:
		w = &p->s->wire[q->index];
		state_add_addr(p->s, &w->end[0], &a.addr, a.len);
		state_add_addr(p->s, &w->end[1], &b.addr, b.len);
		*(p->family == AF_INET ? &w->wants4 : &w->wants6) = false;
		break;
	default:
		n = &p->s->node[q->index];
		n->loopback = memcpy(arena_alloc(&p->s->mem, (n->loopbacks + 1) * sizeof(a)), n->loopback ?: &a,
				     n->loopbacks * sizeof(a));
		n->loopback[n->loopbacks++] = a;
	}
}

static void tell_missing(const struct pool *p, struct diag *d)
{
	static const char *const what[KINDS] = { "segments", "wires", "loopbacks" };
	struct topo_addr net = { p->p->base, p->p->len };
	size_t missing[KINDS] = { 0 };
	const char *list = NULL;
	char text[NET_STRLEN];

	for (size_t i = 0; i < p->n; i++)
		missing[p->request[i].kind] += !p->request[i].served;
	for (int i = 0; i < KINDS; i++)
		if (missing[i])
			list = list ? arena_printf(&d->mem, "%s and %zu %s", list, missing[i], what[i]) :
				      arena_printf(&d->mem, "%zu %s", missing[i], what[i]);
	if (list)
		diag_error(d, 0, "lw_pool%c %s is exhausted: it has room for %" PRIu64
			   " wires less what the file's own addresses take, and %s get none",
			   p->family == AF_INET ? '4' : '6', net_format(&net, text), p->room / 2, list);
}

/**
 * pools_assign() - give out addresses of a pool
 * @s: the state asked for
 * @from: the pool; one that is off has none to give
 * @family: the pool's
 * @live: what is live; NULL: nothing
 * @d: where it is told if there are not enough
 */
void pools_assign(struct topo_state *s, const struct topo_pool *from, uint8_t family, const struct topo_state *live,
		  struct diag *d)
{
	struct pool p = { .s = s, .live = live, .p = from, .family = family };
	unsigned int host = net_bits(family) - from->len, largest = 0;

	if (!from->on)
		return;
	p.room = (uint64_t)1 << (host > LARGEST ? LARGEST : host);
	reserve_written(&p);
	ask_all(&p);
	if (live) {
		keep(&p, false);
		keep(&p, true);
	}
	for (size_t i = 0; i < p.n; i++)
		if (!p.request[i].served && p.request[i].order > largest)
			largest = p.request[i].order;
	for (unsigned int order = largest + 1; order--;)
		serve(&p, order);
	for (size_t i = 0; i < p.n; i++)
		if (p.request[i].served)
			give(&p, &p.request[i]);
	tell_missing(&p, d);
	free(p.taken.r);
	free(p.request);
}
