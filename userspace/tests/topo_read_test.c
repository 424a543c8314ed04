// SPDX-License-Identifier: MIT
/*
 * DOT as people write it, and as they break it.
 */
#include "tests/topo_fixture.h"
#include "topology/attrs.h"

static const char *edge_at(struct arena *mem, const struct graph *g, size_t i)
{
	return graph_edge_name(mem, g, &g->edge[i]);
}

static void what_is_written(void **state)
{
	struct arena mem = { 0 };
	struct graph g = { 0 };
	struct diag d = { 0 };

	(void)state;
	assert_true(read_text(&g, &d,
		"graph \"my net\" {\n"
		"  node [shape=box, lw_netns=n]; edge [lw_mtu=1400]\n"
		"  \"leaf 1\":\"swp51\" -- spine1:swp1:ne [color=red]\n"
		"  a -- b -- c:n [lw_mtu=9000]\n"
		"  subgraph cluster_x { edge [lw_cipher=\"aes-128-gcm\"]; c -- {d \"e\"} }\n"
		"  a -- b; a -- a\n"
		"  b [lw_netns=\"\"] /* none */ // nor this\n"
		"  \"con\" + \"cat\";\n"
		"}\n"));
	assert_int_equal(d.count, 0);
	assert_string_equal(g.name, "my net");
	assert_int_equal(g.nodes, 8);
	assert_int_equal(g.edges, 7);
	assert_string_equal(edge_at(&mem, &g, 0), "leaf 1:swp51 -- spine1:swp1");
	assert_string_equal(edge_at(&mem, &g, 1), "a -- b");
	assert_string_equal(edge_at(&mem, &g, 2), "b -- c");	/* n: where to draw it */
	assert_string_equal(edge_at(&mem, &g, 3), "c -- d");
	assert_string_equal(edge_at(&mem, &g, 6), "a -- a");
	assert_string_equal(attr_get(g.edge[0].attrs, "lw_mtu"), "1400");
	assert_null(attr_get(g.edge[0].attrs, "color"));
	assert_string_equal(attr_get(g.edge[1].attrs, "lw_mtu"), "9000");
	assert_string_equal(attr_get(g.edge[3].attrs, "lw_cipher"), "aes-128-gcm");
	assert_null(attr_get(g.edge[5].attrs, "lw_cipher"));
	assert_string_equal(attr_get(g.node[0].attrs, "lw_netns"), "n");
	assert_null(attr_get(g.node[3].attrs, "lw_netns"));
	assert_string_equal(g.node[7].name, "concat");
	assert_int_equal(g.edge[0].line, 3);
	assert_int_equal(g.edge[2].line, 4);
	assert_int_equal(g.edge[6].line, 6);
	assert_int_equal(g.node[7].line, 8);
	graph_free(&g);
	diag_free(&d);
	arena_free(&mem);
}

static void directed_and_strict(void **state)
{
	struct graph g = { 0 };
	struct diag d = { 0 };

	(void)state;
	assert_true(read_text(&g, &d, "digraph { a -> b; b -> a; a -> a }"));
	assert_int_equal(g.edges, 3);
	assert_true(g.directed);
	assert_null(g.name);
	graph_free(&g);
	assert_true(read_text(&g, &d, "strict graph s { a -- b; b -- a }"));
	assert_int_equal(g.edges, 2);	/* merging is the resolver's, who says so */
	assert_true(g.strict);
	graph_free(&g);
	diag_free(&d);
}

static void refused(void **state)
{
	static const struct bad_text cases[] = {
		{ "", "there is no graph in it", 0 },
		{ "# nothing\n", "there is no graph in it", 0 },
		{ "graph {\n a -- \n}", "syntax error near '}'", 3 },
		{ "graph {\n a\n", "syntax error", 3 },
		{ "graph { a -> b }", "syntax error", 1 },
		{ "digraph {\n\n a -- b }", "syntax error", 3 },
		{ "graph { \"a }\n\n", "a quotation mark is missing", 1 },
		{ "graph {\n <b -- c }\n", "HTML", 3 },
		{ "graph {} graph {}", "more than one graph", 0 },
		{ "graph {}\ngraph the_end_of_the_file {}", "more than one graph", 0 },
		{ "graph {}\n<b", "that does not end", 0 },
		{ "graph {}\n/* b", "that does not end", 0 },
		{ "graph {}\n\"b", "that does not end", 0 },
		{ "graph {}\nleft over", "syntax error near 'left'", 2 },
		{ "graph { a -- b [key=k]\n a -- b [key=k] }", "key \"k\" is used twice", 2 },
		{ "graph { a\n a -- \"%1\" }", "a node's name cannot begin with %", 2 },
		{ "graph { subgraph s { lw_pool4=none; a } }", "lw_pool4 on subgraph \"s\"", 0 },
	};

	(void)state;
	all_refused(cases, sizeof(cases) / sizeof(*cases));
}

static void no_such_file(void **state)
{
	struct graph g = { 0 };
	struct diag d = { 0 };

	(void)state;
	assert_false(graph_read(&g, &d, "/nosuch.dot"));
	assert_true(told(&d, "No such file"));
	assert_false(graph_read(&g, &d, "/"));
	assert_true(told(&d, "Is a directory"));
	diag_free(&d);
}

/* what libcgraph recurses over must not take the stack down, nor anything the machine */
static void deep_and_long(void **state)
{
	static const struct {
		const char *before, *again, *between, *after;
		size_t times;
		bool ok;
	} cases[] = {
		{ "graph {", "{", "", "", 100000, false },
		{ "graph {", "subgraph {", "a", "}", 2000, false },
		{ "graph { a", " -- a", "", "}", 2000, true },
		{ "graph { a", " -- a", "", "}", 20000, false },
		{ "graph { a", "b", "", "}", 300000, true },
		{ "graph { a", "b", "", "}", 1 << 20, false },
		{ "graph { \"", "\\\n", "", "\" }", 50000, true },
		{ "graph { a [label=<", "<i>", "", ">] }", 50000, true },
		{ "graph { a [label=<", "<", "", ">] }", 50000, false },
		{ "graph { /*", "*", "", "*/ a }", 200000, true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		size_t len = strlen(cases[i].again), at = 0;
		char *text = calloc(1, cases[i].times * len + 100);
		struct graph g = { 0 };
		struct diag d = { 0 };

		assert_non_null(text);
		at += (size_t)sprintf(text, "%s", cases[i].before);
		for (size_t k = 0; k < cases[i].times; k++, at += len)
			memcpy(text + at, cases[i].again, len);
		sprintf(text + at, "%s%s", cases[i].between, cases[i].after);
		if (read_text(&g, &d, text) != cases[i].ok || told(&d, "the reader")) {
			print_told(&d);
			fail_msg("case %zu", i);
		}
		graph_free(&g);
		diag_free(&d);
		free(text);
	}
}

/* some bytes that ask for a hundred million edges: told at once, without their memory */
static void many_from_few(void **state)
{
	struct graph g = { 0 };
	struct diag d = { 0 };
	char *text = calloc(1, 1 << 20);
	size_t at;

	(void)state;
	assert_non_null(text);
	at = (size_t)sprintf(text, "graph {\nsubgraph s {");
	for (int i = 0; i < 3000; i++)
		at += (size_t)sprintf(text + at, " %d", i);
	at += (size_t)sprintf(text + at, "}\nsubgraph s {} -- subgraph s {}");
	for (int i = 0; i < 1000; i++)
		at += (size_t)sprintf(text + at, " -- subgraph s {}");
	sprintf(text + at, " }");
	assert_false(read_text(&g, &d, text));
	assert_int_equal(d.count, 1);
	assert_true(told(&d, "more than 1000000 edges"));
	graph_free(&g);
	diag_free(&d);
	free(text);
}

static void the_reference(void **state)
{
	struct graph g = { 0 };
	struct diag d = { 0 };
	size_t len, loops = 0;
	char *text = slurp_shared("dot/cumulus-reference.dot", &len);

	(void)state;
	if (!text)
		skip();
	assert_true(read_text(&g, &d, text));
	assert_string_equal(g.name, "vx");
	assert_int_equal(g.nodes, 16);
	assert_int_equal(g.edges, 59);
	for (size_t i = 0; i < g.edges; i++)
		loops += g.edge[i].tail == g.edge[i].head;
	assert_int_equal(loops, 12);
	assert_int_equal(g.edge[0].line, 19);
	assert_int_equal(g.edge[58].line, 85);
	graph_free(&g);
	free(text);

	text = slurp_shared("dot/cumulus-bad-quotes.dot", &len);
	assert_non_null(text);
	assert_false(read_text(&g, &d, text));
	assert_int_equal(d.entry[0].line, 7);
	assert_true(told(&d, "syntax error"));
	diag_free(&d);
	free(text);
}

static void what_is_told_is_a_line_whatever_the_file_is_called(void **state)
{
	struct diag d = { .file = "odd\n\033[31m.dot" };
	size_t len;
	char *text;
	FILE *to = open_memstream(&text, &len);

	(void)state;
	diag_error(&d, 3, "why");
	diag_note(&d, 0, "that");
	diag_print(&d, to);
	fclose(to);
	assert_string_equal(text, "lwctl: odd\\x0a\\x1b[31m.dot:3: why\nlwctl: odd\\x0a\\x1b[31m.dot: note: that\n");
	free(text);
	diag_free(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written),
		cmocka_unit_test(directed_and_strict),
		cmocka_unit_test(refused),
		cmocka_unit_test(no_such_file),
		cmocka_unit_test(deep_and_long),
		cmocka_unit_test(many_from_few),
		cmocka_unit_test(the_reference),
		cmocka_unit_test(what_is_told_is_a_line_whatever_the_file_is_called),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
