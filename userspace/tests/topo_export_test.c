// SPDX-License-Identifier: MIT
/*
 * One node's part of a topology as a batch: what it says, that both ends fit together, and what cannot be exported.
 */
#include "topo_fixture.h"

#include <errno.h>

#include "lwctl/batch.h"
#include "topology/export.h"

#define TWO "graph net { a [lw_endpoint=\"192.0.2.1\"]; b [lw_endpoint=\"192.0.2.2\"];"

static int known_keys(struct export *x, const struct topo_wire *w, int end, struct wire_keys *keys)
{
	(void)x;
	(void)end;
	*keys = (struct wire_keys){ .tag = { 0x10, 0x20 }, .cipher = w->cipher };
	memset(keys->key[0], 0xaa, sizeof(keys->key[0]));
	memset(keys->key[1], 0xbb, sizeof(keys->key[1]));
	return 0;
}

/* the batch, to be freed */
static char *batch_of(const struct topo_state *want, const char *node,
		      int (*keys)(struct export *, const struct topo_wire *, int, struct wire_keys *))
{
	struct export x = { .want = want, .keys = keys, .fd = memfd_create("batch", MFD_CLOEXEC) };
	char *text = calloc(1, 1 << 16);

	assert_true(x.fd >= 0 && text);
	while (strcmp(want->node[x.node].name, node))
		x.node++;
	assert_int_equal(export_node(&x), 0);
	assert_true(pread(x.fd, text, (1 << 16) - 1, 0) > 0);
	close(x.fd);
	return text;
}

static char *batch_of_text(const char *text, const char *node)
{
	struct topo_state want = { 0 };
	char *batch;

	want_text(&want, text, NULL);
	batch = batch_of(&want, node, known_keys);
	state_free(&want);
	return batch;
}

static void assert_line(const char *batch, const char *part)
{
	if (!strstr(batch, part))
		fail_msg("no %s in\n%s", part, batch);
}

/* conflicts that stand against exporting a node */
static void refused(const char *text, const char *node, const char *why)
{
	struct topo_state want = { 0 };
	struct diag d = { 0 };
	size_t i = 0;

	want_text(&want, text, NULL);
	while (strcmp(want.node[i].name, node))
		i++;
	export_check(&want, i, &d);
	if (!why) {
		assert_int_equal(d.errors, 0);
	} else if (!told(&d, why)) {
		print_told(&d);
		fail_msg("not told: %s", why);
	}
	diag_free(&d);
	state_free(&want);
}

static void first_which_machine(void **state)
{
	char *batch = batch_of_text("graph net { a [lw_endpoint=\"192.0.2.1, 2001:db8::1\"]; "
				    "b [lw_endpoint=\"192.0.2.2\"]; a -- b }", "a"), *line = batch;

	(void)state;
	while (*line == '#')
		line = strchr(line, '\n') + 1;
	assert_memory_equal(line, "machine 192.0.2.1 2001:db8::1\n", 30);
	free(batch);
}

static void each_end_as_the_file_says(void **state)
{
	static const char text[] = TWO "a:x -- b:y [lw_mtu=1400, lw_hold=2000, lw_cipher=\"aes-128-gcm\"];"
				   "a:u -- b:v [lw_encap=ipip, lw_admin=down] }";
	char *a = batch_of_text(text, "a"), *b = batch_of_text(text, "b");

	(void)state;
	assert_line(a, "link add dev x id ");
	assert_line(a, " encap vxlan mode l2 local 192.0.2.1 remote 192.0.2.2 hold 2000 mtu 1400 label lw:net:");
	assert_line(a, ":0 up\n");
	assert_line(a, "rx tag 0x000010 cipher aes-128-gcm key qqqqqqqqqqqqqqqqqqqqqqqqqqo=\n");
	assert_line(a, "tx tag 0x000020 cipher aes-128-gcm key u7u7u7u7u7u7u7u7u7u7u7u7u7s=\n");
	assert_line(a, " 10.0.0.0/31 fd6c:7700::/127\n");
	assert_line(a, "encap ipip mode l3");
	assert_line(a, ":0\n");		/* the second is not up */
	assert_line(b, "link add dev y id ");
	assert_line(b, " local 192.0.2.2 remote 192.0.2.1 ");
	assert_line(b, "tx tag 0x000010 cipher aes-128-gcm key qqqqqqqqqqqqqqqqqqqqqqqqqqo=\n");
	assert_line(b, "rx tag 0x000020 cipher aes-128-gcm key u7u7u7u7u7u7u7u7u7u7u7u7u7s=\n");
	assert_line(b, " 10.0.0.1/31 fd6c:7700::1/127\n");
	free(a);
	free(b);
}

static void only_its_own_wires(void **state)
{
	char *batch = batch_of_text(TWO "c [lw_endpoint=\"192.0.2.3\"]; a:x -- b:y; b:p -- c:q; c:u -- a:v }", "c");

	(void)state;
	assert_line(batch, "link add dev q ");
	assert_line(batch, "link add dev u ");
	assert_null(strstr(batch, "dev x"));
	assert_null(strstr(batch, "dev y"));
	assert_null(strstr(batch, "dev p"));
	free(batch);
}

static void both_ends_of_a_wire_to_itself(void **state)
{
	char *batch = batch_of_text("graph net { a [lw_endpoint=\"192.0.2.1\"]; a:x -- a:y }", "a");
	size_t lines = 0;

	(void)state;
	for (const char *c = batch; *c; c++)
		lines += *c == '\n';
	assert_int_equal(lines, 2 + 2 * 4);
	assert_line(batch, "link add dev x ");
	assert_line(batch, "link add dev y ");
	free(batch);
}

/* what a batch would take for something else is still one word, and the same */
static void odd_names(void **state)
{
	char *batch = batch_of_text("graph \"n'e t\" { a [lw_endpoint=\"192.0.2.1\", lw_netns=\"x#'\\y\"];"
				    "b [lw_endpoint=\"192.0.2.2\"]; a:\"q'\\\"#$\" -- b:y }", "a");
	char *words[64], *line = strstr(batch, "link add"), *end = strchr(line, '\n');
	int n;

	(void)state;
	*end = '\0';
	n = batch_split(line, words, 63);
	assert_in_range(n, 10, 63);
	assert_string_equal(words[3], "q'\"#$");
	assert_string_equal(words[n - 1], "up");
	assert_string_equal(words[n - 2], "x#'\\y");
	assert_string_equal(words[n - 3], "netns");
	free(batch);
}

static void sources_and_backup(void **state)
{
	struct topo_state want = { 0 };
	struct topo_addr source[2] = { { .len = 24 }, { .len = 64 } };
	char *batch;

	(void)state;
	want_text(&want, TWO "a:x -- b:y }", NULL);
	assert_int_equal(lw_addr_parse(&source[0].addr, "10.7.0.0"), 0);
	assert_int_equal(lw_addr_parse(&source[1].addr, "2001:db8:7::"), 0);
	assert_int_equal(lw_addr_parse(&want.wire[0].end[0].backup, "192.0.2.9"), 0);
	want.wire[0].end[0].sources_on = want.wire[0].end[1].sources_on = true;
	want.wire[0].end[0].source = source;
	want.wire[0].end[0].sources = 2;
	batch = batch_of(&want, "a", known_keys);
	assert_line(batch, " backup 192.0.2.9 sources 10.7.0.0/24,2001:db8:7::/64 ");
	free(batch);
	batch = batch_of(&want, "b", known_keys);
	assert_line(batch, " sources none ");
	assert_null(strstr(batch, "backup"));
	free(batch);
	state_free(&want);
}

static void what_cannot_be_exported(void **state)
{
	(void)state;
	refused(TWO "a -- b }", "a", NULL);
	refused("graph net { a; b [lw_endpoint=\"192.0.2.2\"]; a -- b }", "a", "node a has no lw_endpoint");
	refused("graph net { a; b [lw_endpoint=\"192.0.2.2\"]; a -- b }", "b", "node a has no lw_endpoint");
	refused(TWO "c; a -- b; a -- c }", "b", NULL);
	refused(TWO "a -- b [lw_cipher=none] }", "a", "a -- b is not encrypted");
	refused(TWO "s [lw_kind=bridge, lw_endpoint=\"192.0.2.3\"]; a -- s; s -- b }", "s", "node s is a bridge");
	refused("graph net { a [lw_endpoint=\"192.0.2.1\", lw_netns=\"x\nversion\"]; }", "a", "does not fit into one line");
}

/* key lines of a batch with rx and tx the other way round, so that those of two ends are the same if they fit */
static char *keys_of(const struct topo_state *want, const char *node, bool turned)
{
	char *batch = batch_of(want, node, export_keys), *keys = calloc(1, 1 << 14), *rest = batch, *line;

	while ((line = strsep(&rest, "\n"))) {
		char dir[3], tail[256];

		if (sscanf(line, "sa add id %*u %2s %255[^\n]", dir, tail) != 2)
			continue;
		if (turned)
			strcpy(dir, strcmp(dir, "rx") ? "rx" : "tx");
		/* rx first */
		if (!strcmp(dir, "rx"))
			memmove(keys + strlen(tail) + 4, keys, strlen(keys) + 1),
			memcpy(keys, "rx ", 3), memcpy(keys + 3, tail, strlen(tail)), keys[strlen(tail) + 3] = '\n';
		else
			strcat(strcat(strcat(keys, "tx "), tail), "\n");
	}
	free(batch);
	return keys;
}

static bool keyring_here(void)
{
	struct wire_keys keys = { 0 };

	return !handover_leave("linkwire:test", &keys) && !handover_take("linkwire:test", &keys);
}

/* each time both are exported, one after the other, they fit, and never as before */
static void keys_fit_and_are_fresh(void **state)
{
	struct topo_state want = { 0 };
	char *a, *b, *again;

	(void)state;
	if (!keyring_here())
		skip();
	want_text(&want, TWO "a:x -- b:y }", NULL);
	a = keys_of(&want, "a", false);
	b = keys_of(&want, "b", true);
	assert_string_equal(a, b);
	again = keys_of(&want, "a", false);
	assert_string_not_equal(a, again);
	free(b);
	b = keys_of(&want, "b", true);
	assert_string_equal(again, b);
	free(b);
	/* the first of two exports of one node is void */
	free(a);
	a = keys_of(&want, "a", false);
	free(again);
	again = keys_of(&want, "a", false);
	assert_string_not_equal(a, again);
	b = keys_of(&want, "b", true);
	assert_string_equal(again, b);
	free(a);
	free(b);
	free(again);
	state_free(&want);
}

static void handed_over_once(void **state)
{
	struct wire_keys left = { .tag = { 1, 2 }, .cipher = LINKWIRE_CIPHER_AES_128_GCM }, got = { 0 };

	(void)state;
	if (!keyring_here())
		skip();
	assert_int_equal(handover_take("linkwire:test:none", &got), -ENOKEY);
	assert_int_equal(handover_leave("linkwire:test:1", &left), 0);
	left.tag[0] = 7;
	assert_int_equal(handover_leave("linkwire:test:1", &left), 0);
	assert_int_equal(handover_take("linkwire:test:1", &got), 0);
	assert_memory_equal(&left, &got, sizeof(got));
	assert_int_equal(handover_take("linkwire:test:1", &got), -ENOKEY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_which_machine),
		cmocka_unit_test(each_end_as_the_file_says),
		cmocka_unit_test(only_its_own_wires),
		cmocka_unit_test(both_ends_of_a_wire_to_itself),
		cmocka_unit_test(odd_names),
		cmocka_unit_test(sources_and_backup),
		cmocka_unit_test(what_cannot_be_exported),
		cmocka_unit_test(keys_fit_and_are_fresh),
		cmocka_unit_test(handed_over_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
