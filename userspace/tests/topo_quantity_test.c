// SPDX-License-Identifier: MIT
/*
 * Rates, times and shares: what is taken, exactly; what is not; and the same again from what is printed. Networks:
 * what lies in what, and the shortest list.
 */
#include "tests/topo_fixture.h"
#include "topology/net.h"
#include "topology/quantity.h"

static void rates(void **state)
{
	static const struct {
		const char *text;
		uint64_t bytes;
	} cases[] = {
		{ "8kbit", 1000 }, { "8000bit", 1000 }, { "10mbit", 1250000 }, { "1.5gbit", 187500000 }, { "10MBit", 1250000 },
		{ "0.008mbit", 1000 }, { "1tbit", 125000000000 }, { "999999.999999999kbit", 124999999 },
		{ "", 0 }, { "10", 0 }, { "mbit", 0 }, { "-1mbit", 0 }, { "1.mbit", 0 }, { ".5mbit", 0 }, { "10 mbit", 0 },
		{ "1e3mbit", 0 }, { "7kbit", 0 }, { "1.1tbit", 0 }, { "9999999999999999999999bit", 0 }, { "10mbitx", 0 },
		{ "10mbps", 0 }, { "0x10mbit", 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		uint64_t bytes = 0;

		if (parse_rate(cases[i].text, &bytes) != !!cases[i].bytes || bytes != cases[i].bytes)
			fail_msg("%s: %llu", cases[i].text, (unsigned long long)bytes);
	}
}

static void times_and_shares(void **state)
{
	uint32_t v = 7;

	(void)state;
	assert_true(parse_time("20ms", &v));
	assert_int_equal(v, 20000);
	assert_true(parse_time("1.5s", &v));
	assert_int_equal(v, 1500000);
	assert_true(parse_time("0us", &v));
	assert_int_equal(v, 0);
	assert_true(parse_time("60s", &v));
	assert_false(parse_time("60.000001s", &v));
	assert_false(parse_time("20", &v));
	assert_true(parse_share("100%", &v));
	assert_int_equal(v, UINT32_MAX);
	assert_true(parse_share("0%", &v));
	assert_int_equal(v, 0);
	assert_true(parse_share("50%", &v));
	assert_int_equal(v, UINT32_MAX / 2 + 1);
	assert_false(parse_share("100.000000001%", &v));
	assert_false(parse_share("0.1", &v));
	assert_false(parse_share("-1%", &v));
}

static void printed(void **state)
{
	struct arena mem = { 0 };

	(void)state;
	assert_string_equal(format_rate(&mem, 1250000), "10mbit");
	assert_string_equal(format_rate(&mem, 187500000), "1500mbit");
	assert_string_equal(format_rate(&mem, 1), "8bit");
	assert_string_equal(format_time(&mem, 20000), "20ms");
	assert_string_equal(format_time(&mem, 1500001), "1500001us");
	assert_string_equal(format_time(&mem, 0), "0us");
	assert_string_equal(format_share(&mem, 4294967), "0.1%");
	assert_string_equal(format_share(&mem, UINT32_MAX), "100%");
	assert_string_equal(format_share(&mem, 0), "0%");
	for (uint32_t i = 1; i < 100000; i += 7) {
		uint32_t share = i * 42949, again;

		assert_true(parse_share(format_share(&mem, share), &again));
		assert_int_equal(again, share);
	}
	arena_free(&mem);
}

/* "10.0.0.0/9 10.128.0.0/9" merged, as text */
static const char *merged(const char *text)
{
	static char out[512];
	struct arena mem = { 0 };
	struct topo_addr list[32];
	const char *word;
	size_t n = 0, at = 0;

	while ((word = parse_word(&mem, &text)))
		assert_int_equal(lw_addr_parse_prefix(&list[n].addr, &list[n].len, word), 0), n++;
	n = net_merge(list, n);
	*out = '\0';
	for (size_t i = 0; i < n; i++) {
		char net[NET_STRLEN];

		at += (size_t)snprintf(out + at, sizeof(out) - at, "%s%s", i ? " " : "", net_format(&list[i], net));
	}
	arena_free(&mem);
	return out;
}

static void merging(void **state)
{
	(void)state;
	assert_string_equal(merged(""), "");
	assert_string_equal(merged("10.128.0.0/9 10.0.0.0/9"), "10.0.0.0/8");
	assert_string_equal(merged("10.0.0.1/32 10.0.0.2/32"), "10.0.0.1/32 10.0.0.2/32");
	assert_string_equal(merged("10.0.0.3 10.0.0.2 10.0.0.1 10.0.0.0 10.0.0.0"), "10.0.0.0/30");
	assert_string_equal(merged("10.1.0.0/16 10.0.0.0/8 10.200.1.1"), "10.0.0.0/8");
	assert_string_equal(merged("fd00::1 fd00:: 0.0.0.0/1 128.0.0.0/1"), "0.0.0.0/1 128.0.0.0/1 fd00::/127");
}

static bool inside(const char *outer, const char *inner)
{
	struct topo_addr a, b;

	assert_int_equal(lw_addr_parse_prefix(&a.addr, &a.len, outer), 0);
	assert_int_equal(lw_addr_parse_prefix(&b.addr, &b.len, inner), 0);
	return net_contains(&a, &b);
}

static void containing(void **state)
{
	(void)state;
	assert_true(inside("10.0.0.0/8", "10.255.255.255"));
	assert_true(inside("10.0.0.0/8", "10.0.0.0/8"));
	assert_false(inside("10.0.0.0/9", "10.0.0.0/8"));
	assert_false(inside("10.0.0.0/8", "11.0.0.0/9"));
	assert_false(inside("::/0", "10.0.0.0/8"));
	assert_true(inside("::/0", "ffff::/16"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rates),
		cmocka_unit_test(times_and_shares),
		cmocka_unit_test(printed),
		cmocka_unit_test(merging),
		cmocka_unit_test(containing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
