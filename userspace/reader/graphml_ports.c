// SPDX-License-Identifier: MIT
#include <stdlib.h>
#include <string.h>

#include "reader/graphml.h"

#define IN_USE 1

/**
 * graphml_port_add() - take a <port>
 * @p: the ports
 * @g: the graph
 * @node: index of the node that has it
 * @name: its name
 * @line: where it is
 * @d: where it is told that the node has it already
 */
void graphml_port_add(struct graphml_ports *p, const struct graph *g, size_t node, const char *name,
		      unsigned int line, struct diag *d)
{
	size_t other;

	strmap_add(&p->known, arena_printf(&p->mem, "%zu", node), 0, NULL);
	if (!strmap_add(&p->known, arena_printf(&p->mem, "%zu %s", node, name), (size_t)line << 1, &other))
		diag_error(d, line, "port %s of node %s is there twice, first in line %zu", name, g->node[node].name,
			   other >> 1);
}

/**
 * graphml_port_use() - an edge ends in a port
 * @p: the ports
 * @g: the graph
 * @node: index of the node
 * @name: the port, or NULL
 * @line: where the edge is
 * @d: where it is told that the node has ports, but not this one
 */
void graphml_port_use(struct graphml_ports *p, const struct graph *g, size_t node, const char *name,
		      unsigned int line, struct diag *d)
{
	const char *key;
	size_t value;

	if (!name || !p->known.used || !strmap_get(&p->known, arena_printf(&p->mem, "%zu", node), NULL))
		return;
	key = arena_printf(&p->mem, "%zu %s", node, name);
	if (strmap_get(&p->known, key, &value))
		strmap_set(&p->known, key, value | IN_USE);
	else
		diag_error(d, line, "node %s has ports, but none called %s", g->node[node].name, name);
}

/**
 * graphml_ports_tell_idle() - say which ports are of no use: a port is there for the wire in it
 * @p: the ports
 * @g: the graph
 * @d: where that is told, by the port that is first in the file
 */
void graphml_ports_tell_idle(const struct graphml_ports *p, const struct graph *g, struct diag *d)
{
	const char *first = NULL;
	struct arena mem = { 0 };
	size_t idle = 0, least = 0;

	for (size_t i = 0; i < p->known.size; i++) {
		const struct strmap_slot *s = &p->known.slot[i];

		if (!s->key || !s->value || s->value & IN_USE)
			continue;
		/* two on one line: in the order of their names, not in that of the hash table */
		if (!idle++ || s->value < least || (s->value == least && strcmp(s->key, first) < 0)) {
			least = s->value;
			first = s->key;
		}
	}
	if (idle)
		diag_note(d, (unsigned int)(least >> 1), "port %s of node %s%s: no edge leads to it, so it gets no interface",
			  strchr(first, ' ') + 1, g->node[strtoul(first, NULL, 10)].name,
			  idle > 1 ? arena_printf(&mem, ", and %zu more", idle - 1) : "");
	arena_free(&mem);
}

/**
 * graphml_ports_free() - forget the ports
 * @p: they; empty afterwards
 */
void graphml_ports_free(struct graphml_ports *p)
{
	strmap_free(&p->known);
	arena_free(&p->mem);
}
