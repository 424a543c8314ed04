// SPDX-License-Identifier: MIT
#include <ctype.h>

#include "reader/read.h"

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
}
