// SPDX-License-Identifier: MIT
/*
 * A graph's file is read by a process of its own, with no privilege and little of everything: libcgraph was not made
 * for files from strangers. What comes back is checked by graph_receive().
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "reader/read.h"
#include "topology/confine.h"
#include "topology/read.h"

/* what a file's name says of its language */
static enum graph_language language_of(const char *path)
{
	static const char *const graphml[] = { ".graphml", ".xml" };
	const char *dot = strrchr(path, '.');

	for (size_t i = 0; dot && i < sizeof(graphml) / sizeof(*graphml); i++)
		if (!strcasecmp(dot, graphml[i]))
			return GRAPH_GRAPHML;
	return GRAPH_UNKNOWN;
}

static void read_in_child(FILE *in, int pipe_fd, const char *path)
{
	struct diag d = { .file = path };
	struct graph g = { 0 };
	FILE *to = fdopen(pipe_fd, "w");

	if (!to)
		_exit(1);
	confine_files(fileno(in), pipe_fd);
	confine();
	read_stream(&g, &d, in, language_of(path));
	graph_send(&g, &d, to);
	_exit(fflush(to) ? 1 : 0);
}

static FILE *open_regular(const char *path, struct diag *d)
{
	struct stat st;
	FILE *f = strcmp(path, "-") ? fopen(path, "re") : fdopen(fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3), "r");

	if (!f) {
		diag_error(d, 0, "%s", strerror(errno));
		return NULL;
	}
	if (fstat(fileno(f), &st) == 0 && S_ISDIR(st.st_mode)) {
		diag_error(d, 0, "%s", strerror(EISDIR));
		fclose(f);
		return NULL;
	}
	return f;
}

static void explain_end(struct diag *d, int status)
{
	if (WIFSIGNALED(status) && (WTERMSIG(status) == SIGXCPU || WTERMSIG(status) == SIGKILL))
		diag_error(d, 0, "the reader was stopped: it took more than %d seconds or too much memory", CONFINE_CPU_SECONDS);
	else if (WIFSIGNALED(status))
		diag_error(d, 0, "the reader failed on this file (%s): too little memory, or a fault of libcgraph's",
			   strsignal(WTERMSIG(status)));
	else
		diag_error(d, 0, "the reader failed on this file");
}

/**
 * graph_read() - read a graph's file
 * @g: where the graph goes; empty before
 * @d: where what is wrong with it goes
 * @path: the file; - is standard input
 *
 * Return: true if there is a graph and nothing is wrong with it.
 */
bool graph_read(struct graph *g, struct diag *d, const char *path)
{
	int fds[2], status = 0;
	bool whole;
	FILE *in, *from;
	pid_t pid;

	in = open_regular(path, d);
	if (!in)
		return false;
	if (pipe2(fds, O_CLOEXEC)) {
		diag_error(d, 0, "%s", strerror(errno));
		fclose(in);
		return false;
	}
	pid = fork();
	if (pid == 0) {
		close(fds[0]);
		read_in_child(in, fds[1], path);
	}
	close(fds[1]);
	fclose(in);
	from = fdopen(fds[0], "r");
	if (pid < 0 || !from) {
		diag_error(d, 0, "%s", strerror(errno));
		from ? (void)fclose(from) : (void)close(fds[0]);
		return false;
	}
	whole = graph_receive(g, d, from);
	fclose(from);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (!whole || status)
		explain_end(d, status);
	return !d->errors;
}
