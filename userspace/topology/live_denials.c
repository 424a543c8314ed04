// SPDX-License-Identifier: MIT
/*
 * What a node drops: pairs of addresses are elements of sets, pairs of networks rules whose comments say them, and so
 * do ways that are let through.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "netlink/nft.h"
#include "topology/denials.h"
#include "topology/live.h"
#include "topology/reading.h"

struct let {
	struct topo_denial denial;
	struct topo_port port;
};

struct lists {
	struct reader *r;
	struct topo_denial *denial;
	size_t denials, denial_cap;
	struct let *let;
	size_t lets, let_cap;
	unsigned int rules, jumps;	/* that every table of ours has */
};

static void add_denial(struct lists *l, const struct topo_addr *from, const struct topo_addr *to)
{
	l->denial = array_grow(l->denial, &l->denial_cap, l->denials, sizeof(*l->denial));
	l->denial[l->denials++] = (struct topo_denial){ .from = *from, .to = *to };
}

static int take_pair(const struct lw_addr *from, const struct lw_addr *to, void *arg)
{
	uint8_t len = (uint8_t)(8 * lw_addr_size(from));

	add_denial(arg, &(struct topo_addr){ *from, len }, &(struct topo_addr){ *to, len });
	return 0;
}

static int take_rule(const char *chain, const char *comment, void *arg)
{
	struct lists *l = arg;
	struct topo_addr from, to;
	char ifname[16];

	if (strcmp(chain, DENIALS_CHAIN)) {
		l->jumps++;
	} else if (!*comment) {
		l->rules++;
	} else if (denial_parse(comment, &from, &to, ifname)) {
		if (!*ifname) {
			add_denial(l, &from, &to);
			return 0;
		}
		l->let = array_grow(l->let, &l->let_cap, l->lets, sizeof(*l->let));
		l->let[l->lets++] = (struct let){ .denial = { .from = from, .to = to }, .port = live_port(l->r, ifname) };
	}
	return 0;
}

static void let_through(struct arena *mem, struct lists *l, const struct let *let)
{
	struct topo_denial *d = l->denials ?
		bsearch(&let->denial, l->denial, l->denials, sizeof(*d), denial_order) : NULL;
	struct topo_port *list;

	if (!d)
		return;
	/* room is doubled: root in the node can add as many as he likes */
	if (!(d->buts & (d->buts - 1))) {
		list = arena_alloc(mem, (d->buts ? 2 * d->buts : 1) * sizeof(*list));
		if (d->buts)
			memcpy(list, d->but, d->buts * sizeof(*list));
		d->but = list;
	}
	d->but[d->buts++] = let->port;
}

/**
 * read_denials() - what a node drops
 * @r: what is being read, after read_links(); the caller is in the node's namespace
 *
 * A table in which somebody has left out what drops, or what leads there, drops nothing.
 *
 * Return: 0 or a negative errno.
 */
int read_denials(struct reader *r)
{
	static const char *const sets[] = { LIVE_DENIED4, LIVE_DENIED6, NULL };
	struct topo_node *node = &r->live->node[r->node];
	struct lists l = { .r = r };
	const struct lw_nft_reader nft = { take_pair, take_rule, &l };
	int ret = r->no_nftables ? 0 : lw_nft_read(LW_NETNS_SELF, LIVE_NFT_TABLE, sets, &nft, r->err);

	if (ret == -EOPNOTSUPP) {
		r->no_nftables = true;
		ret = 0;
	}

	node->has_table = l.rules || l.jumps || l.denials || l.lets;
	if (!ret && l.denials && l.rules == DENIALS_RULES && l.jumps == DENIALS_HOOKS) {
		qsort(l.denial, l.denials, sizeof(*l.denial), denial_order);
		for (size_t i = 0; i < l.lets; i++)
			let_through(&r->live->mem, &l, &l.let[i]);
		node->denial = arena_alloc(&r->live->mem, l.denials * sizeof(*l.denial));
		memcpy(node->denial, l.denial, l.denials * sizeof(*l.denial));
		node->denials = l.denials;
	}
	free(l.denial);
	free(l.let);
	return ret;
}
