// SPDX-License-Identifier: MIT
/*
 * Segments: what bridges join, and the addresses of their ends; loopbacks out of the pools; networks that are in each
 * other's way.
 */
#include "tests/topo_fixture.h"

#define SW "sw [lw_kind=bridge]; "

static const char *of(const struct topo_state *s, const char *wire, int which)
{
	const struct topo_wire *w = wire_named(s, wire);

	return addresses(&w->end[which ^ w->tail]);
}

static void one_bridge(void **state)
{
	struct topo_state want = { 0 };

	(void)state;
	want_text(&want, "graph g { " SW "a -- sw; sw -- b; c -- sw; a -- b }", NULL);
	assert_int_equal(want.segments, 1);
	assert_int_equal(want.segment[0].ports, 3);
	assert_true(want.node[0].bridge);
	assert_int_equal(want.wire[0].segment, 1);
	assert_int_equal(want.wire[3].segment, 0);
	/* room for six ends; the wire between two nodes gets what is behind */
	assert_string_equal(of(&want, "a -- sw", 0), "10.0.0.1/29 fd6c:7700::1/125");
	assert_string_equal(of(&want, "a -- sw", 1), "");
	assert_string_equal(of(&want, "sw -- b", 1), "10.0.0.2/29 fd6c:7700::2/125");
	assert_string_equal(of(&want, "sw -- b", 0), "");
	assert_string_equal(of(&want, "c -- sw", 0), "10.0.0.3/29 fd6c:7700::3/125");
	assert_string_equal(of(&want, "a -- b", 0), "10.0.0.8/31 fd6c:7700::8/127");
	state_free(&want);
}

/* bridges that are wired to each other are one segment, and others are not */
static void many_bridges(void **state)
{
	struct topo_state want = { 0 };

	(void)state;
	want_text(&want, "graph g { node [lw_kind=bridge]; s1; s2; s3; t; node [lw_kind=\"\"];\n"
		  "a -- s3; s1 -- s2; s2 -- s3; s1 -- s3 [lw_admin=down]; b -- t; a -- t; s1 -- c; d -- s1 -- e }", NULL);
	assert_int_equal(want.segments, 2);
	assert_string_equal(want.segment[0].name, "s1, s2, s3");
	assert_int_equal(want.segment[0].ports, 4);
	assert_string_equal(want.segment[1].name, "t");
	assert_int_equal(want.segment[1].ports, 2);
	assert_int_equal(want.segment[0].net4.len, 28);
	assert_string_equal(of(&want, "a -- s3", 0), "10.0.0.1/28 fd6c:7700::1/124");
	assert_string_equal(of(&want, "s1 -- e", 1), "10.0.0.4/28 fd6c:7700::4/124");
	assert_string_equal(of(&want, "b -- t", 0), "10.0.0.17/29 fd6c:7700::11/125");
	state_free(&want);
}

static void addresses_in_the_file(void **state)
{
	struct topo_state want = { 0 };

	(void)state;
	want_text(&want, "graph g { lw_pool6=none; " SW "a -- sw; sw -- b [lw_head_addr=\"192.0.2.1/24 2001:db8::1/64\"];\n"
		  "c -- sw [lw_tail_addr=\"192.0.2.3/24\"]; d -- sw }", NULL);
	assert_string_equal(of(&want, "a -- sw", 0), "192.0.2.2/24 2001:db8::2/64");
	assert_string_equal(of(&want, "sw -- b", 1), "192.0.2.1/24 2001:db8::1/64");
	assert_string_equal(of(&want, "c -- sw", 0), "192.0.2.3/24 2001:db8::3/64");
	assert_string_equal(of(&want, "d -- sw", 0), "192.0.2.4/24 2001:db8::4/64");
	state_free(&want);
}

/* who is live stays where he is, as ends come and go, and when the block has to grow */
static void nobody_is_renumbered(void **state)
{
	struct topo_state live = { 0 }, want = { 0 }, more = { 0 }, two = { 0 };

	(void)state;
	want_text(&live, "graph g { lw_pool6=none; " SW "a -- sw; b -- sw; c -- sw }", NULL);
	make_live(&live);
	want_text(&want, "graph g { lw_pool6=none; " SW "x -- y; d -- sw; c -- sw; b -- sw }", &live);
	assert_string_equal(of(&want, "d -- sw", 0), "10.0.0.1/29");
	assert_string_equal(of(&want, "b -- sw", 0), "10.0.0.2/29");
	assert_string_equal(of(&want, "c -- sw", 0), "10.0.0.3/29");
	assert_string_equal(of(&want, "x -- y", 0), "10.0.0.8/31");
	/* seven ends are too many for a /29: what is around it is free */
	want_text(&more, "graph g { lw_pool6=none; " SW "d -- sw; e -- sw; f -- sw; g -- sw; c -- sw; b -- sw; a -- sw }",
		  &live);
	assert_string_equal(of(&more, "a -- sw", 0), "10.0.0.1/28");
	assert_string_equal(of(&more, "b -- sw", 0), "10.0.0.2/28");
	assert_string_equal(of(&more, "c -- sw", 0), "10.0.0.3/28");
	assert_string_equal(of(&more, "d -- sw", 0), "10.0.0.4/28");
	/* two segments out of one: one of them keeps the block */
	want_text(&two, "graph g { lw_pool6=none; " SW "tw [lw_kind=bridge]; a -- sw; c -- sw; b -- tw; b -- sw }", &live);
	assert_string_equal(of(&two, "a -- sw", 0), "10.0.0.1/29");
	assert_string_equal(of(&two, "b -- sw", 0), "10.0.0.2/29");
	assert_string_equal(of(&two, "b -- tw", 0), "10.0.0.9/29");
	state_free(&live);
	state_free(&want);
	state_free(&more);
	state_free(&two);
}

/* what is around the block is somebody else's: another block */
static void no_room_to_grow(void **state)
{
	struct topo_state live = { 0 }, want = { 0 };

	(void)state;
	want_text(&live, "graph g { lw_pool6=none; " SW "a -- sw; b -- sw; p -- q }", NULL);
	make_live(&live);
	want_text(&want, "graph g { lw_pool6=none; " SW "a -- sw; b -- sw; c -- sw; d -- sw; e -- sw; f -- sw; h -- sw; p -- q }",
		  &live);
	assert_string_equal(of(&want, "p -- q", 0), "10.0.0.8/31");
	assert_string_equal(of(&want, "a -- sw", 0), "10.0.0.17/28");
	state_free(&live);
	state_free(&want);
}

/* a small pool gives smaller blocks before it gives none */
static void a_small_pool(void **state)
{
	struct topo_state want = { 0 };

	(void)state;
	want_text(&want, "graph g { lw_pool4=\"192.0.2.0/29\" lw_pool6=none; " SW "a -- sw; b -- sw; c -- sw; d -- sw; e -- sw }",
		  NULL);
	assert_string_equal(of(&want, "e -- sw", 0), "192.0.2.5/29");
	state_free(&want);
}

static const char *loopbacks(const struct topo_state *s, size_t node)
{
	const struct topo_end end = { .addr = s->node[node].loopback, .addrs = s->node[node].loopbacks };

	return addresses(&end);
}

static void loopbacks_from_the_pools(void **state)
{
	struct topo_state off = { 0 }, live = { 0 }, want = { 0 };

	(void)state;
	want_text(&off, "graph g { a -- b }", NULL);
	assert_int_equal(off.node[0].loopbacks, 0);
	want_text(&live, "graph g { lw_routes=on; a; b [lw_loopback=\"192.0.2.1\"]; " SW "a -- b; c -- sw }", NULL);
	assert_string_equal(loopbacks(&live, 0), "10.0.0.10/32 fd6c:7700::a/128");
	assert_string_equal(loopbacks(&live, 1), "192.0.2.1/32 fd6c:7700::b/128");
	assert_string_equal(loopbacks(&live, 2), "");
	assert_string_equal(loopbacks(&live, 3), "10.0.0.11/32 fd6c:7700::c/128");
	make_live(&live);
	want_text(&want, "graph g { lw_routes=on; d -- a; c -- d }", &live);
	assert_string_equal(loopbacks(&want, 0), "10.0.0.4/32 fd6c:7700::4/128");
	assert_string_equal(loopbacks(&want, 1), "10.0.0.10/32 fd6c:7700::a/128");
	assert_string_equal(loopbacks(&want, 2), "10.0.0.11/32 fd6c:7700::c/128");
	state_free(&off);
	state_free(&live);
	state_free(&want);
}

/* what the file says lives in the pool is given to nobody else */
static void taken_out_of_the_pool(void **state)
{
	struct topo_state want = { 0 };

	(void)state;
	want_text(&want, "graph g { lw_pool6=none; a [lw_prefix=\"10.0.0.0/30\" lw_loopback=\"10.0.0.4\"]; a -- b }", NULL);
	assert_string_equal(of(&want, "a -- b", 0), "10.0.0.6/31");
	state_free(&want);
}

static void every_conflict(void **state)
{
	static const struct conflict cases[] = {
		{ "graph g { " SW "a -- sw [lw_mode=l3] }", "a -- sw: a bridge forwards frames: lw_mode can only be l2", 1 },
		{ "graph g { " SW "a -- sw [lw_mtu=1400]; b -- sw }", "a -- sw has lw_mtu 1400 and b -- sw 1500, in one segment (sw)", 1 },
		{ "graph g { node [lw_kind=bridge]; s -- t; t -- u -- s }", "u -- s closes a loop of bridges", 1 },
		{ "graph g { node [lw_kind=bridge]; s -- t; t -- u; u -- s [lw_admin=down] }", "", 0 },
		{ "graph g { " SW "sw:a -- sw:b }", "sw:a -- sw:b closes a loop of bridges", 1 },
		{ "graph g { " SW "a -- sw [lw_tail_addr=\"192.0.2.1/24\"]; b -- sw [lw_tail_addr=\"198.51.100.1/24\"] }",
		  "b -- sw: its end at b has no address in 192.0.2.0/24, as a has in one segment (sw)", 1 },
		{ "graph g { lw_pool6=none; " SW "a -- sw [lw_tail_addr=\"192.0.2.1/30\"]; b -- sw; c -- sw; d -- sw }",
		  "segment (sw): its network 192.0.2.0/30 has no room for 2 of its 4 ends", 1 },
		{ "graph g { lw_pool6=none lw_pool4=\"192.0.2.0/30\"; " SW "a -- sw; b -- sw; c -- sw }",
		  "lw_pool4 192.0.2.0/30 is exhausted: it has room for 2 wires less what the file's own addresses take, and 1 segments get none", 1 },
		{ "graph g { lw_routes=on lw_pool6=none lw_pool4=\"192.0.2.0/30\"; a -- b -- c }", "and 3 loopbacks get none", 1 },
		{ "graph g { a [lw_loopback=\"192.0.2.1\"]; b [lw_loopback=\"192.0.2.1\"] }",
		  "address 192.0.2.1 is used twice: by lw_loopback of a and by lw_loopback of b", 1 },
		{ "graph g { a [lw_loopback=\"192.0.2.1\"]; a -- b [lw_head_addr=\"192.0.2.1/24\"] }",
		  "address 192.0.2.1 is used twice: by b:a and by lw_loopback of a", 1 },
		{ "graph g { a [lw_prefix=\"192.0.2.0/24\"]; b [lw_prefix=\"192.0.2.128/25\"] }",
		  "lw_prefix 192.0.2.128/25 of node b is in lw_prefix 192.0.2.0/24 of node a: a network is behind one node", 1 },
		{ "graph g { a [lw_prefix=\"192.0.2.0/24\"]; b [lw_prefix=\"192.0.2.0/24\"] }",
		  "lw_prefix 192.0.2.0/24 of node b is in lw_prefix 192.0.2.0/24 of node a", 1 },
		{ "graph g { a [lw_prefix=\"192.0.2.0/24 192.0.2.0/25\" lw_loopback=\"192.0.2.1\"] }", "", 0 },
		{ "graph g { a [lw_prefix=\"192.0.2.0/24\"]; b [lw_loopback=\"192.0.2.1\"] }",
		  "lw_loopback 192.0.2.1 of node b is in lw_prefix 192.0.2.0/24 of node a", 1 },
		{ "graph g { a [lw_prefix=\"192.0.2.0/24\"]; b -- c [lw_tail_addr=\"192.0.2.1/31\"]; a -- c [lw_head_addr=\"192.0.2.9/31\"] }",
		  "address 192.0.2.1 of b -- c is in lw_prefix 192.0.2.0/24 of node a", 1 },
		{ "graph g { a [lw_prefix=\"10.0.0.0/8\"]; b }", "lw_pool4 10.0.0.0/8 is in lw_prefix 10.0.0.0/8 of node a: nothing is left to give out", 1 },
		{ "graph g { a [lw_prefix=\"10.9.0.0/16\" lw_loopback=\"10.1.1.1\"]; a -- b }", "", 0 },
		{ "graph g { a [lw_endpoint=\"10.1.1.1\"]; b }", "lw_endpoint 10.1.1.1 of node a is in lw_pool4 10.0.0.0/8: underlay and wires need networks of their own", 1 },
		{ "graph g { a [lw_endpoint=\"192.0.2.1\" lw_prefix=\"192.0.2.0/24\"] }",
		  "lw_endpoint 192.0.2.1 of node a is in lw_prefix 192.0.2.0/24 of node a", 1 },
		{ "graph g { a [lw_prefix=\"fd6c:7700::/48\"] }", "lw_pool6 fd6c:7700::/64 is in lw_prefix fd6c:7700::/48 of node a", 1 },
	};

	(void)state;
	check_conflicts(cases, sizeof(cases) / sizeof(*cases));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_bridge),
		cmocka_unit_test(many_bridges),
		cmocka_unit_test(addresses_in_the_file),
		cmocka_unit_test(nobody_is_renumbered),
		cmocka_unit_test(no_room_to_grow),
		cmocka_unit_test(a_small_pool),
		cmocka_unit_test(loopbacks_from_the_pools),
		cmocka_unit_test(taken_out_of_the_pool),
		cmocka_unit_test(every_conflict),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
