// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "topology/emit.h"

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

/**
 * emit_tick() - steps are done
 * @e: the work
 * @more: how many
 */
void emit_tick(struct emit *e, size_t more)
{
	e->done += more;
	if (e->progress && more)
		e->progress(e->done, e->plan->steps);
}

/**
 * emit_stopped() - is the work to stop here, where it can be undone?
 * @e: the work
 *
 * Return: 0; or -EINTR after a signal.
 */
int emit_stopped(struct emit *e)
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

/* the wires of the steps that @pick picks, some at a time */
static int in_chunks(struct emit *e, pick_fn *pick, bool live, bool last,
		     int (*fn)(struct emit *e, struct job *jobs, size_t n))
{
	struct job *jobs = calloc(2 * CHUNK, sizeof(*jobs));
	size_t n = 0;
	int ret = 0;

	if (!jobs)
		no_memory();
	for (size_t i = 0; i <= e->plan->steps && !ret; i++) {
		bool end = i == e->plan->steps;

		if (!end && pick(e, &e->plan->step[i]))
			n += jobs_of(e, jobs + n, &e->plan->step[i], live);
		if (!n || (!end && n < 2 * CHUNK))
			continue;
		ret = emit_stopped(e) ?: fn(e, jobs, n);
		if (!ret && last)
			emit_tick(e, n / 2);
		n = 0;
	}
	free(jobs);
	return ret;
}

static bool is_new(const struct emit *e, const struct step *s)
{
	return (s->kind == STEP_WIRE_ADD || s->kind == STEP_WIRE_REPLACE) && !e->want->wire[s->want].plain;
}

static bool is_new_and_plain(const struct emit *e, const struct step *s)
{
	return (s->kind == STEP_WIRE_ADD || s->kind == STEP_WIRE_REPLACE) && e->want->wire[s->want].plain;
}

static bool has_new_keys(const struct emit *e, const struct step *s)
{
	(void)e;
	return s->kind == STEP_WIRE_CHANGE && s->changes & CHANGE_KEYS;
}

static bool has_new_addresses(const struct emit *e, const struct step *s)
{
	(void)e;
	return s->kind == STEP_WIRE_CHANGE && s->changes & CHANGE_ADDR;
}

static bool has_new_sources(const struct emit *e, const struct step *s)
{
	(void)e;
	return s->kind == STEP_WIRE_CHANGE && s->changes & CHANGE_SOURCES;
}

static bool is_change(const struct emit *e, const struct step *s)
{
	(void)e;
	return s->kind == STEP_WIRE_CHANGE;
}

static int nodes_go(struct emit *e)
{
	int ret = 0;

	for (size_t i = 0; i < e->plan->steps && !ret; i++) {
		const struct step *s = &e->plan->step[i];

		if (s->kind != STEP_NODE_DEL && s->kind != STEP_NODE_REPLACE)
			continue;
		ret = emit_stopped(e) ?: lab_node_del(e, s->live);
		if (!ret && s->kind == STEP_NODE_DEL)
			emit_tick(e, 1);
	}
	return ret;
}

static bool is_made(const struct step *s)
{
	return s->kind == STEP_NODE_ADD || s->kind == STEP_NODE_MEND || s->kind == STEP_NODE_REPLACE;
}

/* what a node drops, it drops before it has any wire */
static int nodes_come(struct emit *e)
{
	int ret = 0;

	for (size_t i = 0; i < e->plan->steps && !ret; i++) {
		const struct step *s = &e->plan->step[i];

		if (s->kind == STEP_FABRIC_ADD) {
			ret = lab_fabric_add(e);
			emit_tick(e, !ret);
		} else if (is_made(s)) {
			ret = emit_stopped(e) ?: lab_node_add(e, s->want) ?: node_first(e, s->want, s->changes) ?:
			      (s->changes & NODE_DENIALS ? denials_first(e, s->want) : 0);
		} else if (s->kind == STEP_NODE_CHANGE) {
			ret = node_first(e, s->want, s->changes);
		}
	}
	return ret;
}

/*
 * Before anything goes: what is denied from now on is dropped, and routes that lead over wires that stay lead there,
 * so that nothing is lost when others go. A chain that changes may not be passed by meanwhile: then routes wait.
 */
static int nodes_prepare(struct emit *e)
{
	bool chains = false;
	int ret = 0;

	for (size_t i = 0; i < e->plan->steps && !ret; i++) {
		const struct step *s = &e->plan->step[i];

		chains |= (is_made(s) || s->kind == STEP_NODE_CHANGE) && s->changes & NODE_POLICIES;
		if (s->kind == STEP_NODE_CHANGE && s->changes & NODE_DENIALS)
			ret = emit_stopped(e) ?: denials_first(e, s->want);
	}
	for (size_t i = 0; i < e->plan->steps && !ret && !chains; i++) {
		const struct step *s = &e->plan->step[i];

		if (s->kind == STEP_NODE_CHANGE && s->changes & NODE_ROUTES)
			ret = emit_stopped(e) ?: routes_first(e, s->want);
	}
	return ret;
}

/* routes when all wires are there; last, what is allowed from now on */
static int nodes_settle(struct emit *e)
{
	int ret = 0;

	for (size_t i = 0; i < e->plan->steps && !ret; i++) {
		const struct step *s = &e->plan->step[i];

		if ((is_made(s) || s->kind == STEP_NODE_CHANGE) && s->changes & (NODE_ROUTES | NODE_POLICIES))
			ret = emit_stopped(e) ?: routes_last(e, s->want, s->changes);
	}
	for (size_t i = 0; i < e->plan->steps && !ret; i++) {
		const struct step *s = &e->plan->step[i];

		if (!is_made(s) && s->kind != STEP_NODE_CHANGE)
			continue;
		ret = emit_stopped(e) ?: node_last(e, s->want, s->changes) ?:
		      (s->changes & NODE_DENIALS ? denials_last(e, s->want) : 0);
		emit_tick(e, !ret);
	}
	return ret;
}

/* if nothing is to be left */
static int fabric_cut(struct emit *e)
{
	int ret = 0;

	for (size_t i = 0; i < e->plan->steps && !e->want->nodes && !ret; i++)
		if (e->plan->step[i].kind == STEP_FABRIC_DEL) {
			ret = emit_stopped(e);
			if (!ret)
				lab_fabric_cut(e);
		}
	return ret;
}

static int fabric_goes(struct emit *e)
{
	int ret = 0;

	for (size_t i = 0; i < e->plan->steps && !ret; i++)
		if (e->plan->step[i].kind == STEP_FABRIC_DEL) {
			ret = lab_fabric_del(e);
			emit_tick(e, !ret);
		}
	return ret;
}

static void find_what_was(struct emit *e)
{
	static const struct topo_node none;

	for (size_t i = 0; i < e->want->nodes; i++)
		e->was[i] = &none;
	for (size_t i = 0; i < e->want->nodes; i++) {
		const struct topo_node *was = state_find_node(e->live, e->want->node[i].underlay);

		if (was)
			e->was[i] = was;
	}
	for (size_t i = 0; i < e->plan->steps; i++)
		if (e->plan->step[i].kind == STEP_NODE_REPLACE)
			e->was[e->plan->step[i].want] = &none;
	for (size_t i = 0; i < e->want->wires; i++)
		for (int k = 0; e->plan->stays[i] && k < 2; k++) {
			const struct topo_end *end = &e->plan->stays[i]->end[k];

			e->place[i][k] = (struct place){ end->id, end->ifindex, end->mark };
		}
}

static void begin(struct emit *e)
{
	e->site = calloc(e->want->nodes + 1, sizeof(*e->site));
	e->old = calloc(e->live->nodes + 1, sizeof(*e->old));
	e->dies = calloc(e->live->nodes + 1, sizeof(*e->dies));
	e->place = calloc(e->want->wires + 1, sizeof(*e->place));
	e->was = calloc(e->want->nodes + 1, sizeof(*e->was));
	e->next_mark = calloc(e->want->nodes + 1, sizeof(*e->next_mark));
	if (!e->site || !e->old || !e->dies || !e->place || !e->was || !e->next_mark)
		no_memory();
	for (size_t i = 0; i < e->want->nodes; i++)
		e->site[i].node = &e->want->node[i];
	for (size_t i = 0; i < e->live->nodes; i++)
		e->old[i].node = &e->live->node[i];
	for (size_t i = 0; i < e->plan->steps; i++) {
		const struct step *s = &e->plan->step[i];

		if (s->kind == STEP_NODE_DEL)
			e->dies[s->live] = e->live->node[s->live].has_underlay && !e->live->node[s->live].given;
	}
	links_make(&e->links, e->want);
	find_what_was(e);
}

/**
 * emit() - carry a plan out
 * @e: the work: want, live, plan and err set
 *
 * What forbids comes before what leads somewhere, and goes after it. Stops at the first refusal. What is live is then
 * neither the one nor the other; who called reads it again.
 *
 * Return: 0 or a negative errno, with what was being done in e->doing.
 */
int emit(struct emit *e)
{
	begin(e);
	return fabric_cut(e) ?: in_chunks(e, has_new_sources, true, false, sources_widen) ?: nodes_prepare(e) ?:
	       wires_delete(e) ?: nodes_go(e) ?: nodes_come(e) ?:
	       in_chunks(e, is_new, false, true, wires_make) ?:
	       in_chunks(e, is_new_and_plain, false, true, wires_make_plain) ?:
	       in_chunks(e, has_new_keys, true, false, keying) ?:
	       in_chunks(e, has_new_addresses, true, false, wires_readdress) ?:
	       in_chunks(e, is_change, true, true, wires_change) ?: shape_nodes(e) ?: nodes_settle(e) ?:
	       in_chunks(e, has_new_sources, true, false, sources_narrow) ?: fabric_goes(e);
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
	free(e->dies);
	free(e->place);
	free(e->was);
	free(e->next_mark);
	links_free(&e->links);
	arena_free(&e->mem);
}
