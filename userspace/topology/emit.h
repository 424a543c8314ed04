/* SPDX-License-Identifier: MIT */
/*
 * Carrying a plan out. emit.c: the steps in their order; emit_wires.c: devices and their addresses; emit_shape.c: rates
 * and floors; emit_sources.c: allowed sources; emit_node.c, emit_routes.c, emit_denials.c: what a node has beside its
 * wires; lab.c: namespaces and the network that joins the underlays; keying.c: keys and security associations; site.c:
 * one node's sockets.
 */
#ifndef LINKWIRE_TOPO_EMIT_H
#define LINKWIRE_TOPO_EMIT_H

#include <signal.h>

#include "netlink/context.h"
#include "topology/compare.h"
#include "topology/links.h"
#include "topology/state.h"

/* one node, as far as somebody has to speak with it */
struct site {
	const struct topo_node *node;
	struct lw_nl under, inner;	/* in its underlay, and in its own namespace */
	bool has_under, has_inner;
	int inner_fd;
	uint32_t next_id;		/* of a wire in the underlay; 0: not asked for yet */
	uint32_t next_ifindex;		/* of a device in the namespace; likewise */
	uint32_t *far;			/* indexes in use that are far above all others (site.c), in order */
	size_t fars, far_cap;
	uint32_t bridge;		/* ifindex of TOPO_BRIDGE; 0: not asked for yet */
};

/* where an end of a wire wanted is, once it is there */
struct place {
	uint32_t id, ifindex, mark;
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
	bool *dies;			/* each node that is live: it goes, and its namespaces, which are ours */
	bool is_cut;			/* what joined the underlays is gone */
	struct place (*place)[2];	/* of each wire wanted */
	const struct topo_node **was;	/* of each node wanted: the live one, if it is not replaced; else an empty one */
	uint32_t *next_mark;		/* of each node wanted */
	struct links links;		/* of the state wanted */
	size_t done;
};

int emit(struct emit *e);
void emit_free(struct emit *e);

void emit_tick(struct emit *e, size_t more);
int emit_stopped(struct emit *e);
int emit_failed(struct emit *e, int ret, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
const char *job_name(struct emit *e, const struct job *j);
struct job **jobs_by_node(struct job *jobs, size_t n);
typedef int job_fn(struct emit *e, struct site *site, struct job **jobs, size_t n);
int jobs_each_site(struct emit *e, struct job **order, size_t n, job_fn *fn);

/* which steps a pass is about */
typedef bool pick_fn(const struct emit *e, const struct step *s);

int wires_make(struct emit *e, struct job *jobs, size_t n);
int wires_make_plain(struct emit *e, struct job *jobs, size_t n);
int wires_readdress(struct emit *e, struct job *jobs, size_t n);
int wires_change(struct emit *e, struct job *jobs, size_t n);
int wires_delete(struct emit *e);

int sources_widen(struct emit *e, struct job *jobs, size_t n);
int sources_narrow(struct emit *e, struct job *jobs, size_t n);
struct lw_sources sources_of(struct arena *mem, const struct topo_end *end);

void shape_device(struct lw_batch *b, const struct topo_wire *w, uint32_t ifindex, uint32_t handle_now);
int shape_mark(struct emit *e, const struct topo_wire *w, int end, uint32_t *mark);
int shape_nodes(struct emit *e);

int node_first(struct emit *e, size_t want, unsigned int changes);
int node_last(struct emit *e, size_t want, unsigned int changes);
int node_strip(struct emit *e, size_t live);

int routes_first(struct emit *e, size_t want);
int routes_last(struct emit *e, size_t want, unsigned int changes);
int routes_strip(struct emit *e, struct site *s, const struct topo_node *node);

int denials_first(struct emit *e, size_t want);
int denials_last(struct emit *e, size_t want);
int denials_strip(struct emit *e, struct site *s);

int site_bridge(struct emit *e, struct site *s);
int site_under(struct emit *e, struct site *s);
int site_inner(struct emit *e, struct site *s);
int site_numbers(struct emit *e, struct site *s);
uint32_t site_ifindex(struct site *s);
void site_close(struct site *s);

int lab_fabric_add(struct emit *e);
void lab_fabric_cut(struct emit *e);
int lab_fabric_del(struct emit *e);
int lab_routes(struct emit *e, struct site *s, uint32_t ifindex, const struct topo_node *node);
int lab_node_add(struct emit *e, size_t want);
int lab_node_del(struct emit *e, size_t live);

int keying(struct emit *e, struct job *jobs, size_t n);

#endif
