// SPDX-License-Identifier: MIT
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "topology/generations.h"
#include "topology/private_dir.h"
#include "topology/record.h"

#define NEW ".new"	/* a file that is not whole yet; one process writes at a time: the topology is locked */
#define FILE_NAME_MAX 32

static const char *state_dir(void)
{
	const char *dir = getenv("LINKWIRE_STATE_DIR");

	return dir && *dir ? dir : STATE_DIR;
}

/**
 * generations_path() - where the generations of a topology are
 * @mem: where the string is made
 * @name: from name_graph()
 *
 * Return: the directory's path.
 */
const char *generations_path(struct arena *mem, const char *name)
{
	return arena_printf(mem, "%s/topology/%s", state_dir(), name);
}

/**
 * generations_dir() - open the directory with the generations of a topology
 * @mem: for strings
 * @name: from name_graph(): what it leaves is the name of a file, whatever was written
 * @make: make it where it is not there
 * @err: where a failure is told
 *
 * Each directory on the way from LINKWIRE_STATE_DIR on has to be one that only root, or who we are, can write to.
 *
 * Return: a descriptor, or a negative errno: -ENOENT if there is none.
 */
int generations_dir(struct arena *mem, const char *name, bool make, struct lw_error *err)
{
	const char *path[] = { state_dir(), "topology", arena_strdup(mem, name) };
	int fd = AT_FDCWD;

	for (size_t i = 0; i < sizeof(path) / sizeof(*path); i++) {
		int next = private_dir(fd, path[i], make, err);

		if (fd >= 0)
			close(fd);
		fd = next;
		if (fd < 0)
			break;
	}
	return fd;
}

static void name_file(char name[FILE_NAME_MAX], unsigned int number, const char *kind)
{
	snprintf(name, FILE_NAME_MAX, "%u.%s", number, kind);
}

/* the number in "7.record"; 0: that is no record's name */
static unsigned int record_number(const char *name)
{
	char again[FILE_NAME_MAX];
	unsigned long n = strtoul(name, NULL, 10);

	if (n == 0 || n > 999999999)
		return 0;
	name_file(again, (unsigned int)n, "record");
	return strcmp(name, again) ? 0 : (unsigned int)n;
}

static int open_file(int dir, const char *name, struct lw_error *err)
{
	int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	struct stat st;

	if (fd < 0)
		return lw_error_local(err, errno, "%s", name);
	if (!fstat(fd, &st) && S_ISREG(st.st_mode))
		return fd;
	close(fd);
	return lw_error_local(err, EBADMSG, "%s", name);
}

/**
 * generation_read() - read what is known of a generation
 * @mem: where its strings go
 * @dir: from generations_dir()
 * @number: which one
 * @g: where it goes
 * @err: where a failure is told
 *
 * Return: 0 or a negative errno: -ENOENT if it is not there, -EBADMSG if its record says nothing that we understand.
 */
int generation_read(struct arena *mem, int dir, unsigned int number, struct generation *g, struct lw_error *err)
{
	char name[FILE_NAME_MAX], *text;
	ssize_t n, have = 0;
	int fd;

	name_file(name, number, "record");
	fd = open_file(dir, name, err);
	if (fd < 0)
		return fd;
	text = arena_alloc(mem, RECORD_MAX + 1);
	while ((n = read(fd, text + have, (size_t)(RECORD_MAX - have))) > 0)
		have += n;
	close(fd);
	if (n < 0)
		return lw_error_local(err, errno, "%s", name);
	text[have] = '\0';
	*g = (struct generation){ .number = number };
	if (strlen(text) != (size_t)have || !record_parse(mem, text, g))
		return lw_error_local(err, EBADMSG, "%s", name);
	return 0;
}

/**
 * generation_graph() - open the graph of a generation
 * @dir: from generations_dir()
 * @number: which one
 * @err: where a failure is told
 *
 * Return: a descriptor, or a negative errno.
 */
int generation_graph(int dir, unsigned int number, struct lw_error *err)
{
	char name[FILE_NAME_MAX];

	name_file(name, number, "graph");
	return open_file(dir, name, err);
}

static int by_number(const void *a, const void *b)
{
	const struct generation *x = a, *y = b;

	return (x->number > y->number) - (x->number < y->number);
}

/**
 * generations_read() - read what is known of all generations
 * @g: where they go; empty before
 * @dir: from generations_dir()
 * @err: where a failure is told
 *
 * Return: 0 or a negative errno.
 */
int generations_read(struct generations *g, int dir, struct lw_error *err)
{
	int copy = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *names = copy < 0 ? NULL : fdopendir(copy);
	const struct dirent *d;

	if (!names) {
		int ret = lw_error_local(err, errno, "generations");

		if (copy >= 0)
			close(copy);
		return ret;
	}
	while ((d = readdir(names))) {
		unsigned int number = record_number(d->d_name);
		struct generation one;

		if (!number)
			continue;
		if (number > g->last)
			g->last = number;
		if (generation_read(&g->mem, dir, number, &one, NULL)) {
			g->broken++;
			continue;
		}
		g->list = array_grow(g->list, &g->cap, g->n, sizeof(*g->list));
		g->list[g->n++] = one;
	}
	closedir(names);
	if (g->n)
		qsort(g->list, g->n, sizeof(*g->list), by_number);
	return 0;
}

/**
 * generations_free() - forget them
 * @g: the generations; empty afterwards
 */
void generations_free(struct generations *g)
{
	free(g->list);
	arena_free(&g->mem);
	*g = (struct generations){ 0 };
}

static int write_all(int fd, const char *bytes, size_t n)
{
	while (n) {
		ssize_t done = write(fd, bytes, n);

		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -errno;
		bytes += done;
		n -= (size_t)done;
	}
	return 0;
}

/* all of a file, from its beginning, up to GRAPH_BYTES_MAX */
static int copy_all(int to, int from)
{
	char bytes[65536];
	size_t all = 0;
	ssize_t n;
	int ret;

	for (;;) {
		n = read(from, bytes, sizeof(bytes));
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : 0;
		all += (size_t)n;
		ret = all > GRAPH_BYTES_MAX ? -EFBIG : write_all(to, bytes, (size_t)n);
		if (ret)
			return ret;
	}
}

/* A file with that name is there whole, and on the disk, or as it was before. @graph: -1: the text is what it holds. */
static int put_file(int dir, const char *name, int graph, const char *text)
{
	int fd, ret;

	(void)unlinkat(dir, NEW, 0);
	fd = openat(dir, NEW, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	if (graph >= 0)
		ret = lseek(graph, 0, SEEK_SET) < 0 ? -errno : copy_all(fd, graph);
	else
		ret = write_all(fd, text, strlen(text));
	if (!ret && fsync(fd))
		ret = -errno;
	if (close(fd) && !ret)
		ret = -errno;
	if (!ret && (renameat(dir, NEW, dir, name) || fsync(dir)))
		ret = -errno;
	if (ret)
		(void)unlinkat(dir, NEW, 0);
	return ret;
}

static bool same_bytes(int a, int b)
{
	struct stat x, y;
	bool same;
	void *p, *q;

	if (fstat(a, &x) || fstat(b, &y) || x.st_size != y.st_size)
		return false;
	if (!x.st_size)
		return true;
	p = mmap(NULL, (size_t)x.st_size, PROT_READ, MAP_PRIVATE, a, 0);
	q = mmap(NULL, (size_t)y.st_size, PROT_READ, MAP_PRIVATE, b, 0);
	same = p != MAP_FAILED && q != MAP_FAILED && !memcmp(p, q, (size_t)x.st_size);
	if (p != MAP_FAILED)
		munmap(p, (size_t)x.st_size);
	if (q != MAP_FAILED)
		munmap(q, (size_t)y.st_size);
	return same;
}

/* what was applied last, and it changed nothing: there is nothing to say of it that is not said already */
static bool says_nothing_new(int dir, const struct generations *all, const struct generation *g, int graph)
{
	const struct generation *last = all->n ? &all->list[all->n - 1] : NULL;
	bool same;
	int fd;

	if (g->add || g->change || g->remove)
		return false;
	if (graph < 0)		/* destroyed what was not there */
		return true;
	if (!last || last->words != g->words || strcmp(last->title, g->title))
		return false;
	for (size_t i = 0; i < g->words; i++)
		if (strcmp(last->word[i], g->word[i]))
			return false;
	fd = generation_graph(dir, last->number, NULL);
	if (fd < 0)
		return false;
	same = same_bytes(fd, graph);
	close(fd);
	return same;
}

static void remove_oldest(int dir, const struct generations *all)
{
	char name[FILE_NAME_MAX];

	/* the new one is not in the list */
	for (size_t i = 0; i + GENERATIONS_MAX <= all->n; i++) {
		name_file(name, all->list[i].number, "record");
		(void)unlinkat(dir, name, 0);
		name_file(name, all->list[i].number, "graph");
		(void)unlinkat(dir, name, 0);
	}
}

/**
 * generation_keep() - keep a specification that was applied
 * @dir: from generations_dir(); the topology is locked
 * @g: all but its number, which is set: to 0 if it is the newest generation's already, and nothing was changed
 * @graph: descriptor of the file; -1: destroyed
 * @err: where a failure is told
 *
 * Killed at any moment, it leaves the generation whole or not at all.
 *
 * Return: 0 or a negative errno.
 */
int generation_keep(int dir, struct generation *g, int graph, struct lw_error *err)
{
	struct generations all = { 0 };
	char name[FILE_NAME_MAX];
	const char *record;
	int ret = generations_read(&all, dir, err);

	if (ret)
		return ret;
	g->number = 0;
	if (says_nothing_new(dir, &all, g, graph))
		goto out;
	g->number = all.last + 1;
	record = record_format(&all.mem, g);
	if (strlen(record) > RECORD_MAX)
		ret = -E2BIG;
	name_file(name, g->number, "graph");
	if (!ret && graph >= 0)
		ret = put_file(dir, name, graph, NULL);
	name_file(name, g->number, "record");
	ret = ret ?: put_file(dir, name, -1, record);
	if (ret)
		lw_error_local(err, -ret, "%s", name);
	else
		remove_oldest(dir, &all);
out:
	generations_free(&all);
	return ret;
}

/**
 * graph_keep_copy() - a file as it is now, whatever becomes of it
 * @path: the file; - is standard input
 * @err: where a failure is told
 *
 * What is applied is what is kept: the file is read once.
 *
 * Return: a descriptor of the copy, which is in memory, or a negative errno.
 */
int graph_keep_copy(const char *path, struct lw_error *err)
{
	bool given = !strcmp(path, "-");
	int from = given ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY), to, ret;

	if (from < 0)
		return lw_error_local(err, errno, "%s", "");
	to = memfd_create("graph", MFD_CLOEXEC);
	ret = to < 0 ? -errno : copy_all(to, from);
	if (!given)
		close(from);
	if (!ret && lseek(to, 0, SEEK_SET) == 0)
		return to;
	if (to >= 0)
		close(to);
	return lw_error_local(err, ret ? -ret : errno, "%s", "");
}
