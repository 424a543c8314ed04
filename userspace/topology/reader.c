// SPDX-License-Identifier: MIT
/*
 * A graph's file is read by a program of its own, lwctl-graph (../reader), with no privilege and little of everything:
 * libcgraph was not made for files from strangers. What comes back is checked by graph_receive().
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "topology/confine.h"
#include "topology/program.h"
#include "topology/read.h"

#define PROGRAM "lwctl-graph"

/* what a file's name says of its language */
static const char *language_of(const char *path)
{
	static const char *const graphml[] = { ".graphml", ".xml" };
	const char *dot = strrchr(path, '.');

	for (size_t i = 0; dot && i < sizeof(graphml) / sizeof(*graphml); i++)
		if (!strcasecmp(dot, graphml[i]))
			return "graphml";
	return NULL;
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

static void explain_end(struct diag *d, const char *program, int status)
{
	if (WIFEXITED(status) && WEXITSTATUS(status) == PROGRAM_MISSING)
		diag_error(d, 0, "%s, which reads such files, is not there", program);
	else if (WIFSIGNALED(status) && (WTERMSIG(status) == SIGXCPU || WTERMSIG(status) == SIGKILL))
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
	char program[PATH_MAX], buffer[64 * 1024];	/* what a pipe takes at once */
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
	program_find(program, PROGRAM);
	pid = fork();
	if (pid == 0)
		program_become(program, (char *const []){ (char *)(uintptr_t)PROGRAM,
				(char *)(uintptr_t)language_of(path), NULL }, fileno(in), fds[1]);
	close(fds[1]);
	fclose(in);
	from = fdopen(fds[0], "r");
	if (pid < 0 || !from) {
		diag_error(d, 0, "%s", strerror(errno));
		from ? (void)fclose(from) : (void)close(fds[0]);
		return false;
	}
	setvbuf(from, buffer, _IOFBF, sizeof(buffer));
	whole = graph_receive(g, d, from);
	fclose(from);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (!whole || status)
		explain_end(d, program, status);
	return !d->errors;
}
