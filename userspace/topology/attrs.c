// SPDX-License-Identifier: MIT
#include <string.h>

#include "topology/attrs.h"
#include "topology/strmap.h"

#define CHAIN "lw_chain_"

static const struct known {
	const char *name;
	unsigned int owner;	/* enum attr_owner */
	bool prefix;		/* what follows is up to the user */
} known[] = {
	{ "lw_name", ATTR_GRAPH, false },
	{ "lw_tenant", ATTR_GRAPH, false },
	{ "lw_pool4", ATTR_GRAPH, false },
	{ "lw_pool6", ATTR_GRAPH, false },
	{ "lw_routes", ATTR_GRAPH, false },
	{ "lw_sources", ATTR_GRAPH, false },
	{ CHAIN, ATTR_GRAPH, true },
	{ "lw_kind", ATTR_NODE, false },
	{ "lw_netns", ATTR_NODE, false },
	{ "lw_endpoint", ATTR_NODE, false },
	{ "lw_max_links", ATTR_NODE, false },
	{ "lw_prefix", ATTR_NODE, false },
	{ "lw_loopback", ATTR_NODE, false },
	{ "lw_rate", ATTR_NODE | ATTR_EDGE, false },
	{ "lw_encap", ATTR_EDGE, false },
	{ "lw_mode", ATTR_EDGE, false },
	{ "lw_cipher", ATTR_EDGE, false },
	{ "lw_mtu", ATTR_EDGE, false },
	{ "lw_floor", ATTR_EDGE, false },
	{ "lw_delay", ATTR_EDGE, false },
	{ "lw_loss", ATTR_EDGE, false },
	{ "lw_tail_addr", ATTR_EDGE, false },
	{ "lw_head_addr", ATTR_EDGE, false },
	{ "lw_hold", ATTR_EDGE, false },
	{ "lw_backup", ATTR_EDGE, false },
	{ "lw_weight", ATTR_EDGE, false },
	{ "lw_admin", ATTR_EDGE, false },
	{ "lw_id", ATTR_EDGE, false },
	{ "lw_access", ATTR_EDGE, false },
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

/**
 * graph_override() - an attribute of the graph from the command line, which wins over the file's
 * @g: the graph, as read
 * @word: NAME=VALUE; an empty value is none
 * @d: where it is told what is wrong with the word; whether there is such an attribute is seen by attrs_check()
 *
 * Return: false if the word is none such.
 */
bool graph_override(struct graph *g, const char *word, struct diag *d)
{
	const char *equals = strchr(word, '=');
	char *name;

	if (!equals || strncmp(word, "lw_", 3)) {
		diag_error(d, 0, "\"%s\" on the command line is no attribute of the graph, such as lw_routes=on", word);
		return false;
	}
	name = arena_strndup(&g->mem, word, (size_t)(equals - word));
	for (struct attr **a = &g->attrs; *a;)
		if (!strcmp((*a)->name, name))
			*a = (*a)->next;
		else
			a = &(*a)->next;
	if (equals[1])
		graph_add_attr(g, &g->attrs, name, equals + 1);
	return true;
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
		if (known[i].prefix ? !strncmp(known[i].name, name, strlen(known[i].name)) && name[strlen(known[i].name)] :
		    !strcmp(known[i].name, name))
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

static const char *owner_name(unsigned int owner)
{
	switch (owner) {
	case ATTR_GRAPH:
		return "the graph";
	case ATTR_NODE:
		return "nodes";
	case ATTR_NODE | ATTR_EDGE:
		return "nodes and edges";
	default:
		return "edges";
	}
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

		if (k && k->owner & owner)
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
