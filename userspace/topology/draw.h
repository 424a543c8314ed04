/* SPDX-License-Identifier: MIT */
/*
 * A topology as a picture. draw.c: what is where, in DOT; draw_look.c: its colours, words and legend; draw_file.c: from
 * there to a file, through lwctl-draw.
 */
#ifndef LINKWIRE_TOPO_DRAW_H
#define LINKWIRE_TOPO_DRAW_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "lwctl/lwctl.h"
#include "topology/state.h"

struct drawing {
	const struct topo_state *want;
	const struct topo_state *live;		/* NULL: nobody asked what is live */
	const struct topo_state *before;	/* live, too, a little earlier; NULL: how much passes is not known */
	uint64_t since;				/* ms between the two */
};

/* what a picture of that many nodes and wires has room for */
struct draw_plan {
	const char *layout;		/* Graphviz's */
	size_t names;			/* of nodes that have at least as many wires; the others are dots */
	bool labels;			/* on wires */
	bool thin;			/* many wires between few nodes */
	double legend;			/* size of its letters, in points */
};

struct draw_plan draw_plan(const struct drawing *d);
void draw_dot(const struct drawing *d, FILE *to);

/* draw_look.c */
struct draw_look {
	const char *state;		/* as show has it; "wanted" */
	const char *color;
	const char *style;
	const char *meaning;
};

const struct draw_look *draw_look(const struct drawing *d, const struct topo_wire *live, bool in_file);
const char *draw_chain_color(size_t chain);
const char *draw_text(struct arena *mem, const char *text);
const char *draw_html(struct arena *mem, const char *text);
const char *draw_add_line(struct arena *mem, const char *text, const char *line);
const char *draw_wire_label(struct arena *mem, const struct drawing *d, const struct topo_wire *want,
			    const struct topo_wire *live);
void draw_legend(struct arena *mem, const struct drawing *d, double size, FILE *to);

/* draw_file.c */
struct draw_words {
	const char *out;		/* -: standard output */
	const char *format;
	bool live;
};

int draw_words(struct lwctl *ctl, int *argc, char **argv, struct draw_words *w);
int draw_file(struct lwctl *ctl, const struct drawing *d, const struct draw_words *w);

#endif
