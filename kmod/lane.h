/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Lanes: packet numbers whose first byte says who numbered them (the idea of RFC 9611), so that CPUs
 * which send under one key share no counter, and a receiver no window. lane.c
 */
#ifndef _LW_LANE_H
#define _LW_LANE_H

#include <linux/atomic.h>
#include "replay.h"

#define LW_LANE_SHIFT	56	/* of the lane in a packet number; the counter is below */

/**
 * struct lw_sent - one lane of a transmitting SA
 * @next: the next counter. Never falls.
 * @bytes: of plaintext
 * @blocks: of 16 bytes
 */
struct lw_sent {
	atomic64_t	next ____cacheline_aligned;
	atomic64_t	bytes;
	atomic64_t	blocks;
};

/**
 * struct lw_heard - one lane of a receiving SA; all under the window's lock
 * @packets: authentic ones
 * @bytes: plaintext of those
 * @blocks: of 16 bytes; likewise
 * @window: which counters were seen
 */
struct lw_heard {
	u64			packets;
	u64			bytes;
	u64			blocks;
	struct lw_window	window;
};

/**
 * struct lw_spent - what an SA has done so far
 * @counter: of lane 0: the next to be sent, or the highest authentic one
 * @packets: sent, or authentic
 * @bytes: plaintext of those
 * @blocks: of 16 bytes; likewise
 */
struct lw_spent {
	u64	counter;
	u64	packets;
	u64	bytes;
	u64	blocks;
};

struct lw_sa;

static inline unsigned int lw_lane(u64 packet_number)
{
	return packet_number >> LW_LANE_SHIFT;
}

static inline u64 lw_counter(u64 packet_number)
{
	return packet_number & LINKWIRE_COUNTER_MAX;
}

int lw_lanes_alloc(struct lw_sa *sa, bool rx, u16 lanes);
void lw_lanes_free(struct lw_sa *sa);
void lw_lanes_start(struct lw_sa *sa, u64 counter);
void lw_lanes_spent(const struct lw_sa *sa, struct lw_spent *sum);
struct lw_heard *lw_lane_heard(struct lw_sa *sa, u64 packet_number);

#endif /* _LW_LANE_H */
