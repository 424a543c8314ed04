/* SPDX-License-Identifier: MIT */
/*
 * What is wrong with a graph: everything that was found, not only the first.
 */
#ifndef LINKWIRE_TOPO_DIAG_H
#define LINKWIRE_TOPO_DIAG_H

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include "topology/arena.h"

enum diag_level { DIAG_NOTE, DIAG_ERROR };

struct diag_entry {
	enum diag_level level;
	unsigned int line;	/* 0: not known */
	const char *text;
};

struct diag {
	const char *file;	/* as the user named it */
	struct arena mem;
	struct diag_entry *entry;
	size_t count, cap;
	size_t errors;
};

void diag_error(struct diag *d, unsigned int line, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
void diag_note(struct diag *d, unsigned int line, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
const char *diag_escape(struct arena *mem, const char *text);
void diag_print(const struct diag *d, FILE *to);
void diag_free(struct diag *d);

#endif
