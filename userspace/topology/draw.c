// SPDX-License-Identifier: MIT
/*
 * What is where in a picture, as a graph in DOT. Nodes are called n0, n1 …: whatever the file calls them stands in
 * labels only, so that nothing in a file is ever taken for DOT.
 */
#include <stdlib.h>
#include <string.h>

#include "topology/draw.h"

#define FONT "Helvetica,Arial,sans-serif"

/* in Graphviz' words */
#define GRAPH	"bgcolor=white, fontname=\"" FONT "\", fontcolor=\"#212529\", pad=0.2, labelloc=b, labeljust=l"
#define NODE	"shape=box, style=\"rounded,filled\", fillcolor=\"#eef2f6\", color=\"#5c6b7a\", fontcolor=\"#16202a\", "	\
		"fontname=\"" FONT "\", fontsize=11, height=0.3, margin=\"0.12,0.05\""
#define EDGE	"fontname=\"" FONT "\", fontsize=8, fontcolor=\"#495057\""
#define DOT	"width=0.12, height=0.12, fillcolor=\"#5c6b7a\""	/* a node without its name */
#define BRIDGE	"style=filled, fillcolor=\"#5c6b7a\", fontcolor=white, fontsize=8, height=0.2, margin=\"0.06,0.02\""
#define UNKNOWN	"color=\"#8e44ad\", style=\"rounded,filled,dashed\""
#define MISSING	"color=\"#d7191c\", style=\"rounded,dashed\""
#define BROKEN	"color=\"#d7191c\", penwidth=2"
#define DENIED	"color=\"#d7191c\", style=dotted, penwidth=1.6"
#define HOP	"dir=both, arrowsize=0.6, style=dashed, penwidth=1.4"
#define APART	"constraint=false, weight=0"	/* has no say in where nodes are */

struct sketch {
	const struct drawing *d;
	struct draw_plan plan;
	struct arena mem;
	size_t *wires;			/* of each node */
	const char **strand;		/* of each wire: the colours of the chains that take it, ":" before each */
	const char **hop;		/* and which hops of theirs it is, as lines of a label */
	FILE *to;
};

static size_t *count_wires(const struct topo_state *s)
{
	size_t *wires = calloc(s->nodes + 1, sizeof(*wires));

	if (!wires)
		no_memory();
	for (size_t i = 0; i < 2 * s->wires; i++)
		wires[s->wire[i / 2].end[i % 2].node]++;
	return wires;
}

static int descending(const void *a, const void *b)
{
	const size_t *x = a, *y = b;

	return (*x < *y) - (*x > *y);
}

/* as many wires as a node must have to be among the first @n, and more than most have */
static size_t enough_wires(const struct topo_state *s, size_t n)
{
	size_t *wires = count_wires(s), enough;

	qsort(wires, s->nodes, sizeof(*wires), descending);
	enough = s->nodes > n ? wires[n] + 1 : 0;
	free(wires);
	return enough;
}

/**
 * draw_plan() - what a picture has room for
 * @d: the picture
 *
 * Layers show how a small network is meant; of a big one only its shape can be seen, and where much comes together.
 *
 * Return: how it is laid out, and what is written into it.
 */
struct draw_plan draw_plan(const struct drawing *d)
{
	size_t nodes = d->want->nodes, wires = d->want->wires;
	struct draw_plan p = { .layout = "sfdp", .legend = 11 };

	if (nodes <= 24 && wires <= 72)
		p.layout = "dot";
	else if (nodes <= 200 && wires <= 600)
		p.layout = "neato";
	p.labels = wires <= 200;
	p.thin = wires > 4 * nodes;
	p.names = nodes <= 300 ? 0 : enough_wires(d->want, 30);
	for (; nodes > 60; nodes /= 3)
		p.legend *= 1.3;
	return p;
}

/* words on wires need longer wires */
static bool has_labels(struct sketch *s)
{
	const struct topo_state *want = s->d->want;
	bool some = s->d->live;

	for (size_t i = 0; i < want->wires && !some; i++)
		some = *draw_wire_label(&s->mem, s->d, &want->wire[i], NULL) || *s->hop[i];
	return some;
}

static void draw_head(struct sketch *s)
{
	const struct draw_plan *p = &s->plan;

	fprintf(s->to, "graph \"%s\" {\n", draw_text(&s->mem, s->d->want->title));
	fprintf(s->to, "\tgraph [layout=%s, " GRAPH "];\n", p->layout);
	if (!strcmp(p->layout, "dot"))
		fprintf(s->to, "\tranksep=0.7; nodesep=0.5;\n");
	else
		fprintf(s->to, "\toverlap=prism; splines=%s; outputorder=edgesfirst; edge [len=%s];\n",
			p->labels ? "true" : "line", p->labels && has_labels(s) ? "2.2" : "1");
	fprintf(s->to, "\tlabel=");
	draw_legend(&s->mem, s->d, p->legend, s->to);
	fprintf(s->to, ";\n\tnode [" NODE "];\n\tedge [" EDGE ", penwidth=%s];\n", p->thin ? "0.5" : "1.8");
}

/* a live node's sign in the picture: of one that is in the file, or of one that is live only */
static const char *sign(struct sketch *s, const struct topo_state *of, size_t node)
{
	const struct topo_state *want = s->d->want;
	const struct topo_node *wanted = of == want ? &want->node[node] :
					 state_find_node(want, of->node[node].underlay);

	return wanted ? arena_printf(&s->mem, "n%zu", (size_t)(wanted - want->node)) : arena_printf(&s->mem, "x%zu", node);
}

static void draw_node(struct sketch *s, const char *name, const struct topo_node *node, const struct topo_node *live,
		      bool in_file, bool named)
{
	const char *text = draw_text(&s->mem, node->name);

	fprintf(s->to, "\t%s [label=\"%s\", tooltip=\"%s\"", name, named ? text : "", *text ? text : " ");
	if (!named)
		fprintf(s->to, ", shape=%s, " DOT, node->bridge ? "box" : "circle");
	if (node->bridge && named)
		fprintf(s->to, ", " BRIDGE);
	if (!in_file)
		fprintf(s->to, ", " UNKNOWN);
	else if (s->d->live && !live)
		fprintf(s->to, ", " MISSING);
	else if (live && (!live->has_netns || !live->has_link))
		fprintf(s->to, ", " BROKEN);
	fprintf(s->to, "];\n");
}

static void draw_nodes(struct sketch *s)
{
	const struct topo_state *want = s->d->want, *live = s->d->live;

	for (size_t i = 0; i < want->nodes; i++)
		draw_node(s, sign(s, want, i), &want->node[i],
			  live ? state_find_node(live, want->node[i].underlay) : NULL, true,
			  s->wires[i] >= s->plan.names);
	for (size_t i = 0; live && i < live->nodes; i++)
		if (!state_find_node(want, live->node[i].underlay))
			draw_node(s, sign(s, live, i), &live->node[i], &live->node[i], false, true);
}

/* what is live only is on no chain */
static void draw_wire(struct sketch *s, const struct topo_state *of, const struct topo_wire *w,
		      const struct topo_wire *live)
{
	const struct draw_look *look = draw_look(s->d, live, of == s->d->want);
	const struct topo_end *tail = &w->end[w->tail], *head = &w->end[!w->tail];
	const struct topo_wire *wanted = of == s->d->want ? w : NULL;
	const char *label = draw_wire_label(&s->mem, s->d, wanted, live);
	const char *strands = wanted ? s->strand[w - of->wire] : "";

	if (wanted && *s->hop[w - of->wire])
		label = draw_add_line(&s->mem, label, s->hop[w - of->wire]);
	fprintf(s->to, "\t%s -- %s [color=\"%s%s\"", sign(s, of, tail->node), sign(s, of, head->node),
		/* one can see through what is not encrypted */
		w->plain ? arena_printf(&s->mem, "%s:white:%s", look->color, look->color) : look->color, strands);
	if (strcmp(look->style, "solid"))
		fprintf(s->to, ", style=%s", look->style);
	if (s->plan.labels && *label)
		fprintf(s->to, ", label=<%s>", label);
	fprintf(s->to, ", tooltip=\"%s\"];\n", draw_text(&s->mem, w->name));
}

/* a wire with an end missing has nowhere to be drawn to */
static bool whole(const struct topo_wire *w)
{
	return w->end[0].ifname && w->end[1].ifname;
}

static void draw_wires(struct sketch *s)
{
	const struct topo_state *want = s->d->want, *live = s->d->live;

	for (size_t i = 0; i < want->wires; i++)
		draw_wire(s, want, &want->wire[i], live ? state_find_wire(live, want->wire[i].key) : NULL);
	for (size_t i = 0; live && i < live->wires; i++)
		if (!state_find_wire(want, live->wire[i].key) && whole(&live->wire[i]))
			draw_wire(s, live, &live->wire[i], &live->wire[i]);
}

static void draw_denials(struct sketch *s)
{
	const struct topo_state *want = s->d->want;

	for (size_t i = 0; i < want->rules; i++)
		fprintf(s->to, "\tn%zu -- n%zu [" DENIED ", " APART ", tooltip=\"%s must not talk\"];\n",
			want->rule[i].a, want->rule[i].b, draw_text(&s->mem, want->rule[i].name));
}

static const char *hop_text(struct sketch *s, size_t chain, size_t hop)
{
	return arena_printf(&s->mem, "<font color=\"%s\">%s %zu</font>", draw_chain_color(chain),
			    draw_html(&s->mem, s->d->want->chain[chain].name), hop);
}

/*
 * A chain that routes are worked out for is a strand beside each wire that it takes, as lines on a map of an
 * underground railway are.
 */
static void trace_chains(struct sketch *s)
{
	const struct topo_state *want = s->d->want;

	for (size_t i = 0; i < want->wires; i++)
		s->strand[i] = s->hop[i] = "";
	for (size_t i = 0; i < want->chains; i++) {
		const struct topo_chain *c = &want->chain[i];

		for (size_t k = 0; k < c->hops; k++) {
			size_t w = c->path[k].wire;

			s->strand[w] = arena_printf(&s->mem, "%s:%s", s->strand[w], draw_chain_color(i));
			s->hop[w] = draw_add_line(&s->mem, s->hop[w], hop_text(s, i, k + 1));
		}
	}
}

/* of one without routes only the order of its boxes is known */
static void draw_chains(struct sketch *s)
{
	const struct topo_state *want = s->d->want;

	for (size_t i = 0; i < want->chains; i++) {
		const struct topo_chain *c = &want->chain[i];
		const char *color = draw_chain_color(i);

		for (size_t k = 0; !c->hops && k + 1 < c->nodes; k++)
			fprintf(s->to, "\tn%zu -- n%zu [" HOP ", " APART ", color=\"%s\", label=<%s>];\n",
				c->node[k], c->node[k + 1], color, s->plan.labels ? hop_text(s, i, k + 1) : "");
	}
}

/**
 * draw_dot() - write a picture as a graph in DOT
 * @d: the picture
 * @to: where to
 */
void draw_dot(const struct drawing *d, FILE *to)
{
	struct sketch s = { .d = d, .plan = draw_plan(d), .to = to, .wires = count_wires(d->want) };

	s.strand = arena_alloc(&s.mem, (d->want->wires + 1) * sizeof(*s.strand));
	s.hop = arena_alloc(&s.mem, (d->want->wires + 1) * sizeof(*s.hop));
	trace_chains(&s);
	draw_head(&s);
	draw_nodes(&s);
	draw_wires(&s);
	draw_denials(&s);
	draw_chains(&s);
	fprintf(to, "}\n");
	free(s.wires);
	arena_free(&s.mem);
}
