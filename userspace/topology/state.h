/* SPDX-License-Identifier: MIT */
/*
 * A topology as it should be or as it is: the same type for both, so that one is compared with the other, and so that
 * what was live before can be wished for again when an apply fails.
 */
#ifndef LINKWIRE_TOPO_STATE_H
#define LINKWIRE_TOPO_STATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "topology/arena.h"
#include "netlink/address.h"
#include "topology/strmap.h"

#define TOPO_KEY_LEN 16		/* digits of a wire's identity */
#define TOPO_MTU 1500		/* of a wire that says nothing else: what an Ethernet link has */
#define TOPO_MTU_MAX 9000
#define TOPO_UNDERLAY_MTU 9216	/* room for TOPO_MTU_MAX and what every encapsulation adds */
#define TOPO_UNDERLAY_NODES 1000	/* a bridge has 1024 ports */
#define TOPO_RX_SAS 4
#define TOPO_ENCAP_GRETAP 0x80	/* beside enum linkwire_encap: the kernel's own, of plain wires only */
#define TOPO_BRIDGE "br0"	/* the device that joins the wires in a bridge's namespace */

/* an address or a network, with its prefix's length */
struct topo_addr {
	struct lw_addr addr;
	uint8_t len;
};

/* an end of a wire, as a way into or out of its node */
struct topo_port {
	uint32_t wire;			/* index, or one of: */
	uint8_t end;
};

#define TOPO_ANY UINT32_MAX		/* whichever way it comes */
#define TOPO_LOCAL (UINT32_MAX - 1)	/* made by the node itself */
#define TOPO_GONE (UINT32_MAX - 2)	/* live only: a wire that is no more, or none of ours */

/* in a node's main table */
struct topo_route {
	struct topo_addr dst;
	uint8_t type;			/* RTN_UNICAST, RTN_PROHIBIT */
	struct topo_port out;		/* RTN_UNICAST only */
	struct lw_addr via;		/* family 0: the wire leads nowhere else */
	struct lw_addr prefsrc;		/* family 0: the system's choice */
};

/*
 * A chain goes another way than the main table says: at this node, what comes in by @in, of these addresses, leaves by
 * @out. @in may be TOPO_LOCAL (then any source: it is not chosen yet when the route is) or TOPO_ANY.
 */
struct topo_policy {
	struct topo_addr from, to;	/* from: length 0: all */
	struct topo_port in, out;
	struct lw_addr via;
	struct lw_addr prefsrc;
	uint32_t table;			/* live only */
};

/* What this node drops, whether it passes through (forward), arrives (input) or is made here (output). */
struct topo_denial {
	struct topo_addr from, to;
	struct topo_port *but;		/* what comes in by these is let through: the way of a chain */
	size_t buts;
};

struct topo_node {
	const char *name;		/* as written; of a node that is live only: as its namespace's name tells it */
	const char *label;		/* what people call it, where that is something else; desired only */
	const char *netns;		/* its network namespace */
	bool given;			/* the namespace is not ours to make or delete: lw_netns */
	const char *underlay;		/* the namespace beside it */
	uint32_t number;		/* of its address in the underlay network, from 1; 0: none */
	unsigned int line;
	bool bridge;			/* its wires are ports of TOPO_BRIDGE: no addresses, no routes */
	bool forwards;			/* IPv4 and IPv6 are forwarded */
	struct topo_addr *loopback;	/* on lo */
	size_t loopbacks;
	struct topo_addr *prefix;	/* networks behind it */
	size_t prefixes;
	struct lw_addr *endpoint;	/* in the underlay, the first one first; none: its address by number */
	size_t endpoints;
	uint64_t rate;			/* bytes a second of its link to the underlay, shared by floors; 0: unlimited */
	uint32_t max_links;		/* desired only; UINT32_MAX: no limit */
	struct topo_route *route;	/* in the order of state_compare_route() */
	size_t routes;
	struct topo_policy *policy;	/* the first that fits counts */
	size_t policies;
	struct topo_denial *denial;
	size_t denials;

	/* live only: what there is of it */
	bool has_underlay;
	bool has_netns;
	bool has_link;			/* from the underlay to the fabric, up and with its address */
	bool has_table;			/* of nftables, complete or not */
};

struct topo_end {
	size_t node;
	const char *port;		/* as written, or NULL */
	const char *ifname;
	struct topo_addr *addr;		/* ours: from the pools, or from the file */
	size_t addrs;
	struct lw_addr local, remote;	/* in the underlay */
	struct lw_addr backup;		/* second remote; family 0: none. The other end's local is none then */
	bool sources_on;		/* only what is in the list is accepted from the peer, even if it is empty */
	struct topo_addr *source;	/* sorted, none inside another */
	size_t sources;

	/* live only */
	bool present;
	uint32_t id;			/* of the wire in its underlay; 0: plain */
	uint32_t ifindex;
	bool away;			/* somebody moved the device out of the node's namespace */
	bool up;
	bool carrier;
	uint8_t encap, mode;
	uint32_t mtu, hold;
	uint8_t tunnel;			/* plain: enum lw_tunnel_kind */
	uint32_t tunnel_key;
	uint64_t rate, floor;		/* as of a wire */
	uint32_t delay_us, loss;
	uint32_t qdisc;			/* handle of what shapes it; 0: nothing of ours does */
	uint32_t mark;			/* of its packets in the underlay: the class of its floor; 0: none */
	bool bridged;			/* a port of TOPO_BRIDGE */
	uint32_t rx_tag[TOPO_RX_SAS];
	unsigned int rx_tags;
	bool has_tx;
	uint32_t tx_tag;
	uint8_t tx_cipher;
	uint64_t rx_packets, tx_packets, rx_bytes;
	uint64_t drops;			/* packets, for any reason that the module counts */
};

struct topo_wire {
	const char *name;		/* as written, "leaf01:swp51 -- spine01:swp1" */
	char key[TOPO_KEY_LEN + 1];	/* its identity: hash of both ends' nodes and interfaces */
	unsigned int line;
	uint8_t encap;			/* enum linkwire_encap or TOPO_ENCAP_GRETAP; live: as its first end has it */
	uint8_t mode;
	bool plain;			/* lw_cipher=none: the kernel's own vxlan, ipip (or ip6tnl), gretap device */
	uint8_t cipher;			/* 0: plain; live: no end has a key */
	uint32_t mtu;
	uint32_t hold;			/* ms */
	uint64_t rate, floor;		/* bytes a second, both ways; 0: none */
	uint32_t delay_us;		/* of each direction */
	uint32_t loss;			/* of UINT32_MAX, as netem has it */
	uint32_t weight;		/* desired only */
	bool down;			/* lw_admin=down */
	const char *id;			/* lw_id, or NULL; desired only */
	uint32_t segment;		/* desired only: index + 1 of the segment that it is part of; 0: none */
	bool wants4, wants6;		/* desired only: an address for each end, from the pool */
	struct topo_end end[2];		/* in the order of node and interface, whichever way the edge was written */
	uint8_t tail;			/* which of them was written first */
};

struct topo_pool {
	bool on;
	struct lw_addr base;
	uint8_t len;
};

/* desired only: wires that bridges join, and the ends that are no bridge's: neighbours of each other */
struct topo_segment {
	const char *name;		/* its bridges */
	unsigned int line;
	struct topo_port *port;
	size_t ports;
	struct topo_addr net4, net6;	/* that its ports' addresses are in: from the file, or from the pool; family 0: none */
	bool wants4, wants6;		/* there are ports without an address of the family */
};

/* desired only: lw_access=deny */
struct topo_rule {
	size_t a, b;			/* nodes */
	const char *name;		/* as written */
	unsigned int line;
};

/* desired only: lw_chain_… */
struct topo_chain {
	const char *name;		/* what follows lw_chain_ */
	size_t *node;			/* from end to end */
	size_t nodes;
	struct topo_port *path;		/* how it leaves each node on the way, from the first to the last; with routes */
	size_t hops;
};

struct topo_state {
	struct arena mem;
	const char *name;		/* from name_graph() */
	const char *title;		/* as written; of a tenant: TENANT/NAME */
	bool named;			/* desired only: by the graph, the file, or the command line */
	const char *fabric;		/* name of the namespace that joins the underlays */
	bool has_fabric;		/* it is wanted, or is there with its bridge */
	bool has_fabric_netns;		/* live: its namespace is there, maybe without */
	struct topo_node *node;
	size_t nodes, node_cap;
	struct topo_wire *wire;
	size_t wires, wire_cap;
	struct strmap by_underlay;	/* name of a node's underlay → node */
	struct strmap by_key;		/* identity → wire */
	struct topo_pool pool4, pool6;	/* desired only, as all that follows */
	bool routes_on, sources_on;
	struct topo_segment *segment;
	size_t segments, segment_cap;
	struct topo_rule *rule;
	size_t rules, rule_cap;
	struct topo_chain *chain;
	size_t chains, chain_cap;
};

struct topo_node *state_add_node(struct topo_state *s);
void state_expect_wires(struct topo_state *s, size_t n);
struct topo_wire *state_add_wire(struct topo_state *s);
void state_add_addr(struct topo_state *s, struct topo_end *end, const struct lw_addr *addr, uint8_t len);
struct lw_addr state_endpoint(const struct topo_node *node);
const char *state_encap_name(uint8_t encap);
int state_compare_addr(const struct topo_addr *a, const struct topo_addr *b);
int state_compare_route(const struct topo_route *a, const struct topo_route *b);
const struct topo_wire *state_find_wire(const struct topo_state *s, const char *key);
const struct topo_node *state_find_node(const struct topo_state *s, const char *underlay);
struct lw_addr state_underlay_addr(uint32_t number);
uint32_t state_underlay_number(const struct lw_addr *addr);
bool state_keyed(const struct topo_wire *w);
bool state_has_via(const struct topo_end *end, const struct lw_addr *via);
bool state_has_addr(const struct topo_end *end, const struct topo_addr *a);
void state_want_again(struct topo_state *again, const struct topo_state *was);
void state_free(struct topo_state *s);

#endif
