// SPDX-License-Identifier: MIT
/*
 * From a state to live devices, and back: plans carried out on the running kernel, in a directory of namespaces of our
 * own. Wires are plain here, of the kernel's own vxlan, so that no module is needed. Skipped where we may not have
 * namespaces, or the kernel lacks vxlan.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/rtnetlink.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "netlink/link.h"
#include "netlink/netns.h"
#include "netlink/nft.h"
#include "tests/topo_fixture.h"
#include "topology/emit.h"
#include "topology/live.h"

#define LINE "graph g { edge [lw_cipher=none]; a:x -- b:x; b:y -- c:y;"

static struct topo_state want, live;
static struct plan plan;
static struct lw_error err;
static bool able;

/* /run/netns is ours alone from here on */
static int enter(void **state)
{
	struct lw_link_new dev = LW_LINK_NEW("try");
	struct lw_tunnel t = { .kind = LW_TUNNEL_VXLAN, .key = 1 };
	struct lw_batch b;
	struct lw_nl nl;

	(void)state;
	if (unshare(CLONE_NEWNS | CLONE_NEWNET) || mount("", "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    (mkdir(LW_NETNS_DIR, 0755) && errno != EEXIST) || mount("none", LW_NETNS_DIR, "tmpfs", 0, NULL) ||
	    lw_nl_open(&nl, LW_NETNS_SELF, &err))
		return 0;
	lw_addr_parse(&t.local, "127.0.0.1");
	lw_addr_parse(&t.remote, "127.0.0.1");
	lw_batch_init(&b, NETLINK_ROUTE);
	lw_tunnel_add(&b, &dev, &t);
	able = !lw_batch_send(&nl, &b, NULL, NULL, &err);
	lw_batch_free(&b);
	lw_nl_close(&nl);
	return 0;
}

static int reset(void **state)
{
	(void)state;
	plan_free(&plan);
	state_free(&want);
	state_free(&live);
	return 0;
}

#define NEED_KERNEL() do { if (!able) skip(); } while (0)

static void read_live(const struct topo_state *of)
{
	state_free(&live);
	if (live_read(&live, of, NULL, &err))
		fail_msg("live: %s", err.text);
}

static void carry_out(const struct topo_state *to)
{
	struct emit e = { .want = to, .live = &live, .plan = &plan, .err = &err };

	plan_free(&plan);
	compare(&plan, to, &live);
	if (emit(&e))
		fail_msg("%s: %s %s", e.doing ? e.doing : "", err.text, strerror(err.code));
	emit_free(&e);
}

static void assert_nothing_to_do(const struct topo_state *to)
{
	plan_free(&plan);
	compare(&plan, to, &live);
	for (size_t i = 0; i < plan.steps; i++)
		print_message("step %d: %s\n", plan.step[i].kind, plan.step[i].why ? plan.step[i].why : "");
	assert_int_equal(plan.steps, 0);
}

/* it is carried out, and what is then live is what was wanted */
static void becomes_live(void)
{
	read_live(&want);
	carry_out(&want);
	read_live(&want);
	assert_nothing_to_do(&want);
}

static void goes(void)
{
	struct topo_state none = { .name = want.name, .title = want.title, .fabric = want.fabric };

	read_live(&want);
	carry_out(&none);
	read_live(&want);
	assert_int_equal(live.nodes, 0);
	assert_int_equal(live.wires, 0);
	assert_false(live.has_fabric_netns);
}

static struct topo_addr network(const char *text)
{
	struct topo_addr a;

	assert_int_equal(lw_addr_parse_prefix(&a.addr, &a.len, text), 0);
	return a;
}

static struct topo_node *node_named(const char *name)
{
	for (size_t i = 0; i < want.nodes; i++)
		if (!strcmp(want.node[i].name, name))
			return &want.node[i];
	fail_msg("no node %s", name);
	return NULL;
}

/* the end of a wire at a node, and the address at its other end */
static struct topo_port port_at(const char *wire, const char *node, uint8_t family, struct lw_addr *via)
{
	const struct topo_wire *w = wire_named(&want, wire);
	uint8_t end = strcmp(want.node[w->end[0].node].name, node) != 0;

	for (size_t i = 0; via && i < w->end[!end].addrs; i++)
		if (w->end[!end].addr[i].addr.family == family)
			*via = w->end[!end].addr[i].addr;
	return (struct topo_port){ (uint32_t)(w - want.wire), end };
}

static struct topo_route route(const char *dst, const char *node, const char *wire)
{
	struct topo_route r = { .dst = network(dst), .type = wire ? RTN_UNICAST : RTN_PROHIBIT };

	if (wire)
		r.out = port_at(wire, node, r.dst.addr.family, &r.via);
	return r;
}

static void give_loopback(const char *node, const char *v4, const char *v6)
{
	struct topo_node *n = node_named(node);

	n->loopback = arena_alloc(&want.mem, 2 * sizeof(*n->loopback));
	n->loopback[n->loopbacks++] = network(v4);
	n->loopback[n->loopbacks++] = network(v6);
}

static void give_routes(const char *node, struct topo_route *list, size_t n)
{
	node_named(node)->route = list;
	node_named(node)->routes = n;
}

static bool pings(const char *netns, const char *to)
{
	char command[256];

	/* ip is not needed: what is started in a namespace stays there */
	snprintf(command, sizeof(command), "nsenter --net=" LW_NETNS_DIR "/%s ping -n -q -c 1 -W 1 %s >/dev/null 2>&1",
		 netns, to);
	return system(command) == 0;
}

/* addresses of a new device are not used at once */
static bool pings_soon(const char *netns, const char *to)
{
	for (int i = 0; i < 5; i++)
		if (pings(netns, to))
			return true;
	return false;
}

/* a line a - b - c, with routes, and b between */
static struct topo_route at_a[3], at_c[2], at_b[4];

static void want_line(const char *more)
{
	char text[512];

	snprintf(text, sizeof(text), "%s %s }", LINE, more);
	want_text(&want, text, &live);
	give_loopback("a", "10.9.0.1/32", "fd09::1/128");
	give_loopback("b", "10.9.0.2/32", "fd09::2/128");
	give_loopback("c", "10.9.0.3/32", "fd09::3/128");
	at_a[0] = route("10.9.0.3/32", "a", "a:x -- b:x");
	at_a[0].prefsrc = node_named("a")->loopback[0].addr;
	at_a[1] = route("fd09::3/128", "a", "a:x -- b:x");
	at_a[1].prefsrc = node_named("a")->loopback[1].addr;
	at_c[0] = route("10.9.0.1/32", "c", "b:y -- c:y");
	at_c[1] = route("fd09::1/128", "c", "b:y -- c:y");
	at_b[0] = route("10.9.0.1/32", "b", "a:x -- b:x");
	at_b[1] = route("10.9.0.3/32", "b", "b:y -- c:y");
	at_b[2] = route("fd09::1/128", "b", "a:x -- b:x");
	at_b[3] = route("fd09::3/128", "b", "b:y -- c:y");
	give_routes("a", at_a, 2);
	give_routes("b", at_b, 4);
	give_routes("c", at_c, 2);
	node_named("b")->forwards = true;
}

static void routes_and_loopbacks(void **state)
{
	(void)state;
	NEED_KERNEL();
	want_line("");
	becomes_live();
	assert_true(pings_soon("g.a", "10.9.0.3"));
	assert_true(pings_soon("g.a", "fd09::3"));

	/* one route goes, one is another, one is new */
	at_a[0] = route("10.9.0.3/32", "a", NULL);
	at_a[1] = route("fd09:5::/64", "a", "a:x -- b:x");
	give_routes("a", at_a, 2);
	read_live(&want);
	plan_free(&plan);
	compare(&plan, &want, &live);
	assert_int_equal(plan.steps, 1);
	assert_string_equal(plan.step[0].why, "+1 ~1 -1 routes");
	becomes_live();
	assert_false(pings("g.a", "10.9.0.3"));
	assert_false(pings("g.a", "fd09::3"));
	goes();
}

static struct topo_denial denial(const char *from, const char *to)
{
	return (struct topo_denial){ .from = network(from), .to = network(to) };
}

static void what_is_denied_is_dropped_on_the_way(void **state)
{
	struct topo_denial list[5];
	struct topo_port but;
	struct topo_node *b;

	(void)state;
	NEED_KERNEL();
	if (access("/usr/sbin/nft", X_OK))
		skip();
	want_line("");
	list[0] = denial("10.9.0.3/32", "10.9.0.1/32");
	list[1] = denial("fd09::/64", "fd09::3/128");	/* one within another, as elements of a set could not be */
	list[2] = denial("fd09::1/128", "fd09::/64");
	list[3] = denial("10.9.0.1/32", "10.9.0.3/32");
	b = node_named("b");
	b->denial = list;
	b->denials = 4;
	becomes_live();
	assert_false(pings("g.a", "10.9.0.3"));
	assert_false(pings("g.a", "fd09::3"));

	/* what comes in by one interface is let through */
	but = port_at("a:x -- b:x", "b", 0, NULL);
	list[3].but = &but;
	list[3].buts = 1;
	list[0] = denial("10.9.0.77/32", "10.9.0.1/32");
	becomes_live();
	assert_true(pings_soon("g.a", "10.9.0.3"));
	assert_false(pings("g.a", "fd09::3"));

	/* root in there gives the interface a name that nft takes for a set */
	assert_int_equal(system("nsenter --net=" LW_NETNS_DIR "/g.b ip link set x down name @x up"), 0);
	b->denials = 3;
	becomes_live();

	b->denials = 0;
	becomes_live();
	assert_true(pings_soon("g.a", "fd09::3"));
	goes();
}

/* as whoever started us may have it */
static void a_status_that_is_lost_is_no_success(void **state)
{
	(void)state;
	NEED_KERNEL();
	if (access("/usr/sbin/nft", X_OK))
		skip();
	signal(SIGCHLD, SIG_IGN);
	assert_int_not_equal(lw_nft_run(-1, "{", 1, &err), 0);
	signal(SIGCHLD, SIG_DFL);
	assert_int_equal(lw_nft_run(-1, "{\"nftables\":[]}", 15, &err), 0);
}

static void an_undo_brings_all_of_it_back(void **state)
{
	struct topo_denial list[1];
	struct topo_state before = { 0 }, was;

	(void)state;
	NEED_KERNEL();
	want_line("");
	list[0] = denial("10.9.0.1/32", "10.9.0.3/32");
	if (!access("/usr/sbin/nft", X_OK)) {
		node_named("b")->denial = list;
		node_named("b")->denials = 1;
	}
	becomes_live();
	was = live;
	state_want_again(&before, &was);
	live = (struct topo_state){ 0 };

	/* another topology of that name: no routes, one wire */
	state_free(&want);
	want_text(&want, "graph g { edge [lw_cipher=none]; b:y -- c:y; c:z -- d:z }", NULL);
	becomes_live();

	read_live(&before);
	carry_out(&before);
	read_live(&before);
	assert_nothing_to_do(&before);
	assert_true(pings_soon("g.a", "fd09::3"));
	goes();
	state_free(&before);
	state_free(&was);
}

static void a_chain_goes_another_way(void **state)
{
	struct topo_policy p = { 0 }, back;
	struct topo_route way[2];

	(void)state;
	NEED_KERNEL();
	/* from c to a by d, though the short way is by b */
	want_line("c:z -- d:z; d:u -- a:u;");
	p.from = network("10.9.0.3/32");
	p.to = network("10.9.0.1/32");
	p.in.wire = TOPO_LOCAL;
	p.from.len = 0;
	p.prefsrc = node_named("c")->loopback[0].addr;
	p.out = port_at("c:z -- d:z", "c", AF_INET, &p.via);
	node_named("c")->policy = &p;
	node_named("c")->policies = 1;
	way[0] = route("10.9.0.1/32", "d", "d:u -- a:u");
	give_routes("d", way, 1);
	node_named("d")->forwards = true;
	becomes_live();
	/* d does not forward back, but b does: so it is seen whether d was passed */
	assert_true(pings_soon("g.c", "10.9.0.1"));
	way[0] = route("10.9.0.1/32", "d", NULL);
	becomes_live();
	assert_false(pings("g.c", "10.9.0.1"));
	back = p;
	back.out = port_at("b:y -- c:y", "c", AF_INET, &back.via);
	node_named("c")->policy = &back;
	becomes_live();
	assert_true(pings_soon("g.c", "10.9.0.1"));
	node_named("c")->policies = 0;
	becomes_live();
	goes();
}

static void a_bridge_joins_its_wires(void **state)
{
	struct topo_addr addr;
	struct topo_wire *w;

	(void)state;
	NEED_KERNEL();
	want_text(&want, "graph g { edge [lw_cipher=none]; a:x -- s:1; b:x -- s:2 }", NULL);
	node_named("s")->bridge = true;
	for (size_t i = 0; i < want.wires; i++) {
		addr = network(i ? "10.8.0.2/24" : "10.8.0.1/24");
		w = &want.wire[i];
		w->end[0].addrs = w->end[1].addrs = 0;
		state_add_addr(&want, &w->end[0], &addr.addr, addr.len);
	}
	becomes_live();
	assert_true(pings_soon("g.a", "10.8.0.2"));

	/* one is down, and comes up again */
	want.wire[1].down = true;
	becomes_live();
	assert_false(pings("g.a", "10.8.0.2"));
	want.wire[1].down = false;
	becomes_live();
	assert_true(pings_soon("g.a", "10.8.0.2"));

	/* a bridge no more */
	node_named("s")->bridge = false;
	becomes_live();
	assert_false(pings("g.a", "10.8.0.2"));
	goes();
}

static void a_namespace_that_stays_is_stripped(void **state)
{
	struct topo_denial list[1];
	int fd;

	(void)state;
	NEED_KERNEL();
	assert_int_equal(lw_netns_add("given", &err), 0);
	want_line("b [lw_netns=given]");
	list[0] = denial("10.9.0.1/32", "10.9.0.3/32");
	if (!access("/usr/sbin/nft", X_OK)) {
		node_named("b")->denial = list;
		node_named("b")->denials = 1;
	}
	becomes_live();
	goes();
	fd = lw_netns_open("given", &err);
	assert_true(fd >= 0);
	close(fd);
	assert_int_not_equal(system("nsenter --net=" LW_NETNS_DIR "/given ip addr 2>/dev/null | grep -q 10.9"), 0);
	assert_int_not_equal(system("nsenter --net=" LW_NETNS_DIR "/given ip route show proto 76 2>/dev/null | grep ."), 0);
	assert_int_not_equal(system("nsenter --net=" LW_NETNS_DIR "/given nft list tables 2>/dev/null | grep ."), 0);
	assert_int_equal(lw_netns_del("given", &err), 0);
}

/* a device of the kernel's in "g.a", with an alias that root there has chosen */
static void give_alias(const char *name, const char *key, int end)
{
	char command[256];

	snprintf(command, sizeof(command), "nsenter --net=" LW_NETNS_DIR "/g.a sh -c 'ip link add %s type vxlan id %d "
		 "remote 192.0.2.1 dstport 4789 && ip link set %s alias lw:g:%s:%d'", name, 7 + end, name, key, end);
	assert_int_equal(system(command), 0);
}

static void nobody_takes_anothers_wire(void **state)
{
	const struct topo_wire *w;

	(void)state;
	NEED_KERNEL();
	want_line("");
	becomes_live();
	/* "a" is read before those whose wire it is */
	w = wire_named(&want, "b:y -- c:y");
	give_alias("mine", w->key, 0);
	give_alias("mine2", w->key, 1);
	read_live(&want);
	assert_nothing_to_do(&want);
	assert_true(pings_soon("g.a", "10.9.0.3"));
	goes();
}

static void one_topology_in_a_namespace(void **state)
{
	struct topo_state other = { 0 }, seen = { 0 };
	struct diag d = { 0 };

	(void)state;
	NEED_KERNEL();
	assert_int_equal(lw_netns_add("given", &err), 0);
	want_line("b [lw_netns=given]");
	becomes_live();
	want_text(&other, "graph h { n [lw_netns=given]; m [lw_netns=\"g.a\"]; n -- m }", NULL);
	assert_int_equal(live_read(&seen, &other, &d, &err), 0);
	assert_int_equal(d.errors, 2);
	assert_true(told(&d, "a node of another topology is in network namespace given"));
	assert_true(told(&d, "a node of another topology is in network namespace g.a"));
	diag_free(&d);
	state_free(&other);
	state_free(&seen);
	assert_int_equal(live_read(&seen, &want, &d, &err), 0);
	assert_int_equal(d.errors, 0);
	state_free(&seen);
	diag_free(&d);
	goes();
	assert_int_equal(lw_netns_del("given", &err), 0);
}

/* by root in "g.b", of the protocol that ours have */
static void many_addresses_cost_little(void **state)
{
	struct lw_ifaddr a = { .ifindex = 1, .prefix_len = 32, .proto = LIVE_ADDR_PROTO };
	struct lw_batch b;
	struct lw_nl nl;

	(void)state;
	NEED_KERNEL();
	want_line("");
	becomes_live();
	assert_int_equal(lw_nl_open_name(&nl, "g.b", &err), 0);
	lw_batch_init(&b, NETLINK_ROUTE);
	for (uint32_t i = 0; i < 10000; i++) {
		a.addr = (struct lw_addr){ .family = AF_INET, .v4.s_addr = htonl(0x0a400000 + i) };
		lw_ifaddr_add(&b, &a);
	}
	assert_int_equal(lw_batch_send(&nl, &b, NULL, NULL, &err), 0);
	lw_batch_free(&b);
	lw_nl_close(&nl);
	read_live(&want);
	plan_free(&plan);
	compare(&plan, &want, &live);
	assert_int_equal(plan.steps, 1);
	assert_true(strlen(plan.step[0].why) < 3000);
	becomes_live();
	goes();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(routes_and_loopbacks, reset),
		cmocka_unit_test_teardown(what_is_denied_is_dropped_on_the_way, reset),
		cmocka_unit_test_teardown(a_status_that_is_lost_is_no_success, reset),
		cmocka_unit_test_teardown(an_undo_brings_all_of_it_back, reset),
		cmocka_unit_test_teardown(a_chain_goes_another_way, reset),
		cmocka_unit_test_teardown(a_bridge_joins_its_wires, reset),
		cmocka_unit_test_teardown(a_namespace_that_stays_is_stripped, reset),
		cmocka_unit_test_teardown(nobody_takes_anothers_wire, reset),
		cmocka_unit_test_teardown(many_addresses_cost_little, reset),
		cmocka_unit_test_teardown(one_topology_in_a_namespace, reset),
	};

	return cmocka_run_group_tests_name("topo_emit", tests, enter, NULL);
}
