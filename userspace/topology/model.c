// SPDX-License-Identifier: MIT
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "topology/model.h"

/**
 * graph_add_node() - add a node
 * @g: the graph
 * @name: its name, copied
 * @line: where the file names it first; 0 if that is not known
 *
 * Return: its index.
 */
size_t graph_add_node(struct graph *g, const char *name, unsigned int line)
{
	g->node = array_grow(g->node, &g->node_cap, g->nodes, sizeof(*g->node));
	g->node[g->nodes] = (struct graph_node){ .name = arena_strdup(&g->mem, name), .line = line };
	return g->nodes++;
}

/**
 * graph_add_edge() - add an edge
 * @g: the graph
 * @tail: index of the node written first
 * @tail_port: the port there, copied; NULL for none
 * @head: index of the other node
 * @head_port: the port there
 * @line: where the file has it; 0 if that is not known
 *
 * Return: the edge, until the next one is added.
 */
struct graph_edge *graph_add_edge(struct graph *g, size_t tail, const char *tail_port, size_t head,
				  const char *head_port, unsigned int line)
{
	g->edge = array_grow(g->edge, &g->edge_cap, g->edges, sizeof(*g->edge));
	g->edge[g->edges] = (struct graph_edge){
		.tail = tail,
		.head = head,
		.tail_port = tail_port ? arena_strdup(&g->mem, tail_port) : NULL,
		.head_port = head_port ? arena_strdup(&g->mem, head_port) : NULL,
		.line = line,
	};
	return &g->edge[g->edges++];
}

/**
 * graph_set_name() - give the graph the name that its file has for it
 * @g: the graph
 * @name: copied; NULL or empty: none
 *
 * "G" is no name: editors and tutorials call every graph that, and two topologies of one name are one.
 */
void graph_set_name(struct graph *g, const char *name)
{
	g->name = name && *name && strcmp(name, "G") ? arena_strdup(&g->mem, name) : NULL;
}

/**
 * graph_set_label() - what people call a node
 * @g: the graph
 * @node: its index
 * @label: copied; one that says no more than the name (in DOT, "\\N" is the name) is none
 */
void graph_set_label(struct graph *g, size_t node, const char *label)
{
	struct graph_node *n = &g->node[node];

	n->label = label && *label && strcmp(label, "\\N") && strcmp(label, n->name) ? arena_strdup(&g->mem, label) : NULL;
}

/**
 * graph_add_attr() - add an attribute to a list of them, at its end
 * @g: the graph, whose memory is used
 * @list: of the graph, a node or an edge
 * @name: copied
 * @value: copied
 */
void graph_add_attr(struct graph *g, struct attr **list, const char *name, const char *value)
{
	struct attr *a = arena_alloc(&g->mem, sizeof(*a));

	a->name = arena_strdup(&g->mem, name);
	a->value = arena_strdup(&g->mem, value);
	while (*list)
		list = &(*list)->next;
	*list = a;
}

/**
 * graph_edge_name() - an edge as people know it
 * @mem: where the string is made
 * @g: the graph
 * @e: the edge
 *
 * Return: such as "leaf01:swp51 -- spine01:swp1".
 */
const char *graph_edge_name(struct arena *mem, const struct graph *g, const struct graph_edge *e)
{
	const char *tail = g->node[e->tail].name, *head = g->node[e->head].name;

	return arena_printf(mem, "%s%s%s -- %s%s%s", *tail ? tail : "\"\"", e->tail_port ? ":" : "",
			    e->tail_port ?: "", *head ? head : "\"\"", e->head_port ? ":" : "", e->head_port ?: "");
}

/**
 * graph_free() - free a graph
 * @g: the graph; empty afterwards
 */
void graph_free(struct graph *g)
{
	free(g->node);
	free(g->edge);
	arena_free(&g->mem);
	*g = (struct graph){ 0 };
}

/*
 * The graph travels through a pipe from the process that reads the file. That process may have been broken into by
 * the file, so the receiver believes nothing: lengths, sums, kinds and indices are checked, and what does not fit ends it.
 */

#define ABSENT UINT32_MAX
#define BYTES_MAX (1u << 29)

enum record {
	REC_GRAPH = 'G', REC_GRAPH_ATTR = 'g', REC_NODE_DEFAULT = 'd', REC_EDGE_DEFAULT = 'D',
	REC_NODE = 'N', REC_NODE_ATTR = 'n', REC_EDGE = 'E', REC_EDGE_ATTR = 'e',
	REC_NOTE = 'I', REC_ERROR = 'X', REC_END = 'Z',
};

static void put_u32(FILE *to, uint32_t v)
{
	fwrite_unlocked(&v, sizeof(v), 1, to);
}

static void put_string(FILE *to, const char *s)
{
	size_t len = s ? strlen(s) : 0;

	if (len > GRAPH_TEXT_MAX)
		len = GRAPH_TEXT_MAX;
	put_u32(to, s ? (uint32_t)len : ABSENT);
	fwrite_unlocked(s ?: "", len, 1, to);
}

static void put_attrs(FILE *to, enum record kind, const struct attr *a)
{
	for (; a; a = a->next) {
		putc_unlocked(kind, to);
		put_string(to, a->name);
		put_string(to, a->value);
	}
}

/**
 * graph_send() - write a graph, and what is wrong with it, for graph_receive()
 * @g: the graph
 * @d: what is wrong
 * @to: a pipe
 */
void graph_send(const struct graph *g, const struct diag *d, FILE *to)
{
	putc_unlocked(REC_GRAPH, to);
	put_u32(to, g->language);
	put_string(to, g->name);
	put_u32(to, g->directed);
	put_u32(to, g->strict);
	put_attrs(to, REC_GRAPH_ATTR, g->attrs);
	put_attrs(to, REC_NODE_DEFAULT, g->node_defaults);
	put_attrs(to, REC_EDGE_DEFAULT, g->edge_defaults);
	for (size_t i = 0; i < g->nodes; i++) {
		putc_unlocked(REC_NODE, to);
		put_string(to, g->node[i].name);
		put_string(to, g->node[i].label);
		put_u32(to, g->node[i].line);
		put_attrs(to, REC_NODE_ATTR, g->node[i].attrs);
	}
	for (size_t i = 0; i < g->edges; i++) {
		const struct graph_edge *e = &g->edge[i];

		putc_unlocked(REC_EDGE, to);
		put_u32(to, (uint32_t)e->tail);
		put_string(to, e->tail_port);
		put_u32(to, (uint32_t)e->head);
		put_string(to, e->head_port);
		put_u32(to, e->line);
		put_attrs(to, REC_EDGE_ATTR, e->attrs);
	}
	for (size_t i = 0; i < d->count; i++) {
		putc_unlocked(d->entry[i].level == DIAG_ERROR ? REC_ERROR : REC_NOTE, to);
		put_u32(to, d->entry[i].line);
		put_string(to, d->entry[i].text);
	}
	putc_unlocked(REC_END, to);
}

struct pipe_in {
	FILE *from;
	bool bad;
	size_t bytes;		/* so far */
	char *buf[2];		/* two strings at a time */
	int next;
};

static uint32_t get_u32(struct pipe_in *in)
{
	uint32_t v = 0;

	in->bytes += sizeof(v);
	if (fread_unlocked(&v, sizeof(v), 1, in->from) != 1 || in->bytes > BYTES_MAX)
		in->bad = true;
	return v;
}

/* valid until the second next call; NULL for an absent string, and where the sender talks nonsense */
static const char *get_string(struct pipe_in *in)
{
	uint32_t len = get_u32(in);
	char *s;

	if (in->bad || len == ABSENT)
		return NULL;
	if (len > GRAPH_TEXT_MAX)
		goto bad;
	s = realloc(in->buf[in->next], (size_t)len + 1);
	if (!s)
		goto bad;
	in->bytes += len;
	in->buf[in->next] = s;
	in->next = !in->next;
	if (fread_unlocked(s, 1, len, in->from) != len)
		goto bad;
	s[len] = '\0';
	return s;
bad:
	in->bad = true;
	return NULL;
}

static void get_attr(struct pipe_in *in, struct graph *g, struct attr **list)
{
	const char *name = get_string(in), *value = get_string(in);

	if (name && value && !strncmp(name, "lw_", 3))
		graph_add_attr(g, list, name, value);
	else
		in->bad = true;
}

static void get_node(struct pipe_in *in, struct graph *g)
{
	const char *name = get_string(in), *label = get_string(in);
	uint32_t line = get_u32(in);

	if (name)
		graph_set_label(g, graph_add_node(g, name, line), label);
	else
		in->bad = true;
}

static void get_edge(struct pipe_in *in, struct graph *g)
{
	uint32_t tail = get_u32(in);
	const char *tail_port = get_string(in);
	uint32_t head = get_u32(in);
	const char *head_port = get_string(in);
	uint32_t line = get_u32(in);

	if (tail < g->nodes && head < g->nodes && g->edges < GRAPH_EDGES_MAX)
		graph_add_edge(g, tail, tail_port, head, head_port, line);
	else
		in->bad = true;
}

static void get_diag(struct pipe_in *in, struct diag *d, int kind)
{
	uint32_t line = get_u32(in);
	const char *text = get_string(in);

	if (!text)
		in->bad = true;
	else if (kind == REC_ERROR)
		diag_error(d, line, "%s", text);
	else
		diag_note(d, line, "%s", text);
}

/**
 * graph_receive() - read what graph_send() wrote
 * @g: where the graph goes; empty before
 * @d: where what is wrong with it goes
 * @from: the pipe
 *
 * Return: false if it ended too early or made no sense.
 */
bool graph_receive(struct graph *g, struct diag *d, FILE *from)
{
	struct pipe_in in = { .from = from };
	const char *name;
	int kind;

	while (!in.bad) {
		kind = getc_unlocked(from);
		if (kind == REC_END)
			break;
		switch (kind) {
		case REC_GRAPH:
			g->language = get_u32(&in) == GRAPH_GRAPHML ? GRAPH_GRAPHML : GRAPH_DOT;
			name = get_string(&in);
			graph_set_name(g, name);
			g->directed = get_u32(&in);
			g->strict = get_u32(&in);
			break;
		case REC_GRAPH_ATTR:
			get_attr(&in, g, &g->attrs);
			break;
		case REC_NODE_DEFAULT:
			get_attr(&in, g, &g->node_defaults);
			break;
		case REC_EDGE_DEFAULT:
			get_attr(&in, g, &g->edge_defaults);
			break;
		case REC_NODE:
			get_node(&in, g);
			break;
		case REC_NODE_ATTR:
			if (g->nodes)
				get_attr(&in, g, &g->node[g->nodes - 1].attrs);
			else
				in.bad = true;
			break;
		case REC_EDGE:
			get_edge(&in, g);
			break;
		case REC_EDGE_ATTR:
			if (g->edges)
				get_attr(&in, g, &g->edge[g->edges - 1].attrs);
			else
				in.bad = true;
			break;
		case REC_NOTE:
		case REC_ERROR:
			get_diag(&in, d, kind);
			break;
		default:
			in.bad = true;
		}
	}
	free(in.buf[0]);
	free(in.buf[1]);
	return !in.bad;
}
