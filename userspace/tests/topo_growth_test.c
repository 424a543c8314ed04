// SPDX-License-Identifier: MIT
/*
 * Work grows with the graph, not with its square: sixteen times the edges must not take more than a few times sixteen
 * times the processor's time. (A square would take 256 times; what a loaded machine adds is not the processor's time.)
 */
#include <time.h>

#include "tests/topo_fixture.h"

#define SMALL 2500
#define TIMES 16
#define AT_MOST (3 * TIMES)

typedef void make_fn(struct graph *g, size_t edges);

static void add_nodes(struct graph *g, size_t n, const char *kind)
{
	char name[32];

	for (size_t i = 0; i < n; i++) {
		snprintf(name, sizeof(name), "%s%zu", kind ?: "n", i);
		graph_add_node(g, name, 0);
		if (kind)
			graph_add_attr(g, &g->node[g->nodes - 1].attrs, "lw_kind", kind);
	}
}

/* four edges a node, all with ports */
static void cabling(struct graph *g, size_t edges)
{
	size_t n = edges / 4;

	add_nodes(g, n, NULL);
	for (size_t i = 0; i < edges; i++) {
		char tail[32], head[32];

		snprintf(tail, sizeof(tail), "p%zu", i);
		snprintf(head, sizeof(head), "q%zu", i);
		graph_add_edge(g, i % n, tail, (i * 7919 + 13) % n, head, 0);
	}
}

/* all of them between the same two nodes, without ports */
static void parallel(struct graph *g, size_t edges)
{
	add_nodes(g, 2, NULL);
	for (size_t i = 0; i < edges; i++)
		graph_add_edge(g, 0, NULL, 1, NULL, 0);
}

/* as many segments as there are nodes, each of four */
static void segments(struct graph *g, size_t edges)
{
	size_t n = edges / 4;

	add_nodes(g, n, NULL);
	add_nodes(g, n, "bridge");
	for (size_t i = 0; i < edges; i++)
		graph_add_edge(g, (i * 7919 + i / n) % n, NULL, n + i % n, NULL, 0);
}

/* one that everybody is in */
static void one_segment(struct graph *g, size_t edges)
{
	add_nodes(g, edges, NULL);
	add_nodes(g, 1, "bridge");
	for (size_t i = 0; i < edges; i++)
		graph_add_edge(g, i, NULL, edges, NULL, 0);
}

/* nodes with prefixes, endpoints, too many links and floors that nobody can keep */
static void conflicting(struct graph *g, size_t edges)
{
	cabling(g, edges);
	for (size_t i = 0; i < g->nodes; i++) {
		char text[64];

		snprintf(text, sizeof(text), "10.%zu.%zu.0/24, 10.%zu.0.0/16", i / 256 % 256, i % 256, i / 256 % 256);
		graph_add_attr(g, &g->node[i].attrs, "lw_prefix", text);
		graph_add_attr(g, &g->node[i].attrs, "lw_endpoint", "10.1.2.3");
		graph_add_attr(g, &g->node[i].attrs, "lw_max_links", "1");
	}
	for (size_t i = 0; i < edges; i++)
		graph_add_attr(g, &g->edge[i].attrs, "lw_floor", "1mbit");
}

/* from a graph to a plan, twice: from nothing, and from what would be live then */
static double seconds(make_fn *make, size_t edges)
{
	struct topo_state want = { 0 }, live = { 0 }, none = { 0 };
	struct plan first = { 0 }, second = { 0 };
	struct timespec from, to;
	struct graph g = { 0 };
	struct diag d = { 0 };

	make(&g, edges);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &from);
	resolve(&live, &g, "net", &d);
	assign_addresses(&live, NULL, &d);
	compare(&first, &live, &none);
	make_live(&live);
	resolve(&want, &g, "net", &d);
	assign_addresses(&want, &live, &d);
	compare(&second, &want, &live);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &to);
	assert_true(first.steps >= edges);
	if (!d.errors)
		assert_int_equal(second.steps, 0);
	plan_free(&first);
	plan_free(&second);
	state_free(&want);
	state_free(&live);
	graph_free(&g);
	diag_free(&d);
	return (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9;
}

static void grows(make_fn *make)
{
	double small = seconds(make, SMALL), large = seconds(make, TIMES * SMALL);

	if (large > AT_MOST * small)
		fail_msg("%d edges take %.3f s, %d take %.3f s", SMALL, small, TIMES * SMALL, large);
}

static void growth_of_cabling(void **state)
{
	(void)state;
	grows(cabling);
}

static void growth_of_parallel_edges(void **state)
{
	(void)state;
	grows(parallel);
}

static void growth_of_segments(void **state)
{
	(void)state;
	grows(segments);
	grows(one_segment);
}

static void growth_of_conflicts(void **state)
{
	(void)state;
	grows(conflicting);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(growth_of_cabling),
		cmocka_unit_test(growth_of_parallel_edges),
		cmocka_unit_test(growth_of_segments),
		cmocka_unit_test(growth_of_conflicts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
