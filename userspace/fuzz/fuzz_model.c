// SPDX-License-Identifier: MIT
/*
 * Any graph, without a file's syntax in the way, and what is live of another one: names resolved, addresses given,
 * both compared. A line is a node (N NAME), an edge (E TAIL HEAD [PORT [PORT]], nodes by number), an attribute of the
 * graph, of the last node or of the last edge (G, A or B NAME VALUE), S (strict) or D (directed), with tabs between; an
 * empty line begins the second graph.
 */
#include <stdlib.h>
#include <string.h>

#include "fuzz/fuzz.h"
#include "topology/compare.h"
#include "topology/resolve.h"

static const char *word(char **line)
{
	char *w = strsep(line, "\t");

	return w && *w ? w : NULL;
}

static void take_line(struct graph *g, char *line)
{
	const char *what = word(&line), *a = word(&line), *b = word(&line), *c, *d;
	struct attr **list = NULL;

	if (!what)
		return;
	switch (*what) {
	case 'S':
		g->strict = true;
		return;
	case 'D':
		g->directed = true;
		return;
	case 'N':
		graph_add_node(g, a ?: "", 0);
		return;
	case 'E':
		c = word(&line);
		d = word(&line);
		if (g->nodes)
			graph_add_edge(g, strtoul(a ?: "", NULL, 10) % g->nodes, c,
				       strtoul(b ?: "", NULL, 10) % g->nodes, d, 0);
		return;
	case 'G':
		list = &g->attrs;
		break;
	case 'A':
		list = g->nodes ? &g->node[g->nodes - 1].attrs : NULL;
		break;
	case 'B':
		list = g->edges ? &g->edge[g->edges - 1].attrs : NULL;
		break;
	}
	if (list && a && b)
		graph_add_attr(g, list, a, b);
}

static char *take_graph(struct graph *g, char *text)
{
	char *line;

	while ((line = strsep(&text, "\n")) && *line)
		take_line(g, line);
	return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct topo_state live = { 0 }, want = { 0 };
	struct graph before = { 0 }, g = { 0 };
	char *text = strndup((const char *)data, size), *rest;
	struct diag d = { 0 };
	struct plan plan = { 0 };

	rest = take_graph(&g, text);
	if (rest)
		take_graph(&before, rest);
	resolve(&live, &before, "net", &d);
	assign_addresses(&live, NULL, &d);
	resolve(&want, &g, "net", &d);
	assign_addresses(&want, &live, &d);
	if (!d.errors)
		compare(&plan, &want, &live);
	plan_free(&plan);
	state_free(&want);
	state_free(&live);
	graph_free(&before);
	fuzz_graph(&g, &d, false);
	free(text);
	return 0;
}
