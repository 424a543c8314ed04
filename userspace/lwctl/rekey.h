/* SPDX-License-Identifier: MIT */
/*
 * New keys for a wire: the steps that both ways of it share.
 *
 * Whatever the way, the order is this, and no packet is lost: both ends get the new receiving SA; then both switch
 * transmission; then, when what was on its way has come, both lose their old receiving SAs.
 */
#ifndef LWCTL_REKEY_H
#define LWCTL_REKEY_H

#include "lwctl/args.h"
#include "lwctl/key.h"
#include "lwctl/sa_list.h"

#define REKEY_GRACE_MS		2000	/* for packets on their way; queues on a path hold less */
#define REKEY_TIMEOUT_MS	30000	/* for a peer on another machine */

/* what both ends' new SAs have in common */
struct rekey_like {
	uint8_t cipher;
	uint16_t lanes;		/* 0: the kernel's default */
	uint8_t csum;		/* enum lw_csum; 0: the kernel's default */
};

struct rekey_args {
	struct target wire, peer;
	const char *peer_netns;
	bool remote;		/* the peer is on another machine: a batch for it goes to standard output */
	uint8_t cipher;		/* 0: as now; likewise: */
	uint16_t lanes;
	uint8_t csum;		/* enum lw_csum */
	uint64_t grace, timeout;	/* ms */
	uint32_t seen;		/* options given, by their index in rekey.c's table */
};

/* one end of the wire that is in reach */
struct rekey_end {
	struct lw_nl *nl;
	struct lw_wire wire;
	const char *text;	/* for messages */
	struct sa_list before;	/* its SAs when we came */
	struct key key;		/* that it will receive with */
	uint32_t tag;		/* of its new receiving SA */
	bool receiving;		/* that SA is there */
};

/* Finds the wire and notes its SAs. LWCTL_OK, or a message and LWCTL_REFUSED. */
int rekey_end_open(struct lwctl *ctl, struct rekey_end *end, struct lw_nl *nl, const struct target *target);
void rekey_end_close(struct rekey_end *end);

/* As asked for, else as @end has it now; AES-256-GCM if it has nothing. */
struct rekey_like rekey_like(const struct rekey_args *args, const struct rekey_end *end);
const struct lw_sa *rekey_old_tx(const struct rekey_end *end);	/* NULL: none */

/* The new receiving SA with end->key; its tag is the kernel's choice. */
int rekey_receive(struct lwctl *ctl, struct rekey_end *end, const struct rekey_like *like);

/* Switches transmission to @key, which the peer knows by @tag. */
int rekey_transmit(struct lwctl *ctl, struct rekey_end *end, const struct rekey_like *like, const struct key *key,
		   uint32_t tag);

/* Takes the new receiving SA away again; for an undo, so without much ado. */
void rekey_undo_receive(struct rekey_end *end);

/*
 * Deletes the receiving SAs that were there before, but not one so young and unheard that it may belong to a rekeying
 * that is under way (from the other end, say): its peer would go on to transmit under it.
 */
int rekey_forget(struct lwctl *ctl, const struct rekey_args *args, struct rekey_end *end);

/* Has an authentic packet come under the new key? */
bool rekey_heard(struct rekey_end *end);

void rekey_sleep(uint64_t ms);
void rekey_grace(struct lwctl *ctl, const struct rekey_args *args);	/* sleeps, and says why */

int rekey_local(struct lwctl *ctl, const struct rekey_args *args);
int rekey_remote(struct lwctl *ctl, const struct rekey_args *args);

#endif
