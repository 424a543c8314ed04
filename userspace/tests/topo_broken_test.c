// SPDX-License-Identifier: MIT
/*
 * Files cut off and files gone wrong: the reader refuses or takes them, and never fails; what it lets through is
 * resolved, compared and freed under the sanitizers. The numbers are drawn from a fixed seed: a failure repeats.
 */
#include <sys/wait.h>

#include "reader/read.h"
#include "tests/topo_fixture.h"

#define MUTATIONS 4000
#define NONSENSE 20000

/* used where ../shared is not; has all that the reader looks at */
static const char sample[] =
	"/* a */ strict digraph \"g\" { node [lw_netns=\"\", shape=box]; edge [lw_mtu=1400]\n"
	"  lw_pool4=\"10.0.0.0/16\"; \"a b\":\"p\":ne -> c:q [lw_cipher=\"aes-128-gcm\", key=k];\n"
	"  subgraph cluster_1 { <f<i>g</i>>; d -> { e } [lw_tail_addr=\"10.1.0.0/31 fd00::/127\"] }\n"
	"  # line\n  x -> y -> z -> x; z -> z [lw_encap=ipip, lw_mode=l3, lw_hold=3]\n}\n";

static uint64_t seed = 0x6c696e6b77697265ULL;

static uint32_t number(uint32_t below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)(seed >> 32) % below;
}

enum { REFUSED = 1, CONFLICT, TAKEN };

/* what the reader says to @bytes, resolved and compared if it says yes */
static int take(const void *bytes, size_t len, bool in_process)
{
	struct topo_state want = { 0 }, live = { 0 };
	struct plan plan = { 0 };
	struct graph g = { 0 };
	struct diag d = { 0 };
	int result = REFUSED;
	struct topo_file f;

	file_open(&f, bytes, len);
	if (in_process) {
		FILE *in = fopen(f.path, "r");

		assert_non_null(in);
		read_stream(&g, &d, in, GRAPH_UNKNOWN);
		fclose(in);
	} else {
		bool ok = graph_read(&g, &d, f.path);

		assert_int_equal(ok, !d.errors);
	}
	file_close(&f);
	if (told(&d, "the reader")) {
		fprintf(stderr, "%.*s\n", (int)len, (const char *)bytes);
		print_told(&d);
		fail();
	}
	if (!d.errors) {
		resolve(&want, &g, "net", &d);
		assign_addresses(&want, NULL, &d);
		result = d.errors ? CONFLICT : TAKEN;
		if (!d.errors)
			compare(&plan, &want, &live);
	}
	plan_free(&plan);
	state_free(&want);
	state_free(&live);
	graph_free(&g);
	diag_free(&d);
	return result;
}

/*
 * A process a file, as graph_read() has it, is slow under the sanitizers: a child takes a hundred files, one by one, in
 * its own memory. @make makes the file number i; the results are in shared memory, and one that is missing says which
 * file the child died of.
 */
#define FILES_A_CHILD 100

typedef size_t make_fn(size_t i, char *text, size_t room);

static unsigned char *take_many(size_t n, make_fn *make)
{
	unsigned char *result = mmap(NULL, n + 1, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	size_t room = 32768;
	char *text = malloc(room);

	assert_true(result != MAP_FAILED);
	assert_non_null(text);
	for (size_t from = 0; from < n; from += FILES_A_CHILD) {
		size_t to = from + FILES_A_CHILD < n ? from + FILES_A_CHILD : n;
		int status = -1;
		pid_t pid = fork();

		assert_true(pid >= 0);
		if (!pid) {
			alarm(120);
			for (size_t i = from; i < to; i++) {
				size_t len = make(i, text, room);

				result[i] = (unsigned char)take(text, len, true);
			}
			_exit(0);
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		for (size_t i = from; i < to; i++) {
			if (result[i])
				continue;
			fwrite(text, make(i, text, room), 1, stderr);
			fail_msg("the reader died of file %zu", i);
		}
		assert_int_equal(status, 0);
	}
	free(text);
	return result;
}

static char *some_file(size_t *len)
{
	char *text = slurp_shared("dot/cumulus-reference.dot", len);

	if (!text) {
		text = strdup(sample);
		*len = strlen(sample);
	}
	return text;
}

static char *whole;
static size_t whole_len;

static size_t make_shorter(size_t i, char *text, size_t room)
{
	assert_true(i < room);
	memcpy(text, whole, i);
	return i;
}

static void cut_off(const char *text, size_t len)
{
	unsigned char *result;
	size_t end;

	for (end = len; end && strchr(" \n", text[end - 1]); end--)
		;
	whole = (char *)text;
	whole_len = end;
	result = take_many(end, make_shorter);
	for (size_t i = 0; i < end; i++)
		if (result[i] != REFUSED)
			fail_msg("taken, though only %zu bytes of it are there", i);
	munmap(result, end + 1);
}

static void cut_off_anywhere(void **state)
{
	size_t len;
	char *text = some_file(&len);

	(void)state;
	cut_off(text, len);
	cut_off(sample, strlen(sample));
	/* and some as they are really read */
	for (size_t i = 0; i < whole_len; i += 1 + whole_len / 60)
		assert_int_equal(take(sample, i, false), REFUSED);
	assert_int_equal(take(text, len, false), TAKEN);
	assert_int_equal(take(sample, strlen(sample), false), TAKEN);
	free(text);
}

static size_t mutate(char *text, size_t len, size_t room)
{
	static const char *const words[] = {
		"\"", "{", "}", "--", "->", ":", "[", "]", "=", ";", "/*", "*/", "<", ">", "\\", "\n", "graph", "strict",
		"subgraph", "edge", "node", "lw_", "lw_mtu=1", "lw_pool4=\"10.0.0.0/33\"", "#", "\xc3\x28", "\xff",
	};
	size_t at = number((uint32_t)len), n;
	const char *word;

	switch (number(5)) {
	case 0:
		text[at] = (char)number(256);
		return len;
	case 1:		/* a word more */
		word = words[number(sizeof(words) / sizeof(*words))];
		n = strlen(word);
		if (len + n > room)
			return len;
		memmove(text + at + n, text + at, len - at);
		memcpy(text + at, word, n);
		return len + n;
	case 2:		/* some bytes fewer */
		n = 1 + number(40);
		if (at + n > len || len - n < 1)
			return len;
		memmove(text + at, text + at + n, len - at - n);
		return len - n;
	case 3:		/* a piece twice */
		n = 1 + number(200);
		if (at + n > len || len + n > room)
			return len;
		memmove(text + at + n, text + at, len - at);
		return len + n;
	default:	/* a byte from elsewhere */
		text[at] = text[number((uint32_t)len)];
		return len;
	}
}

/* the file number i is the same each time it is asked for */
static size_t make_wrong(size_t i, char *text, size_t room)
{
	size_t len;

	seed = 0x6c696e6b77697265ULL + 0x9e3779b97f4a7c15ULL * (i + 1);
	len = number(4) ? strlen(sample) : whole_len;
	memcpy(text, len == whole_len ? whole : sample, len);
	for (uint32_t k = 1 + number(6); k; k--)
		len = mutate(text, len, room);
	return len;
}

static void gone_wrong(void **state)
{
	size_t count[TAKEN + 1] = { 0 };
	unsigned char *result;

	(void)state;
	whole = some_file(&whole_len);
	result = take_many(MUTATIONS, make_wrong);
	for (size_t i = 0; i < MUTATIONS; i++)
		count[result[i]]++;
	/* not a test of much, if all of them end alike */
	assert_in_range(count[REFUSED], MUTATIONS / 20, MUTATIONS);
	assert_in_range(count[CONFLICT], MUTATIONS / 200, MUTATIONS);
	assert_in_range(count[TAKEN], MUTATIONS / 50, MUTATIONS);
	munmap(result, MUTATIONS + 1);
	free(whole);
}

static size_t make_nonsense(size_t i, char *text, size_t room)
{
	size_t len;

	seed = 0x6c696e6b77697265ULL - i;
	number(2);
	len = number((uint32_t)room / 4);
	for (size_t k = 0; k < len; k++)
		text[k] = (char)number(i % 2 ? 256 : 128);
	return len;
}

static void nonsense(void **state)
{
	(void)state;
	munmap(take_many(500, make_nonsense), 501);
}

/* the process that reads the file may be anybody's after it has read it: what it sends is not believed */
static void a_reader_broken_into(void **state)
{
	struct graph g = { 0 };
	struct diag d = { 0 };
	char *sent = NULL;
	size_t len = 0;
	FILE *to;

	(void)state;
	assert_true(read_text(&g, &d, sample));
	diag_note(&d, 3, "a note");
	to = open_memstream(&sent, &len);
	graph_send(&g, &d, to);
	fclose(to);
	graph_free(&g);
	diag_free(&d);
	for (int i = 0; i < NONSENSE; i++) {
		size_t n = i < (int)len ? (size_t)i : len;
		char *bytes = malloc(n + 1);
		FILE *from;
		bool ok;

		assert_non_null(bytes);
		memcpy(bytes, sent, n);
		bytes[n] = '\0';
		for (uint32_t k = i < (int)len ? 0 : 1 + number(4); k; k--)
			bytes[number((uint32_t)n)] = (char)number(256);
		from = fmemopen(bytes, n + 1, "r");
		ok = graph_receive(&g, &d, from);
		assert_true(i >= (int)len || !ok);
		for (size_t k = 0; k < g.edges; k++)
			assert_true(g.edge[k].tail < g.nodes && g.edge[k].head < g.nodes);
		fclose(from);
		free(bytes);
		graph_free(&g);
		diag_free(&d);
	}
	free(sent);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cut_off_anywhere),
		cmocka_unit_test(gone_wrong),
		cmocka_unit_test(nonsense),
		cmocka_unit_test(a_reader_broken_into),
	};

	alarm(900);	/* a hang is a failure */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
