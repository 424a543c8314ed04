// SPDX-License-Identifier: MIT
/*
 * Routes, access rules, chains and allowed sources: packets are walked through the state, from every address of every
 * node to every other's; and from those who do not keep to it.
 */
#include <linux/linkwire.h>

#include "tests/topo_walk.h"

#define ADDRESSES 256

static const char *const words[] = { "delivered", "no route", "prohibited", "denied", "refused", "lost", "looping" };

static struct topo_state want;

static int reset(void **state)
{
	(void)state;
	state_free(&want);
	return 0;
}

static bool ruled(size_t a, size_t b)
{
	for (size_t i = 0; i < want.rules; i++)
		if ((want.rule[i].a == a && want.rule[i].b == b) || (want.rule[i].a == b && want.rule[i].b == a))
			return true;
	return false;
}

static void assert_walk(const char *from, const char *to, const char *path, enum walked result)
{
	struct lw_addr src[ADDRESSES], dst[ADDRESSES];
	size_t a = node_named(&want, from), b = node_named(&want, to);
	struct walk w;
	enum walked got;

	assert_true(addresses_of(&want, a, src) && addresses_of(&want, b, dst));
	got = walk(&w, &want, a, &src[0], &dst[0]);
	if (got != result || (path && strcmp(w.path + 1, path)))
		fail_msg("%s to %s:%s: %s", from, to, w.path, words[got]);
}

/* every address of every node reaches every other's, but those of nodes that must not talk */
static void assert_all_reached(void)
{
	struct lw_addr src[ADDRESSES], dst[ADDRESSES];

	for (size_t a = 0; a < want.nodes; a++)
		for (size_t b = 0; b < want.nodes; b++) {
			size_t n = addresses_of(&want, a, src), m = addresses_of(&want, b, dst);

			for (size_t i = 0; i < n && a != b; i++)
				for (size_t k = 0; k < m; k++) {
					struct walk w;
					enum walked got;

					if (src[i].family != dst[k].family)
						continue;
					got = walk(&w, &want, a, &src[i], &dst[k]);
					if (ruled(a, b) ? got != PROHIBITED && got != DENIED : got != DELIVERED) {
						char x[LW_ADDR_STRLEN], y[LW_ADDR_STRLEN];

						fail_msg("%s (%s) to %s (%s):%s: %s", want.node[a].name,
							 lw_addr_format(&src[i], x), want.node[b].name,
							 lw_addr_format(&dst[k], y), w.path, words[got]);
					}
				}
		}
}

static size_t never_tried;

/* @a keeps to nothing: it sends what it likes to any neighbour, by any of its wires but one */
static void assert_never_reached(size_t a, size_t b, uint32_t but)
{
	struct lw_addr src[ADDRESSES], dst[ADDRESSES];
	size_t n = addresses_of(&want, a, src), m = addresses_of(&want, b, dst), tried = 0;

	for (size_t i = 0; i < 2 * want.wires; i++) {
		const struct topo_end *end = &want.wire[i / 2].end[i % 2];
		struct topo_port in = { (uint32_t)(i / 2), !(i % 2) };

		/* (a wire to itself leads it nowhere else) */
		if (end->node != a || want.wire[i / 2].end[in.end].node == a || want.wire[i / 2].down || i / 2 == but ||
		    want.node[want.wire[i / 2].end[in.end].node].bridge)
			continue;
		for (size_t k = 0; k < n * m; k++) {
			struct walk w = { .s = &want, .src = src[k / m], .dst = dst[k % m] };

			if (w.src.family != w.dst.family)
				continue;
			tried++;
			if (accepted(&w, &in) &&
			    walk_from(&w, want.wire[in.wire].end[in.end].node, in) == DELIVERED)
				fail_msg("%s reaches %s by %s:%s", want.node[a].name, want.node[b].name, want.wire[i / 2].name, w.path);
		}
	}
	never_tried += tried;
}

static void assert_apart(const char *a, const char *b)
{
	never_tried = 0;
	assert_never_reached(node_named(&want, a), node_named(&want, b), TOPO_ANY);
	assert_never_reached(node_named(&want, b), node_named(&want, a), TOPO_ANY);
	assert_true(never_tried);
}

/* the boxes are passed in order; who goes another way is not heard */
static void assert_chained(const struct topo_chain *c)
{
	for (int back = 0; back < 2; back++) {
		size_t from = c->node[back ? c->nodes - 1 : 0], to = c->node[back ? 0 : c->nodes - 1], n, m;
		struct lw_addr src[ADDRESSES], dst[ADDRESSES];
		uint32_t first = TOPO_ANY;
		struct walk w;

		n = addresses_of(&want, from, src);
		m = addresses_of(&want, to, dst);
		for (size_t i = 0; i < n * m; i++) {
			const char *at = w.path;
			struct topo_port out;
			struct lw_addr via;

			if (src[i / m].family != dst[i % m].family)
				continue;
			assert_int_equal(walk(&w, &want, from, &src[i / m], &dst[i % m]), DELIVERED);
			for (size_t k = 0; k < c->nodes; k++) {
				const char *name = want.node[c->node[back ? c->nodes - 1 - k : k]].name;
				char word[80];

				snprintf(word, sizeof(word), " %s ", name);
				strcat(w.path, k ? "" : " ");
				at = strstr(at, word);
				if (!at)
					fail_msg("not by %s:%s", name, w.path);
			}
			assert_int_equal(look_up(&w, from, &(struct topo_port){ TOPO_LOCAL, 0 }, &out, &via), LOST);
			first = out.wire;
		}
		assert_never_reached(from, to, first);
	}
}

static void a_line(void **state)
{
	const struct topo_node *a;

	(void)state;
	want_text(&want, "graph g { lw_routes=on; lw_pool6=none; a -- b -- c; d }", NULL);
	a = &want.node[0];
	assert_true(a->forwards);
	/* the loopbacks of b and c; the wire between b and c */
	assert_int_equal(a->routes, 3);
	assert_string_equal(addresses(&(struct topo_end){ .addr = &a->route[0].dst, .addrs = 1 }), "10.0.0.2/31");
	assert_true(lw_addr_equal(&a->route[0].via, &want.wire[0].end[1].addr[0].addr));
	assert_true(lw_addr_equal(&a->route[0].prefsrc, &a->loopback[0].addr));
	assert_int_equal(a->route[0].out.wire, 0);
	assert_int_equal(a->route[0].out.end, 0);
	assert_walk("a", "c", "a b c", DELIVERED);
	assert_walk("a", "d", "a", NO_ROUTE);
	assert_int_equal(want.node[3].routes, 0);
	/* what b sends, and c through it; nothing of a's own */
	assert_string_equal(addresses(&(struct topo_end){ .addr = want.wire[0].end[0].source,
							  .addrs = want.wire[0].end[0].sources }),
			    "10.0.0.1/32 10.0.0.2/31 10.0.0.5/32 10.0.0.6/32");
}

static void off(void **state)
{
	(void)state;
	want_text(&want, "graph g { a -- b -- c }", NULL);
	assert_int_equal(want.node[0].routes, 0);
	assert_false(want.node[0].forwards);
	assert_false(want.wire[0].end[0].sources_on);
	state_free(&want);
	want_text(&want, "graph g { lw_routes=on; lw_sources=off; a -- b -- c }", NULL);
	assert_false(want.wire[0].end[0].sources_on);
	assert_int_equal(want.wire[0].end[0].sources, 0);
	assert_all_reached();
	state_free(&want);
	/* without routes: who is at the other end, and what is behind it */
	want_text(&want, "graph g { lw_sources=on; lw_pool6=none; a [lw_prefix=\"192.0.2.0/24\"]; sw [lw_kind=bridge];"
		  "a -- b; b -- c; b -- sw; c -- sw; a -- c [lw_cipher=none] }", NULL);
	assert_string_equal(addresses(&(struct topo_end){ .addr = want.wire[0].end[1].source,
							  .addrs = want.wire[0].end[1].sources }),
			    "10.0.0.8/32 10.0.0.12/32 192.0.2.0/24");
	assert_true(want.wire[2].end[0].sources_on);
	assert_true(want.wire[2].end[1].sources_on);
	assert_false(want.wire[4].end[0].sources_on);
	assert_int_equal(want.wire[4].end[0].sources, 0);
}

static void weights(void **state)
{
	(void)state;
	want_text(&want, "graph g { lw_routes=on; a -- b [lw_weight=10]; a -- c -- d -- b }", NULL);
	assert_walk("a", "b", "a c d b", DELIVERED);
	assert_all_reached();
	state_free(&want);
	want_text(&want, "graph g { lw_routes=on; a -- b [lw_weight=10]; a -- c -- d; d -- b [lw_admin=down] }", NULL);
	assert_walk("a", "b", "a b", DELIVERED);
	assert_all_reached();
	state_free(&want);
	/* a segment is one hop between any two ends */
	want_text(&want, "graph g { lw_routes=on; node [lw_kind=bridge]; s; t; node [lw_kind=\"\"];\n"
		  "s -- t; a -- s; t -- b; a -- x -- b; c -- t; e -- s [lw_weight=7]; e -- c }", NULL);
	assert_walk("a", "b", "a b", DELIVERED);
	assert_walk("e", "b", "e c b", DELIVERED);
	assert_all_reached();
}

/* the same ways, wherever the edges stand; and the same back */
static void ties(void **state)
{
	struct topo_state other = { 0 };
	struct walk w, back;

	(void)state;
	want_text(&want, "graph g { lw_routes=on; a -- p -- b; a -- q -- b; a -- r -- b }", NULL);
	want_text(&other, "graph g { lw_routes=on; b -- r; b -- q -- a; a -- r; p -- b; p -- a }", NULL);
	walk(&w, &want, node_named(&want, "a"), &want.node[node_named(&want, "a")].loopback[0].addr,
	     &want.node[node_named(&want, "b")].loopback[0].addr);
	walk(&back, &other, node_named(&other, "b"), &other.node[node_named(&other, "b")].loopback[0].addr,
	     &other.node[node_named(&other, "a")].loopback[0].addr);
	assert_int_equal(strlen(w.path), 6);
	assert_int_equal(w.path[3], back.path[3]);
	state_free(&other);
}

/* L3 wires need no addresses; a family that a wire does not carry goes another way */
static void families(void **state)
{
	(void)state;
	want_text(&want, "graph g { lw_routes=on; lw_pool6=none; node [lw_loopback=\"\"];\n"
		  "a [lw_loopback=\"2001:db8::1\"]; b [lw_loopback=\"2001:db8::2\"]; c [lw_loopback=\"2001:db8::3\"];\n"
		  "a -- b; a -- c [lw_mode=l3]; c -- b [lw_mode=l3] }", NULL);
	assert_walk("a", "b", "a c b", DELIVERED);
	assert_all_reached();
}

static void denial(void **state)
{
	(void)state;
	want_text(&want, "graph g { lw_routes=on; a [lw_prefix=\"192.0.2.0/24\"]; c [lw_prefix=\"198.51.100.0/24\"];\n"
		  "a -- b -- c; a -- d -- c; a -- c [lw_access=deny]; edge [lw_mtu=1400]; d -- b [lw_access=deny]; d -- e -- b }",
		  NULL);
	assert_int_equal(want.wires, 6);
	assert_int_equal(want.rules, 2);
	assert_walk("a", "c", "a", DENIED);
	assert_walk("a", "e", NULL, DELIVERED);
	assert_all_reached();
	assert_apart("a", "c");
	assert_apart("b", "d");
	/* and without allowed sources the rules alone keep them apart */
	for (size_t i = 0; i < 2 * want.wires; i++)
		want.wire[i / 2].end[i % 2].sources_on = false;
	assert_apart("a", "c");
	assert_apart("d", "b");
	state_free(&want);
	/* who is nobody's way hears nothing of the other */
	want_text(&want, "graph g { lw_routes=on lw_pool6=none; a -- b -- c; a -- c [lw_access=deny] }", NULL);
	assert_string_equal(addresses(&(struct topo_end){ .addr = want.wire[1].end[1].source,
							  .addrs = want.wire[1].end[1].sources }),
			    "10.0.0.1/32 10.0.0.2/32 10.0.0.5/32");
	/* without routes the rules are there all the same: somebody may route by hand */
	state_free(&want);
	want_text(&want, "graph g { lw_pool6=none; a -- b -- c; a -- c [lw_access=deny] }", NULL);
	assert_int_equal(want.node[1].denials, 2);
	assert_int_equal(want.node[0].denials, 2);
	assert_int_equal(want.node[0].routes, 0);
}

#define WEB "lw_routes=on; lw_chain_web=\"client > firewall > ids > server\"; "

static void chain(void **state)
{
	(void)state;
	want_text(&want, "graph g { " WEB "client [lw_prefix=\"192.0.2.0/24\"]; server [lw_prefix=\"2001:db8::/48\"];\n"
		  "client -- r; r -- firewall; r -- ids; r -- server; client -- server; x -- r }", NULL);
	assert_walk("client", "server", "client r firewall r ids r server", DELIVERED);
	assert_walk("server", "client", "server r ids r firewall r client", DELIVERED);
	assert_walk("client", "ids", "client r ids", DELIVERED);
	assert_walk("x", "server", "x r server", DELIVERED);
	assert_all_reached();
	assert_int_equal(want.chain[0].hops, 6);
	/* the wire between them is no way round; nor are others */
	never_tried = 0;
	assert_chained(&want.chain[0]);
	assert_true(never_tried);
}

static void chains(void **state)
{
	(void)state;
	want_text(&want, "graph g { " WEB "lw_chain_mail=\"client > ids > firewall > mail\";\n"
		  "lw_chain_back=\"server > ids > mail\"; sw [lw_kind=bridge];\n"
		  "client -- sw; firewall -- sw; ids -- sw; server -- ids; mail -- firewall; mail -- server; client -- mail }",
		  NULL);
	assert_walk("client", "server", "client firewall ids server", DELIVERED);
	assert_walk("client", "mail", "client ids firewall mail", DELIVERED);
	assert_walk("mail", "server", "mail firewall ids server", DELIVERED);
	assert_all_reached();
	never_tried = 0;
	for (size_t i = 0; i < 3; i++)
		assert_chained(&want.chain[i]);
	assert_true(never_tried);
}

/* a box that is in the way of another one is passed, if there is no way round it; an end never is */
static void boxes_in_the_way(void **state)
{
	(void)state;
	want_text(&want, "graph g { lw_routes=on; lw_chain_x=\"a > c > b > d\"; a -- b -- c; b -- d; c:u -- b:u [lw_weight=9] }",
		  NULL);
	assert_walk("a", "d", "a b c b d", DELIVERED);
	assert_all_reached();
}

static uint64_t seed;

static unsigned int number(unsigned int below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (unsigned int)(seed >> 32) % below;
}

static size_t random_graph(char *text, size_t room)
{
	unsigned int nodes = 4 + number(12), bridges = number(4), edges = nodes + number(2 * nodes);
	bool joined[20][20] = { { false } };
	size_t at = 0;

#define SAY(...) (at += (size_t)snprintf(text + at, room - at, __VA_ARGS__))
	SAY("graph g { lw_routes=on;");
	for (unsigned int i = 0; i < bridges; i++) {
		SAY(" s%u [lw_kind=bridge];", i);
		if (i && number(2))
			SAY(" s%u -- s%u;", number(i), i);
	}
	for (unsigned int i = 0; i < nodes; i++)
		if (number(3) == 0)
			SAY(" n%u [lw_prefix=\"192.168.%u.0/24 2001:db8:%u::/48\"];", i, i, i);
	for (unsigned int i = 1; i < edges; i++) {
		unsigned int a = i < nodes ? i : number(nodes), b = i < nodes ? number(i) : number(nodes);
		bool down = i >= nodes && number(6) == 0;

		if (i >= nodes && bridges && number(4) == 0) {
			SAY(" n%u -- s%u [lw_weight=%u%s];", a, number(bridges), 1 + number(3), down ? " lw_admin=down" : "");
			continue;
		}
		joined[a][b] = joined[b][a] = true;
		SAY(" n%u -- n%u [lw_weight=%u%s%s];", a, b, 1 + number(3), number(2) ? " lw_mode=l3" : "",
		    down ? " lw_admin=down" : "");
	}
	for (unsigned int i = number(3); i--;) {
		unsigned int a = number(nodes), b = number(nodes);

		if (a != b && !joined[a][b])
			SAY(" n%u -- n%u [lw_access=deny];", a, b);
	}
	if (number(2))
		SAY(" lw_chain_one=\"n%u > n%u > n%u\";", number(nodes), number(nodes), number(nodes));
	SAY(" }");
#undef SAY
	return at;
}

static void random_graphs(void **state)
{
	size_t sound = 0, ruled_ones = 0, chained = 0;
	char text[8192];

	(void)state;
	for (unsigned int i = 0; i < 60; i++) {
		struct graph g = { 0 };
		struct diag d = { 0 };

		seed = 0x6c696e6b77697265ULL + 0x9e3779b97f4a7c15ULL * (i + 1);
		number(2);
		assert_true(random_graph(text, sizeof(text)) < sizeof(text));
		assert_true(read_text(&g, &d, text));
		resolve(&want, &g, "net", &d);
		assign_addresses(&want, NULL, &d);
		graph_free(&g);
		if (!d.errors) {
			sound++;
			ruled_ones += want.rules > 0;
			chained += want.chains > 0;
			assert_all_reached();
			for (size_t k = 0; k < want.rules; k++) {
				assert_never_reached(want.rule[k].a, want.rule[k].b, TOPO_ANY);
				assert_never_reached(want.rule[k].b, want.rule[k].a, TOPO_ANY);
			}
			for (size_t k = 0; k < want.chains; k++)
				assert_chained(&want.chain[k]);
		}
		state_free(&want);
		diag_free(&d);
	}
	assert_true(sound > 20 && ruled_ones > 5 && chained > 4);
}

#define C(text) "lw_routes=on; lw_chain_x=\"" text "\";"

static void every_conflict(void **state)
{
	static const struct conflict cases[] = {
		{ "graph g { a -- b [lw_access=allow] }", "a -- b: lw_access \"allow\" is not deny", 1 },
		{ "graph g { a -- b; a:p -- b:q [lw_access=deny] }", "a:p -- b:q: an edge with lw_access=deny is no wire, and has no ports", 2 },
		{ "graph g { a -- b; b -- c; a -- c [lw_access=deny lw_id=x] }", "is no wire, and has no lw_id", 1 },
		{ "graph g { a -- b; a -- a [lw_access=deny] }", "a node cannot be kept from itself", 1 },
		{ "graph g { b [lw_kind=bridge]; a -- b; a -- b [lw_access=deny] }", "b is a bridge, and talks to nobody", 1 },
		{ "graph g { b:p -- a:q; a -- c; b -- a [lw_access=deny] }", "b -- a must not talk (lw_access=deny), and b:p -- a:q joins them", 1 },
		{ "strict graph g { b -- a; b -- a [lw_access=deny] }", "b -- a must not talk (lw_access=deny), and b -- a joins them", 1 },
		{ "graph g { s [lw_kind=bridge]; t [lw_kind=bridge]; a -- s -- t -- b; a -- b [lw_access=deny] }",
		  "a -- b must not talk (lw_access=deny), and are neighbours in one segment (s, t)", 1 },
		{ "graph g { a -- b; a -- bb [lw_access=deny] }", "a -- bb: lw_access=deny: no wire knows node bb", 1 },
		{ "graph g { lw_pool4=none lw_pool6=none; a -- b -- c; a -- c [lw_access=deny] }",
		  "a -- c: lw_access=deny: node a has no address that its packets are known by", 1 },
		{ "graph g { lw_routes=on; c -- a -- m -- b; d -- a; a -- b [lw_access=deny] }",
		  "a -- b must not talk (lw_access=deny), and through a alone c reaches b, as do 1 more", 1 },
		{ "graph g { lw_routes=on; c -- a -- m -- b; c -- m; a -- b [lw_access=deny] }", "", 0 },
		{ "graph g { " C("a > b > c") " a -- b -- c; a -- c [lw_access=deny] }", "a -- c must not talk (lw_access=deny), and are both in lw_chain_x", 1 },
		{ "graph g { lw_chain_x=\"a > b > c\"; a -- b -- c }", "lw_chain_x needs lw_routes=on", 1 },
		{ "graph g { " C("a > b") " a -- b }", "lw_chain_x \"a > b\" has nothing between two ends", 1 },
		{ "graph g { " C("a > b > d") " a -- b -- c }", "lw_chain_x: there is no node d", 1 },
		{ "graph g { " C("a > > c") " a -- b -- c }", "lw_chain_x: there is no node \"\"", 1 },
		{ "graph g { " C("a > b > a") " a -- b -- c }", "lw_chain_x passes node a twice", 1 },
		{ "graph g { " C("a > b > c") " b [lw_kind=bridge]; a -- b -- c }", "lw_chain_x: b is a bridge", 1 },
		{ "graph g { " C("a > b > c") " a -- b; c }", "lw_chain_x: there is no IPv4 way from b to c that does not pass its ends", 1 },
		{ "graph g { " C("a > b > c") " a -- c -- b }", "lw_chain_x: there is no IPv4 way from a to b that does not pass its ends", 1 },
		{ "graph g { " C("a > b > c") " lw_chain_y=\"c > d > a\"; a -- b -- c -- d -- a }", "lw_chain_x and lw_chain_y have the same ends", 1 },
		{ "graph g { " C("a > b > c > d") " a -- x -- y; y -- b; y -- c; c -- z -- x; y -- d; }",
		  "lw_chain_x would come to", 0 },
		{ "graph g { " C("a > f > i > s") " a -- y; y -- x; x -- f; f -- y2 -- i; i -- y; x -- s }",
		  "lw_chain_x would come to x by y -- x twice, and packets do not show which time it is", 1 },
		{ "graph g { " C("a > b > c") " lw_pool4=none; lw_pool6=none; a -- b -- c }", "lw_chain_x: node a has no address", 1 },
		{ "graph g { lw_routes=on; lw_pool6=none; edge [lw_head_addr=\"192.0.2.2/24\"]; a -- b [lw_tail_addr=\"192.0.2.1/24\"];"
		  "c -- d [lw_tail_addr=\"192.0.2.3/24\" lw_head_addr=\"192.0.2.4/24\"] }",
		  "network 192.0.2.0/24 is on a -- b and on c -- d: with lw_routes=on it can be on one wire", 1 },
	};

	(void)state;
	check_conflicts(cases, sizeof(cases) / sizeof(*cases));
}

/* the module has a limit: it is told before anything is made */
static void too_many_sources(void **state)
{
	char *text = calloc(1, 40 * (LINKWIRE_SOURCE_IPV6_MAX + 10)), *at = text;
	struct diag d;

	(void)state;
	at += sprintf(at, "graph g { lw_sources=on; a -- b; a [lw_prefix=\"");
	for (int i = 0; i <= LINKWIRE_SOURCE_IPV6_MAX; i++)
		at += sprintf(at, "2001:db8:%x::/48 ", 2 * i);
	sprintf(at, "\"] }");
	conflicts(&d, text);
	assert_int_equal(d.errors, 1);
	assert_true(told(&d, "a -- b: its end at b would accept 2050 IPv6 networks, and can know 2048"));
	diag_free(&d);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(too_many_sources),
		cmocka_unit_test_teardown(a_line, reset),
		cmocka_unit_test_teardown(off, reset),
		cmocka_unit_test_teardown(weights, reset),
		cmocka_unit_test_teardown(ties, reset),
		cmocka_unit_test_teardown(families, reset),
		cmocka_unit_test_teardown(denial, reset),
		cmocka_unit_test_teardown(chain, reset),
		cmocka_unit_test_teardown(chains, reset),
		cmocka_unit_test_teardown(boxes_in_the_way, reset),
		cmocka_unit_test_teardown(random_graphs, reset),
		cmocka_unit_test(every_conflict),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
