// SPDX-License-Identifier: MIT
/*
 * lwctl-graph [dot|graphml]: what lwctl runs to read a graph's file, from standard input, to the model on standard
 * output (graph_send()). Nothing else links the libraries that parse strangers' files, and all that this process has
 * when they begin is what confine() and syscalls_limit() leave.
 */
#include <string.h>
#include <unistd.h>

#include "reader/read.h"
#include "reader/syscalls.h"
#include "topology/confine.h"

int main(int argc, char **argv)
{
	enum graph_language hint = argc > 1 && !strcmp(argv[1], "graphml") ? GRAPH_GRAPHML : GRAPH_UNKNOWN;
	struct diag d = { 0 };
	struct graph g = { 0 };

	confine_files(STDIN_FILENO, STDOUT_FILENO);
	confine();
	syscalls_limit();
	read_stream(&g, &d, stdin, hint);
	graph_send(&g, &d, stdout);
	/* nothing is freed, and no destructor of a library runs: the process was theirs for a while */
	_exit(fflush(stdout) ? 1 : 0);
}
