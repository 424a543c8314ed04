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
};

void compare(struct plan *p, const struct topo_state *want, const struct topo_state *live);
char step_sign(const struct step *s);
void plan_free(struct plan *p);

#endif
