// SPDX-License-Identifier: MIT
/*
 * What a node drops. Each change is one transaction: what is dropped before and after is dropped all the time. What is
 * new comes before all else, what is allowed again after it.
 */
#include <stdlib.h>
#include <string.h>

#include "netlink/nft.h"
#include "topology/denials.h"
#include "topology/emit.h"

static int run(struct emit *e, struct site *s, const struct denials *d, size_t n)
{
	size_t len;
	char *json = denials_json(d, n, &len);
	int ret = site_inner(e, s) ?: lw_nft_run(s->inner_fd, json, len, e->err);

	free(json);
	return ret ? emit_failed(e, ret, "denials at node %s", s->node->name) : 0;
}

static struct topo_denial *sorted(struct emit *e, const struct topo_node *node)
{
	struct topo_denial *copy = arena_alloc(&e->mem, (node->denials + 1) * sizeof(*copy));

	if (node->denials) {
		memcpy(copy, node->denial, node->denials * sizeof(*copy));
		qsort(copy, node->denials, sizeof(*copy), denial_order);
	}
	return copy;
}

/* those of @was that @node has not: they are kept until everything else is done */
static struct denials old_ones(struct emit *e, const struct topo_node *node, const struct topo_node *was)
{
	const struct topo_denial *want = sorted(e, node), *live = sorted(e, was);
	struct topo_denial *list = arena_alloc(&e->mem, (was->denials + 1) * sizeof(*list));
	size_t n = 0;

	for (size_t i = 0, k = 0; k < was->denials; k++) {
		while (i < node->denials && denial_order(&want[i], &live[k]) < 0)
			i++;
		if (i == node->denials || denial_order(&want[i], &live[k]))
			list[n++] = live[k];
	}
	return (struct denials){ e->live, list, n };
}

/**
 * denials_first() - drop what is to be dropped, and what was
 * @e: the work
 * @want: index of the node wanted
 *
 * Return: 0 or a negative errno.
 */
int denials_first(struct emit *e, size_t want)
{
	const struct topo_node *node = &e->want->node[want];
	struct denials both[2] = { { e->want, node->denial, node->denials } };

	both[1] = old_ones(e, node, e->was[want]);
	return node->denials ? run(e, &e->site[want], both, 2) : 0;
}

/**
 * denials_last() - drop no more than what is to be dropped
 * @e: the work
 * @want: index of the node wanted
 *
 * Return: 0 or a negative errno.
 */
int denials_last(struct emit *e, size_t want)
{
	const struct topo_node *node = &e->want->node[want];
	const struct denials only = { e->want, node->denial, node->denials };

	if (!old_ones(e, node, e->was[want]).n && node->denials)
		return 0;
	return run(e, &e->site[want], &only, 1);
}

/**
 * denials_strip() - drop nothing any more
 * @e: the work
 * @s: the node's sockets
 *
 * Return: 0 or a negative errno.
 */
int denials_strip(struct emit *e, struct site *s)
{
	return run(e, s, NULL, 0);
}
