// SPDX-License-Identifier: MIT
#include <string.h>

#include "topology/attrs.h"
#include "topology/strmap.h"

static const struct known {
	const char *name;
	enum attr_owner owner;
} known[] = {
	{ "lw_pool4", ATTR_GRAPH },
	{ "lw_pool6", ATTR_GRAPH },
	{ "lw_netns", ATTR_NODE },
	{ "lw_encap", ATTR_EDGE },
	{ "lw_mode", ATTR_EDGE },
	{ "lw_cipher", ATTR_EDGE },
	{ "lw_mtu", ATTR_EDGE },
	{ "lw_hold", ATTR_EDGE },
	{ "lw_tail_addr", ATTR_EDGE },
	{ "lw_head_addr", ATTR_EDGE },
};

#define KNOWN (sizeof(known) / sizeof(*known))

/**
 * attr_get() - the value of an attribute
 * @list: of a graph, node or edge
 * @name: the attribute
 *
 * Return: its value, or NULL if it is not there.
 */
const char *attr_get(const struct attr *list, const char *name)
{
	for (; list; list = list->next)
		if (!strcmp(list->name, name))
			return list->value;
	return NULL;
}

/* edits to get from one word to another: a letter more, less, another one, or two swapped */
static unsigned int distance(const char *a, const char *b)
{
	enum { LONGEST = 40 };
	unsigned int row[3][LONGEST + 1];
	size_t la = strnlen(a, LONGEST), lb = strnlen(b, LONGEST);

	for (unsigned int j = 0; j <= lb; j++)
		row[0][j] = j;
	for (unsigned int i = 1; i <= la; i++) {
		unsigned int *now = row[i % 3], *up = row[(i + 2) % 3], *upup = row[(i + 1) % 3];

		now[0] = i;
		for (unsigned int j = 1; j <= lb; j++) {
			unsigned int least = up[j - 1] + (a[i - 1] != b[j - 1]);

			if (up[j] + 1 < least)
				least = up[j] + 1;
			if (now[j - 1] + 1 < least)
				least = now[j - 1] + 1;
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && upup[j - 2] + 1 < least)
				least = upup[j - 2] + 1;
			now[j] = least;
		}
	}
	return row[la % 3][lb];
}

static const struct known *exactly(const char *name)
{
	for (size_t i = 0; i < KNOWN; i++)
		if (!strcmp(known[i].name, name))
			return &known[i];
	return NULL;
}

static const struct known *nearest(const char *name)
{
	const struct known *best = known;

	for (size_t i = 1; i < KNOWN; i++)
		if (distance(name, known[i].name) < distance(name, best->name))
			best = &known[i];
	return best;
}

static const char *owner_name(enum attr_owner owner)
{
	return owner == ATTR_GRAPH ? "the graph" : owner == ATTR_NODE ? "nodes" : "edges";
}

struct check {
	struct diag *d;
	struct strmap said;	/* owner and name: a default is on every edge, and told once */
};

static void check_list(struct check *c, const struct attr *list, enum attr_owner owner, const char *element,
		       unsigned int line)
{
	for (; list; list = list->next) {
		const struct known *k = exactly(list->name);

		if (k && k->owner == owner)
			continue;
		if (!strmap_add(&c->said, arena_printf(&c->d->mem, "%d %s", owner, list->name), 0, NULL))
			continue;
		if (k)
			diag_error(c->d, line, "%s on %s: it is an attribute of %s", list->name, element,
				   owner_name(k->owner));
		else
			diag_error(c->d, line, "%s on %s: there is no such attribute; the nearest is %s", list->name,
				   element, nearest(list->name)->name);
	}
}

/**
 * attrs_check() - find attributes that are ours by name but not known, or stand where they mean nothing
 * @g: the graph
 * @d: where they are told, each once
 */
void attrs_check(const struct graph *g, struct diag *d)
{
	struct check c = { .d = d };

	check_list(&c, g->attrs, ATTR_GRAPH, "the graph", 0);
	for (size_t i = 0; i < g->nodes; i++)
		if (g->node[i].attrs)
			check_list(&c, g->node[i].attrs, ATTR_NODE,
				   arena_printf(&d->mem, "node %s", g->node[i].name), g->node[i].line);
	for (size_t i = 0; i < g->edges; i++)
		if (g->edge[i].attrs)
			check_list(&c, g->edge[i].attrs, ATTR_EDGE, graph_edge_name(&d->mem, g, &g->edge[i]),
				   g->edge[i].line);
	/* defaults that no node or edge has taken: told by those that have */
	check_list(&c, g->node_defaults, ATTR_NODE, "nodes", 0);
	check_list(&c, g->edge_defaults, ATTR_EDGE, "edges", 0);
	strmap_free(&c.said);
}
