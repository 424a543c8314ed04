/* SPDX-License-Identifier: MIT */
/*
 * Counters of a wire or of an underlay: LINKWIRE_A_STAT_*.
 */
#ifndef LW_NETLINK_COUNTERS_H
#define LW_NETLINK_COUNTERS_H

#include <linux/linkwire.h>
#include <stdbool.h>
#include <stdint.h>

struct nlattr;

struct lw_counters {
	uint64_t has;				/* bit i: value[i] was in the answer */
	uint64_t value[LINKWIRE_A_STAT_MAX + 1];	/* by LINKWIRE_A_STAT_* */
};

/* As `ethtool -S` calls it: "rx_no_sa"; NULL if there is no such counter. */
const char *lw_counter_name(unsigned int stat);

/* Counts packets dropped (rather than what passed). */
bool lw_counter_is_drop(unsigned int stat);

/* Packets dropped, for whatever reason. */
uint64_t lw_counters_drops(const struct lw_counters *c);

/* From a nest LINKWIRE_A_STATS; counters of a newer kernel are passed over. */
void lw_counters_parse(struct lw_counters *c, const struct nlattr *nest);

#endif
