// SPDX-License-Identifier: MIT
/*
 * lwctl-graph [dot|graphml]: what lwctl runs to read a graph's file, from standard input, to the model on standard
 * output (graph_send()). Nothing else links the libraries that parse strangers' files, and all that this process has
 * when they begin is what confine() and syscalls_limit() leave.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "reader/read.h"
#include "reader/syscalls.h"
#include "topology/confine.h"

#define MEMORY (1ULL << 30)
#define BUFFER (64 * 1024)		/* a pipe takes so much at once */

/* nothing is freed, and no destructor of a library runs: the process was theirs for a while */
static _Noreturn void answer(const struct graph *g, const struct diag *d)
{
	graph_send(g, d, stdout);
	_exit(fflush(stdout) ? 1 : 0);
}

static void give_up(const struct graph *g, const struct diag *d)
{
	answer(g, d);
}

int main(int argc, char **argv)
{
	enum graph_language hint = argc > 1 && !strcmp(argv[1], "graphml") ? GRAPH_GRAPHML : GRAPH_UNKNOWN;
	static char in[BUFFER], out[BUFFER];
	struct diag d = { 0 };
	struct graph g = { 0 };

	setvbuf(stdin, in, _IOFBF, sizeof(in));
	setvbuf(stdout, out, _IOFBF, sizeof(out));
	confine_files(STDIN_FILENO, STDOUT_FILENO);
	confine();
	confine_memory(MEMORY);
	syscalls_limit();
	read_give_up = give_up;
	read_stream(&g, &d, stdin, hint);
	answer(&g, &d);
}
