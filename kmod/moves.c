// SPDX-License-Identifier: GPL-2.0
/*
 * Where the peer is: a wire that roams follows it; one that knows two addresses of it goes from one
 * to the other, when carrier.c says so. Each move is another configuration.
 */

#include <linux/netdevice.h>
#include <linux/slab.h>
#include <net/ipv6.h>
#include <net/netlink.h>
#include "events.h"
#include "sources.h"
#include "wire.h"

/**
 * lw_conf_roam - the peer has moved
 * @wire: whose peer proved who it is, by a packet newer than any before
 * @addr: where it is now
 * @port: where from; taken over only by wires of a fixed source port, since then the peer's is
 *	where it listens, as a NAT shows it
 *
 * If there is no memory, the next packet will do. A peer that is in two places is followed a few
 * times a second.
 *
 * Context: BH disabled, RCU.
 */
void lw_conf_roam(struct lw_wire *wire, const struct lw_addr *addr, __be16 port)
{
	struct lw_conf *conf = kmalloc(sizeof(*conf), GFP_ATOMIC | __GFP_NOWARN);

	if (!conf)
		return;
	spin_lock_bh(&wire->lock);
	*conf = *rcu_dereference_protected(wire->conf, lockdep_is_held(&wire->lock));
	/* what no request could set: IPv6 lets :: in as a source; a link-local needs a device */
	if (!lw_addr_unicast(conf->family, addr) ||
	    (conf->family == AF_INET6 && !conf->link &&
	     ipv6_addr_type(&addr->v6) & IPV6_ADDR_LINKLOCAL))
		conf->roam = false;
	if (!conf->roam || !__ratelimit(&wire->roaming) ||
	    dst_cache_init(&conf->routes, GFP_ATOMIC | __GFP_NOWARN)) {
		spin_unlock_bh(&wire->lock);
		kfree(conf);
		return;
	}
	lw_sources_get(conf->sources);
	conf->remote = *addr;
	if (conf->src_port)
		conf->remote_port = port;
	lw_conf_set(wire, conf);
	spin_unlock_bh(&wire->lock);
	lw_event_wire(wire, LINKWIRE_CMD_PEER_MOVED_NTF);
}

/**
 * lw_conf_switch - send to the peer's other address
 * @wire: whose peer has two
 * @backup: to the second one; else, back to the first
 *
 * If there is no memory, whoever asks will ask again.
 *
 * Context: process. Return: true if packets go there from now on.
 */
bool lw_conf_switch(struct lw_wire *wire, bool backup)
{
	struct lw_conf *conf = kmalloc(sizeof(*conf), GFP_KERNEL | __GFP_NOWARN);

	if (!conf)
		return false;
	spin_lock_bh(&wire->lock);
	*conf = *rcu_dereference_protected(wire->conf, lockdep_is_held(&wire->lock));
	if (wire->dead || !lw_conf_has_backup(conf) || conf->on_backup == backup ||
	    dst_cache_init(&conf->routes, GFP_ATOMIC | __GFP_NOWARN)) {
		spin_unlock_bh(&wire->lock);
		kfree(conf);
		return false;
	}
	lw_sources_get(conf->sources);
	swap(conf->remote, conf->other);
	conf->on_backup = backup;
	lw_conf_set(wire, conf);
	spin_unlock_bh(&wire->lock);
	lw_event_wire(wire, LINKWIRE_CMD_PEER_MOVED_NTF);
	return true;
}

/**
 * lw_conf_active_fill - put which of the peer's addresses is in use into a message
 * @msg: netlink message
 * @wire: the wire; of one whose peer has one address nothing is put
 * Context: any. Return: 0 or -EMSGSIZE.
 */
int lw_conf_active_fill(struct sk_buff *msg, const struct lw_wire *wire)
{
	const struct lw_conf *conf;
	int err = 0;

	rcu_read_lock();
	conf = rcu_dereference(wire->conf);
	if (lw_conf_has_backup(conf))
		err = nla_put_u8(msg, LINKWIRE_A_ON_BACKUP, conf->on_backup);
	rcu_read_unlock();
	return err;
}
