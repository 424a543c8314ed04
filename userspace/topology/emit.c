// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "netlink/link.h"
#include "topology/emit.h"
#include "topology/live.h"

/*
 * Wires made at a time: their keys are in memory together, and between two lots a signal is looked for. A few requests
 * to each of many nodes cost more than many to each.
 */
#define CHUNK 2048

/**
 * emit_failed() - note what was being done when something failed
 * @e: the work
 * @ret: the negative errno; what the kernel said of it is in e->err
 * @fmt: what was being done; the first one told is kept
 *
 * Return: @ret.
 */
int emit_failed(struct emit *e, int ret, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	if (!e->doing)
		e->doing = arena_vprintf(&e->mem, fmt, ap);
	va_end(ap);
	return ret;
}

/**
 * job_name() - an end of a wire, for people
 * @e: the work
 * @j: the end
 *
 * Return: such as "leaf01:swp51 (of leaf01:swp51 -- spine01:swp1)".
 */
const char *job_name(struct emit *e, const struct job *j)
{
	return arena_printf(&e->mem, "%s:%s (of %s)", e->want->node[j->node].name, j->wire->end[j->end].ifname,
			    j->wire->name);
}

static int by_node(const void *a, const void *b)
{
	const struct job *x = *(struct job *const *)a, *y = *(struct job *const *)b;

	return x->node != y->node ? (x->node > y->node) - (x->node < y->node) : (x > y) - (x < y);
}

/**
 * jobs_by_node() - jobs, those of one node together
 * @jobs: the jobs
 * @n: how many
 *
 * Return: an array to be freed; the program ends when there is no memory.
 */
struct job **jobs_by_node(struct job *jobs, size_t n)
{
	struct job **order = calloc(n + 1, sizeof(*order));

	if (!order)
		no_memory();
	for (size_t i = 0; i < n; i++)
		order[i] = &jobs[i];
	qsort(order, n, sizeof(*order), by_node);
	return order;
}

/**
 * jobs_each_site() - do something at every node, with all of its jobs
 * @e: the work
 * @order: the jobs by node
 * @n: how many
 * @fn: what to do
 *
 * Return: 0, or what @fn returned first that was not.
 */
int jobs_each_site(struct emit *e, struct job **order, size_t n, job_fn *fn)
{
	int ret = 0;

	for (size_t i = 0, k; i < n && !ret; i = k) {
		struct site *s = &e->site[order[i]->node];

		for (k = i + 1; k < n && order[k]->node == order[i]->node; k++)
			;
		ret = site_under(e, s) ?: site_inner(e, s) ?: fn(e, s, order + i, k - i);
	}
	return ret;
}

static int failed_at(struct emit *e, int ret, struct job **jobs, size_t n, const char *what)
{
	size_t at = e->err->request >= 0 && (size_t)e->err->request < n ? (size_t)e->err->request : 0;

	return emit_failed(e, ret, "%s %s", what, job_name(e, jobs[at]));
}

static int make_devices(struct emit *e, struct site *s, struct job **jobs, size_t n)
{
	struct lw_batch b;
	int ret = site_numbers(e, s);

	if (ret)
		return ret;
	lw_batch_init(&b, NETLINK_ROUTE);
	for (size_t i = 0; i < n; i++) {
		struct job *j = jobs[i];
		const struct topo_wire *w = j->wire;
		struct lw_link_new dev = LW_LINK_NEW(w->end[j->end].ifname);
		struct lw_wire_spec spec = {
			.has = LW_HAS(IFLA_LINKWIRE_ID) | LW_HAS(IFLA_LINKWIRE_ENCAP) | LW_HAS(IFLA_LINKWIRE_MODE) |
			       LW_HAS(IFLA_LINKWIRE_LOCAL) | LW_HAS(IFLA_LINKWIRE_REMOTE) |
			       LW_HAS(IFLA_LINKWIRE_HOLD) | LW_HAS(IFLA_LINKWIRE_LABEL),
			.encap = w->encap,
			.mode = w->mode,
			.local = w->end[j->end].local,
			.remote = w->end[j->end].remote,
			.hold = w->hold,
		};

		spec.id = j->id = s->next_id++;
		live_label(spec.label, e->want->name, w, j->end);
		spec.label_len = (uint8_t)strlen(spec.label);
		dev.ifindex = j->ifindex = s->next_ifindex++;
		dev.netns_fd = s->inner_fd;
		dev.mtu = w->mtu;
		dev.up = true;
		lw_link_add_wire(&b, &dev, &spec);
	}
	ret = lw_batch_send(&s->under, &b, NULL, NULL, e->err);
	lw_batch_free(&b);
	return ret ? failed_at(e, ret, jobs, n, "creating") : 0;
}

static void put_addr(struct lw_batch *b, const struct job *j, const struct topo_addr *a, bool add)
{
	const struct lw_ifaddr addr = {
		.ifindex = j->ifindex, .addr = a->addr, .prefix_len = a->len, .proto = LIVE_ADDR_PROTO,
	};

	if (add)
		lw_ifaddr_add(b, &addr);
	else
		lw_ifaddr_del(b, &addr);
}

/* those that go first: one may move from an end to another */
static int set_addresses(struct emit *e, struct site *s, struct job **jobs, size_t n)
{
	struct lw_batch b;
	int ret;

	lw_batch_init(&b, NETLINK_ROUTE);
	for (size_t i = 0; i < n; i++) {
		const struct topo_end *want = &jobs[i]->wire->end[jobs[i]->end], *was = jobs[i]->was;

		for (size_t k = 0; was && k < was->addrs; k++)
			if (!state_has_addr(want, &was->addr[k]))
				put_addr(&b, jobs[i], &was->addr[k], false);
	}
	for (size_t i = 0; i < n; i++) {
		const struct topo_end *want = &jobs[i]->wire->end[jobs[i]->end], *was = jobs[i]->was;

		for (size_t k = 0; k < want->addrs; k++)
			if (!was || !state_has_addr(was, &want->addr[k]))
				put_addr(&b, jobs[i], &want->addr[k], true);
	}
	ret = lw_batch_send(&s->inner, &b, NULL, NULL, e->err);
	lw_batch_free(&b);
	return ret ? emit_failed(e, ret, "addresses at node %s", s->node->name) : 0;
}

static void tick(struct emit *e, size_t more)
{
	e->done += more;
	if (e->progress && more)
		e->progress(e->done, e->plan->steps);
}

static int stopped(struct emit *e)
{
	if (!e->stop || !*e->stop)
		return 0;
	return emit_failed(e, lw_error_local(e->err, EINTR, "stopped by a signal"), "topology %s", e->want->title);
}

static size_t jobs_of(struct emit *e, struct job *jobs, const struct step *s, bool live)
{
	const struct topo_wire *w = &e->want->wire[s->want];

	for (int k = 0; k < 2; k++) {
		jobs[k] = (struct job){ .wire = w, .end = k, .node = w->end[k].node };
		if (!live)
			continue;
		jobs[k].was = &e->live->wire[s->live].end[k];
		jobs[k].id = jobs[k].was->id;
		jobs[k].ifindex = jobs[k].was->ifindex;
	}
	return 2;
}

static int make_wires(struct emit *e, struct job *jobs, size_t n)
{
	struct job **order = jobs_by_node(jobs, n);
	int ret;

	ret = jobs_each_site(e, order, n, make_devices) ?: keying(e, jobs, n) ?:
	      jobs_each_site(e, order, n, set_addresses);
	free(order);
	return ret;
}

static int key_again(struct emit *e, struct job *jobs, size_t n)
{
	return keying(e, jobs, n);
}

static int readdress(struct emit *e, struct job *jobs, size_t n)
{
	struct job **order = jobs_by_node(jobs, n);
	int ret = jobs_each_site(e, order, n, set_addresses);

	free(order);
	return ret;
}

/* the wires of the steps that @pick picks, some at a time */
static int in_chunks(struct emit *e, bool (*pick)(const struct step *s), bool live, bool last,
		     int (*fn)(struct emit *e, struct job *jobs, size_t n))
{
	struct job *jobs = calloc(2 * CHUNK, sizeof(*jobs));
	size_t n = 0;
	int ret = 0;

	if (!jobs)
		no_memory();
	for (size_t i = 0; i <= e->plan->steps && !ret; i++) {
		bool end = i == e->plan->steps;

		if (!end && pick(&e->plan->step[i]))
			n += jobs_of(e, jobs + n, &e->plan->step[i], live);
		if (!n || (!end && n < 2 * CHUNK))
			continue;
		ret = stopped(e) ?: fn(e, jobs, n);
		if (!ret && last)
			tick(e, n / 2);
		n = 0;
	}
	free(jobs);
	return ret;
}

static bool is_new(const struct step *s)
{
	return s->kind == STEP_WIRE_ADD || s->kind == STEP_WIRE_REPLACE;
}

static bool has_new_keys(const struct step *s)
{
	return s->kind == STEP_WIRE_CHANGE && s->changes & CHANGE_KEYS;
}

static bool has_new_addresses(const struct step *s)
{
	return s->kind == STEP_WIRE_CHANGE && s->changes & CHANGE_ADDR;
}

static bool is_change(const struct step *s)
{
	return s->kind == STEP_WIRE_CHANGE;
}

static int change_spec(struct emit *e, struct site *s, struct job **jobs, size_t n)
{
	struct lw_batch b;
	int ret;

	lw_batch_init(&b, NETLINK_GENERIC);
	for (size_t i = 0; i < n; i++) {
		const struct topo_wire *w = jobs[i]->wire;
		const struct topo_end *was = jobs[i]->was;
		struct lw_wire_spec spec = {
			.has = LW_HAS(IFLA_LINKWIRE_LOCAL) | LW_HAS(IFLA_LINKWIRE_REMOTE) | LW_HAS(IFLA_LINKWIRE_HOLD),
			.local = w->end[jobs[i]->end].local,
			.remote = w->end[jobs[i]->end].remote,
			.hold = w->hold,
		};

		if (was->hold == spec.hold && lw_addr_equal(&was->local, &spec.local) &&
		    lw_addr_equal(&was->remote, &spec.remote))
			continue;
		lw_wire_set(&b, LW_WIRE_ID(jobs[i]->id), &spec);
	}
	ret = lw_batch_send(&s->under, &b, NULL, NULL, e->err);
	lw_batch_free(&b);
	if (ret)
		return emit_failed(e, ret, "changing wires of node %s", s->node->name);

	lw_batch_init(&b, NETLINK_ROUTE);
	for (size_t i = 0; i < n; i++)
		if (jobs[i]->was->mtu != jobs[i]->wire->mtu)
			lw_link_set_mtu(&b, LW_BY_INDEX(jobs[i]->ifindex), jobs[i]->wire->mtu);
	ret = lw_batch_send(&s->inner, &b, NULL, NULL, e->err);
	lw_batch_free(&b);
	return ret ? emit_failed(e, ret, "mtu of wires of node %s", s->node->name) : 0;
}

static int change_wires(struct emit *e, struct job *jobs, size_t n)
{
	struct job **order = jobs_by_node(jobs, n);
	int ret = jobs_each_site(e, order, n, change_spec);

	free(order);
	return ret;
}

struct doomed {
	size_t node;	/* live */
	uint32_t id;
};

static int by_live_node(const void *a, const void *b)
{
	const struct doomed *x = a, *y = b;

	return x->node != y->node ? (x->node > y->node) - (x->node < y->node) : (x->id > y->id) - (x->id < y->id);
}

static int delete_at(struct emit *e, size_t node, const struct doomed *list, size_t n)
{
	struct site *s = &e->old[node];
	uint32_t ids[LW_WIRE_DEL_MAX];
	struct lw_batch b;
	int ret = site_under(e, s);

	if (ret)
		return ret;
	lw_batch_init(&b, NETLINK_GENERIC);
	for (size_t i = 0; i < n; i += LW_WIRE_DEL_MAX) {
		unsigned int k;

		for (k = 0; k < LW_WIRE_DEL_MAX && i + k < n; k++)
			ids[k] = list[i + k].id;
		lw_wire_del_many(&b, ids, k);
	}
	ret = lw_batch_send(&s->under, &b, NULL, NULL, e->err);
	lw_batch_free(&b);
	return ret ? emit_failed(e, ret, "deleting wires of node %s", s->node->name) : 0;
}

/* old ends of what goes or is replaced: all of a node's in few requests, since the kernel waits once for each */
static int delete_wires(struct emit *e)
{
	struct doomed *list = calloc(2 * e->plan->steps + 1, sizeof(*list));
	size_t n = 0, gone = 0;
	int ret = 0;

	if (!list)
		no_memory();
	for (size_t i = 0; i < e->plan->steps; i++) {
		const struct step *s = &e->plan->step[i];

		if (s->kind != STEP_WIRE_DEL && s->kind != STEP_WIRE_REPLACE)
			continue;
		gone += s->kind == STEP_WIRE_DEL;
		for (int k = 0; k < 2; k++) {
			const struct topo_end *end = &e->live->wire[s->live].end[k];

			if (end->present)
				list[n++] = (struct doomed){ end->node, end->id };
		}
	}
	if (n)
		qsort(list, n, sizeof(*list), by_live_node);
	for (size_t i = 0, k; i < n && !ret; i = k) {
		for (k = i + 1; k < n && list[k].node == list[i].node; k++)
			;
		ret = stopped(e) ?: delete_at(e, list[i].node, list + i, k - i);
	}
	free(list);
	if (!ret)
		tick(e, gone);
	return ret;
}

static int nodes_go(struct emit *e)
{
	int ret = 0;

	for (size_t i = 0; i < e->plan->steps && !ret; i++) {
		const struct step *s = &e->plan->step[i];

		if (s->kind != STEP_NODE_DEL && s->kind != STEP_NODE_REPLACE)
			continue;
		ret = stopped(e) ?: lab_node_del(e, s->live);
		if (!ret && s->kind == STEP_NODE_DEL)
			tick(e, 1);
	}
	return ret;
}

static int nodes_come(struct emit *e)
{
	int ret = 0;

	for (size_t i = 0; i < e->plan->steps && !ret; i++) {
		const struct step *s = &e->plan->step[i];

		if (s->kind == STEP_FABRIC_ADD)
			ret = lab_fabric_add(e);
		else if (s->kind == STEP_NODE_ADD || s->kind == STEP_NODE_MEND || s->kind == STEP_NODE_REPLACE)
			ret = stopped(e) ?: lab_node_add(e, s->want);
		else
			continue;
		if (!ret)
			tick(e, 1);
	}
	return ret;
}

static int fabric_goes(struct emit *e)
{
	int ret = 0;

	for (size_t i = 0; i < e->plan->steps && !ret; i++)
		if (e->plan->step[i].kind == STEP_FABRIC_DEL) {
			ret = lab_fabric_del(e);
			tick(e, !ret);
		}
	return ret;
}

/**
 * emit() - carry a plan out
 * @e: the work: want, live, plan and err set
 *
 * Stops at the first refusal. What is live is then neither the one nor the other; who called reads it again.
 *
 * Return: 0 or a negative errno, with what was being done in e->doing.
 */
int emit(struct emit *e)
{
	e->site = calloc(e->want->nodes + 1, sizeof(*e->site));
	e->old = calloc(e->live->nodes + 1, sizeof(*e->old));
	if (!e->site || !e->old)
		no_memory();
	for (size_t i = 0; i < e->want->nodes; i++)
		e->site[i].node = &e->want->node[i];
	for (size_t i = 0; i < e->live->nodes; i++)
		e->old[i].node = &e->live->node[i];

	return delete_wires(e) ?: nodes_go(e) ?: nodes_come(e) ?: in_chunks(e, is_new, false, true, make_wires) ?:
	       in_chunks(e, has_new_keys, true, false, key_again) ?:
	       in_chunks(e, has_new_addresses, true, false, readdress) ?:
	       in_chunks(e, is_change, true, true, change_wires) ?: fabric_goes(e);
}

/**
 * emit_free() - give back what the work took
 * @e: the work
 */
void emit_free(struct emit *e)
{
	for (size_t i = 0; e->site && i < e->want->nodes; i++)
		site_close(&e->site[i]);
	for (size_t i = 0; e->old && i < e->live->nodes; i++)
		site_close(&e->old[i]);
	free(e->site);
	free(e->old);
	arena_free(&e->mem);
}
