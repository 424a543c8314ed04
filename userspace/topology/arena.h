/* SPDX-License-Identifier: MIT */
/*
 * Memory that lives as long as the graph, the state or the plan that it is part of, and is freed in one go.
 */
#ifndef LINKWIRE_TOPO_ARENA_H
#define LINKWIRE_TOPO_ARENA_H

#include <stdarg.h>
#include <stddef.h>

/* ends the program: status 2, as where the system refuses anything else */
_Noreturn void no_memory(void);

struct arena_block;

struct arena {
	struct arena_block *head;
	size_t block;		/* bytes of the last one of ordinary size */
};

void *arena_alloc(struct arena *a, size_t size);
char *arena_strndup(struct arena *a, const char *s, size_t len);
char *arena_strdup(struct arena *a, const char *s);
char *arena_printf(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
char *arena_vprintf(struct arena *a, const char *fmt, va_list ap);
void arena_free(struct arena *a);

void populate(void *p, size_t size);
void *zeroed(size_t n, size_t size);
void *array_grow(void *array, size_t *cap, size_t used, size_t size);

#endif
