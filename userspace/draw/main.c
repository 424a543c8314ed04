// SPDX-License-Identifier: MIT
/*
 * lwctl-draw LAYOUT {svg|png}: draws the graph on standard input, in DOT, to standard output, through libgvc. lwctl
 * runs it; it is a program of its own since libgvc is big, opens files and was not made for names from strangers. What
 * it needs from the disk it takes first, with a graph of our own; then it gives its privileges up, and only then reads.
 *
 * libgvc finds its plugins by a list that some other package wrote, and takes those of a desktop, too. So we take them
 * ourselves, those that are needed and no others. Without the one that knows fonts, a picture in SVG looks the same
 * whatever fonts a machine has, and needs none.
 */
#include <dlfcn.h>
#include <graphviz/gvc.h>
#include <graphviz/gvplugin.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "draw/fonts.h"
#include "topology/confine.h"

#define TEXT_MAX (256u << 20)

/* What is wrong goes to whoever ran us, as one line. */
static _Noreturn void fail(const char *what, const char *why)
{
	fprintf(stderr, "%s%s%s\n", what, why ? ": " : "", why ? why : "");
	exit(1);
}

/* "core": libgvplugin_core.so.6 in libgvc's own directory, whose symbol gvplugin_core_LTX_library says what it has */
static lt_symlist_t plugin(const char *name, const char *symbol)
{
	lt_symlist_t found = { .name = symbol };
	char path[4096];
	Dl_info libgvc;
	void *so;
	int dir;

	if (!dladdr((void *)(uintptr_t)gvContextPlugins, &libgvc) || !strrchr(libgvc.dli_fname, '/'))
		fail("cannot tell where libgvc is", NULL);
	dir = (int)(strrchr(libgvc.dli_fname, '/') - libgvc.dli_fname);
	snprintf(path, sizeof(path), "%.*s/graphviz/libgvplugin_%s.so.6", dir, libgvc.dli_fname, name);
	so = dlopen(path, RTLD_NOW);
	found.address = so ? dlsym(so, symbol) : NULL;
	if (!found.address)
		fail("Graphviz lacks a plugin", dlerror());
	return found;
}

static GVC_t *start(bool png)
{
	lt_symlist_t plugins[] = {
		plugin("core", "gvplugin_core_LTX_library"),
		plugin("dot_layout", "gvplugin_dot_layout_LTX_library"),
		plugin("neato_layout", "gvplugin_neato_layout_LTX_library"),
		png ? plugin("pango", "gvplugin_pango_LTX_library") : (lt_symlist_t){ 0 },
		{ 0 },
	};
	GVC_t *gvc = gvContextPlugins(plugins, 0);

	if (!gvc)
		fail("libgvc does not start", NULL);
	return gvc;
}

static char *read_all(size_t *size)
{
	size_t room = 1 << 16, n;
	char *text = malloc(room + 1), *more;

	*size = 0;
	while (text && (n = fread(text + *size, 1, room - *size, stdin)) > 0) {
		*size += n;
		if (*size < room)
			continue;
		more = room < TEXT_MAX ? realloc(text, (room *= 2) + 1) : NULL;
		if (!more)
			break;
		text = more;
	}
	if (!text || *size == room)
		fail("the graph is too big to be drawn", NULL);
	text[*size] = '\0';
	return text;
}

/* Returns false where libgvc did not do it. */
static bool draw(GVC_t *gvc, const char *text, const char *layout, const char *format, char **data, unsigned int *size)
{
	Agraph_t *g = agmemread(text);

	return g && !gvLayout(gvc, g, layout) && !gvRenderData(gvc, g, format, data, size) && *size;
}

/* for what has to be opened first: fonts, and what is written about them */
#define WARM_UP "graph { node [fontname=Helvetica]; a [label=\"Aa\"]; b [label=<<b>B</b>>]; a -- b }"

int main(int argc, char **argv)
{
	unsigned int size = 0;
	char *text, *data;
	size_t len;
	GVC_t *gvc;
	bool png;

	if (argc != 3 || (strcmp(argv[2], "svg") && strcmp(argv[2], "png")))
		fail("lwctl runs this: lwctl topo graph", NULL);
	agseterr(AGMAX);
	png = !strcmp(argv[2], "png");
	gvc = start(png);
	if (!draw(gvc, WARM_UP, "dot", argv[2], &data, &size))
		fail("libgvc cannot draw", NULL);
	gvFreeRenderData(data);
	confine_files(STDIN_FILENO, STDOUT_FILENO);
	if (!png)
		confine();
	else if (!confine_but_fonts())
		fail("drawing PNG needs a kernel with Landlock and seccomp, or it would not be safe; SVG does not", NULL);

	text = read_all(&len);
	if (!draw(gvc, text, argv[1], argv[2], &data, &size))
		fail("libgvc cannot draw this graph", NULL);
	if (fwrite(data, 1, size, stdout) != size || fflush(stdout))
		fail("the picture cannot be written", NULL);
	_exit(0);	/* nothing is freed: all of it goes with the process */
}
