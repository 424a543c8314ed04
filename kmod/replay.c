// SPDX-License-Identifier: GPL-2.0
/*
 * Replay window after RFC 6479: a ring of words. The window moves by clearing the words that the top
 * passes, no bit is ever shifted. One word more than the window holds keeps every counter that is
 * inside the window in a word of its own turn.
 */

#include <linux/bitops.h>
#include <linux/kernel.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "replay.h"

#define LW_WORDS	(LW_WINDOW_SIZE / BITS_PER_LONG + 1)

/**
 * lw_window_init - an empty window: any counter from 1 on is new
 * @w: not in use
 */
void lw_window_init(struct lw_window *w)
{
	memset(w, 0, sizeof(*w));
	spin_lock_init(&w->lock);
}

static bool lw_window_below(u64 top, u64 counter)
{
	return counter == 0 || (counter < top && top - counter >= LW_WINDOW_SIZE);
}

static unsigned int lw_window_word(u64 counter)
{
	u64 word = counter / BITS_PER_LONG;

	return do_div(word, LW_WORDS);
}

/**
 * lw_window_check - may a packet with this counter be worth decrypting?
 * @w: window of its lane
 * @counter: 56 bits
 *
 * A cheap look without the lock: its word may change meanwhile, so only lw_window_commit()
 * decides. A "no" is final all the same where the counter is below the window, since the top
 * only rises; a set bit may be read just as its word is cleared for a later turn, which needs
 * the top to have passed it by the whole window: below it, too.
 *
 * Return: false if the counter was seen or is below the window.
 */
bool lw_window_check(const struct lw_window *w, u64 counter)
{
	u64 top = READ_ONCE(w->top);

	if (lw_window_below(top, counter))
		return false;
	if (counter > top)
		return true;
	return !test_bit(counter % BITS_PER_LONG, &w->seen[lw_window_word(counter)]);
}

/**
 * lw_window_commit - record an authenticated packet
 * @w: window of its lane; its lock is held
 * @counter: 56 bits
 * @newest: set to whether the counter is above any before
 *
 * Return: false if the counter was seen or is below the window: the packet is a replay.
 */
bool lw_window_commit(struct lw_window *w, u64 counter, bool *newest)
{
	u64 from, to;

	*newest = counter > w->top;
	if (lw_window_below(w->top, counter))
		return false;
	if (*newest) {
		from = w->top / BITS_PER_LONG;
		to = counter / BITS_PER_LONG;
		if (to - from >= LW_WORDS)
			memset(w->seen, 0, sizeof(w->seen));
		else
			while (from++ != to)
				w->seen[lw_window_word(from * BITS_PER_LONG)] = 0;
		WRITE_ONCE(w->top, counter);
	}
	return !__test_and_set_bit(counter % BITS_PER_LONG, &w->seen[lw_window_word(counter)]);
}

/**
 * lw_window_selftest - the window's edges, by table
 * Return: true if all is well. Runs once, when the module is loaded.
 */
bool __init lw_window_selftest(void)
{
	static const struct {
		u64 counter;
		bool ok, newest;
	} table[] = {
		{ 0, false, false },
		{ 1, true, true }, { 1, false, false }, { 3, true, true }, { 2, true, false },
		{ 2, false, false },
		{ LW_WINDOW_SIZE, true, true }, { 3, false, false }, { 4, true, false },
		{ LW_WINDOW_SIZE + 3, true, true }, { 3, false, false }, { 5, true, false },
		{ LW_WINDOW_SIZE + 4, true, true }, { 4, false, false },
		{ 1000000, true, true }, { 1000000 - LW_WINDOW_SIZE, false, false },
		{ 1000000 - LW_WINDOW_SIZE + 1, true, false },
		{ 1000000 - LW_WINDOW_SIZE + 1, false, false },
		{ 1000000 + BITS_PER_LONG, true, true }, { 1000000, false, false },
		{ 1000001, true, false },
		{ LINKWIRE_COUNTER_MAX, true, true }, { LINKWIRE_COUNTER_MAX, false, false },
		{ LINKWIRE_COUNTER_MAX - 1, true, false },
	};
	struct lw_window *w = kzalloc(sizeof(*w), GFP_KERNEL);
	bool good = w, newest, ok;
	unsigned int i;

	if (w)
		lw_window_init(w);
	for (i = 0; good && i < ARRAY_SIZE(table); i++) {
		if (lw_window_check(w, table[i].counter) != table[i].ok)
			good = false;
		ok = lw_window_commit(w, table[i].counter, &newest);
		if (ok != table[i].ok || newest != table[i].newest)
			good = false;
		if (!good)
			pr_err("linkwire: replay window selftest failed at step %u\n", i);
	}
	kfree(w);
	return good;
}
