// SPDX-License-Identifier: MIT
/*
 * lwctl topo: the commands. Data flows one way: read -> resolve -> what is live -> addresses -> compare -> emit.
 */
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "lwctl/lwctl.h"
#include "topology/compare.h"
#include "topology/diag.h"
#include "topology/emit.h"
#include "topology/live.h"
#include "topology/read.h"
#include "topology/resolve.h"
#include "topology/show.h"

/* stop an apply where it can be undone; whoever reads our output may go, the work goes on */
static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGPIPE };
#define SIGNALS (sizeof(signals) / sizeof(*signals))

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
	struct sigaction before[SIGNALS];
};

static volatile sig_atomic_t stop;

static void on_signal(int sig)
{
	stop = sig;
}

static void topo_free(struct topo *t)
{
	if (t->lock >= 0)
		close(t->lock);
	plan_free(&t->plan);
	state_free(&t->live);
	state_free(&t->want);
	graph_free(&t->graph);
	diag_free(&t->diag);
}

/* everything that is wrong with the file, each on a line of its own */
static int refuse(struct topo *t)
{
	fflush(stdout);
	diag_print(&t->diag, stderr);
	return LWCTL_USAGE;
}

/* net.dot: a topology called net, if the graph has no name of its own */
static const char *name_of_file(struct arena *mem, const char *file)
{
	const char *base = strrchr(file, '/') ? strrchr(file, '/') + 1 : file, *dot = strrchr(base, '.');

	if (!strcmp(file, "-"))
		return NULL;
	return arena_strndup(mem, base, dot && dot > base ? (size_t)(dot - base) : strlen(base));
}

static int open_file(struct topo *t, struct lwctl *ctl, int argc, char **argv)
{
	const char *name;

	*t = (struct topo){ .ctl = ctl, .lock = -1 };
	if (ctl->netns)
		return lwctl_usage(ctl, "a topology has namespaces of its own: -netns means nothing to it");
	if (argc != 1)
		return lwctl_usage(ctl, argc ? "unexpected '%.64s' behind the file" : "a file is missing%s",
				   argc ? argv[1] : "");
	if (!strcmp(argv[0], "-") && ctl->stdin_taken)
		return lwctl_usage(ctl, "standard input is the batch, and cannot be the file too");
	t->file = argv[0];
	t->diag.file = argv[0];
	if (!graph_read(&t->graph, &t->diag, t->file))
		return refuse(t);
	name = name_of_file(&t->graph.mem, t->file);
	resolve(&t->want, &t->graph, name, &t->diag);
	if (t->graph.name)
		name = t->graph.name;
	t->named = name && *name;
	t->title = diag_escape(&t->graph.mem, t->want.title);
	return LWCTL_OK;
}

/* what is live, addresses that keep to it, and the way from there to what is wanted; all conflicts before that */
static int make_plan(struct topo *t)
{
	if (live_read(&t->live, &t->want, &t->diag, &t->err))
		return lwctl_refused(t->ctl, &t->err, "reading what is live of %s", t->title);
	assign_addresses(&t->want, &t->live, &t->diag);
	if (t->diag.errors)
		return refuse(t);
	compare(&t->plan, &t->want, &t->live);
	if (t->diag.count)
		diag_print(&t->diag, stderr);
	return LWCTL_OK;
}

static int check(struct topo *t)
{
	struct printer *out = &t->ctl->out;

	assign_addresses(&t->want, NULL, &t->diag);
	if (t->diag.errors)
		return refuse(t);
	diag_print(&t->diag, stderr);
	print_open_object(out, NULL);
	print_string(out, "topology", "%s:", COLOR_NAME, t->want.title);
	print_u64(out, "nodes", " %llu nodes", t->want.nodes);
	print_u64(out, "wires", ", %llu wires, no conflict\n", t->want.wires);
	print_close_object(out);
	print_end(out);
	return LWCTL_OK;
}

/* one at a time for each topology. A name in the kernel, so that nothing is left behind, however the process ends. */
static int lock(struct topo *t)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int len = snprintf(at.sun_path + 1, sizeof(at.sun_path) - 1, "lwctl-topo/%s", t->want.name);

	t->lock = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (t->lock >= 0 &&
	    !bind(t->lock, (struct sockaddr *)&at, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)len)))
		return LWCTL_OK;
	if (errno == EADDRINUSE)
		return lwctl_refused(t->ctl, NULL, "another lwctl is at work on topology %s", t->title);
	return lwctl_refused(t->ctl, NULL, "%s", strerror(errno));
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
	for (size_t i = 0; i < SIGNALS; i++) {
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
	for (size_t i = 0; i < SIGNALS; i++)
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

static bool needs_module(const struct plan *p)
{
	for (size_t i = 0; i < p->steps; i++)
		if (p->step[i].kind == STEP_WIRE_ADD || p->step[i].kind == STEP_WIRE_REPLACE ||
		    p->step[i].kind == STEP_WIRE_CHANGE)
			return true;
	return false;
}

/* plan -> live. @want may be what the file says, or nothing. */
static int carry_out_or_undo(struct topo *t, const struct topo_state *want)
{
	const char *result = "applied";
	struct lw_nl *nl = lwctl_nl(t->ctl);

	if (!nl)
		return LWCTL_REFUSED;
	if (needs_module(&t->plan) && lw_nl_family(nl, &t->err))
		return lwctl_refused(t->ctl, &t->err, "%s", "");
	catch_signals(t);
	if (!t->ctl->out.json)
		show_plan(&t->ctl->out, &t->plan, want, &t->live, result);
	allow_many_files();
	if (carry_out(t, want, &t->live, &t->plan, true))
		result = undo(t);
	if (t->ctl->out.json)
		show_plan(&t->ctl->out, &t->plan, want, &t->live, result);
	else if (t->plan.steps && !strcmp(result, "applied"))
		print_text(&t->ctl->out, "%s: done\n", t->title);
	/* one that comes when all is done, and nothing else follows, must not make it look undone */
	if (t->ctl->where_file) {
		fflush(t->ctl->out.file);
		release_signals(t);
		if (stop)
			raise(stop);	/* it was for the batch, too */
	}
	return strcmp(result, "applied") ? LWCTL_REFUSED : LWCTL_OK;
}

/* what can be looked at need not fit here */
static int fits_here(struct topo *t)
{
	check_machine(&t->want, &t->diag);
	return t->diag.errors ? refuse(t) : LWCTL_OK;
}

static int topo_check(struct lwctl *ctl, int argc, char **argv)
{
	struct topo t;
	int ret = open_file(&t, ctl, argc, argv) ?: check(&t);

	topo_free(&t);
	return ret;
}

static int topo_plan(struct lwctl *ctl, int argc, char **argv)
{
	struct topo t;
	int ret = open_file(&t, ctl, argc, argv) ?: make_plan(&t);

	if (!ret)
		show_plan(&ctl->out, &t.plan, &t.want, &t.live, "planned");
	topo_free(&t);
	return ret;
}

static int topo_apply(struct lwctl *ctl, int argc, char **argv)
{
	struct topo t;
	int ret = open_file(&t, ctl, argc, argv);

	/* a file with conflicts is refused before what is live matters, and with those that only this shows */
	ret = ret ?: fits_here(&t) ?: lock(&t) ?: make_plan(&t) ?: carry_out_or_undo(&t, &t.want);
	topo_free(&t);
	return ret;
}

static int topo_show(struct lwctl *ctl, int argc, char **argv)
{
	struct topo t;
	int ret = open_file(&t, ctl, argc, argv) ?: make_plan(&t);

	if (!ret)
		show_topology(&ctl->out, &t.want, &t.live);
	topo_free(&t);
	return ret;
}

/* only the topology's name is taken from the file: conflicts in it do not keep anybody from cleaning up */
static int topo_destroy(struct lwctl *ctl, int argc, char **argv)
{
	struct topo_state none = { 0 };
	struct topo t;
	int ret = open_file(&t, ctl, argc, argv);

	/* what has no name has no wires; a topology called as resolve() calls it is somebody else's */
	if (!ret && !t.named)
		ret = refuse(&t);
	ret = ret ?: lock(&t);
	if (ret)
		goto out;
	if (live_read(&t.live, &t.want, NULL, &t.err)) {
		ret = lwctl_refused(ctl, &t.err, "reading what is live of %s", t.title);
		goto out;
	}
	none.name = t.want.name;
	none.title = t.want.title;
	none.fabric = t.want.fabric;
	compare(&t.plan, &none, &t.live);
	ret = carry_out_or_undo(&t, &none);
out:
	topo_free(&t);
	return ret;
}

/**
 * cmd_topo() - lwctl topo
 * @ctl: the command line's context
 * @argc: how many words follow
 * @argv: they
 *
 * Return: the exit status.
 */
int cmd_topo(struct lwctl *ctl, int argc, char **argv)
{
	static const struct command commands[] = {
		{ "check", topo_check, "FILE\tis there anything wrong with the file? Everything that is, is told" },
		{ "plan", topo_plan, "FILE\twhat apply would change" },
		{ "apply", topo_apply, "FILE\tmake what the file says live: only what differs is changed" },
		{ "show", topo_show, "FILE\tnodes and wires, their namespaces and interfaces, and their state" },
		{ "destroy", topo_destroy, "FILE\ttake all of it down" },
		{ NULL, NULL, NULL },
	};

	return lwctl_dispatch(ctl, commands, "topo", argc, argv);
}
