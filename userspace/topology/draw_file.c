// SPDX-License-Identifier: MIT
/*
 * From a picture in DOT to a file. What draws is a program of its own, lwctl-draw, which gives its privileges up.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "topology/confine.h"
#include "topology/draw.h"
#include "topology/program.h"

#define PROGRAM "lwctl-draw"
#define PICTURE_MAX (1UL << 30)

static const char *const formats[] = { "svg", "png", "dot" };

static const char *format_of(const char *word)
{
	for (size_t i = 0; i < sizeof(formats) / sizeof(*formats); i++)
		if (!strcasecmp(word, formats[i]))
			return formats[i];
	return NULL;
}

/* takes "-o FILE" and the like out of the words of the command */
static int take_word(struct lwctl *ctl, int *argc, char **argv, int at, int n, const char **value)
{
	if (at + n > *argc)
		return lwctl_usage(ctl, "'%.64s' needs a value", argv[at]);
	if (n == 2)
		*value = argv[at + 1];
	memmove(argv + at, argv + at + n, (size_t)(*argc - at - n) * sizeof(*argv));
	*argc -= n;
	return LWCTL_OK;
}

/**
 * draw_words() - take the words that say what is drawn out of those of the command
 * @ctl: the command line's context
 * @argc: how many words there are; how many are left
 * @argv: they
 * @w: what they say
 *
 * Return: the exit status.
 */
int draw_words(struct lwctl *ctl, int *argc, char **argv, struct draw_words *w)
{
	const char *word = NULL, *ending;
	int ret = LWCTL_OK;

	*w = (struct draw_words){ 0 };
	for (int i = 0; i < *argc && !ret;) {
		if (!strcmp(argv[i], "-live") || !strcmp(argv[i], "--live")) {
			w->live = true;
			ret = take_word(ctl, argc, argv, i, 1, NULL);
		} else if (!strcmp(argv[i], "-o")) {
			ret = take_word(ctl, argc, argv, i, 2, &w->out);
		} else if (!strcmp(argv[i], "-T")) {
			ret = take_word(ctl, argc, argv, i, 2, &word);
		} else {
			i++;
		}
	}
	if (ret)
		return ret;
	if (!w->out)
		return lwctl_usage(ctl, "where to? -o FILE.svg, FILE.png or FILE.dot");
	ending = strrchr(w->out, '.');
	if (!word)
		word = !strcmp(w->out, "-") ? "svg" : ending && !strchr(ending, '/') ? ending + 1 : "";
	w->format = format_of(word);
	if (!w->format)
		return lwctl_usage(ctl, "'%.64s': a picture is svg, png or dot, as the file's name ends or -T says",
				   *word ? word : w->out);
	if (!strcmp(w->out, "-") && !strcmp(w->format, "png") && isatty(STDOUT_FILENO))
		return lwctl_usage(ctl, "a png would not be seen on a terminal");
	return LWCTL_OK;
}

struct bytes {
	char *data;
	size_t size;
};

static bool write_all(int fd, const struct bytes *b)
{
	for (size_t at = 0; at < b->size;) {
		ssize_t n = write(fd, b->data + at, b->size - at);

		if (n < 0 && errno != EINTR)
			return false;
		at += n > 0 ? (size_t)n : 0;
	}
	return true;
}

static bool read_all(int fd, struct bytes *b)
{
	size_t room = 0;
	ssize_t n;

	do {
		if (b->size == room) {
			char *more = room < PICTURE_MAX ? realloc(b->data, room ? room *= 2 : (room = 1 << 16)) : NULL;

			if (!more)
				return false;
			b->data = more;
		}
		n = read(fd, b->data + b->size, room - b->size);
		b->size += n > 0 ? (size_t)n : 0;
	} while (n > 0 || (n < 0 && errno == EINTR));
	return !n;
}

static int explain(struct lwctl *ctl, const char *path, int status)
{
	if (WIFEXITED(status) && WEXITSTATUS(status) == PROGRAM_MISSING)
		return lwctl_refused(ctl, NULL, "%s is not there: Graphviz draws `-o FILE.dot', too", path);
	if (WIFSIGNALED(status) && (WTERMSIG(status) == SIGXCPU || WTERMSIG(status) == SIGKILL))
		return lwctl_refused(ctl, NULL, "drawing took more than %d seconds, or too much memory",
				     CONFINE_CPU_SECONDS);
	if (WIFSIGNALED(status))
		return lwctl_refused(ctl, NULL, "%s failed: %s", PROGRAM, strsignal(WTERMSIG(status)));
	return lwctl_refused(ctl, NULL, "%s did not draw it", PROGRAM);
}

/* it reads all before it writes anything, so one thing can be done after the other here, too */
static int run_program(struct lwctl *ctl, const struct drawing *d, const char *format, const struct bytes *dot,
		       struct bytes *picture)
{
	int in[2], out[2] = { -1, -1 }, status = 0;
	struct draw_plan plan = draw_plan(d);
	char path[PATH_MAX];
	bool whole;
	pid_t pid;

	program_find(path, PROGRAM);
	if (pipe2(in, O_CLOEXEC))
		return lwctl_refused(ctl, NULL, "%s: %s", PROGRAM, strerror(errno));
	pid = pipe2(out, O_CLOEXEC) ? -1 : fork();
	if (!pid)
		program_become(path, (char *const []){ (char *)(uintptr_t)PROGRAM, (char *)(uintptr_t)plan.layout,
						       (char *)(uintptr_t)format, NULL }, in[0], out[1]);
	close(in[0]);
	close(out[1]);
	if (pid < 0) {
		close(in[1]);
		close(out[0]);
		return lwctl_refused(ctl, NULL, "%s: %s", PROGRAM, strerror(errno));
	}
	whole = write_all(in[1], dot);
	close(in[1]);
	whole &= read_all(out[0], picture);
	close(out[0]);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return whole && !status ? LWCTL_OK : explain(ctl, path, status);
}

/* nobody ever sees half of it, and what was there stays if it cannot be written */
static int write_beside(struct lwctl *ctl, const char *out, const struct bytes *picture)
{
	char real[PATH_MAX], fresh[PATH_MAX + 8];
	mode_t mask = umask(0);
	int fd, ret = LWCTL_OK;

	umask(mask);
	/* not over a symbolic link, but over what it leads to */
	if (!realpath(out, real) && snprintf(real, sizeof(real), "%s", out) >= (int)sizeof(real))
		return lwctl_usage(ctl, "%.64s…: %s", out, strerror(ENAMETOOLONG));
	snprintf(fresh, sizeof(fresh), "%s.XXXXXX", real);
	fd = mkostemp(fresh, O_CLOEXEC);
	if (fd < 0)
		return lwctl_refused(ctl, NULL, "%.256s: %s", out, strerror(errno));
	if (!write_all(fd, picture) || fchmod(fd, 0666 & ~mask) || close(fd) || rename(fresh, real)) {
		ret = lwctl_refused(ctl, NULL, "%.256s: %s", out, strerror(errno));
		unlink(fresh);
	}
	return ret;
}

static int write_picture(struct lwctl *ctl, const char *out, const struct bytes *picture)
{
	struct stat st;
	int fd, ret = LWCTL_OK;

	if (!strcmp(out, "-")) {
		fwrite(picture->data, 1, picture->size, ctl->out.file);
		return LWCTL_OK;	/* what fails there is told at the end */
	}
	if (stat(out, &st) || S_ISREG(st.st_mode))
		return write_beside(ctl, out, picture);
	/* a pipe or a device is written to */
	fd = open(out, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || !write_all(fd, picture))
		ret = lwctl_refused(ctl, NULL, "%.256s: %s", out, strerror(errno));
	if (fd >= 0)
		close(fd);
	return ret;
}

/**
 * draw_file() - draw a picture into a file
 * @ctl: the command line's context
 * @d: the picture
 * @w: where to, and how
 *
 * Return: the exit status.
 */
int draw_file(struct lwctl *ctl, const struct drawing *d, const struct draw_words *w)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN }, before;
	struct bytes dot = { 0 }, picture = { 0 };
	FILE *text = open_memstream(&dot.data, &dot.size);
	int ret;

	if (text)
		draw_dot(d, text);
	if (!text || fclose(text))
		no_memory();
	sigaction(SIGPIPE, &ignore, &before);	/* of a program that ended early */
	if (strcmp(w->format, "dot"))
		ret = run_program(ctl, d, w->format, &dot, &picture) ?: write_picture(ctl, w->out, &picture);
	else
		ret = write_picture(ctl, w->out, &dot);
	sigaction(SIGPIPE, &before, NULL);
	free(dot.data);
	free(picture.data);
	return ret;
}
