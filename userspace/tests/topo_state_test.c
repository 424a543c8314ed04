// SPDX-License-Identifier: MIT
/*
 * The state that is asked for again when an apply is undone; attributes from the command line.
 */
#include <linux/rtnetlink.h>

#include "tests/topo_fixture.h"
#include "topology/attrs.h"

/* what leads over a wire that was broken is not asked for; the rest leads where it led */
static void again(void **state)
{
	struct topo_state was = { 0 }, want = { 0 };
	struct topo_port but[] = { { .wire = 0 }, { .wire = 2, .end = 1 } };
	struct topo_route routes[] = {
		{ .type = RTN_UNICAST, .out = { .wire = 0 } },
		{ .type = RTN_PROHIBIT },
		{ .type = RTN_UNICAST, .out = { .wire = 2, .end = 1 } },
	};
	struct topo_policy policies[] = {
		{ .in = { .wire = TOPO_LOCAL }, .out = { .wire = 2 } },
		{ .in = { .wire = 0 }, .out = { .wire = 2 } },
		{ .in = { .wire = TOPO_ANY }, .out = { .wire = 0 } },
	};
	struct topo_denial denials[] = { { .but = but, .buts = 2 }, { .but = NULL } };
	struct topo_node *node;

	(void)state;
	want_text(&was, "graph g { a:1 -- b:1; b:2 -- c:2; c:3 -- a:3 }", NULL);
	make_live(&was);
	was.wire[0].end[1].present = false;
	node = &was.node[0];
	node->route = routes;
	node->routes = 3;
	node->policy = policies;
	node->policies = 3;
	node->denial = denials;
	node->denials = 2;
	state_want_again(&want, &was);
	node = &want.node[0];
	assert_int_equal(want.wires, 2);
	assert_int_equal(node->routes, 2);
	assert_int_equal(node->route[0].type, RTN_PROHIBIT);
	assert_int_equal(node->route[1].out.wire, 1);
	assert_int_equal(node->route[1].out.end, 1);
	assert_int_equal(node->policies, 1);
	assert_int_equal(node->policy[0].in.wire, TOPO_LOCAL);
	assert_int_equal(node->policy[0].out.wire, 1);
	assert_int_equal(node->denials, 2);
	assert_int_equal(node->denial[0].buts, 1);
	assert_int_equal(node->denial[0].but[0].wire, 1);
	assert_int_equal(routes[2].out.wire, 2);
	state_free(&want);
	state_free(&was);
}

/* a plain wire has no keys that could be missing */
static void again_plain(void **state)
{
	struct topo_state was = { 0 }, want = { 0 };

	(void)state;
	want_text(&was, "graph g { a:1 -- b:1; b:2 -- c:2 }", NULL);
	make_live(&was);
	was.wire[0].cipher = was.wire[1].cipher = 0;
	was.wire[1].plain = true;
	state_want_again(&want, &was);
	assert_int_equal(want.wires, 1);
	assert_true(want.wire[0].plain);
	state_free(&want);
	state_free(&was);
}

static void overrides(void **state)
{
	struct graph g = { 0 };
	struct diag d = { 0 };

	(void)state;
	assert_true(read_text(&g, &d, "graph g { lw_pool4=none; lw_pool6=none; a }"));
	assert_true(graph_override(&g, "lw_pool4=10.1.0.0/16", &d));
	assert_true(graph_override(&g, "lw_pool6=", &d));
	assert_true(graph_override(&g, "lw_name=a=b", &d));
	assert_string_equal(attr_get(g.attrs, "lw_pool4"), "10.1.0.0/16");
	assert_null(attr_get(g.attrs, "lw_pool6"));
	assert_string_equal(attr_get(g.attrs, "lw_name"), "a=b");
	assert_int_equal(d.errors, 0);
	assert_false(graph_override(&g, "lw_routes", &d));
	assert_false(graph_override(&g, "-json", &d));
	assert_false(graph_override(&g, "rankdir=LR", &d));
	assert_int_equal(d.errors, 3);
	assert_true(told(&d, "\"rankdir=LR\" on the command line is no attribute of the graph"));
	diag_free(&d);
	assert_true(graph_override(&g, "lw_route=on", &d));
	attrs_check(&g, &d);
	assert_int_equal(d.errors, 1);
	assert_true(told(&d, "lw_route on the graph: there is no such attribute; the nearest is lw_routes"));
	diag_free(&d);
	graph_free(&g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(again),
		cmocka_unit_test(again_plain),
		cmocka_unit_test(overrides),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
