// SPDX-License-Identifier: MIT
#include <stdlib.h>
#include <string.h>

#include "topology/write.h"

static const char *why_not(const char *text)
{
	for (const char *s = text; *s; s++) {
		size_t n = strspn(s, "\\");

		/* \" is a quotation mark and \ at the end of a line nothing: a backslash there cannot be had */
		if (n % 2 && (!s[n] || strchr("\"\n\r", s[n])))
			return "a backslash before a quotation mark, the end of a line or the end";
		/* libcgraph's scanner knows three pieces of a string: \\x, a line's end, and the rest */
		if (*s == '\n' && (s == text || strchr("\"\\", s[-1])) && (!s[1] || strchr("\"\\", s[1])))
			return "a line's end between quotation marks or backslashes";
		s += n ? n - 1 : 0;
	}
	return NULL;
}

static bool is_word(const char *s)
{
	static const char *const keywords[] = { "node", "edge", "graph", "digraph", "subgraph", "strict" };
	static const char digits[] = "0123456789";
	static const char letters[] = "0123456789_abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

	for (size_t i = 0; i < sizeof(keywords) / sizeof(*keywords); i++)
		if (!strcasecmp(s, keywords[i]))
			return false;
	return *s && (!s[strspn(s, digits)] || (!strchr(digits, *s) && !s[strspn(s, letters)]));
}

static void put(FILE *to, const char *text)
{
	if (is_word(text)) {
		fputs(text, to);
		return;
	}
	putc('"', to);
	for (; *text; text++) {
		if (*text == '"')
			putc('\\', to);
		putc(*text, to);
	}
	putc('"', to);
}

static void put_attrs(FILE *to, const char *label, const struct attr *a)
{
	const char *between = " [";

	if (label) {
		fprintf(to, "%slabel=", between);
		put(to, label);
		between = ", ";
	}
	for (; a; a = a->next) {
		fputs(between, to);
		put(to, a->name);
		putc('=', to);
		put(to, a->value);
		between = ", ";
	}
	if (*between == ',')
		putc(']', to);
}

/* a port that is called like a compass point, or ends in one, is told from it by the compass point of no meaning */
static void put_end(FILE *to, const char *node, const char *port)
{
	static const char *const compass[] = { "n", "ne", "e", "se", "s", "sw", "w", "nw", "c", "_" };
	const char *last;

	put(to, node);
	if (!port)
		return;
	putc(':', to);
	put(to, port);
	last = strrchr(port, ':') ? strrchr(port, ':') + 1 : port;
	for (size_t i = 0; i < sizeof(compass) / sizeof(*compass); i++)
		if (!strcmp(last, compass[i]))
			fputs(":_", to);
}

/**
 * write_dot() - write a graph in DOT
 * @g: the graph
 * @d: where everything is told that DOT has no way to say; nothing is written then
 * @to: where to
 *
 * Return: true if it was written.
 */
bool write_dot(const struct graph *g, struct diag *d, FILE *to)
{
	struct arena mem = { 0 };
	size_t before = d->errors;

	if (!write_check(g, d, "DOT", why_not))
		return false;
	if (g->name && *g->name == '%')
		diag_error(d, 0, "the graph's name cannot be written in DOT: libcgraph takes %%... for none");
	for (size_t i = 0; i < g->nodes; i++)
		if (*g->node[i].name == '%')
			diag_error(d, g->node[i].line, "%s: its name cannot be written in DOT: libcgraph has such names itself",
				   g->node[i].name);
	if (d->errors != before)
		return false;
	fprintf(to, "%s%s ", g->strict ? "strict " : "", g->directed ? "digraph" : "graph");
	if (g->name) {
		put(to, g->name);
		putc(' ', to);
	}
	fputs("{\n", to);
	for (const struct attr *a = g->attrs; a; a = a->next) {
		putc('\t', to);
		put(to, a->name);
		putc('=', to);
		put(to, a->value);
		putc('\n', to);
	}
	if (g->node_defaults) {
		fputs("\tnode", to);
		put_attrs(to, NULL, g->node_defaults);
		putc('\n', to);
	}
	if (g->edge_defaults) {
		fputs("\tedge", to);
		put_attrs(to, NULL, g->edge_defaults);
		putc('\n', to);
	}
	for (size_t i = 0; i < g->nodes; i++) {
		putc('\t', to);
		put(to, g->node[i].name);
		put_attrs(to, g->node[i].label, write_said(&mem, g->node[i].attrs, g->node_defaults));
		putc('\n', to);
	}
	for (size_t i = 0; i < g->edges; i++) {
		const struct graph_edge *e = &g->edge[i];

		putc('\t', to);
		put_end(to, g->node[e->tail].name, e->tail_port);
		fputs(g->directed ? " -> " : " -- ", to);
		put_end(to, g->node[e->head].name, e->head_port);
		put_attrs(to, NULL, write_said(&mem, e->attrs, g->edge_defaults));
		putc('\n', to);
	}
	fputs("}\n", to);
	arena_free(&mem);
	return true;
}
