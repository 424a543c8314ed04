// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "netlink/link.h"
#include "netlink/netns.h"
#include "topology/emit.h"

#define IFINDEX_FAR (1u << 30)	/* no kernel counts up to there by itself */

/**
 * site_under() - have sockets in a node's underlay
 * @e: the work
 * @s: the node
 *
 * Return: 0 or a negative errno.
 */
int site_under(struct emit *e, struct site *s)
{
	int ret;

	if (s->has_under)
		return 0;
	ret = lw_nl_open_name(&s->under, s->node->underlay, e->err);
	if (ret)
		return emit_failed(e, ret, "node %s", s->node->name);
	s->has_under = true;
	return 0;
}

/**
 * site_inner() - have sockets in a node's own namespace, and a descriptor of it
 * @e: the work
 * @s: the node
 *
 * Return: 0 or a negative errno.
 */
int site_inner(struct emit *e, struct site *s)
{
	int fd, ret;

	if (s->has_inner)
		return 0;
	fd = lw_netns_open(s->node->netns, e->err);
	if (fd < 0)
		return emit_failed(e, fd, "node %s", s->node->name);
	ret = lw_nl_open(&s->inner, fd, e->err);
	if (ret) {
		close(fd);
		return emit_failed(e, ret, "node %s", s->node->name);
	}
	s->inner_fd = fd;
	s->has_inner = true;
	return 0;
}

static int take_id(const struct lw_wire *wire, void *arg)
{
	struct site *s = arg;

	if (wire->id >= s->next_id && wire->id < UINT32_MAX)
		s->next_id = wire->id + 1;
	return 0;
}

static int take_ifindex(uint32_t ifindex, void *arg)
{
	struct site *s = arg;

	if (ifindex >= IFINDEX_FAR) {
		s->far = array_grow(s->far, &s->far_cap, s->fars, sizeof(*s->far));
		s->far[s->fars++] = ifindex;
	} else if (ifindex >= s->next_ifindex) {
		s->next_ifindex = ifindex + 1;
	}
	return 0;
}

static int compare_indexes(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/**
 * site_ifindex() - take an ifindex that is free in a node's namespaces
 * @s: the node, after site_numbers()
 *
 * Not one that was in use a moment ago, as far as that can be: they count up. Whoever is root in the namespace may give a
 * device the highest one that there is: those far up are passed over one by one.
 *
 * Return: the index; as long as nobody takes it meanwhile.
 */
uint32_t site_ifindex(struct site *s)
{
	while (s->fars && bsearch(&s->next_ifindex, s->far, s->fars, sizeof(*s->far), compare_indexes))
		s->next_ifindex++;
	return s->next_ifindex++;
}

/**
 * site_numbers() - know which wire ids and ifindexes are free
 * @e: the work
 * @s: the node, with sockets in both namespaces
 *
 * Numbers that we choose ourselves need no answer to be waited for: keys and addresses can follow in the next batch.
 * An ifindex must be free in both namespaces: 6.1 and 6.12 look it up in the one of the socket, and take a
 * device there for the one meant.
 *
 * Return: 0 or a negative errno.
 */
int site_numbers(struct emit *e, struct site *s)
{
	int ret;

	if (s->next_id)
		return 0;
	s->next_id = s->next_ifindex = 1;
	ret = lw_wire_dump(&s->under, take_id, s, e->err);
	if (ret && e->err->kind == LW_ERR_NO_MODULE)
		ret = 0;	/* plain wires do without */
	ret = ret ?: lw_link_indexes(&s->under, take_ifindex, s, e->err) ?:
	      lw_link_indexes(&s->inner, take_ifindex, s, e->err);
	if (s->fars)
		qsort(s->far, s->fars, sizeof(*s->far), compare_indexes);
	return ret ? emit_failed(e, ret, "node %s", s->node->name) : 0;
}

/**
 * site_bridge() - know the bridge of a node that is one
 * @e: the work
 * @s: the node, with sockets in both namespaces
 *
 * Return: 0 or a negative errno.
 */
int site_bridge(struct emit *e, struct site *s)
{
	struct lw_link link;
	int ret;

	if (!s->node->bridge || s->bridge)
		return 0;
	ret = lw_link_get(&s->inner, LW_BY_NAME(TOPO_BRIDGE), &link, e->err);
	if (ret)
		return emit_failed(e, ret, "bridge of node %s", s->node->name);
	s->bridge = link.ifindex;
	return 0;
}

/**
 * site_close() - give a node's sockets back
 * @s: the node
 */
void site_close(struct site *s)
{
	if (s->has_under)
		lw_nl_close(&s->under);
	if (s->has_inner) {
		lw_nl_close(&s->inner);
		close(s->inner_fd);
	}
	s->has_under = s->has_inner = false;
	s->next_id = s->next_ifindex = s->bridge = 0;
	free(s->far);
	s->far = NULL;
	s->fars = s->far_cap = 0;
}
