// SPDX-License-Identifier: MIT
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "netlink/secret.h"

static const struct {
	const char *plain, *text;
} vectors[] = {	/* RFC 4648, section 10 */
	{ "f", "Zg==" }, { "fo", "Zm8=" }, { "foo", "Zm9v" },
	{ "foob", "Zm9vYg==" }, { "fooba", "Zm9vYmE=" }, { "foobar", "Zm9vYmFy" },
};

static void known_vectors_go_both_ways(void **state)
{
	uint8_t bytes[16];
	char text[32];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		size_t n = strlen(vectors[i].plain);

		lw_base64_encode(text, (const uint8_t *)vectors[i].plain, n);
		assert_string_equal(text, vectors[i].text);
		assert_int_equal(lw_base64_decode(bytes, sizeof(bytes), text, strlen(text)), n);
		assert_memory_equal(bytes, vectors[i].plain, n);
	}
}

static void every_byte_survives_at_every_place(void **state)
{
	uint8_t in[36], out[36];
	char text[LW_BASE64_SIZE(36)];
	unsigned int n, v, i;

	(void)state;
	for (n = 1; n <= sizeof(in); n++) {
		for (v = 0; v < 256; v++) {
			for (i = 0; i < n; i++)
				in[i] = (uint8_t)(v + i * 41);
			lw_base64_encode(text, in, n);
			assert_int_equal(strlen(text) + 1, LW_BASE64_SIZE(n));
			assert_int_equal(lw_base64_decode(out, sizeof(out), text, strlen(text)), n);
			assert_memory_equal(in, out, n);
		}
	}
}

static void what_is_not_base64_is_refused(void **state)
{
	static const char *const bad[] = {
		"", "Z", "Zg", "Zg=", "Zg===", "=", "====", "=g==", "Z===", "Zm9=v", "Zm=v", "Zm9v\n", " Zm9v", "Zm9-", "Zm9_",
		"Zh==",		/* bits behind the last byte */
		"Zm9=",
		"Zm9vZg==Zm9v",	/* an end in the middle */
		"\xc3\xa4zz", "Zm9v====",
	};
	uint8_t bytes[16];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (lw_base64_decode(bytes, sizeof(bytes), bad[i], strlen(bad[i])) != -EINVAL)
			fail_msg("'%s' was taken", bad[i]);
}

static void only_the_64_characters_are_taken(void **state)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	char text[5] = "AAAA";
	uint8_t bytes[3];
	int c, taken = 0;

	(void)state;
	for (c = 0; c < 256; c++) {
		text[1] = (char)c;
		if (lw_base64_decode(bytes, sizeof(bytes), text, 4) == 3) {
			assert_non_null(memchr(alphabet, c, 64));
			taken++;
		}
	}
	assert_int_equal(taken, 64);
}

static void more_bytes_than_there_is_room_are_refused(void **state)
{
	uint8_t bytes[2];

	(void)state;
	assert_int_equal(lw_base64_decode(bytes, sizeof(bytes), "Zm9v", 4), -EINVAL);
	assert_int_equal(lw_base64_decode(bytes, sizeof(bytes), "Zm8=", 4), 2);
}

static void random_bytes_differ(void **state)
{
	uint8_t a[36] = { 0 }, b[36] = { 0 };

	(void)state;
	assert_int_equal(lw_secret_random(a, sizeof(a)), 0);
	assert_int_equal(lw_secret_random(b, sizeof(b)), 0);
	assert_memory_not_equal(a, b, sizeof(a));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_vectors_go_both_ways),
		cmocka_unit_test(every_byte_survives_at_every_place),
		cmocka_unit_test(what_is_not_base64_is_refused),
		cmocka_unit_test(only_the_64_characters_are_taken),
		cmocka_unit_test(more_bytes_than_there_is_room_are_refused),
		cmocka_unit_test(random_bytes_differ),
	};

	return cmocka_run_group_tests_name("secret", tests, NULL, NULL);
}
