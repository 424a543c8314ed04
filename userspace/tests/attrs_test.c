// SPDX-License-Identifier: MIT
/*
 * From an offset in a request to the name of the attribute there, and the line that the user sees.
 */
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <linux/rtnetlink.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "netlink/attrs.h"
#include "netlink/link.h"
#include "netlink/sa.h"

static char path[128];

static const char *path_at(const struct nlmsghdr *nlh, int protocol, const void *at)
{
	lw_attrs_path(nlh, protocol, (uint32_t)((const char *)at - (const char *)nlh), path, sizeof(path));
	return path;
}

/* The attribute of that type among those of @len bytes at @first. */
static const struct nlattr *find(const void *first, size_t len, uint16_t type)
{
	const struct nlattr *a;

	for (a = first; mnl_attr_ok(a, (int)((const char *)first + len - (const char *)a)); a = mnl_attr_next(a))
		if (mnl_attr_get_type(a) == type)
			return a;
	fail_msg("no attribute %u", type);
	return NULL;
}

static const struct nlattr *inside(const struct nlattr *nest, uint16_t type)
{
	return find(mnl_attr_get_payload(nest), mnl_attr_get_payload_len(nest), type);
}

static const struct nlattr *in_message(const struct nlmsghdr *nlh, size_t header, uint16_t type)
{
	return find(mnl_nlmsg_get_payload_offset(nlh, header), mnl_nlmsg_get_payload_len(nlh) - MNL_ALIGN(header), type);
}

static void names_lead_down_to_a_wires_option(void **state)
{
	struct lw_wire_spec spec = { .has = LW_HAS(IFLA_LINKWIRE_ENCAP) | LW_HAS(IFLA_LINKWIRE_REMOTE) | LW_HAS(30) };
	struct lw_link_new dev = { .name = "lw0", .netns_fd = 3, .mtu = 1400 };
	const struct nlattr *info, *data;
	struct nlmsghdr *nlh;
	struct lw_batch b;

	(void)state;
	lw_addr_parse(&spec.remote, "fd00::1");
	lw_batch_init(&b, NETLINK_ROUTE);
	lw_link_add_wire(&b, &dev, &spec);
	nlh = lw_batch_request(&b, 0);
	info = in_message(nlh, sizeof(struct ifinfomsg), IFLA_LINKINFO);
	data = inside(info, IFLA_INFO_DATA);

	assert_string_equal(path_at(nlh, NETLINK_ROUTE, in_message(nlh, sizeof(struct ifinfomsg), IFLA_MTU)), "mtu");
	assert_string_equal(path_at(nlh, NETLINK_ROUTE, in_message(nlh, sizeof(struct ifinfomsg), IFLA_NET_NS_FD)),
			    "netns");
	assert_string_equal(path_at(nlh, NETLINK_ROUTE, info), "linkinfo");
	assert_string_equal(path_at(nlh, NETLINK_ROUTE, inside(info, IFLA_INFO_KIND)), "linkinfo.kind");
	assert_string_equal(path_at(nlh, NETLINK_ROUTE, data), "linkinfo.data");
	assert_string_equal(path_at(nlh, NETLINK_ROUTE, inside(data, IFLA_LINKWIRE_REMOTE)), "linkinfo.data.remote");
	assert_string_equal(path_at(nlh, NETLINK_ROUTE, inside(data, IFLA_LINKWIRE_ENCAP)), "linkinfo.data.encap");
	/* inside of an attribute's value: the attribute that it is in */
	assert_string_equal(path_at(nlh, NETLINK_ROUTE, (const char *)inside(data, IFLA_LINKWIRE_REMOTE) + 9),
			    "linkinfo.data.remote");
	/* no attribute at all */
	assert_string_equal(path_at(nlh, NETLINK_ROUTE, nlh), "");
	assert_string_equal(path_at(nlh, NETLINK_ROUTE, mnl_nlmsg_get_payload(nlh)), "");
	assert_string_equal(path_at(nlh, NETLINK_ROUTE, (const char *)nlh + nlh->nlmsg_len), "");
	lw_attrs_path(nlh, NETLINK_ROUTE, UINT32_MAX, path, sizeof(path));
	assert_string_equal(path, "");
	lw_batch_free(&b);
}

static void names_lead_into_the_peer_of_a_veth(void **state)
{
	struct lw_link_new dev = LW_LINK_NEW("u0"), peer = LW_LINK_NEW("u1");
	const struct nlattr *peer_attr;
	struct nlmsghdr *nlh;
	struct lw_batch b;

	(void)state;
	lw_batch_init(&b, NETLINK_ROUTE);
	lw_link_add_veth(&b, &dev, &peer);
	nlh = lw_batch_request(&b, 0);
	peer_attr = inside(inside(in_message(nlh, sizeof(struct ifinfomsg), IFLA_LINKINFO), IFLA_INFO_DATA), 1);
	assert_string_equal(path_at(nlh, NETLINK_ROUTE, peer_attr), "linkinfo.data.peer");
	assert_string_equal(path_at(nlh, NETLINK_ROUTE,
				    (const char *)mnl_attr_get_payload(peer_attr) + sizeof(struct ifinfomsg)),
			    "linkinfo.data.peer.ifname");
	lw_batch_free(&b);
}

static void names_of_the_family(void **state)
{
	static const uint8_t key[32];
	const struct lw_sa_new sa = { .dir = LINKWIRE_DIR_RX, .cipher = LINKWIRE_CIPHER_CHACHA20_POLY1305,
				      .key = key, .key_len = 32 };
	const struct nlattr *nest;
	struct nlmsghdr *nlh;
	struct lw_batch b;

	(void)state;
	lw_batch_init(&b, NETLINK_GENERIC);
	lw_sa_add(&b, LW_WIRE_NAME("lw0"), &sa, true);
	nlh = lw_batch_request(&b, 0);
	nest = in_message(nlh, GENL_HDRLEN, LINKWIRE_A_SA);
	assert_string_equal(path_at(nlh, NETLINK_GENERIC, in_message(nlh, GENL_HDRLEN, LINKWIRE_A_IFNAME)), "ifname");
	assert_string_equal(path_at(nlh, NETLINK_GENERIC, nest), "sa");
	assert_string_equal(path_at(nlh, NETLINK_GENERIC, inside(nest, LINKWIRE_A_SA_KEY)), "sa.key");

	/* one that is missing, in a nest and outside */
	lw_attrs_missing(nlh, NETLINK_GENERIC, (uint32_t)((const char *)nest - (const char *)nlh),
			 LINKWIRE_A_SA_TAG, path, sizeof(path));
	assert_string_equal(path, "sa.tag");
	lw_attrs_missing(nlh, NETLINK_GENERIC, 0, LINKWIRE_A_ID, path, sizeof(path));
	assert_string_equal(path, "id");
	lw_attrs_missing(nlh, NETLINK_GENERIC, 0, 999, path, sizeof(path));
	assert_string_equal(path, "999");
	lw_batch_free(&b);
}

/* Whatever the offset and however broken the request: no read outside of it (the sanitizer would say so). */
static void broken_requests_are_walked_safely(void **state)
{
	unsigned int round, i;

	(void)state;
	srandom(1);
	for (round = 0; round < 20000; round++) {
		uint32_t len = (uint32_t)(MNL_NLMSG_HDRLEN + (unsigned int)random() % 120);
		struct nlmsghdr *nlh = malloc(len);
		static const uint16_t types[] = { RTM_NEWLINK, RTM_NEWADDR, RTM_NEWROUTE, GENL_ID_CTRL, 0, 77 };
		unsigned char *bytes = (unsigned char *)nlh;
		char tiny[8];

		for (i = 0; i < len; i++)
			bytes[i] = (unsigned char)(random() % 3 ? random() % 20 : random());
		nlh->nlmsg_len = len;
		nlh->nlmsg_type = types[random() % 6];
		lw_attrs_path(nlh, random() % 2 ? NETLINK_ROUTE : NETLINK_GENERIC, (uint32_t)random() % (len + 8), tiny,
			      sizeof(tiny));
		lw_attrs_missing(nlh, random() % 2 ? NETLINK_ROUTE : NETLINK_GENERIC, (uint32_t)random() % (len + 8),
				 (uint16_t)random(), path, sizeof(path));
		free(nlh);
	}
}

static void an_error_is_one_line(void **state)
{
	struct lw_error err = { .kind = LW_ERR_KERNEL, .code = EINVAL, .text = "must be unicast",
				.attr = "linkinfo.data.remote" };
	char line[512];

	(void)state;
	assert_string_equal(lw_error_format(&err, line, sizeof(line)),
			    "Invalid argument: must be unicast (at linkinfo.data.remote)");
	err.attr[0] = '\0';
	assert_string_equal(lw_error_format(&err, line, sizeof(line)), "Invalid argument: must be unicast");
	err.text[0] = '\0';
	assert_string_equal(lw_error_format(&err, line, sizeof(line)), "Invalid argument");
	err.kind = LW_ERR_NO_MODULE;
	assert_string_equal(lw_error_format(&err, line, sizeof(line)),
			    "the linkwire module is not loaded (modprobe linkwire)");
	assert_int_equal(lw_error_local(&err, EPERM, "netns '%s'", "x"), -EPERM);
	assert_string_equal(lw_error_format(&err, line, sizeof(line)), "netns 'x': Operation not permitted");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_lead_down_to_a_wires_option),
		cmocka_unit_test(names_lead_into_the_peer_of_a_veth),
		cmocka_unit_test(names_of_the_family),
		cmocka_unit_test(broken_requests_are_walked_safely),
		cmocka_unit_test(an_error_is_one_line),
	};

	return cmocka_run_group_tests_name("attrs", tests, NULL, NULL);
}
