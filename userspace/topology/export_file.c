// SPDX-License-Identifier: MIT
/*
 * Where an export goes: it has keys in it, so neither a terminal nor a file that others can read.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "topology/export.h"

/**
 * export_words() - take the words that say what is exported out of those of the command
 * @ctl: the command line's context
 * @argc: how many words there are; how many are left
 * @argv: they
 * @w: what they say
 *
 * Return: the exit status.
 */
int export_words(struct lwctl *ctl, int *argc, char **argv, struct export_words *w)
{
	*w = (struct export_words){ 0 };
	for (int i = 0; i < *argc;) {
		bool node = !strcmp(argv[i], "-node") || !strcmp(argv[i], "--node");

		if (!node && strcmp(argv[i], "-o")) {
			i++;
			continue;
		}
		if (i + 1 == *argc)
			return lwctl_usage(ctl, "'%.64s' needs a value", argv[i]);
		if (node ? w->node != NULL : w->out != NULL)
			return lwctl_usage(ctl, "'%.64s' is given twice", argv[i]);
		*(node ? &w->node : &w->out) = argv[i + 1];
		memmove(argv + i, argv + i + 2, (size_t)(*argc - i - 2) * sizeof(*argv));
		*argc -= 2;
	}
	return w->node ? LWCTL_OK : lwctl_usage(ctl, "which node? --node NAME");
}

static bool find_node(const struct topo_state *s, const char *name, size_t *node)
{
	for (*node = 0; *node < s->nodes; (*node)++)
		if (!strcmp(s->node[*node].name, name))
			return true;
	return false;
}

static int open_out(struct lwctl *ctl, const char *out, int *fd)
{
	*fd = STDOUT_FILENO;
	if (out && strcmp(out, "-")) {
		*fd = open(out, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
		if (*fd >= 0)
			return LWCTL_OK;
		return errno == EEXIST ? lwctl_usage(ctl, "%.256s is there already: keys are not written over it", out) :
					 lwctl_refused(ctl, NULL, "%.256s: %s", out, strerror(errno));
	}
	fflush(stdout);
	if (isatty(*fd) && !ctl->force)
		return lwctl_usage(ctl, "keys would stay on the terminal: `... | ssh other lwctl -batch -' (or lwctl -force)");
	return LWCTL_OK;
}

/* what the file asks of the node, and no line of a batch says */
static void warn_left_out(struct lwctl *ctl, const struct topo_state *s, size_t node)
{
	const struct topo_node *n = &s->node[node];
	bool limits = false;

	for (size_t i = 0; i < s->wires; i++)
		if (s->wire[i].end[0].node == node || s->wire[i].end[1].node == node)
			limits |= s->wire[i].rate || s->wire[i].floor || s->wire[i].delay_us || s->wire[i].loss;
	if (n->routes || n->policies || n->denials || n->loopbacks)
		lwctl_warn(ctl, "routes, chains, denials and loopback addresses of %.64s are not in it", n->name);
	if (limits)
		lwctl_warn(ctl, "rates, delays and losses of the wires of %.64s are not in it", n->name);
}

/**
 * export_file() - write a node's part of a topology
 * @ctl: the command line's context
 * @want: what is wanted, with addresses
 * @d: where conflicts go; if there are any, nothing is written
 * @w: which node, and where to
 *
 * Return: the exit status.
 */
int export_file(struct lwctl *ctl, const struct topo_state *want, struct diag *d, const struct export_words *w)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN }, before;
	struct export x = { .want = want, .keys = export_keys };
	int ret;

	if (!find_node(want, w->node, &x.node))
		return lwctl_usage(ctl, "there is no node '%.64s' in it", w->node);
	export_check(want, x.node, d);
	if (d->errors)
		return LWCTL_OK;
	ret = open_out(ctl, w->out, &x.fd);
	if (ret)
		return ret;
	warn_left_out(ctl, want, x.node);
	sigaction(SIGPIPE, &ignore, &before);
	ret = export_node(&x);
	sigaction(SIGPIPE, &before, NULL);
	if (x.fd != STDOUT_FILENO && (close(x.fd) || ret))
		unlink(w->out);
	if (ret)
		return lwctl_refused(ctl, NULL, "%.256s%s%s", x.failed ?: "", x.failed ? ": " : "", strerror(-ret));
	if (x.waiting)
		lwctl_warn(ctl, "%zu of %zu wires wait for their other ends: export those nodes within %d minutes", x.waiting,
			   x.waiting + x.complete, HANDOVER_SECONDS / 60);
	return LWCTL_OK;
}
