// SPDX-License-Identifier: MIT
/*
 * Answers of the kernel: whole ones, ones of a newer kernel, and broken ones.
 */
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "netlink/event.h"
#include "netlink/sa.h"
#include "netlink/wire.h"
#include "netlink/words.h"

static char buf[4096] __attribute__((aligned(8)));

static struct nlmsghdr *answer(uint8_t cmd)
{
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	struct genlmsghdr *genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));

	genl->cmd = cmd;
	genl->version = 1;
	return nlh;
}

static void a_wire(void **state)
{
	struct nlmsghdr *nlh = answer(LINKWIRE_CMD_WIRE_GET);
	char text[LW_ADDR_STRLEN];
	struct lw_wire wire;
	struct nlattr *nest;

	(void)state;
	mnl_attr_put_u32(nlh, LINKWIRE_A_ID, 7);
	mnl_attr_put_u32(nlh, LINKWIRE_A_IFINDEX, 12);
	mnl_attr_put_strz(nlh, LINKWIRE_A_IFNAME, "lw0");
	mnl_attr_put_u64(nlh, LINKWIRE_A_NETNS_COOKIE, 0x123456789abcULL);
	mnl_attr_put_u32(nlh, LINKWIRE_A_NETNSID, 0);
	mnl_attr_put_u8(nlh, LINKWIRE_A_CARRIER, 1);
	mnl_attr_put_u8(nlh, LINKWIRE_A_UP, 1);
	mnl_attr_put_u32(nlh, LINKWIRE_A_MTU, 1426);
	nest = mnl_attr_nest_start(nlh, LINKWIRE_A_LINK);
	mnl_attr_put_u8(nlh, IFLA_LINKWIRE_ENCAP, LINKWIRE_ENCAP_VXLAN);
	mnl_attr_put(nlh, IFLA_LINKWIRE_REMOTE, 4, "\xc0\x00\x02\x01");
	mnl_attr_put(nlh, IFLA_LINKWIRE_PORT, 2, "\x12\xb6");
	mnl_attr_put(nlh, IFLA_LINKWIRE_LABEL, 3, "a\0b");
	mnl_attr_put_u32(nlh, IFLA_LINKWIRE_MAX + 5, 1);	/* of a newer kernel */
	mnl_attr_nest_end(nlh, nest);
	nest = mnl_attr_nest_start(nlh, LINKWIRE_A_STATS);
	mnl_attr_put_u64(nlh, LINKWIRE_A_STAT_RX_NO_SA, 9);
	mnl_attr_put_u64(nlh, LINKWIRE_A_STAT_MAX + 1, 1);
	mnl_attr_put_u32(nlh, LINKWIRE_A_STAT_RX_AUTH, 1);	/* of the wrong size */
	mnl_attr_nest_end(nlh, nest);
	mnl_attr_put_u32(nlh, LINKWIRE_A_MAX + 1, 1);

	assert_int_equal(lw_wire_parse(nlh, &wire), 0);
	assert_int_equal(wire.id, 7);
	assert_int_equal(wire.ifindex, 12);
	assert_string_equal(wire.name, "lw0");
	assert_true(wire.netns_cookie == 0x123456789abcULL);
	assert_true(wire.has_netnsid && wire.carrier && wire.up);
	assert_int_equal(wire.mtu, 1426);
	assert_int_equal(wire.spec.has, LW_HAS(IFLA_LINKWIRE_ENCAP) | LW_HAS(IFLA_LINKWIRE_REMOTE) |
			 LW_HAS(IFLA_LINKWIRE_PORT) | LW_HAS(IFLA_LINKWIRE_LABEL));
	assert_string_equal(lw_addr_format(&wire.spec.remote, text), "192.0.2.1");
	assert_int_equal(wire.spec.port, 4790);
	assert_int_equal(wire.spec.label_len, 3);
	assert_memory_equal(wire.spec.label, "a\0b", 4);
	assert_true(wire.counters.has == 1ULL << LINKWIRE_A_STAT_RX_NO_SA);
	assert_true(wire.counters.value[LINKWIRE_A_STAT_RX_NO_SA] == 9);
}

static void a_wire_with_sources(void **state)
{
	struct nlmsghdr *nlh = answer(LINKWIRE_CMD_WIRE_GET);
	struct lw_wire wire, copy;
	char text[LW_ADDR_STRLEN];
	struct nlattr *nest, *sources;

	(void)state;
	mnl_attr_put_u32(nlh, LINKWIRE_A_ID, 7);
	nest = mnl_attr_nest_start(nlh, LINKWIRE_A_LINK);
	mnl_attr_put(nlh, IFLA_LINKWIRE_BACKUP, 4, "\xc0\x00\x02\x02");
	sources = mnl_attr_nest_start(nlh, IFLA_LINKWIRE_SOURCES);
	mnl_attr_put(nlh, LINKWIRE_A_SOURCE_IPV4, 10, "\x0a\0\0\0\x08\xc0\0\2\7\x20");
	mnl_attr_put(nlh, LINKWIRE_A_SOURCE_IPV6, 20, "\xfd\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x40more");
	mnl_attr_put(nlh, LINKWIRE_A_SOURCE_MAC, 12, "\2\0\0\0\0\1\2\0\0\0\0\2");
	mnl_attr_put_u32(nlh, LINKWIRE_A_SOURCE_MAX + 1, 1);
	mnl_attr_nest_end(nlh, sources);
	mnl_attr_nest_end(nlh, nest);
	mnl_attr_put_u8(nlh, LINKWIRE_A_ON_BACKUP, 1);

	assert_int_equal(lw_wire_parse(nlh, &wire), 0);
	assert_int_equal(lw_wire_copy(&copy, &wire), 0);
	lw_wire_free(&wire);
	assert_true(copy.on_backup);
	assert_int_equal(copy.spec.has, LW_HAS(IFLA_LINKWIRE_BACKUP) | LW_HAS(IFLA_LINKWIRE_SOURCES));
	assert_string_equal(lw_addr_format(&copy.spec.backup, text), "192.0.2.2");
	assert_true(copy.spec.sources.on);
	assert_int_equal(copy.spec.sources.prefixes, 3);
	assert_string_equal(lw_addr_format(&copy.spec.sources.prefix[1].addr, text), "192.0.2.7");
	assert_int_equal(copy.spec.sources.prefix[1].len, 32);
	assert_string_equal(lw_addr_format(&copy.spec.sources.prefix[2].addr, text), "fd00::");
	assert_int_equal(copy.spec.sources.prefix[2].len, 64);
	assert_int_equal(copy.spec.sources.macs, 2);
	assert_memory_equal(copy.spec.sources.mac[1].bytes, "\2\0\0\0\0\2", 6);
	lw_wire_free(&copy);
}

/* A label as long as can be, and ones that are longer. */
static void labels_of_every_length(void **state)
{
	static char label[1000];
	unsigned int len;

	(void)state;
	memset(label, 'x', sizeof(label));
	for (len = 0; len <= sizeof(label); len += len < 70 ? 1 : 155) {
		struct nlmsghdr *nlh = answer(LINKWIRE_CMD_WIRE_GET);
		struct lw_wire wire;
		struct nlattr *nest;

		mnl_attr_put_u32(nlh, LINKWIRE_A_ID, 7);
		nest = mnl_attr_nest_start(nlh, LINKWIRE_A_LINK);
		mnl_attr_put(nlh, IFLA_LINKWIRE_LABEL, len, label);
		mnl_attr_nest_end(nlh, nest);
		assert_int_equal(lw_wire_parse(nlh, &wire), 0);
		assert_int_equal(wire.spec.label_len, len <= LINKWIRE_LABEL_MAX ? len : 0);
		assert_int_equal(strlen(wire.spec.label), wire.spec.label_len);
	}
}

static void a_security_association(void **state)
{
	struct nlmsghdr *nlh = answer(LINKWIRE_CMD_SA_GET);
	struct nlattr *nest;
	struct lw_sa sa;

	(void)state;
	mnl_attr_put_u32(nlh, LINKWIRE_A_ID, 7);
	nest = mnl_attr_nest_start(nlh, LINKWIRE_A_SA);
	mnl_attr_put_u8(nlh, LINKWIRE_A_SA_DIR, LINKWIRE_DIR_RX);
	mnl_attr_put_u32(nlh, LINKWIRE_A_SA_TAG, 0xabcdef);
	mnl_attr_put_u16(nlh, LINKWIRE_A_SA_LANES, 4);
	mnl_attr_put_u64(nlh, LINKWIRE_A_SA_HARD_BYTES, UINT64_MAX);
	mnl_attr_put(nlh, LINKWIRE_A_SA_DRIVER, 100,
		     "a driver with a name that is longer than anything that we ever expected to see here, and no end to it at all");
	mnl_attr_nest_end(nlh, nest);

	assert_int_equal(lw_sa_parse(nlh, &sa), 0);
	assert_int_equal(sa.wire, 7);
	assert_int_equal(sa.tag, 0xabcdef);
	assert_int_equal(sa.lanes, 4);
	assert_int_equal(sa.csum, 0);
	assert_true(sa.hard_bytes == UINT64_MAX);
	assert_int_equal(strlen(sa.driver), sizeof(sa.driver) - 1);
	assert_int_equal(sa.has & LW_HAS(LINKWIRE_A_SA_PACKETS), 0);

	nlh = answer(LINKWIRE_CMD_SA_GET);
	assert_int_equal(lw_sa_parse(nlh, &sa), -EBADMSG);
}

static void checksums_of_a_transmitting_sa(void **state)
{
	uint8_t partial;

	(void)state;
	for (partial = 0; partial < 2; partial++) {
		struct nlmsghdr *nlh = answer(LINKWIRE_CMD_SA_GET);
		struct nlattr *nest = mnl_attr_nest_start(nlh, LINKWIRE_A_SA);
		struct lw_sa sa;

		mnl_attr_put_u8(nlh, LINKWIRE_A_SA_DIR, LINKWIRE_DIR_TX);
		mnl_attr_put_u8(nlh, LINKWIRE_A_SA_CSUM_PARTIAL, partial);
		mnl_attr_nest_end(nlh, nest);
		assert_int_equal(lw_sa_parse(nlh, &sa), 0);
		assert_int_equal(sa.csum, partial ? LW_CSUM_PARTIAL : LW_CSUM_FULL);
	}
}

static void an_event(void **state)
{
	struct nlmsghdr *nlh = answer(LINKWIRE_CMD_PEER_MOVED_NTF);
	struct lw_event event;
	struct nlattr *nest;

	(void)state;
	mnl_attr_put_u32(nlh, LINKWIRE_A_ID, 7);
	nest = mnl_attr_nest_start(nlh, LINKWIRE_A_LINK);
	mnl_attr_put(nlh, IFLA_LINKWIRE_REMOTE, 16, "\xfd\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01");
	mnl_attr_nest_end(nlh, nest);
	assert_int_equal(lw_event_parse(nlh, &event), 0);
	assert_string_equal(lw_event_name(event.cmd), "peer-moved");
	assert_int_equal(event.id, 7);
	assert_false(event.has_sa);
	assert_true(event.spec.has == LW_HAS(IFLA_LINKWIRE_REMOTE) && event.spec.remote.family == AF_INET6);

	nlh = answer(LINKWIRE_CMD_WIRE_GET);
	assert_int_equal(lw_event_parse(nlh, &event), -EBADMSG);
	nlh = answer(255);
	assert_int_equal(lw_event_parse(nlh, &event), -EBADMSG);
}

/* Bytes at random where attributes belong: read within their bounds, whatever they say. */
static void broken_answers_are_read_safely(void **state)
{
	static const uint8_t cmds[] = { LINKWIRE_CMD_WIRE_GET, LINKWIRE_CMD_SA_GET, LINKWIRE_CMD_SA_EXPIRED_NTF,
					LINKWIRE_CMD_PEER_MOVED_NTF, 0 };
	unsigned int round, i;

	(void)state;
	srandom(4);
	for (round = 0; round < 50000; round++) {
		uint32_t len = MNL_NLMSG_HDRLEN + (uint32_t)random() % 150;
		struct nlmsghdr *nlh = malloc(len);
		unsigned char *bytes = (unsigned char *)nlh;
		struct lw_event event;
		struct lw_wire wire;
		struct lw_sa sa;

		for (i = MNL_NLMSG_HDRLEN; i < len; i++)
			bytes[i] = (unsigned char)(random() % 4 ? random() % 24 : random());
		if (len > MNL_NLMSG_HDRLEN)
			bytes[MNL_NLMSG_HDRLEN] = cmds[random() % 5];
		nlh->nlmsg_len = len;
		nlh->nlmsg_type = 100;
		(void)lw_wire_parse(nlh, &wire);
		assert_true(strnlen(wire.name, sizeof(wire.name)) < sizeof(wire.name));
		assert_true(wire.spec.label_len <= LINKWIRE_LABEL_MAX);
		lw_wire_free(&wire);
		(void)lw_sa_parse(nlh, &sa);
		assert_true(strnlen(sa.driver, sizeof(sa.driver)) < sizeof(sa.driver));
		(void)lw_event_parse(nlh, &event);
		free(nlh);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_wire),
		cmocka_unit_test(a_wire_with_sources),
		cmocka_unit_test(labels_of_every_length),
		cmocka_unit_test(a_security_association),
		cmocka_unit_test(checksums_of_a_transmitting_sa),
		cmocka_unit_test(an_event),
		cmocka_unit_test(broken_answers_are_read_safely),
	};

	return cmocka_run_group_tests_name("answers", tests, NULL, NULL);
}
