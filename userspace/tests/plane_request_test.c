// SPDX-License-Identifier: MIT
/*
 * The bytes of requests for what a topology has beside its wires: routes, rules, queueing disciplines, tunnels.
 */
#include <arpa/inet.h>
#include <linux/fib_rules.h>
#include <linux/if_ether.h>
#include <linux/pkt_sched.h>
#include <net/if.h>
#include <linux/if_link.h>
#include <linux/if_tunnel.h>
#include <linux/rtnetlink.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "netlink/link.h"
#include "netlink/qdisc.h"
#include "netlink/route.h"
#include "netlink/rule.h"
#include "tests/bytes.h"

#define HANDLE 0x4c010000u
#define NEW (NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE)

static struct lw_batch b;

static int setup(void **state)
{
	(void)state;
	lw_batch_init(&b, NETLINK_ROUTE);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	lw_batch_free(&b);
	return 0;
}

static void a_gateway_of_the_other_family(void **state)
{
	struct lw_route r = { .ifindex = 4, .protocol = 76, .prefix_len = 32 };
	struct bytes want = { .n = 0 };
	struct lw_addr via;
	uint8_t rtvia[18] = { AF_INET6, 0 };

	(void)state;
	lw_addr_parse(&r.dst, "10.1.2.3");
	lw_addr_parse(&via, "fd00::1");
	r.via = via;
	lw_addr_parse(&r.prefsrc, "10.9.9.9");
	memcpy(rtvia + 2, via.bytes, 16);
	lw_route_replace(&b, &r);

	header(&want, RTM_NEWROUTE, NEW | NLM_F_REPLACE);
	put(&want, (uint8_t[]){ AF_INET, 32, 0, 0, RT_TABLE_MAIN, 76, RT_SCOPE_UNIVERSE, RTN_UNICAST, 0, 0, 0, 0 }, 12);
	attr(&want, RTA_DST, "\x0a\x01\x02\x03", 4);
	attr(&want, RTA_VIA, rtvia, sizeof(rtvia));
	attr(&want, RTA_PREFSRC, "\x0a\x09\x09\x09", 4);
	attr_u32(&want, RTA_OIF, 4);
	attr_u32(&want, RTA_TABLE, RT_TABLE_MAIN);
	compare(&b, 0, &want);
}

static void a_route_that_prohibits(void **state)
{
	struct lw_route r = { .protocol = 76, .prefix_len = 128, .type = RTN_PROHIBIT, .table = 7600 };
	struct bytes want = { .n = 0 };

	(void)state;
	lw_addr_parse(&r.dst, "fd00::9");
	lw_route_add(&b, &r);
	header(&want, RTM_NEWROUTE, NEW | NLM_F_EXCL);
	put(&want, (uint8_t[]){ AF_INET6, 128, 0, 0, RT_TABLE_UNSPEC, 76, RT_SCOPE_UNIVERSE, RTN_PROHIBIT, 0, 0, 0, 0 },
	    12);
	attr(&want, RTA_DST, r.dst.bytes, 16);
	attr_u32(&want, RTA_TABLE, 7600);
	compare(&b, 0, &want);
}

static void a_rule(void **state)
{
	struct lw_rule r = {
		.family = AF_INET, .from_len = 24, .to_len = 32, .iif = "swp1", .priority = 7601, .table = 7600,
		.protocol = 76,
	};
	struct bytes want = { .n = 0 };

	(void)state;
	lw_addr_parse(&r.from, "10.1.2.0");
	lw_addr_parse(&r.to, "10.3.0.1");
	lw_rule_add(&b, &r);
	header(&want, RTM_NEWRULE, NEW | NLM_F_EXCL);
	put(&want, (uint8_t[]){ AF_INET, 32, 24, 0, 0, 0, 0, FR_ACT_TO_TBL, 0, 0, 0, 0 }, 12);
	attr(&want, FRA_SRC, "\x0a\x01\x02\x00", 4);
	attr(&want, FRA_DST, "\x0a\x03\x00\x01", 4);
	attr(&want, FRA_IIFNAME, "swp1", 5);
	attr_u32(&want, FRA_PRIORITY, 7601);
	attr_u32(&want, FRA_TABLE, 7600);
	attr_u8(&want, FRA_PROTOCOL, 76);
	compare(&b, 0, &want);
}

static void tcmsg(struct bytes *want, uint32_t ifindex, uint32_t handle, uint32_t parent, uint32_t info)
{
	put_u32(want, 0);
	put_u32(want, ifindex);
	put_u32(want, handle);
	put_u32(want, parent);
	put_u32(want, info);
}

static void put_ratespec(struct bytes *want, uint32_t rate)
{
	put(want, (uint8_t[]){ 0, TC_LINKLAYER_ETHERNET, 0, 0, 0, 0, 0, 0 }, 8);
	put_u32(want, rate);
}

/* beyond 4 GB a second the 32 bits are full, and 64 follow */
static void a_rate(uint64_t rate, uint32_t low, bool high)
{
	const struct lw_tbf t = { .rate = rate, .burst = 65536, .limit = 100000 };
	struct bytes want = { .n = 0 }, parms = { .n = 0 };
	size_t options;

	lw_qdisc_set_tbf(&b, 3, HANDLE, &t);
	put_ratespec(&parms, low);
	put(&parms, (uint8_t[12]){ 0 }, 12);
	put_u32(&parms, 100000);
	put_u32(&parms, 0);
	put_u32(&parms, 0);
	header(&want, RTM_NEWQDISC, NEW | NLM_F_REPLACE);
	tcmsg(&want, 3, HANDLE, TC_H_ROOT, 0);
	attr(&want, TCA_KIND, "tbf", 4);
	options = nest(&want, TCA_OPTIONS);
	attr(&want, TCA_TBF_PARMS, parms.at, parms.n);
	attr_u32(&want, TCA_TBF_BURST, 65536);
	if (high)
		attr_u64(&want, TCA_TBF_RATE64, rate);
	end(&want, options);
	compare(&b, b.n - 1, &want);
}

static void rates(void **state)
{
	(void)state;
	a_rate(1250000, 1250000, false);
	a_rate(UINT32_MAX, UINT32_MAX, false);
	a_rate(12500000000ULL, UINT32_MAX, true);
}

static void delay_and_loss(void **state)
{
	const struct lw_netem n = { .delay_us = 20000, .loss = 42949672, .limit = 1000 };
	struct bytes want = { .n = 0 };
	size_t options;

	(void)state;
	lw_qdisc_set_netem(&b, 3, HANDLE, &n);
	header(&want, RTM_NEWQDISC, NEW | NLM_F_REPLACE);
	tcmsg(&want, 3, HANDLE, TC_H_ROOT, 0);
	attr(&want, TCA_KIND, "netem", 6);
	options = nest(&want, TCA_OPTIONS);
	put_u32(&want, 0);
	put_u32(&want, 1000);
	put_u32(&want, 42949672);
	put(&want, (uint8_t[12]){ 0 }, 12);
	attr_u64(&want, TCA_NETEM_LATENCY64, 20000000);
	attr(&want, TCA_NETEM_RATE, (uint8_t[16]){ 0 }, 16);
	end(&want, options);
	compare(&b, 0, &want);
}

static void guaranteed_rates(void **state)
{
	const struct lw_htb_class c = {
		.classid = HANDLE | 0x10, .parent = HANDLE | 1, .rate = 1000000, .ceil = 10000000000ULL,
	};
	struct bytes want = { .n = 0 }, parms = { .n = 0 };
	size_t options;

	(void)state;
	lw_qdisc_add_htb(&b, 3, HANDLE, 2);
	header(&want, RTM_NEWQDISC, NEW | NLM_F_REPLACE);
	tcmsg(&want, 3, HANDLE, TC_H_ROOT, 0);
	attr(&want, TCA_KIND, "htb", 4);
	options = nest(&want, TCA_OPTIONS);
	attr(&want, TCA_HTB_INIT, (uint32_t[]){ 3, 10, 2, 0, 0 }, 20);
	end(&want, options);
	compare(&b, 0, &want);

	lw_qdisc_set_class(&b, 3, &c);
	put_ratespec(&parms, 1000000);
	put_ratespec(&parms, UINT32_MAX);
	put_u32(&parms, 1024000);	/* 65,536 bytes at 1 MB/s, in units of 64 ns */
	put_u32(&parms, 62500);	/* 40,000,000 bytes at 10 GB/s: 4 ms */
	put_u32(&parms, 100000);
	put_u32(&parms, 0);
	put_u32(&parms, 0);
	want.n = 0;
	header(&want, RTM_NEWTCLASS, NEW);
	tcmsg(&want, 3, HANDLE | 0x10, HANDLE | 1, 0);
	attr(&want, TCA_KIND, "htb", 4);
	options = nest(&want, TCA_OPTIONS);
	attr(&want, TCA_HTB_PARMS, parms.at, parms.n);
	attr_u64(&want, TCA_HTB_CEIL64, 10000000000ULL);
	end(&want, options);
	compare(&b, 1, &want);

	lw_qdisc_add_mark_filter(&b, 3, HANDLE);
	want.n = 0;
	header(&want, RTM_NEWTFILTER, NEW | NLM_F_EXCL);
	tcmsg(&want, 3, 0, HANDLE, 1u << 16 | htons(ETH_P_ALL));
	attr(&want, TCA_KIND, "fw", 3);
	compare(&b, 2, &want);
}

static void plain_tunnels(void **state)
{
	const struct lw_link_new dev = { .name = "t", .netns_fd = LW_NETNS_SELF, .ifindex = 9, .mtu = 1400 };
	struct lw_tunnel t = { .kind = LW_TUNNEL_VXLAN, .key = 0x1234 };
	struct bytes want = { .n = 0 };
	size_t info, data;

	(void)state;
	lw_addr_parse(&t.local, "192.0.2.1");
	lw_addr_parse(&t.remote, "192.0.2.2");
	lw_tunnel_add(&b, &dev, &t);
	header(&want, RTM_NEWLINK, NEW | NLM_F_EXCL);
	ifinfo(&want, 9, 0, 0);
	attr(&want, IFLA_IFNAME, "t", 2);
	attr_u32(&want, IFLA_MTU, 1400);
	info = nest(&want, IFLA_LINKINFO);
	attr(&want, IFLA_INFO_KIND, "vxlan", 6);
	data = nest(&want, IFLA_INFO_DATA);
	attr_u32(&want, IFLA_VXLAN_ID, 0x1234);
	attr(&want, IFLA_VXLAN_GROUP, t.remote.bytes, 4);
	attr(&want, IFLA_VXLAN_LOCAL, t.local.bytes, 4);
	attr(&want, IFLA_VXLAN_PORT, "\x12\xb5", 2);
	attr_u8(&want, IFLA_VXLAN_LEARNING, 0);
	end(&want, data);
	end(&want, info);
	compare(&b, 0, &want);

	t.kind = LW_TUNNEL_GRETAP;
	lw_tunnel_add(&b, &dev, &t);
	want.n = 0;
	header(&want, RTM_NEWLINK, NEW | NLM_F_EXCL);
	ifinfo(&want, 9, 0, 0);
	attr(&want, IFLA_IFNAME, "t", 2);
	attr_u32(&want, IFLA_MTU, 1400);
	info = nest(&want, IFLA_LINKINFO);
	attr(&want, IFLA_INFO_KIND, "gretap", 7);
	data = nest(&want, IFLA_INFO_DATA);
	attr(&want, IFLA_GRE_LOCAL, t.local.bytes, 4);
	attr(&want, IFLA_GRE_REMOTE, t.remote.bytes, 4);
	attr(&want, IFLA_GRE_IFLAGS, "\x20\x00", 2);
	attr(&want, IFLA_GRE_OFLAGS, "\x20\x00", 2);
	attr(&want, IFLA_GRE_IKEY, "\x00\x00\x12\x34", 4);
	attr(&want, IFLA_GRE_OKEY, "\x00\x00\x12\x34", 4);
	attr_u8(&want, IFLA_GRE_TTL, 64);
	attr_u8(&want, IFLA_GRE_PMTUDISC, 1);
	end(&want, data);
	end(&want, info);
	compare(&b, 1, &want);
}

static void a_device_moves_under_another_name(void **state)
{
	struct bytes want = { .n = 0 };

	(void)state;
	lw_link_move(&b, 9, 7, "swp1", 12);
	header(&want, RTM_NEWLINK, NLM_F_REQUEST | NLM_F_ACK);
	ifinfo(&want, 9, 0, 0);
	attr(&want, IFLA_IFNAME, "swp1", 5);
	attr_u32(&want, IFLA_NET_NS_FD, 7);
	attr_u32(&want, IFLA_NEW_IFINDEX, 12);
	compare(&b, 0, &want);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_gateway_of_the_other_family, setup, teardown),
		cmocka_unit_test_setup_teardown(a_route_that_prohibits, setup, teardown),
		cmocka_unit_test_setup_teardown(a_rule, setup, teardown),
		cmocka_unit_test_setup_teardown(rates, setup, teardown),
		cmocka_unit_test_setup_teardown(delay_and_loss, setup, teardown),
		cmocka_unit_test_setup_teardown(guaranteed_rates, setup, teardown),
		cmocka_unit_test_setup_teardown(plain_tunnels, setup, teardown),
		cmocka_unit_test_setup_teardown(a_device_moves_under_another_name, setup, teardown),
	};

	return cmocka_run_group_tests_name("plane_request", tests, NULL, NULL);
}
