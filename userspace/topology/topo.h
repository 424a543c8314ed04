/* SPDX-License-Identifier: MIT */
/*
 * What the commands of `lwctl topo` share. topo.c: the command line; apply.c: a plan carried out, or undone; log.c:
 * generations.
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
	const char *file;	/* as it was named, for messages */
	const char *path;	/* what is read */
	char **word;		/* behind the file: attributes of the graph */
	size_t words;
	const char *title;	/* the topology's name, for messages */
	bool named;		/* by the graph, or by its file */
	struct arena mem;
	struct diag diag;
	struct graph graph;
	struct topo_state want, live;
	struct plan plan;
	struct lw_error err;
	int lock;		/* descriptor, or -1 */
	const char *action;	/* for the log: "apply", "rollback", "destroy" */
	unsigned int of;	/* rollback: to which generation */
	int graph_copy;		/* the file as it is kept; -1: it is not */
	bool detailed;		/* -detailed-exitcode */
	struct sigaction before[TOPO_SIGNAL_COUNT];
};

#define TOPO_NONE { .lock = -1, .graph_copy = -1 }

int topo_open(struct topo *t, struct lwctl *ctl, int argc, char **argv);
int topo_read(struct topo *t);
int topo_lock(struct topo *t);
int topo_make_plan(struct topo *t);
int topo_apply(struct topo *t);
int topo_refuse(struct topo *t);
void topo_free(struct topo *t);

int topo_carry_out(struct topo *t, const struct topo_state *want);

unsigned int topo_keep(struct topo *t);
int topo_log(struct lwctl *ctl, int argc, char **argv);
int topo_rollback(struct lwctl *ctl, int argc, char **argv);

#endif
