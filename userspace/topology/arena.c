// SPDX-License-Identifier: MIT
#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "topology/arena.h"

struct arena_block {
	struct arena_block *next;
	size_t used, size;
	alignas(max_align_t) char data[];
};

#define BLOCK_SIZE (64 * 1024)

void no_memory(void)
{
	fputs("lwctl: topology: no memory\n", stderr);
	exit(2);
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
		size_t room = size > BLOCK_SIZE / 4 ? size : BLOCK_SIZE;

		b = calloc(1, sizeof(*b) + room);
		if (!b)
			no_memory();
		b->size = room;
		/* a big block goes behind the one in use, whose room is not lost */
		if (room != BLOCK_SIZE && a->head) {
			b->next = a->head->next;
			a->head->next = b;
		} else {
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
	if (used < *cap)
		return array;
	*cap = *cap ? *cap * 2 : 16;
	array = reallocarray(array, *cap, size);
	if (!array)
		no_memory();
	memset((char *)array + used * size, 0, (*cap - used) * size);
	return array;
}
