// SPDX-License-Identifier: MIT
/*
 * lwctl topo: the commands. Data flows one way: read -> resolve -> what is live -> addresses -> compare -> emit.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "topology/convert.h"
#include "topology/draw.h"
#include "topology/live.h"
#include "topology/lock.h"
#include "topology/read.h"
#include "topology/resolve.h"
#include "topology/show.h"
#include "topology/topo.h"

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

static int lock(struct topo *t)
{
	t->lock = topology_lock(LOCK_DIR, t->want.name, &t->err);
	if (t->lock == -EBUSY)
		return lwctl_refused(t->ctl, NULL, "another lwctl is at work on topology %s", t->title);
	return t->lock < 0 ? lwctl_refused(t->ctl, &t->err, "%s", "") : LWCTL_OK;
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
	ret = ret ?: fits_here(&t) ?: lock(&t) ?: make_plan(&t) ?: topo_carry_out(&t, &t.want);
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
	ret = topo_carry_out(&t, &none);
out:
	topo_free(&t);
	return ret;
}

#define WATCHED_MS 1000

/* the same twice, so that what passes meanwhile is seen */
static int look_twice(struct topo *t, struct topo_state *before)
{
	if (live_read(before, &t->want, NULL, &t->err))
		return lwctl_refused(t->ctl, &t->err, "reading what is live of %s", t->title);
	nanosleep(&(struct timespec){ .tv_sec = WATCHED_MS / 1000 }, NULL);
	return make_plan(t);
}

static int topo_graph(struct lwctl *ctl, int argc, char **argv)
{
	struct topo_state before = { 0 };
	struct drawing d = { 0 };
	struct draw_words words;
	struct topo t = { .lock = -1 };
	int ret = draw_words(ctl, &argc, argv, &words) ?: open_file(&t, ctl, argc, argv);

	d.want = &t.want;
	if (words.live && !ret) {
		ret = look_twice(&t, &before);
		d.live = &t.live;
		d.before = &before;
		d.since = WATCHED_MS;
	} else if (!ret) {
		assign_addresses(&t.want, NULL, &t.diag);
		ret = t.diag.errors ? refuse(&t) : LWCTL_OK;
	}
	ret = ret ?: draw_file(ctl, &d, &words);
	state_free(&before);
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
		{ "graph", topo_graph, "FILE [-live] -o {FILE.svg|FILE.png|FILE.dot|-}\tdraw it; -live: as it is now" },
		{ "destroy", topo_destroy, "FILE\ttake all of it down" },
		{ "convert", topo_convert, "FILE [dot|graphml]\tthe same graph in the other language, to standard output" },
		{ NULL, NULL, NULL },
	};

	return lwctl_dispatch(ctl, commands, "topo", argc, argv);
}
