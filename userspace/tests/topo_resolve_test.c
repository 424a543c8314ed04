// SPDX-License-Identifier: MIT
/*
 * What a graph asks for: names, values, addresses; and every conflict, told at once.
 */
#include <linux/linkwire.h>

#include "tests/topo_fixture.h"

static void defaults(void **state)
{
	struct topo_state want = { 0 };
	const struct topo_wire *w;

	(void)state;
	want_text(&want, "graph g { b:p -- a:q; b -- a [lw_encap=ipip] }", NULL);
	assert_string_equal(want.name, "g");
	assert_string_equal(want.fabric, "g+fabric");
	assert_string_equal(want.node[0].netns, "g.b");
	assert_string_equal(want.node[0].underlay, "g.b+underlay");
	assert_int_equal(want.node[0].number, 1);
	assert_int_equal(want.node[1].number, 2);
	w = &want.wire[0];
	assert_string_equal(w->name, "b:p -- a:q");
	assert_int_equal(w->encap, LINKWIRE_ENCAP_VXLAN);
	assert_int_equal(w->mode, LINKWIRE_MODE_L2);
	assert_int_equal(w->cipher, LINKWIRE_CIPHER_AES_256_GCM);
	assert_int_equal(w->mtu, 1500);
	assert_int_equal(w->hold, 0);
	/* ends stand in the order of their names, and the lower address is the first's */
	assert_int_equal(w->tail, 1);
	assert_string_equal(w->end[0].ifname, "q");
	assert_string_equal(addresses(&w->end[0]), "10.0.0.0/31 fd6c:7700::/127");
	assert_string_equal(addresses(&w->end[1]), "10.0.0.1/31 fd6c:7700::1/127");
	w = &want.wire[1];
	assert_int_equal(w->mode, LINKWIRE_MODE_L3);
	assert_string_equal(w->end[0].ifname, "b");
	assert_string_equal(w->end[1].ifname, "a");
	assert_string_equal(addresses(&w->end[0]), "10.0.0.2/31 fd6c:7700::2/127");
	state_free(&want);
}

static void name_of_the_file(void **state)
{
	struct topo_state want = { 0 };

	(void)state;
	want_text(&want, "graph { a -- b }", NULL);
	assert_string_equal(want.name, "net");
	state_free(&want);
}

static void ports(void **state)
{
	struct topo_state want = { 0 };

	(void)state;
	want_text(&want, "graph g { a -- b; a -- b; b -- a; a -- a; a -- a; c:d -- b; c -- d; x:\"a/b\" -- y }", NULL);
	assert_string_equal(want.wire[0].end[0].ifname, "b");
	assert_string_equal(want.wire[1].end[0].ifname, "b~2");
	assert_string_equal(want.wire[2].end[0].ifname, "b~3");
	assert_string_equal(want.wire[2].end[1].ifname, "a~3");
	assert_string_equal(want.wire[3].end[0].ifname, "a");
	assert_string_equal(want.wire[3].end[1].ifname, "a~2");
	assert_string_equal(want.wire[4].end[0].ifname, "a~3");
	/* c's port d was written; the end towards node d keeps clear of it */
	assert_string_equal(want.wire[6].end[0].ifname, "d~2");
	assert_string_not_equal(want.wire[7].end[0].ifname, "a/b");
	state_free(&want);
}

/* a wire is the same wire whichever way it is written, and wherever it stands in the file */
static void identity(void **state)
{
	struct topo_state one = { 0 }, two = { 0 };

	(void)state;
	want_text(&one, "graph g { a:p -- b:q; c:p -- c:q }", NULL);
	want_text(&two, "graph g { c; c:q -- c:p; b:q -- a:p [lw_mtu=9000] }", NULL);
	assert_string_equal(one.wire[0].key, two.wire[1].key);
	assert_string_equal(one.wire[1].key, two.wire[0].key);
	assert_string_not_equal(one.wire[0].key, one.wire[1].key);
	state_free(&one);
	state_free(&two);
}

static void addresses_from_the_file(void **state)
{
	struct topo_state want = { 0 };

	(void)state;
	want_text(&want, "graph g { lw_pool4=\"10.0.0.0/28\" lw_pool6=none\n"
		  "a:p -- b:p [lw_tail_addr=\"10.0.0.2/31\" lw_head_addr=\"10.0.0.3/31, 2001:db8::1/64\"]\n"
		  "a:q -- b:q; a:r -- b:r; a:s -- b:s [lw_head_addr=\"10.0.0.9/29\"]; a:t -- b:t }", NULL);
	assert_string_equal(addresses(&want.wire[0].end[1]), "10.0.0.3/31 2001:db8::1/64");
	assert_string_equal(addresses(&want.wire[1].end[0]), "10.0.0.0/31");
	/* 10.0.0.2/31 is taken, and so is the whole of 10.0.0.8/29 */
	assert_string_equal(addresses(&want.wire[2].end[0]), "10.0.0.4/31");
	assert_string_equal(addresses(&want.wire[3].end[0]), "");
	assert_string_equal(addresses(&want.wire[4].end[1]), "10.0.0.7/31");
	state_free(&want);
}

/* what is live keeps its addresses, wherever it moves in the file; what is new gets what is free */
static void nobody_is_renumbered(void **state)
{
	struct topo_state live = { 0 }, want = { 0 }, again = { 0 };

	(void)state;
	want_text(&live, "graph g { a:1 -- b:1; a:2 -- b:2; a:3 -- b:3 }", NULL);
	make_live(&live);
	want_text(&want, "graph g { x; y:1 -- a:9; a:3 -- b:3; a:2 -- b:2; z:1 -- a:8 }", &live);
	assert_string_equal(addresses(&wire_named(&want, "a:2 -- b:2")->end[0]),
			    addresses(&wire_named(&live, "a:2 -- b:2")->end[0]));
	assert_string_equal(addresses(&wire_named(&want, "a:3 -- b:3")->end[1]),
			    addresses(&wire_named(&live, "a:3 -- b:3")->end[1]));
	assert_string_equal(addresses(&wire_named(&want, "y:1 -- a:9")->end[0]), "10.0.0.0/31 fd6c:7700::/127");
	assert_string_equal(addresses(&wire_named(&want, "z:1 -- a:8")->end[0]), "10.0.0.6/31 fd6c:7700::6/127");
	assert_int_equal(state_find_node(&want, "g.a+underlay")->number, 1);
	assert_int_equal(state_find_node(&want, "g.b+underlay")->number, 2);
	assert_int_equal(state_find_node(&want, "g.x+underlay")->number, 3);
	/* a pool that they are not in any more renumbers them all */
	want_text(&again, "graph g { lw_pool4=\"192.0.2.0/24\" a:3 -- b:3 }", &live);
	assert_string_equal(addresses(&again.wire[0].end[0]), "192.0.2.0/31 fd6c:7700::4/127");
	state_free(&live);
	state_free(&want);
	state_free(&again);
}

static void strict_graphs(void **state)
{
	struct topo_state want = { 0 };
	struct diag d;

	(void)state;
	want_text(&want, "strict graph g { a:p -- b:q; b:q -- a:p; a -- c }", NULL);
	assert_int_equal(want.wires, 2);
	state_free(&want);
	conflicts(&d, "strict graph g { a -- b; a -- b }");
	assert_int_equal(d.errors, 0);
	assert_true(told(&d, "a -- b is written again"));
	diag_free(&d);
	conflicts(&d, "strict graph g { a:1 -- b:1; a:2 -- b:2 }");
	assert_int_equal(d.errors, 1);
	assert_true(told(&d, "strict makes one wire of a:1 -- b:1 and a:2 -- b:2"));
	diag_free(&d);
	conflicts(&d, "strict digraph g { a:1 -> b:1; b:2 -> a:2 }");
	assert_int_equal(d.count, 0);
	diag_free(&d);
}

#define TWO "a [lw_endpoint=\"192.0.2.1 192.0.2.2\"]; b [lw_endpoint=\"192.0.2.3 192.0.2.4 2001:db8::3\"];"

static void values(void **state)
{
	struct topo_state want = { 0 };
	const struct topo_wire *w;

	(void)state;
	want_text(&want, "graph g { a [lw_rate=\"1.5gbit\" lw_prefix=\"10.9.0.0/16,2001:db8:9::/48\" "
		  "lw_loopback=\"10.1.1.1 2001:db8::1\"]; b [lw_rate=\"2gbit\" lw_kind=\"node\"];\n"
		  "a -- b [lw_rate=\"10mbit\" lw_floor=\"100KBIT\" lw_delay=\"1.5s\" lw_loss=\"0.1%\" lw_weight=65535 "
		  "lw_admin=down];\n"
		  "a -- b [lw_cipher=none lw_encap=gretap]; a -- b [lw_cipher=none lw_encap=ipip] }", NULL);
	assert_int_equal(want.node[0].rate, 187500000);
	assert_int_equal(want.node[0].prefixes, 2);
	assert_int_equal(want.node[0].prefix[1].len, 48);
	assert_int_equal(want.node[0].loopbacks, 2);
	assert_int_equal(want.node[0].loopback[0].len, 32);
	assert_int_equal(want.node[0].loopback[1].len, 128);
	assert_false(want.node[1].bridge);
	w = &want.wire[0];
	assert_int_equal(w->rate, 1250000);
	assert_int_equal(w->floor, 12500);
	assert_int_equal(w->delay_us, 1500000);
	assert_int_equal(w->loss, 4294967);
	assert_int_equal(w->weight, 65535);
	assert_true(w->down);
	assert_false(w->plain);
	w = &want.wire[1];
	assert_true(w->plain);
	assert_int_equal(w->cipher, 0);
	assert_int_equal(w->weight, 1);
	assert_string_equal(state_encap_name(w->encap), "gretap");
	assert_int_equal(w->mode, LINKWIRE_MODE_L2);
	assert_string_equal(state_encap_name(want.wire[2].encap), "ipip");
	assert_int_equal(want.wire[2].mode, LINKWIRE_MODE_L3);
	state_free(&want);
}

/* who reads the file is told each time that a wire is open */
static void plain_wires_are_told(void **state)
{
	struct diag d;

	(void)state;
	conflicts(&d, "graph g {\n a -- b [lw_cipher=none]\n b -- c\n c -- a [lw_cipher=none]\n}");
	assert_int_equal(d.errors, 0);
	assert_int_equal(d.count, 2);
	assert_true(told(&d, "a -- b: lw_cipher=none: who is on the way reads and changes what it carries"));
	assert_int_equal(d.entry[1].line, 4);
	diag_free(&d);
}

static void tenants(void **state)
{
	struct topo_state want = { 0 };

	(void)state;
	want_text(&want, "graph g { lw_tenant=acme lw_name=net a }", NULL);
	assert_string_equal(want.title, "acme/net");
	assert_string_equal(want.name, "acme%2fnet");
	assert_string_equal(want.node[0].netns, "acme%2fnet.a");
	assert_true(want.named);
	state_free(&want);
}

static const char *address(const struct lw_addr *a)
{
	static char text[4][LW_ADDR_STRLEN];
	static unsigned int turn;

	return a->family ? lw_addr_format(a, text[turn++ % 4]) : "";
}

static void endpoints(void **state)
{
	struct topo_state want = { 0 };
	const struct topo_wire *w;

	(void)state;
	want_text(&want, "graph g { edge [lw_hold=300]; " TWO " c [lw_endpoint=\"2001:db8::5, 192.0.2.5\"]; d;\n"
		  "b -- a [lw_backup=auto]; b -- a [lw_backup=\"192.0.2.4 none\"]; c -- b [lw_backup=auto]; d -- a; d -- d }",
		  NULL);
	w = &want.wire[0];
	/* a node whose two endpoints are used is bound to neither */
	assert_string_equal(address(&w->end[0].local), "");
	assert_string_equal(address(&w->end[1].local), "");
	assert_string_equal(address(&w->end[0].remote), "192.0.2.3");
	assert_string_equal(address(&w->end[0].backup), "192.0.2.4");
	assert_string_equal(address(&w->end[1].remote), "192.0.2.1");
	assert_string_equal(address(&w->end[1].backup), "192.0.2.2");
	/* whatever the edge's direction, the tail's backup is what the head's end uses */
	w = &want.wire[1];
	assert_int_equal(w->tail, 1);
	assert_string_equal(address(&w->end[0].backup), "192.0.2.4");
	assert_string_equal(address(&w->end[1].backup), "");
	/* the first that both have of one family, in the order of the ends */
	w = &want.wire[2];
	assert_string_equal(address(&w->end[0].local), "");
	assert_string_equal(address(&w->end[0].remote), "192.0.2.5");
	assert_string_equal(address(&w->end[1].remote), "192.0.2.3");
	assert_string_equal(address(&w->end[1].local), "192.0.2.5");
	assert_string_equal(address(&w->end[1].backup), "192.0.2.4");
	assert_string_equal(address(&w->end[0].backup), "");
	/* d says nothing: its address by number */
	w = &want.wire[3];
	assert_string_equal(address(&w->end[1].local), "169.254.0.4");
	assert_string_equal(address(&w->end[1].remote), "192.0.2.1");
	assert_string_equal(address(&w->end[0].remote), "169.254.0.4");
	assert_string_equal(address(&want.wire[4].end[0].remote), "169.254.0.4");
	state_free(&want);
}

/* anonymous parallel edges are told apart by lw_id, wherever they stand */
static void ids(void **state)
{
	struct topo_state one = { 0 }, two = { 0 };

	(void)state;
	want_text(&one, "graph g { a -- b [lw_id=x]; a -- b [lw_id=\"a long one\"]; a -- b; a -- a [lw_id=1] }", NULL);
	want_text(&two, "graph g { a -- a [lw_id=1]; b -- a [lw_id=\"a long one\"]; a -- b; a -- b [lw_id=x] }", NULL);
	assert_string_equal(one.wire[0].end[0].ifname, "b~x");
	assert_string_equal(one.wire[0].end[1].ifname, "a~x");
	assert_string_equal(one.wire[2].end[0].ifname, "b");
	assert_string_equal(one.wire[3].end[1].ifname, "a~1");
	assert_string_equal(one.wire[0].key, two.wire[3].key);
	assert_string_equal(one.wire[1].key, two.wire[1].key);
	assert_string_equal(one.wire[2].key, two.wire[2].key);
	assert_string_equal(one.wire[3].key, two.wire[0].key);
	state_free(&one);
	state_free(&two);
}

static void every_conflict(void **state)
{
	static const struct conflict cases[] = {
		{ "graph g { a:p -- b:p; b:p -- c:p }", "interface p of node b is used twice: by a:p -- b:p and by b:p -- c:p", 1 },
		{ "graph g { a:p -- a:p }", "interface p of node a is used twice", 1 },
		{ "graph g { a -- b [lw_cypher=none] }", "lw_cypher on a -- b: there is no such attribute; the nearest is lw_cipher", 1 },
		{ "graph g { edge [lw_mut=1] a -- b -- c -- d }", "the nearest is lw_mtu", 1 },
		{ "graph g { edge [lw_mut=1] }", "lw_mut on edges", 1 },
		{ "graph g { a [lw_mtu=1400] }", "lw_mtu on node a: it is an attribute of edges", 1 },
		{ "graph g { a -- b [lw_pool4=none] }", "it is an attribute of the graph", 1 },
		{ "graph g { lw_pool=none a }", "lw_pool on the graph: there is no such attribute; the nearest is lw_pool4", 1 },
		{ "graph g { a -- b [lw_encap=gre] }", "lw_encap \"gre\" is none of vxlan, ipip, gretap", 1 },
		{ "graph g { a -- b [lw_encap=gretap] }", "lw_encap gretap is the kernel's own: it needs lw_cipher=none", 1 },
		{ "graph g { a -- b [lw_cipher=none lw_mode=l3] }", "with lw_cipher none, lw_encap vxlan carries frames: lw_mode can only be l2", 1 },
		{ "graph g { a -- b [lw_cipher=none lw_hold=100] }", "lw_hold: with lw_cipher=none nothing shows whether the peer is there", 1 },
		{ "graph g { a -- b [lw_cipher=none lw_backup=auto] }", "lw_backup: with lw_cipher=none there is none", 2 },
		{ "graph g { a -- b [lw_encap=ipip lw_mode=l2] }", "lw_mode can only be l3", 1 },
		{ "graph g { a -- b [lw_mode=2] }", "lw_mode \"2\" is neither l2 nor l3", 1 },
		{ "graph g { a -- b [lw_cipher=no] }", "lw_cipher \"no\" is none of aes-128-gcm, aes-256-gcm, chacha20-poly1305, none", 1 },
		{ "graph g { a -- b [lw_mtu=67] }", "is no number from 68 to 9000", 1 },
		{ "graph g { a -- b [lw_mtu=9001] }", "is no number from 68 to 9000", 1 },
		{ "graph g { a -- b [lw_mtu=\"1400 \"] }", "is no number", 1 },
		{ "graph g { a -- b [lw_mtu=1279] }", "too small for IPv6", 1 },
		{ "graph g { lw_pool6=none a -- b [lw_mtu=1279] }", "", 0 },
		{ "graph g { lw_pool6=none a -- b [lw_mtu=1279 lw_tail_addr=\"fd00::1/64\"] }", "too small for IPv6", 1 },
		{ "graph g { a -- b [lw_hold=-1] }", "is no number of milliseconds", 1 },
		{ "graph g { a -- b [lw_hold=4294967296] }", "is no number of milliseconds", 1 },
		{ "graph g { lw_pool4=\"10.0.0.1/24\" a }", "is no IPv4 network", 1 },
		{ "graph g { lw_pool4=\"fd00::/64\" a }", "is no IPv4 network", 1 },
		{ "graph g { lw_pool4=\"10.0.0.0/32\" a }", "is no IPv4 network", 1 },
		{ "graph g { lw_pool4=\"0.0.0.0/0\" a }", "is no IPv4 network", 1 },
		{ "graph g { lw_pool6=\"ff00::/64\" a }", "is no IPv6 network", 1 },
		{ "graph g { lw_pool4=\"10.0.0.0/30\" a -- b; a -- b; a -- b; a -- b }", "lw_pool4 10.0.0.0/30 is exhausted: it has room for 2 wires less what the file's own addresses take, and 2 wires get none", 1 },
		{ "graph g { lw_pool6=\"fd00::/127\" a -- b; a -- b }", "lw_pool6 fd00::/127 is exhausted", 1 },
		{ "graph g { lw_pool4=\"10.0.0.0/31\" a -- b; a -- c [lw_tail_addr=\"10.0.0.0/24\"] }", "is exhausted", 1 },
		{ "graph g { a -- b [lw_tail_addr=\"10.0.0.1/33\"] }", "\"10.0.0.1/33\" is no address", 1 },
		{ "graph g { a -- b [lw_tail_addr=\"224.0.0.1/32\"] }", "is no address that an interface can have", 1 },
		{ "graph g { a -- b [lw_tail_addr=\"127.0.0.1/8 192.0.2.1\"] }", "\"127.0.0.1/8\" is no address", 1 },
		{ "graph g { a -- b [lw_tail_addr=\"192.0.2.1/31\" lw_head_addr=\"192.0.2.2/31\"] }", "has no address of", 2 },
		{ "graph g { a:1 -- b:1 [lw_tail_addr=\"192.0.2.1\"]; c:1 -- d:1 [lw_head_addr=\"192.0.2.1/24\"] }", "address 192.0.2.1 is used twice: by a:1 and by d:1", 1 },
		{ "graph g { lw_routes=yes a }", "lw_routes \"yes\" is neither on nor off", 1 },
		{ "graph g { lw_sources=1 a }", "lw_sources \"1\" is neither on nor off", 1 },
		{ "graph g { lw_tenant=\"a/b\" a }", "lw_tenant \"a/b\"", 1 },
		{ "graph g { lw_chain_=\"a > b\" a }", "lw_chain_ on the graph: there is no such attribute", 1 },
		{ "graph g { a [lw_kind=switch] }", "node a: lw_kind \"switch\" is neither node nor bridge", 1 },
		{ "graph g { a [lw_kind=bridge lw_loopback=\"10.1.1.1\"] }", "a bridge has no addresses: lw_loopback means nothing to it", 1 },
		{ "graph g { a [lw_kind=bridge]; b -- a [lw_head_addr=\"10.1.1.1/24\"] }", "lw_head_addr: its end at a is a port of a bridge", 1 },
		{ "graph g { a [lw_loopback=\"10.1.1.1/24\"] }", "lw_loopback \"10.1.1.1/24\": \"10.1.1.1/24\" is no address of a host", 1 },
		{ "graph g { a [lw_loopback=\"fe80::1\"] }", "is no address of a host", 1 },
		{ "graph g { a [lw_prefix=\"10.9.0.0/16, x\"] }", "lw_prefix \"10.9.0.0/16, x\": \"x\" is no network", 1 },
		{ "graph g { a [lw_prefix=\"10.9.0.1/16\"] }", "lw_prefix \"10.9.0.1/16\" is no network, but an address in 10.9.0.0/16", 1 },
		{ "graph g { a [lw_endpoint=\"192.0.2.1/24\"] }", "lw_endpoint \"192.0.2.1/24\": \"192.0.2.1/24\" is no address of a host", 1 },
		{ "graph g { a [lw_endpoint=\"192.0.2.1\"]; b [lw_endpoint=\"192.0.2.1\"] }", "endpoint 192.0.2.1 is used twice: by node a and by node b", 1 },
		{ "graph g { a [lw_endpoint=\"192.0.2.1 192.0.2.1\"] }", "node a has the endpoint 192.0.2.1 twice", 1 },
		{ "graph g { a [lw_endpoint=\"192.0.2.1\"]; b [lw_endpoint=\"2001:db8::1\"]; a -- b }", "a -- b: node a and node b have no endpoints of one family", 1 },
		{ "graph g { a; b [lw_endpoint=\"2001:db8::1\"]; a -- b }", "no endpoints of one family", 1 },
		{ "graph g { a [lw_rate=\"10mbps\"] }", "node a: lw_rate \"10mbps\" is no rate, such as 10mbit", 1 },
		{ "graph g { a [lw_max_links=\"-1\"] }", "node a: lw_max_links \"-1\" is no number of links", 1 },
		{ "graph g { a [lw_max_links=2]; a -- b; a:x -- a:y }", "node a has 3 links, and lw_max_links allows 2: a -- b, a:x -- a:y", 1 },
		{ "graph g { a -- b [lw_rate=0] }", "a -- b: lw_rate \"0\" is no rate", 1 },
		{ "graph g { a -- b [lw_floor=1] }", "a -- b: lw_floor \"1\" is no rate", 1 },
		{ "graph g { node [lw_rate=\"1mbit\"]; a -- b [lw_rate=\"10kbit\" lw_floor=\"20kbit\"] }", "its lw_floor 20kbit is more than its lw_rate 10kbit", 1 },
		{ "graph g { node [lw_rate=\"1mbit\"]; a -- b [lw_floor=\"600kbit\"]; b -- c [lw_floor=\"0.5mbit\"] }", "node b: the lw_floor of its wires is 1100kbit together, and its lw_rate 1mbit", 1 },
		{ "graph g { a [lw_rate=\"1mbit\"]; a -- b [lw_floor=\"600kbit\"] }", "node b has wires with lw_floor, but no lw_rate", 1 },
		{ "graph g { a -- b [lw_delay=20] }", "a -- b: lw_delay \"20\" is no time", 1 },
		{ "graph g { a -- b [lw_loss=\"101%\"] }", "a -- b: lw_loss \"101%\" is no share", 1 },
		{ "graph g { a -- b [lw_weight=0] }", "a -- b: lw_weight \"0\" is no number from 1 to 65535", 1 },
		{ "graph g { a -- b [lw_admin=off] }", "a -- b: lw_admin \"off\" is neither up nor down", 1 },
		{ "graph g { a -- b [lw_id=x]; b -- a [lw_id=x] }", "lw_id \"x\" is used twice between the same nodes: by a -- b and by b -- a", 1 },
		{ "graph g { a -- b [lw_id=x]; b:\"a~x\" -- a:p; a -- c [lw_id=x] }", "", 0 },
		{ "graph g { a -- b [lw_backup=auto lw_hold=300] }", "lw_backup auto: neither a nor b has a second IPv4 endpoint", 1 },
		{ "graph g { " TWO " a -- b [lw_backup=auto] }", "lw_backup needs lw_hold", 1 },
		{ "graph g { " TWO " a -- b [lw_backup=\"192.0.2.2\" lw_hold=300] }", "is none of auto, none, two endpoints", 1 },
		{ "graph g { " TWO " a -- b [lw_backup=\"192.0.2.9 none\" lw_hold=300] }", "lw_backup: 192.0.2.9 is no endpoint of node a", 1 },
		{ "graph g { " TWO " a -- b [lw_backup=\"none 192.0.2.3\" lw_hold=300] }", "lw_backup: 192.0.2.3 is the endpoint of node b that the wire uses already", 1 },
		{ "graph g { " TWO " a -- b [lw_backup=\"none 2001:db8::3\" lw_hold=300] }", "lw_backup: 2001:db8::3 is not IPv4, as the wire's endpoints are", 1 },
		{ "graph g { a [lw_netns=\"x/y\"] }", "cannot be the name of a network namespace", 1 },
		{ "graph g { a [lw_netns=x]; b [lw_netns=x] }", "node b and node a would both be in network namespace x", 1 },
		{ "graph g { a [lw_netns=\"g.b\"]; b }", "would both be in network namespace g.b", 1 },
	};

	(void)state;
	check_conflicts(cases, sizeof(cases) / sizeof(*cases));
}

static void all_at_once(void **state)
{
	struct diag d;

	(void)state;
	conflicts(&d, "graph g {\n lw_pool4=x\n a:p -- b:p [lw_mtu=1 lw_foo=1]\n b:p -- c [lw_mode=l4]\n}");
	assert_int_equal(d.errors, 5);
	assert_true(told(&d, "lw_pool4 \"x\""));
	assert_true(told(&d, "lw_foo on a:p -- b:p"));
	assert_true(told(&d, "lw_mtu \"1\""));
	assert_true(told(&d, "used twice"));
	assert_true(told(&d, "lw_mode \"l4\""));
	for (size_t i = 0; i < d.count; i++)
		if (strstr(d.entry[i].text, "lw_mode"))
			assert_int_equal(d.entry[i].line, 4);
	diag_free(&d);
}

static void more_than_fits_here(void **state)
{
	char *text = calloc(1, 20 * (TOPO_UNDERLAY_NODES + 2)), *at = text;
	struct topo_state want = { 0 };
	struct diag d = { 0 };

	(void)state;
	at += sprintf(at, "graph g {");
	for (int i = 0; i <= TOPO_UNDERLAY_NODES; i++)
		at += sprintf(at, " n%d", i);
	sprintf(at, " }");
	want_text(&want, text, NULL);
	assert_int_equal(want.node[TOPO_UNDERLAY_NODES].number, 1001);
	check_machine(&want, &d);
	assert_int_equal(d.errors, 1);
	assert_true(told(&d, "1001 nodes"));
	state_free(&want);
	diag_free(&d);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults),
		cmocka_unit_test(name_of_the_file),
		cmocka_unit_test(ports),
		cmocka_unit_test(identity),
		cmocka_unit_test(addresses_from_the_file),
		cmocka_unit_test(nobody_is_renumbered),
		cmocka_unit_test(strict_graphs),
		cmocka_unit_test(values),
		cmocka_unit_test(plain_wires_are_told),
		cmocka_unit_test(tenants),
		cmocka_unit_test(endpoints),
		cmocka_unit_test(ids),
		cmocka_unit_test(every_conflict),
		cmocka_unit_test(all_at_once),
		cmocka_unit_test(more_than_fits_here),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
