// SPDX-License-Identifier: MIT
/*
 * Addresses: those in the file, and from the pools one /31 or /127 a wire. What is live keeps its addresses, so that
 * a new edge renumbers nobody; others get the lowest that are free, in the order of the file.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "topology/net.h"
#include "topology/quantity.h"
#include "topology/resolve.h"

#define UNDERLAY_NUMBERS 65534	/* of state_underlay_addr() */

/**
 * parse_pool() - read a network that wires get addresses from
 * @pool: where it goes
 * @family: AF_INET or AF_INET6
 * @text: such as 10.0.0.0/8, or "none"
 *
 * Return: false if the text is neither.
 */
bool parse_pool(struct topo_pool *pool, uint8_t family, const char *text)
{
	*pool = (struct topo_pool){ 0 };
	if (!strcmp(text, "none"))
		return true;
	if (lw_addr_parse_prefix(&pool->base, &pool->len, text) || pool->base.family != family ||
	    pool->len >= net_bits(family) || pool->len == 0 || net_number(&pool->base) & net_host_mask(family, pool->len) ||
	    !net_usable(&pool->base))
		return false;
	pool->on = true;
	return true;
}

/**
 * parse_addresses() - read the addresses of an end
 * @s: the state
 * @end: the end that gets them; has none before
 * @text: addresses with their prefix's length, with commas or spaces between them
 * @bad: where the first word goes that is no address
 *
 * Return: false if there is such a word.
 */
bool parse_addresses(struct topo_state *s, struct topo_end *end, const char *text, const char **bad)
{
	const char *word;

	end->addr = arena_alloc(&s->mem, count_words(text) * sizeof(*end->addr));
	while ((word = parse_word(&s->mem, &text))) {
		struct topo_addr *a = &end->addr[end->addrs];

		if (lw_addr_parse_prefix(&a->addr, &a->len, word) || a->len == 0 || !net_usable(&a->addr)) {
			*bad = word;
			return false;
		}
		end->addrs++;
	}
	return true;
}

/* slots of a pool, each of two addresses: those of [first, last] are taken */
struct range {
	uint64_t first, last;
};

struct ranges {
	struct range *r;
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

static bool is_taken(const struct ranges *set, uint64_t slot)
{
	size_t lo = 0, hi = set->n;

	while (lo < hi) {
		size_t mid = (lo + hi) / 2;

		if (set->r[mid].last < slot)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < set->n && set->r[lo].first <= slot;
}

/* 2^62 slots of a vast pool are enough for anyone, and keep sums of them in 64 bits */
static uint64_t slots_of(const struct topo_pool *p)
{
	unsigned int host = net_bits(p->base.family) - p->len - 1;

	return (uint64_t)1 << (host > 62 ? 62 : host);
}

static bool slot_of(const struct topo_pool *p, const struct lw_addr *a, uint64_t *slot)
{
	u128 at = net_number(a) - net_number(&p->base);

	if (a->family != p->base.family || at >> 1 >= slots_of(p))
		return false;
	*slot = (uint64_t)(at >> 1);
	return true;
}

/* what the file's own addresses take from a pool: the whole networks that they are in, as far as these are in it */
static void reserve_written(const struct topo_state *s, const struct topo_pool *p, struct ranges *taken)
{
	uint8_t family = p->base.family;
	u128 low = net_number(&p->base), high = low + 2 * (u128)slots_of(p) - 1;

	for (size_t i = 0; i < 2 * s->wires; i++) {
		const struct topo_end *end = &s->wire[i / 2].end[i % 2];

		for (size_t k = 0; k < end->addrs; k++) {
			u128 m = net_host_mask(family, end->addr[k].len);
			u128 first, last;

			if (end->addr[k].addr.family != family)
				continue;
			first = net_number(&end->addr[k].addr) & ~m;
			last = first | m;
			if (last < low || first > high)
				continue;
			first = first < low ? low : first;
			last = last > high ? high : last;
			add_range(taken, (uint64_t)((first - low) >> 1), (uint64_t)((last - low) >> 1));
		}
	}
	settle(taken);
}

/* the slot that a live wire has its addresses from, if both ends have them as we would give them */
static bool live_slot(const struct topo_pool *p, const struct topo_wire *live, uint64_t *slot)
{
	uint8_t family = p->base.family, whole = (uint8_t)(net_bits(family) - 1);

	for (size_t i = 0; i < live->end[0].addrs; i++) {
		const struct topo_addr *a = &live->end[0].addr[i];
		struct lw_addr other;

		if (a->addr.family != family || a->len != whole || net_number(&a->addr) & 1 ||
		    !slot_of(p, &a->addr, slot))
			continue;
		other = net_addr(family, net_number(&a->addr) + 1);
		for (size_t k = 0; k < live->end[1].addrs; k++)
			if (live->end[1].addr[k].len == whole && lw_addr_equal(&live->end[1].addr[k].addr, &other))
				return true;
	}
	return false;
}

static void give(struct topo_state *s, const struct topo_pool *p, struct topo_wire *w, uint64_t slot)
{
	uint8_t family = p->base.family;
	u128 first = net_number(&p->base) + 2 * (u128)slot;

	for (int i = 0; i < 2; i++) {
		struct lw_addr a = net_addr(family, first + (unsigned int)i);

		state_add_addr(s, &w->end[i], &a, (uint8_t)(net_bits(family) - 1));
	}
	*(family == AF_INET ? &w->wants4 : &w->wants6) = false;
}

static bool wants(const struct topo_wire *w, uint8_t family)
{
	return family == AF_INET ? w->wants4 : w->wants6;
}

static void assign_pool(struct topo_state *s, const struct topo_pool *p, const struct topo_state *live, struct diag *d)
{
	uint64_t next = 0, slot, room = p->on ? slots_of(p) : 0;
	uint8_t family = p->base.family;
	struct ranges taken = { 0 }, kept = { 0 };
	char text[LW_ADDR_STRLEN];
	size_t at = 0, wanted = 0;

	if (!p->on)
		return;
	reserve_written(s, p, &taken);
	for (size_t i = 0; live && i < s->wires; i++) {
		const struct topo_wire *was = state_find_wire(live, s->wire[i].key);

		if (!was || !wants(&s->wire[i], family) || !live_slot(p, was, &slot) || is_taken(&taken, slot))
			continue;
		add_range(&kept, slot, slot);
		give(s, p, &s->wire[i], slot);
	}
	for (size_t i = 0; i < kept.n; i++)
		add_range(&taken, kept.r[i].first, kept.r[i].last);
	settle(&taken);

	for (size_t i = 0; i < s->wires; i++) {
		if (!wants(&s->wire[i], family))
			continue;
		while (at < taken.n && taken.r[at].first <= next)
			next = taken.r[at++].last + 1;
		if (next < room)
			give(s, p, &s->wire[i], next++);
		else
			wanted++;
	}
	if (wanted)
		diag_error(d, 0, "lw_pool%c %s/%u is exhausted: it has room for %" PRIu64
			   " wires less what the file's own addresses take, and %zu wires get none",
			   family == AF_INET ? '4' : '6', lw_addr_format(&p->base, text), p->len, room, wanted);
	free(taken.r);
	free(kept.r);
}

static const char *end_name(struct arena *mem, const struct topo_state *s, const struct topo_end *end)
{
	return arena_printf(mem, "%s:%s", s->node[end->node].name, end->port ?: end->ifname);
}

/* addresses in the file: none twice, and where both ends have some, they must be able to talk */
static void check_written(const struct topo_state *s, struct diag *d)
{
	struct strmap seen = { 0 };
	char text[LW_ADDR_STRLEN];
	size_t other;

	for (size_t i = 0; i < 2 * s->wires; i++) {
		const struct topo_wire *w = &s->wire[i / 2];
		const struct topo_end *end = &w->end[i % 2], *peer = &w->end[!(i % 2)];

		for (size_t k = 0; k < end->addrs; k++) {
			const struct topo_addr *a = &end->addr[k];
			bool family = false, met = false;

			lw_addr_format(&a->addr, text);
			if (!strmap_add(&seen, arena_strdup(&d->mem, text), i, &other))
				diag_error(d, w->line, "address %s is used twice: by %s and by %s", text,
					   end_name(&d->mem, s, &s->wire[other / 2].end[other % 2]),
					   end_name(&d->mem, s, end));
			for (size_t j = 0; j < peer->addrs; j++) {
				u128 differ = net_number(&peer->addr[j].addr) ^ net_number(&a->addr);

				if (peer->addr[j].addr.family != a->addr.family)
					continue;
				family = true;
				met |= !(differ & ~net_host_mask(a->addr.family, a->len));
			}
			if (family && !met)
				diag_error(d, w->line, "%s: %s/%u at %s has no address of %s in its network", w->name,
					   text, a->len, end_name(&d->mem, s, end), end_name(&d->mem, s, peer));
		}
	}
	strmap_free(&seen);
}

/* more of them than one machine takes can still be looked at: see check_machine() */
static void number_nodes(struct topo_state *s, const struct topo_state *live)
{
	bool *taken = arena_alloc(&s->mem, UNDERLAY_NUMBERS + 1);
	uint32_t next = 1;

	for (size_t i = 0; live && i < s->nodes; i++) {
		const struct topo_node *was = state_find_node(live, s->node[i].underlay);

		if (!was || !was->number || taken[was->number])
			continue;
		s->node[i].number = was->number;
		taken[was->number] = true;
	}
	for (size_t i = 0; i < s->nodes; i++) {
		if (s->node[i].number)
			continue;
		while (next <= UNDERLAY_NUMBERS && taken[next])
			next++;
		s->node[i].number = next <= UNDERLAY_NUMBERS ? next++ : 0;
	}
}

static void place_ends(struct topo_state *s)
{
	for (size_t i = 0; i < s->wires; i++) {
		struct topo_end *end = s->wire[i].end;

		for (int k = 0; k < 2; k++)
			if (!end[k].local.family)
				end[k].local = end[!k].remote = state_endpoint(&s->node[end[k].node]);
	}
}

/**
 * assign_addresses() - give every wire and every node the addresses that it still wants
 * @s: the state asked for, from resolve()
 * @live: what is live, and keeps its addresses; NULL: nothing
 * @d: where conflicts are told
 */
void assign_addresses(struct topo_state *s, const struct topo_state *live, struct diag *d)
{
	check_written(s, d);
	assign_pool(s, &s->pool4, live, d);
	assign_pool(s, &s->pool6, live, d);
	number_nodes(s, live);
	place_ends(s);
}

/**
 * check_machine() - can all of a topology be on one machine?
 * @s: the state asked for
 * @d: where it is told why not
 */
void check_machine(const struct topo_state *s, struct diag *d)
{
	if (s->nodes > TOPO_UNDERLAY_NODES)
		diag_error(d, 0, "%zu nodes: on one machine there can be %d", s->nodes, TOPO_UNDERLAY_NODES);
}
