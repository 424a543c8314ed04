// SPDX-License-Identifier: MIT
/*
 * lwctl topo log and rollback: what was applied, and that again.
 */
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "topology/generations.h"
#include "topology/names.h"
#include "topology/show.h"
#include "topology/topo.h"

/* who logged in, where the kernel knows that (audit), whatever became of them by su or sudo since */
static const char *who(struct arena *mem)
{
	FILE *f = fopen("/proc/self/loginuid", "re");
	unsigned int uid = UINT32_MAX;
	const struct passwd *user;

	if (f && fscanf(f, "%u", &uid) != 1)
		uid = UINT32_MAX;
	if (f)
		fclose(f);
	if (uid == UINT32_MAX)
		uid = getuid();
	user = getpwuid(uid);
	return user ? arena_strdup(mem, user->pw_name) : arena_printf(mem, "uid %u", uid);
}

static const char *now(struct arena *mem)
{
	time_t seconds = time(NULL);
	char text[32] = "";
	struct tm utc;

	if (gmtime_r(&seconds, &utc))
		strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &utc);
	return arena_strdup(mem, text);
}

/**
 * topo_keep() - keep what was applied, or that it was destroyed, as a generation
 * @t: the topology, with what was changed
 *
 * What is live is what was asked for, and what this says of it comes after it: a generation that cannot be kept is told
 * as a warning, and the command has not failed.
 *
 * Return: the generation's number; 0: there is none.
 */
unsigned int topo_keep(struct topo *t)
{
	struct arena *mem = &t->mem;
	struct generation g = {
		.action = t->action, .of = t->of, .time = now(mem), .who = who(mem), .title = t->want.title,
		.file = t->file, .word = (const char **)t->word, .words = t->words,
		.add = t->plan.add, .change = t->plan.change, .remove = t->plan.remove,
	};
	int dir = generations_dir(mem, t->want.name, true, &t->err);
	char why[512];

	if (dir < 0 || generation_keep(dir, &g, t->graph_copy, &t->err)) {
		lwctl_warn(t->ctl, "%s: this %s is not kept as a generation: %s: %s", t->title, t->action,
			   generations_path(mem, t->want.name), lw_error_format(&t->err, why, sizeof(why)));
		g.number = 0;
	}
	if (dir >= 0)
		close(dir);
	return g.number;
}

/* what there is, as a file or a name, and its generations: their directory, or an exit status in *status */
static int open_generations(struct topo *t, struct lwctl *ctl, char *word, int *status)
{
	char *words[] = { word, NULL };
	int dir;

	if (!strcmp(word, "-") || !access(word, F_OK)) {
		*status = topo_open(t, ctl, 1, words) ?: topo_read(t);
		if (!*status && !t->named)
			*status = topo_refuse(t);
		if (*status)
			return -1;
	} else {
		*t = (struct topo)TOPO_NONE;
		t->ctl = ctl;
		t->want.name = name_graph(&t->mem, word);
		t->want.title = word;
		t->title = diag_escape(&t->mem, word);
	}
	dir = generations_dir(&t->mem, t->want.name, false, &t->err);
	if (dir == -ENOENT)
		*status = lwctl_usage(ctl, "%s is no file, and there is no generation of a topology of that name",
				      t->title);
	else if (dir < 0)
		*status = lwctl_refused(ctl, &t->err, "generations of %s", t->title);
	return dir;
}

/**
 * topo_log() - lwctl topo log: what was applied
 * @ctl: the command line's context
 * @argc: how many words follow
 * @argv: they
 *
 * Return: the exit status.
 */
int topo_log(struct lwctl *ctl, int argc, char **argv)
{
	struct topo t = TOPO_NONE;
	struct generations all = { 0 };
	int dir, status = LWCTL_OK;

	if (argc != 1)
		return lwctl_usage(ctl, argc ? "unexpected '%.64s'" : "a file or a topology's name is missing%s",
				   argc ? argv[1] : "");
	dir = open_generations(&t, ctl, argv[0], &status);
	if (dir < 0)
		goto out;
	if (generations_read(&all, dir, &t.err)) {
		status = lwctl_refused(ctl, &t.err, "generations of %s", t.title);
	} else {
		show_log(&ctl->out, &all, t.want.title, generations_path(&t.mem, t.want.name));
		if (all.broken)
			lwctl_warn(ctl, "%s: %zu records cannot be read", t.title, all.broken);
	}
	close(dir);
out:
	generations_free(&all);
	topo_free(&t);
	return status;
}

static int parse_number(struct lwctl *ctl, const char *word, unsigned int *number)
{
	char *end;
	unsigned long n = strtoul(word, &end, 10);

	if (*word < '1' || *word > '9' || *end || n > 999999999)
		return lwctl_usage(ctl, "'%.64s' is no generation's number, such as `lwctl topo log' shows", word);
	*number = (unsigned int)n;
	return LWCTL_OK;
}

/* the file is the generation's, and what stood behind it stands there again */
static int open_generation(struct topo *t, const struct topo *named, int dir, unsigned int number)
{
	struct arena *mem = &t->mem;
	struct generation g;
	int ret = generation_read(mem, dir, number, &g, &t->err);

	if (ret == -ENOENT)
		return lwctl_usage(t->ctl, "%s has no generation %u (`lwctl topo log' shows them)", named->title,
				   number);
	if (!ret && !strcmp(g.action, "destroy"))
		return lwctl_usage(t->ctl, "generation %u of %s is that it was destroyed: `lwctl topo destroy'", number,
				   named->title);
	t->graph_copy = ret ? -1 : generation_graph(dir, number, &t->err);
	if (t->graph_copy < 0)
		return lwctl_refused(t->ctl, &t->err, "generation %u of %s", number, named->title);
	t->action = "rollback";
	t->of = number;
	t->file = g.file;
	t->path = arena_printf(mem, "/proc/self/fd/%d", t->graph_copy);
	t->diag.file = arena_printf(mem, "generation %u of %s", number, named->title);
	t->word = (char **)g.word;
	t->words = g.words;
	return LWCTL_OK;
}

/**
 * topo_rollback() - lwctl topo rollback: apply a generation again
 * @ctl: the command line's context
 * @argc: how many words follow
 * @argv: they
 *
 * Return: the exit status.
 */
int topo_rollback(struct lwctl *ctl, int argc, char **argv)
{
	struct topo named = TOPO_NONE, t = TOPO_NONE;
	int dir, status = LWCTL_OK;
	unsigned int number = 0;

	t.ctl = ctl;
	if (argc != 2)
		return lwctl_usage(ctl, argc > 2 ? "unexpected '%.64s'" :
				   "a file or a topology's name, and a generation's number are needed%s",
				   argc > 2 ? argv[2] : "");
	status = parse_number(ctl, argv[1], &number);
	if (status)
		return status;
	dir = open_generations(&named, ctl, argv[0], &status);
	if (dir < 0)
		goto out;
	status = open_generation(&t, &named, dir, number) ?: topo_read(&t);
	close(dir);
	if (!status && strcmp(t.want.name, named.want.name))
		status = lwctl_refused(ctl, NULL, "generation %u of %s is of %s: somebody put it there", number,
				       named.title, t.title);
	status = status ?: topo_apply(&t);
out:
	topo_free(&named);
	topo_free(&t);
	return status;
}
