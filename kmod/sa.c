// SPDX-License-Identifier: GPL-2.0
/* Security associations: made, installed, removed. */

#include <linux/ktime.h>
#include <linux/random.h>
#include <net/net_namespace.h>
#include <net/netlink.h>
#include "aead.h"
#include "sa.h"

u32 lw_epoch;

static const struct lw_cipher lw_ciphers[] = {
	/* blocks: NIST SP 800-38D, 8.3, leaves 2^-32 of a chance of a collision far away at 2^40;
	 * failed openings of ChaCha20-Poly1305: RFC 9001, 6.6
	 */
	[LINKWIRE_CIPHER_AES_128_GCM] = {
		"gcm(aes)", 16, 4, { 1ULL << 36, 1ULL << 40 }, { U64_MAX, U64_MAX } },
	[LINKWIRE_CIPHER_AES_256_GCM] = {
		"gcm(aes)", 32, 4, { 1ULL << 36, 1ULL << 40 }, { U64_MAX, U64_MAX } },
	[LINKWIRE_CIPHER_CHACHA20_POLY1305] = {
		"rfc7539(chacha20,poly1305)", 32, 0, { U64_MAX, U64_MAX },
		{ 1ULL << 35, 1ULL << 36 } },
};

const struct rhashtable_params lw_rx_sas_params = {
	.key_len		= sizeof(u32),
	.key_offset		= offsetof(struct lw_sa, tag),
	.head_offset		= offsetof(struct lw_sa, by_tag),
	.automatic_shrinking	= true,
};

const struct rhashtable_params lw_tx_sas_params = {
	.key_len		= sizeof(u32),
	.key_offset		= offsetof(struct lw_sa, tag),
	.head_offset		= offsetof(struct lw_sa, by_tx_tag),
	.automatic_shrinking	= true,
};

/**
 * lw_cipher - what a cipher is
 * @cipher: enum linkwire_cipher, as the policy let it through
 * Return: never NULL.
 */
const struct lw_cipher *lw_cipher(u8 cipher)
{
	return &lw_ciphers[cipher];
}

/* Process context; the last reference is gone: nobody knows the SA any more. */
static void lw_sa_free(struct work_struct *work)
{
	struct lw_sa *sa = container_of(work, struct lw_sa, free);

	crypto_free_aead(sa->aead);	/* wipes the key */
	lw_lanes_free(sa);
	kfree_sensitive(sa);
}

/**
 * lw_sa_put - give a reference back
 * @sa: freed with the last one, by a worker: freeing a transform may sleep
 * Context: any.
 */
void lw_sa_put(struct lw_sa *sa)
{
	if (refcount_dec_and_test(&sa->refs))
		queue_work(lw_wq, &sa->free);
}

/* A grace period after the SA was removed: no one can find it any more. */
static void lw_sa_release(struct work_struct *work)
{
	lw_sa_put(container_of(to_rcu_work(work), struct lw_sa, release));
}

/**
 * lw_sa_new - make an SA from a request, known to nobody yet
 * @tb: LINKWIRE_A_SA_*
 * @extack: says what is wrong
 *
 * Context: process, no lock: allocating a transform may load a module.
 * Return: the SA, with one reference; or an error.
 */
struct lw_sa *lw_sa_new(struct nlattr *tb[], struct netlink_ext_ack *extack)
{
	u8 dir = nla_get_u8(tb[LINKWIRE_A_SA_DIR]), which = nla_get_u8(tb[LINKWIRE_A_SA_CIPHER]);
	bool rx = dir == LINKWIRE_DIR_RX;
	u16 lanes = tb[LINKWIRE_A_SA_LANES] ? nla_get_u16(tb[LINKWIRE_A_SA_LANES]) : 1;
	const struct lw_cipher *cipher = lw_cipher(which);
	struct nlattr *key = tb[LINKWIRE_A_SA_KEY];
	struct lw_sa *sa;
	int err;

	if (nla_len(key) != cipher->key_len + cipher->salt_len) {
		NL_SET_ERR_MSG_ATTR(extack, key, "key of the wrong length for its cipher");
		return ERR_PTR(-EINVAL);
	}
	if (rx && tb[LINKWIRE_A_SA_START]) {
		NL_SET_ERR_MSG_ATTR(extack, tb[LINKWIRE_A_SA_START],
				    "a start is the transmitter's to say");
		return ERR_PTR(-EINVAL);
	}
	if (rx && tb[LINKWIRE_A_SA_CSUM_PARTIAL]) {
		NL_SET_ERR_MSG_ATTR(extack, tb[LINKWIRE_A_SA_CSUM_PARTIAL],
				    "partial checksums are the transmitter's to send, or not");
		return ERR_PTR(-EINVAL);
	}
	sa = kzalloc(sizeof(*sa), GFP_KERNEL_ACCOUNT);
	if (!sa)
		return ERR_PTR(-ENOMEM);
	sa->dir = dir;
	sa->cipher = which;
	sa->partial = !tb[LINKWIRE_A_SA_CSUM_PARTIAL] ||
		      nla_get_u8(tb[LINKWIRE_A_SA_CSUM_PARTIAL]);
	sa->state = LINKWIRE_SA_ACTIVE;
	refcount_set(&sa->refs, 1);
	INIT_RCU_WORK(&sa->release, lw_sa_release);
	INIT_WORK(&sa->free, lw_sa_free);
	INIT_DELAYED_WORK(&sa->aging, lw_sa_age);
	get_random_bytes(&sa->port_key, sizeof(sa->port_key));
	memcpy(sa->salt, nla_data(key) + cipher->key_len, cipher->salt_len);

	err = lw_limits_parse(sa, tb, extack) ?: lw_lanes_alloc(sa, rx, lanes);
	if (!err && !lw_limits_share(sa)) {
		NL_SET_ERR_MSG(extack, "a hard limit is below the number of lanes");
		err = -EINVAL;
	}
	if (!err)
		err = lw_aead_new(sa, cipher->name, nla_data(key), cipher->key_len, extack);
	if (err) {
		lw_lanes_free(sa);
		kfree_sensitive(sa);
		return ERR_PTR(err);
	}
	return sa;
}

static int lw_sa_count_rx(const struct lw_wire *wire)
{
	int i, n = 0;

	for (i = 0; i < LINKWIRE_RX_SA_MAX; i++)
		n += !!rcu_access_pointer(wire->rx[i]);
	return n;
}

/* a tag that nobody can foresee, and no one receives by */
static bool lw_tag_draw(struct lw_underlay *ul, u32 *tag)
{
	int tries;

	/* half of all tags would have to be in use for this to fail once in a million times */
	for (tries = 0; tries < 20; tries++) {
		*tag = get_random_u32() & LINKWIRE_TAG_MAX;
		if (!rhashtable_lookup_fast(&ul->rx_sas, tag, lw_rx_sas_params))
			return true;
	}
	return false;
}

static int lw_sa_check_rx(struct lw_wire *wire, struct lw_sa *sa, struct nlattr *tag,
			  struct netlink_ext_ack *extack)
{
	if (lw_sa_count_rx(wire) == LINKWIRE_RX_SA_MAX) {
		NL_SET_ERR_MSG(extack, "wire has four receiving SAs: delete one first");
		return -ENOSPC;
	}
	if (!tag) {
		if (lw_tag_draw(wire->underlay, &sa->tag))
			return 0;
		NL_SET_ERR_MSG(extack, "too many tags are in use to find a free one");
		return -ENOSPC;
	}
	sa->tag = nla_get_u32(tag);
	if (rhashtable_lookup_fast(&wire->underlay->rx_sas, &sa->tag, lw_rx_sas_params)) {
		NL_SET_ERR_MSG_ATTR(extack, tag, "tag in use");
		return -EEXIST;
	}
	return 0;
}

/*
 * The counter starts from the clock, 64 ns a packet, so that a key that is installed again after a
 * reboot starts above where it stopped; a clock that is known to be wrong would break that.
 */
static int lw_sa_check_tx(struct lw_sa *sa, struct nlattr *tb[], struct netlink_ext_ack *extack)
{
	u64 now = ktime_get_real_ns(), start;

	if (now < (u64)LW_SOURCE_EPOCH * NSEC_PER_SEC) {
		NL_SET_ERR_MSG(extack, "the clock is before the day this module was made: set it");
		return -EINVAL;
	}
	sa->tag = nla_get_u32(tb[LINKWIRE_A_SA_TAG]);
	start = now >> 6;
	if (tb[LINKWIRE_A_SA_START])
		start = max(start, nla_get_u64(tb[LINKWIRE_A_SA_START]));
	if (start > LINKWIRE_COUNTER_MAX) {
		NL_SET_ERR_MSG(extack, "no packet numbers are left: the clock is beyond 2116");
		return -ERANGE;
	}
	lw_lanes_start(sa, start);
	sa->epoch = READ_ONCE(lw_epoch);
	return 0;
}

static int lw_sa_insert(struct lw_wire *wire, struct lw_sa *sa)
{
	struct lw_underlay *ul = wire->underlay;
	struct lw_sa *old;
	int err, i;

	if (sa->dir == LINKWIRE_DIR_TX) {
		err = rhltable_insert(&ul->tx_sas, &sa->by_tx_tag, lw_tx_sas_params);
		if (err)
			return err;
		old = rcu_replace_pointer(wire->tx, sa, lockdep_is_held(&ul->sa_lock));
		if (old)
			lw_sa_remove(old);
		return 0;
	}
	sa->turn = ++wire->turns;
	err = rhashtable_insert_fast(&ul->rx_sas, &sa->by_tag, lw_rx_sas_params);
	if (err)
		return err;
	for (i = 0; rcu_access_pointer(wire->rx[i]); i++)
		;
	rcu_assign_pointer(wire->rx[i], sa);
	return 0;
}

/**
 * lw_sa_install - give a wire an SA; a transmitting one replaces the one before
 * @wire: found under the underlay's sa_lock
 * @sa: from lw_sa_new(); its reference passes to the wire if all is well
 * @tb: LINKWIRE_A_SA_*
 * @extack: says what is wrong
 *
 * The key is burnt last of all that can be refused: a request that was refused may be mended
 * and sent again.
 *
 * Context: process, sa_lock held. Return: 0 or an error; the SA stays the caller's then.
 */
int lw_sa_install(struct lw_wire *wire, struct lw_sa *sa, struct nlattr *tb[],
		  struct netlink_ext_ack *extack)
{
	int err;

	lockdep_assert_held(&wire->underlay->sa_lock);
	sa->wire = wire;
	if (sa->dir == LINKWIRE_DIR_TX)
		err = lw_sa_check_tx(sa, tb, extack);
	else
		err = lw_sa_check_rx(wire, sa, tb[LINKWIRE_A_SA_TAG], extack);
	if (err)
		return err;
	err = lw_used_keys_add(nla_data(tb[LINKWIRE_A_SA_KEY]), lw_cipher(sa->cipher)->key_len,
			       sa->dir, wire->serial);
	if (err) {
		if (err == -EKEYREJECTED)
			NL_SET_ERR_MSG_ATTR(extack, tb[LINKWIRE_A_SA_KEY],
					    "this key was installed before: keys are one-time");
		return err;
	}
	/* before anyone can find the SA, and ask for its age */
	sa->installed = ktime_get_boottime_ns();
	err = lw_sa_insert(wire, sa);
	if (err)
		return err;
	lw_sa_age_next(sa);
	lw_carrier_update(wire);
	return 0;
}

/**
 * lw_sa_remove - take an SA from its wire
 * @sa: installed
 *
 * Those who may still hold it: receivers that found it by its tag, and senders that read
 * wire->tx, both under RCU, who may take a reference for a packet that is to wait: the installation's
 * own is given back a grace period from now, so that theirs always succeeds and no packet is lost
 * to a rekey. Packets that wait for a driver, each with its reference. Its own work, which is waited for
 * here.
 *
 * Context: process, sa_lock held.
 */
void lw_sa_remove(struct lw_sa *sa)
{
	struct lw_wire *wire = sa->wire;
	struct lw_underlay *ul = wire->underlay;
	int i;

	lockdep_assert_held(&ul->sa_lock);
	if (sa->dir == LINKWIRE_DIR_TX) {
		if (rcu_access_pointer(wire->tx) == sa)
			RCU_INIT_POINTER(wire->tx, NULL);
		rhltable_remove(&ul->tx_sas, &sa->by_tx_tag, lw_tx_sas_params);
	} else {
		for (i = 0; i < LINKWIRE_RX_SA_MAX; i++)
			if (rcu_access_pointer(wire->rx[i]) == sa)
				RCU_INIT_POINTER(wire->rx[i], NULL);
		rhashtable_remove_fast(&ul->rx_sas, &sa->by_tag, lw_rx_sas_params);
	}
	cancel_delayed_work_sync(&sa->aging);
	if (!wire->dead)
		lw_carrier_update(wire);
	queue_rcu_work(lw_wq, &sa->release);
}

/**
 * lw_sa_remove_all - take all SAs from a wire
 * @wire: being deleted
 * Context: process, sa_lock held.
 */
void lw_sa_remove_all(struct lw_wire *wire)
{
	struct lw_sa *sa;
	int i;

	sa = rcu_dereference_protected(wire->tx, lockdep_is_held(&wire->underlay->sa_lock));
	if (sa)
		lw_sa_remove(sa);
	for (i = 0; i < LINKWIRE_RX_SA_MAX; i++) {
		sa = rcu_dereference_protected(wire->rx[i],
					       lockdep_is_held(&wire->underlay->sa_lock));
		if (sa)
			lw_sa_remove(sa);
	}
}

/**
 * lw_sa_find - an SA of a wire by direction and tag
 * @wire: the wire
 * @dir: enum linkwire_dir
 * @tag: host byte order
 * Context: sa_lock held. Return: the SA or NULL.
 */
struct lw_sa *lw_sa_find(const struct lw_wire *wire, u8 dir, u32 tag)
{
	struct lw_sa *sa;
	int i;

	if (dir == LINKWIRE_DIR_TX) {
		sa = rcu_dereference_protected(wire->tx,
					       lockdep_is_held(&wire->underlay->sa_lock));
		return sa && sa->tag == tag ? sa : NULL;
	}
	for (i = 0; i < LINKWIRE_RX_SA_MAX; i++) {
		sa = rcu_dereference_protected(wire->rx[i],
					       lockdep_is_held(&wire->underlay->sa_lock));
		if (sa && sa->tag == tag)
			return sa;
	}
	return NULL;
}

/**
 * lw_sa_kill_tx - this machine is a copy, or has one: no key may be used for sending any more
 *
 * The epoch alone stops them all at once; the walk raises the events.
 * Context: process; sleeps.
 */
void lw_sa_kill_tx(void)
{
	struct lw_underlay *ul;
	struct lw_wire *wire;
	struct lw_sa *sa;
	unsigned long id;
	struct net *net;

	WRITE_ONCE(lw_epoch, lw_epoch + 1);
	down_read(&net_rwsem);
	for_each_net(net) {
		ul = lw_underlay_get(net);
		mutex_lock(&ul->sa_lock);
		xa_for_each(&ul->wires, id, wire) {
			rcu_read_lock();
			sa = rcu_dereference(wire->tx);
			if (sa && sa->epoch != lw_epoch)
				lw_sa_expire(sa);
			rcu_read_unlock();
		}
		mutex_unlock(&ul->sa_lock);
	}
	up_read(&net_rwsem);
}
