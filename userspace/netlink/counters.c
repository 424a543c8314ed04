// SPDX-License-Identifier: MIT
#include "netlink/counters.h"

#include <libmnl/libmnl.h>
#include <stddef.h>

static const char *const names[LINKWIRE_A_STAT_MAX + 1] = {
	[LINKWIRE_A_STAT_RX_PACKETS] = "rx_packets",
	[LINKWIRE_A_STAT_RX_BYTES] = "rx_bytes",
	[LINKWIRE_A_STAT_TX_PACKETS] = "tx_packets",
	[LINKWIRE_A_STAT_TX_BYTES] = "tx_bytes",
	[LINKWIRE_A_STAT_RX_KEEPALIVES] = "rx_keepalives",
	[LINKWIRE_A_STAT_TX_KEEPALIVES] = "tx_keepalives",
	[LINKWIRE_A_STAT_RX_MALFORMED] = "rx_malformed",
	[LINKWIRE_A_STAT_RX_NO_SA] = "rx_no_sa",
	[LINKWIRE_A_STAT_RX_WRONG_ENCAP] = "rx_wrong_encap",
	[LINKWIRE_A_STAT_RX_WRONG_LOCAL] = "rx_wrong_local",
	[LINKWIRE_A_STAT_RX_WRONG_PEER] = "rx_wrong_peer",
	[LINKWIRE_A_STAT_RX_FLAGS] = "rx_flags",
	[LINKWIRE_A_STAT_RX_MODE] = "rx_mode",
	[LINKWIRE_A_STAT_RX_LANE] = "rx_lane",
	[LINKWIRE_A_STAT_RX_EXPIRED] = "rx_expired",
	[LINKWIRE_A_STAT_RX_REPLAY] = "rx_replay",
	[LINKWIRE_A_STAT_RX_AUTH] = "rx_auth",
	[LINKWIRE_A_STAT_RX_INNER] = "rx_inner",
	[LINKWIRE_A_STAT_RX_CSUM] = "rx_csum",
	[LINKWIRE_A_STAT_RX_SOURCE] = "rx_source",
	[LINKWIRE_A_STAT_RX_ECN] = "rx_ecn",
	[LINKWIRE_A_STAT_RX_DOWN] = "rx_down",
	[LINKWIRE_A_STAT_RX_BUSY] = "rx_busy",
	[LINKWIRE_A_STAT_RX_NO_MEM] = "rx_no_mem",
	[LINKWIRE_A_STAT_RX_OVERRUN] = "rx_overrun",
	[LINKWIRE_A_STAT_TX_NO_SA] = "tx_no_sa",
	[LINKWIRE_A_STAT_TX_EXPIRED] = "tx_expired",
	[LINKWIRE_A_STAT_TX_NO_ROUTE] = "tx_no_route",
	[LINKWIRE_A_STAT_TX_LOOP] = "tx_loop",
	[LINKWIRE_A_STAT_TX_TOO_BIG] = "tx_too_big",
	[LINKWIRE_A_STAT_TX_INNER] = "tx_inner",
	[LINKWIRE_A_STAT_TX_SEGMENT] = "tx_segment",
	[LINKWIRE_A_STAT_TX_CRYPTO] = "tx_crypto",
	[LINKWIRE_A_STAT_TX_BUSY] = "tx_busy",
	[LINKWIRE_A_STAT_TX_NO_MEM] = "tx_no_mem",
};

const char *lw_counter_name(unsigned int stat)
{
	return stat <= LINKWIRE_A_STAT_MAX ? names[stat] : NULL;
}

bool lw_counter_is_drop(unsigned int stat)
{
	return stat > LINKWIRE_A_STAT_TX_KEEPALIVES && lw_counter_name(stat);
}

uint64_t lw_counters_drops(const struct lw_counters *c)
{
	uint64_t sum = 0;

	for (unsigned int i = 0; i <= LINKWIRE_A_STAT_MAX; i++)
		sum += lw_counter_is_drop(i) ? c->value[i] : 0;
	return sum;
}

void lw_counters_parse(struct lw_counters *c, const struct nlattr *nest)
{
	const struct nlattr *a;

	mnl_attr_for_each_nested(a, nest) {
		uint16_t type = mnl_attr_get_type(a);

		if (!lw_counter_name(type) || mnl_attr_validate(a, MNL_TYPE_U64) < 0)
			continue;
		c->value[type] = mnl_attr_get_u64(a);
		c->has |= 1ULL << type;
	}
}
