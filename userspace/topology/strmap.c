// SPDX-License-Identifier: MIT
#include <stdlib.h>
#include <string.h>

#include "topology/arena.h"
#include "topology/strmap.h"

/**
 * strmap_hash() - 64-bit FNV-1a, mixed once more
 * @data: the bytes
 * @len: how many
 *
 * FNV's high bits are weak for short strings; the finalizer of MurmurHash3 spreads them.
 *
 * Return: the hash.
 */
uint64_t strmap_hash(const void *data, size_t len)
{
	const unsigned char *p = data;
	uint64_t h = 0xcbf29ce484222325ULL;

	while (len--)
		h = (h ^ *p++) * 0x100000001b3ULL;
	h ^= h >> 33;
	h *= 0xff51afd7ed558ccdULL;
	h ^= h >> 33;
	h *= 0xc4ceb9fe1a85ec53ULL;
	return h ^ h >> 33;
}

static struct strmap_slot *find(const struct strmap *m, const char *key)
{
	size_t i = strmap_hash(key, strlen(key)) & (m->size - 1);

	while (m->slot[i].key && strcmp(m->slot[i].key, key))
		i = (i + 1) & (m->size - 1);
	return &m->slot[i];
}

static void grow(struct strmap *m)
{
	struct strmap old = *m;

	m->size = old.size ? old.size * 2 : 64;
	m->slot = zeroed(m->size, sizeof(*m->slot));
	for (size_t i = 0; i < old.size; i++)
		if (old.slot[i].key)
			*find(m, old.slot[i].key) = old.slot[i];
	free(old.slot);
}

/**
 * strmap_get() - look a key up
 * @m: the table; all zero is an empty one
 * @key: the key
 * @value: where its value goes, or NULL
 *
 * Return: true if it is there.
 */
bool strmap_get(const struct strmap *m, const char *key, size_t *value)
{
	const struct strmap_slot *s = m->size ? find(m, key) : NULL;

	if (!s || !s->key)
		return false;
	if (value)
		*value = s->value;
	return true;
}

/**
 * strmap_add() - add a key that may be there already
 * @m: the table
 * @key: the key, which must live as long as the table
 * @value: its value
 * @old: where the value goes that it has already, or NULL
 *
 * Return: true if it was added, false if it was there (and keeps its value).
 */
bool strmap_add(struct strmap *m, const char *key, size_t value, size_t *old)
{
	struct strmap_slot *s;

	if (2 * (m->used + 1) > m->size)
		grow(m);
	s = find(m, key);
	if (s->key) {
		if (old)
			*old = s->value;
		return false;
	}
	*s = (struct strmap_slot){ key, value };
	m->used++;
	return true;
}

/**
 * strmap_set() - give a key a value, new or not
 * @m: the table
 * @key: the key, which must live as long as the table
 * @value: its value
 */
void strmap_set(struct strmap *m, const char *key, size_t value)
{
	if (!strmap_add(m, key, value, NULL))
		find(m, key)->value = value;
}

/**
 * strmap_free() - free a table
 * @m: the table; empty afterwards
 */
void strmap_free(struct strmap *m)
{
	free(m->slot);
	*m = (struct strmap){ 0 };
}
