// SPDX-License-Identifier: MIT
/*
 * What a node has beside its wires: its link to the others, addresses, forwarding.
 */
#include <stdlib.h>
#include <string.h>

#include "netlink/link.h"
#include "netlink/sysctl.h"
#include "topology/live.h"
#include "topology/reading.h"

#define MARK_OWN "linkwire own "
#define MARK_GIVEN "linkwire given "

/**
 * live_mark() - what the loopback device of a node's underlay has as its alias
 * @mem: where the string is made
 * @node: the node
 *
 * The underlay knows by it where the node's devices are, and whether that namespace is ours to delete. Nobody but
 * root outside can change it.
 *
 * Return: the mark.
 */
const char *live_mark(struct arena *mem, const struct topo_node *node)
{
	return arena_printf(mem, "%s%s", node->given ? MARK_GIVEN : MARK_OWN, node->netns);
}

/**
 * live_marked() - the reverse of live_mark()
 * @mark: what the loopback device of any namespace has as its alias
 *
 * Return: the namespace in which a node's devices are, or NULL if it is no node's underlay.
 */
const char *live_marked(const char *mark)
{
	if (!strncmp(mark, MARK_OWN, strlen(MARK_OWN)))
		return mark + strlen(MARK_OWN);
	return strncmp(mark, MARK_GIVEN, strlen(MARK_GIVEN)) ? NULL : mark + strlen(MARK_GIVEN);
}

static int take_underlay_link(const struct lw_link *link, void *arg)
{
	struct reader *r = arg;
	struct topo_node *node = &r->live->node[r->node];

	/* one that leads nowhere is made anew, and what is on it too */
	if (!strcmp(link->name, LIVE_DEVICE) && r->live->has_fabric && link->up && link->carrier &&
	    !strcmp(link->kind, "veth"))
		r->fabric = link->ifindex;
	if (strcmp(link->name, "lo"))
		return 0;
	if (!strncmp(link->alias, MARK_OWN, strlen(MARK_OWN))) {
		node->netns = arena_strdup(&r->live->mem, link->alias + strlen(MARK_OWN));
	} else if (!strncmp(link->alias, MARK_GIVEN, strlen(MARK_GIVEN))) {
		node->netns = arena_strdup(&r->live->mem, link->alias + strlen(MARK_GIVEN));
		node->given = true;
	}
	return 0;
}

static int take_underlay_addr(const struct lw_ifaddr *a, void *arg)
{
	struct reader *r = arg;
	struct topo_node *node = &r->live->node[r->node];
	uint32_t number = state_underlay_number(&a->addr);
	struct lw_addr *list;

	if (number)
		node->number = number;
	if (a->ifindex != r->fabric || a->proto != LIVE_ADDR_PROTO)
		return 0;
	list = arena_alloc(&r->live->mem, (node->endpoints + 1) * sizeof(*list));
	if (node->endpoints)
		memcpy(list, node->endpoint, node->endpoints * sizeof(*list));
	list[node->endpoints++] = a->addr;
	node->endpoint = list;
	return 0;
}

/**
 * read_underlay() - a node's link to the others, its addresses there, and where its own namespace is
 * @r: what is being read, with a socket in the underlay
 *
 * Return: 0 or a negative errno.
 */
int read_underlay(struct reader *r)
{
	return lw_link_dump(&r->under, take_underlay_link, r, r->err) ?:
	       lw_ifaddr_dump(&r->under, take_underlay_addr, r, r->err);
}

/* room is doubled: root in the node can add as many as he likes */
static void add_addr(struct arena *mem, struct topo_addr **list, size_t *n, const struct lw_ifaddr *a)
{
	if (!(*n & (*n - 1))) {
		struct topo_addr *more = arena_alloc(mem, (*n ? 2 * *n : 1) * sizeof(*more));

		if (*n)
			memcpy(more, *list, *n * sizeof(*more));
		*list = more;
	}
	(*list)[(*n)++] = (struct topo_addr){ a->addr, a->prefix_len };
}

static int take_addr(const struct lw_ifaddr *a, void *arg)
{
	struct reader *r = arg;
	struct topo_node *node = &r->live->node[r->node];
	struct topo_end *end = a->proto == LIVE_ADDR_PROTO ? end_by(r, &r->by_ifindex, a->ifindex) : NULL;

	if (end)
		add_addr(&r->live->mem, &end->addr, &end->addrs, a);
	if (a->ifindex == LOOPBACK && a->proto == LIVE_ADDR_PROTO)
		add_addr(&r->live->mem, &node->loopback, &node->loopbacks, a);
	return 0;
}

/**
 * read_addresses() - addresses of a node's wires and of its loopback device
 * @r: what is being read, after read_links()
 *
 * Return: 0 or a negative errno.
 */
int read_addresses(struct reader *r)
{
	return lw_ifaddr_dump(&r->inner, take_addr, r, r->err);
}

/**
 * read_forwarding() - does a node forward?
 * @r: what is being read; the caller is in the node's namespace
 *
 * Return: 0 or a negative errno.
 */
int read_forwarding(struct reader *r)
{
	return lw_forwarding_get(LW_NETNS_SELF, &r->live->node[r->node].forwards, r->err);
}
