// SPDX-License-Identifier: MIT
/*
 * lwctl topo: the commands. Data flows one way: read -> resolve -> what is live -> addresses -> compare -> emit.
 */
#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "topology/attrs.h"
#include "topology/convert.h"
#include "topology/draw.h"
#include "topology/export.h"
#include "topology/generations.h"
#include "topology/live.h"
#include "topology/lock.h"
#include "topology/read.h"
#include "topology/resolve.h"
#include "topology/show.h"
#include "topology/topo.h"

#define KEEP_BYTES (32 << 20)
#define FILE_WORDS "FILE [ATTRIBUTE=VALUE ...]"	/* of the graph, in place of the file's */

/**
 * topo_free() - forget a topology, and give its lock back
 * @t: the topology
 */
void topo_free(struct topo *t)
{
	if (t->lock >= 0)
		close(t->lock);
	if (t->graph_copy >= 0)
		close(t->graph_copy);
	plan_free(&t->plan);
	state_free(&t->live);
	state_free(&t->want);
	graph_free(&t->graph);
	diag_free(&t->diag);
	arena_free(&t->mem);
}

/**
 * topo_refuse() - say everything that is wrong with the file, each on a line of its own
 * @t: the topology
 *
 * Return: the exit status.
 */
int topo_refuse(struct topo *t)
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

static bool is_option(const char *word)
{
	return !strcmp(word, "-detailed-exitcode") || !strcmp(word, "--detailed-exitcode");
}

/**
 * topo_open() - take the words of a command: a file, and attributes of the graph behind it
 * @t: the topology; empty before
 * @ctl: the command line's context
 * @argc: how many words there are
 * @argv: they
 *
 * Return: the exit status.
 */
int topo_open(struct topo *t, struct lwctl *ctl, int argc, char **argv)
{
	*t = (struct topo)TOPO_NONE;
	t->ctl = ctl;
	if (ctl->netns)
		return lwctl_usage(ctl, "a topology has namespaces of its own: -netns means nothing to it");
	t->word = arena_alloc(&t->mem, ((size_t)argc + 1) * sizeof(*t->word));
	for (int i = 0; i < argc; i++) {
		if (is_option(argv[i]))
			t->detailed = true;
		else if (!t->file)
			t->file = argv[i];
		else if (strchr(argv[i], '='))
			t->word[t->words++] = argv[i];
		else
			return lwctl_usage(ctl, "unexpected '%.64s' behind the file", argv[i]);
	}
	if (!t->file)
		return lwctl_usage(ctl, "a file is missing");
	if (!strcmp(t->file, "-") && ctl->stdin_taken)
		return lwctl_usage(ctl, "standard input is the batch, and cannot be the file too");
	t->path = t->file;
	t->diag.file = t->file;
	return LWCTL_OK;
}

/**
 * topo_read() - read the file, and resolve what it asks for
 * @t: the topology, with its file
 *
 * Conflicts are in t->diag: what they keep from being done is for the command to say.
 *
 * Return: the exit status.
 */
int topo_read(struct topo *t)
{
	bool good = graph_read(&t->graph, &t->diag, t->path);
	const char *name;

	for (size_t i = 0; good && i < t->words; i++)
		graph_override(&t->graph, t->word[i], &t->diag);
	if (t->diag.errors)
		return topo_refuse(t);
	name = name_of_file(&t->graph.mem, t->file);
	resolve(&t->want, &t->graph, name, &t->diag);
	if (t->graph.name)
		name = t->graph.name;
	t->named = t->want.named || (name && *name);
	t->title = diag_escape(&t->graph.mem, t->want.title);
	return LWCTL_OK;
}

static int open_and_read(struct topo *t, struct lwctl *ctl, int argc, char **argv)
{
	return topo_open(t, ctl, argc, argv) ?: topo_read(t);
}

/**
 * topo_make_plan() - what is live, addresses that keep to it, and the way from there to what is wanted
 * @t: the topology, as read
 *
 * Return: the exit status; with all conflicts told.
 */
int topo_make_plan(struct topo *t)
{
	if (live_read(&t->live, &t->want, &t->diag, &t->err))
		return lwctl_refused(t->ctl, &t->err, "reading what is live of %s", t->title);
	assign_addresses(&t->want, &t->live, &t->diag);
	if (t->diag.errors)
		return topo_refuse(t);
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
		return topo_refuse(t);
	diag_print(&t->diag, stderr);
	print_open_object(out, NULL);
	print_string(out, "topology", "%s:", COLOR_NAME, t->want.title);
	print_u64(out, "nodes", " %llu nodes", t->want.nodes);
	print_u64(out, "wires", ", %llu wires, no conflict\n", t->want.wires);
	print_close_object(out);
	print_end(out);
	return LWCTL_OK;
}

/**
 * topo_lock() - be the only one at work on a topology
 * @t: the topology
 *
 * Return: the exit status.
 */
int topo_lock(struct topo *t)
{
	t->lock = topology_lock(LOCK_DIR, t->want.name, &t->err);
	if (t->lock == -EBUSY)
		return lwctl_refused(t->ctl, NULL, "another lwctl is at work on topology %s", t->title);
	return t->lock < 0 ? lwctl_refused(t->ctl, &t->err, "%s", "") : LWCTL_OK;
}

/**
 * topo_apply() - make what a file says live, and keep it as a generation
 * @t: the topology, as read
 *
 * Return: the exit status.
 */
int topo_apply(struct topo *t)
{
	/* what can be looked at need not fit here; told with all conflicts, and with those that only what is live shows */
	check_machine(&t->want, &t->diag);
	return topo_lock(t) ?: topo_make_plan(t) ?: topo_carry_out(t, &t->want);
}

static int topo_check(struct lwctl *ctl, int argc, char **argv)
{
	struct topo t;
	int ret = open_and_read(&t, ctl, argc, argv) ?: check(&t);

	topo_free(&t);
	return ret;
}

static int topo_plan(struct lwctl *ctl, int argc, char **argv)
{
	struct topo t;
	int ret = open_and_read(&t, ctl, argc, argv) ?: topo_make_plan(&t);

	if (!ret) {
		show_plan(&ctl->out, &t.plan, &t.want, &t.live, "planned", 0);
		ret = t.detailed && t.plan.steps ? LWCTL_CHANGES : LWCTL_OK;
	}
	topo_free(&t);
	return ret;
}

/* what is applied is what is kept, whatever becomes of the file meanwhile */
static int copy_file(struct topo *t)
{
	t->graph_copy = graph_keep_copy(t->file, &t->err);
	if (t->graph_copy < 0) {
		diag_error(&t->diag, 0, "%s", strerror(t->err.code));
		return topo_refuse(t);
	}
	t->path = arena_printf(&t->mem, "/proc/self/fd/%d", t->graph_copy);
	t->action = "apply";
	return LWCTL_OK;
}

static int apply(struct lwctl *ctl, int argc, char **argv)
{
	struct topo t;
	int ret = topo_open(&t, ctl, argc, argv) ?: copy_file(&t) ?: topo_read(&t) ?: topo_apply(&t);

	topo_free(&t);
	return ret;
}

/* the last two words may say which node, or which wire */
static void take_only(struct show_only *only, int *argc, char **argv)
{
	*only = (struct show_only){ 0 };
	if (*argc < 3)
		return;
	if (!strcmp(argv[*argc - 2], "node"))
		only->node = argv[*argc - 1];
	else if (!strcmp(argv[*argc - 2], "wire"))
		only->wire = argv[*argc - 1];
	else
		return;
	*argc -= 2;
}

static int topo_show(struct lwctl *ctl, int argc, char **argv)
{
	struct show_only only;
	struct topo t;
	int ret;

	take_only(&only, &argc, argv);
	ret = open_and_read(&t, ctl, argc, argv) ?: topo_make_plan(&t);
	if (!ret) {
		show_topology(&ctl->out, &t.want, &t.live, &only);
		if (!only.found && (only.node || only.wire))
			ret = lwctl_usage(ctl, "%s has no %s '%.256s'", t.title, only.node ? "node" : "wire",
					  only.node ?: only.wire);
	}
	topo_free(&t);
	return ret;
}

/* only the topology's name is taken from the file: conflicts in it do not keep anybody from cleaning up */
static int topo_destroy(struct lwctl *ctl, int argc, char **argv)
{
	struct topo_state none = { 0 };
	struct topo t;
	int ret = open_and_read(&t, ctl, argc, argv);

	/* what has no name has no wires; a topology called as resolve() calls it is somebody else's */
	if (!ret && !t.named)
		ret = topo_refuse(&t);
	ret = ret ?: topo_lock(&t);
	if (ret)
		goto out;
	if (live_read(&t.live, &t.want, NULL, &t.err)) {
		ret = lwctl_refused(ctl, &t.err, "reading what is live of %s", t.title);
		goto out;
	}
	t.action = "destroy";
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
	return topo_make_plan(t);
}

static int topo_graph(struct lwctl *ctl, int argc, char **argv)
{
	struct topo_state before = { 0 };
	struct drawing d = { 0 };
	struct draw_words words;
	struct topo t = TOPO_NONE;
	int ret = draw_words(ctl, &argc, argv, &words) ?: open_and_read(&t, ctl, argc, argv);

	d.want = &t.want;
	if (words.live && !ret) {
		ret = look_twice(&t, &before);
		d.live = &t.live;
		d.before = &before;
		d.since = WATCHED_MS;
	} else if (!ret) {
		assign_addresses(&t.want, NULL, &t.diag);
		ret = t.diag.errors ? topo_refuse(&t) : LWCTL_OK;
	}
	ret = ret ?: draw_file(ctl, &d, &words);
	state_free(&before);
	topo_free(&t);
	return ret;
}

static int topo_export(struct lwctl *ctl, int argc, char **argv)
{
	struct export_words words;
	struct topo t = TOPO_NONE;
	int ret = export_words(ctl, &argc, argv, &words) ?: open_and_read(&t, ctl, argc, argv);

	if (!ret) {
		assign_addresses(&t.want, NULL, &t.diag);
		ret = t.diag.errors ? LWCTL_OK : export_file(ctl, &t.want, &t.diag, &words);
		if (t.diag.errors)
			ret = topo_refuse(&t);
	}
	arena_free(&words.mem);
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
		{ "check", topo_check, FILE_WORDS "\tis there anything wrong with the file? Everything that is, is told" },
		{ "plan", topo_plan, "[-detailed-exitcode] " FILE_WORDS "\twhat apply would change" },
		{ "apply", apply, FILE_WORDS "\tmake what the file says live: only what differs is changed" },
		{ "show", topo_show, FILE_WORDS " [node NAME|wire NAME]\t"
		  "nodes and wires, their namespaces and interfaces, and their state" },
		{ "graph", topo_graph, FILE_WORDS " [-live] -o {FILE.svg|FILE.png|FILE.dot|-}\tdraw it; -live: as it is now" },
		{ "export", topo_export, FILE_WORDS " {--node N [-o NEW-FILE]}..."
		  "\tone node's part as a batch for another machine, with fresh keys" },
		{ "destroy", topo_destroy, FILE_WORDS "\ttake all of it down" },
		{ "convert", topo_convert, "FILE [dot|graphml]\tthe same graph in the other language, to standard output" },
		{ "log", topo_log, "{FILE|NAME}\twhat was applied, as generations" },
		{ "rollback", topo_rollback, "{FILE|NAME} N\tapply generation N again" },
		{ NULL, NULL, NULL },
	};

	/* what is freed is soon asked for again (dumps, batches): to give it back and fault it in anew takes longer */
	mallopt(M_MMAP_THRESHOLD, KEEP_BYTES);
	mallopt(M_TRIM_THRESHOLD, KEEP_BYTES);
	mallopt(M_TOP_PAD, 1 << 20);
	return lwctl_dispatch(ctl, commands, "topo", argc, argv);
}
