/* SPDX-License-Identifier: MIT */
/*
 * Carrying a plan out. emit.c: the steps in their order; lab.c: namespaces and the network that joins the underlays;
 * keying.c: keys and security associations; site.c: one node's sockets.
 */
#ifndef LINKWIRE_TOPO_EMIT_H
#define LINKWIRE_TOPO_EMIT_H

#include <signal.h>

#include "netlink/context.h"
#include "topology/compare.h"
#include "topology/state.h"

/* one node, as far as somebody has to speak with it */
struct site {
	const struct topo_node *node;
	struct lw_nl under, inner;	/* in its underlay, and in its own namespace */
	bool has_under, has_inner;
	int inner_fd;
	uint32_t next_id;		/* of a wire in the underlay; 0: not asked for yet */
	uint32_t next_ifindex;		/* of a device in the namespace; likewise */
};

/* one end of a wire that is being made or keyed; those of a wire stand one behind the other */
struct job {
	const struct topo_wire *wire;
	const struct topo_end *was;	/* live before: keyed again; NULL: new */
	int end;
	size_t node;			/* in the state wanted */
	uint32_t id, ifindex;
	uint32_t tag;			/* that it receives under */
	uint8_t *key;			/* that it receives with: on pages that are locked and wiped */
	bool keyed;
};

struct emit {
	const struct topo_state *want, *live;
	const struct plan *plan;
	struct lw_error *err;
	void (*progress)(size_t done, size_t total);	/* NULL: nobody looks */
	volatile sig_atomic_t *stop;	/* set by a signal: stop where it can be undone; NULL: never */
	const char *doing;		/* what failed, for people */

	struct arena mem;
	struct site *site;		/* of each node wanted */
	struct site *old;		/* of each node that is live */
	size_t done;
};

int emit(struct emit *e);
void emit_free(struct emit *e);

int emit_failed(struct emit *e, int ret, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
const char *job_name(struct emit *e, const struct job *j);
struct job **jobs_by_node(struct job *jobs, size_t n);
typedef int job_fn(struct emit *e, struct site *site, struct job **jobs, size_t n);
int jobs_each_site(struct emit *e, struct job **order, size_t n, job_fn *fn);

int site_under(struct emit *e, struct site *s);
int site_inner(struct emit *e, struct site *s);
int site_numbers(struct emit *e, struct site *s);
void site_close(struct site *s);

int lab_fabric_add(struct emit *e);
int lab_fabric_del(struct emit *e);
int lab_node_add(struct emit *e, size_t want);
int lab_node_del(struct emit *e, size_t live);

int keying(struct emit *e, struct job *jobs, size_t n);

#endif
