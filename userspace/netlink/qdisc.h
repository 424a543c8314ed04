/* SPDX-License-Identifier: MIT */
/*
 * Queueing disciplines at the root of a device: tbf (a rate), netem (delay, loss, and a rate), htb (guaranteed rates).
 *
 * Handles are given by the caller, who knows its own by them. Rates are in bytes a second.
 */
#ifndef LW_NETLINK_QDISC_H
#define LW_NETLINK_QDISC_H

#include <stdbool.h>
#include <stdint.h>

#include "netlink/batch.h"

struct lw_tbf {
	uint64_t rate;
	uint32_t burst;		/* bytes that may go at once: at least what the device sends in one piece */
	uint32_t limit;		/* bytes that may wait */
};

struct lw_netem {
	uint32_t delay_us;
	uint32_t loss;		/* of UINT32_MAX */
	uint64_t rate;		/* 0: as fast as they come */
	uint32_t limit;		/* packets that may wait */
};

/* Builders, for a batch of NETLINK_ROUTE: return the request's index or a negative errno (also kept in the batch). */

/*
 * What is at the root of the device with that handle is changed as it stands, with all that waits in it; anything else
 * there is replaced. A handle that is in use for another kind: -EINVAL.
 */
int lw_qdisc_set_tbf(struct lw_batch *b, uint32_t ifindex, uint32_t handle, const struct lw_tbf *t);
int lw_qdisc_set_netem(struct lw_batch *b, uint32_t ifindex, uint32_t handle, const struct lw_netem *n);

/* An htb without classes; what no filter knows goes to the class @handle:@other. The kernel cannot change it later. */
int lw_qdisc_add_htb(struct lw_batch *b, uint32_t ifindex, uint32_t handle, uint16_t other);

/* A class of an htb, made or changed: @rate is sure, @ceil the most that it may borrow up to. */
struct lw_htb_class {
	uint32_t classid, parent;
	uint64_t rate, ceil;
};

int lw_qdisc_set_class(struct lw_batch *b, uint32_t ifindex, const struct lw_htb_class *c);
int lw_qdisc_del_class(struct lw_batch *b, uint32_t ifindex, uint32_t classid);

/* The one filter of an htb that takes a packet's mark for the id of its class. */
int lw_qdisc_add_mark_filter(struct lw_batch *b, uint32_t ifindex, uint32_t handle);

int lw_qdisc_del(struct lw_batch *b, uint32_t ifindex, uint32_t handle);	/* at the root */

struct lw_qdisc {
	uint32_t ifindex;
	uint32_t handle;
	char kind[16];
	uint64_t rate;		/* tbf, netem */
	uint32_t delay_us;	/* netem */
	uint32_t loss;
};

typedef int lw_qdisc_fn(const struct lw_qdisc *q, void *arg);
typedef int lw_htb_class_fn(const struct lw_htb_class *c, void *arg);

/* Those at the root of any device of the namespace. A kernel without traffic control has none. */
int lw_qdisc_dump(struct lw_nl *nl, lw_qdisc_fn *fn, void *arg, struct lw_error *err);

/* The classes of an htb on one device. */
int lw_qdisc_dump_classes(struct lw_nl *nl, uint32_t ifindex, lw_htb_class_fn *fn, void *arg, struct lw_error *err);

#endif
