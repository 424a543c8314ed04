// SPDX-License-Identifier: MIT
#include <string.h>

#include "topology/attrs.h"
#include "topology/write.h"

struct checker {
	struct diag *d;
	const char *language;
	write_check_fn *check;
	struct arena mem;
};

static void check_text(struct checker *c, const char *text, const char *what, const char *element, unsigned int line)
{
	const char *why = text ? c->check(text) : NULL;

	if (why)
		diag_error(c->d, line, "%s: %s cannot be written in %s: %s", element, what, c->language, why);
}

static void check_attrs(struct checker *c, const struct attr *list, const char *element, unsigned int line)
{
	for (; list; list = list->next) {
		check_text(c, list->name, "an attribute's name", element, line);
		check_text(c, list->value, list->name, element, line);
	}
}

/**
 * write_check() - can all of a graph be written?
 * @g: the graph
 * @d: where everything is told that cannot
 * @language: the name of the language, for that
 * @check: tells of a text why it cannot be written, or NULL
 *
 * Return: true if it can.
 */
bool write_check(const struct graph *g, struct diag *d, const char *language, write_check_fn *check)
{
	struct checker c = { .d = d, .language = language, .check = check };
	size_t before = d->errors;

	check_text(&c, g->name, "its name", "the graph", 0);
	check_attrs(&c, g->attrs, "the graph", 0);
	check_attrs(&c, g->node_defaults, "nodes", 0);
	check_attrs(&c, g->edge_defaults, "edges", 0);
	for (size_t i = 0; i < g->nodes; i++) {
		const struct graph_node *n = &g->node[i];
		const char *element = *n->name ? n->name : "\"\"";

		check_text(&c, n->name, "its name", element, n->line);
		check_text(&c, n->label, "its label", element, n->line);
		check_attrs(&c, n->attrs, element, n->line);
	}
	for (size_t i = 0; i < g->edges; i++) {
		const struct graph_edge *e = &g->edge[i];
		const char *element = graph_edge_name(&c.mem, g, e);

		check_text(&c, e->tail_port, "a port", element, e->line);
		check_text(&c, e->head_port, "a port", element, e->line);
		check_attrs(&c, e->attrs, element, e->line);
	}
	arena_free(&c.mem);
	return d->errors == before;
}

/**
 * write_said() - what has to be said of an element, so that it gets its attributes
 * @mem: memory of the list
 * @own: the attributes that it has in the end
 * @defaults: those that all have who say nothing
 *
 * Return: the attributes that differ; an empty value where there is none though there is a default.
 */
const struct attr *write_said(struct arena *mem, const struct attr *own, const struct attr *defaults)
{
	struct attr *said = NULL, **end = &said;

	for (const struct attr *a = own; a; a = a->next) {
		const char *value = attr_get(defaults, a->name);

		if (value && !strcmp(value, a->value))
			continue;
		*end = arena_alloc(mem, sizeof(**end));
		**end = (struct attr){ .name = a->name, .value = a->value };
		end = &(*end)->next;
	}
	for (const struct attr *a = defaults; a; a = a->next) {
		if (attr_get(own, a->name))
			continue;
		*end = arena_alloc(mem, sizeof(**end));
		**end = (struct attr){ .name = a->name, .value = "" };
		end = &(*end)->next;
	}
	return said;
}
