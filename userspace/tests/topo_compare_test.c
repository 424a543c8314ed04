// SPDX-License-Identifier: MIT
/*
 * Plans: nothing where nothing differs, and no more than what differs.
 */
#include <linux/linkwire.h>

#include "tests/topo_fixture.h"
#include "topology/show.h"

#define TRIANGLE "a:x -- b:y; b:z -- c:y; c:x -- a:z;"

static struct topo_state want, live;
static struct plan plan;

static void plan_from(const char *was, const char *will)
{
	want_text(&live, was, NULL);
	make_live(&live);
	want_text(&want, will, &live);
	compare(&plan, &want, &live);
}

static int reset(void **state)
{
	(void)state;
	plan_free(&plan);
	state_free(&want);
	state_free(&live);
	return 0;
}

static void assert_steps(const char *const *wanted)
{
	struct arena mem = { 0 };
	size_t i;

	for (i = 0; i < plan.steps && wanted[i]; i++)
		assert_string_equal(show_step(&mem, &plan.step[i], &want, &live), wanted[i]);
	assert_int_equal(i, plan.steps);
	assert_null(wanted[i]);
	arena_free(&mem);
}

#define STEPS(...) assert_steps((const char *const []){ __VA_ARGS__, NULL })

static void from_nothing(void **state)
{
	(void)state;
	want_text(&want, "graph g {" TRIANGLE "}", NULL);
	compare(&plan, &want, &live);
	STEPS("+ underlay g+fabric", "+ node a", "+ node b", "+ node c", "+ wire a:x -- b:y", "+ wire b:z -- c:y",
	      "+ wire c:x -- a:z");
	assert_int_equal(plan.add, 7);
}

static void the_same(void **state)
{
	(void)state;
	plan_from("graph g {" TRIANGLE "}", "graph g { c; z:1 -- z:2; c:y -- b:z; a:z -- c:x; b:y -- a:x }");
	STEPS("+ node z", "+ wire z:1 -- z:2");
}

static void nothing(void **state)
{
	(void)state;
	plan_from("graph g {" TRIANGLE "}", "graph g {" TRIANGLE "}");
	assert_int_equal(plan.steps, 0);
}

static void to_nothing(void **state)
{
	(void)state;
	want_text(&live, "graph g { c:x -- a:z; b:z -- c:y }", NULL);
	make_live(&live);
	want.fabric = "g+fabric";
	compare(&plan, &want, &live);
	STEPS("- wire b:z -- c:y", "- wire c:x -- a:z", "- node a", "- node b", "- node c", "- underlay g+fabric");
	assert_int_equal(plan.remove, 6);
}

static void changes(void **state)
{
	(void)state;
	plan_from("graph g {" TRIANGLE "}",
		  "graph g { a:x -- b:y [lw_mtu=1400 lw_hold=100 lw_cipher=\"aes-128-gcm\"];"
		  "b:z -- c:y [lw_tail_addr=\"192.0.2.1/31\"]; c:x -- a:z [lw_mode=l3] }");
	STEPS("~ wire a:x -- b:y", "~ wire b:z -- c:y", "~ wire c:x -- a:z");
	assert_string_equal(plan.step[0].why,
			    "mtu 1500 -> 1400, hold 0 -> 100, cipher aes-256-gcm -> aes-128-gcm (new keys)");
	assert_int_equal(plan.step[0].changes, CHANGE_MTU | CHANGE_HOLD | CHANGE_KEYS);
	assert_string_equal(plan.step[1].why, "+192.0.2.1/31, -10.0.0.2/31, -10.0.0.3/31");
	assert_int_equal(plan.step[1].changes, CHANGE_ADDR);
	assert_int_equal(plan.step[2].kind, STEP_WIRE_REPLACE);
	assert_string_equal(plan.step[2].why, "mode l2 -> l3");
	assert_int_equal(plan.change, 3);
}

static struct topo_wire *live_wire(const char *name)
{
	return (struct topo_wire *)wire_named(&live, name);
}

static void drift(void **state)
{
	(void)state;
	want_text(&live, "graph g {" TRIANGLE " a:p -- d:p; a:q -- d:q; a:r -- d:r}", NULL);
	make_live(&live);
	want_text(&want, "graph g {" TRIANGLE " a:p -- d:p; a:q -- d:q; a:r -- d:r}", &live);
	live_wire("a:x -- b:y")->end[1].present = false;
	live_wire("b:z -- c:y")->end[0].away = true;
	live_wire("c:x -- a:z")->end[0].rx_tag[0] = 99;
	live_wire("a:p -- d:p")->end[1].mtu = 1499;
	live_wire("a:q -- d:q")->end[1].has_tx = false;
	live_wire("a:r -- d:r")->end[1].remote.v4.s_addr ^= 1;
	live.node[0].has_link = false;
	live.node[1].has_netns = false;
	live.node[2].has_underlay = false;
	compare(&plan, &want, &live);
	STEPS("~ node a", "~ node b", "~ node c", "~ wire a:x -- b:y", "~ wire b:z -- c:y", "~ wire c:x -- a:z",
	      "~ wire a:p -- d:p", "~ wire a:q -- d:q", "~ wire a:r -- d:r");
	assert_string_equal(plan.step[0].why, "its link to the underlay network is missing");
	assert_string_equal(plan.step[1].why, "its namespace is missing");
	assert_string_equal(plan.step[2].why, "its underlay is missing");
	assert_string_equal(plan.step[3].why, "its end at b is missing");
	assert_int_equal(plan.step[3].kind, STEP_WIRE_REPLACE);
	assert_string_equal(plan.step[4].why, "its end at b was moved to another namespace");
	assert_int_equal(plan.step[5].changes, CHANGE_KEYS);
	assert_string_equal(plan.step[6].why, "mtu 1499 -> 1500");
	assert_int_equal(plan.step[7].changes, CHANGE_KEYS);
	assert_int_equal(plan.step[8].changes, CHANGE_PEER);
}

static void another_namespace(void **state)
{
	(void)state;
	plan_from("graph g {" TRIANGLE "}", "graph g { a [lw_netns=mine];" TRIANGLE "}");
	STEPS("~ node a", "~ wire a:x -- b:y", "~ wire c:x -- a:z");
	assert_int_equal(plan.step[0].kind, STEP_NODE_REPLACE);
	assert_int_equal(plan.step[1].kind, STEP_WIRE_REPLACE);
	assert_string_equal(plan.step[1].why, "the namespace of a becomes mine");
}

/* an undo asks for what was live; what was broken then is not asked for */
static void back(void **state)
{
	struct topo_state now = { 0 };

	(void)state;
	want_text(&live, "graph g {" TRIANGLE "}", NULL);
	make_live(&live);
	live_wire("b:z -- c:y")->end[0].present = false;
	state_want_again(&want, &live);
	assert_int_equal(want.wires, 2);
	want_text(&now, "graph g { a:x -- b:y [lw_mtu=1400]; d:1 -- a:1 }", &live);
	make_live(&now);
	compare(&plan, &want, &now);
	assert_int_equal(count_steps(&plan, STEP_WIRE_DEL), 1);
	assert_int_equal(count_steps(&plan, STEP_NODE_DEL), 1);
	assert_int_equal(count_steps(&plan, STEP_NODE_ADD), 1);
	assert_int_equal(count_steps(&plan, STEP_WIRE_ADD), 1);
	assert_int_equal(count_steps(&plan, STEP_WIRE_CHANGE), 1);
	assert_int_equal(plan.steps, 5);
	state_free(&now);
}

/* more wires than fit an array's first size: keys must not point into it */
static void many(void **state)
{
	char *text = calloc(1, 40 * 1000), *at = text;

	(void)state;
	at += sprintf(at, "graph g {");
	for (int i = 0; i < 1000; i++)
		at += sprintf(at, " n%d:p%d -- n%d:q%d;", i % 37, i, i % 41, i);
	sprintf(at, " }");
	plan_from(text, text);
	assert_int_equal(want.wires, 1000);
	assert_int_equal(plan.steps, 0);
	free(text);
}

/* the same two states give the same words, byte for byte */
static void deterministic(void **state)
{
	char *text[2] = { NULL, NULL };
	struct show_only all = { 0 };
	size_t len[2];

	(void)state;
	for (int i = 0; i < 2; i++) {
		struct printer out = { .file = open_memstream(&text[i], &len[i]) };

		plan_from("graph g {" TRIANGLE "x -- y -- z; z -- x }", "graph g { x -- y [lw_mtu=1400]; q -- x }");
		show_plan(&out, &plan, &want, &live, "planned", 0);
		show_topology(&out, &want, &live, &all);
		fclose(out.file);
		reset(NULL);
	}
	assert_int_equal(len[0], len[1]);
	assert_memory_equal(text[0], text[1], len[0]);
	assert_non_null(strstr(text[0], "- wire a:x -- b:y"));
	assert_non_null(strstr(text[0], "2 to add, 1 to change, 9 to remove"));
	free(text[0]);
	free(text[1]);
}

static size_t shown(const char *node, const char *wire, const char *part)
{
	struct show_only only = { .node = node, .wire = wire };
	char *text = NULL;
	size_t len;
	struct printer out = { .file = open_memstream(&text, &len) };

	show_topology(&out, &want, &live, &only);
	fclose(out.file);
	if (part && !strstr(text, part))
		fail_msg("no '%s' in %s", part, text);
	free(text);
	return only.found;
}

/* what the file asks for is shown, and things are found by their names as written */
static void what_is_asked_for(void **state)
{
	(void)state;
	plan_from("graph g { a -- gone }",
		  "graph g { a [label=\"A 1\", lw_rate=\"1gbit\"]; s [lw_kind=bridge]; a:x -- s;"
		  "a:\"to the west\" -- b:y [lw_rate=\"10mbit\", lw_delay=\"20ms\", lw_loss=\"1%\", lw_admin=down,"
		  " lw_weight=7];"
		  "a:z -- b:z [lw_cipher=none] }");
	assert_int_equal(shown(NULL, NULL, "topology g"), 4 + 4);
	assert_int_equal(shown("a", NULL, "rate 1gbit"), 1);
	assert_int_equal(shown("s", NULL, "bridge"), 1);
	assert_int_equal(shown("gone", NULL, "node gone"), 1);
	assert_int_equal(shown("nobody", NULL, NULL), 0);
	assert_int_equal(shown(NULL, "b:z", "none (NOT ENCRYPTED)"), 1);
	assert_int_equal(shown(NULL, "a:to the west", "rate 10mbit delay 20ms loss 1% weight 7 admin down"), 1);
	assert_int_equal(shown(NULL, "a:z -- b:z", NULL), 1);
	assert_int_equal(shown(NULL, "gone:a", "not-in-file"), 1);
	assert_int_equal(shown(NULL, "a:", NULL), 0);
	assert_int_equal(shown(NULL, "a", NULL), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(from_nothing, reset),
		cmocka_unit_test_teardown(the_same, reset),
		cmocka_unit_test_teardown(nothing, reset),
		cmocka_unit_test_teardown(to_nothing, reset),
		cmocka_unit_test_teardown(changes, reset),
		cmocka_unit_test_teardown(drift, reset),
		cmocka_unit_test_teardown(another_namespace, reset),
		cmocka_unit_test_teardown(back, reset),
		cmocka_unit_test_teardown(many, reset),
		cmocka_unit_test_teardown(deterministic, reset),
		cmocka_unit_test_teardown(what_is_asked_for, reset),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
