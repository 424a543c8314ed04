// SPDX-License-Identifier: MIT
#include "lwctl/batch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lwctl/key.h"
#include "lwctl/lwctl.h"
#include "netlink/secret.h"

static bool blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* One word at *@at, unquoted in place. Returns 0 and *@at behind it, or -EINVAL. */
static int split_word(char **at)
{
	char *in = *at, *out = *at, quote = '\0';

	for (; *in && (quote || !blank(*in)); in++) {
		if (!quote && (*in == '\'' || *in == '"')) {
			quote = *in;
		} else if (quote && *in == quote) {
			quote = '\0';
		} else if (*in == '\\' && (!quote || (quote == '"' && (in[1] == '"' || in[1] == '\\')))) {
			if (!*++in)
				return -EINVAL;
			*out++ = *in;
		} else {
			*out++ = *in;
		}
	}
	if (quote)
		return -EINVAL;
	*at = *in ? in + 1 : in;
	*out = '\0';
	return 0;
}

int batch_split(char *line, char **words, unsigned int max)
{
	unsigned int n = 0;
	int ret;

	for (;;) {
		while (blank(*line))
			line++;
		if (!*line || *line == '#')
			break;
		if (n == max)
			return -E2BIG;
		words[n++] = line;
		ret = split_word(&line);
		if (ret < 0)
			return ret;
	}
	words[n] = NULL;
	return (int)n;
}

static int execute(struct lwctl *ctl, char *line, char **words)
{
	int n = batch_split(line, words, BATCH_WORDS_MAX);

	ctl->command[0] = '\0';
	if (n == -E2BIG)
		return lwctl_usage(ctl, "more than %u words", BATCH_WORDS_MAX);
	if (n < 0)
		return lwctl_usage(ctl, "a quote is left open");
	if (!n)
		return LWCTL_OK;
	if (words[0][0] == '-')
		return lwctl_usage(ctl, "'%.64s': options stand before -batch, not in its lines", words[0]);
	return lwctl_dispatch(ctl, lwctl_objects, "", n, words);
}

/*
 * Lines as they arrive: a sender may wait for what its last line did before it writes the next.
 * Not by stdio, whose buffers nobody wipes.
 */
struct reader {
	int fd;
	char *buf;		/* BATCH_LINE_MAX, in memory of lw_secret_alloc() */
	size_t from, to;	/* read and not taken yet */
	bool pipe;
	bool end;
};

/* The next line without its end, in place. 1: there is one; 0: no more; or -errno (-EMSGSIZE: too long). */
static int next_line(struct reader *r, char **line)
{
	for (;;) {
		char *end = r->to > r->from ? memchr(r->buf + r->from, '\n', r->to - r->from) : NULL;
		ssize_t n;

		if (end || (r->end && r->to > r->from)) {
			*line = r->buf + r->from;
			if (!end && r->pipe)
				return -EPIPE;
			if (!end)
				end = r->buf + r->to++;
			*end = '\0';
			r->from = (size_t)(end - r->buf) + 1;
			return memchr(*line, '\0', (size_t)(end - *line)) ? -EILSEQ : 1;
		}
		if (r->end)
			return 0;
		memmove(r->buf, r->buf + r->from, r->to - r->from);
		r->to -= r->from;
		r->from = 0;
		explicit_bzero(r->buf + r->to, BATCH_LINE_MAX - r->to);
		if (r->to == BATCH_LINE_MAX - 1)
			return -EMSGSIZE;
		n = read(r->fd, r->buf + r->to, BATCH_LINE_MAX - 1 - r->to);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		r->end = !n;
		r->to += (size_t)n;
	}
}

static int bad_line(struct lwctl *ctl, int error)
{
	ctl->command[0] = '\0';
	switch (error) {
	case -EMSGSIZE:
		return lwctl_usage(ctl, "the line is longer than %u bytes", BATCH_LINE_MAX - 2);
	case -EPIPE:
		return lwctl_usage(ctl, "the line is cut off: its end never came, so it is not executed");
	case -EILSEQ:
		return lwctl_usage(ctl, "the line has a zero byte in it");
	}
	return lwctl_usage(ctl, "reading it: %s", strerror(-error));
}

static int run_lines(struct lwctl *ctl, struct reader *r, char **words)
{
	int ret = LWCTL_OK, status, more;
	char *line = NULL;

	for (ctl->where_line = 1;; ctl->where_line++) {
		more = next_line(r, &line);
		if (!more)
			break;
		if (more < 0) {
			status = bad_line(ctl, more);
			return ret ? ret : status;
		}
		status = execute(ctl, line, words);
		explicit_bzero(line, (size_t)(r->buf + r->from - line));
		fflush(stdout);
		if (!ret)
			ret = status;
		if (status && (!ctl->force || ctl->stop))
			break;
	}
	return ret;
}

int lwctl_batch(struct lwctl *ctl, const char *file)
{
	struct reader r = { 0 };
	struct stat st;
	char **words;
	int ret;

	ctl->stdin_taken = !strcmp(file, "-");
	r.fd = ctl->stdin_taken ? STDIN_FILENO : open(file, O_RDONLY | O_CLOEXEC);
	if (r.fd < 0)
		return lwctl_usage(ctl, "batch '%.256s': %s", file, strerror(errno));
	if (fstat(r.fd, &st) < 0 || S_ISDIR(st.st_mode)) {
		ret = lwctl_usage(ctl, "batch '%.256s' cannot be read", file);
		goto err_file;
	}
	r.pipe = !S_ISREG(st.st_mode);
	ctl->keys_inline = key_source_private(r.fd, ctl->keys_why);
	r.buf = lw_secret_alloc(BATCH_LINE_MAX);
	words = calloc(BATCH_WORDS_MAX + 1, sizeof(*words));
	if (!r.buf || !words) {
		ret = lwctl_refused(ctl, NULL, "no memory");
		goto err_memory;
	}
	ctl->where_file = file;
	ret = run_lines(ctl, &r, words);
	ctl->where_file = NULL;
	ctl->command[0] = '\0';
err_memory:
	free(words);
	lw_secret_free(r.buf, BATCH_LINE_MAX);
	ctl->keys_inline = false;
err_file:
	if (!ctl->stdin_taken)
		close(r.fd);
	return ret;
}
