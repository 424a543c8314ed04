// SPDX-License-Identifier: MIT
#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "topology/arena.h"

struct arena_block {
	struct arena_block *next;
	size_t used, size;
	alignas(max_align_t) char data[];
};

#define BLOCK_SIZE (64 * 1024)		/* of the first; each is twice as large as the one before it */
#define BLOCK_SIZE_MAX (1024 * 1024)
#define POPULATED (128 * 1024)		/* from so many bytes on */

void no_memory(void)
{
	fputs("lwctl: topology: no memory\n", stderr);
	exit(2);
}

/**
 * populate() - have memory from the kernel in one go
 * @p: where it begins
 * @size: bytes, all of which are going to be used; what is in them stays
 *
 * A page fault for each page costs more than what is done with it: those were half of what the plan of a large graph
 * took. (Kernels before 5.14 cannot, and nothing is lost.)
 */
void populate(void *p, size_t size)
{
	uintptr_t page, from, to;

	if (size < POPULATED)
		return;
	page = (uintptr_t)sysconf(_SC_PAGESIZE);
	from = ((uintptr_t)p + page - 1) & ~(page - 1);
	to = ((uintptr_t)p + size) & ~(page - 1);
	(void)madvise((void *)from, to - from, MADV_POPULATE_WRITE);
}

/**
 * zeroed() - zeroed memory, all of which is going to be used
 * @n: how many elements
 * @size: bytes of one
 *
 * Return: the memory, for free(); the program ends when there is none.
 */
void *zeroed(size_t n, size_t size)
{
	void *p = reallocarray(NULL, n, size);

	if (!p)
		no_memory();
	populate(p, n * size);
	return memset(p, 0, n * size);	/* calloc() would touch each page before it is had */
}

static struct arena_block *new_block(size_t room)
{
	struct arena_block *b = zeroed(1, sizeof(*b) + room);

	b->size = room;
	return b;
}

/**
 * arena_alloc() - take zeroed memory out of an arena
 * @a: the arena; all zero is an empty one
 * @size: bytes
 *
 * Return: the memory, aligned for any type; the program ends when there is none.
 */
void *arena_alloc(struct arena *a, size_t size)
{
	const size_t align = alignof(max_align_t);
	struct arena_block *b = a->head;
	void *p;

	size = (size + align - 1) & ~(align - 1);
	if (!b || b->size - b->used < size) {
		if (b && size > BLOCK_SIZE / 4) {
			/* a big one goes behind the block in use, whose room is not lost */
			b = new_block(size);
			b->next = a->head->next;
			a->head->next = b;
		} else {
			a->block = !a->block ? BLOCK_SIZE : a->block < BLOCK_SIZE_MAX ? 2 * a->block : a->block;
			b = new_block(size > a->block ? size : a->block);
			b->next = a->head;
			a->head = b;
		}
	}
	p = b->data + b->used;
	b->used += size;
	return p;
}

/**
 * arena_strndup() - copy a string into an arena
 * @a: the arena
 * @s: the bytes
 * @len: how many
 *
 * Return: the copy, terminated.
 */
char *arena_strndup(struct arena *a, const char *s, size_t len)
{
	char *p = arena_alloc(a, len + 1);

	memcpy(p, s, len);
	return p;
}

/**
 * arena_strdup() - copy a string into an arena
 * @a: the arena
 * @s: the string
 *
 * Return: the copy.
 */
char *arena_strdup(struct arena *a, const char *s)
{
	return arena_strndup(a, s, strlen(s));
}

/**
 * arena_vprintf() - format a string into an arena
 * @a: the arena
 * @fmt: as printf's
 * @ap: its arguments
 *
 * Return: the string.
 */
char *arena_vprintf(struct arena *a, const char *fmt, va_list ap)
{
	va_list again;
	char *p;
	int len;

	va_copy(again, ap);
	len = vsnprintf(NULL, 0, fmt, again);
	va_end(again);
	if (len < 0)
		no_memory();
	p = arena_alloc(a, (size_t)len + 1);
	vsnprintf(p, (size_t)len + 1, fmt, ap);
	return p;
}

/**
 * arena_printf() - format a string into an arena
 * @a: the arena
 * @fmt: as printf's
 *
 * Return: the string.
 */
char *arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap;
	char *p;

	va_start(ap, fmt);
	p = arena_vprintf(a, fmt, ap);
	va_end(ap);
	return p;
}

/**
 * arena_free() - free all that was taken out of an arena
 * @a: the arena; empty afterwards
 */
void arena_free(struct arena *a)
{
	while (a->head) {
		struct arena_block *b = a->head;

		a->head = b->next;
		free(b);
	}
	a->block = 0;
}

/**
 * array_grow() - make room for one more element of a malloc'ed array
 * @array: the array, or NULL
 * @cap: how many elements have room; updated
 * @used: how many are in use
 * @size: bytes of one element
 *
 * Return: the array, perhaps elsewhere; the program ends when there is no memory.
 */
void *array_grow(void *array, size_t *cap, size_t used, size_t size)
{
	char *rest;

	if (used < *cap)
		return array;
	*cap = *cap ? *cap * 2 : 16;
	array = reallocarray(array, *cap, size);
	if (!array)
		no_memory();
	rest = (char *)array + used * size;
	populate(rest, (*cap - used) * size);
	memset(rest, 0, (*cap - used) * size);
	return array;
}
