/* SPDX-License-Identifier: MIT */
/*
 * Security associations: LINKWIRE_CMD_SA_*.
 */
#ifndef LW_NETLINK_SA_H
#define LW_NETLINK_SA_H

#include "netlink/wire.h"

/* a security association to be installed */
struct lw_sa_new {
	uint8_t dir;		/* enum linkwire_dir */
	bool has_tag;
	uint32_t tag;		/* 24 bits; receiving: without has_tag the kernel draws one */
	uint8_t cipher;		/* enum linkwire_cipher */
	const uint8_t *key;	/* key and salt, lw_cipher_key_size() bytes; the caller wipes it */
	uint8_t key_len;
	uint16_t lanes;		/* 0: the kernel's default; as many in the peer's SA of the other direction */
	uint8_t csum;		/* enum lw_csum; 0: the kernel's default; transmitting only */
	uint64_t start;		/* 0: the kernel's choice; transmitting only */
	uint64_t soft_packets, hard_packets;	/* limits; 0: the cipher's */
	uint64_t soft_bytes, hard_bytes;
	uint64_t soft_seconds, hard_seconds;
};

/* one that exists */
struct lw_sa {
	uint32_t wire;		/* id */
	uint32_t ifindex;	/* of the wire's device, 0: not told */
	uint32_t has;		/* LW_HAS(LINKWIRE_A_SA_…) of what the answer carried */
	uint8_t dir;
	uint32_t tag;
	uint8_t cipher;
	uint16_t lanes;
	uint8_t csum;		/* enum lw_csum; transmitting only */
	uint64_t soft_packets, hard_packets, soft_bytes, hard_bytes, soft_seconds, hard_seconds;
	uint8_t state;		/* enum linkwire_sa_state */
	uint64_t age;		/* seconds */
	uint64_t counter;
	uint64_t packets, bytes, blocks, failed;
	char driver[64];
};

/*
 * Builders, for a batch of NETLINK_GENERIC: return the request's index or a negative errno.
 * With @echo the kernel answers with the SA (lw_sa_parse() in the reply function), so that its tag is known.
 */
int lw_sa_add(struct lw_batch *b, struct lw_wire_ref ref, const struct lw_sa_new *sa, bool echo);
int lw_sa_del(struct lw_batch *b, struct lw_wire_ref ref, uint8_t dir, bool has_tag, uint32_t tag);

/* An answer or event that carries an SA. Returns 0, or -EBADMSG if it carries none. */
int lw_sa_parse(const struct nlmsghdr *nlh, struct lw_sa *sa);

/* Adds one SA and gives back its tag: a batch of one, for callers without a batch of their own. */
int lw_sa_add_now(struct lw_nl *nl, struct lw_wire_ref ref, const struct lw_sa_new *sa, uint32_t *tag,
		  struct lw_error *err);

typedef int lw_sa_fn(const struct lw_sa *sa, void *arg);

/* All SAs of the underlay, or of one wire (@ref not NULL). */
int lw_sa_dump(struct lw_nl *nl, const struct lw_wire_ref *ref, lw_sa_fn *fn, void *arg, struct lw_error *err);
int lw_sa_get(struct lw_nl *nl, struct lw_wire_ref ref, uint8_t dir, uint32_t tag, struct lw_sa *sa,
	      struct lw_error *err);

#endif
