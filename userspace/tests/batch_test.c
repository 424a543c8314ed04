// SPDX-License-Identifier: MIT
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "lwctl/batch.h"
#include "lwctl/lwctl.h"
#include "tests/capture.h"

static struct capture capture;

static void lines_become_words(void **state)
{
	static const struct {
		const char *line;
		int n;
		const char *words[5];
	} good[] = {
		{ "", 0, { 0 } },
		{ " \t ", 0, { 0 } },
		{ "# a comment", 0, { 0 } },
		{ "  # a comment", 0, { 0 } },
		{ "a", 1, { "a" } },
		{ "  link\tadd  lw0 ", 3, { "link", "add", "lw0" } },
		{ "a # b", 1, { "a" } },
		{ "a#b", 1, { "a#b" } },
		{ "'#' b", 2, { "#", "b" } },
		{ "label 'two words'", 2, { "label", "two words" } },
		{ "label \"two 'words'\"", 2, { "label", "two 'words'" } },
		{ "label \"a\\\"b\\\\c\\d\"", 2, { "label", "a\"b\\c\\d" } },
		{ "label 'a\\'b", 2, { "label", "a\\b" } },
		{ "a\\ b c\\#", 2, { "a b", "c#" } },
		{ "\\# x", 2, { "#", "x" } },
		{ "x'y'\"z\"", 1, { "xyz" } },
		{ "'' b", 2, { "", "b" } },
		{ "a\r", 1, { "a" } },
		{ "a b c d e", 5, { "a", "b", "c", "d", "e" } },
	};
	size_t i;
	int n, w;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		char line[64], *words[8];

		strcpy(line, good[i].line);
		n = batch_split(line, words, 7);
		if (n != good[i].n)
			fail_msg("'%s': %d words", good[i].line, n);
		for (w = 0; w < n; w++)
			assert_string_equal(words[w], good[i].words[w]);
		assert_null(words[n]);
	}
}

static void open_quotes_and_floods_are_refused(void **state)
{
	static const char *const bad[] = { "'", "a 'b", "\"", "a \"b\\\"", "a\\", "a 'b\\'' c" };
	char line[64], *words[8];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		strcpy(line, bad[i]);
		if (batch_split(line, words, 7) != -EINVAL)
			fail_msg("'%s' was taken", bad[i]);
	}
	strcpy(line, "1 2 3 4 5 6 7 8");
	assert_int_equal(batch_split(line, words, 7), -E2BIG);
	strcpy(line, "1 2 3 4 5 6 7 # 8");
	assert_int_equal(batch_split(line, words, 7), 7);
}

static void random_lines_do_no_harm(void **state)
{
	static const char pool[] = "ab '\"\\#\t \r\x01\xff";
	unsigned int round, i;

	(void)state;
	srandom(3);
	for (round = 0; round < 50000; round++) {
		unsigned int n = (unsigned int)random() % 40;
		char *line = malloc(n + 1), *words[9];
		int ret;

		for (i = 0; i < n; i++)
			line[i] = pool[(size_t)random() % (sizeof(pool) - 1)];
		line[n] = '\0';
		ret = batch_split(line, words, 8);
		assert_true(ret >= -E2BIG || ret == -EINVAL);
		for (i = 0; ret > 0 && i < (unsigned int)ret; i++)
			assert_true(words[i] >= line && words[i] + strlen(words[i]) <= line + n);
		free(line);
	}
}

/* A file with @text in it; its name is good until the next call. */
static const char *file_with(const char *text, size_t len, mode_t mode)
{
	static char name[64];
	int fd;

	strcpy(name, "/tmp/lwctl-batch-test.XXXXXX");
	fd = mkstemp(name);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, len), len);
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
	return name;
}

static const char *run(const char *text, size_t len, mode_t mode, bool force, int *status)
{
	struct lwctl ctl = { .out = { .file = stdout }, .force = force };
	const char *file = file_with(text, len, mode);

	capture_begin(&capture, stderr);
	*status = lwctl_batch(&ctl, file);
	unlink(file);
	return capture_end(&capture);
}

#define RUN(text, force, status) run(text, sizeof(text) - 1, 0600, force, status)

static void the_first_error_stops_it_and_says_where(void **state)
{
	const char *said;
	int status;

	(void)state;
	said = RUN("# one\n\nlink add\nlink frob\n", false, &status);
	assert_int_equal(status, LWCTL_USAGE);
	assert_non_null(strstr(said, ":3: link add: the name of the new device is missing\n"));
	assert_null(strstr(said, ":4:"));
	/* the last line of a file needs no end */
	said = RUN("link frob", false, &status);
	assert_non_null(strstr(said, ":1: link: unknown command 'frob'"));
	assert_int_equal(status, LWCTL_USAGE);
	said = RUN("", false, &status);
	assert_int_equal(status, LWCTL_OK);
	assert_string_equal(said, "");
}

static void force_goes_on(void **state)
{
	const char *said;
	int status;

	(void)state;
	said = RUN("link add\nlink frob\n", true, &status);
	assert_int_equal(status, LWCTL_USAGE);
	assert_non_null(strstr(said, ":1: link add:"));
	assert_non_null(strstr(said, ":2: link: unknown command"));
}

static void bad_lines_are_refused(void **state)
{
	static char endless[3 * BATCH_LINE_MAX];
	const char *said;
	int status;

	(void)state;
	said = RUN("link \0 add\n", false, &status);
	assert_int_equal(status, LWCTL_USAGE);
	assert_non_null(strstr(said, ":1: the line has a zero byte in it"));
	said = RUN("label 'x\n", false, &status);
	assert_non_null(strstr(said, ":1: a quote is left open"));
	said = RUN("-n x link show\n", false, &status);
	assert_int_equal(status, LWCTL_USAGE);
	assert_non_null(strstr(said, ":1: '-n': options stand before -batch"));
	memset(endless, 'x', sizeof(endless));
	said = run(endless, sizeof(endless), 0600, true, &status);
	assert_int_equal(status, LWCTL_USAGE);
	assert_non_null(strstr(said, ":1: the line is longer than"));
}

static void lines_across_reads_stay_whole(void **state)
{
	enum { LINES = 3000 };
	char *text = malloc(LINES * 16), *at = text;
	char last[32];
	const char *said;
	int i, status;

	(void)state;
	for (i = 1; i <= LINES; i++)
		at += sprintf(at, i % 7 ? "# %d\n" : "\n", i);
	at += sprintf(at, "frob\n");
	said = run(text, (size_t)(at - text), 0600, false, &status);
	snprintf(last, sizeof(last), ":%d: ", LINES + 1);
	assert_non_null(strstr(said, last));
	free(text);
}

#define KEY "MDEyMzQ1Njc4OWFiY2RlZjAxMjM="

static void a_key_needs_a_private_file(void **state)
{
	static const char line[] = "sa add lw0 rx cipher aes-128-gcm key " KEY " frob\n";
	const char *said;
	int status;

	(void)state;
	said = run(line, sizeof(line) - 1, 0644, false, &status);
	assert_int_equal(status, LWCTL_USAGE);
	assert_non_null(strstr(said, "'key' in a batch file, and others can read it (mode 0644)"));
	assert_null(strstr(said, "MDEy"));
	said = run(line, sizeof(line) - 1, 0600, false, &status);
	assert_non_null(strstr(said, "unknown option 'frob'"));
}

static void one_key_is_enough(void **state)
{
	static const char *const lines[] = {
		"sa add lw0 rx cipher aes-128-gcm key " KEY " key " KEY "\n",
		"sa add lw0 rx cipher aes-128-gcm key " KEY " key-file /nonexistent\n",
		"sa add lw0 rx cipher aes-128-gcm key-file /nonexistent key " KEY "\n",
	};
	const char *said;
	int status, i;

	(void)state;
	for (i = 0; i < 3; i++) {
		said = run(lines[i], strlen(lines[i]), 0600, false, &status);
		assert_int_equal(status, LWCTL_USAGE);
		assert_non_null(strstr(said, "one key, please"));
	}
}

static void a_line_that_was_cut_off_in_a_pipe_is_not_executed(void **state)
{
	struct lwctl ctl = { .out = { .file = stdout } };
	int fds[2], saved = dup(STDIN_FILENO), status;
	const char *said;

	(void)state;
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(write(fds[1], "link frob", 9), 9);
	close(fds[1]);
	dup2(fds[0], STDIN_FILENO);
	close(fds[0]);
	capture_begin(&capture, stderr);
	status = lwctl_batch(&ctl, "-");
	said = capture_end(&capture);
	dup2(saved, STDIN_FILENO);
	close(saved);
	assert_int_equal(status, LWCTL_USAGE);
	assert_non_null(strstr(said, "-:1: the line is cut off"));
	assert_null(strstr(said, "frob"));
}

static void what_is_no_file_is_refused(void **state)
{
	struct lwctl ctl = { .out = { .file = stdout } };
	const char *said;

	(void)state;
	capture_begin(&capture, stderr);
	assert_int_equal(lwctl_batch(&ctl, "/nonexistent"), LWCTL_USAGE);
	said = capture_end(&capture);
	assert_non_null(strstr(said, "'/nonexistent'"));
	capture_begin(&capture, stderr);
	assert_int_equal(lwctl_batch(&ctl, "/tmp"), LWCTL_USAGE);
	said = capture_end(&capture);
	assert_non_null(strstr(said, "'/tmp'"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_become_words),
		cmocka_unit_test(open_quotes_and_floods_are_refused),
		cmocka_unit_test(random_lines_do_no_harm),
		cmocka_unit_test(the_first_error_stops_it_and_says_where),
		cmocka_unit_test(force_goes_on),
		cmocka_unit_test(bad_lines_are_refused),
		cmocka_unit_test(lines_across_reads_stay_whole),
		cmocka_unit_test(a_key_needs_a_private_file),
		cmocka_unit_test(one_key_is_enough),
		cmocka_unit_test(a_line_that_was_cut_off_in_a_pipe_is_not_executed),
		cmocka_unit_test(what_is_no_file_is_refused),
	};

	return cmocka_run_group_tests_name("batch", tests, NULL, NULL);
}
