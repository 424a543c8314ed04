// SPDX-License-Identifier: GPL-2.0
/*
 * Lanes of an SA. Transmitting, all of them from the beginning: they are small. Receiving, lane 0;
 * each of the others from its first authentic packet on, so that nobody without the key can have
 * memory used for them.
 */

#include <linux/slab.h>
#include "sa.h"

/**
 * lw_lanes_alloc - give a new SA its lanes
 * @sa: known to nobody
 * @rx: it receives
 * @lanes: how many
 * Context: process. Return: 0 or -ENOMEM.
 */
int lw_lanes_alloc(struct lw_sa *sa, bool rx, u16 lanes)
{
	struct lw_heard *first;

	sa->lanes = lanes;
	if (!rx) {
		sa->sent = kcalloc(lanes, sizeof(*sa->sent), GFP_KERNEL_ACCOUNT);
		return sa->sent ? 0 : -ENOMEM;
	}
	first = kzalloc(sizeof(*first), GFP_KERNEL_ACCOUNT);
	sa->heard = kcalloc(lanes, sizeof(*sa->heard), GFP_KERNEL_ACCOUNT);
	if (!first || !sa->heard) {
		kfree(first);
		return -ENOMEM;
	}
	lw_window_init(&first->window);
	RCU_INIT_POINTER(sa->heard[0], first);
	return 0;
}

/**
 * lw_lanes_free - an SA goes, and its lanes with it
 * @sa: nobody knows it any more, nor its lanes, which are found by it only
 * Context: any.
 */
void lw_lanes_free(struct lw_sa *sa)
{
	u16 i;

	kfree(sa->sent);
	for (i = 0; sa->heard && i < sa->lanes; i++)
		kfree(rcu_access_pointer(sa->heard[i]));
	kfree(sa->heard);
}

/**
 * lw_lanes_start - say where all lanes begin
 * @sa: transmitting, known to nobody
 * @counter: the first one
 */
void lw_lanes_start(struct lw_sa *sa, u64 counter)
{
	u16 i;

	sa->start = counter;
	for (i = 0; i < sa->lanes; i++)
		atomic64_set(&sa->sent[i].next, counter);
}

/**
 * lw_lanes_spent - add the lanes of an SA up
 * @sa: installed
 * @sum: overwritten
 * Context: any; what is read while it changes is of about now.
 */
void lw_lanes_spent(const struct lw_sa *sa, struct lw_spent *sum)
{
	const struct lw_heard *h;
	u16 i;

	memset(sum, 0, sizeof(*sum));
	rcu_read_lock();
	for (i = 0; i < sa->lanes; i++) {
		if (sa->sent) {
			u64 next = atomic64_read(&sa->sent[i].next);

			sum->counter = i ? sum->counter : next;
			sum->packets += next - sa->start;
			sum->bytes += atomic64_read(&sa->sent[i].bytes);
			sum->blocks += atomic64_read(&sa->sent[i].blocks);
			continue;
		}
		h = rcu_dereference(sa->heard[i]);
		if (!h)
			continue;
		sum->counter = i ? sum->counter : READ_ONCE(h->window.top);
		sum->packets += READ_ONCE(h->packets);
		sum->bytes += READ_ONCE(h->bytes);
		sum->blocks += READ_ONCE(h->blocks);
	}
	rcu_read_unlock();
}

/**
 * lw_lane_heard - the lane of an authentic packet
 * @sa: receiving
 * @packet_number: of it; its lane is one that the SA takes
 * Context: BH disabled, RCU. Return: the lane, which stays as long as the SA; NULL if there is no memory.
 */
struct lw_heard *lw_lane_heard(struct lw_sa *sa, u64 packet_number)
{
	struct lw_heard __rcu **at = &sa->heard[lw_lane(packet_number)];
	struct lw_heard *h = rcu_dereference(*at), *other;

	if (likely(h))
		return h;
	h = kzalloc(sizeof(*h), GFP_ATOMIC | __GFP_NOWARN);
	if (!h)
		return NULL;
	lw_window_init(&h->window);
	other = unrcu_pointer(cmpxchg(at, NULL, RCU_INITIALIZER(h)));
	if (!other)
		return h;
	kfree(h);
	return other;
}
