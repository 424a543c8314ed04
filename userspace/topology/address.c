// SPDX-License-Identifier: MIT
/*
 * Addresses, once it is known what is live: those in the file are looked at, the others are given out.
 */
#include <string.h>

#include "topology/forwarding.h"
#include "topology/net.h"
#include "topology/overlaps.h"
#include "topology/pools.h"
#include "topology/quantity.h"
#include "topology/resolve.h"
#include "topology/segments.h"

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
		/* an end that is bound to one address is not reached at the second one that its peer knows */
		for (int k = 0; k < 2; k++)
			if (end[!k].backup.family)
				end[k].local = (struct lw_addr){ 0 };
	}
}

/**
 * assign_addresses() - give every wire and every node the addresses that it still wants, and what follows from them
 * @s: the state asked for, from resolve()
 * @live: what is live, and keeps its addresses; NULL: nothing
 * @d: where conflicts are told
 */
void assign_addresses(struct topo_state *s, const struct topo_state *live, struct diag *d)
{
	check_written(s, d);
	check_overlaps(s, d);
	pools_assign(s, &s->pool4, AF_INET, live, d);
	pools_assign(s, &s->pool6, AF_INET6, live, d);
	segments_assign(s, live, d);
	number_nodes(s, live);
	place_ends(s);
	forwarding(s, d);
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
