// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "lwctl/key.h"
#include "netlink/secret.h"
#include "netlink/words.h"
#include "tests/capture.h"

static struct capture capture;
static char name[64];

/* base64 of 20, 32 and 36 bytes: '0', '1', '2' … */
#define KEY20 "MDEyMzQ1Njc4OTo7PD0+P0BBQkM="
#define KEY32 "MDEyMzQ1Njc4OTo7PD0+P0BBQkNERUZHSElKS0xNTk8="
#define KEY36 "MDEyMzQ1Njc4OTo7PD0+P0BBQkNERUZHSElKS0xNTk9QUVJT"

static const char *file_with(const char *text, mode_t mode)
{
	int fd;

	strcpy(name, "/tmp/lwctl-key-test.XXXXXX");
	fd = mkstemp(name);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
	return name;
}

static void each_ciphers_key_is_read(void **state)
{
	static const struct {
		uint8_t cipher;
		const char *text;
	} good[] = {
		{ LINKWIRE_CIPHER_AES_128_GCM, KEY20 "\n" },
		{ LINKWIRE_CIPHER_AES_128_GCM, KEY20 },
		{ LINKWIRE_CIPHER_AES_128_GCM, KEY20 "\r\n" },
		{ LINKWIRE_CIPHER_CHACHA20_POLY1305, KEY32 "\n" },
		{ LINKWIRE_CIPHER_AES_256_GCM, KEY36 "\nwhat follows is not read\n" },
	};
	struct lwctl ctl = { .out = { .file = stdout } };
	struct key key;
	size_t i, n;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(key_from_file(&ctl, &key, good[i].cipher, file_with(good[i].text, 0600)), LWCTL_OK);
		unlink(name);
		assert_int_equal(key.len, lw_cipher_key_size(good[i].cipher));
		for (n = 0; n < key.len; n++)
			assert_int_equal(key.bytes[n], '0' + n);
		key_free(&key);
		assert_null(key.bytes);
	}
}

static void bad_files_are_refused_without_showing_them(void **state)
{
	static const struct {
		mode_t mode;
		const char *text, *said;
	} bad[] = {
		{ 0644, KEY20 "\n", "others can read it (mode 0644)" },
		{ 0640, KEY20 "\n", "others can read it (mode 0640)" },
		{ 0604, KEY20 "\n", "others can read it (mode 0604)" },
		{ 0602, KEY20 "\n", "others can read it (mode 0602)" },
		{ 0600, "", "there is no key in it" },
		{ 0600, "\n" KEY20 "\n", "there is no key in it" },
		{ 0600, KEY36 "\n", "36 bytes, but aes-128-gcm takes 20 (key and salt)" },
		{ 0600, KEY20 "AAAA\n", "not one line of base64" },
		{ 0600, "MDEyMzQ1Njc4OTo7PD0+P0BBQk!=\n", "not one line of base64" },
		{ 0600, "MDEyMzQ1Njc4OTo7PD0\n", "not one line of base64" },
	};
	static char endless[5000];
	struct lwctl ctl = { .out = { .file = stdout } };
	const char *said;
	struct key key;
	size_t i;
	int ret;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		file_with(bad[i].text, bad[i].mode);
		capture_begin(&capture, stderr);
		ret = key_from_file(&ctl, &key, LINKWIRE_CIPHER_AES_128_GCM, name);
		said = capture_end(&capture);
		unlink(name);
		if (ret != LWCTL_USAGE || !strstr(said, bad[i].said) || !strstr(said, name))
			fail_msg("%zu: status %d, said '%s'", i, ret, said);
		assert_null(strstr(said, "MDEyMz"));
		assert_null(key.bytes);
	}
	memset(endless, 'A', sizeof(endless) - 1);
	file_with(endless, 0600);
	capture_begin(&capture, stderr);
	ret = key_from_file(&ctl, &key, LINKWIRE_CIPHER_AES_128_GCM, name);
	said = capture_end(&capture);
	unlink(name);
	assert_int_equal(ret, LWCTL_USAGE);
	assert_non_null(strstr(said, "not one line of base64"));

	capture_begin(&capture, stderr);
	ret = key_from_file(&ctl, &key, LINKWIRE_CIPHER_AES_128_GCM, "/tmp");
	said = capture_end(&capture);
	assert_int_equal(ret, LWCTL_USAGE);
	assert_non_null(strstr(said, "'/tmp'"));
}

/* root can open the file of a user who has its key, too */
static void files_of_other_users_are_refused(void **state)
{
	struct lwctl ctl = { .out = { .file = stdout } };
	char why[KEY_WHY_SIZE];
	const char *said;
	struct key key;
	int ret, fd;
	bool own;

	(void)state;
	if (geteuid())
		skip();
	file_with(KEY20 "\n", 0600);
	assert_int_equal(chown(name, 65534, 65534), 0);
	capture_begin(&capture, stderr);
	ret = key_from_file(&ctl, &key, LINKWIRE_CIPHER_AES_128_GCM, name);
	said = capture_end(&capture);
	assert_int_equal(ret, LWCTL_USAGE);
	assert_non_null(strstr(said, name));
	assert_non_null(strstr(said, "user 65534 can read it"));
	assert_null(key.bytes);

	/* but that user's own file is fine for him, and so is one of root's that he was given open */
	fd = open(name, O_RDONLY);
	assert_int_equal(seteuid(65534), 0);
	own = key_source_private(fd, why);
	assert_int_equal(seteuid(0), 0);
	assert_true(own);
	assert_int_equal(chown(name, 0, 0), 0);
	assert_int_equal(seteuid(65534), 0);
	own = key_source_private(fd, why);
	assert_int_equal(seteuid(0), 0);
	assert_true(own);
	close(fd);
	unlink(name);
}

static int read_stdin(struct lwctl *ctl, int from, struct key *key)
{
	int saved = dup(STDIN_FILENO), ret;

	dup2(from, STDIN_FILENO);
	close(from);
	ret = key_from_file(ctl, key, LINKWIRE_CIPHER_AES_128_GCM, "-");
	dup2(saved, STDIN_FILENO);
	close(saved);
	return ret;
}

static void standard_input_gives_a_line_each_time(void **state)
{
	struct lwctl ctl = { .out = { .file = stdout } };
	struct key key;
	int fds[2];

	(void)state;
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(write(fds[1], KEY20 "\nA" KEY20, 2 * 28 + 2), 2 * 28 + 2);
	close(fds[1]);
	assert_int_equal(read_stdin(&ctl, dup(fds[0]), &key), LWCTL_OK);
	assert_int_equal(key.bytes[0], '0');
	key_free(&key);
	/* what stood behind the first line is still there */
	capture_begin(&capture, stderr);
	assert_int_equal(read_stdin(&ctl, fds[0], &key), LWCTL_USAGE);
	assert_non_null(strstr(capture_end(&capture), "standard input: not one line of base64"));
}

static void standard_input_must_be_ours_to_read(void **state)
{
	struct lwctl ctl = { .out = { .file = stdout } };
	struct key key;
	int ret;

	(void)state;
	/* shell redirection from a file that others can read */
	file_with(KEY20 "\n", 0644);
	capture_begin(&capture, stderr);
	ret = read_stdin(&ctl, open(name, O_RDONLY), &key);
	assert_non_null(strstr(capture_end(&capture), "standard input is a file, and others can read it (mode 0644)"));
	assert_int_equal(ret, LWCTL_USAGE);
	unlink(name);

	/* the batch itself */
	ctl.stdin_taken = true;
	capture_begin(&capture, stderr);
	ret = read_stdin(&ctl, open("/dev/null", O_RDONLY), &key);
	assert_non_null(strstr(capture_end(&capture), "standard input is the batch"));
	assert_int_equal(ret, LWCTL_USAGE);
}

static void a_word_is_wiped(void **state)
{
	struct lwctl ctl = { .out = { .file = stdout } };
	char word[] = KEY20;
	struct key key;
	size_t i;

	(void)state;
	assert_int_equal(key_from_word(&ctl, &key, LINKWIRE_CIPHER_AES_128_GCM, word), LWCTL_OK);
	assert_int_equal(key.bytes[19], '0' + 19);
	key_free(&key);
	for (i = 0; i < sizeof(word); i++)
		assert_int_equal(word[i], 0);
}

static void genkey_makes_a_private_file_of_the_right_size(void **state)
{
	static const char *const ciphers[] = { "aes-128-gcm", "aes-256-gcm", "chacha20-poly1305" };
	struct lwctl ctl = { .out = { .file = stdout } };
	struct key key;
	struct stat st;
	char file[64];
	size_t i;

	(void)state;
	umask(0);
	for (i = 0; i < 3; i++) {
		char cipher[32], *argv[] = { cipher, file, NULL };

		snprintf(file, sizeof(file), "/tmp/lwctl-genkey-test.%d", getpid());
		strcpy(cipher, ciphers[i]);
		assert_int_equal(cmd_genkey(&ctl, 2, argv), LWCTL_OK);
		assert_int_equal(stat(file, &st), 0);
		assert_int_equal(st.st_mode & 07777, 0600);
		assert_int_equal(key_from_file(&ctl, &key, lw_cipher_parse(cipher), file), LWCTL_OK);
		key_free(&key);
		/* one that is there is not written over */
		capture_begin(&capture, stderr);
		assert_int_equal(cmd_genkey(&ctl, 2, argv), LWCTL_USAGE);
		assert_non_null(strstr(capture_end(&capture), "File exists"));
		unlink(file);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_ciphers_key_is_read),
		cmocka_unit_test(bad_files_are_refused_without_showing_them),
		cmocka_unit_test(files_of_other_users_are_refused),
		cmocka_unit_test(standard_input_gives_a_line_each_time),
		cmocka_unit_test(standard_input_must_be_ours_to_read),
		cmocka_unit_test(a_word_is_wiped),
		cmocka_unit_test(genkey_makes_a_private_file_of_the_right_size),
	};

	return cmocka_run_group_tests_name("key", tests, NULL, NULL);
}
