/* SPDX-License-Identifier: MIT */
/*
 * What the commands of `lwctl topo` share. topo.c: the command line; apply.c: a plan carried out, or undone.
 */
#ifndef LINKWIRE_TOPO_TOPO_H
#define LINKWIRE_TOPO_TOPO_H

#include <signal.h>
#include <stdbool.h>

#include "lwctl/lwctl.h"
#include "topology/compare.h"
#include "topology/diag.h"
#include "topology/model.h"
#include "topology/state.h"

/* stop an apply where it can be undone; whoever reads our output may go, the work goes on */
#define TOPO_SIGNALS { SIGINT, SIGTERM, SIGHUP, SIGPIPE }
#define TOPO_SIGNAL_COUNT 4

struct topo {
	struct lwctl *ctl;
	const char *file;
	const char *title;	/* the topology's name, for messages */
	bool named;		/* by the graph, or by its file */
	struct diag diag;
	struct graph graph;
	struct topo_state want, live;
	struct plan plan;
	struct lw_error err;
	int lock;		/* descriptor, or -1 */
	struct sigaction before[TOPO_SIGNAL_COUNT];
};

int topo_carry_out(struct topo *t, const struct topo_state *want);

#endif
