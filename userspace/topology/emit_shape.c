// SPDX-License-Identifier: MIT
/*
 * Rates, delay and loss on wires; floors on the links of their underlays.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "netlink/link.h"
#include "netlink/qdisc.h"
#include "topology/emit.h"
#include "topology/live.h"
#include "topology/shape.h"

#define BURST_MS 10		/* of a rate: what a timer of 100 Hz may be late by */
#define QUEUE_MS 100		/* of a rate: what may wait */
#define BURST_PACKETS 2
#define QUEUE_PACKETS 64	/* more than TCP hands down in one piece */
#define NETEM_MIN 1000		/* packets */
#define NETEM_MIN_RATE 32	/* with a rate: more would wait for long */
#define NETEM_MAX 1000000
#define PACKET 1500		/* bytes of one, for want of a better guess */

static uint32_t at_least(uint64_t v, uint64_t least)
{
	v = v < least ? least : v;
	return v > INT32_MAX ? INT32_MAX : (uint32_t)v;
}

static uint32_t netem_limit(const struct topo_wire *w)
{
	/* a packet each microsecond of the delay; or what comes at the rate meanwhile, and a queue */
	uint64_t n = w->delay_us + NETEM_MIN;

	if (w->rate)
		n = (uint64_t)((double)w->rate * (w->delay_us / 1e6 + QUEUE_MS / 1e3) / PACKET) + NETEM_MIN_RATE;
	return n > NETEM_MAX ? NETEM_MAX : (uint32_t)n;
}

/**
 * shape_device() - put what a wire's packets wait in on its device, or take it away
 * @b: a batch for the device's namespace
 * @w: the wire
 * @ifindex: the device
 * @now: handle of what there is of ours, or 0
 */
void shape_device(struct lw_batch *b, const struct topo_wire *w, uint32_t ifindex, uint32_t now)
{
	const struct lw_tbf tbf = {
		.rate = w->rate,
		.burst = at_least(w->rate * BURST_MS / 1000, BURST_PACKETS * (uint64_t)w->mtu),
		.limit = at_least(w->rate * QUEUE_MS / 1000, QUEUE_PACKETS * (uint64_t)w->mtu),
	};
	const struct lw_netem netem = {
		.delay_us = w->delay_us, .loss = w->loss, .rate = w->rate, .limit = netem_limit(w),
	};

	switch (shape_handle(w->rate, w->delay_us, w->loss)) {
	case SHAPE_TBF:
		lw_qdisc_set_tbf(b, ifindex, SHAPE_TBF, &tbf);
		break;
	case SHAPE_NETEM:
		lw_qdisc_set_netem(b, ifindex, SHAPE_NETEM, &netem);
		break;
	default:
		if (now)
			lw_qdisc_del(b, ifindex, now);
	}
}

static const struct place *place_of(const struct emit *e, const struct topo_port *p)
{
	return &e->place[p->wire][p->end];
}

static uint32_t highest_mark(const struct emit *e, size_t node)
{
	uint32_t highest = SHAPE_FIRST_CLASS - 1;

	for (size_t i = e->links.first[node]; i < e->links.first[node + 1]; i++) {
		uint32_t mark = place_of(e, &e->links.port[i])->mark;

		if (mark > highest)
			highest = mark;
	}
	return highest;
}

static bool is_taken(const struct emit *e, size_t node, uint32_t mark)
{
	for (size_t i = e->links.first[node]; i < e->links.first[node + 1]; i++)
		if (place_of(e, &e->links.port[i])->mark == mark)
			return true;
	return false;
}

/**
 * shape_mark() - a mark for the packets of a wire with a floor, which no other wire of the node has
 * @e: the work
 * @w: the wire
 * @end: at which end
 * @mark: set to it
 *
 * Return: 0, or -ENOSPC.
 */
int shape_mark(struct emit *e, const struct topo_wire *w, int end, uint32_t *mark)
{
	size_t node = w->end[end].node;
	uint32_t next = e->next_mark[node] ?: highest_mark(e, node) + 1;

	/* seldom: many have come and gone */
	if (next > SHAPE_LAST_CLASS)
		for (next = SHAPE_FIRST_CLASS; next <= SHAPE_LAST_CLASS && is_taken(e, node, next);)
			next++;
	if (next > SHAPE_LAST_CLASS)
		return lw_error_local(e->err, ENOSPC, "too many floors at one node");
	e->next_mark[node] = next + 1;
	*mark = next;
	return 0;
}

struct stale {
	struct lw_batch *b;
	uint32_t ifindex;
	const bool *used;	/* by class */
};

static int delete_stale(const struct lw_htb_class *c, void *arg)
{
	const struct stale *s = arg;

	if (c->classid >= SHAPE_FIRST_CLASS && c->classid <= SHAPE_LAST_CLASS && !s->used[c->classid - SHAPE_HTB])
		lw_qdisc_del_class(s->b, s->ifindex, c->classid);
	return 0;
}

struct root {
	uint32_t ifindex;
	bool ours;
};

static int find_root(const struct lw_qdisc *q, void *arg)
{
	struct root *root = arg;

	if (q->ifindex == root->ifindex && q->handle == SHAPE_HTB)
		root->ours = true;
	return 0;
}

static void put_class(struct lw_batch *b, uint32_t ifindex, uint32_t classid, uint64_t rate, uint64_t ceil)
{
	const struct lw_htb_class c = {
		.classid = classid, .parent = classid == SHAPE_ROOT_CLASS ? SHAPE_HTB : SHAPE_ROOT_CLASS,
		.rate = rate ?: 1, .ceil = ceil,
	};

	lw_qdisc_set_class(b, ifindex, &c);
}

/* all classes of a node: those that there are already are changed as they stand */
static void put_classes(struct emit *e, size_t node, uint32_t ifindex, struct lw_batch *b, bool *used)
{
	uint64_t rate = e->want->node[node].rate, left = rate;
	bool any = false;

	put_class(b, ifindex, SHAPE_ROOT_CLASS, rate, rate);
	for (size_t i = e->links.first[node]; i < e->links.first[node + 1]; i++) {
		const struct topo_wire *w = &e->want->wire[e->links.port[i].wire];
		uint32_t mark = place_of(e, &e->links.port[i])->mark;

		if (!w->floor || !mark)
			continue;
		any = used[mark - SHAPE_HTB] = true;
		put_class(b, ifindex, mark, w->floor, rate);
		left -= w->floor < left ? w->floor : left;
	}
	put_class(b, ifindex, SHAPE_OTHER_CLASS, left, rate);
	if (any)
		lw_qdisc_add_mark_filter(b, ifindex, SHAPE_HTB);
}

static int shape_node(struct emit *e, size_t node, bool *used)
{
	struct site *s = &e->site[node];
	struct root root = { 0 };
	struct lw_batch b;
	struct lw_link link;
	int ret;

	ret = site_under(e, s) ?: lw_link_get(&s->under, LW_BY_NAME(LIVE_DEVICE), &link, e->err);
	root.ifindex = ret ? 0 : link.ifindex;
	ret = ret ?: lw_qdisc_dump(&s->under, find_root, &root, e->err);
	if (ret)
		return ret;
	lw_batch_init(&b, NETLINK_ROUTE);
	if (e->want->node[node].rate) {
		memset(used, 0, SHAPE_LAST_CLASS - SHAPE_HTB + 1);
		if (!root.ours)
			lw_qdisc_add_htb(&b, root.ifindex, SHAPE_HTB, SHAPE_OTHER_CLASS & 0xffff);
		put_classes(e, node, root.ifindex, &b, used);
		if (root.ours)
			ret = lw_qdisc_dump_classes(&s->under, root.ifindex, delete_stale,
						    &(struct stale){ &b, root.ifindex, used }, e->err);
	} else if (root.ours) {
		lw_qdisc_del(&b, root.ifindex, SHAPE_HTB);
	}
	ret = ret ?: lw_batch_send(&s->under, &b, NULL, NULL, e->err);
	lw_batch_free(&b);
	return ret;
}

/* whose floors are not what they were */
static void find_changed(const struct emit *e, bool *changed)
{
	for (size_t i = 0; i < e->plan->steps; i++) {
		const struct step *s = &e->plan->step[i];
		const struct topo_wire *w = NULL, *was = NULL;

		if (s->kind == STEP_NODE_ADD || s->kind == STEP_NODE_MEND || s->kind == STEP_NODE_REPLACE)
			changed[s->want] = e->want->node[s->want].rate;
		else if (s->kind == STEP_NODE_CHANGE && s->changes & NODE_RATE)
			changed[s->want] = true;
		if (s->kind == STEP_WIRE_ADD || s->kind == STEP_WIRE_REPLACE ||
		    (s->kind == STEP_WIRE_CHANGE && s->changes & CHANGE_FLOOR))
			w = &e->want->wire[s->want];
		if (s->kind == STEP_WIRE_DEL)
			was = &e->live->wire[s->live];
		for (int k = 0; k < 2; k++) {
			if (w && (w->floor || s->kind == STEP_WIRE_CHANGE))
				changed[w->end[k].node] = true;
			if (was && was->end[k].present && was->end[k].floor) {
				const char *underlay = e->live->node[was->end[k].node].underlay;
				const struct topo_node *node = state_find_node(e->want, underlay);

				if (node)
					changed[node - e->want->node] = true;
			}
		}
	}
}

/**
 * shape_nodes() - share out the links of all nodes whose rate or floors have changed
 * @e: the work; its wires are there, with marks
 *
 * Return: 0 or a negative errno.
 */
int shape_nodes(struct emit *e)
{
	bool *changed = calloc(e->want->nodes + 1, sizeof(*changed));
	bool *used = calloc(SHAPE_LAST_CLASS - SHAPE_HTB + 1, sizeof(*used));
	int ret = 0;

	if (!changed || !used)
		no_memory();
	find_changed(e, changed);
	for (size_t i = 0; i < e->want->nodes && !ret; i++) {
		if (!changed[i])
			continue;
		ret = emit_stopped(e) ?: shape_node(e, i, used);
		if (ret)
			emit_failed(e, ret, "rate and floors of node %s", e->want->node[i].name);
	}
	free(changed);
	free(used);
	return ret;
}
