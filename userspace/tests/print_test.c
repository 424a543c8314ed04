// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lwctl/print.h"

static char *out;
static size_t out_len;

static struct printer begin(bool json, bool pretty, bool color)
{
	return (struct printer){ .file = open_memstream(&out, &out_len), .json = json, .pretty = pretty, .color = color };
}

static void expect(struct printer *p, const char *want)
{
	fclose(p->file);
	assert_string_equal(out, want);
	free(out);
}

static void say_all(struct printer *p)
{
	print_open_array(p, NULL);
	print_open_object(p, NULL);
	print_string(p, "ifname", "%s:", COLOR_NAME, "lw0");
	print_u64(p, "mtu", " mtu %llu", 1400);
	print_bool(p, "up", " up", true);
	print_bool(p, "roam", " roam", false);
	print_u64(p, "hidden", NULL, 1);
	print_string(p, NULL, " [%s]", COLOR_NONE, "text only");
	print_null(p, "netns");
	print_open_array(p, "list");
	print_u64(p, NULL, " %llu", 1);
	print_close_array(p);
	print_open_object(p, "empty");
	print_close_object(p);
	print_text(p, "\n");
	print_close_object(p);
	print_open_object(p, NULL);
	print_u64(p, "big", "%llu\n", UINT64_MAX);
	print_close_object(p);
	print_close_array(p);
	print_end(p);
}

static void text(void **state)
{
	struct printer p = begin(false, false, false);

	(void)state;
	say_all(&p);
	expect(&p, "lw0: mtu 1400 up [text only] 1\n18446744073709551615\n");
}

static void color(void **state)
{
	struct printer p = begin(false, false, true);

	(void)state;
	print_string(&p, "ifname", "<%s>", COLOR_NAME, "lw0");
	print_string(&p, "ifname", "<%s>", COLOR_NONE, "lw0");
	expect(&p, "<\033[36mlw0\033[0m><lw0>");
}

static void json(void **state)
{
	struct printer p = begin(true, false, true);

	(void)state;
	say_all(&p);
	expect(&p, "[{\"ifname\":\"lw0\",\"mtu\":1400,\"up\":true,\"roam\":false,\"hidden\":1,\"netns\":null,"
	       "\"list\":[],\"empty\":{}},{\"big\":18446744073709551615}]\n");
}

static void pretty_json(void **state)
{
	struct printer p = begin(true, true, false);

	(void)state;
	print_open_array(&p, NULL);
	print_open_object(&p, NULL);
	print_u64(&p, "a", NULL, 1);
	print_u64(&p, "b", NULL, 2);
	print_close_object(&p);
	print_close_array(&p);
	print_end(&p);
	expect(&p, "[\n    {\n        \"a\": 1,\n        \"b\": 2\n    }\n]\n");
}

/* Labels are any bytes at all. */
static void hostile_strings(void **state)
{
	static const struct {
		const char *in, *json, *text;
	} cases[] = {
		{ "a\"b\\c", "\"a\\\"b\\\\c\"", "a\"b\\c" },
		{ "\033[31m\n\t", "\"\\u001b[31m\\u000a\\u0009\"", "\\x1b[31m\\x0a\\x09" },
		{ "\x7f", "\"\\u007f\"", "\\x7f" },
		{ "h\xc3\xa9llo \xe2\x82\xac \xf0\x9f\x94\x92", "\"h\xc3\xa9llo \xe2\x82\xac \xf0\x9f\x94\x92\"",
		  "h\xc3\xa9llo \xe2\x82\xac \xf0\x9f\x94\x92" },
		{ "\xff\xfe", "\"\\ufffd\\ufffd\"", "\\xff\\xfe" },
		{ "\xc0\xaf", "\"\\ufffd\\ufffd\"", "\\xc0\\xaf" },			/* overlong */
		{ "\xe0\x80\x80", "\"\\ufffd\\ufffd\\ufffd\"", "\\xe0\\x80\\x80" },
		{ "\xed\xa0\x80", "\"\\ufffd\\ufffd\\ufffd\"", "\\xed\\xa0\\x80" },	/* a surrogate */
		{ "\xf4\x90\x80\x80", "\"\\ufffd\\ufffd\\ufffd\\ufffd\"", "\\xf4\\x90\\x80\\x80" },
		{ "\xe2\x82", "\"\\ufffd\\ufffd\"", "\\xe2\\x82" },			/* cut off */
		{ "\xc2\x9b" "31m", "\"\xc2\x9b" "31m\"", "\\xc2\\x9b31m" },		/* C1: a CSI */
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct printer p = begin(true, false, false);

		print_open_array(&p, NULL);
		print_string(&p, "k", "%s", COLOR_NONE, cases[i].in);
		fclose(p.file);
		assert_string_equal(out + strlen("[\"k\":"), cases[i].json);
		free(out);

		p = begin(false, false, false);
		print_string(&p, "k", "%s", COLOR_NONE, cases[i].in);
		expect(&p, cases[i].text);
	}
}

static void say_much(struct printer p)
{
	char value[5000];

	memset(value, '\033', sizeof(value));
	print_open_array(&p, NULL);
	print_bytes(&p, "k", "%s", COLOR_NONE, value, sizeof(value));
	fclose(p.file);
	free(out);
}

static void long_strings_are_cut_in_text_only(void **state)
{
	(void)state;
	say_much(begin(false, false, false));
	assert_true(out_len < 1100);
	say_much(begin(true, false, false));
	assert_int_equal(out_len, strlen("[\"k\":\"\"") + 6 * 5000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text),
		cmocka_unit_test(color),
		cmocka_unit_test(json),
		cmocka_unit_test(pretty_json),
		cmocka_unit_test(hostile_strings),
		cmocka_unit_test(long_strings_are_cut_in_text_only),
	};

	return cmocka_run_group_tests_name("print", tests, NULL, NULL);
}
