/* SPDX-License-Identifier: MIT */
/*
 * A hash table from strings to numbers, and the hash, which names and labels are derived from: it must never change.
 */
#ifndef LINKWIRE_TOPO_STRMAP_H
#define LINKWIRE_TOPO_STRMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct strmap_slot {
	const char *key;	/* borrowed */
	size_t value;
};

struct strmap {
	struct strmap_slot *slot;
	size_t size, used;
};

uint64_t strmap_hash(const void *data, size_t len);
bool strmap_get(const struct strmap *m, const char *key, size_t *value);
bool strmap_add(struct strmap *m, const char *key, size_t value, size_t *old);
void strmap_set(struct strmap *m, const char *key, size_t value);
void strmap_free(struct strmap *m);

#endif
