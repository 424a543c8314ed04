/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Security associations: one key, one direction. sa.c installs and removes them, limits.c spends what
 * a key may be used for, used_keys.c remembers keys.
 */
#ifndef _LW_SA_H
#define _LW_SA_H

#include <linux/refcount.h>
#include <linux/siphash.h>
#include "lane.h"
#include "wire.h"

/**
 * struct lw_limit - of one thing that a key is used up by
 * @soft: an event is raised when this many are reached
 * @hard: nothing is done beyond this many
 */
struct lw_limit {
	u64	soft;
	u64	hard;
};

/**
 * struct lw_limits - of a key; U64_MAX: none
 * @packets: under the key
 * @bytes: of plaintext
 * @blocks: of 16 bytes, one more a packet for the ICV's own
 * @failed: openings that were not authentic
 * @seconds: since the SA was installed
 */
struct lw_limits {
	struct lw_limit	packets;
	struct lw_limit	bytes;
	struct lw_limit	blocks;
	struct lw_limit	failed;
	struct lw_limit	seconds;
};

/**
 * struct lw_sa - one security association; the members that each packet needs come first
 * @by_tag: receiving: in the underlay's rx_sas
 * @by_tx_tag: transmitting: in the underlay's tx_sas
 * @tag: 24 bits, host byte order
 * @dir: enum linkwire_dir
 * @cipher: enum linkwire_cipher
 * @partial: transmitting: inner checksums may be left partial
 * @async: the cipher's driver may complete later: its packets are kept in order (aead.c)
 * @state: enum linkwire_sa_state; only rises
 * @lanes: how many there are
 * @wire: valid while the SA is installed, and for whoever found it under RCU or holds the
 *	device's reference
 * @aead: the transform; the only place that holds the key. NULL: a library is used (aead.c)
 * @sent: transmitting: one a lane; else NULL
 * @heard: receiving: one a lane, NULL before its first authentic packet
 * @salt: of AES-GCM: the nonce's first four bytes
 * @epoch: transmitting: the machine's copy that the key was installed in (lw_epoch)
 * @port_key: transmitting: for source ports
 * @start: transmitting: first counter
 * @req_size: of a request to @aead, bytes
 * @turn: receiving: which of its wire's it is, counted from 1
 * @forged: receiving: jiffies of the last train with a record that was; 0: none
 * @share: of each lane, of packets, bytes and blocks
 * @key: for the library; else nothing
 * @failed: receiving: openings that were not authentic
 * @limits: soft and hard
 * @installed: nanoseconds since boot
 * @aging: raises the limits in seconds
 * @refs: one for being installed, one for each packet that waits for a driver
 * @release: gives the installation's reference back, a grace period after the removal
 * @free: frees, in process context, after the last reference
 */
struct lw_sa {
	union {
		struct rhash_head	by_tag;
		struct rhlist_head	by_tx_tag;
	};
	u32			tag;
	u8			dir;
	u8			cipher;
	bool			partial;
	bool			async;
	int			state;
	u16			lanes;
	struct lw_wire		*wire;
	struct crypto_aead	*aead;
	struct lw_sent		*sent;
	struct lw_heard __rcu	**heard;

	u8			salt[4];
	u32			epoch;
	siphash_key_t		port_key;
	u64			start;
	u32			req_size;
	u32			turn;
	unsigned long		forged;
	struct lw_limits	share;
	u8			key[32];

	atomic64_t		failed;
	struct lw_limits	limits;
	u64			installed;
	struct delayed_work	aging;
	refcount_t		refs;
	struct rcu_work		release;
	struct work_struct	free;
};

/**
 * struct lw_cipher - what a cipher is
 * @name: of the kernel's crypto API
 * @key_len: bytes, without the salt
 * @salt_len: bytes
 * @blocks: default limits
 * @failed: default limits
 */
struct lw_cipher {
	const char	*name;
	u8		key_len;
	u8		salt_len;
	struct lw_limit	blocks;
	struct lw_limit	failed;
};

/* rises whenever the machine learns that it is a copy: transmitting SAs of an older epoch are dead */
extern u32 lw_epoch;

/* sa.c */
struct lw_sa *lw_sa_new(struct nlattr *tb[], struct netlink_ext_ack *extack);
int lw_sa_install(struct lw_wire *wire, struct lw_sa *sa, struct nlattr *tb[],
		  struct netlink_ext_ack *extack);
void lw_sa_remove(struct lw_sa *sa);
void lw_sa_remove_all(struct lw_wire *wire);
struct lw_sa *lw_sa_find(const struct lw_wire *wire, u8 dir, u32 tag);
void lw_sa_put(struct lw_sa *sa);
void lw_sa_kill_tx(void);
const struct lw_cipher *lw_cipher(u8 cipher);
extern const struct rhashtable_params lw_rx_sas_params;
extern const struct rhashtable_params lw_tx_sas_params;

/* limits.c */
int lw_limits_parse(struct lw_sa *sa, struct nlattr *tb[], struct netlink_ext_ack *extack);
bool lw_limits_share(struct lw_sa *sa);
bool lw_sa_spend_tx(struct lw_sa *sa, unsigned int len, u64 *packet_number);
bool lw_sa_spend_train(struct lw_sa *sa, unsigned int len, unsigned int last, unsigned int n,
		       u64 *packet_number);
bool lw_sa_room_rx(const struct lw_sa *sa, const struct lw_heard *h, unsigned int len,
		   unsigned int n);
void lw_sa_spend_rx(struct lw_sa *sa, struct lw_heard *h, unsigned int len, unsigned int last,
		    unsigned int n);
void lw_sa_spend_failed(struct lw_sa *sa);
void lw_sa_expire(struct lw_sa *sa);
u64 lw_sa_seconds(const struct lw_sa *sa);
void lw_sa_age(struct work_struct *work);
void lw_sa_age_next(struct lw_sa *sa);

/* used_keys.c */
int lw_used_keys_init(void);
void lw_used_keys_exit(void);
int lw_used_keys_add(const u8 *key, unsigned int len, u8 dir, u32 serial);

static inline struct lw_sa *lw_sa_by_tag(struct lw_underlay *ul, u32 tag)
{
	return rhashtable_lookup(&ul->rx_sas, &tag, lw_rx_sas_params);
}

/* Context: RCU, or the underlay's sa_lock */
static inline bool lw_sa_usable(const struct lw_sa *sa)
{
	return sa && READ_ONCE(sa->state) != LINKWIRE_SA_EXPIRED;
}

#endif /* _LW_SA_H */
