/* SPDX-License-Identifier: MIT */
/*
 * What follows from the graph once addresses are known: routes, denials, chains, allowed sources. forwarding.c calls
 * the others, for each family, in the order of this list.
 */
#ifndef LINKWIRE_TOPO_FORWARDING_H
#define LINKWIRE_TOPO_FORWARDING_H

#include "topology/diag.h"
#include "topology/paths.h"
#include "topology/state.h"

#define TOPO_ROUTE_NODES 4096	/* with lw_routes=on: routes grow with the square of the nodes */

/* addresses of one family that are a node's, or live behind it */
struct own {
	struct topo_addr *each;		/* as they are */
	size_t n;
	struct topo_addr *merged;	/* the shortest list of the same */
	size_t merges;
};

/* a network that wires' ends are in */
struct wire_net {
	struct topo_addr net;
	struct topo_port *port;
	size_t ports;
	bool ruled;			/* one of them is of a node that must not talk to somebody */
};

/* what a node gets, of both families */
struct gathered {
	struct topo_route *route;
	size_t routes, route_cap;
	struct topo_policy *policy;
	size_t policies, policy_cap;
	struct topo_denial *denial;
	size_t denials, denial_cap;
};

struct forwarding {
	struct topo_state *s;
	struct diag *d;
	struct gathered *gathered;	/* by node */
	struct gathered common;		/* what everybody who could forward drops: one list for all of them */
	bool *told, *told_rule;		/* by chain and by rule: something is wrong with it */
	bool *ruled;			/* by node: there is somebody that it must not talk to */
	bool *addressed;		/* by node: it has an address, of any family */
	size_t *links;			/* by node: how many ends of wires it has */
	uint8_t family;
	size_t n;			/* nodes */
	struct paths paths;
	struct own *own;		/* by node */
	struct wire_net *net;
	size_t nets;
	struct topo_port *net_port;	/* of all of them */
	struct tree *tree;		/* by node: the ways to it; bridges have none; NULL: no routes */
	uint64_t *apart;		/* n × n bits: what the first sends to the second goes by no tree; likewise */
	uint64_t *heard;		/* ends × n bits: what each end hears of which node; NULL: nobody wants to know */
	size_t words;			/* of n bits */
};

void forwarding(struct topo_state *s, struct diag *d);

void gather_route(struct forwarding *f, size_t node, const struct topo_route *r);
void gather_policy(struct forwarding *f, size_t node, const struct topo_policy *p);
void gather_denial(struct gathered *g, const struct topo_denial *d);
bool could_forward(const struct forwarding *f, size_t node);
bool apart(const struct forwarding *f, size_t from, size_t to);
void set_apart(struct forwarding *f, size_t a, size_t b);
const struct topo_addr *loopback_of(const struct topo_node *n, uint8_t family);
void hear(struct forwarding *f, const struct topo_port *at, size_t node);
void hear_step(struct forwarding *f, const struct step_on *step, size_t node);
bool has_end(const struct forwarding *f, const struct wire_net *net, size_t node);
size_t nearest(const struct forwarding *f, const struct wire_net *net, size_t node);

void add_denials(struct forwarding *f);			/* access.c */
void add_chains(struct forwarding *f);			/* chains.c */
void add_routes(struct forwarding *f);			/* routes.c */
void add_sources(struct forwarding *f);			/* sources.c */

#endif
