// SPDX-License-Identifier: MIT
/*
 * GraphML as people and programs write it, and as they break it.
 */
#include <dirent.h>

#include "tests/topo_fixture.h"
#include "topology/attrs.h"

#define HEAD "<?xml version='1.0'?>\n<graphml xmlns='http://graphml.graphdrawing.org/xmlns'>\n"
#define KEYS "<key id='m' for='edge' attr.name='lw_mtu'/><key id='n' for='node' attr.name='lw_netns'/>\n"
#define AB "<node id='a'/><node id='b'/>"
#define TAIL "</graph></graphml>\n"
#define EDGES "<graph edgedefault='undirected'>"

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
	assert_true(read_text(&g, &d, HEAD
		"<!-- comment --><key id='d0' for='edge' attr.name='lw_mtu' attr.type='int'>\n"
		"  <desc>of the wire</desc><default>1400</default></key>\n"
		"<key id='d1' for='node' attr.name='label'/><key id='d2' for='all' attr.name='color'/>\n"
		"<key id='d3' for='graph' attr.name='lw_pool4'/><key id='d4' for='node' attr.name='lw_netns'>\n"
		"  <default>n</default></key><key id='d5' for='edge' attr.name='lw_cipher'/>\n"
		"<graph id='my net' edgedefault='directed' parse.nodes='3'><data key='d3'>10.0.0.0/16</data>\n"
		"<edge source='leaf 1' sourceport='swp51' target='n2' targetport='swp1'/>\n"
		"<node id='leaf 1'><data key='d1'>Z&#xfc;rich &amp; <![CDATA[<co>]]></data><port name='swp51'/></node>\n"
		"<node id='n2'><data key='d2'>red</data><data key='d4'></data></node>\n"
		"<node id='&#x43c;&#x438;&#x440;'><desc>world</desc></node>\n"
		"<edge source='n2' target='n2' directed='false'><data key='d0'>9000</data><data key='d2'>x</data></edge>\n"
		"<edge source='n2' target='leaf 1'><data key='d5'>aes-128-gcm</data><data key='d0'/></edge>\n"
		TAIL));
	assert_int_equal(d.count, 0);
	assert_string_equal(g.name, "my net");
	assert_true(g.directed);
	assert_false(g.strict);
	assert_string_equal(attr_get(g.attrs, "lw_pool4"), "10.0.0.0/16");
	assert_string_equal(attr_get(g.edge_defaults, "lw_mtu"), "1400");
	assert_string_equal(attr_get(g.node_defaults, "lw_netns"), "n");
	assert_int_equal(g.nodes, 3);
	assert_string_equal(g.node[0].name, "leaf 1");
	assert_string_equal(g.node[0].label, "Z\xc3\xbcrich & <co>");
	assert_string_equal(attr_get(g.node[0].attrs, "lw_netns"), "n");
	assert_null(attr_get(g.node[1].attrs, "lw_netns"));
	assert_string_equal(g.node[2].name, "\xd0\xbc\xd0\xb8\xd1\x80");
	assert_null(g.node[2].label);
	assert_int_equal(g.edges, 3);
	assert_string_equal(edge_at(&mem, &g, 0), "leaf 1:swp51 -- n2:swp1");
	assert_string_equal(edge_at(&mem, &g, 1), "n2 -- n2");
	assert_string_equal(edge_at(&mem, &g, 2), "n2 -- leaf 1");
	assert_string_equal(attr_get(g.edge[0].attrs, "lw_mtu"), "1400");
	assert_string_equal(attr_get(g.edge[1].attrs, "lw_mtu"), "9000");
	assert_null(attr_get(g.edge[2].attrs, "lw_mtu"));
	assert_string_equal(attr_get(g.edge[2].attrs, "lw_cipher"), "aes-128-gcm");
	assert_null(attr_get(g.edge[0].attrs, "color"));
	assert_int_equal(g.edge[0].line, 9);
	assert_int_equal(g.node[0].line, 10);
	assert_int_equal(g.edge[2].line, 14);
	graph_free(&g);
	diag_free(&d);
	arena_free(&mem);
}

static void spellings(void **state)
{
	static const char *const same[] = {
		"<graphml><graph>" AB "<edge source='a' target='b'/></graph></graphml>",
		"\n\n  " HEAD "<graph edgedefault='directed' id=''>" AB "<edge source='a' target='b'/>" TAIL,
		"\xef\xbb\xbf<graphml><graph id='G'>" AB "<edge source='a' target='b' id='e'/></graph></graphml>",
		"<g:graphml xmlns:g='http://graphml.graphdrawing.org/xmlns' xmlns='urn:other'><g:graph edgedefault='directed'>"
		"<node id='c'/><g:node id='a'/><g:node id='b'/><g:edge source='a' target='b'/></g:graph></g:graphml>",
		"<!DOCTYPE graphml SYSTEM 'http://graphml.graphdrawing.org/dtds/1.0rc/graphml.dtd'>\n"
		"<graphml><graph>" AB "<edge source='a' target='b'/></graph></graphml>",
		"<graphml xmlns:y='urn:y'><key id='d6' for='node' yfiles.type='nodegraphics'/><graph><node id='a'>"
		"<data key='d6'><y:ShapeNode><y:Fill color='#1'/></y:ShapeNode></data></node><node id='b'/>"
		"<edge source='a' target='b'/></graph><data key='d6'/></graphml>",
		"<?xml version='1.0' encoding='iso-8859-1'?><graphml><graph>" AB "<edge source='a' target='b'/></graph></graphml>",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(same) / sizeof(*same); i++) {
		struct graph g = { 0 };
		struct diag d = { 0 };

		if (!read_text(&g, &d, same[i]) || d.count || g.name || g.nodes != 2 || g.edges != 1 ||
		    strcmp(g.node[0].name, "a") || g.edge[0].tail != 0 || g.edge[0].head != 1) {
			print_told(&d);
			fail_msg("spelling %zu", i);
		}
		graph_free(&g);
		diag_free(&d);
	}
}

/* what GraphML has and a topology has not */
static void compiled(void **state)
{
	struct arena mem = { 0 };
	struct graph g = { 0 };
	struct diag d = { 0 };

	(void)state;
	assert_true(read_text(&g, &d, HEAD KEYS
		"<key id='h' for='hyperedge' attr.name='lw_mtu'/><key id='s' for='graph' attr.name='lw_strict'/>\n"
		"<key id='y' for='node' attr.name='hyperedge'/><key id='l' for='edge' attr.name='lw_hold'><default>5</default>"
		"</key>" EDGES "<data key='s'>true</data>\n"
		"<node id='a'><port name='p'><port name='q'/></port><graph edgedefault='undirected'><node id='c'/>\n"
		"<edge source='c' target='b'/></graph></node><node id='b'><data key='y'>1</data></node>\n"
		"<hyperedge id='lan'><data key='h'>1300</data><endpoint node='a' port='p'/><endpoint node='b'/>\n"
		"<endpoint node='c' type='in'/></hyperedge>" TAIL));
	assert_true(g.strict);
	assert_int_equal(g.nodes, 4);
	assert_string_equal(g.node[1].name, "c");
	assert_string_equal(g.node[3].name, "lan");
	assert_string_equal(attr_get(g.node[3].attrs, "lw_kind"), "bridge");
	assert_int_equal(g.edges, 4);
	assert_string_equal(edge_at(&mem, &g, 0), "c -- b");
	assert_string_equal(edge_at(&mem, &g, 1), "a:p -- lan");
	assert_string_equal(edge_at(&mem, &g, 3), "c -- lan");
	assert_null(attr_get(g.edge[0].attrs, "lw_mtu"));
	assert_string_equal(attr_get(g.edge[2].attrs, "lw_mtu"), "1300");
	assert_string_equal(attr_get(g.edge[2].attrs, "lw_hold"), "5");
	assert_int_equal(d.count, 3);
	assert_true(told(&d, "port q of node a: no edge leads to it"));
	assert_true(told(&d, "1 graph inside nodes: what is in them stands beside them"));
	assert_true(told(&d, "1 node marked as hyperedge"));
	graph_free(&g);
	diag_free(&d);
	arena_free(&mem);
}

static void refused(void **state)
{
	static const struct bad_text cases[] = {
		{ "<graphml/>", "there is no graph in it", 0 },
		{ "<html><body/></html>", "<html>: this is no GraphML", 1 },
		{ "<graphml xmlns='urn:other'/>", "<graphml>: this is no GraphML", 1 },
		{ "<graphml>\n<graph>\n<node id='a'>\n</graph></graphml>", "XML: mismatched tag", 4 },
		{ "<graphml><graph>", "XML: no element found", 1 },
		{ "<graphml><graph/>\n<graph/></graphml>", "more than one graph", 2 },
		{ "<graphml><graph/></graphml>\n<graphml/>", "XML: junk after document element", 2 },
		{ "<graphml><graph edgedefault='both'/></graphml>", "edgedefault \"both\"", 1 },
		{ HEAD EDGES "\n<node/>" TAIL, "<node> without id", 4 },
		{ HEAD EDGES AB "\n<node id='a'/>" TAIL, "node a is there twice, first in line 3", 4 },
		{ HEAD EDGES AB "\n<edge source='a'/>" TAIL, "<edge> without target", 4 },
		{ HEAD EDGES AB "\n<edge source='a' target='c'/>" TAIL, "a -- c: there is no node c", 4 },
		{ HEAD EDGES "<node id='a'><port name='p'/></node>\n<edge source='a' sourceport='q' target='a'/>" TAIL,
		  "node a has ports, but none called q", 4 },
		{ HEAD EDGES "<node id='a'><port name='p'/>\n<port name='p'/></node>" TAIL,
		  "port p of node a is there twice, first in line 3", 4 },
		{ HEAD EDGES "<node id='a'><port/></node>" TAIL, "<port> without name", 3 },
		{ HEAD EDGES AB "<hyperedge id='h'><endpoint node='a'/></hyperedge>" TAIL,
		  "hyperedge h joins fewer than two nodes", 3 },
		{ HEAD EDGES AB "<hyperedge id='a'><endpoint node='a'/><endpoint node='b'/></hyperedge>" TAIL,
		  "node a is there twice", 3 },
		{ HEAD EDGES AB "<hyperedge><endpoint node='a'/><endpoint node='b'/></hyperedge>" TAIL,
		  "<hyperedge> without id", 3 },
		{ HEAD EDGES AB "<hyperedge id='h'><endpoint node='a'/>\n<endpoint node='x'/></hyperedge>" TAIL,
		  "x -- h: there is no node x", 4 },
		{ HEAD EDGES "<node id='a'>\n<locator href='b.graphml'/></node>" TAIL, "nothing is fetched", 4 },
		{ HEAD EDGES AB "<edge source='a' target='b'>\n<graph/></edge>" TAIL, "a graph in an edge", 4 },
		{ HEAD EDGES "<vertex id='a'/>" TAIL, "<vertex> in <graph>: that is no GraphML", 3 },
		{ HEAD EDGES "<port name='a'/>" TAIL, "<port> in <graph>: that is no GraphML", 3 },
		{ HEAD EDGES "<data key='x'>1</data>" TAIL, "data on the graph by key \"x\", which is declared nowhere", 3 },
		{ HEAD EDGES "<data>1</data>" TAIL, "<data> without key", 3 },
		{ HEAD "<key for='edge'/>" EDGES TAIL, "a key without an id", 3 },
		{ HEAD "<key id='lw_mtu' for='edge'/>" EDGES TAIL, "key \"lw_mtu\" has no attr.name", 3 },
		{ HEAD KEYS "<key id='m' for='node' attr.name='x'/>" EDGES TAIL,
		  "key \"m\" is declared twice, first in line 3", 4 },
		{ HEAD "<key id='m' for='wire' attr.name='x'/>" EDGES TAIL, "is for \"wire\"", 3 },
		{ HEAD KEYS "<key id='o' for='edge' attr.name='lw_mtu'><default>1</default></key>"
		  "<key id='p' for='edge' attr.name='lw_mtu'><default>2</default></key>" EDGES TAIL, "lw_mtu has two defaults", 4 },
		{ HEAD "<key id='o' for='port' attr.name='lw_mtu'><default>1</default></key>" EDGES TAIL, "lw_mtu on every port", 3 },
		{ HEAD KEYS EDGES "<node id='a'>\n<data key='m'>1</data></node>" TAIL, "lw_mtu on node a: its key \"m\" is for \"edge\"", 5 },
		{ HEAD KEYS EDGES AB "<edge source='a' target='b'><data key='m'>1</data>\n<data key='m'>2</data></edge>" TAIL,
		  "lw_mtu on a -- b is given twice", 5 },
		{ HEAD KEYS EDGES AB "<edge source='a' target='b'><data key='m'><b>1</b></data></edge>" TAIL,
		  "<b> in the value of lw_mtu", 4 },
		{ HEAD EDGES AB "<edge source='a' target='b' lw_mtu='1'/>" TAIL, "lw_mtu in the tag <edge>", 3 },
		{ HEAD "<key id='p' for='all' attr.name='lw_mtu'/>" EDGES "<node id='a'><port name='q'><data key='p'>1</data></port>"
		  "</node>" TAIL, "lw_mtu on <port>: it has no meaning there", 3 },
		{ HEAD "<key id='g' for='graph' attr.name='lw_pool4'/>" EDGES "<node id='a'><graph><data key='g'>none</data></graph>"
		  "</node>" TAIL, "lw_pool4 on a graph inside another", 3 },
		{ HEAD "<key id='g' for='graph' attr.name='lw_strict'/>" EDGES "<data key='g'>maybe</data>" TAIL,
		  "lw_strict \"maybe\" is neither true nor false", 3 },
		{ "<!DOCTYPE graphml [\n<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;'>]>\n<graphml><graph id='&b;'/></graphml>",
		  "entities or a document type of its own", 1 },
		{ "<!DOCTYPE graphml SYSTEM 'file:///etc/passwd'>\n<graphml><graph><desc>&x;</desc></graph></graphml>",
		  "&x; stands for something outside of the file", 2 },
		{ "<?xml version='1.0' encoding='ebcdic-x'?><graphml/>", "XML: unknown encoding", 1 },
		{ HEAD EDGES "\n\n<node id='\xc3\x28'/>" TAIL, "XML: not well-formed", 5 },
		{ HEAD EDGES "<node id='a\x01'/>" TAIL, "XML: not well-formed", 3 },
		{ "\xff\xfe<", "XML:", 1 },
	};

	(void)state;
	all_refused(cases, sizeof(cases) / sizeof(*cases));
}

/* every conflict at once, but not without end */
static void all_that_is_wrong(void **state)
{
	char *text = calloc(1, 1 << 16);
	struct graph g = { 0 };
	struct diag d = { 0 };
	size_t at;

	(void)state;
	assert_non_null(text);
	at = (size_t)sprintf(text, HEAD EDGES);
	for (int i = 0; i < 1000; i++)
		at += (size_t)sprintf(text + at, "<edge source='x%d' target='y'/>\n", i);
	sprintf(text + at, TAIL);
	assert_false(read_text(&g, &d, text));
	assert_in_range(d.errors, 100, 102);
	assert_true(told(&d, "x49 -- y: there is no node x49"));
	assert_true(told(&d, "so much is wrong"));
	graph_free(&g);
	diag_free(&d);
	free(text);
}

static void deep_and_long(void **state)
{
	static const struct {
		const char *before, *again, *after;
		size_t times;
		bool ok;
	} cases[] = {
		{ "<graphml><graph>", "<node id='a'><graph>", "", 100000, false },
		{ "<graphml xmlns:y='urn:y'>", "<y:a>", "", 100000, false },
		{ "<graphml><graph><node id='", "a", "'/></graph></graphml>", 100000, true },
		{ "<graphml><graph><node id='", "a", "'/></graph></graphml>", 3000000, false },
		{ "<graphml><!--", "-  ", "--><graph/></graphml>", 1000000, false },
		{ "<graphml><graph><desc>", "many words ", "</desc></graph></graphml>", 300000, true },
		{ "<graphml><key id='k' for='graph' attr.name='lw_pool4'/><graph><data key='k'>", "many words ",
		  "</data></graph></graphml>", 300000, false },
		{ "<graphml><graph><node id='a'/>", "<edge source='a' target='a'/>\n", "</graph></graphml>", 30000, true },
		{ "<graphml>", "<desc/>", "<graph/></graphml>", 100000, true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		size_t len = strlen(cases[i].again), at = 0;
		char *text = calloc(1, cases[i].times * len + 200);
		struct graph g = { 0 };
		struct diag d = { 0 };

		assert_non_null(text);
		at += (size_t)sprintf(text, "%s", cases[i].before);
		for (size_t k = 0; k < cases[i].times; k++, at += len)
			memcpy(text + at, cases[i].again, len);
		sprintf(text + at, "%s", cases[i].after);
		if (read_text(&g, &d, text) != cases[i].ok || told(&d, "the reader")) {
			print_told(&d);
			fail_msg("case %zu", i);
		}
		graph_free(&g);
		diag_free(&d);
		free(text);
	}
}

static size_t times(const char *text, const char *what)
{
	size_t n = 0;

	while ((text = strstr(text, what)) != NULL) {
		text += strlen(what);
		n++;
	}
	return n;
}

/* the Internet Topology Zoo: nothing of it is lost, and all of it can be made */
static void the_zoo(void **state)
{
	const char *srcdir = getenv("SRCDIR");
	char path[512];
	struct dirent *e;
	size_t files = 0;
	DIR *dir;

	(void)state;
	snprintf(path, sizeof(path), "%s/../../shared/data/zoo", srcdir ? srcdir : ".");
	dir = opendir(path);
	if (!dir) {
		print_message("no %s here\n", path);
		skip();
	}
	while ((e = readdir(dir)) != NULL) {
		struct topo_state want = { 0 };
		struct graph g = { 0 };
		struct diag d = { 0 };
		char name[300];
		size_t len;
		char *text;

		if (!strstr(e->d_name, ".graphml"))
			continue;
		snprintf(name, sizeof(name), "zoo/%s", e->d_name);
		text = slurp_shared(name, &len);
		assert_non_null(text);
		assert_true(read_text(&g, &d, text));
		assert_int_equal(g.nodes, times(text, "<node "));
		assert_int_equal(g.edges, times(text, "<edge "));
		resolve(&want, &g, "zoo", &d);
		assign_addresses(&want, NULL, &d);
		if (d.errors) {
			print_told(&d);
			fail_msg("%s", name);
		}
		assert_int_equal(want.wires, g.edges);
		state_free(&want);
		graph_free(&g);
		diag_free(&d);
		free(text);
		files++;
	}
	closedir(dir);
	assert_true(files >= 20);
}

/* the same graph, the same identities, interfaces and addresses */
static void same_as_in_dot(void **state)
{
	static const char dot[] =
		"digraph net { lw_pool4=\"10.0.0.0/16\"; node [lw_netns=\"\"]; edge [lw_mtu=1400];\n"
		"a; \"Z\xc3\xbcrich HB\"; c [label=Chur];\n"
		"a:swp1 -> \"Z\xc3\xbcrich HB\":\"Gleis 1/2\"; a -> c; a -> c [lw_mtu=9000]; c -> c }";
	static const char graphml[] = HEAD
		"<key id='m' for='edge' attr.name='lw_mtu'><default>1400</default></key>\n"
		"<key id='p' for='graph' attr.name='lw_pool4'/><key id='l' for='node' attr.name='label'/>\n"
		"<graph id='net' edgedefault='directed'><edge source='a' sourceport='swp1' target='Z\xc3\xbcrich HB'\n"
		"targetport='Gleis 1/2'/><edge source='a' target='c'/><edge source='a' target='c'><data key='m'>9000</data>\n"
		"</edge><edge source='c' target='c'/><data key='p'>10.0.0.0/16</data>\n"
		"<node id='a'/><node id='Z\xc3\xbcrich HB'/><node id='c'><data key='l'>Chur</data></node>" TAIL;
	struct topo_state one = { 0 }, other = { 0 };

	(void)state;
	want_text(&one, dot, NULL);
	want_text(&other, graphml, NULL);
	assert_string_equal(one.name, other.name);
	assert_int_equal(one.nodes, other.nodes);
	assert_int_equal(one.wires, 4);
	assert_int_equal(one.wires, other.wires);
	for (size_t i = 0; i < one.nodes; i++)
		assert_string_equal(one.node[i].name, other.node[i].name);
	for (size_t i = 0; i < one.wires; i++) {
		assert_string_equal(one.wire[i].key, other.wire[i].key);
		assert_int_equal(one.wire[i].mtu, other.wire[i].mtu);
		for (int k = 0; k < 2; k++) {
			assert_string_equal(one.wire[i].end[k].ifname, other.wire[i].end[k].ifname);
			assert_string_equal(addresses(&one.wire[i].end[k]), addresses(&other.wire[i].end[k]));
		}
	}
	state_free(&one);
	state_free(&other);
}

static void labels(void **state)
{
	struct graph g = { 0 };
	struct diag d = { 0 };

	(void)state;
	assert_true(read_text(&g, &d, 
		"graph { node [label=all]; a; b [label=\"\\N\"]; c [label=<<b>x</b>>]; d [label=d]; e [label=\"\"] }"));
	assert_string_equal(g.node[0].label, "all");
	for (size_t i = 1; i < 5; i++)
		assert_null(g.node[i].label);
	graph_free(&g);
	diag_free(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written),
		cmocka_unit_test(spellings),
		cmocka_unit_test(compiled),
		cmocka_unit_test(refused),
		cmocka_unit_test(all_that_is_wrong),
		cmocka_unit_test(deep_and_long),
		cmocka_unit_test(the_zoo),
		cmocka_unit_test(same_as_in_dot),
		cmocka_unit_test(labels),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
