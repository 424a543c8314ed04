// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "topology/convert.h"
#include "topology/read.h"
#include "topology/write.h"

static int convert(struct lwctl *ctl, const char *file, enum graph_language to)
{
	struct diag d = { .file = file };
	struct graph g = { 0 };
	int ret = LWCTL_USAGE;
	char *text = NULL;
	size_t len = 0;
	FILE *out;

	if (!graph_read(&g, &d, file))
		goto out;
	if (to == GRAPH_UNKNOWN)
		to = g.language == GRAPH_DOT ? GRAPH_GRAPHML : GRAPH_DOT;
	out = open_memstream(&text, &len);
	if (!out)
		no_memory();
	if (to == GRAPH_DOT ? write_dot(&g, &d, out) : write_graphml(&g, &d, out))
		ret = LWCTL_OK;
	if (fclose(out))
		no_memory();
	if (!ret && (fwrite(text, 1, len, stdout) != len || fflush(stdout)))
		ret = lwctl_refused(ctl, NULL, "%s", strerror(errno));
out:
	diag_print(&d, stderr);
	free(text);
	graph_free(&g);
	diag_free(&d);
	return ret;
}

/**
 * topo_convert() - lwctl topo convert: a graph in the other language, or in the one that is asked for
 * @ctl: the command line's context
 * @argc: how many words follow
 * @argv: they
 *
 * Return: the exit status.
 */
int topo_convert(struct lwctl *ctl, int argc, char **argv)
{
	enum graph_language to = GRAPH_UNKNOWN;

	if (argc < 1)
		return lwctl_usage(ctl, "a file is missing");
	if (argc > 2)
		return lwctl_usage(ctl, "unexpected '%.64s'", argv[2]);
	if (argc == 2 && !strcmp(argv[1], "dot"))
		to = GRAPH_DOT;
	else if (argc == 2 && !strcmp(argv[1], "graphml"))
		to = GRAPH_GRAPHML;
	else if (argc == 2)
		return lwctl_usage(ctl, "'%.64s' is neither dot nor graphml", argv[1]);
	if (!strcmp(argv[0], "-") && ctl->stdin_taken)
		return lwctl_usage(ctl, "standard input is the batch, and cannot be the file too");
	return convert(ctl, argv[0], to);
}
