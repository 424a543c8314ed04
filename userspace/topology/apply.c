// SPDX-License-Identifier: MIT
/*
 * A plan carried out, and undone when it is refused or interrupted half-way.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "topology/emit.h"
#include "topology/live.h"
#include "topology/show.h"
#include "topology/topo.h"

static const int signals[TOPO_SIGNAL_COUNT] = TOPO_SIGNALS;

static volatile sig_atomic_t stop;

static void on_signal(int sig)
{
	stop = sig;
}

static void show_progress(size_t done, size_t total)
{
	static const char bar[] = "########################################";
	int width = (int)sizeof(bar) - 1, full = total ? (int)((size_t)width * done / total) : width;

	fprintf(stderr, "\r[%.*s%*s] %zu/%zu", full, bar, width - full, "", done, total);
	if (done == total)
		fprintf(stderr, "\r\033[K");
	fflush(stderr);
}

/* six descriptors a node, some for nodes that go while others come */
static void allow_many_files(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files))
		return;
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
}

static void catch_signals(struct topo *t)
{
	stop = 0;
	for (size_t i = 0; i < TOPO_SIGNAL_COUNT; i++) {
		const struct sigaction act = {
			.sa_handler = signals[i] == SIGPIPE ? SIG_IGN : on_signal, .sa_flags = SA_RESTART,
		};

		/* one that is ignored, as nohup does it, stays ignored */
		if (!sigaction(signals[i], NULL, &t->before[i]) && t->before[i].sa_handler != SIG_IGN)
			sigaction(signals[i], &act, NULL);
	}
}

/* what follows in a batch can be interrupted as ever */
static void release_signals(const struct topo *t)
{
	for (size_t i = 0; i < TOPO_SIGNAL_COUNT; i++)
		sigaction(signals[i], &t->before[i], NULL);
}

static int carry_out(struct topo *t, const struct topo_state *want, const struct topo_state *live,
		     const struct plan *plan, bool may_stop)
{
	struct emit e = {
		.want = want, .live = live, .plan = plan, .err = &t->err,
		.progress = isatty(STDERR_FILENO) && !t->ctl->out.json ? show_progress : NULL,
		.stop = may_stop ? &stop : NULL,
	};
	int ret = emit(&e);

	if (ret) {
		if (e.progress && e.done)
			fprintf(stderr, "\r\033[K");
		lwctl_refused(t->ctl, &t->err, "%s", diag_escape(&e.mem, e.doing ?: ""));
	}
	emit_free(&e);
	return ret;
}

/*
 * What was live before is wanted again: read what there is now, compare, carry that out. So an undo is an apply like
 * any other, whatever went wrong and however far it had come.
 */
static const char *undo(struct topo *t)
{
	struct topo_state now = { 0 }, before = { 0 };
	struct plan back = { 0 };
	const char *result = "failed";

	state_want_again(&before, &t->live);
	if (live_read(&now, &t->want, NULL, &t->err)) {	/* with names as the file has them */
		lwctl_refused(t->ctl, &t->err, "cannot undo: reading what is live of %s", t->title);
		goto out;
	}
	compare(&back, &before, &now);
	for (size_t i = 0; i < back.steps && !t->ctl->out.json; i++)
		fprintf(stderr, "lwctl: undo: %s\n",
			diag_escape(&back.mem, show_step(&back.mem, &back.step[i], &before, &now)));
	if (carry_out(t, &before, &now, &back, false)) {
		lwctl_usage(t->ctl, "%s could not be undone: fix what is said above and apply again, or destroy it",
			    t->title);
	} else {
		lwctl_usage(t->ctl, "%s is undone (%zu steps back): it is as it was before", t->title, back.steps);
		result = "undone";
	}
out:
	plan_free(&back);
	state_free(&now);
	state_free(&before);
	return result;
}

/* plain wires are the kernel's own */
static bool needs_module(const struct plan *p, const struct topo_state *want)
{
	for (size_t i = 0; i < p->steps; i++)
		if ((p->step[i].kind == STEP_WIRE_ADD || p->step[i].kind == STEP_WIRE_REPLACE ||
		     p->step[i].kind == STEP_WIRE_CHANGE) && !want->wire[p->step[i].want].plain)
			return true;
	return false;
}

/**
 * topo_carry_out() - carry a plan out, or undo what was done of it
 * @t: what is live, and the plan
 * @want: what is wanted: what the file says, or nothing
 *
 * Return: the exit status.
 */
int topo_carry_out(struct topo *t, const struct topo_state *want)
{
	const char *result = "applied";
	unsigned int generation = 0;
	struct lw_nl *nl = lwctl_nl(t->ctl);

	if (!nl)
		return LWCTL_REFUSED;
	if (needs_module(&t->plan, want) && lw_nl_family(nl, &t->err))
		return lwctl_refused(t->ctl, &t->err, "%s", "");
	catch_signals(t);
	if (!t->ctl->out.json)
		show_plan(&t->ctl->out, &t->plan, want, &t->live, result, 0);
	allow_many_files();
	if (carry_out(t, want, &t->live, &t->plan, true))
		result = undo(t);
	else
		generation = topo_keep(t);
	if (t->ctl->out.json)
		show_plan(&t->ctl->out, &t->plan, want, &t->live, result, generation);
	else if (t->plan.steps && !strcmp(result, "applied"))
		print_text(&t->ctl->out, generation ? "%s: done (generation %u)\n" : "%s: done\n", t->title, generation);
	/* one that comes when all is done, and nothing else follows, must not make it look undone */
	if (t->ctl->where_file) {
		fflush(t->ctl->out.file);
		release_signals(t);
		if (stop)
			raise(stop);	/* it was for the batch, too */
	}
	return strcmp(result, "applied") ? LWCTL_REFUSED : LWCTL_OK;
}
