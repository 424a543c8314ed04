// SPDX-License-Identifier: MIT
#include <stdlib.h>
#include <string.h>

#include "topology/attrs.h"
#include "topology/strmap.h"
#include "topology/write.h"

/* bytes of the character that begins here, if XML 1.0 can have it: UTF-8, no control characters; else 0 */
static size_t character(const unsigned char *s)
{
	size_t n = *s < 0x80 ? 1 : *s >= 0xc2 && *s < 0xe0 ? 2 : *s >= 0xe0 && *s < 0xf0 ? 3 :
		   *s >= 0xf0 && *s < 0xf5 ? 4 : 0;
	unsigned int c;

	if (n == 1)
		return *s >= 0x20 || strchr("\t\n\r", *s) ? 1 : 0;
	c = n ? *s & (0x7fu >> n) : 0;
	for (size_t i = 1; i < n; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (s[i] & 0x3f);
	}
	if ((n == 3 && c < 0x800) || (n == 4 && (c < 0x10000 || c > 0x10ffff)))
		return 0;
	return (c >= 0xd800 && c < 0xe000) || c == 0xfffe || c == 0xffff ? 0 : n;
}

static const char *why_not(const char *text)
{
	const unsigned char *s = (const unsigned char *)text;

	for (size_t n; *s; s += n) {
		n = character(s);
		if (!n)
			return *s < 0x20 ? "XML has no control characters" : "it is no text in UTF-8";
	}
	return NULL;
}

static void put(FILE *to, const char *text)
{
	for (; *text; text++) {
		switch (*text) {
		case '&':
			fputs("&amp;", to);
			break;
		case '<':
			fputs("&lt;", to);
			break;
		case '>':
			fputs("&gt;", to);
			break;
		case '"':
			fputs("&quot;", to);
			break;
		case '\t':
		case '\n':
		case '\r':	/* as they are, they would be spaces after reading */
			fprintf(to, "&#%d;", *text);
			break;
		default:
			putc(*text, to);
		}
	}
}

enum owner { OWNER_GRAPH, OWNER_NODE, OWNER_EDGE, OWNERS };

struct writer {
	FILE *to;
	struct arena mem;
	struct strmap key[OWNERS];	/* attribute → number of its key */
	size_t keys;
};

static void put_key(struct writer *w, enum owner owner, const char *name, const char *value)
{
	static const char *const names[] = { "graph", "node", "edge" };

	if (!strmap_add(&w->key[owner], name, w->keys, NULL))
		return;
	fprintf(w->to, "  <key id=\"d%zu\" for=\"%s\" attr.name=\"", w->keys++, names[owner]);
	put(w->to, name);
	fputs("\" attr.type=\"string\"", w->to);
	if (!value) {
		fputs("/>\n", w->to);
		return;
	}
	fputs("><default>", w->to);
	put(w->to, value);
	fputs("</default></key>\n", w->to);
}

static void put_keys(struct writer *w, const struct graph *g)
{
	if (g->strict)
		put_key(w, OWNER_GRAPH, "lw_strict", NULL);
	for (const struct attr *a = g->attrs; a; a = a->next)
		put_key(w, OWNER_GRAPH, a->name, NULL);
	for (const struct attr *a = g->node_defaults; a; a = a->next)
		put_key(w, OWNER_NODE, a->name, a->value);
	for (const struct attr *a = g->edge_defaults; a; a = a->next)
		put_key(w, OWNER_EDGE, a->name, a->value);
	for (size_t i = 0; i < g->nodes; i++) {
		if (g->node[i].label)
			put_key(w, OWNER_NODE, "label", NULL);
		for (const struct attr *a = g->node[i].attrs; a; a = a->next)
			put_key(w, OWNER_NODE, a->name, NULL);
	}
	for (size_t i = 0; i < g->edges; i++)
		for (const struct attr *a = g->edge[i].attrs; a; a = a->next)
			put_key(w, OWNER_EDGE, a->name, NULL);
}

static void put_data(struct writer *w, enum owner owner, const char *indent, const char *name, const char *value)
{
	size_t key = 0;

	strmap_get(&w->key[owner], name, &key);
	fprintf(w->to, "%s<data key=\"d%zu\">", indent, key);
	put(w->to, value);
	fputs("</data>\n", w->to);
}

static void put_text(struct writer *w, const char *before, const char *text)
{
	fputs(before, w->to);
	put(w->to, text);
	putc('"', w->to);
}

/* GraphML wants a node's ports declared: each once, in the order in which edges use them */
struct port {
	const char *name;
	struct port *next;
};

static void note_port(struct writer *w, struct strmap *seen, struct port **first, struct port **last, size_t node,
		      const char *name)
{
	struct port *p;

	if (!name || !strmap_add(seen, arena_printf(&w->mem, "%zu %s", node, name), 0, NULL))
		return;
	p = arena_alloc(&w->mem, sizeof(*p));
	p->name = name;
	*(last[node] ? &last[node]->next : &first[node]) = p;
	last[node] = p;
}

/* of each node, its ports */
static struct port **note_ports(struct writer *w, const struct graph *g)
{
	struct port **first = arena_alloc(&w->mem, (g->nodes + 1) * sizeof(*first));
	struct port **last = arena_alloc(&w->mem, (g->nodes + 1) * sizeof(*last));
	struct strmap seen = { 0 };

	for (size_t i = 0; i < g->edges; i++) {
		note_port(w, &seen, first, last, g->edge[i].tail, g->edge[i].tail_port);
		note_port(w, &seen, first, last, g->edge[i].head, g->edge[i].head_port);
	}
	strmap_free(&seen);
	return first;
}

static void put_node(struct writer *w, const struct graph *g, const struct graph_node *n, const struct port *ports)
{
	const struct attr *said = write_said(&w->mem, n->attrs, g->node_defaults);

	put_text(w, "    <node id=\"", n->name);
	if (!n->label && !said && !ports) {
		fputs("/>\n", w->to);
		return;
	}
	fputs(">\n", w->to);
	if (n->label)
		put_data(w, OWNER_NODE, "      ", "label", n->label);
	for (const struct attr *a = said; a; a = a->next)
		put_data(w, OWNER_NODE, "      ", a->name, a->value);
	for (; ports; ports = ports->next) {
		put_text(w, "      <port name=\"", ports->name);
		fputs("/>\n", w->to);
	}
	fputs("    </node>\n", w->to);
}

static void put_edge(struct writer *w, const struct graph *g, const struct graph_edge *e)
{
	const struct attr *said = write_said(&w->mem, e->attrs, g->edge_defaults);

	put_text(w, "    <edge source=\"", g->node[e->tail].name);
	if (e->tail_port)
		put_text(w, " sourceport=\"", e->tail_port);
	put_text(w, " target=\"", g->node[e->head].name);
	if (e->head_port)
		put_text(w, " targetport=\"", e->head_port);
	if (!said) {
		fputs("/>\n", w->to);
		return;
	}
	fputs(">\n", w->to);
	for (const struct attr *a = said; a; a = a->next)
		put_data(w, OWNER_EDGE, "      ", a->name, a->value);
	fputs("    </edge>\n", w->to);
}

/**
 * write_graphml() - write a graph in GraphML
 * @g: the graph
 * @d: where everything is told that XML has no way to say; nothing is written then
 * @to: where to
 *
 * Return: true if it was written.
 */
bool write_graphml(const struct graph *g, struct diag *d, FILE *to)
{
	struct writer w = { .to = to };
	struct port **ports;

	if (!write_check(g, d, "GraphML", why_not))
		return false;
	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<graphml xmlns=\"http://graphml.graphdrawing.org/xmlns\">\n", to);
	put_keys(&w, g);
	fputs("  <graph", to);
	if (g->name)
		put_text(&w, " id=\"", g->name);
	fprintf(to, " edgedefault=\"%s\">\n", g->directed ? "directed" : "undirected");
	if (g->strict)
		put_data(&w, OWNER_GRAPH, "    ", "lw_strict", "true");
	for (const struct attr *a = g->attrs; a; a = a->next)
		put_data(&w, OWNER_GRAPH, "    ", a->name, a->value);
	ports = note_ports(&w, g);
	for (size_t i = 0; i < g->nodes; i++)
		put_node(&w, g, &g->node[i], ports[i]);
	for (size_t i = 0; i < g->edges; i++)
		put_edge(&w, g, &g->edge[i]);
	fputs("  </graph>\n</graphml>\n", to);
	for (int i = 0; i < OWNERS; i++)
		strmap_free(&w.key[i]);
	arena_free(&w.mem);
	return true;
}
