// SPDX-License-Identifier: MIT
/*
 * DOT, through libcgraph. In lwctl-graph once a process: libcgraph leaks and keeps state after errors.
 *
 * libcgraph keeps no positions, but asks a discipline of ours for input and for the ids of what it makes. It is given
 * one line at a time, so when it asks for a node's id we know the line that the node is named on. An edge is made when
 * the parser has seen what follows it, maybe lines later; so an edge's line is the one that its tail was named on last
 * (of an edge from a node to itself, last but one).
 */
#include <graphviz/cgraph.h>
#include <limits.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "reader/read.h"
#include "topology/attrs.h"
#include "topology/strmap.h"

#define AFTER "the_end_of_the_file"	/* name of a graph that is put behind the file */

struct source {
	FILE *in;
	const char *after;		/* more text, once the file is through; NULL: none, or told already */
	unsigned int line;		/* of the text given to libcgraph last */
	bool at_line_end;
};

/* libcgraph's errors come to a plain function, and its disciplines without context: one reader a process, then */
static struct {
	struct source src;
	struct diag *diag;
	struct arena mem;
	char *message;			/* an error message under way: it comes in pieces */
	bool strict;
	void *ids;			/* state of libcgraph's own id discipline */
	struct strmap mentioned;	/* node's name → line that names it last, and above 32 bits last but one */
	unsigned int *node_line, *edge_line;	/* in the order of creation */
	size_t nodes, node_cap, edges, edge_cap;
	const struct graph *graph;	/* to be given up; empty until the file is through */
	bool too_many;
	const char *key;		/* an edge's key that no new edge was made for yet */
	unsigned int key_line;
} rd;

/*
 * libcgraph takes a kilobyte for an edge, in small pieces. The heap grows by a quarter at a time, and what it grew by
 * since the last line is had from the kernel in one go.
 */
static void heap_ahead(void)
{
	static char *begin, *end;
	char *now = sbrk(0);

	if (!begin) {
		begin = now;
		mallopt(M_TRIM_THRESHOLD, INT_MAX);
	} else if (now > end) {
		populate(end, (size_t)(now - end));
		mallopt(M_TOP_PAD, (int)((now - begin) / 4));
	}
	end = now;
}

/* libcgraph tells no type for what it reads from: a struct source */
static int source_read(void *chan, char *buf, int size)
{
	struct source *s = chan;
	int n = 0, c;

	heap_ahead();
	if (s->at_line_end)
		s->line++;
	s->at_line_end = false;
	while (n < size && (c = getc(s->in)) != EOF) {
		buf[n++] = (char)c;
		if (c == '\n') {
			s->at_line_end = true;
			break;
		}
	}
	if (!n && s->after) {
		n = snprintf(buf, (size_t)size, "%s", s->after);
		s->after = NULL;
	}
	return n;
}

static void mention(const char *name)
{
	size_t lines = 0;

	strmap_get(&rd.mentioned, name, &lines);
	strmap_set(&rd.mentioned, arena_strdup(&rd.mem, name), lines << 32 | rd.src.line);
}

static size_t mentioned(Agnode_t *n, bool last_but_one)
{
	size_t lines = rd.src.line;

	strmap_get(&rd.mentioned, agnameof(n), &lines);
	return last_but_one && lines >> 32 ? lines >> 32 : lines & UINT32_MAX;
}

static void *ids_open(Agraph_t *g, Agdisc_t *disc)
{
	/* strict would merge edges without a word; the resolver does it, and says so */
	if (g->desc.strict)
		rd.strict = true;
	g->desc.strict = 0;
	rd.ids = AgIdDisc.open(g, disc);
	return rd.ids;
}

static void key_settle(void)
{
	if (rd.key)
		diag_error(rd.diag, rd.key_line, "key \"%s\" is used twice between the same two nodes: that would be one edge",
			   rd.key);
	rd.key = NULL;
}

static void refuse_more_edges(void)
{
	if (!rd.too_many)
		diag_error(rd.diag, rd.src.line, "more than %d edges", GRAPH_EDGES_MAX);
	rd.too_many = true;
	/* one statement may ask for billions */
	if (read_give_up)
		read_give_up(rd.graph, rd.diag);
}

static long ids_map(void *state, int type, char *name, IDTYPE *id, int create)
{
	long found;

	if (type == AGEDGE && create && rd.edges >= GRAPH_EDGES_MAX) {
		refuse_more_edges();
		return 0;
	}
	/* nodes have names; libcgraph asks without one where it takes the name for one of its own, and loses it */
	if (type == AGNODE && !name && create)
		diag_error(rd.diag, rd.src.line, "a node's name cannot begin with %% in DOT: libcgraph has such names itself");
	found = AgIdDisc.map(state, type, name, id, create);
	if (type == AGNODE && name) {
		key_settle();
		mention(name);
	}
	/* libcgraph looks an edge's key up first, and then makes an edge only if there is none */
	if (type == AGEDGE && name && !create) {
		key_settle();
		if (found) {
			rd.key = arena_strdup(&rd.mem, name);
			rd.key_line = rd.src.line;
		}
	}
	return found;
}

static void ids_register(void *state, int type, void *obj)
{
	AgIdDisc.idregister(state, type, obj);
	if (type == AGNODE) {
		rd.node_line = array_grow(rd.node_line, &rd.node_cap, rd.nodes, sizeof(*rd.node_line));
		rd.node_line[rd.nodes++] = rd.src.line;
	} else if (type == AGEDGE) {
		Agedge_t *e = obj;

		rd.key = NULL;
		rd.edge_line = array_grow(rd.edge_line, &rd.edge_cap, rd.edges, sizeof(*rd.edge_line));
		rd.edge_line[rd.edges++] = (unsigned int)mentioned(agtail(e), agtail(e) == aghead(e));
	}
}

/* "Error", ": ", "syntax error in line 7 near 'x'\n": to one of ours */
static void message_end(char *m)
{
	static const char in_line[] = " in line ", quote[] = "scanning a quoted string (missing endquote";
	char *at = strstr(m, in_line), *rest;
	unsigned long line = 0;

	m[strcspn(m, "\n")] = '\0';
	for (const char *const *p = (const char *const []){ "Error: ", "Warning: ", "<unknown>: ", NULL }; *p; p++)
		if (!strncmp(m, *p, strlen(*p)))
			m += strlen(*p);
	if (at >= m && at) {
		line = strtoul(at + strlen(in_line), &rest, 10);
		memmove(at, rest, strlen(rest) + 1);
	}
	/* libcgraph asks whether the string is longer than its buffer, which it is not: that grows */
	if (strstr(m, quote))
		m = arena_printf(&rd.mem, "%.*sin a quoted string: a quotation mark is missing, or one too many",
				 (int)(strstr(m, quote) - m), m);
	if (!strncmp(m, "memory exhausted", 16))	/* of the parser's stack, which has 10,000 places */
		m = arena_printf(&rd.mem, "too much in one statement, or too many { in each other%s", m + 16);
	if (*m)
		diag_error(rd.diag, (unsigned int)line, "%s", m);
}

static int message_piece(char *piece)
{
	char *all = arena_printf(&rd.mem, "%s%s", rd.message ?: "", piece);

	rd.message = all;
	if (strchr(all, '\n')) {
		rd.message = NULL;
		message_end(all);
	}
	return 0;
}

static void message_flush(void)
{
	if (rd.message)
		message_end(rd.message);
	rd.message = NULL;
}

static bool is_ours(const Agsym_t *sym)
{
	return !strncmp(sym->name, "lw_", 3);
}

static void take_attrs(struct graph *g, struct attr **list, Agraph_t *root, void *obj, int kind)
{
	for (Agsym_t *sym = agnxtattr(root, kind, NULL); sym; sym = agnxtattr(root, kind, sym)) {
		const char *value = is_ours(sym) ? agxget(obj, sym) : NULL;

		if (value && *value)
			graph_add_attr(g, list, sym->name, value);
	}
}

static void take_defaults(struct graph *g, struct attr **list, Agraph_t *root, int kind)
{
	for (Agsym_t *sym = agnxtattr(root, kind, NULL); sym; sym = agnxtattr(root, kind, sym))
		if (is_ours(sym) && sym->defval && *sym->defval)
			graph_add_attr(g, list, sym->name, sym->defval);
}

/* an attribute of the graph on a subgraph would have no effect: say so */
static void refuse_subgraph_attrs(Agraph_t *root, Agraph_t *parent)
{
	for (Agraph_t *sub = agfstsubg(parent); sub; sub = agnxtsubg(sub)) {
		for (Agsym_t *sym = agnxtattr(root, AGRAPH, NULL); sym; sym = agnxtattr(root, AGRAPH, sym)) {
			if (is_ours(sym) && strcmp(agxget(sub, sym), agxget(parent, sym)))
				diag_error(rd.diag, 0, "%s on subgraph \"%s\": the graph itself takes it, no part of it",
					   sym->name, agnameof(sub));
		}
		refuse_subgraph_attrs(root, sub);
	}
}

/* an HTML string may say the same as a plain one, but is another name: <b> is not b */
static const char *name_of(Agnode_t *n)
{
	char *name = agnameof(n);

	return aghtmlstr(name) ? arena_printf(&rd.mem, "<%s>", name) : name;
}

/* the interface's name in a port: "swp1", "swp1:ne"; a compass point alone is where to draw, no port */
static const char *port_of(Agedge_t *e, char *which)
{
	static const char *const compass[] = { "n", "ne", "e", "se", "s", "sw", "w", "nw", "c", "_" };
	const char *port = agget(e, which), *last;

	if (!port || !*port)
		return NULL;
	last = strrchr(port, ':');
	for (size_t i = 0; i < sizeof(compass) / sizeof(*compass); i++) {
		if (!strcmp(last ? last + 1 : port, compass[i]))
			return last && last > port ? arena_strndup(&rd.mem, port, (size_t)(last - port)) : NULL;
	}
	return port;
}

static int by_seq(const void *a, const void *b)
{
	const Agedge_t *x = *(Agedge_t *const *)a, *y = *(Agedge_t *const *)b;

	return (AGSEQ(x) > AGSEQ(y)) - (AGSEQ(x) < AGSEQ(y));
}

static void take_graph(struct graph *g, Agraph_t *root)
{
	size_t edges = (size_t)agnedges(root), n = 0;
	Agedge_t **edge = calloc(edges + 1, sizeof(Agedge_t *));
	struct strmap index = { 0 };
	size_t tail = 0, head = 0;
	char *label;

	if (agnameof(root) && *agnameof(root) != '%')	/* %1: libcgraph's own name for one that has none */
		graph_set_name(g, agnameof(root));
	g->directed = agisdirected(root);
	g->strict = rd.strict;
	take_attrs(g, &g->attrs, root, root, AGRAPH);
	if (attr_get(g->attrs, "lw_strict"))
		diag_error(rd.diag, 0, "lw_strict is for GraphML: DOT has a word for it, before `graph`");
	take_defaults(g, &g->node_defaults, root, AGNODE);
	take_defaults(g, &g->edge_defaults, root, AGEDGE);
	refuse_subgraph_attrs(root, root);

	for (Agnode_t *v = agfstnode(root); v; v = agnxtnode(root, v)) {
		size_t i = graph_add_node(g, name_of(v), g->nodes < rd.nodes ? rd.node_line[g->nodes] : 0);

		label = agget(v, "label");
		graph_set_label(g, i, label && !aghtmlstr(label) ? label : NULL);
		take_attrs(g, &g->node[i].attrs, root, v, AGNODE);
		if (!strmap_add(&index, name_of(v), i, NULL))
			diag_error(rd.diag, g->node[i].line, "%s is the name of two nodes, once as HTML", g->node[i].name);
		for (Agedge_t *e = agfstout(root, v); e && edge && n < edges; e = agnxtout(root, e))
			edge[n++] = e;
	}
	if (!edge)
		diag_error(rd.diag, 0, "not enough memory");
	else
		qsort(edge, n, sizeof(*edge), by_seq);
	for (size_t i = 0; i < n; i++) {
		struct graph_edge *e;

		strmap_get(&index, name_of(agtail(edge[i])), &tail);
		strmap_get(&index, name_of(aghead(edge[i])), &head);
		e = graph_add_edge(g, tail, port_of(edge[i], TAILPORT_ID), head, port_of(edge[i], HEADPORT_ID),
				   i < rd.edges ? rd.edge_line[i] : 0);
		take_attrs(g, &e->attrs, root, edge[i], AGEDGE);
	}
	strmap_free(&index);
	free(edge);
}

/**
 * read_dot() - read a graph in DOT
 * @g: where the graph goes; empty before
 * @d: where what is wrong with it goes
 * @in: the file
 * @line: the number of its first line
 *
 * For a process that ends soon after: libcgraph frees little after a syntax error, and we free nothing.
 */
void read_dot(struct graph *g, struct diag *d, FILE *in, unsigned int line)
{
	Agiodisc_t io = AgIoDisc;
	Agiddisc_t ids = AgIdDisc;
	Agdisc_t disc = { &AgMemDisc, &ids, &io };
	Agraph_t *root, *more;

	io.afread = source_read;
	ids.open = ids_open;
	ids.map = ids_map;
	ids.idregister = ids_register;
	memset(&rd, 0, sizeof(rd));
	rd.src = (struct source){ .in = in, .line = line };
	rd.diag = d;
	rd.graph = g;
	agreadline((int)line);
	agseterrf(message_piece);

	root = agread(&rd.src, &disc);
	message_flush();
	key_settle();
	if (!root) {
		if (!d->errors)
			diag_error(d, 0, "there is no graph in it");
		return;
	}
	if (d->errors)
		return;
	take_graph(g, root);

	/* libcgraph says nothing of a string or comment that does not end: it would swallow a graph behind it, too */
	rd.src.after = "\ngraph " AFTER " {}\n";
	more = agread(&rd.src, &disc);
	message_flush();
	if (more && (rd.src.after || strcmp(agnameof(more), AFTER)))
		diag_error(d, 0, "more than one graph in the file, and only one can be meant");
	else if (!more && !d->errors)
		diag_error(d, 0, "behind the graph there is a string, comment or HTML string that does not end");
}
