// SPDX-License-Identifier: MIT
/*
 * What is written in either language is what was read, and what cannot be written is refused.
 */
#include "tests/same_graph.h"
#include "tests/topo_fixture.h"
#include "topology/write.h"

#define NET "<graphml><key id='n' for='node' attr.name='lw_netns'><default>x</default></key>\n" \
	    "<key id='l' for='node' attr.name='label'/><key id='s' for='graph' attr.name='lw_strict'/>\n"

typedef bool write_fn(const struct graph *g, struct diag *d, FILE *to);

static char *written(const struct graph *g, write_fn *write)
{
	struct diag d = { 0 };
	char *text = NULL;
	size_t len;
	FILE *to = open_memstream(&text, &len);
	bool ok = write(g, &d, to);

	if (!ok)
		print_told(&d);
	assert_true(ok);
	assert_int_equal(fclose(to), 0);
	diag_free(&d);
	return text;
}

/* @g written by @write, and read again: the same; written once more: the same bytes */
static void there_and_back(const struct graph *g, write_fn *write)
{
	char *text = written(g, write), *again;
	struct graph back = { 0 };
	struct diag d = { 0 };

	if (!read_text(&back, &d, text) || !same_graph(g, &back)) {
		print_told(&d);
		fail_msg("read again it is not the same:\n%s", text);
	}
	again = written(&back, write);
	assert_string_equal(text, again);
	free(text);
	free(again);
	graph_free(&back);
	diag_free(&d);
}

static void both_ways(const char *text)
{
	struct graph g = { 0 };
	struct diag d = { 0 };

	if (!read_text(&g, &d, text)) {
		print_told(&d);
		fail_msg("%s", text);
	}
	there_and_back(&g, write_dot);
	there_and_back(&g, write_graphml);
	graph_free(&g);
	diag_free(&d);
}

static void nothing_is_lost(void **state)
{
	static const char *const texts[] = {
		"graph {}",
		"strict digraph \"a b\" { lw_pool4=none; lw_chain_x=\"a > b\"; a -> b; b -> a; a -> a [lw_id=1] }",
		"graph net { node [lw_netns=x]; edge [lw_mtu=1400, lw_hold=3]; a; b [lw_netns=y]; c [lw_netns=\"\"]\n"
		"a:swp1 -- b:\"Gleis 1/2\"; a -- b [lw_mtu=9000]; b -- c [lw_mtu=\"\", lw_cipher=\"aes-128-gcm\"] }",
		"graph { a [label=\"the first\\none\"]; b [label=\"\\\"\"]; \"\" -- \"node\"; <<i>x</i>> -- \"<b>\" -- \"a:b\" }",
		"graph { a -- 7 -- \"7b\" -- \"-1\" -- _x; \"Z\xc3\xbcrich & <Bern> 'x'\" -- \"a\tb\nc\r\"; \"two\\\\\" -- \"\\x\" }",
		"strict graph { node [lw_strict=x]; a [lw_strict=y]; a -- b [lw_strict=z] }",
		"graph { a:p:ne -- b:\"x:y\"; a:n -- b; a:\"\" -- b; \"swp1:n\":\"swp1:n\":s -- a:_ }",
		NET "<graph id='net' edgedefault='directed'><data key='s'>1</data><node id='a'><data key='l'>A</data></node>"
		"<node id='n'><data key='n'/></node><edge source='n' sourceport='n' target='a' targetport='w:_'/></graph></graphml>",
		NET "<graph><node id='a&#9;&#10;&#13; &lt;&quot;&gt;'/><node id=''/><node id='\\\\'/><node id='\xf0\x9f\x90\xa7'/>"
		"<hyperedge id='h'><endpoint node=''/><endpoint node='\\\\' port='p'/></hyperedge></graph></graphml>",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		both_ways(texts[i]);
}

static void as_people_would(void **state)
{
	struct graph g = { 0 };
	struct diag d = { 0 };
	char *text;

	(void)state;
	assert_true(read_text(&g, &d, "graph \"my net\" { node [lw_netns=x]; a:swp1 -- \"b c\" [lw_mtu=1400]; a [lw_netns=\"\"] }"));
	text = written(&g, write_dot);
	assert_string_equal(text,
		"graph \"my net\" {\n"
		"\tnode [lw_netns=x]\n"
		"\ta [lw_netns=\"\"]\n"
		"\t\"b c\"\n"
		"\ta:swp1 -- \"b c\" [lw_mtu=1400]\n"
		"}\n");
	free(text);
	text = written(&g, write_graphml);
	assert_string_equal(text,
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		"<graphml xmlns=\"http://graphml.graphdrawing.org/xmlns\">\n"
		"  <key id=\"d0\" for=\"node\" attr.name=\"lw_netns\" attr.type=\"string\"><default>x</default></key>\n"
		"  <key id=\"d1\" for=\"edge\" attr.name=\"lw_mtu\" attr.type=\"string\"/>\n"
		"  <graph id=\"my net\" edgedefault=\"undirected\">\n"
		"    <node id=\"a\">\n"
		"      <data key=\"d0\"></data>\n"
		"      <port name=\"swp1\"/>\n"
		"    </node>\n"
		"    <node id=\"b c\"/>\n"
		"    <edge source=\"a\" sourceport=\"swp1\" target=\"b c\">\n"
		"      <data key=\"d1\">1400</data>\n"
		"    </edge>\n"
		"  </graph>\n"
		"</graphml>\n");
	free(text);
	graph_free(&g);
	diag_free(&d);
}

static void refused(void **state)
{
	static const struct {
		write_fn *write;
		const char *text, *why;
		unsigned int line;
	} cases[] = {
		{ write_graphml, "graph {\n \"a\x01\" }", "its name cannot be written in GraphML: XML has no control characters", 2 },
		{ write_graphml, "graph { a\n b [label=\"\xc3\x28\"] }", "b: its label cannot be written in GraphML: it is no text", 2 },
		{ write_graphml, "graph { a\n a:\"\xff\" -- b }", "-- b: a port cannot be written", 2 },
		{ write_graphml, "graph { a -- b [lw_id=\"\xed\xa0\x80\"] }", "a -- b: lw_id cannot be written", 1 },
		{ write_graphml, "graph \"\xc0\xaf\" {}", "the graph: its name", 0 },
		{ write_graphml, "graph { edge [lw_id=\"\xef\xbf\xbf\"] }", "edges: lw_id", 0 },
		{ write_dot, "<graphml><graph>\n<node id='a\\'/></graph></graphml>", "its name cannot be written in DOT: a backslash", 2 },
		{ write_dot, "<graphml><graph><node id='a\\&quot;b'/></graph></graphml>", "a backslash before a quotation mark", 1 },
		{ write_dot, "<graphml><graph><node id='a\\\\\\&#10;b'/></graph></graphml>", "a backslash before", 1 },
		{ write_dot, "<graphml><graph>\n<node id='&#10;'/></graph></graphml>", "a line's end between", 2 },
		{ write_dot, "<graphml><graph>\n<node id='%1'/></graph></graphml>", "%1: its name cannot be written in DOT", 2 },
		{ write_dot, "<graphml><graph id='%x'/></graphml>", "the graph's name cannot be written in DOT", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct graph g = { 0 };
		struct diag d = { 0 };
		char *out = NULL;
		size_t len;
		FILE *to = open_memstream(&out, &len);

		assert_true(read_text(&g, &d, cases[i].text));
		if (cases[i].write(&g, &d, to) || !told(&d, cases[i].why) || d.entry[0].line != cases[i].line) {
			print_told(&d);
			fail_msg("case %zu: '%s'", i, cases[i].text);
		}
		fclose(to);
		assert_int_equal(len, 0);
		free(out);
		graph_free(&g);
		diag_free(&d);
	}
}

static uint64_t seed = 0x6c696e6b77697265ULL;

static uint32_t number(uint32_t below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)(seed >> 32) % below;
}

static const char *any_text(char *text)
{
	static const char *const pieces[] = {
		"\\", "\"", "\n", "\r", "\t", ":", "n", "_", "<", ">", "&", ";", "]]>", "--", "{", "#", "\xc3\xbc", "a", "7", " ",
	};

	*text = '\0';
	for (uint32_t n = number(6); n; n--)
		strcat(text, pieces[number(sizeof(pieces) / sizeof(*pieces))]);
	return text;
}

/* whatever stands in names, ports, labels and values: it comes back as it was, or is refused */
static void any_texts(void **state)
{
	size_t refusals = 0;

	(void)state;
	for (int i = 0; i < 150; i++) {
		struct diag d = { 0 };
		struct graph g = { 0 };
		char a[64], b[64], *out;
		size_t len;
		FILE *to = open_memstream(&out, &len);
		struct graph_edge *e;

		graph_set_name(&g, any_text(a));
		g.directed = number(2);
		do {
			any_text(a);
			any_text(b);
		} while (!strcmp(a, b));
		graph_set_label(&g, graph_add_node(&g, a, 1), any_text((char [64]){ 0 }));
		graph_set_label(&g, graph_add_node(&g, b, 2), any_text((char [64]){ 0 }));
		any_text(a);
		any_text(b);
		e = graph_add_edge(&g, 0, *a ? a : NULL, 1, *b ? b : NULL, 3);
		if (*any_text(a))
			graph_add_attr(&g, &e->attrs, "lw_id", a);
		if (*any_text(a))
			graph_add_attr(&g, &g.edge_defaults, "lw_id", a);
		there_and_back(&g, write_graphml);
		if (write_dot(&g, &d, to))
			there_and_back(&g, write_dot);
		else
			refusals++;
		fclose(to);
		free(out);
		graph_free(&g);
		diag_free(&d);
	}
	assert_in_range(refusals, 5, 100);
}

static void real_ones(void **state)
{
	static const char *const names[] = {
		"dot/cumulus-reference.dot", "dot/cumulus-3switch-circular.dot", "zoo/Abilene.graphml", "zoo/AttMpls.graphml",
		"zoo/Colt.graphml", "zoo/Geant2012.graphml", "zoo/Internet2.graphml", "zoo/Kdl.graphml", "zoo/Uninett2011.graphml",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		size_t len;
		char *text = slurp_shared(names[i], &len);

		if (!text)
			skip();
		both_ways(text);
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_lost),
		cmocka_unit_test(as_people_would),
		cmocka_unit_test(refused),
		cmocka_unit_test(any_texts),
		cmocka_unit_test(real_ones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
