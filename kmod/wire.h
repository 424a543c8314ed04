/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The nouns of the module: a wire, what it is configured with, the underlay that it belongs to.
 * device.c makes and unmakes wires, conf.c their configuration, underlay.c what a netns keeps of them.
 */
#ifndef _LW_WIRE_H
#define _LW_WIRE_H

#include <linux/linkwire.h>
#include <linux/completion.h>
#include <linux/mutex.h>
#include <linux/netdevice.h>
#include <linux/ratelimit.h>
#include <linux/refcount.h>
#include <linux/rhashtable.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>
#include <net/dst_cache.h>
#include <net/gro_cells.h>
#include <net/net_namespace.h>
#include "stats.h"

struct lw_encap_ops;
struct lw_remote;
struct lw_sa;
struct lw_socket;
struct lw_sources;

#define LW_SHIM_LEN	12	/* tag, flags, packet number: the associated data */
#define LW_ICV_LEN	16

#define LW_FLAG_CSUM_PARTIAL	BIT(0)
#define LW_FLAG_IP		BIT(1)
#define LW_FLAGS_KNOWN		(LW_FLAG_CSUM_PARTIAL | LW_FLAG_IP)

/* what a keepalive may say, in a byte */
#define LW_NOTE_LEN	1
#define LW_NOTE_DEAF	BIT(0)	/* nothing authentic came from you for my hold time */
#define LW_NOTE_PROBE	BIT(1)	/* answer, if you get this */
#define LW_NOTE_REPLY	BIT(2)	/* I got a probe */
#define LW_NOTES_KNOWN	(LW_NOTE_DEAF | LW_NOTE_PROBE | LW_NOTE_REPLY)

/**
 * struct lw_addr - an underlay address; which of the two is said by the configuration's family
 * @v4: IPv4, big-endian; what is behind it in a configuration is zero
 * @v6: IPv6
 */
struct lw_addr {
	union {
		__be32 v4;
		struct in6_addr v6;
	};
};

/**
 * struct lw_conf - what a wire is configured with: never changed, replaced whole (RCU)
 * @family: AF_INET or AF_INET6, of @local and @remote
 * @local: our address; all zero: the route's choice
 * @remote: the peer's address that packets are sent to
 * @port: UDP port that we listen on
 * @remote_port: UDP port that the peer listens on
 * @src_port: UDP source port; 0: from a hash of the inner flow
 * @link: ifindex in the underlay netns that packets leave by and come from; 0: any.
 *	Not followed when that device goes: an index is not given out again soon.
 * @fwmark: of outer packets
 * @hold_ms: carrier falls after so long without an authentic packet; 0: never
 * @ttl: of outer packets; 0: the inner one's
 * @dscp: of outer packets, 0 to 63, or LINKWIRE_DSCP_INHERIT
 * @roam: follow the peer's address
 * @sources: inner source addresses that are allowed; NULL: all
 * @routes: routes to @remote, one a CPU; they live and die with this configuration, so that a
 *	route to an old peer is never used for a new one
 * @label_len: bytes in @label
 * @label: opaque to us
 * @other: the peer's other address, where it has two; else all zero
 * @on_backup: @remote is the backup, and @other the first one
 * @underlay: set when the configuration goes out of use: a user of it until @routes are released
 * @free: process context, after a grace period
 */
struct lw_conf {
	u16			family;
	struct lw_addr		local;
	struct lw_addr		remote;
	__be16			port;
	__be16			remote_port;
	__be16			src_port;
	int			link;
	u32			fwmark;
	u32			hold_ms;
	u8			ttl;
	u8			dscp;
	bool			roam;
	struct lw_sources	*sources;
	struct dst_cache	routes;
	u8			label_len;
	u8			label[LINKWIRE_LABEL_MAX];
	struct lw_addr		other;
	bool			on_backup;
	struct lw_underlay	*underlay;
	struct rcu_work		free;
};

/**
 * struct lw_wire - one end of a wire: the private part of its netdevice
 * @dev: the device, in whatever netns
 * @underlay: where its packets are sent and its SAs live. The netns deletes its wires before it
 *	goes, and waits for the last of them (underlay.c)
 * @encap: how its packets are wrapped; never changes
 * @mode: LINKWIRE_MODE_L2 or _L3; never changes
 * @id: unique in the underlay; never changes
 * @serial: unique in this boot, for the table of used keys
 * @conf: configuration, RCU; replaced under @lock
 * @sock: UDP socket, shared with others, RCU; NULL where the encapsulation needs none
 * @tx: transmitting SA, RCU; changed under the underlay's sa_lock
 * @rx: receiving SAs, RCU; changed under the underlay's sa_lock
 * @stats: per CPU
 * @cells: GRO of what was opened
 * @lock: serialises changes of @conf and of the carrier
 * @tick: keepalives and hold time, while the device is up (carrier.c)
 * @moved: jiffies since when packets are sent to the address that they are sent to; of the tick
 * @told: jiffies of the last keepalive that the tick sent
 * @unheard: the peer said that it does not hear us
 * @answered: a probe was, since the last one was sent
 * @answers: how many probes in a row were; of the tick
 * @last_tx: jiffies of the last packet sent
 * @last_rx: jiffies of the last authentic packet
 * @roaming: how often the peer may move
 * @turns: how many receiving SAs there have been; under the underlay's sa_lock
 * @heard: turn of the youngest receiving SA that the peer was heard by while it could roam
 * @alive: something authentic came within the hold time
 * @dead: being deleted; set under sa_lock and @lock
 * @by_remote: in @remote, for ICMP errors that quote no tag
 * @remote: the peer's address in the underlay's table; under the underlay's remotes_lock
 */
struct lw_wire {
	struct net_device		*dev;
	struct lw_underlay		*underlay;
	const struct lw_encap_ops	*encap;
	u8				mode;
	struct lw_conf __rcu		*conf;
	struct lw_socket __rcu		*sock;
	struct lw_sa __rcu		*tx;
	struct lw_stats __percpu	*stats;
	struct gro_cells		cells;
	unsigned long			last_tx;
	unsigned long			last_rx;
	u32				heard;
	bool				alive;
	bool				dead;
	struct ratelimit_state		roaming;

	spinlock_t			lock;	/* conf and carrier */
	struct lw_sa __rcu		*rx[LINKWIRE_RX_SA_MAX];
	u32				turns;
	u32				id;
	u32				serial;
	struct delayed_work		tick;
	unsigned long			moved;
	unsigned long			told;
	bool				unheard;
	bool				answered;
	u8				answers;
	struct hlist_node		by_remote;
	struct lw_remote		*remote;
};

/**
 * struct lw_underlay - what a netns keeps of the wires that were made in it
 * @net: the netns
 * @wires: by id; changed under @sa_lock
 * @next_id: where the search for a free id begins
 * @rx_sas: receiving SAs by tag
 * @tx_sas: transmitting SAs by tag, for ICMP errors that quote one
 * @remotes: peers' addresses, each with its wires, for ICMP errors that quote no tag
 * @remotes_lock: of changes of @remotes
 * @ports: UDP ports that are open, each with its sockets; changed under rtnl
 * @open_ports: how many; under rtnl
 * @keeps: trains to them are kept whole (keep.c); under rtnl
 * @longest: bytes that allowed sources of a wire here have ever taken, for the size of dumps
 * @sa_lock: serialises SAs, @wires and events' order; taken inside rtnl, never around it
 * @stats: what was dropped before a wire was known, per CPU
 * @users: one for the netns, one for each wire until its device is destroyed, one for each
 *	configuration out of use until its routes are released: they are counted in the netns
 * @gone: the last user is
 */
struct lw_underlay {
	struct net		*net;
	refcount_t		users;
	struct completion	gone;
	struct xarray		wires;
	u32			next_id;
	struct rhashtable	rx_sas;
	struct rhltable		tx_sas;
	struct rhashtable	remotes;
	spinlock_t		remotes_lock;	/* remotes, and the lists in it */
	struct rhashtable	ports;
	unsigned int		open_ports;
	bool			keeps;
	u32			longest;
	struct mutex		sa_lock;	/* SAs and the table of wires */
	struct lw_stats __percpu *stats;
};

/* main.c */
extern struct workqueue_struct *lw_wq;
extern unsigned int lw_net_id;

/* underlay.c */
struct lw_underlay *lw_underlay_get(struct net *net);
int lw_underlay_add(struct lw_underlay *ul, struct lw_wire *wire, u32 id);
void lw_underlay_del(struct lw_wire *wire);
void lw_underlay_hold(struct lw_underlay *ul);
void lw_underlay_put(struct lw_underlay *ul);
void lw_underlay_remote(struct lw_wire *wire, const struct lw_addr *remote);
struct lw_wire *lw_underlay_find(struct lw_underlay *ul, u32 id);
int lw_underlay_init(void);
void lw_underlay_exit(void);

/* device.c */
extern struct rtnl_link_ops lw_link_ops;	/* link.c */
void lw_device_setup(struct net_device *dev);
void lw_device_set_mode(struct net_device *dev, u8 mode);
int lw_device_default_mtu(struct lw_wire *wire);
bool lw_is_wire(const struct net_device *dev);

/* conf.c */
extern const struct nla_policy lw_conf_policy[IFLA_LINKWIRE_MAX + 1];
struct lw_conf *lw_conf_parse(struct lw_underlay *ul, const struct lw_wire *wire,
			      struct nlattr *tb[], struct netlink_ext_ack *extack);
int lw_conf_change(struct lw_wire *wire, struct nlattr *tb[], struct netlink_ext_ack *extack);
void lw_conf_set(struct lw_wire *wire, struct lw_conf *conf);
size_t lw_conf_size(void);
int lw_conf_fill(struct sk_buff *msg, const struct lw_wire *wire, bool underlay);
size_t lw_conf_sources_size(const struct lw_wire *wire);
int lw_conf_sources_fill(struct sk_buff *msg, const struct lw_wire *wire);
bool lw_addr_unicast(u16 family, const struct lw_addr *a);

/* moves.c */
void lw_conf_roam(struct lw_wire *wire, const struct lw_addr *addr, __be16 port);
bool lw_conf_switch(struct lw_wire *wire, bool backup);
int lw_conf_active_fill(struct sk_buff *msg, const struct lw_wire *wire);

/* carrier.c */
void lw_carrier_update(struct lw_wire *wire);
void lw_carrier_heard(struct lw_wire *wire);
void lw_carrier_note(struct lw_wire *wire, u8 note);
void lw_carrier_start(struct lw_wire *wire);
void lw_carrier_stop(struct lw_wire *wire);
void lw_carrier_restart(struct lw_wire *wire);
void lw_carrier_init(struct lw_wire *wire);

/* send.c */
netdev_tx_t lw_xmit(struct sk_buff *skb, struct net_device *dev);
void lw_send_keepalive(struct lw_wire *wire, u8 note, bool other);

static inline bool lw_addr_equal(u16 family, const struct lw_addr *a, const struct lw_addr *b)
{
	return family == AF_INET ? a->v4 == b->v4 : ipv6_addr_equal(&a->v6, &b->v6);
}

static inline bool lw_addr_any(u16 family, const struct lw_addr *a)
{
	return family == AF_INET ? !a->v4 : ipv6_addr_any(&a->v6);
}

/* has the peer a second address? */
static inline bool lw_conf_has_backup(const struct lw_conf *conf)
{
	return !ipv6_addr_any(&conf->other.v6);
}

static inline unsigned int lw_addr_len(u16 family)
{
	return family == AF_INET ? sizeof(struct in_addr) : sizeof(struct in6_addr);
}

#endif /* _LW_WIRE_H */
