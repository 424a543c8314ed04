// SPDX-License-Identifier: MIT
/*
 * The bytes of requests. What they ought to be is put together here by hand, without libmnl.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/genetlink.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "netlink/link.h"
#include "netlink/route.h"
#include "netlink/sa.h"
#include "netlink/words.h"
#include "tests/bytes.h"

static void a_wire_in_another_namespace(void **state)
{
	const uint8_t mac[6] = { 2, 0, 0, 0, 0, 1 }, local[4] = { 192, 0, 2, 1 }, remote[4] = { 192, 0, 2, 2 };
	struct lw_link_new dev = { .name = "lw0", .netns_fd = 7, .mtu = 1400, .mac = mac, .up = true };
	struct lw_wire_spec spec = {
		.has = LW_HAS(IFLA_LINKWIRE_ID) | LW_HAS(IFLA_LINKWIRE_ENCAP) | LW_HAS(IFLA_LINKWIRE_MODE) |
		       LW_HAS(IFLA_LINKWIRE_LOCAL) | LW_HAS(IFLA_LINKWIRE_REMOTE) | LW_HAS(IFLA_LINKWIRE_PORT) |
		       LW_HAS(IFLA_LINKWIRE_REMOTE_PORT) | LW_HAS(IFLA_LINKWIRE_SRC_PORT) |
		       LW_HAS(IFLA_LINKWIRE_LINK) | LW_HAS(IFLA_LINKWIRE_FWMARK) | LW_HAS(IFLA_LINKWIRE_TTL) |
		       LW_HAS(IFLA_LINKWIRE_DSCP) | LW_HAS(IFLA_LINKWIRE_ROAM) | LW_HAS(IFLA_LINKWIRE_HOLD) |
		       LW_HAS(IFLA_LINKWIRE_LABEL),
		.id = 42, .encap = LINKWIRE_ENCAP_VXLAN, .mode = LINKWIRE_MODE_L3, .port = 4790, .remote_port = 4791,
		.src_port = 5000, .link = 3, .fwmark = 0x10, .ttl = 64, .dscp = 46, .roam = true, .hold = 3000,
		.label = "abc", .label_len = 3,
	};
	struct bytes want = { .n = 0 };
	size_t info, data;
	struct lw_batch b;

	(void)state;
	lw_addr_from_bytes(&spec.local, local, 4);
	lw_addr_from_bytes(&spec.remote, remote, 4);

	header(&want, RTM_NEWLINK, NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL);
	ifinfo(&want, 0, IFF_UP, IFF_UP);
	attr(&want, IFLA_IFNAME, "lw0", 4);
	attr_u32(&want, IFLA_NET_NS_FD, 7);
	attr_u32(&want, IFLA_MTU, 1400);
	attr(&want, IFLA_ADDRESS, mac, 6);
	info = nest(&want, IFLA_LINKINFO);
	attr(&want, IFLA_INFO_KIND, "linkwire", 9);
	data = nest(&want, IFLA_INFO_DATA);
	attr_u32(&want, IFLA_LINKWIRE_ID, 42);
	attr_u8(&want, IFLA_LINKWIRE_ENCAP, 1);
	attr_u8(&want, IFLA_LINKWIRE_MODE, 3);
	attr(&want, IFLA_LINKWIRE_LOCAL, local, 4);
	attr(&want, IFLA_LINKWIRE_REMOTE, remote, 4);
	attr(&want, IFLA_LINKWIRE_PORT, "\x12\xb6", 2);		/* 4790, big-endian */
	attr(&want, IFLA_LINKWIRE_REMOTE_PORT, "\x12\xb7", 2);
	attr(&want, IFLA_LINKWIRE_SRC_PORT, "\x13\x88", 2);
	attr_u32(&want, IFLA_LINKWIRE_LINK, 3);
	attr_u32(&want, IFLA_LINKWIRE_FWMARK, 0x10);
	attr_u8(&want, IFLA_LINKWIRE_TTL, 64);
	attr_u8(&want, IFLA_LINKWIRE_DSCP, 46);
	attr_u8(&want, IFLA_LINKWIRE_ROAM, 1);
	attr_u32(&want, IFLA_LINKWIRE_HOLD, 3000);
	attr(&want, IFLA_LINKWIRE_LABEL, "abc", 3);
	end(&want, data);
	end(&want, info);

	lw_batch_init(&b, NETLINK_ROUTE);
	assert_int_equal(lw_link_add_wire(&b, &dev, &spec), 0);
	compare(&b, 0, &want);
	lw_batch_free(&b);
}

static void only_what_is_given_is_sent(void **state)
{
	struct lw_wire_spec spec = { .has = LW_HAS(IFLA_LINKWIRE_TTL), .encap = 1, .mode = 2, .ttl = 0, .hold = 9 };
	struct bytes want = { .n = 0 };
	struct lw_batch b;
	size_t link;

	(void)state;
	header(&want, 0, NLM_F_REQUEST | NLM_F_ACK);
	put(&want, (uint8_t[]){ LINKWIRE_CMD_WIRE_SET, LINKWIRE_FAMILY_VERSION, 0, 0 }, 4);
	attr(&want, LINKWIRE_A_IFNAME, "lw0", 4);
	link = nest(&want, LINKWIRE_A_LINK);
	attr_u8(&want, IFLA_LINKWIRE_TTL, 0);
	end(&want, link);

	lw_batch_init(&b, NETLINK_GENERIC);
	assert_int_equal(lw_wire_set(&b, LW_WIRE_NAME("lw0"), &spec), 0);
	compare(&b, 0, &want);
	lw_batch_free(&b);
}

static void allowed_sources_and_a_backup(void **state)
{
	struct lw_prefix prefixes[3] = { { .len = 8 }, { .len = 64 }, { .len = 32 } };
	struct lw_mac mac = { { 2, 0, 0, 0, 0, 9 } };
	struct lw_wire_spec spec = {
		.has = LW_HAS(IFLA_LINKWIRE_BACKUP) | LW_HAS(IFLA_LINKWIRE_SOURCES),
		.sources = { .on = true, .prefix = prefixes, .prefixes = 3, .mac = &mac, .macs = 1 },
	};
	const struct lw_wire_spec none = { .has = spec.has };
	struct bytes want = { .n = 0 }, off = { .n = 0 };
	size_t link, sources;
	struct lw_batch b;

	(void)state;
	lw_addr_parse(&prefixes[0].addr, "10.0.0.0");
	lw_addr_parse(&prefixes[1].addr, "fd00::");
	lw_addr_parse(&prefixes[2].addr, "192.0.2.7");
	lw_addr_parse(&spec.backup, "192.0.2.2");

	header(&want, 0, NLM_F_REQUEST | NLM_F_ACK);
	put(&want, (uint8_t[]){ LINKWIRE_CMD_WIRE_SET, LINKWIRE_FAMILY_VERSION, 0, 0 }, 4);
	attr_u32(&want, LINKWIRE_A_ID, 9);
	off = want;
	link = nest(&want, LINKWIRE_A_LINK);
	attr(&want, IFLA_LINKWIRE_BACKUP, "\xc0\0\2\2", 4);
	sources = nest(&want, IFLA_LINKWIRE_SOURCES);
	attr(&want, LINKWIRE_A_SOURCE_IPV4, "\x0a\0\0\0\x08\xc0\0\2\7\x20", 10);
	attr(&want, LINKWIRE_A_SOURCE_IPV6, "\xfd\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x40", 17);
	attr(&want, LINKWIRE_A_SOURCE_MAC, "\2\0\0\0\0\x09", 6);
	end(&want, sources);
	end(&want, link);

	link = nest(&off, LINKWIRE_A_LINK);
	attr_u32(&off, IFLA_LINKWIRE_BACKUP, 0);
	sources = nest(&off, IFLA_LINKWIRE_SOURCES);
	attr(&off, LINKWIRE_A_SOURCE_ANY, "", 0);
	end(&off, sources);
	end(&off, link);

	lw_batch_init(&b, NETLINK_GENERIC);
	assert_int_equal(lw_wire_set(&b, LW_WIRE_ID(9), &spec), 0);
	assert_int_equal(lw_wire_set(&b, LW_WIRE_ID(9), &none), 1);
	compare(&b, 0, &want);
	compare(&b, 1, &off);
	lw_batch_free(&b);
}

static void no_local_address(void **state)
{
	const struct {
		struct lw_wire_spec spec;
		size_t bytes;
	} cases[] = {
		{ { .has = LW_HAS(IFLA_LINKWIRE_LOCAL) }, 4 },
		{ { .has = LW_HAS(IFLA_LINKWIRE_LOCAL) | LW_HAS(IFLA_LINKWIRE_REMOTE), .remote = { .family = AF_INET } }, 4 },
		{ { .has = LW_HAS(IFLA_LINKWIRE_LOCAL) | LW_HAS(IFLA_LINKWIRE_REMOTE), .remote = { .family = AF_INET6 } }, 16 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const uint8_t zero[16] = { 0 };
		struct bytes want = { .n = 0 };
		struct lw_batch b;
		size_t link;

		header(&want, 0, NLM_F_REQUEST | NLM_F_ACK);
		put(&want, (uint8_t[]){ LINKWIRE_CMD_WIRE_SET, LINKWIRE_FAMILY_VERSION, 0, 0 }, 4);
		attr_u32(&want, LINKWIRE_A_ID, 9);
		link = nest(&want, LINKWIRE_A_LINK);
		attr(&want, IFLA_LINKWIRE_LOCAL, zero, cases[i].bytes);
		if (cases[i].spec.remote.family)
			attr(&want, IFLA_LINKWIRE_REMOTE, zero, cases[i].bytes);
		end(&want, link);
		lw_batch_init(&b, NETLINK_GENERIC);
		assert_int_equal(lw_wire_set(&b, LW_WIRE_ID(9), &cases[i].spec), 0);
		compare(&b, 0, &want);
		lw_batch_free(&b);
	}
}

/* as many as the kernel takes, and one more of those that are too many: which is for the kernel to say */
static void sources_that_are_many(void **state)
{
	struct lw_wire_spec spec = { .has = LW_HAS(IFLA_LINKWIRE_SOURCES), .sources = { .on = true } };
	const size_t v4 = 2 * LINKWIRE_SOURCE_IPV4_MAX, v6 = LINKWIRE_SOURCE_IPV6_MAX;
	struct lw_link_new dev = LW_LINK_NEW("lw0");
	struct lw_prefix *prefix;
	struct lw_batch b;
	size_t i;

	(void)state;
	prefix = calloc(v4 + v6, sizeof(*prefix));
	assert_non_null(prefix);
	for (i = 0; i < v4 + v6; i++) {
		prefix[i].addr.family = i < v4 ? AF_INET : AF_INET6;
		prefix[i].len = 32;
	}
	spec.sources.prefix = prefix;
	spec.sources.prefixes = v4 + v6;
	lw_batch_init(&b, NETLINK_GENERIC);
	assert_int_equal(lw_wire_set(&b, LW_WIRE_ID(9), &spec), 0);
	/* header, family's header, id, link, sources, two lists */
	assert_int_equal(lw_batch_request(&b, 0)->nlmsg_len, 16 + 4 + 8 + 4 + 4 + 4 + 20488 + 4 + v6 * 17);
	assert_int_equal(lw_link_add_wire(&b, &dev, &spec), 1);
	/* what follows has the room that all have */
	assert_int_equal(lw_wire_del(&b, LW_WIRE_ID(9)), 2);
	lw_batch_free(&b);
	free(prefix);
}

static void a_security_association(void **state)
{
	uint8_t key[36];
	const struct lw_sa_new sa = {
		.dir = LINKWIRE_DIR_RX, .has_tag = true, .tag = 0x5a17c3, .cipher = LINKWIRE_CIPHER_AES_256_GCM,
		.key = key, .key_len = 36, .lanes = 4, .soft_packets = 1ULL << 40, .hard_seconds = 3600,
	};
	struct bytes want = { .n = 0 };
	struct lw_batch b;
	uint16_t lanes = 4;
	size_t nested;

	(void)state;
	memset(key, 0xa5, sizeof(key));
	header(&want, 0, NLM_F_REQUEST | NLM_F_ACK | NLM_F_ECHO);
	put(&want, (uint8_t[]){ LINKWIRE_CMD_SA_NEW, LINKWIRE_FAMILY_VERSION, 0, 0 }, 4);
	attr_u32(&want, LINKWIRE_A_ID, 9);
	nested = nest(&want, LINKWIRE_A_SA);
	attr_u8(&want, LINKWIRE_A_SA_DIR, 1);
	attr_u32(&want, LINKWIRE_A_SA_TAG, 0x5a17c3);
	attr_u8(&want, LINKWIRE_A_SA_CIPHER, 2);
	attr(&want, LINKWIRE_A_SA_KEY, key, 36);
	attr(&want, LINKWIRE_A_SA_LANES, &lanes, 2);
	attr_u64(&want, LINKWIRE_A_SA_SOFT_PACKETS, 1ULL << 40);
	attr_u64(&want, LINKWIRE_A_SA_HARD_SECONDS, 3600);
	end(&want, nested);

	lw_batch_init(&b, NETLINK_GENERIC);
	assert_int_equal(lw_sa_add(&b, LW_WIRE_ID(9), &sa, true), 0);
	compare(&b, 0, &want);
	lw_batch_free(&b);
}

static void a_transmitting_one(void **state)
{
	uint8_t key[32] = { 0 }, csum;

	(void)state;
	/* not given, partial, full */
	for (csum = 0; csum <= LW_CSUM_FULL; csum++) {
		const struct lw_sa_new sa = {
			.dir = LINKWIRE_DIR_TX, .has_tag = true, .tag = 1, .key = key, .key_len = 32, .csum = csum,
			.cipher = LINKWIRE_CIPHER_CHACHA20_POLY1305, .lanes = LINKWIRE_LANES_MAX, .start = 5,
		};
		uint16_t lanes = LINKWIRE_LANES_MAX;
		struct bytes want = { .n = 0 };
		struct lw_batch b;
		size_t nested;

		header(&want, 0, NLM_F_REQUEST | NLM_F_ACK);
		put(&want, (uint8_t[]){ LINKWIRE_CMD_SA_NEW, LINKWIRE_FAMILY_VERSION, 0, 0 }, 4);
		attr_u32(&want, LINKWIRE_A_ID, 9);
		nested = nest(&want, LINKWIRE_A_SA);
		attr_u8(&want, LINKWIRE_A_SA_DIR, 2);
		attr_u32(&want, LINKWIRE_A_SA_TAG, 1);
		attr_u8(&want, LINKWIRE_A_SA_CIPHER, 3);
		attr(&want, LINKWIRE_A_SA_KEY, key, 32);
		attr(&want, LINKWIRE_A_SA_LANES, &lanes, 2);
		attr_u64(&want, LINKWIRE_A_SA_START, 5);
		if (csum)
			attr_u8(&want, LINKWIRE_A_SA_CSUM_PARTIAL, csum == LW_CSUM_PARTIAL);
		end(&want, nested);

		lw_batch_init(&b, NETLINK_GENERIC);
		assert_int_equal(lw_sa_add(&b, LW_WIRE_ID(9), &sa, false), 0);
		compare(&b, 0, &want);
		lw_batch_free(&b);
	}
}

static void a_veth_pair_across_namespaces(void **state)
{
	const struct lw_link_new dev = { .name = "u0", .netns_fd = 5, .ifindex = 10, .up = true };
	const struct lw_link_new peer = { .name = "u1", .netns_fd = 6, .ifindex = 20 };
	struct bytes want = { .n = 0 };
	size_t info, data, other;
	struct lw_batch b;

	(void)state;
	header(&want, RTM_NEWLINK, NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL);
	ifinfo(&want, 10, IFF_UP, IFF_UP);
	attr(&want, IFLA_IFNAME, "u0", 3);
	attr_u32(&want, IFLA_NET_NS_FD, 5);
	info = nest(&want, IFLA_LINKINFO);
	attr(&want, IFLA_INFO_KIND, "veth", 5);
	data = nest(&want, IFLA_INFO_DATA);
	other = nest(&want, VETH_INFO_PEER);
	ifinfo(&want, 20, 0, 0);
	attr(&want, IFLA_IFNAME, "u1", 3);
	attr_u32(&want, IFLA_NET_NS_FD, 6);
	end(&want, other);
	end(&want, data);
	end(&want, info);

	lw_batch_init(&b, NETLINK_ROUTE);
	assert_int_equal(lw_link_add_veth(&b, &dev, &peer), 0);
	compare(&b, 0, &want);
	lw_batch_free(&b);
}

static void a_route_and_an_address(void **state)
{
	struct lw_route r = { .ifindex = 4, .metric = 20, .protocol = 99, .prefix_len = 24 };
	struct lw_ifaddr a = { .ifindex = 4, .prefix_len = 64 };
	struct bytes want = { .n = 0 };
	struct lw_batch b;

	(void)state;
	lw_addr_parse(&r.dst, "10.1.2.0");
	lw_addr_parse(&r.via, "10.9.9.9");
	lw_addr_parse(&a.addr, "fd00::1");
	lw_batch_init(&b, NETLINK_ROUTE);
	assert_int_equal(lw_route_add(&b, &r), 0);
	assert_int_equal(lw_ifaddr_add(&b, &a), 1);

	header(&want, RTM_NEWROUTE, NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL);
	put(&want, (uint8_t[]){ AF_INET, 24, 0, 0, RT_TABLE_MAIN, 99, RT_SCOPE_UNIVERSE, RTN_UNICAST, 0, 0, 0, 0 }, 12);
	attr(&want, RTA_DST, "\x0a\x01\x02\x00", 4);
	attr(&want, RTA_GATEWAY, "\x0a\x09\x09\x09", 4);
	attr_u32(&want, RTA_OIF, 4);
	attr_u32(&want, RTA_PRIORITY, 20);
	attr_u32(&want, RTA_TABLE, RT_TABLE_MAIN);
	compare(&b, 0, &want);

	want.n = 0;
	header(&want, RTM_NEWADDR, NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL);
	put(&want, (uint8_t[]){ AF_INET6, 64, 0, 0 }, 4);
	put_u32(&want, 4);
	attr(&want, IFA_LOCAL, a.addr.bytes, 16);
	attr(&want, IFA_ADDRESS, a.addr.bytes, 16);
	attr_u32(&want, IFA_FLAGS, IFA_F_NODAD);
	compare(&b, 1, &want);
	lw_batch_free(&b);
}

/* A batch grows, and what was built before stays as it was. */
static void a_batch_grows(void **state)
{
	struct lw_batch b;
	unsigned int i;

	(void)state;
	lw_batch_init(&b, NETLINK_GENERIC);
	for (i = 0; i < 5000; i++)
		assert_int_equal(lw_wire_del(&b, LW_WIRE_ID(i + 1)), i);
	for (i = 0; i < 5000; i++) {
		struct bytes want = { .n = 0 };

		header(&want, 0, NLM_F_REQUEST | NLM_F_ACK);
		put(&want, (uint8_t[]){ LINKWIRE_CMD_WIRE_DEL, LINKWIRE_FAMILY_VERSION, 0, 0 }, 4);
		attr_u32(&want, LINKWIRE_A_ID, i + 1);
		compare(&b, i, &want);
		assert_int_equal(b.status[i], LW_NOT_SENT);
	}
	lw_batch_free(&b);
}

static void overlong_strings_do_not_overflow(void **state)
{
	static char endless[100000];
	struct lw_link_new dev = LW_LINK_NEW(endless);
	struct lw_batch b;

	(void)state;
	memset(endless, 'x', sizeof(endless) - 1);
	lw_batch_init(&b, NETLINK_ROUTE);
	assert_true(lw_link_add_veth(&b, &dev, &dev) >= 0);
	assert_true(lw_link_add_kind(&b, &dev, endless) >= 0);
	assert_true(lw_link_set_alias(&b, LW_BY_NAME(endless), endless) >= 0);
	assert_true(lw_batch_request(&b, 0)->nlmsg_len < LW_REQUEST_MAX);
	lw_batch_free(&b);
}

static void too_many_ids_are_an_error_that_stays(void **state)
{
	static uint32_t ids[LW_WIRE_DEL_MAX + 1];
	struct lw_batch b;

	(void)state;
	lw_batch_init(&b, NETLINK_GENERIC);
	assert_int_equal(lw_wire_del_many(&b, ids, LW_WIRE_DEL_MAX), 0);
	assert_int_equal(lw_wire_del_many(&b, ids, LW_WIRE_DEL_MAX + 1), -E2BIG);
	assert_int_equal(lw_wire_del(&b, LW_WIRE_ID(1)), -E2BIG);
	assert_int_equal(b.n, 1);
	lw_batch_reset(&b);
	assert_int_equal(lw_wire_del(&b, LW_WIRE_ID(1)), 0);
	lw_batch_free(&b);
}

static void a_reset_wipes_the_key(void **state)
{
	static const uint8_t key[32] = "an unmistakable key of 32 bytes";
	const struct lw_sa_new sa = { .dir = LINKWIRE_DIR_TX, .has_tag = true,
				      .cipher = LINKWIRE_CIPHER_CHACHA20_POLY1305, .key = key, .key_len = 32 };
	struct lw_batch b;
	size_t i;

	(void)state;
	lw_batch_init(&b, NETLINK_GENERIC);
	lw_sa_add(&b, LW_WIRE_ID(1), &sa, false);
	assert_non_null(memmem(b.buf, b.size, key, sizeof(key)));
	lw_batch_reset(&b);
	assert_null(memmem(b.buf, b.size, key, sizeof(key)));
	for (i = 0; i < b.size; i++)
		assert_int_equal(b.buf[i], 0);
	lw_batch_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_wire_in_another_namespace),
		cmocka_unit_test(only_what_is_given_is_sent),
		cmocka_unit_test(allowed_sources_and_a_backup),
		cmocka_unit_test(no_local_address),
		cmocka_unit_test(sources_that_are_many),
		cmocka_unit_test(a_security_association),
		cmocka_unit_test(a_transmitting_one),
		cmocka_unit_test(a_veth_pair_across_namespaces),
		cmocka_unit_test(a_route_and_an_address),
		cmocka_unit_test(a_batch_grows),
		cmocka_unit_test(overlong_strings_do_not_overflow),
		cmocka_unit_test(too_many_ids_are_an_error_that_stays),
		cmocka_unit_test(a_reset_wipes_the_key),
	};

	return cmocka_run_group_tests_name("request", tests, NULL, NULL);
}
