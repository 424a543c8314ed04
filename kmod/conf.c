// SPDX-License-Identifier: GPL-2.0
/* A wire's configuration: parsed, replaced, shown. */

#include <linux/netdevice.h>
#include <linux/rtnetlink.h>
#include <net/ipv6.h>
#include <net/netlink.h>
#include "encap.h"
#include "events.h"
#include "socket.h"
#include "sources.h"

#define LW_HOLD_MIN	100		/* ms: a third of it is between keepalives */
#define LW_HOLD_MAX	(3600 * 1000)

static struct netlink_range_validation lw_hold_range = { .max = LW_HOLD_MAX };

const struct nla_policy lw_conf_policy[IFLA_LINKWIRE_MAX + 1] = {
	[IFLA_LINKWIRE_UNSPEC]		= { .strict_start_type = IFLA_LINKWIRE_ID },
	[IFLA_LINKWIRE_ID]		= NLA_POLICY_MIN(NLA_U32, 1),
	[IFLA_LINKWIRE_ENCAP]		= NLA_POLICY_RANGE(NLA_U8, LINKWIRE_ENCAP_VXLAN,
							   LINKWIRE_ENCAP_IPIP),
	[IFLA_LINKWIRE_MODE]		= NLA_POLICY_RANGE(NLA_U8, LINKWIRE_MODE_L2,
							   LINKWIRE_MODE_L3),
	[IFLA_LINKWIRE_LOCAL]		= NLA_POLICY_RANGE(NLA_BINARY, sizeof(struct in_addr),
							   sizeof(struct in6_addr)),
	[IFLA_LINKWIRE_REMOTE]		= NLA_POLICY_RANGE(NLA_BINARY, sizeof(struct in_addr),
							   sizeof(struct in6_addr)),
	[IFLA_LINKWIRE_PORT]		= { .type = NLA_U16 },
	[IFLA_LINKWIRE_REMOTE_PORT]	= { .type = NLA_U16 },
	[IFLA_LINKWIRE_SRC_PORT]	= { .type = NLA_U16 },
	[IFLA_LINKWIRE_LINK]		= { .type = NLA_U32 },
	[IFLA_LINKWIRE_FWMARK]		= { .type = NLA_U32 },
	[IFLA_LINKWIRE_TTL]		= { .type = NLA_U8 },
	[IFLA_LINKWIRE_DSCP]		= { .type = NLA_U8 },
	[IFLA_LINKWIRE_ROAM]		= NLA_POLICY_MAX(NLA_U8, 1),
	[IFLA_LINKWIRE_HOLD]		= NLA_POLICY_FULL_RANGE(NLA_U32, &lw_hold_range),
	[IFLA_LINKWIRE_LABEL]		= { .type = NLA_BINARY, .len = LINKWIRE_LABEL_MAX },
	[IFLA_LINKWIRE_BACKUP]		= NLA_POLICY_RANGE(NLA_BINARY, sizeof(struct in_addr),
							   sizeof(struct in6_addr)),
	[IFLA_LINKWIRE_SOURCES]		= NLA_POLICY_NESTED(lw_sources_policy),
};

static int lw_conf_addr(const struct nlattr *attr, struct lw_addr *addr, u16 *family,
			struct netlink_ext_ack *extack)
{
	if (nla_len(attr) != sizeof(addr->v4) && nla_len(attr) != sizeof(addr->v6)) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "an address has 4 or 16 bytes");
		return -EINVAL;
	}
	memset(addr, 0, sizeof(*addr));
	memcpy(addr, nla_data(attr), nla_len(attr));
	*family = nla_len(attr) == sizeof(addr->v4) ? AF_INET : AF_INET6;
	return 0;
}

/**
 * lw_addr_unicast - may this be an end of a wire?
 * @family: AF_INET or AF_INET6
 * @a: an underlay address
 * Return: true if it is unicast.
 */
bool lw_addr_unicast(u16 family, const struct lw_addr *a)
{
	if (family == AF_INET)
		return a->v4 && !ipv4_is_multicast(a->v4) && !ipv4_is_lbcast(a->v4) &&
		       !ipv4_is_zeronet(a->v4);
	return !ipv6_addr_any(&a->v6) && !ipv6_addr_is_multicast(&a->v6) &&
	       !ipv6_addr_v4mapped(&a->v6);
}

static int lw_conf_addrs(struct lw_conf *conf, struct nlattr *tb[], struct netlink_ext_ack *extack)
{
	struct nlattr *local = tb[IFLA_LINKWIRE_LOCAL], *remote = tb[IFLA_LINKWIRE_REMOTE];
	u16 family = conf->family;
	int err;

	if (remote) {
		err = lw_conf_addr(remote, &conf->remote, &conf->family, extack);
		if (err)
			return err;
		if (!lw_addr_unicast(conf->family, &conf->remote)) {
			NL_SET_ERR_MSG_ATTR(extack, remote, "the peer's address must be unicast");
			return -EINVAL;
		}
	} else if (!conf->family) {
		NL_SET_ERR_MSG(extack, "the peer's address is missing");
		return -EINVAL;
	}
	if (local) {
		err = lw_conf_addr(local, &conf->local, &family, extack);
		if (err)
			return err;
	}
	if (ipv6_addr_any(&conf->local.v6)) {
		family = conf->family;	/* none is of either */
	} else if (local && !lw_addr_unicast(family, &conf->local)) {
		NL_SET_ERR_MSG_ATTR(extack, local, "our address must be unicast");
		return -EINVAL;
	}
	if (family != conf->family) {
		NL_SET_ERR_MSG_ATTR(extack, local ?: remote,
				    "local and remote are of different families");
		return -EINVAL;
	}
	if (conf->family == AF_INET6 && !ipv6_mod_enabled()) {
		NL_SET_ERR_MSG_ATTR(extack, remote, "IPv6 is switched off");
		return -EAFNOSUPPORT;
	}
	return 0;
}

static int lw_conf_ports(struct lw_conf *conf, const struct lw_encap_ops *encap,
			 struct nlattr *tb[], struct netlink_ext_ack *extack)
{
	static const int attrs[] = {
		IFLA_LINKWIRE_PORT, IFLA_LINKWIRE_REMOTE_PORT, IFLA_LINKWIRE_SRC_PORT,
	};
	__be16 *const ports[] = { &conf->port, &conf->remote_port, &conf->src_port };
	int i;

	for (i = 0; i < ARRAY_SIZE(attrs); i++) {
		struct nlattr *attr = tb[attrs[i]];

		if (!attr)
			continue;
		if (!encap->socket) {
			NL_SET_ERR_MSG_ATTR(extack, attr, "this encapsulation has no ports");
			return -EINVAL;
		}
		if (!nla_get_be16(attr) && attrs[i] != IFLA_LINKWIRE_SRC_PORT) {
			NL_SET_ERR_MSG_ATTR(extack, attr, "a port is from 1 to 65535");
			return -ERANGE;
		}
		*ports[i] = nla_get_be16(attr);
	}
	if (tb[IFLA_LINKWIRE_PORT] && !tb[IFLA_LINKWIRE_REMOTE_PORT] && !conf->remote_port)
		conf->remote_port = conf->port;
	return 0;
}

static int lw_conf_link(struct lw_underlay *ul, const struct lw_wire *wire, struct lw_conf *conf,
			struct nlattr *tb[], struct netlink_ext_ack *extack)
{
	struct nlattr *attr = tb[IFLA_LINKWIRE_LINK];
	struct net_device *dev;

	if (attr) {
		conf->link = nla_get_u32(attr);
		dev = conf->link ? __dev_get_by_index(ul->net, conf->link) : NULL;
		if (conf->link && !dev) {
			NL_SET_ERR_MSG_ATTR(extack, attr, "no such device in the underlay");
			return -ENODEV;
		}
		if (wire && dev == wire->dev) {
			NL_SET_ERR_MSG_ATTR(extack, attr, "a wire cannot be bound to itself");
			return -ELOOP;
		}
	}
	if (conf->family == AF_INET6 && !conf->link &&
	    ipv6_addr_type(&conf->remote.v6) & IPV6_ADDR_LINKLOCAL) {
		NL_SET_ERR_MSG_ATTR(extack, tb[IFLA_LINKWIRE_REMOTE] ?: attr,
				    "a link-local address needs the device it is on");
		return -EINVAL;
	}
	return 0;
}

static int lw_conf_rest(struct lw_conf *conf, struct nlattr *tb[], struct netlink_ext_ack *extack)
{
	struct nlattr *attr;

	if (tb[IFLA_LINKWIRE_FWMARK])
		conf->fwmark = nla_get_u32(tb[IFLA_LINKWIRE_FWMARK]);
	if (tb[IFLA_LINKWIRE_TTL])
		conf->ttl = nla_get_u8(tb[IFLA_LINKWIRE_TTL]);
	if (tb[IFLA_LINKWIRE_ROAM])
		conf->roam = nla_get_u8(tb[IFLA_LINKWIRE_ROAM]);
	attr = tb[IFLA_LINKWIRE_DSCP];
	if (attr) {
		conf->dscp = nla_get_u8(attr);
		if (conf->dscp > 63 && conf->dscp != LINKWIRE_DSCP_INHERIT) {
			NL_SET_ERR_MSG_ATTR(extack, attr,
					    "DSCP is from 0 to 63, or 255 to inherit");
			return -ERANGE;
		}
	}
	attr = tb[IFLA_LINKWIRE_HOLD];
	if (attr) {
		conf->hold_ms = nla_get_u32(attr);
		if (conf->hold_ms && conf->hold_ms < LW_HOLD_MIN) {
			NL_SET_ERR_MSG_ATTR(extack, attr, "hold time is 0, or 100 ms at least");
			return -ERANGE;
		}
	}
	attr = tb[IFLA_LINKWIRE_LABEL];
	if (attr) {
		conf->label_len = nla_len(attr);
		memcpy(conf->label, nla_data(attr), conf->label_len);
	}
	return 0;
}

static void lw_conf_swap(struct lw_conf *conf)
{
	swap(conf->remote, conf->other);
	conf->on_backup = !conf->on_backup;
}

/* @conf: with the first address as its remote; @was: the family that it had, if it had any */
static int lw_conf_backup(struct lw_conf *conf, u16 was, struct nlattr *tb[],
			  struct netlink_ext_ack *extack)
{
	struct nlattr *attr = tb[IFLA_LINKWIRE_BACKUP];
	u16 family = was;
	int err;

	if (attr) {
		err = lw_conf_addr(attr, &conf->other, &family, extack);
		if (err)
			return err;
	}
	if (!lw_conf_has_backup(conf))
		return 0;
	if (family != conf->family) {
		NL_SET_ERR_MSG_ATTR(extack, attr ?: tb[IFLA_LINKWIRE_REMOTE],
				    "remote and backup are of different families");
		return -EINVAL;
	}
	if (!lw_addr_unicast(family, &conf->other)) {
		NL_SET_ERR_MSG_ATTR(extack, attr, "the peer's address must be unicast");
		return -EINVAL;
	}
	if (lw_addr_equal(family, &conf->remote, &conf->other)) {
		NL_SET_ERR_MSG_ATTR(extack, attr ?: tb[IFLA_LINKWIRE_REMOTE],
				    "remote and backup are the same");
		return -EINVAL;
	}
	if (!conf->hold_ms) {
		NL_SET_ERR_MSG_ATTR(extack, attr ?: tb[IFLA_LINKWIRE_HOLD],
				    "without a hold time a backup is never used");
		return -EINVAL;
	}
	if (conf->roam) {
		NL_SET_ERR_MSG_ATTR(extack, attr ?: tb[IFLA_LINKWIRE_ROAM],
				    "a wire that follows its peer has no backup");
		return -EINVAL;
	}
	if (family == AF_INET6 && !conf->link &&
	    ipv6_addr_type(&conf->other.v6) & IPV6_ADDR_LINKLOCAL) {
		NL_SET_ERR_MSG_ATTR(extack, attr ?: tb[IFLA_LINKWIRE_LINK],
				    "a link-local address needs the device it is on");
		return -EINVAL;
	}
	return 0;
}

static int lw_conf_sources(struct lw_underlay *ul, u8 mode, struct lw_conf *conf,
			   struct nlattr *tb[], struct netlink_ext_ack *extack)
{
	struct nlattr *attr = tb[IFLA_LINKWIRE_SOURCES];
	struct lw_sources *sources;
	u32 size;
	int err;

	if (!attr)
		return 0;
	err = lw_sources_parse(attr, mode, &sources, extack);
	if (err)
		return err;
	lw_sources_put(conf->sources);
	conf->sources = sources;
	size = lw_sources_size(sources);
	if (size > ul->longest)		/* under rtnl */
		WRITE_ONCE(ul->longest, size);
	return 0;
}

static int lw_conf_fixed(const struct lw_wire *wire, struct nlattr *tb[],
			 struct netlink_ext_ack *extack)
{
	struct nlattr *attr = NULL;

	if (tb[IFLA_LINKWIRE_ID] && nla_get_u32(tb[IFLA_LINKWIRE_ID]) != wire->id)
		attr = tb[IFLA_LINKWIRE_ID];
	if (tb[IFLA_LINKWIRE_ENCAP] &&
	    nla_get_u8(tb[IFLA_LINKWIRE_ENCAP]) != lw_encap_number(wire->encap))
		attr = tb[IFLA_LINKWIRE_ENCAP];
	if (tb[IFLA_LINKWIRE_MODE] && nla_get_u8(tb[IFLA_LINKWIRE_MODE]) != wire->mode)
		attr = tb[IFLA_LINKWIRE_MODE];
	if (!attr)
		return 0;
	NL_SET_ERR_MSG_ATTR(extack, attr, "cannot be changed: make another wire");
	return -EOPNOTSUPP;
}

/**
 * lw_conf_parse - a configuration, from a request
 * @ul: the underlay
 * @wire: with its encapsulation set. If it has a configuration, the request changes that one.
 * @tb: IFLA_LINKWIRE_*
 * @extack: says what is wrong
 * Context: process, rtnl. Return: the configuration, not in use yet; or an error.
 */
struct lw_conf *lw_conf_parse(struct lw_underlay *ul, const struct lw_wire *wire,
			      struct nlattr *tb[], struct netlink_ext_ack *extack)
{
	struct lw_conf *conf = kzalloc(sizeof(*conf), GFP_KERNEL_ACCOUNT);
	const struct lw_conf *old;
	u16 family;
	int err;

	if (!conf)
		return ERR_PTR(-ENOMEM);
	/* rtnl does not keep it: moves.c replaces it too */
	rcu_read_lock();
	old = rcu_dereference(wire->conf);
	if (old) {
		*conf = *old;
		lw_sources_get(conf->sources);
	}
	rcu_read_unlock();
	family = conf->family;
	if (conf->on_backup)
		lw_conf_swap(conf);
	if (!old) {
		conf->ttl = LINKWIRE_DEFAULT_TTL;
		if (wire->encap->socket && !tb[IFLA_LINKWIRE_PORT]) {
			conf->port = htons(LINKWIRE_DEFAULT_PORT);
			conf->remote_port = conf->port;
		}
	}
	err = old ? lw_conf_fixed(wire, tb, extack) : 0;
	err = err ?: lw_conf_addrs(conf, tb, extack) ?:
	      lw_conf_ports(conf, wire->encap, tb, extack) ?:
	      lw_conf_link(ul, old ? wire : NULL, conf, tb, extack) ?:
	      lw_conf_rest(conf, tb, extack) ?:
	      lw_conf_backup(conf, family, tb, extack) ?:
	      lw_conf_sources(ul, wire->mode, conf, tb, extack) ?:
	      dst_cache_init(&conf->routes, GFP_KERNEL);
	if (err) {
		lw_sources_put(conf->sources);
		kfree(conf);
		return ERR_PTR(err);
	}
	return conf;
}

/* Process context. Nobody can see the configuration. */
static void lw_conf_free(struct lw_conf *conf)
{
	dst_cache_destroy(&conf->routes);
	lw_sources_put(conf->sources);
	kfree(conf);
}

/* process context, a grace period after the configuration was replaced */
static void lw_conf_free_work(struct work_struct *work)
{
	struct lw_conf *conf = container_of(to_rcu_work(work), struct lw_conf, free);
	struct lw_underlay *ul = conf->underlay;

	lw_conf_free(conf);
	lw_underlay_put(ul);
}

/**
 * lw_conf_set - put a configuration in use
 * @wire: its lock is held, or nobody else knows it
 * @conf: from now on it is the wire's. The old one, and its routes, are freed when no sender or
 *	receiver can hold them any more; NULL: the wire goes
 */
void lw_conf_set(struct lw_wire *wire, struct lw_conf *conf)
{
	struct lw_conf *old = rcu_replace_pointer(wire->conf, conf, true);

	if (conf && wire->id && !wire->dead)
		lw_underlay_remote(wire, &conf->remote);
	if (old) {
		old->underlay = wire->underlay;
		lw_underlay_hold(old->underlay);
		INIT_RCU_WORK(&old->free, lw_conf_free_work);
		queue_rcu_work(lw_wq, &old->free);
	}
}

/**
 * lw_conf_change - change a wire
 * @wire: live
 * @tb: IFLA_LINKWIRE_*, what changes
 * @extack: says what is wrong
 *
 * All or nothing. The caller has seen to it that this is asked from the underlay.
 *
 * Context: process, rtnl. Return: 0 or an error.
 */
int lw_conf_change(struct lw_wire *wire, struct nlattr *tb[], struct netlink_ext_ack *extack)
{
	struct lw_socket *sock = NULL, *old_sock = rtnl_dereference(wire->sock);
	struct lw_underlay *ul = wire->underlay;
	const struct lw_conf *now;
	struct lw_conf *conf;
	bool other_hold;

	conf = lw_conf_parse(ul, wire, tb, extack);
	if (IS_ERR(conf))
		return PTR_ERR(conf);
	if (wire->encap->socket) {
		sock = lw_socket_get(ul, conf->family, conf->port, conf->link, extack);
		if (IS_ERR(sock)) {
			NL_SET_BAD_ATTR(extack, tb[IFLA_LINKWIRE_PORT]);
			lw_conf_free(conf);
			return PTR_ERR(sock);
		}
		rcu_assign_pointer(wire->sock, sock);
	}
	spin_lock_bh(&wire->lock);
	now = rcu_dereference_protected(wire->conf, lockdep_is_held(&wire->lock));
	other_hold = conf->hold_ms != now->hold_ms;
	/* what the peer was last seen at is kept, unless the request says otherwise */
	if (!tb[IFLA_LINKWIRE_REMOTE]) {
		conf->remote = now->on_backup ? now->other : now->remote;
		if (!tb[IFLA_LINKWIRE_REMOTE_PORT])
			conf->remote_port = now->remote_port;
	}
	/* so is which of its addresses it is sent to */
	if (now->on_backup && lw_conf_has_backup(conf))
		lw_conf_swap(conf);
	lw_conf_set(wire, conf);
	spin_unlock_bh(&wire->lock);
	if (old_sock)
		lw_socket_put(ul, old_sock);
	/* a peer that is silent is not back because something else was changed */
	if (other_hold)
		lw_carrier_restart(wire);
	return 0;
}

/**
 * lw_conf_size - room that lw_conf_fill() needs at most
 * Return: bytes.
 */
size_t lw_conf_size(void)
{
	return 3 * nla_total_size(sizeof(struct in6_addr)) + 4 * nla_total_size(sizeof(u32)) +
	       3 * nla_total_size(sizeof(u16)) + 5 * nla_total_size(sizeof(u8)) +
	       nla_total_size(LINKWIRE_LABEL_MAX);
}

/**
 * lw_conf_fill - put a wire's configuration into a message
 * @msg: netlink message
 * @wire: the wire
 * @underlay: whether the reader may know of the underlay; else, the wire's kind is all
 * Context: rtnl or RCU. Return: 0 or -EMSGSIZE.
 */
int lw_conf_fill(struct sk_buff *msg, const struct lw_wire *wire, bool underlay)
{
	const struct lw_addr *remote, *backup;
	const struct lw_conf *c;
	int err = 0;

	if (nla_put_u8(msg, IFLA_LINKWIRE_MODE, wire->mode))
		return -EMSGSIZE;
	if (!underlay)
		return 0;
	rcu_read_lock();
	c = rcu_dereference(wire->conf);
	remote = c->on_backup ? &c->other : &c->remote;
	backup = c->on_backup ? &c->remote : &c->other;
	if (nla_put_u32(msg, IFLA_LINKWIRE_ID, wire->id) ||
	    nla_put_u8(msg, IFLA_LINKWIRE_ENCAP, lw_encap_number(wire->encap)) ||
	    nla_put(msg, IFLA_LINKWIRE_REMOTE, lw_addr_len(c->family), remote) ||
	    (lw_conf_has_backup(c) &&
	     nla_put(msg, IFLA_LINKWIRE_BACKUP, lw_addr_len(c->family), backup)) ||
	    (!lw_addr_any(c->family, &c->local) &&
	     nla_put(msg, IFLA_LINKWIRE_LOCAL, lw_addr_len(c->family), &c->local)) ||
	    (wire->encap->socket &&
	     (nla_put_be16(msg, IFLA_LINKWIRE_PORT, c->port) ||
	      nla_put_be16(msg, IFLA_LINKWIRE_REMOTE_PORT, c->remote_port) ||
	      nla_put_be16(msg, IFLA_LINKWIRE_SRC_PORT, c->src_port))) ||
	    nla_put_u32(msg, IFLA_LINKWIRE_LINK, c->link) ||
	    nla_put_u32(msg, IFLA_LINKWIRE_FWMARK, c->fwmark) ||
	    nla_put_u8(msg, IFLA_LINKWIRE_TTL, c->ttl) ||
	    nla_put_u8(msg, IFLA_LINKWIRE_DSCP, c->dscp) ||
	    nla_put_u8(msg, IFLA_LINKWIRE_ROAM, c->roam) ||
	    nla_put_u32(msg, IFLA_LINKWIRE_HOLD, c->hold_ms) ||
	    (c->label_len && nla_put(msg, IFLA_LINKWIRE_LABEL, c->label_len, c->label)))
		err = -EMSGSIZE;
	rcu_read_unlock();
	return err;
}

/**
 * lw_conf_sources_size - room that lw_conf_sources_fill() needs
 * @wire: the wire
 * Context: rtnl. Return: bytes.
 */
size_t lw_conf_sources_size(const struct lw_wire *wire)
{
	size_t size;

	rcu_read_lock();
	size = lw_sources_size(rcu_dereference(wire->conf)->sources);
	rcu_read_unlock();
	return size;
}

/**
 * lw_conf_sources_fill - put a wire's allowed sources into a message, beside its configuration
 * @msg: netlink message; of the generic family only: they can be longer than an event or a
 *	message of rtnetlink has room for, and are the underlay's to know
 * @wire: the wire
 * Context: rtnl. Return: 0 or -EMSGSIZE.
 */
int lw_conf_sources_fill(struct sk_buff *msg, const struct lw_wire *wire)
{
	int err;

	rcu_read_lock();
	err = lw_sources_fill(msg, rcu_dereference(wire->conf)->sources);
	rcu_read_unlock();
	return err;
}
