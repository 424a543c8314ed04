// SPDX-License-Identifier: GPL-2.0
/* Counters: their names, their sums, and the three ways out (netlink, ip -s link, ethtool -S). */

#include <linux/ethtool.h>
#include <linux/netdevice.h>
#include <net/netlink.h>
#include "wire.h"

static const char lw_stat_names[LW_STATS][ETH_GSTRING_LEN] = {
	[LW_STAT(RX_PACKETS)]		= "rx_packets",
	[LW_STAT(RX_BYTES)]		= "rx_bytes",
	[LW_STAT(TX_PACKETS)]		= "tx_packets",
	[LW_STAT(TX_BYTES)]		= "tx_bytes",
	[LW_STAT(RX_KEEPALIVES)]	= "rx_keepalives",
	[LW_STAT(TX_KEEPALIVES)]	= "tx_keepalives",
	[LW_STAT(RX_MALFORMED)]		= "rx_malformed",
	[LW_STAT(RX_NO_SA)]		= "rx_no_sa",
	[LW_STAT(RX_WRONG_ENCAP)]	= "rx_wrong_encap",
	[LW_STAT(RX_WRONG_LOCAL)]	= "rx_wrong_local",
	[LW_STAT(RX_WRONG_PEER)]	= "rx_wrong_peer",
	[LW_STAT(RX_FLAGS)]		= "rx_flags",
	[LW_STAT(RX_MODE)]		= "rx_mode",
	[LW_STAT(RX_LANE)]		= "rx_lane",
	[LW_STAT(RX_EXPIRED)]		= "rx_expired",
	[LW_STAT(RX_REPLAY)]		= "rx_replay",
	[LW_STAT(RX_AUTH)]		= "rx_auth",
	[LW_STAT(RX_INNER)]		= "rx_inner",
	[LW_STAT(RX_CSUM)]		= "rx_csum",
	[LW_STAT(RX_SOURCE)]		= "rx_source",
	[LW_STAT(RX_ECN)]		= "rx_ecn",
	[LW_STAT(RX_DOWN)]		= "rx_down",
	[LW_STAT(RX_BUSY)]		= "rx_busy",
	[LW_STAT(RX_NO_MEM)]		= "rx_no_mem",
	[LW_STAT(RX_OVERRUN)]		= "rx_overrun",
	[LW_STAT(TX_NO_SA)]		= "tx_no_sa",
	[LW_STAT(TX_EXPIRED)]		= "tx_expired",
	[LW_STAT(TX_NO_ROUTE)]		= "tx_no_route",
	[LW_STAT(TX_LOOP)]		= "tx_loop",
	[LW_STAT(TX_TOO_BIG)]		= "tx_too_big",
	[LW_STAT(TX_INNER)]		= "tx_inner",
	[LW_STAT(TX_SEGMENT)]		= "tx_segment",
	[LW_STAT(TX_CRYPTO)]		= "tx_crypto",
	[LW_STAT(TX_BUSY)]		= "tx_busy",
	[LW_STAT(TX_NO_MEM)]		= "tx_no_mem",
};

/**
 * lw_stat_name - what a counter is called
 * @which: LW_STAT(name)
 * Return: a string.
 */
const char *lw_stat_name(unsigned int which)
{
	return lw_stat_names[which];
}

/**
 * lw_stats_alloc - counters for every CPU, all zero
 * Context: process. Return: freed with free_percpu(); NULL if there is no memory.
 */
struct lw_stats __percpu *lw_stats_alloc(void)
{
	return netdev_alloc_pcpu_stats(struct lw_stats);
}

/**
 * lw_stats_sum - add the CPUs' counters up
 * @stats: per CPU
 * @sum: by LW_STAT(name), overwritten
 */
void lw_stats_sum(const struct lw_stats __percpu *stats, u64 sum[LW_STATS])
{
	unsigned int start, i;
	u64 v[LW_STATS];
	int cpu;

	memset(sum, 0, LW_STATS * sizeof(*sum));
	for_each_possible_cpu(cpu) {
		const struct lw_stats *s = per_cpu_ptr(stats, cpu);

		do {
			start = u64_stats_fetch_begin(&s->syncp);
			for (i = 0; i < LW_STATS; i++)
				v[i] = u64_stats_read(&s->v[i]);
		} while (u64_stats_fetch_retry(&s->syncp, start));
		for (i = 0; i < LW_STATS; i++)
			sum[i] += v[i];
	}
}

/**
 * lw_stats_fill - put the counters into a message, as a nest
 * @msg: netlink message
 * @attr: type of the nest
 * @stats: per CPU
 * Return: 0, or -EMSGSIZE with nothing added.
 */
int lw_stats_fill(struct sk_buff *msg, int attr, const struct lw_stats __percpu *stats)
{
	struct nlattr *nest = nla_nest_start(msg, attr);
	u64 sum[LW_STATS];
	unsigned int i;

	if (!nest)
		return -EMSGSIZE;
	lw_stats_sum(stats, sum);
	for (i = 0; i < LW_STATS; i++) {
		if (nla_put_u64_64bit(msg, LINKWIRE_A_STAT_RX_PACKETS + i, sum[i],
				      LINKWIRE_A_STAT_PAD)) {
			nla_nest_cancel(msg, nest);
			return -EMSGSIZE;
		}
	}
	nla_nest_end(msg, nest);
	return 0;
}

/**
 * lw_stats_link - the same counters as ip -s link shows them
 * @dev: a wire
 * @out: filled
 *
 * Every reason for a drop is an error or a drop here too; what GRO dropped is added by the core.
 */
void lw_stats_link(struct net_device *dev, struct rtnl_link_stats64 *out)
{
	struct lw_wire *wire = netdev_priv(dev);
	u64 sum[LW_STATS];
	unsigned int i;

	lw_stats_sum(wire->stats, sum);
	out->rx_packets = sum[LW_STAT(RX_PACKETS)];
	out->rx_bytes = sum[LW_STAT(RX_BYTES)];
	out->tx_packets = sum[LW_STAT(TX_PACKETS)];
	out->tx_bytes = sum[LW_STAT(TX_BYTES)];
	for (i = LW_STAT(RX_MALFORMED); i <= LW_STAT(RX_ECN); i++)
		out->rx_errors += sum[i];
	for (i = LW_STAT(RX_DOWN); i <= LW_STAT(RX_NO_MEM); i++)
		out->rx_dropped += sum[i];
	for (i = LW_STAT(TX_NO_SA); i <= LW_STAT(TX_NO_MEM); i++)
		out->tx_dropped += sum[i];
	out->rx_crc_errors = sum[LW_STAT(RX_AUTH)];
	out->rx_frame_errors = sum[LW_STAT(RX_INNER)] + sum[LW_STAT(RX_CSUM)];
}

static int lw_ethtool_sset_count(struct net_device *dev, int set)
{
	return set == ETH_SS_STATS ? LW_STATS : -EOPNOTSUPP;
}

static void lw_ethtool_strings(struct net_device *dev, u32 set, u8 *out)
{
	if (set == ETH_SS_STATS)
		memcpy(out, lw_stat_names, sizeof(lw_stat_names));
}

static void lw_ethtool_stats(struct net_device *dev, struct ethtool_stats *stats, u64 *out)
{
	struct lw_wire *wire = netdev_priv(dev);

	lw_stats_sum(wire->stats, out);
}

static void lw_ethtool_drvinfo(struct net_device *dev, struct ethtool_drvinfo *info)
{
	strscpy(info->driver, LINKWIRE_KIND, sizeof(info->driver));
}

const struct ethtool_ops lw_ethtool_ops = {
	.get_drvinfo		= lw_ethtool_drvinfo,
	.get_link		= ethtool_op_get_link,
	.get_strings		= lw_ethtool_strings,
	.get_sset_count		= lw_ethtool_sset_count,
	.get_ethtool_stats	= lw_ethtool_stats,
	.get_ts_info		= ethtool_op_get_ts_info,
};
