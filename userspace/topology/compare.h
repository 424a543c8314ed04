/* SPDX-License-Identifier: MIT */
/*
 * What has to change for what is live to become what is wanted.
 */
#ifndef LINKWIRE_TOPO_COMPARE_H
#define LINKWIRE_TOPO_COMPARE_H

#include "topology/state.h"

/* in the order in which they are carried out */
enum step_kind {
	STEP_WIRE_DEL,
	STEP_NODE_DEL,
	STEP_FABRIC_ADD,
	STEP_NODE_ADD,
	STEP_NODE_MEND,		/* something of it is missing */
	STEP_NODE_REPLACE,
	STEP_NODE_CHANGE,	/* what it has beside its wires */
	STEP_WIRE_ADD,
	STEP_WIRE_REPLACE,	/* new devices */
	STEP_WIRE_CHANGE,	/* the devices stay */
	STEP_FABRIC_DEL,
};

enum {				/* what changes of a wire that stays */
	CHANGE_MTU = 1,
	CHANGE_HOLD = 2,
	CHANGE_PEER = 4,	/* underlay addresses */
	CHANGE_KEYS = 8,
	CHANGE_ADDR = 16,
	CHANGE_BACKUP = 32,
	CHANGE_SOURCES = 64,
	CHANGE_SHAPE = 128,	/* rate, delay, loss */
	CHANGE_FLOOR = 256,
	CHANGE_ADMIN = 512,
	CHANGE_BRIDGE = 1024,	/* a port of a bridge or none */
};

enum {				/* what a node has or gets: of new ones too */
	NODE_ENDPOINT = 1,
	NODE_RATE = 2,
	NODE_BRIDGE = 4,
	NODE_LOOPBACK = 8,
	NODE_FORWARD = 16,
	NODE_ROUTES = 32,
	NODE_POLICIES = 64,
	NODE_DENIALS = 128,
};

struct step {
	enum step_kind kind;
	size_t want;		/* index of the node or wire in the state wanted, where there is one */
	size_t live;		/* likewise in the live one */
	unsigned int changes;
	const char *why;	/* for people; NULL: new or gone */
};

struct plan {
	struct arena mem;
	struct step *step;
	size_t steps, cap;
	size_t add, change, remove;
	const struct topo_wire **stays;	/* of each wire wanted: the live one whose devices stay; NULL: none */
};

void compare(struct plan *p, const struct topo_state *want, const struct topo_state *live);
bool route_stays(const struct plan *p, const struct topo_state *live, const struct topo_route *want,
		 const struct topo_route *was);
bool policy_stays(const struct plan *p, const struct topo_state *live, const struct topo_policy *want,
		  const struct topo_policy *was);
bool denial_stays(const struct plan *p, const struct topo_state *live, const struct topo_denial *want,
		  const struct topo_denial *was);
char step_sign(const struct step *s);
void plan_free(struct plan *p);

#endif
