// SPDX-License-Identifier: MIT
/*
 * Generations: what is kept comes back byte for byte, in order, no more than so many, whole or not at all, and from no
 * directory that somebody else can write to.
 */
#include <errno.h>
#include <sys/stat.h>

#include "tests/topo_fixture.h"
#include "topology/generations.h"
#include "topology/names.h"
#include "topology/record.h"

static char dir[64];
static struct arena mem;

static int make_dir(void **state)
{
	(void)state;
	strcpy(dir, "/tmp/lwctl-generations.XXXXXX");
	assert_non_null(mkdtemp(dir));
	return setenv("LINKWIRE_STATE_DIR", dir, 1);
}

static int remove_dir(void **state)
{
	char command[128];

	(void)state;
	arena_free(&mem);
	snprintf(command, sizeof(command), "rm -rf '%s'", dir);
	return system(command);
}

static struct generation some(void)
{
	return (struct generation){
		.action = "apply", .time = "2026-11-29T21:00:00Z", .who = "root", .title = "net", .file = "/etc/net.dot",
		.add = 7,
	};
}

static int graph_of(const char *bytes, size_t n)
{
	int fd = memfd_create("graph", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, n), (ssize_t)n);
	return fd;
}

/* returns the number that it got; 0: it is not kept again; or a negative errno */
static int keep(const char *name, struct generation *g, const char *graph, size_t n)
{
	int at = generations_dir(&mem, name, true, NULL), fd = graph ? graph_of(graph, n) : -1, ret;

	assert_true(at >= 0);
	ret = generation_keep(at, g, fd, NULL);
	if (fd >= 0)
		close(fd);
	close(at);
	return ret ?: (int)g->number;
}

static void read_all(const char *name, struct generations *all)
{
	int at = generations_dir(&mem, name, false, NULL);

	assert_true(at >= 0);
	*all = (struct generations){ 0 };
	assert_int_equal(generations_read(all, at, NULL), 0);
	close(at);
}

static void comes_back(void **state)
{
	static const char bytes[] = "graph \xff\n\0{ a -- b }\r\n\n";
	const char *words[] = { "lw_name=a\nb\\x", "lw_routes=" };
	struct generation g = some(), got;
	char text[64];
	struct stat st;
	int at, fd;

	(void)state;
	g.title = "of \"two\"\nlines \x7f";
	g.who = "";
	g.word = words;
	g.words = 2;
	g.change = 3;
	assert_int_equal(keep("net", &g, bytes, sizeof(bytes)), 1);
	at = generations_dir(&mem, "net", false, NULL);
	assert_int_equal(fstat(at, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_int_equal(generation_read(&mem, at, 1, &got, NULL), 0);
	assert_string_equal(got.title, g.title);
	assert_string_equal(got.who, "");
	assert_string_equal(got.action, "apply");
	assert_int_equal(got.words, 2);
	assert_string_equal(got.word[0], words[0]);
	assert_string_equal(got.word[1], words[1]);
	assert_int_equal(got.add, 7);
	assert_int_equal(got.change, 3);
	fd = generation_graph(at, 1, NULL);
	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_int_equal(read(fd, text, sizeof(text)), sizeof(bytes));
	assert_memory_equal(text, bytes, sizeof(bytes));
	close(fd);
	assert_int_equal(generation_read(&mem, at, 2, &got, NULL), -ENOENT);
	close(at);
}

static void in_order(void **state)
{
	struct generations all;
	struct generation g;
	char graph[32];

	(void)state;
	for (int i = 1; i <= 12; i++) {
		g = some();
		snprintf(graph, sizeof(graph), "graph { %d }", i);
		assert_int_equal(keep("net", &g, graph, strlen(graph)), i);
	}
	read_all("net", &all);
	assert_int_equal(all.n, 12);
	for (size_t i = 0; i < all.n; i++)
		assert_int_equal(all.list[i].number, i + 1);
	generations_free(&all);
}

static void the_same_is_kept_once(void **state)
{
	const char *words[] = { "lw_routes=on" };
	struct generation g = some();

	(void)state;
	assert_int_equal(keep("net", &g, "graph {}", 8), 1);
	g = some();
	g.add = 0;
	assert_int_equal(keep("net", &g, "graph {}", 8), 0);
	assert_int_equal(keep("net", &g, "graph  {}", 9), 2);
	assert_int_equal(keep("net", &g, "graph  {}", 9), 0);
	g.word = words;
	g.words = 1;
	assert_int_equal(keep("net", &g, "graph  {}", 9), 3);
	assert_int_equal(keep("net", &g, "graph  {}", 9), 0);
	/* something was mended */
	g.change = 1;
	assert_int_equal(keep("net", &g, "graph  {}", 9), 4);
}

static void a_destroy(void **state)
{
	struct generation g = some();
	struct generations all;

	(void)state;
	assert_int_equal(keep("net", &g, "graph {}", 8), 1);
	g = some();
	g.action = "destroy";
	g.add = 0;
	g.remove = 7;
	assert_int_equal(keep("net", &g, NULL, 0), 2);
	g.remove = 0;
	assert_int_equal(keep("net", &g, NULL, 0), 0);
	/* what it takes to be there again is there again, though it was applied before */
	g = some();
	assert_int_equal(keep("net", &g, "graph {}", 8), 3);
	read_all("net", &all);
	assert_string_equal(all.list[1].action, "destroy");
	generations_free(&all);
}

static void so_many_are_kept(void **state)
{
	struct generations all;
	char path[128], graph[32];

	(void)state;
	for (int i = 1; i <= GENERATIONS_MAX + 3; i++) {
		struct generation g = some();

		snprintf(graph, sizeof(graph), "graph { %d }", i);
		assert_int_equal(keep("net", &g, graph, strlen(graph)), i);
	}
	read_all("net", &all);
	assert_int_equal(all.n, GENERATIONS_MAX);
	assert_int_equal(all.list[0].number, 4);
	generations_free(&all);
	snprintf(path, sizeof(path), "%s/topology/net/3.graph", dir);
	assert_int_equal(access(path, F_OK), -1);
	snprintf(path, sizeof(path), "%s/topology/net/4.graph", dir);
	assert_int_equal(access(path, F_OK), 0);
}

static void put(const char *name, const char *bytes)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/topology/net/%s", dir, name);
	f = fopen(path, "we");
	assert_non_null(f);
	fputs(bytes, f);
	fclose(f);
}

/* what was killed half-way, and what somebody left there */
static void half_a_generation(void **state)
{
	struct generation g = some();
	struct generations all;
	const char *record;

	(void)state;
	assert_int_equal(keep("net", &g, "graph {}", 8), 1);
	put(".new", "graph { a");
	put("2.graph", "graph { half }");
	put("x.record", "");
	put("03.record", "");
	put("4294967297.record", "");
	g.number = 0;
	record = record_format(&mem, &g);
	assert_int_equal(keep("net", &g, "graph { a }", 11), 2);
	read_all("net", &all);
	assert_int_equal(all.n, 2);
	assert_int_equal(all.broken, 0);
	generations_free(&all);
	/* one that is not understood is passed over, and its number is not given again */
	put("9.record", arena_strndup(&mem, record, strlen(record) / 2));
	read_all("net", &all);
	assert_int_equal(all.n, 2);
	assert_int_equal(all.broken, 1);
	generations_free(&all);
	assert_int_equal(keep("net", &g, "graph { b }", 11), 10);
}

static void broken_records(void **state)
{
	static const char *const bad[] = {
		"", "action", "action apply", "action jump\n", "action apply\ntime t\nwho w\ntopology t\n",
		"action apply\ntime t\nwho w\ntopology \\\nfile f\n", "action apply\ntime t\nwho w\ntopology \\x0\nfile f\n",
		"action apply\ntime t\nwho w\ntopology \\x00\nfile f\n", "action apply\ntime t\nwho w\ntopology t\nfile f\nadd -1\n",
		"action apply\ntime t\nwho w\ntopology t\nfile f\nadd\n",
	};
	static const char good[] = "action rollback\nof 3\ntime t\nwho w\ntopology t\nfile f\nadd 1\nlater and more\n";
	struct generation g;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		g = (struct generation){ 0 };
		if (record_parse(&mem, bad[i], &g))
			fail_msg("taken: %s", bad[i]);
	}
	g = (struct generation){ 0 };
	assert_true(record_parse(&mem, good, &g));
	assert_int_equal(g.of, 3);
}

static void hostile_names(void **state)
{
	static const char *const names[] = { "..", ".", "../../etc", "", "a/b", "\n", "-rf", "%", "*" };
	char path[256];

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		struct generation g = some();
		const char *name = name_graph(&mem, names[i]);
		struct stat st;

		assert_int_equal(keep(name, &g, "graph {}", 8), 1);
		snprintf(path, sizeof(path), "%s/topology/%s/1.graph", dir, name);
		assert_int_equal(lstat(path, &st), 0);
		assert_null(strchr(name, '/'));
		assert_string_not_equal(name, "..");
	}
}

static void others_directories(void **state)
{
	char path[128];
	struct lw_error err;

	(void)state;
	assert_int_equal(generations_dir(&mem, "net", false, &err), -ENOENT);
	snprintf(path, sizeof(path), "%s/topology", dir);
	assert_int_equal(mkdir(path, 0700), 0);
	snprintf(path, sizeof(path), "%s/topology/net", dir);
	assert_int_equal(symlink("/etc", path), 0);
	assert_int_equal(generations_dir(&mem, "net", true, &err), -ENOTDIR);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(chmod(path, 0777), 0);
	assert_int_equal(generations_dir(&mem, "net", true, &err), -EPERM);
	assert_int_equal(chmod(path, 0700), 0);
	assert_int_equal(chmod(dir, 0770), 0);
	assert_int_equal(generations_dir(&mem, "net", true, &err), -EPERM);
	assert_int_equal(chmod(dir, 0700), 0);
	close(generations_dir(&mem, "net", true, &err));
	put("1.record", "");
	assert_int_equal(symlink("/etc/passwd", arena_printf(&mem, "%s/1.graph", path)), 0);
	assert_int_equal(generation_graph(generations_dir(&mem, "net", true, &err), 1, &err), -ELOOP);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(comes_back, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(in_order, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(the_same_is_kept_once, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(a_destroy, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(so_many_are_kept, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(half_a_generation, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(broken_records, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(hostile_names, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(others_directories, make_dir, remove_dir),
	};

	return cmocka_run_group_tests_name("topo_generations", tests, NULL, NULL);
}
