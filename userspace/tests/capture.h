/* SPDX-License-Identifier: MIT */
/*
 * For the unit tests: what a call prints to standard error, or to standard output.
 */
#ifndef TESTS_CAPTURE_H
#define TESTS_CAPTURE_H

#include <assert.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

struct capture {
	FILE *stream;
	int saved, file;
	char text[65536];
};

static inline void capture_begin(struct capture *c, FILE *stream)
{
	fflush(stream);
	c->stream = stream;
	c->saved = dup(fileno(stream));
	c->file = memfd_create("capture", 0);
	assert(c->saved >= 0 && c->file >= 0);
	dup2(c->file, fileno(stream));
}

/* What was written since; good until the next capture. */
static inline const char *capture_end(struct capture *c)
{
	ssize_t n;

	fflush(c->stream);
	dup2(c->saved, fileno(c->stream));
	n = pread(c->file, c->text, sizeof(c->text) - 1, 0);
	c->text[n > 0 ? n : 0] = '\0';
	close(c->saved);
	close(c->file);
	return c->text;
}

#endif
