// SPDX-License-Identifier: MIT
/*
 * What can be in a word of the command line: numbers, tags, addresses, names.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lwctl/args.h"
#include "netlink/link.h"
#include "netlink/netns.h"
#include "netlink/words.h"
#include "tests/capture.h"

static struct capture capture;

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static void numbers(void **state)
{
	static const struct {
		const char *word;
		uint64_t value;
	} good[] = {
		{ "0", 0 }, { "7", 7 }, { "010", 10 }, { "0x10", 16 }, { "0XfF", 255 },
		{ "18446744073709551615", UINT64_MAX }, { "0xffffffffffffffff", UINT64_MAX },
	};
	static const char *const bad[] = {
		"", " 1", "1 ", "+1", "-1", "0x", "x1", "1x", "0xg", "a", "1.0", "1e3", "18446744073709551616",
		"0x10000000000000000", "99999999999999999999999", "\xd9\xa1",
	};
	uint64_t v;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(good); i++) {
		assert_int_equal(number_parse(good[i].word, &v), 0);
		assert_true(v == good[i].value);
	}
	for (i = 0; i < COUNT(bad); i++)
		if (number_parse(bad[i], &v) != -EINVAL)
			fail_msg("'%s' was taken", bad[i]);
}

/* Calls a reader of one word and says what it thinks of it. */
#define REFUSED(call, word)									\
	do {											\
		struct lwctl ctl = { .out = { .file = stdout } };				\
		const char *said;								\
		int ret;									\
												\
		capture_begin(&capture, stderr);						\
		ret = (call);									\
		said = capture_end(&capture);							\
		assert_int_equal(ret, LWCTL_USAGE);						\
		if (!strstr(said, word) || strncmp(said, "lwctl: ", 7) ||			\
		    strchr(said, '\n') != said + strlen(said) - 1)				\
			fail_msg("'%s' was refused with '%s'", word, said);			\
	} while (0)

static void tags(void **state)
{
	struct lwctl ctl = { .out = { .file = stdout } };
	uint32_t tag;

	(void)state;
	assert_int_equal(args_tag(&ctl, "0x5a17c3", &tag), LWCTL_OK);
	assert_int_equal(tag, 0x5a17c3);
	assert_int_equal(args_tag(&ctl, "16777215", &tag), LWCTL_OK);
	assert_int_equal(tag, 0xffffff);
	REFUSED(args_tag(&ctl, "0x1000000", &tag), "0x1000000");
	REFUSED(args_tag(&ctl, "16777216", &tag), "16777216");
	REFUSED(args_tag(&ctl, "-1", &tag), "-1");
	REFUSED(args_tag(&ctl, "5a17c3", &tag), "5a17c3");
	REFUSED(args_tag(&ctl, "", &tag), "''");
}

static void seconds(void **state)
{
	struct lwctl ctl = { .out = { .file = stdout } };
	uint64_t ms;

	(void)state;
	assert_int_equal(args_seconds(&ctl, "grace", "3", &ms), LWCTL_OK);
	assert_int_equal(ms, 3000);
	assert_int_equal(args_seconds(&ctl, "grace", "0.25", &ms), LWCTL_OK);
	assert_int_equal(ms, 250);
	assert_int_equal(args_seconds(&ctl, "grace", "0", &ms), LWCTL_OK);
	assert_int_equal(ms, 0);
	assert_int_equal(args_seconds(&ctl, "grace", "86400.999", &ms), LWCTL_OK);
	assert_int_equal(ms, 86400999);
	REFUSED(args_seconds(&ctl, "grace", "1.", &ms), "'1.'");
	REFUSED(args_seconds(&ctl, "grace", ".5", &ms), "'.5'");
	REFUSED(args_seconds(&ctl, "grace", "1.2345", &ms), "'1.2345'");
	REFUSED(args_seconds(&ctl, "grace", "-1", &ms), "'-1'");
	REFUSED(args_seconds(&ctl, "grace", "0x5", &ms), "'0x5'");
	REFUSED(args_seconds(&ctl, "grace", "1.2.3", &ms), "'1.2.3'");
	REFUSED(args_seconds(&ctl, "grace", "86401", &ms), "'86401'");
	REFUSED(args_seconds(&ctl, "grace", "99999999999999999999", &ms), "99999");
	REFUSED(args_seconds(&ctl, "grace", "", &ms), "''");
}

static void macs(void **state)
{
	static const char *const bad[] = { "", "02", "02:00:00:00:00", "02:00:00:00:00:01:02", "2:0:0:0:0:1",
					   "02-00-00-00-00-01", "0g:00:00:00:00:01", "02:00:00:00:00:1",
					   "02:00:00:00:00:01 " };
	const uint8_t want[6] = { 2, 0xab, 0xcd, 0xef, 0, 1 };
	struct lwctl ctl = { .out = { .file = stdout } };
	uint8_t mac[6];
	size_t i;

	(void)state;
	assert_int_equal(args_mac(&ctl, "address", "02:ab:CD:ef:00:01", mac), LWCTL_OK);
	assert_memory_equal(mac, want, 6);
	for (i = 0; i < COUNT(bad); i++)
		REFUSED(args_mac(&ctl, "address", bad[i], mac), bad[i]);
}

static void addresses(void **state)
{
	static const char *const bad[] = { "", "1.2.3", "1.2.3.4.5", "256.1.1.1", "1.2.3.4/24", "::g", "fe80::1%eth0",
					   "host.example", " 1.2.3.4", "1.2.3.4 ", "0x1020304", "1:2:3:4:5:6:7" };
	static const char *const bad_prefix[] = { "1.2.3.4/", "1.2.3.4/33", "1.2.3.4/-1", "1.2.3.4/+1", "1.2.3.4/ 1",
						  "::/129", "1.2.3.4/24x", "/24", "1.2.3.4/99999999999999999999",
						  "1.2.3.4/24/24",
						  "1111111111111111111111111111111111111111111111111/1" };
	struct lw_addr a, b;
	char text[LW_ADDR_STRLEN];
	uint8_t len;
	size_t i;

	(void)state;
	assert_int_equal(lw_addr_parse(&a, "192.0.2.1"), 0);
	assert_int_equal(a.family, AF_INET);
	assert_string_equal(lw_addr_format(&a, text), "192.0.2.1");
	assert_int_equal(lw_addr_parse(&b, "2001:DB8::1"), 0);
	assert_string_equal(lw_addr_format(&b, text), "2001:db8::1");
	assert_false(lw_addr_equal(&a, &b));
	for (i = 0; i < COUNT(bad); i++)
		if (lw_addr_parse(&a, bad[i]) != -EINVAL)
			fail_msg("'%s' was taken", bad[i]);

	assert_int_equal(lw_addr_parse_prefix(&a, &len, "10.0.0.0/8"), 0);
	assert_int_equal(len, 8);
	assert_int_equal(lw_addr_parse_prefix(&a, &len, "fd00::1"), 0);
	assert_int_equal(len, 128);
	assert_int_equal(lw_addr_parse_prefix(&a, &len, "::/0"), 0);
	assert_int_equal(len, 0);
	for (i = 0; i < COUNT(bad_prefix); i++)
		if (lw_addr_parse_prefix(&a, &len, bad_prefix[i]) != -EINVAL)
			fail_msg("'%s' was taken", bad_prefix[i]);
	assert_int_equal(lw_addr_from_bytes(&a, "\x01\x02\x03", 3), -EINVAL);
}

static void names_of_devices_and_namespaces(void **state)
{
	static const char *const good[] = { "lw0", "eth0.100", "a", "fifteen-bytes-x", "#x", "id" };
	static const char *const bad[] = { "", ".", "..", "a/b", "a:b", "a b", "a\tb", "a\n", "sixteen-bytes-xx" };
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(good); i++)
		assert_true(lw_link_name_valid(good[i]));
	for (i = 0; i < COUNT(bad); i++)
		if (lw_link_name_valid(bad[i]))
			fail_msg("'%s' was taken", bad[i]);
	assert_true(lw_netns_name_valid("red blue"));
	assert_false(lw_netns_name_valid("../../etc/passwd"));
	assert_false(lw_netns_name_valid(".."));
	assert_false(lw_netns_name_valid(""));
}

static void the_uapis_words_go_both_ways(void **state)
{
	unsigned int v;

	(void)state;
	for (v = 0; v < 256; v++) {
		const char *cipher = lw_cipher_name((uint8_t)v), *encap = lw_encap_name((uint8_t)v);

		if (cipher) {
			assert_int_equal(lw_cipher_parse(cipher), v);
			assert_true(lw_cipher_key_size((uint8_t)v) > 0);
			assert_true(lw_cipher_key_size((uint8_t)v) <= LINKWIRE_KEY_MAX);
		} else {
			assert_int_equal(lw_cipher_key_size((uint8_t)v), 0);
		}
		if (encap)
			assert_int_equal(lw_encap_parse(encap), v);
	}
	assert_string_equal(lw_mode_name(LINKWIRE_MODE_L2), "l2");
	assert_int_equal(lw_cipher_key_size(LINKWIRE_CIPHER_AES_128_GCM), 20);
	assert_int_equal(lw_cipher_key_size(LINKWIRE_CIPHER_AES_256_GCM), 36);
	assert_int_equal(lw_cipher_key_size(LINKWIRE_CIPHER_CHACHA20_POLY1305), 32);
	assert_int_equal(lw_cipher_parse("aes"), 0);
	assert_int_equal(lw_cipher_parse(""), 0);
	assert_int_equal(lw_dir_parse("both"), 0);
	assert_int_equal(lw_csum_parse("partial"), LW_CSUM_PARTIAL);
	assert_int_equal(lw_csum_parse("full"), LW_CSUM_FULL);
	assert_int_equal(lw_csum_parse("1"), 0);
	assert_string_equal(lw_csum_name(LW_CSUM_FULL), "full");
	assert_null(lw_csum_name(0));
}

static void every_counter_has_a_name_of_its_own(void **state)
{
	unsigned int i, j;

	(void)state;
	for (i = LINKWIRE_A_STAT_RX_PACKETS; i <= LINKWIRE_A_STAT_MAX; i++) {
		assert_non_null(lw_counter_name(i));
		for (j = LINKWIRE_A_STAT_RX_PACKETS; j < i; j++)
			assert_string_not_equal(lw_counter_name(i), lw_counter_name(j));
	}
	assert_null(lw_counter_name(LINKWIRE_A_STAT_PAD));
	assert_null(lw_counter_name(LINKWIRE_A_STAT_MAX + 1));
	assert_false(lw_counter_is_drop(LINKWIRE_A_STAT_RX_KEEPALIVES));
	assert_true(lw_counter_is_drop(LINKWIRE_A_STAT_RX_MALFORMED));
}

static void a_wire_by_name_or_id(void **state)
{
	struct lwctl ctl = { .out = { .file = stdout } };
	struct target t;
	struct args args;

	(void)state;
#define WORDS(...) ((char *[]){ __VA_ARGS__ })
	args = ARGS(1, WORDS((char[]){ "lw0" }));
	assert_int_equal(args_wire(&ctl, &args, &t), LWCTL_OK);
	assert_string_equal(t.name, "lw0");
	args = ARGS(2, WORDS((char[]){ "id" }, (char[]){ "7" }));
	assert_int_equal(args_wire(&ctl, &args, &t), LWCTL_OK);
	assert_int_equal(t.id, 7);
	assert_null(t.name);
	args = ARGS(1, WORDS((char[]){ "id" }));	/* a device of that name */
	assert_int_equal(args_wire(&ctl, &args, &t), LWCTL_OK);
	assert_string_equal(t.name, "id");
	args = ARGS(3, WORDS((char[]){ "dev" }, (char[]){ "id" }, (char[]){ "rx" }));
	assert_int_equal(args_wire(&ctl, &args, &t), LWCTL_OK);
	assert_string_equal(t.name, "id");
	assert_int_equal(args.left, 1);
	args = ARGS(2, WORDS((char[]){ "id" }, (char[]){ "0" }));
	REFUSED(args_wire(&ctl, &args, &t), "'0'");
	args = ARGS(2, WORDS((char[]){ "id" }, (char[]){ "4294967296" }));
	REFUSED(args_wire(&ctl, &args, &t), "'4294967296'");
	args = ARGS(0, NULL);
	REFUSED(args_wire(&ctl, &args, &t), "missing");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers),
		cmocka_unit_test(tags),
		cmocka_unit_test(seconds),
		cmocka_unit_test(macs),
		cmocka_unit_test(addresses),
		cmocka_unit_test(names_of_devices_and_namespaces),
		cmocka_unit_test(the_uapis_words_go_both_ways),
		cmocka_unit_test(every_counter_has_a_name_of_its_own),
		cmocka_unit_test(a_wire_by_name_or_id),
	};

	return cmocka_run_group_tests_name("words", tests, NULL, NULL);
}
