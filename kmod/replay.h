/* SPDX-License-Identifier: GPL-2.0 */
/* The replay window of one lane. Implemented in replay.c. */
#ifndef _LW_REPLAY_H
#define _LW_REPLAY_H

#include <linux/linkwire.h>
#include <linux/spinlock.h>

#define LW_WINDOW_SIZE	8192	/* packets */

/**
 * struct lw_window - which counters of one lane were seen: RFC 6479
 * @lock: taken once a packet by its commit; the check before decryption takes none
 * @top: highest counter committed; 0 before the first
 * @seen: ring of bits; one word more than the window, so that a word is cleared whole when the
 *	top enters it
 */
struct lw_window {
	spinlock_t	lock;	/* of all here */
	u64		top;
	unsigned long	seen[LW_WINDOW_SIZE / BITS_PER_LONG + 1];
};

void lw_window_init(struct lw_window *w);
bool lw_window_check(const struct lw_window *w, u64 counter);
bool lw_window_commit(struct lw_window *w, u64 counter, bool *newest);
bool lw_window_selftest(void);

#endif /* _LW_REPLAY_H */
