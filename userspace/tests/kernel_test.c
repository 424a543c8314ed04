// SPDX-License-Identifier: MIT
/*
 * Batches and dumps against the running kernel, in a network namespace of our own (skipped where we may not have one):
 * addresses and routes of its loopback device, which every kernel has.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "netlink/link.h"
#include "netlink/netns.h"
#include "netlink/route.h"

#define LOOPBACK 1	/* its ifindex, in every namespace */

static bool have_netns;
static struct lw_nl nl;
static struct lw_error err;

static int open_namespace(void **state)
{
	(void)state;
	/* in a user namespace of our own a buffer cannot be made as large as root's */
	have_netns = unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0 || unshare(CLONE_NEWNET) == 0;
	return 0;
}

static int open_context(void **state)
{
	(void)state;
	if (!have_netns || lw_nl_open(&nl, LW_NETNS_SELF, &err) < 0)
		have_netns = false;
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

static struct lw_ifaddr address(unsigned int i)
{
	struct lw_ifaddr a = { .ifindex = LOOPBACK, .prefix_len = 32, .addr.family = AF_INET };

	a.addr.v4.s_addr = htonl(0x0a000000 + i);
	return a;
}

static int count_address(const struct lw_ifaddr *a, void *arg)
{
	unsigned int *n = arg;

	if (a->addr.family == AF_INET && ntohl(a->addr.v4.s_addr) >> 24 == 10) {
		assert_int_equal(a->ifindex, LOOPBACK);
		assert_int_equal(a->prefix_len, 32);
		n[0]++;
	}
	return 0;
}

static unsigned int addresses(void)
{
	unsigned int n = 0;

	assert_int_equal(lw_ifaddr_dump(&nl, count_address, &n, &err), 0);
	return n;
}

enum { MANY = 4000 };

static void thousands_in_one_call(void **state)
{
	struct lw_ifaddr a;
	struct lw_batch b;
	unsigned int i;

	(void)state;
	NEED_NETNS();
	lw_batch_init(&b, NETLINK_ROUTE);
	for (i = 0; i < MANY; i++) {
		a = address(i);
		lw_ifaddr_add(&b, &a);
	}
	assert_int_equal(lw_batch_send(&nl, &b, NULL, NULL, &err), 0);
	for (i = 0; i < MANY; i++)
		assert_int_equal(b.status[i], 0);
	assert_int_equal(addresses(), MANY);

	lw_batch_reset(&b);
	for (i = 0; i < MANY; i++) {
		a = address(i);
		lw_ifaddr_del(&b, &a);
	}
	assert_int_equal(lw_batch_send(&nl, &b, NULL, NULL, &err), 0);
	assert_int_equal(addresses(), 0);
	lw_batch_free(&b);
}

/* A receive buffer with room for next to nothing: it grows as far as it may, windows fit it, no answer is lost. */
static void with_a_small_buffer(void **state)
{
	int size = 1, fd;
	struct lw_ifaddr a;
	struct lw_batch b;
	unsigned int i;

	(void)state;
	NEED_NETNS();
	fd = mnl_socket_get_fd(nl.rtnl);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size)), 0);
	lw_batch_init(&b, NETLINK_ROUTE);
	for (i = 0; i < 500; i++) {
		a = address(i);
		lw_ifaddr_add(&b, &a);
	}
	for (i = 0; i < 500; i++) {
		a = address(i);
		lw_ifaddr_del(&b, &a);
	}
	assert_int_equal(lw_batch_send(&nl, &b, NULL, NULL, &err), 0);
	lw_batch_free(&b);
}

static void the_refused_one_is_named(void **state)
{
	struct lw_ifaddr a;
	struct lw_batch b;
	unsigned int i, sent = 0;

	(void)state;
	NEED_NETNS();
	lw_batch_init(&b, NETLINK_ROUTE);
	for (i = 0; i < 1000; i++) {
		a = address(i == 300 ? 299 : i);	/* one that is there by then */
		lw_ifaddr_add(&b, &a);
	}
	assert_int_equal(lw_batch_send(&nl, &b, NULL, NULL, &err), -EEXIST);
	assert_int_equal(err.kind, LW_ERR_KERNEL);
	assert_int_equal(err.code, EEXIST);
	assert_int_equal(err.request, 300);
	assert_int_equal(b.status[299], 0);
	assert_int_equal(b.status[300], -EEXIST);
	assert_int_equal(b.status[999], LW_NOT_SENT);
	for (i = 0; i < 1000; i++)
		sent += b.status[i] == 0;
	assert_int_equal(addresses(), sent);

	/* once more, not to be stopped: what was carried out is refused now, the rest is carried out */
	b.keep_going = true;
	assert_int_equal(lw_batch_send(&nl, &b, NULL, NULL, &err), -EEXIST);
	assert_int_equal(err.request, 0);
	assert_int_equal(b.status[999], 0);
	assert_int_equal(addresses(), 999);
	lw_batch_free(&b);
}

static void the_attribute_is_named(void **state)
{
	struct lw_link_new dev = LW_LINK_NEW("w0");
	struct lw_route r = { .ifindex = LOOPBACK, .prefix_len = 8 };
	char line[512];
	struct lw_batch b;

	(void)state;
	NEED_NETNS();
	lw_batch_init(&b, NETLINK_ROUTE);
	lw_link_add_kind(&b, &dev, "no-such-kind");
	assert_int_equal(lw_batch_send(&nl, &b, NULL, NULL, &err), -EOPNOTSUPP);
	assert_non_null(strstr(lw_error_format(&err, line, sizeof(line)), "Unknown device type"));
	assert_int_equal(err.kind, LW_ERR_KERNEL);

	/* bits behind the prefix */
	lw_batch_reset(&b);
	lw_addr_parse(&r.dst, "10.1.2.3");
	lw_route_add(&b, &r);
	assert_int_equal(lw_batch_send(&nl, &b, NULL, NULL, &err), -EINVAL);
	assert_non_null(strstr(err.text, "prefix"));
	lw_batch_free(&b);
}

static int find_route(const struct lw_route *r, void *arg)
{
	struct lw_addr want;

	lw_addr_parse(&want, "10.0.0.0");
	if (lw_addr_equal(&r->dst, &want) && r->prefix_len == 8) {
		assert_int_equal(r->protocol, 99);
		assert_int_equal(r->metric, 7);
		assert_int_equal(r->table, RT_TABLE_MAIN);
		assert_int_equal(r->ifindex, LOOPBACK);
		++*(unsigned int *)arg;
	}
	return 0;
}

static unsigned int routes(void)
{
	unsigned int n = 0;

	assert_int_equal(lw_route_dump(&nl, find_route, &n, &err), 0);
	return n;
}

static void routes_come_and_go(void **state)
{
	struct lw_route r = { .ifindex = LOOPBACK, .prefix_len = 8, .metric = 7, .protocol = 99 };
	struct lw_batch b;

	(void)state;
	NEED_NETNS();
	lw_addr_parse(&r.dst, "10.0.0.0");
	lw_batch_init(&b, NETLINK_ROUTE);
	lw_link_set_up(&b, LW_BY_NAME("lo"), true);
	lw_route_add(&b, &r);
	assert_int_equal(lw_batch_send(&nl, &b, NULL, NULL, &err), 0);
	assert_int_equal(routes(), 1);
	lw_batch_reset(&b);
	lw_route_add(&b, &r);
	assert_int_equal(lw_batch_send(&nl, &b, NULL, NULL, &err), -EEXIST);
	lw_batch_reset(&b);
	lw_route_replace(&b, &r);
	lw_route_del(&b, &r);
	assert_int_equal(lw_batch_send(&nl, &b, NULL, NULL, &err), 0);
	assert_int_equal(routes(), 0);
	lw_batch_free(&b);
}

static int only_loopback(const struct lw_link *link, void *arg)
{
	if (link->ifindex == LOOPBACK) {
		assert_string_equal(link->name, "lo");
		assert_string_equal(link->kind, "");
		++*(unsigned int *)arg;
	}
	return 0;
}

static int give_up(const struct lw_link *link, void *arg)
{
	(void)link;
	(void)arg;
	return -ECANCELED;
}

static int only_index(uint32_t ifindex, void *arg)
{
	assert_int_equal(ifindex, LOOPBACK);
	++*(unsigned int *)arg;
	return 0;
}

static void links_are_found(void **state)
{
	struct lw_link link;
	unsigned int n = 0;

	(void)state;
	NEED_NETNS();
	assert_int_equal(lw_link_dump(&nl, only_loopback, &n, &err), 0);
	assert_int_equal(n, 1);
	assert_int_equal(lw_link_dump(&nl, give_up, NULL, &err), -ECANCELED);
	assert_int_equal(lw_link_indexes(&nl, only_index, &n, &err), 0);
	assert_int_equal(n, 2);
	assert_int_equal(lw_link_get(&nl, LW_BY_NAME("lo"), &link, &err), 0);
	assert_int_equal(link.ifindex, LOOPBACK);
	assert_int_equal(lw_link_get(&nl, LW_BY_INDEX(LOOPBACK), &link, &err), 0);
	assert_string_equal(link.name, "lo");
	assert_int_equal(lw_link_get(&nl, LW_BY_NAME("no-such"), &link, &err), -ENODEV);
}

static void without_the_module_it_is_said_so(void **state)
{
	struct lw_wire_spec spec = { .has = LW_HAS(IFLA_LINKWIRE_ENCAP) | LW_HAS(IFLA_LINKWIRE_REMOTE), .encap = 1 };
	struct lw_link_new dev = LW_LINK_NEW("w0");
	struct lw_batch b;

	(void)state;
	NEED_NETNS();
	if (access("/sys/module/linkwire", F_OK) == 0)
		skip();
	assert_int_equal(lw_nl_family(&nl, &err), -ENOENT);
	assert_int_equal(err.kind, LW_ERR_NO_MODULE);
	lw_batch_init(&b, NETLINK_ROUTE);
	lw_addr_parse(&spec.remote, "192.0.2.1");
	lw_link_add_wire(&b, &dev, &spec);
	assert_int_equal(lw_batch_send(&nl, &b, NULL, NULL, &err), -EOPNOTSUPP);
	assert_int_equal(err.kind, LW_ERR_NO_MODULE);
	lw_batch_free(&b);
	lw_batch_init(&b, NETLINK_GENERIC);
	lw_wire_del(&b, LW_WIRE_ID(1));
	assert_int_equal(lw_batch_send(&nl, &b, NULL, NULL, &err), -ENOENT);
	assert_int_equal(err.kind, LW_ERR_NO_MODULE);
	lw_batch_free(&b);
}

/* a message with the number of the next request, to the context's socket, before the kernel can answer */
static void forge(uint16_t type)
{
	struct {
		struct nlmsghdr nlh;
		struct nlmsgerr none;
	} m = { .nlh = { .nlmsg_len = sizeof(m), .nlmsg_type = type, .nlmsg_seq = nl.seq + 1 } };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	struct sockaddr_nl to = { 0 };
	socklen_t len = sizeof(to);

	assert_int_equal(getsockname(mnl_socket_get_fd(nl.rtnl), (struct sockaddr *)&to, &len), 0);
	assert_true(to.nl_pid != 0);
	assert_int_equal(sendto(fd, &m, sizeof(m), 0, (struct sockaddr *)&to, len), -1);
	assert_int_equal(errno, ECONNREFUSED);
	close(fd);
}

/* Root in a namespace can send to all netlink sockets in it, ours as well. */
static void only_the_kernel_answers(void **state)
{
	struct lw_ifaddr a = address(MANY);
	struct lw_batch b;
	unsigned int before;

	(void)state;
	NEED_NETNS();
	before = addresses();
	lw_batch_init(&b, NETLINK_ROUTE);
	lw_ifaddr_add(&b, &a);
	assert_int_equal(lw_batch_send(&nl, &b, NULL, NULL, &err), 0);
	forge(NLMSG_DONE);
	assert_int_equal(addresses(), before + 1);
	forge(NLMSG_ERROR);
	assert_int_equal(lw_batch_send(&nl, &b, NULL, NULL, &err), -EEXIST);
	lw_batch_reset(&b);
	lw_ifaddr_del(&b, &a);
	assert_int_equal(lw_batch_send(&nl, &b, NULL, NULL, &err), 0);
	lw_batch_free(&b);
}

static void a_context_in_another_namespace(void **state)
{
	int here = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC), null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	uint64_t cookie = lw_netns_cookie(LW_NETNS_SELF);
	struct lw_nl other;

	(void)state;
	NEED_NETNS();
	assert_int_equal(unshare(CLONE_NEWNET), 0);
	assert_true(!cookie || lw_netns_cookie(LW_NETNS_SELF) != cookie);
	assert_int_equal(lw_nl_open(&other, here, &err), 0);
	assert_true(other.cookie == cookie);
	assert_true(lw_netns_cookie(here) == cookie);
	/* and we are still where we were */
	assert_true(!cookie || lw_netns_cookie(LW_NETNS_SELF) != cookie);
	lw_nl_close(&other);
	assert_int_equal(lw_nl_open(&other, null, &err), -EINVAL);
	assert_int_equal(err.kind, LW_ERR_LOCAL);
	close(here);
	close(null);
}

#define WITH_CONTEXT(f) cmocka_unit_test_setup_teardown(f, open_context, close_context)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_CONTEXT(thousands_in_one_call),
		WITH_CONTEXT(with_a_small_buffer),
		WITH_CONTEXT(the_refused_one_is_named),
		WITH_CONTEXT(the_attribute_is_named),
		WITH_CONTEXT(routes_come_and_go),
		WITH_CONTEXT(links_are_found),
		WITH_CONTEXT(without_the_module_it_is_said_so),
		WITH_CONTEXT(only_the_kernel_answers),
		WITH_CONTEXT(a_context_in_another_namespace),
	};

	return cmocka_run_group_tests_name("kernel", tests, open_namespace, NULL);
}
