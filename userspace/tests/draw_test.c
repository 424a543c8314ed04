// SPDX-License-Identifier: MIT
/*
 * A topology's picture, in DOT: what is drawn, how, and that nothing that a file says is taken for DOT.
 */
#include "topo_fixture.h"

#include <sys/stat.h>

#include "topology/draw.h"

/* the picture in DOT, to be freed */
static char *dot_of(const struct drawing *d)
{
	char *text = NULL;
	size_t size = 0;
	FILE *f = open_memstream(&text, &size);

	assert_non_null(f);
	draw_dot(d, f);
	fclose(f);
	return text;
}

static char *dot_of_text(const char *text)
{
	struct topo_state want = { 0 };
	struct drawing d = { .want = &want };
	char *dot;

	want_text(&want, text, NULL);
	dot = dot_of(&d);
	state_free(&want);
	return dot;
}

/* all of what follows @head up to the end of its line, in a buffer of ours */
static const char *line_with(const char *dot, const char *head)
{
	static char line[4][1024];
	static unsigned int turn;
	char *out = line[turn++ % 4];
	const char *at = strstr(dot, head);

	if (!at)
		fail_msg("no %s in\n%s", head, dot);
	else
		snprintf(out, sizeof(line[0]), "%.*s", (int)strcspn(at, "\n"), at);
	return out;
}

static void assert_has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("no %s in: %s", part, text);
}

static void assert_has_not(const char *text, const char *part)
{
	if (strstr(text, part))
		fail_msg("%s in: %s", part, text);
}

static void wires_in_the_order_of_the_file(void **state)
{
	char *dot = dot_of_text("graph { z:e0 -- a:e1; a -- m }");

	(void)state;
	assert_has(dot, "n0 [label=\"z\"");
	assert_has(dot, "n1 [label=\"a\"");
	assert_has(line_with(dot, "n0 -- n1"), "tooltip=\"z:e0 -- a:e1\"");
	assert_has(dot, "n1 -- n2");
	assert_has(dot, "3 nodes, 2 wires");
	free(dot);
}

static void names_are_not_dot(void **state)
{
	char *dot = dot_of_text("graph \"<i>&x\" { \"\\\"];evil [x=\\\"\" -- \"\\\\N&amp;<b>\";"
				"c -- \"two\nlines\"; d -- \"\xff\" }");

	(void)state;
	assert_has(dot, "label=\"\\\"];evil [x=\\\"\"");
	assert_has(dot, "\\\\N&amp;amp;<b>\"");
	assert_has(dot, "<b>&lt;i&gt;&amp;x</b>");
	assert_has(dot, "label=\"two\\\\x0alines\"");
	assert_has(dot, "label=\"\\\\xff\"");
	free(dot);
}

static void small_ones_in_layers_big_ones_not(void **state)
{
	struct topo_state s = { 0 };
	struct drawing d = { .want = &s };
	struct draw_plan p;

	(void)state;
	s.nodes = 5;
	s.wires = 6;
	p = draw_plan(&d);
	assert_string_equal(p.layout, "dot");
	assert_true(p.labels);
	assert_int_equal(p.names, 0);
	s.nodes = 60;
	s.wires = 90;
	p = draw_plan(&d);
	assert_string_equal(p.layout, "neato");
	assert_int_equal(p.names, 0);
	assert_false(p.thin);
	s.wires = 60 * 59 / 2;
	p = draw_plan(&d);
	assert_string_equal(p.layout, "sfdp");
	assert_true(p.thin);
	s.nodes = s.wires = 0;
	draw_plan(&d);
}

/* a star with many arms: its middle has a name, the ends of the arms have none */
static void of_many_the_best_joined_have_names(void **state)
{
	char text[16384] = "graph {", *dot;

	(void)state;
	for (int i = 0; i < 400; i++)
		sprintf(text + strlen(text), " middle -- arm%d;", i);
	strcat(text, "}");
	dot = dot_of_text(text);
	assert_has(dot, "layout=sfdp");
	assert_has(line_with(dot, "\tn0 ["), "label=\"middle\"");
	assert_has(line_with(dot, "\tn7 ["), "label=\"\"");
	assert_has(line_with(dot, "\tn7 ["), "tooltip=\"arm6\"");
	free(dot);
}

static void limits_are_written_on_wires(void **state)
{
	struct topo_state want = { 0 };
	struct drawing d = { .want = &want };
	char *dot;

	(void)state;
	want_text(&want, "graph { a -- b; b -- c; c -- d }", NULL);
	want.wire[0].rate = 1250000;
	want.wire[0].floor = 312500;
	want.wire[1].delay_us = 2500;
	want.wire[1].loss = UINT32_MAX / 200;
	dot = dot_of(&d);
	assert_has(line_with(dot, "n0 -- n1"), "label=<10 Mbit/s<br/>at least 2.5 Mbit/s>");
	assert_has(line_with(dot, "n1 -- n2"), "label=<2.5 ms<br/>0.5 % loss>");
	assert_has_not(line_with(dot, "n2 -- n3"), ", label=");
	free(dot);
	state_free(&want);
}

static void plaintext_is_seen(void **state)
{
	struct topo_state want = { 0 };
	struct drawing d = { .want = &want };
	char *dot;

	(void)state;
	want_text(&want, "graph { a -- b; b -- c }", NULL);
	want.wire[0].plain = true;
	dot = dot_of(&d);
	assert_has(line_with(dot, "n0 -- n1"), ":white:");
	assert_has(line_with(dot, "n0 -- n1"), "not encrypted");
	assert_has_not(line_with(dot, "n1 -- n2"), "white");
	assert_has(dot, "1 not encrypted</td>");
	free(dot);
	state_free(&want);
}

static void bridges_denials_and_chains(void **state)
{
	struct topo_state want = { 0 };
	struct drawing d = { .want = &want };
	struct topo_rule rule = { .a = 0, .b = 3, .name = "a -- d" };
	size_t boxes[] = { 0, 1, 3 };
	struct topo_port path[] = { { .wire = 0, .end = 0 }, { .wire = 1, .end = 0 }, { .wire = 2, .end = 0 } };
	struct topo_chain chain = { .name = "web", .node = boxes, .nodes = 3, .path = path, .hops = 3 };
	char *dot;

	(void)state;
	want_text(&want, "graph { a -- b -- c -- d }", NULL);
	want.node[2].bridge = true;
	want.rule = &rule;
	want.chain = &chain;
	want.rules = want.chains = 1;
	dot = dot_of(&d);
	assert_has(line_with(dot, "\tn2 ["), "style=filled");
	assert_has_not(line_with(dot, "\tn1 ["), "style=filled");
	assert_has(line_with(dot, "n0 -- n3"), "style=dotted");
	assert_has(line_with(dot, "n0 -- n3"), "a -- d must not talk");
	for (int i = 0; i < 3; i++) {
		char wire[32], hop[32];

		sprintf(wire, "n%d -- n%d", i, i + 1);
		sprintf(hop, "web %d<", i + 1);
		assert_has(line_with(dot, wire), hop);
		assert_has(line_with(dot, wire), draw_chain_color(0));
	}
	assert_has(dot, "web: a \xe2\x86\x92 b \xe2\x86\x92 d");
	free(dot);

	/* without routes: from box to box */
	chain.hops = 0;
	dot = dot_of(&d);
	assert_has(line_with(dot, "n1 -- n3"), "style=dashed");
	assert_has(line_with(dot, "n1 -- n3"), "web 2<");
	free(dot);
	want.rule = NULL;
	want.chain = NULL;
	state_free(&want);
}

/* each state in its colour, and what a second has carried */
static void what_is_live(void **state)
{
	struct topo_state want = { 0 }, live = { 0 }, before = { 0 };
	struct drawing d = { .want = &want, .live = &live, .before = &before, .since = 500 };
	struct topo_wire *busy;
	char *dot;

	(void)state;
	want_text(&want, "graph { a -- b; b -- c; c -- d; d -- e; e -- f; f -- g }", NULL);
	want_text(&live, "graph { a -- b; b -- c; c -- d; d -- e; f -- g; g -- h }", NULL);
	want_text(&before, "graph { a -- b; b -- c; c -- d; d -- e; f -- g; g -- h }", NULL);
	make_live(&live);
	make_live(&before);
	want.wire[0].rate = 125000000;
	busy = &live.wire[0];
	busy->end[0].rx_bytes = 125000;
	busy->end[1].rx_bytes = 6250000;
	busy->end[0].tx_packets = 1000;
	busy->end[1].rx_packets = 900;
	busy->end[1].drops = 7;
	live.wire[1].end[0].carrier = false;
	live.wire[2].end[1].up = false;
	live.wire[3].end[1].has_tx = false;
	dot = dot_of(&d);
	assert_has(line_with(dot, "n0 -- n1"), "#1a9850");
	assert_has(line_with(dot, "n0 -- n1"), "label=<100 Mbit/s of 1 Gbit/s<br/>10 % lost<br/>7 dropped>");
	assert_has(line_with(dot, "n1 -- n2"), "#f08c00");
	assert_has(line_with(dot, "n2 -- n3"), "#868e96");
	assert_has(line_with(dot, "n3 -- n4"), "#d7191c");
	assert_has_not(line_with(dot, "n3 -- n4"), "dashed");
	assert_has(line_with(dot, "n4 -- n5"), "style=dashed");
	assert_has(line_with(dot, "n5 -- n6"), "#1a9850");
	assert_has_not(line_with(dot, "n5 -- n6"), "label=");
	assert_has(line_with(dot, "n6 -- x"), "#8e44ad");
	for (const char *const *p = (const char *const []){ "2 up", "1 no carrier", "1 an interface is down",
	     "1 an end or a key is missing", "1 not there", "1 not in the file", ", live", NULL }; *p; p++)
		assert_has(dot, *p);
	free(dot);
	state_free(&want);
	state_free(&live);
	state_free(&before);
}

static void the_same_picture_each_time(void **state)
{
	static const char text[] = "graph { a -- b -- c -- a; c -- d }";
	char *one = dot_of_text(text), *two = dot_of_text(text);

	(void)state;
	assert_string_equal(one, two);
	free(one);
	free(two);
}

/* lwctl-draw beside the tests; the file that it draws to is no pipe, and it may not write to files */
static int draw_by_program(const char *dot, const char *layout, const char *format, char *out, size_t size)
{
	char path[4096], command[8192];
	ssize_t len = readlink("/proc/self/exe", path, sizeof(path) - 64);
	struct topo_file in;
	size_t n;
	FILE *p;
	int rc;

	assert_true(len > 0);
	path[len] = '\0';
	strcpy(strrchr(path, '/'), "/../bin/lwctl-draw");
	file_open(&in, dot, strlen(dot));
	snprintf(command, sizeof(command), "exec %s %s %s < /proc/%d/fd/%d 2> /dev/null", path, layout, format, getpid(),
		 in.fd);
	p = popen(command, "re");
	assert_non_null(p);
	n = fread(out, 1, size - 1, p);
	out[n] = '\0';
	rc = pclose(p);
	file_close(&in);
	return rc;
}

static void the_program_draws(void **state)
{
	static char out[1 << 20];
	char *dot = dot_of_text("graph net { \"Z\xc3\xbcrich\" -- \"<&>\" -- c }");

	(void)state;
	for (const char *const *layout = (const char *const []){ "dot", "neato", "sfdp", NULL }; *layout; layout++) {
		assert_int_equal(draw_by_program(dot, *layout, "svg", out, sizeof(out)), 0);
		assert_has(out, "<svg");
		assert_has(out, ">Z\xc3\xbcrich</text>");
		assert_has(out, ">&lt;&amp;&gt;</text>");
		assert_has(out, "</svg>");
	}
	assert_int_equal(draw_by_program(dot, "neato", "png", out, sizeof(out)), 0);
	assert_memory_equal(out, "\x89PNG", 4);
	free(dot);
}

static void the_program_refuses(void **state)
{
	static char out[4096];

	(void)state;
	assert_int_not_equal(draw_by_program("graph { a -- ", "dot", "svg", out, sizeof(out)), 0);
	assert_int_not_equal(draw_by_program("graph { a -- b }", "dot", "pdf", out, sizeof(out)), 0);
	assert_int_not_equal(draw_by_program("graph { a -- b }", "nowhere", "svg", out, sizeof(out)), 0);
	assert_string_equal(out, "");
}

/* whatever stands in DOT, no file is opened for it: an image that is there is not put into the picture */
static void the_program_opens_nothing(void **state)
{
	static char out[1 << 16];
	char image[] = "/tmp/draw_test.XXXXXX.png", dot[256];
	int fd = mkostemps(image, 4, O_CLOEXEC);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(fchmod(fd, 0644), 0);
	assert_int_equal(draw_by_program("graph { a }", "dot", "png", out, sizeof(out)), 0);
	assert_int_equal(write(fd, out, 4096) > 0, 1);
	close(fd);
	snprintf(dot, sizeof(dot), "graph { a [label=x, image=\"%s\"] }", image);
	assert_int_equal(draw_by_program(dot, "dot", "svg", out, sizeof(out)), 0);
	assert_has(out, "</svg>");
	assert_has_not(out, "<image");
	unlink(image);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(wires_in_the_order_of_the_file),
		cmocka_unit_test(names_are_not_dot),
		cmocka_unit_test(small_ones_in_layers_big_ones_not),
		cmocka_unit_test(of_many_the_best_joined_have_names),
		cmocka_unit_test(limits_are_written_on_wires),
		cmocka_unit_test(plaintext_is_seen),
		cmocka_unit_test(bridges_denials_and_chains),
		cmocka_unit_test(what_is_live),
		cmocka_unit_test(the_same_picture_each_time),
		cmocka_unit_test(the_program_draws),
		cmocka_unit_test(the_program_refuses),
		cmocka_unit_test(the_program_opens_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
