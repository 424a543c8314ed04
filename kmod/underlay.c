// SPDX-License-Identifier: GPL-2.0
/* What a netns keeps of the wires that were made in it, and how they go when it goes. */

#include <net/netns/generic.h>
#include <net/rtnetlink.h>
#include "compat.h"
#include "encap.h"
#include "events.h"
#include "sa.h"
#include "socket.h"

#define LW_SAME_TAG_MAX	256	/* SAs of one tag that an ICMP error is held against: peers choose tags */

unsigned int lw_net_id;

/**
 * struct lw_remote - an address that peers of ours have
 * @node: in the underlay's remotes
 * @addr: the key; IPv4 with zeroes behind it
 * @wires: to it
 * @rcu: frees, when the last wire has gone
 */
struct lw_remote {
	struct rhash_head	node;
	struct lw_addr		addr;
	struct hlist_head	wires;
	struct rcu_head		rcu;
};

static const struct rhashtable_params lw_remotes_params = {
	.key_len		= sizeof(struct lw_addr),
	.key_offset		= offsetof(struct lw_remote, addr),
	.head_offset		= offsetof(struct lw_remote, node),
	.automatic_shrinking	= true,
};

/**
 * lw_underlay_get - what a netns keeps of its wires
 * @net: the netns
 * Return: never NULL while the module is loaded.
 */
struct lw_underlay *lw_underlay_get(struct net *net)
{
	return net_generic(net, lw_net_id);
}

/**
 * lw_underlay_hold - a wire's device is going to be, or a configuration's routes wait to be released
 * @ul: its underlay
 */
void lw_underlay_hold(struct lw_underlay *ul)
{
	refcount_inc(&ul->users);
}

/**
 * lw_underlay_put - the device was destroyed, the routes are released; or the netns goes
 * @ul: its underlay
 */
void lw_underlay_put(struct lw_underlay *ul)
{
	if (refcount_dec_and_test(&ul->users))
		complete(&ul->gone);
}

/**
 * lw_underlay_find - a wire by its id
 * @ul: the underlay
 * @id: of the wire
 * Context: sa_lock held, and the wire stays while it is; or rtnl, likewise.
 * Return: the wire or NULL.
 */
struct lw_wire *lw_underlay_find(struct lw_underlay *ul, u32 id)
{
	return xa_load(&ul->wires, id);
}

/**
 * lw_underlay_add - give a new wire its id
 * @ul: the underlay
 * @wire: registered, and not yet known to anybody by its id
 * @id: wanted; 0: any
 * Context: process, rtnl. Return: 0; -EBUSY if the id is in use; or an error.
 */
int lw_underlay_add(struct lw_underlay *ul, struct lw_wire *wire, u32 id)
{
	int err;

	mutex_lock(&ul->sa_lock);
	if (id) {
		wire->id = id;
		err = xa_insert(&ul->wires, id, wire, GFP_KERNEL);
	} else {
		err = xa_alloc_cyclic(&ul->wires, &wire->id, wire, XA_LIMIT(1, U32_MAX),
				      &ul->next_id, GFP_KERNEL);
	}
	mutex_unlock(&ul->sa_lock);
	if (err < 0)
		return err;
	spin_lock_bh(&wire->lock);
	lw_underlay_remote(wire, &rcu_dereference_protected(wire->conf,
							    lockdep_is_held(&wire->lock))->remote);
	spin_unlock_bh(&wire->lock);
	return 0;
}

/**
 * lw_underlay_del - a wire goes: no SA, and no one finds it any more
 * @wire: its device is down and unlisted
 * Context: process, rtnl.
 */
void lw_underlay_del(struct lw_wire *wire)
{
	struct lw_underlay *ul = wire->underlay;

	mutex_lock(&ul->sa_lock);
	spin_lock_bh(&wire->lock);
	wire->dead = true;
	lw_underlay_remote(wire, NULL);
	spin_unlock_bh(&wire->lock);
	lw_sa_remove_all(wire);
	xa_erase(&ul->wires, wire->id);
	mutex_unlock(&ul->sa_lock);
}

static struct lw_remote *lw_remote_get(struct lw_underlay *ul, const struct lw_addr *addr)
{
	struct lw_remote *r = rhashtable_lookup_fast(&ul->remotes, addr, lw_remotes_params);

	if (r)
		return r;
	r = kzalloc(sizeof(*r), GFP_ATOMIC | __GFP_NOWARN);
	if (!r)
		return NULL;
	r->addr = *addr;
	if (rhashtable_insert_fast(&ul->remotes, &r->node, lw_remotes_params)) {
		kfree(r);
		return NULL;
	}
	return r;
}

/**
 * lw_underlay_remote - a wire has another peer; or none, as it goes
 * @wire: its lock is held
 * @addr: the peer's address; NULL: none
 *
 * Losing this for want of memory loses ICMP errors that quote too little, nothing else. A reader
 * who is at the wire when it moves goes on in its new list: lw_quoted() looks at each it meets.
 */
void lw_underlay_remote(struct lw_wire *wire, const struct lw_addr *addr)
{
	struct lw_underlay *ul = wire->underlay;
	struct lw_remote *r = wire->remote;

	spin_lock(&ul->remotes_lock);
	if (r) {
		hlist_del_init_rcu(&wire->by_remote);
		if (hlist_empty(&r->wires)) {
			rhashtable_remove_fast(&ul->remotes, &r->node, lw_remotes_params);
			kfree_rcu(r, rcu);
		}
	}
	r = addr ? lw_remote_get(ul, addr) : NULL;
	wire->remote = r;
	if (r)
		hlist_add_head_rcu(&wire->by_remote, &r->wires);
	spin_unlock(&ul->remotes_lock);
}

static bool lw_quoted_wire(const struct lw_wire *wire, const struct lw_encap_ops *encap,
			   u16 family, const struct lw_addr *remote, const struct lw_addr *local,
			   __be16 dst_port)
{
	const struct lw_conf *conf = rcu_dereference(wire->conf);

	return wire->encap == encap && conf->family == family &&
	       lw_addr_equal(family, &conf->remote, remote) &&
	       (lw_addr_any(family, &conf->local) || lw_addr_equal(family, &conf->local, local)) &&
	       (!encap->socket || conf->remote_port == dst_port);
}

/**
 * lw_quoted - is a packet that an ICMP error quotes one of ours?
 * @ul: the netns that the error came to
 * @encap: of the packet
 * @family: of its addresses
 * @remote: its destination
 * @local: its source
 * @dst_port: its UDP destination port, if it has one
 * @shim: the shim's first word, if it is quoted: then its tag must be one that we send to. An
 *	error that quotes less is believed if a wire has these endpoints; of many to one peer, a
 *	few are looked at.
 *
 * Context: BH disabled, RCU. Return: a wire that it may be of; NULL if the packet is not ours.
 */
const struct lw_wire *lw_quoted(struct lw_underlay *ul, const struct lw_encap_ops *encap,
				u16 family, const struct lw_addr *remote,
				const struct lw_addr *local, __be16 dst_port, const __be32 *shim)
{
	struct rhlist_head *list, *at;
	struct lw_addr key = {};
	struct lw_remote *r;
	struct lw_wire *wire;
	int most = 8;
	struct lw_sa *sa;
	u32 tag;

	if (shim) {
		tag = get_unaligned_be32(shim) >> 8;
		list = rhltable_lookup(&ul->tx_sas, &tag, lw_tx_sas_params);
		most = LW_SAME_TAG_MAX;
		rhl_for_each_entry_rcu(sa, at, list, by_tx_tag) {
			if (lw_quoted_wire(sa->wire, encap, family, remote, local, dst_port))
				return sa->wire;
			if (!--most)
				break;
		}
		return NULL;
	}
	memcpy(&key, remote, lw_addr_len(family));
	r = rhashtable_lookup(&ul->remotes, &key, lw_remotes_params);
	if (!r)
		return NULL;
	hlist_for_each_entry_rcu(wire, &r->wires, by_remote) {
		if (lw_quoted_wire(wire, encap, family, remote, local, dst_port))
			return wire;
		if (!--most)
			break;
	}
	return NULL;
}

static int __net_init lw_underlay_net_init(struct net *net)
{
	struct lw_underlay *ul = lw_underlay_get(net);
	int err;

	ul->net = net;
	mutex_init(&ul->sa_lock);
	spin_lock_init(&ul->remotes_lock);
	refcount_set(&ul->users, 1);
	init_completion(&ul->gone);
	xa_init_flags(&ul->wires, XA_FLAGS_ALLOC1);
	ul->stats = lw_stats_alloc();
	if (!ul->stats)
		return -ENOMEM;
	err = rhashtable_init(&ul->rx_sas, &lw_rx_sas_params);
	if (err)
		goto err_stats;
	err = rhltable_init(&ul->tx_sas, &lw_tx_sas_params);
	if (err)
		goto err_rx;
	err = rhashtable_init(&ul->remotes, &lw_remotes_params);
	if (err)
		goto err_tx;
	err = rhashtable_init(&ul->ports, &lw_ports_params);
	if (err)
		goto err_remotes;
	return 0;
err_remotes:
	rhashtable_destroy(&ul->remotes);
err_tx:
	rhltable_destroy(&ul->tx_sas);
err_rx:
	rhashtable_destroy(&ul->rx_sas);
err_stats:
	free_percpu(ul->stats);
	return err;
}

/*
 * The underlay goes: so do its wires, wherever their devices are. Those devices' netns may be
 * alive, which is why this is no business of theirs.
 */
static void __net_exit lw_underlay_net_kill(struct net *net, struct list_head *kill)
{
	struct lw_underlay *ul = lw_underlay_get(net);
	struct lw_wire *wire;
	unsigned long id;

	xa_for_each(&ul->wires, id, wire)
		unregister_netdevice_queue(wire->dev, kill);
}

LW_PERNET_EXIT_RTNL(lw_underlay_net_kill)

static void __net_exit lw_underlay_net_exit(struct net *net)
{
	struct lw_underlay *ul = lw_underlay_get(net);

	WARN_ON_ONCE(!xa_empty(&ul->wires));
	/*
	 * A wire that somebody else deletes may still wait for its packets in an asynchronous
	 * driver, which need what is here to be counted; and routes of wires that are gone, which
	 * are counted in this netns, are released by a worker.
	 */
	lw_underlay_put(ul);
	wait_for_completion(&ul->gone);
	/*
	 * All wires are gone, and with them SAs and sockets. No receiver is left to look them up:
	 * these operations are a subsystem's, so the netns has lost its devices, and a grace
	 * period has passed since.
	 */
	rhashtable_destroy(&ul->ports);
	rhashtable_destroy(&ul->remotes);
	rhltable_destroy(&ul->tx_sas);
	rhashtable_destroy(&ul->rx_sas);
	free_percpu(ul->stats);
}

static struct pernet_operations lw_underlay_ops = {
	.init	= lw_underlay_net_init,
	LW_PERNET_EXIT_OP(lw_underlay_net_kill),
	.exit	= lw_underlay_net_exit,
	.id	= &lw_net_id,
	.size	= sizeof(struct lw_underlay),
};

/**
 * lw_underlay_init - begin to keep wires, in every netns
 * Return: 0 or -ENOMEM.
 */
int __init lw_underlay_init(void)
{
	return register_pernet_subsys(&lw_underlay_ops);
}

/**
 * lw_underlay_exit - delete the wires that are left, and keep none any more
 */
void lw_underlay_exit(void)
{
	unregister_pernet_subsys(&lw_underlay_ops);
}
