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

struct topo_addr {
	struct lw_addr addr;
	uint8_t len;
};

struct topo_node {
	const char *name;		/* as written; of a node that is live only: as its namespace's name tells it */
	const char *netns;		/* its network namespace */
	bool given;			/* the namespace is not ours to make or delete: lw_netns */
	const char *underlay;		/* the namespace beside it */
	uint32_t number;		/* of its address in the underlay network, from 1; 0: none yet */
	unsigned int line;

	/* live only: what there is of it */
	bool has_underlay;
	bool has_netns;
	bool has_link;			/* from the underlay to the fabric, up and with its address */
};

struct topo_end {
	size_t node;
	const char *port;		/* as written, or NULL */
	const char *ifname;
	struct topo_addr *addr;		/* ours: from the pools, or from the file */
	size_t addrs;

	/* live only */
	bool present;
	uint32_t id;			/* of the wire in its underlay */
	uint32_t ifindex;
	bool away;			/* somebody moved the device out of the node's namespace */
	bool up;
	bool carrier;
	uint8_t encap, mode;
	uint32_t mtu, hold;
	struct lw_addr local, remote;
	uint32_t rx_tag[TOPO_RX_SAS];
	unsigned int rx_tags;
	bool has_tx;
	uint32_t tx_tag;
	uint8_t tx_cipher;
	uint64_t rx_packets, tx_packets;
};

struct topo_wire {
	const char *name;		/* as written, "leaf01:swp51 -- spine01:swp1" */
	char key[TOPO_KEY_LEN + 1];	/* its identity: hash of both ends' nodes and interfaces */
	unsigned int line;
	uint8_t encap;			/* enum linkwire_encap …; live: as its first end has it */
	uint8_t mode;
	uint8_t cipher;			/* live: 0: no end has a key */
	uint32_t mtu;
	uint32_t hold;			/* ms */
	bool wants4, wants6;		/* desired only: an address for each end, from the pool */
	struct topo_end end[2];		/* in the order of node and interface, whichever way the edge was written */
	uint8_t tail;			/* which of them was written first */
};

struct topo_pool {
	bool on;
	struct lw_addr base;
	uint8_t len;
};

struct topo_state {
	struct arena mem;
	const char *name;		/* from name_graph() */
	const char *title;		/* as written */
	const char *fabric;		/* name of the namespace that joins the underlays */
	bool has_fabric;		/* it is wanted, or is there with its bridge */
	bool has_fabric_netns;		/* live: its namespace is there, maybe without */
	struct topo_node *node;
	size_t nodes, node_cap;
	struct topo_wire *wire;
	size_t wires, wire_cap;
	struct strmap by_underlay;	/* name of a node's underlay → node */
	struct strmap by_key;		/* identity → wire */
	struct topo_pool pool4, pool6;	/* desired only */
};

struct topo_node *state_add_node(struct topo_state *s);
struct topo_wire *state_add_wire(struct topo_state *s);
void state_add_addr(struct topo_state *s, struct topo_end *end, const struct lw_addr *addr, uint8_t len);
const struct topo_wire *state_find_wire(const struct topo_state *s, const char *key);
const struct topo_node *state_find_node(const struct topo_state *s, const char *underlay);
struct lw_addr state_underlay_addr(uint32_t number);
uint32_t state_underlay_number(const struct lw_addr *addr);
bool state_keyed(const struct topo_wire *w);
bool state_has_addr(const struct topo_end *end, const struct topo_addr *a);
void state_want_again(struct topo_state *again, const struct topo_state *was);
void state_free(struct topo_state *s);

#endif
