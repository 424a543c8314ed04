// SPDX-License-Identifier: MIT
#include <stdlib.h>
#include <string.h>

#include "fuzz/fuzz.h"
#include "reader/read.h"
#include "tests/same_graph.h"
#include "topology/compare.h"
#include "topology/resolve.h"
#include "topology/write.h"

/* where libFuzzer is to stop */
static void must(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "fuzz: broken: %s\n", what);
	abort();
}

/* flex's, in libcgraph: its scanner as it was at first. After a file that ends inside of a token it is still in that. */
extern int aaglex_destroy(void);

/**
 * fuzz_file() - a file of these bytes, for a reader that knows of no other
 * @data: the bytes
 * @size: how many
 *
 * Return: the file.
 */
FILE *fuzz_file(const uint8_t *data, size_t size)
{
	FILE *f = size ? fmemopen((void *)(uintptr_t)data, size, "r") : fopen("/dev/null", "r");

	must(f, "a file of bytes");
	aaglex_destroy();
	return f;
}

/* through the pipe between reader and lwctl nothing is lost */
static void send_and_receive(const struct graph *g, const struct diag *d)
{
	struct diag told = { 0 };
	struct graph back = { 0 };
	char *bytes = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&bytes, &len);

	must(f, "memory");
	graph_send(g, d, f);
	fclose(f);
	f = fuzz_file((const uint8_t *)bytes, len);
	must(graph_receive(&back, &told, f), "the pipe carries what the reader says");
	must(same_graph(g, &back) && told.count == d->count, "the pipe carries the same graph");
	fclose(f);
	free(bytes);
	graph_free(&back);
	diag_free(&told);
}

/* what is written in either language is the same graph */
static void write_and_read(const struct graph *g, bool (*write)(const struct graph *g, struct diag *d, FILE *to),
			   bool by_reader)
{
	struct diag d = { 0 };
	struct graph back = { 0 };
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);
	bool ok;

	must(f, "memory");
	ok = write(g, &d, f);
	fclose(f);
	if (ok) {
		f = fuzz_file((const uint8_t *)text, len);
		read_stream(&back, &d, f, GRAPH_UNKNOWN);
		if (by_reader && d.errors)
			diag_print(&d, stderr);
		must(!by_reader || !d.errors, "what convert writes can be read");
		must(!by_reader || same_graph(g, &back), "what convert writes is the same graph");
		fclose(f);
	}
	free(text);
	graph_free(&back);
	diag_free(&d);
}

/**
 * fuzz_graph() - do all with a graph that can be done without a kernel
 * @g: the graph; freed
 * @d: what was wrong with it; freed
 * @by_reader: it is as readers make them: attributes in order, each once, none of them empty
 */
void fuzz_graph(struct graph *g, struct diag *d, bool by_reader)
{
	struct topo_state want = { 0 }, live = { 0 };
	struct plan plan = { 0 };

	for (size_t i = 0; i < g->edges; i++)
		must(g->edge[i].tail < g->nodes && g->edge[i].head < g->nodes, "ends of edges are nodes");
	if (!d->errors) {
		send_and_receive(g, d);
		write_and_read(g, write_dot, by_reader);
		write_and_read(g, write_graphml, by_reader);
		resolve(&want, g, "net", d);
		assign_addresses(&want, NULL, d);
		if (!d->errors)
			compare(&plan, &want, &live);
	}
	plan_free(&plan);
	state_free(&want);
	state_free(&live);
	graph_free(g);
	diag_free(d);
}
