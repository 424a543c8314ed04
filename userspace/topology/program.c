// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "topology/program.h"

#ifndef LIBEXECDIR
#define LIBEXECDIR "/usr/local/libexec/linkwire"
#endif

/**
 * program_find() - where a program of ours is
 * @path: where its path goes: beside lwctl, as where both were built, else where it is installed
 * @name: its name
 */
void program_find(char path[PATH_MAX], const char *name)
{
	ssize_t len = readlink("/proc/self/exe", path, PATH_MAX - strlen(name) - 2);
	char *base;

	path[len > 0 ? len : 0] = '\0';
	base = strrchr(path, '/');
	if (base) {
		strcpy(base + 1, name);
		if (!access(path, X_OK))
			return;
	}
	snprintf(path, PATH_MAX, "%s/%s", LIBEXECDIR, name);
}

/**
 * program_become() - in a child: be a program of ours
 * @path: from program_find()
 * @argv: its words, the first its name
 * @in: its standard input
 * @out: its standard output
 *
 * Nothing else stays open but standard error, and the environment is empty: whoever calls lwctl with privileges must
 * not say where plugins and fonts are found. Ends with PROGRAM_MISSING if there is no such program.
 */
_Noreturn void program_become(const char *path, char *const argv[], int in, int out)
{
	char *const env[] = { NULL };

	/* out of the way of each other, if lwctl was called with less than three files */
	in = fcntl(in, F_DUPFD, STDERR_FILENO + 1);
	out = fcntl(out, F_DUPFD, STDERR_FILENO + 1);
	if (dup2(in, STDIN_FILENO) >= 0 && dup2(out, STDOUT_FILENO) >= 0) {
		close_range(STDERR_FILENO + 1, ~0U, 0);
		execve(path, argv, env);
	}
	_exit(PROGRAM_MISSING);
}
