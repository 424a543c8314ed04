// SPDX-License-Identifier: MIT
/*
 * Names in a graph to names of namespaces and interfaces: legal, short enough, and never two to one.
 */
#include <net/if.h>

#include "tests/topo_fixture.h"
#include "topology/names.h"

static void namespaces(void **state)
{
	struct arena mem = { 0 };

	(void)state;
	assert_string_equal(name_netns(&mem, name_graph(&mem, "vx"), "leaf01"), "vx.leaf01");
	assert_string_equal(name_underlay(&mem, "vx", "leaf01"), "vx.leaf01+underlay");
	assert_string_equal(name_fabric(&mem, "vx"), "vx+fabric");
	assert_string_equal(name_graph(&mem, "a.b c"), "a%2eb%20c");
	assert_string_equal(name_graph(&mem, ""), "%");
	assert_string_equal(name_netns(&mem, "g", "a.b/c"), "g.a.b%2fc");
	assert_string_equal(name_netns(&mem, "g", ".."), "g...");
	assert_string_equal(name_netns(&mem, "g", "x+underlay"), "g.x%2bunderlay");
	assert_string_equal(name_netns(&mem, "g", "Z\xc3\xbcrich%"), "g.Z%c3%bcrich%25");
	arena_free(&mem);
}

static void long_namespaces(void **state)
{
	struct arena mem = { 0 };
	char a[300], b[300];

	(void)state;
	memset(a, 'x', sizeof(a));
	a[299] = '\0';
	memcpy(b, a, sizeof(a));
	b[298] = 'y';
	assert_true(strlen(name_graph(&mem, a)) <= NAME_GRAPH_MAX);
	assert_string_not_equal(name_graph(&mem, a), name_graph(&mem, b));
	assert_true(strlen(name_underlay(&mem, name_graph(&mem, a), b)) < 255);
	assert_string_not_equal(name_netns(&mem, "g", a), name_netns(&mem, "g", b));
	arena_free(&mem);
}

static void back_to_the_node(void **state)
{
	static const char *const names[] = { "a", "a.b", "", "Z\xc3\xbcrich", "%41", "x+underlay", "a b", "/" };
	struct arena mem = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		assert_string_equal(name_of_underlay(&mem, "g", name_underlay(&mem, "g", names[i])), names[i]);
	assert_null(name_of_underlay(&mem, "g", "g.a"));
	assert_null(name_of_underlay(&mem, "g", "g+fabric"));
	assert_null(name_of_underlay(&mem, "g", "gg.a+underlay"));
	assert_null(name_of_underlay(&mem, "g", "g2.a+underlay"));
	assert_null(name_of_underlay(&mem, "g", "+underlay"));
	arena_free(&mem);
}

static void interfaces(void **state)
{
	static const char *const odd[] = {
		"", ".", "..", "lo", "all", "default", "a/b", "a:b", "a b", "%d", "*", "eth*", "@denied4",
		"eth0\n", "sixteen-bytes-xx", "~", "\xc3\xa0", "an interface with a long name", "an interface with a long nane",
	};
	struct arena mem = { 0 };
	struct strmap seen = { 0 };

	(void)state;
	assert_string_equal(name_ifname(&mem, "swp51"), "swp51");
	assert_string_equal(name_ifname(&mem, "fifteen-bytes-x"), "fifteen-bytes-x");
	assert_string_equal(name_ifname(&mem, "{a}"), "{a}");
	for (size_t i = 0; i < sizeof(odd) / sizeof(*odd); i++) {
		const char *name = name_ifname(&mem, odd[i]);

		assert_false(name_ifname_legal(odd[i]));
		assert_true(strlen(name) < IFNAMSIZ);
		assert_non_null(strchr(name, '~'));
		assert_null(strpbrk(name, "/:%*@ \n"));
		/* names that people choose have no ~ in them, so none of these meets one */
		assert_true(strmap_add(&seen, name, i, NULL));
	}
	/* what was printed once stays: people write it into their scripts */
	assert_string_equal(name_ifname(&mem, "Gleis 1/2"), name_ifname(&mem, "Gleis 1/2"));
	strmap_free(&seen);
	arena_free(&mem);
}

static void ends_without_a_port(void **state)
{
	struct arena mem = { 0 };

	(void)state;
	assert_string_equal(name_ifname_towards(&mem, "paris", 1), "paris");
	assert_string_equal(name_ifname_towards(&mem, "paris", 2), "paris~2");
	assert_string_equal(name_ifname_towards(&mem, "fifteen-bytes-x", 1), "fifteen-bytes-x");
	assert_true(strlen(name_ifname_towards(&mem, "fifteen-bytes-x", 2)) < IFNAMSIZ);
	assert_string_not_equal(name_ifname_towards(&mem, "fifteen-bytes-x", 2),
				name_ifname_towards(&mem, "fifteen-bytes-x", 3));
	assert_true(name_ifname_legal(name_ifname_towards(&mem, "paris", 1)));
	arena_free(&mem);
}

/* the label that a wire is known by, and names made by the hash, must not change from one version to the next */
static void the_hash_stays(void **state)
{
	struct topo_state want = { 0 };
	struct arena mem = { 0 };

	(void)state;
	assert_int_equal(strmap_hash("", 0), 0xefd01f60ba992926ULL);
	assert_int_equal(strmap_hash("leaf01", 6), 0xc26cf0f6fdbfadc3ULL);
	assert_string_equal(name_ifname(&mem, "Gleis 1/2"), "Gleis_1_~amawsg");
	want_text(&want, "graph g { a:x -- b:y }", NULL);
	assert_string_equal(want.wire[0].key, "eb896434e9334c0f");
	state_free(&want);
	arena_free(&mem);
}

/* a name that would drive the terminal is told, not obeyed */
static void escaped(void **state)
{
	struct arena mem = { 0 };

	(void)state;
	assert_string_equal(diag_escape(&mem, "a\033[2J\tb\x7f"), "a\\x1b[2J\\x09b\\x7f");
	assert_string_equal(diag_escape(&mem, "\xc2\x9b Z\xc3\xbc"), "\\xc2\x9b Z\xc3\xbc");
	assert_string_equal(diag_escape(&mem, ""), "\"\"");
	arena_free(&mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(namespaces),
		cmocka_unit_test(long_namespaces),
		cmocka_unit_test(back_to_the_node),
		cmocka_unit_test(interfaces),
		cmocka_unit_test(ends_without_a_port),
		cmocka_unit_test(the_hash_stays),
		cmocka_unit_test(escaped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
