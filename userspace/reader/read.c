// SPDX-License-Identifier: MIT
#include <ctype.h>
#include <string.h>

#include "reader/read.h"

void (*read_give_up)(const struct graph *g, const struct diag *d);

static void check_length(struct diag *d, const char *text, unsigned int line)
{
	if (text && strlen(text) > GRAPH_TEXT_MAX)
		diag_error(d, line, "\"%.20s...\" has more than %u bytes", text, GRAPH_TEXT_MAX);
}

static void check_attrs(struct diag *d, const struct attr *list, unsigned int line)
{
	for (; list; list = list->next) {
		check_length(d, list->name, line);
		check_length(d, list->value, line);
	}
}

/* the pipe carries no more, and nothing is to be cut off without a word */
static void check_lengths(const struct graph *g, struct diag *d)
{
	check_length(d, g->name, 0);
	check_attrs(d, g->attrs, 0);
	check_attrs(d, g->node_defaults, 0);
	check_attrs(d, g->edge_defaults, 0);
	for (size_t i = 0; i < g->nodes; i++) {
		check_length(d, g->node[i].name, g->node[i].line);
		check_length(d, g->node[i].label, g->node[i].line);
		check_attrs(d, g->node[i].attrs, g->node[i].line);
	}
	for (size_t i = 0; i < g->edges; i++) {
		check_length(d, g->edge[i].tail_port, g->edge[i].line);
		check_length(d, g->edge[i].head_port, g->edge[i].line);
		check_attrs(d, g->edge[i].attrs, g->edge[i].line);
	}
}

/**
 * read_stream() - read a graph, in whichever language it is
 * @g: where the graph goes; empty before
 * @d: where what is wrong with it goes
 * @in: the file
 * @hint: the language that the file's name speaks of, or GRAPH_UNKNOWN; the file itself knows better
 *
 * No file in DOT begins with '<', and every file in XML does, or with a byte order mark of UTF-16. White space before
 * it and a byte order mark of UTF-8 mean nothing in either language.
 */
void read_stream(struct graph *g, struct diag *d, FILE *in, enum graph_language hint)
{
	static const unsigned char utf8_mark[] = { 0xef, 0xbb, 0xbf };
	unsigned int line = 1;
	size_t mark = 0;
	int c;

	while ((c = getc(in)) != EOF) {
		if (mark < sizeof(utf8_mark) && c == utf8_mark[mark])
			mark++;
		else if (isspace(c))
			line += c == '\n';
		else
			break;
	}
	ungetc(c, in);
	if (c == '<' || c == 0xfe || c == 0xff || (hint == GRAPH_GRAPHML && c != EOF))
		g->language = GRAPH_GRAPHML;
	else
		g->language = GRAPH_DOT;
	if (g->language == GRAPH_GRAPHML)
		read_graphml(g, d, in, line);
	else
		read_dot(g, d, in, line);
	check_lengths(g, d);
}
