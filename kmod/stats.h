/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Counters of a wire and of an underlay, one set a CPU. What they are called and mean is said once, in
 * uapi/linux/linkwire.h.
 */
#ifndef _LW_STATS_H
#define _LW_STATS_H

#include <linux/ethtool.h>
#include <linux/linkwire.h>
#include <linux/percpu.h>
#include <linux/u64_stats_sync.h>

struct net_device;
struct rtnl_link_stats64;
struct sk_buff;

/* index of a counter: LW_STAT(RX_NO_SA) */
#define LW_STAT(name)	(LINKWIRE_A_STAT_##name - LINKWIRE_A_STAT_RX_PACKETS)
#define LW_STATS	(LINKWIRE_A_STAT_MAX - LINKWIRE_A_STAT_RX_PACKETS + 1)

/**
 * struct lw_stats - one CPU's counters
 * @v: by LW_STAT(name)
 * @syncp: for 32-bit readers
 */
struct lw_stats {
	u64_stats_t		v[LW_STATS];
	struct u64_stats_sync	syncp;
};

const char *lw_stat_name(unsigned int which);
struct lw_stats __percpu *lw_stats_alloc(void);
void lw_stats_sum(const struct lw_stats __percpu *stats, u64 sum[LW_STATS]);
int lw_stats_fill(struct sk_buff *msg, int attr, const struct lw_stats __percpu *stats);
void lw_stats_link(struct net_device *dev, struct rtnl_link_stats64 *out);
extern const struct ethtool_ops lw_ethtool_ops;

/* Context: BH disabled, or nobody else on this CPU counts in @stats */
static inline void lw_stats_inc(struct lw_stats __percpu *stats, unsigned int which)
{
	struct lw_stats *s = this_cpu_ptr(stats);

	u64_stats_update_begin(&s->syncp);
	u64_stats_inc(&s->v[which]);
	u64_stats_update_end(&s->syncp);
}

/* Context: likewise */
static inline void lw_stats_add(struct lw_stats __percpu *stats, unsigned int which, unsigned int n)
{
	struct lw_stats *s = this_cpu_ptr(stats);

	u64_stats_update_begin(&s->syncp);
	u64_stats_add(&s->v[which], n);
	u64_stats_update_end(&s->syncp);
}

/* @n packets of @len bytes in all. Context: likewise */
static inline void lw_stats_passed(struct lw_stats __percpu *stats, unsigned int packets,
				   unsigned int bytes, unsigned int len, unsigned int n)
{
	struct lw_stats *s = this_cpu_ptr(stats);

	u64_stats_update_begin(&s->syncp);
	u64_stats_add(&s->v[packets], n);
	u64_stats_add(&s->v[bytes], len);
	u64_stats_update_end(&s->syncp);
}

#endif /* _LW_STATS_H */
