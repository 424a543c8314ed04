// SPDX-License-Identifier: MIT
/*
 * Where an export goes: it has keys in it, so neither to a terminal nor into a file that others can read.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "netlink/secret.h"
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
	w->node = arena_alloc(&w->mem, ((size_t)*argc + 1) * sizeof(*w->node));
	w->out = arena_alloc(&w->mem, ((size_t)*argc + 1) * sizeof(*w->out));
	for (int i = 0; i < *argc;) {
		bool node = !strcmp(argv[i], "-node") || !strcmp(argv[i], "--node");

		if (!node && strcmp(argv[i], "-o")) {
			i++;
			continue;
		}
		if (i + 1 == *argc)
			return lwctl_usage(ctl, "'%.64s' needs a value", argv[i]);
		if (!node && (!w->nodes || w->out[w->nodes - 1]))
			return lwctl_usage(ctl, "'-o' stands behind the node that it is for");
		if (node)
			w->node[w->nodes++] = argv[i + 1];
		else
			w->out[w->nodes - 1] = argv[i + 1];
		memmove(argv + i, argv + i + 2, (size_t)(*argc - i - 2) * sizeof(*argv));
		*argc -= 2;
	}
	if (!w->nodes)
		return lwctl_usage(ctl, "which node? --node NAME");
	for (size_t i = 0; i < w->nodes && w->nodes > 1; i++)
		if (!w->out[i])
			return lwctl_usage(ctl, "of several nodes each goes to a place of its own: --node %.64s -o NEW-FILE",
					   w->node[i]);
	return LWCTL_OK;
}

static bool find_node(const struct topo_state *s, const char *name, size_t *node)
{
	for (*node = 0; *node < s->nodes; (*node)++)
		if (!strcmp(s->node[*node].name, name))
			return true;
	return false;
}

/* a new file, or a pipe: `-o >(ssh other lwctl -batch -)' in a shell */
static int open_out(struct lwctl *ctl, const char *out, int *fd)
{
	struct stat st;

	*fd = STDOUT_FILENO;
	if (out && strcmp(out, "-")) {
		bool pipe = !stat(out, &st) && S_ISFIFO(st.st_mode);

		*fd = open(out, O_WRONLY | O_CLOEXEC | (pipe ? 0 : O_CREAT | O_EXCL), 0600);
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

static int failed(struct lwctl *ctl, const struct export *x, int error)
{
	/* a kernel without keyrings, or a container that does not let them be used */
	if (error == -ENOSYS || error == -EPERM || error == -EACCES)
		return lwctl_refused(ctl, NULL, "no key can wait here for the other end (keyrings: %s): "
				     "export both at once, --node A -o FILE --node B -o FILE", strerror(-error));
	return lwctl_refused(ctl, NULL, "%.256s%s%s", x->failed ?: "", x->failed ? ": " : "", strerror(-error));
}

static int export_one(struct lwctl *ctl, struct export *x, const char *out)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN }, before;
	int ret = open_out(ctl, out, &x->fd);
	struct stat st;

	if (ret)
		return ret;
	warn_left_out(ctl, x->want, x->node);
	sigaction(SIGPIPE, &ignore, &before);
	ret = export_node(x);
	sigaction(SIGPIPE, &before, NULL);
	if (x->fd == STDOUT_FILENO)
		return ret ? failed(ctl, x, ret) : LWCTL_OK;
	if (ret && !fstat(x->fd, &st) && S_ISREG(st.st_mode))
		unlink(out);
	if (close(x->fd) && !ret)
		ret = -errno;
	return ret ? failed(ctl, x, ret) : LWCTL_OK;
}

/**
 * export_file() - write some nodes' parts of a topology
 * @ctl: the command line's context
 * @want: what is wanted, with addresses
 * @d: where conflicts go; if there are any, nothing is written
 * @w: which nodes, and where to
 *
 * Return: the exit status.
 */
int export_file(struct lwctl *ctl, const struct topo_state *want, struct diag *d, const struct export_words *w)
{
	bool *together = calloc(want->nodes + 1, sizeof(*together));
	size_t size = (want->wires + 1) * sizeof(struct wire_keys);
	struct export x = { .want = want, .keys = export_keys, .together = together, .drawn = lw_secret_alloc(size) };
	int ret = LWCTL_OK;

	if (!together || !x.drawn)
		no_memory();
	for (size_t i = 0; i < w->nodes && !ret; i++) {
		if (!find_node(want, w->node[i], &x.node))
			ret = lwctl_usage(ctl, "there is no node '%.64s' in it", w->node[i]);
		else if (together[x.node])
			ret = lwctl_usage(ctl, "node '%.64s' is given twice", w->node[i]);
		else
			export_check(want, x.node, d);
		together[x.node] = true;
	}
	for (size_t i = 0; i < w->nodes && !ret && !d->errors; i++) {
		find_node(want, w->node[i], &x.node);
		ret = export_one(ctl, &x, w->out[i]);
	}
	if (!ret && x.waiting)
		lwctl_warn(ctl, "%zu of %zu wires wait for their other ends: export those nodes within %d minutes", x.waiting,
			   x.waiting + x.complete, HANDOVER_SECONDS / 60);
	lw_secret_free(x.drawn, size);
	free(together);
	return ret;
}
