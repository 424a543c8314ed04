/* SPDX-License-Identifier: MIT */
/*
 * One node's part of a topology as a batch of lwctl's, for another machine.
 */
#ifndef LINKWIRE_TOPO_EXPORT_H
#define LINKWIRE_TOPO_EXPORT_H

#include "lwctl/lwctl.h"
#include "topology/diag.h"
#include "topology/handover.h"
#include "topology/state.h"

struct export {
	const struct topo_state *want;
	size_t node;
	int fd;				/* where the batch is written */
	const bool *together;		/* nodes that are exported in one run; NULL: this one alone */
	struct wire_keys *drawn;	/* in that run, of each wire: cipher 0: not yet */
	/* a wire's keys, to be used at that end; 0 or a negative errno */
	int (*keys)(struct export *x, const struct topo_wire *w, int end, struct wire_keys *keys);
	const char *failed;		/* the wire that an error is about, or NULL */
	size_t complete, waiting;	/* wires whose other end has its keys, or will have them */
};

void export_check(const struct topo_state *s, size_t node, struct diag *d);
int export_node(struct export *x);
int export_keys(struct export *x, const struct topo_wire *w, int end, struct wire_keys *keys);

/* export_file.c */
struct export_words {
	const char **node;
	const char **out;		/* of each; NULL or -: standard output */
	size_t nodes;
	struct arena mem;
};

int export_words(struct lwctl *ctl, int *argc, char **argv, struct export_words *w);
int export_file(struct lwctl *ctl, const struct topo_state *want, struct diag *d, const struct export_words *w);

#endif
