// SPDX-License-Identifier: GPL-2.0
/*
 * Keys that were installed in this boot. A key is one-time: once for transmitting and once for
 * receiving (the two ends of a wire may be on one machine), and never both on one wire. What is kept is
 * a keyed fingerprint, never the key. Memory is bounded: two generations of the table; when the newer
 * is full, the older is forgotten, so at least the last LW_USED_KEYS_MAX keys are known.
 */

#include <linux/hash.h>
#include <linux/linkwire.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/random.h>
#include <linux/siphash.h>
#include <linux/slab.h>
#include "sa.h"

#define LW_USED_KEYS_MIN	1024		/* slots at first */
#define LW_USED_KEYS_MAX	BIT(20)		/* keys a generation: 2^21 slots of 16 bytes */

/**
 * struct lw_used_key - one slot of an open-addressed table
 * @fingerprint: of the key; 0: free
 * @tx: serial of the wire that transmitted under it; 0: none
 * @rx: serial of the wire that received under it; 0: none
 */
struct lw_used_key {
	u64	fingerprint;
	u32	tx;
	u32	rx;
};

struct lw_generation {
	struct lw_used_key	*slots;
	unsigned int		size;	/* slots, a power of two */
	unsigned int		used;
};

static DEFINE_MUTEX(lw_used_lock);	/* of both generations */
static struct lw_generation lw_used_new, lw_used_old;
static siphash_key_t lw_used_secret;

static struct lw_used_key *lw_used_slot(const struct lw_generation *g, u64 fingerprint)
{
	unsigned int i = hash_64(fingerprint, 32) & (g->size - 1);

	/* half of the slots are free at least, so that this ends */
	while (g->slots[i].fingerprint && g->slots[i].fingerprint != fingerprint)
		i = (i + 1) & (g->size - 1);
	return &g->slots[i];
}

static int lw_used_grow(void)
{
	struct lw_generation bigger = { .size = lw_used_new.size * 2 };
	unsigned int i;

	if (lw_used_new.used >= LW_USED_KEYS_MAX)
		bigger.size = LW_USED_KEYS_MIN;
	bigger.slots = kvcalloc(bigger.size, sizeof(*bigger.slots), GFP_KERNEL);
	if (!bigger.slots)
		return -ENOMEM;
	if (bigger.size == LW_USED_KEYS_MIN) {
		kvfree(lw_used_old.slots);
		lw_used_old = lw_used_new;
	} else {
		for (i = 0; i < lw_used_new.size; i++)
			if (lw_used_new.slots[i].fingerprint)
				*lw_used_slot(&bigger, lw_used_new.slots[i].fingerprint) =
					lw_used_new.slots[i];
		bigger.used = lw_used_new.used;
		kvfree(lw_used_new.slots);
	}
	lw_used_new = bigger;
	return 0;
}

/**
 * lw_used_keys_add - record that a key is being installed, or find that it may not be
 * @key: without its salt: a key with another salt is the same key
 * @len: bytes
 * @dir: enum linkwire_dir
 * @serial: of the wire
 *
 * Context: process; sleeps.
 * Return: 0 and the key is burnt; -EKEYREJECTED if it was installed before; -ENOMEM.
 */
int lw_used_keys_add(const u8 *key, unsigned int len, u8 dir, u32 serial)
{
	u64 fingerprint = siphash(key, len, &lw_used_secret) ?: 1;
	struct lw_used_key *slot, *old = NULL, was = {};
	u32 *here, *there;
	int err = 0;

	mutex_lock(&lw_used_lock);
	if (lw_used_new.used * 2 >= lw_used_new.size)
		err = lw_used_grow();
	if (err)
		goto out;
	slot = lw_used_slot(&lw_used_new, fingerprint);
	if (slot->fingerprint)
		was = *slot;
	else if (lw_used_old.slots)
		old = lw_used_slot(&lw_used_old, fingerprint);
	if (old && old->fingerprint)
		was = *old;

	here = dir == LINKWIRE_DIR_TX ? &was.tx : &was.rx;
	there = dir == LINKWIRE_DIR_TX ? &was.rx : &was.tx;
	if (*here || *there == serial) {
		err = -EKEYREJECTED;
		goto out;
	}
	*here = serial;
	if (!slot->fingerprint)
		lw_used_new.used++;
	was.fingerprint = fingerprint;
	*slot = was;
out:
	mutex_unlock(&lw_used_lock);
	return err;
}

/**
 * lw_used_keys_init - an empty table
 * Return: 0 or -ENOMEM.
 */
int __init lw_used_keys_init(void)
{
	get_random_bytes(&lw_used_secret, sizeof(lw_used_secret));
	lw_used_new.size = LW_USED_KEYS_MIN;
	lw_used_new.slots = kvcalloc(lw_used_new.size, sizeof(*lw_used_new.slots), GFP_KERNEL);
	return lw_used_new.slots ? 0 : -ENOMEM;
}

/**
 * lw_used_keys_exit - forget all: no SA is left
 */
void lw_used_keys_exit(void)
{
	kvfree(lw_used_new.slots);
	kvfree(lw_used_old.slots);
	memzero_explicit(&lw_used_secret, sizeof(lw_used_secret));
}
