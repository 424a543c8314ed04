// SPDX-License-Identifier: MIT
/*
 * Routes, rules, forwarding and nftables against the running kernel, in a network namespace of our own (skipped where
 * we may not have one, or the kernel lacks what is tested).
 */
#include <errno.h>
#include <linux/rtnetlink.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "netlink/link.h"
#include "netlink/netns.h"
#include "netlink/nft.h"
#include "netlink/route.h"
#include "netlink/rule.h"
#include "netlink/sysctl.h"

#define LOOPBACK 1	/* its ifindex, in every namespace */
#define OURS 76

static bool have_netns;
static struct lw_nl nl;
static struct lw_error err;

static int open_context(void **state)
{
	struct lw_batch b;

	(void)state;
	have_netns = unshare(CLONE_NEWNET) == 0 && !lw_nl_open(&nl, LW_NETNS_SELF, &err);
	if (!have_netns)
		return 0;
	lw_batch_init(&b, NETLINK_ROUTE);
	lw_link_set_up(&b, LW_BY_INDEX(LOOPBACK), true);
	lw_batch_send(&nl, &b, NULL, NULL, &err);
	lw_batch_free(&b);
	return 0;
}

static int close_context(void **state)
{
	(void)state;
	if (have_netns)
		lw_nl_close(&nl);
	return 0;
}

#define NEED_NETNS() do { if (!have_netns) skip(); } while (0)

static struct lw_route route_to(const char *dst, uint8_t len, uint8_t type, uint8_t protocol)
{
	struct lw_route r = { .prefix_len = len, .type = type, .protocol = protocol };

	assert_int_equal(lw_addr_parse(&r.dst, dst), 0);
	if (type == RTN_UNICAST)
		r.ifindex = LOOPBACK;
	return r;
}

static int keep_route(const struct lw_route *r, void *arg)
{
	struct lw_route *list = arg;

	assert_int_equal(r->protocol, OURS);
	while (list->dst.family)
		list++;
	*list = *r;
	return 0;
}

static void send_batch(struct lw_batch *b)
{
	int ret = lw_batch_send(&nl, b, NULL, NULL, &err);

	if (ret)
		fail_msg("request %d: %s", err.request, err.text);
	lw_batch_reset(b);
}

static void routes_by_who_put_them_there(void **state)
{
	struct lw_route r, list[8] = { 0 };
	struct lw_batch b;

	(void)state;
	NEED_NETNS();
	lw_batch_init(&b, NETLINK_ROUTE);
	r = route_to("10.1.0.0", 16, RTN_UNICAST, OURS);
	r.table = 7600;
	lw_route_add(&b, &r);
	r = route_to("10.2.0.0", 16, RTN_UNICAST, 99);
	lw_route_add(&b, &r);
	r = route_to("10.3.0.0", 16, RTN_PROHIBIT, OURS);
	lw_route_add(&b, &r);
	r = route_to("fd03::", 32, RTN_PROHIBIT, OURS);
	lw_route_add(&b, &r);
	send_batch(&b);

	assert_int_equal(lw_route_dump_protocol(&nl, OURS, keep_route, list, &err), 0);
	assert_int_equal(list[3].dst.family, 0);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(list[i].type, list[i].table == 7600 ? RTN_UNICAST : RTN_PROHIBIT);
		lw_route_del(&b, &list[i]);
	}
	send_batch(&b);
	memset(list, 0, sizeof(list));
	assert_int_equal(lw_route_dump_protocol(&nl, OURS, keep_route, list, &err), 0);
	assert_int_equal(list[0].dst.family, 0);
	lw_batch_free(&b);
}

static int keep_rule(const struct lw_rule *r, void *arg)
{
	if (r->protocol == OURS)
		*(struct lw_rule *)arg = *r;
	return 0;
}

static void a_rule_as_it_was_put(void **state)
{
	struct lw_rule r = {
		.family = AF_INET6, .from_len = 64, .iif = "lo", .priority = 7600, .table = 7601, .protocol = OURS,
	}, got = { 0 };
	struct lw_batch b;

	(void)state;
	NEED_NETNS();
	lw_addr_parse(&r.from, "fd01::");
	lw_batch_init(&b, NETLINK_ROUTE);
	lw_rule_add(&b, &r);
	send_batch(&b);
	assert_int_equal(lw_rule_dump(&nl, keep_rule, &got, &err), 0);
	assert_int_equal(got.family, AF_INET6);
	assert_int_equal(got.from_len, 64);
	assert_true(lw_addr_equal(&got.from, &r.from));
	assert_string_equal(got.iif, "lo");
	assert_int_equal(got.priority, 7600);
	assert_int_equal(got.table, 7601);
	lw_rule_del(&b, &got);
	send_batch(&b);
	got = (struct lw_rule){ 0 };
	assert_int_equal(lw_rule_dump(&nl, keep_rule, &got, &err), 0);
	assert_int_equal(got.priority, 0);
	lw_batch_free(&b);
}

static void forwarding(void **state)
{
	bool on = true;

	(void)state;
	NEED_NETNS();
	assert_int_equal(lw_forwarding_get(LW_NETNS_SELF, &on, &err), 0);
	assert_false(on);
	assert_int_equal(lw_forwarding_set(LW_NETNS_SELF, true, &err), 0);
	assert_int_equal(lw_forwarding_get(LW_NETNS_SELF, &on, &err), 0);
	assert_true(on);
	assert_int_equal(lw_forwarding_set(LW_NETNS_SELF, false, &err), 0);
}

struct found {
	unsigned int pairs, rules;
	char chain[32], comment[128];
	struct lw_addr from, to;
};

static int found_pair(const struct lw_addr *from, const struct lw_addr *to, void *arg)
{
	struct found *f = arg;

	f->pairs++;
	f->from = *from;
	f->to = *to;
	return 0;
}

static int found_rule(const char *chain, const char *comment, void *arg)
{
	struct found *f = arg;

	f->rules++;
	snprintf(f->chain, sizeof(f->chain), "%s", chain);
	snprintf(f->comment, sizeof(f->comment), "%s", comment);
	return 0;
}

#define TABLE "\"family\":\"inet\",\"table\":\"linkwire\""

static void a_table_of_nftables(void **state)
{
	static const char json[] = "{\"nftables\":[{\"add\":{\"table\":{\"family\":\"inet\",\"name\":\"linkwire\"}}},"
		"{\"add\":{\"set\":{" TABLE ",\"name\":\"pairs\",\"type\":[\"ipv6_addr\",\"ipv6_addr\"],"
		"\"elem\":[{\"concat\":[\"fd00::1\",\"fd00::2\"]}]}}},"
		"{\"add\":{\"chain\":{" TABLE ",\"name\":\"drops\"}}},"
		"{\"add\":{\"rule\":{" TABLE ",\"chain\":\"drops\",\"comment\":\"a comment\",\"expr\":[{\"drop\":null}]}}}]}";
	static const char *const sets[] = { "nosuch", "pairs", NULL };
	struct found f = { 0 };
	const struct lw_nft_reader r = { found_pair, found_rule, &f };
	struct lw_addr from, to;
	int ret;

	(void)state;
	NEED_NETNS();
	ret = lw_nft_read(LW_NETNS_SELF, "linkwire", sets, &r, &err);
	if (ret == -EOPNOTSUPP)
		skip();
	assert_int_equal(ret, 0);
	assert_int_equal(f.rules + f.pairs, 0);
	ret = lw_nft_run(LW_NETNS_SELF, json, strlen(json), &err);
	if (ret == -ENOENT || strstr(err.text, "not supported"))
		skip();
	if (ret)
		fail_msg("%s", err.text);
	assert_int_equal(lw_nft_read(LW_NETNS_SELF, "linkwire", sets, &r, &err), 0);
	assert_int_equal(f.rules, 1);
	assert_int_equal(f.pairs, 1);
	assert_string_equal(f.chain, "drops");
	assert_string_equal(f.comment, "a comment");
	lw_addr_parse(&from, "fd00::1");
	lw_addr_parse(&to, "fd00::2");
	assert_true(lw_addr_equal(&f.from, &from));
	assert_true(lw_addr_equal(&f.to, &to));
}

static void what_nft_refuses_is_told(void **state)
{
	static const char json[] = "{\"nftables\":[{\"add\":{\"chain\":{" TABLE ",\"name\":\"x\",\"type\":\"nosuch\","
				   "\"hook\":\"input\",\"prio\":0,\"policy\":\"accept\"}}}]}";

	(void)state;
	NEED_NETNS();
	if (access("/usr/sbin/nft", X_OK))
		skip();
	assert_true(lw_nft_run(LW_NETNS_SELF, json, strlen(json), &err) < 0);
	assert_non_null(strstr(err.text, "nft: "));
	assert_true(strlen(err.text) > 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(routes_by_who_put_them_there),
		cmocka_unit_test(a_rule_as_it_was_put),
		cmocka_unit_test(forwarding),
		cmocka_unit_test(a_table_of_nftables),
		cmocka_unit_test(what_nft_refuses_is_told),
	};

	return cmocka_run_group_tests_name("plane_kernel", tests, open_context, close_context);
}
