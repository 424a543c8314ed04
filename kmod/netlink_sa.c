// SPDX-License-Identifier: GPL-2.0
/* The generic netlink family's commands on security associations. */

#include <linux/ktime.h>
#include "aead.h"
#include "compat.h"
#include "netlink.h"

static struct netlink_range_validation lw_tag_range = { .max = LINKWIRE_TAG_MAX };
static struct netlink_range_validation lw_start_range = { .max = LINKWIRE_COUNTER_MAX };

/* which SA: of its attributes, these come first */
const struct nla_policy lw_sa_key_policy[LINKWIRE_A_SA_TAG + 1] = {
	[LINKWIRE_A_SA_DIR]		= NLA_POLICY_RANGE(NLA_U8, LINKWIRE_DIR_RX,
							   LINKWIRE_DIR_TX),
	[LINKWIRE_A_SA_TAG]		= NLA_POLICY_FULL_RANGE(NLA_U32, &lw_tag_range),
};

const struct nla_policy lw_sa_policy[LINKWIRE_A_SA_HARD_SECONDS + 1] = {
	[LINKWIRE_A_SA_DIR]		= NLA_POLICY_RANGE(NLA_U8, LINKWIRE_DIR_RX,
							   LINKWIRE_DIR_TX),
	[LINKWIRE_A_SA_TAG]		= NLA_POLICY_FULL_RANGE(NLA_U32, &lw_tag_range),
	[LINKWIRE_A_SA_CIPHER]		= NLA_POLICY_RANGE(NLA_U8, LINKWIRE_CIPHER_AES_128_GCM,
							   LINKWIRE_CIPHER_CHACHA20_POLY1305),
	[LINKWIRE_A_SA_KEY]		= { .type = NLA_BINARY, .len = LINKWIRE_KEY_MAX },
	[LINKWIRE_A_SA_LANES]		= NLA_POLICY_RANGE(NLA_U16, 1, LINKWIRE_LANES_MAX),
	[LINKWIRE_A_SA_START]		= NLA_POLICY_FULL_RANGE(NLA_U64, &lw_start_range),
	[LINKWIRE_A_SA_CSUM_PARTIAL]	= NLA_POLICY_MAX(NLA_U8, 1),
	[LINKWIRE_A_SA_SOFT_PACKETS]	= { .type = NLA_U64 },
	[LINKWIRE_A_SA_HARD_PACKETS]	= { .type = NLA_U64 },
	[LINKWIRE_A_SA_SOFT_BYTES]	= { .type = NLA_U64 },
	[LINKWIRE_A_SA_HARD_BYTES]	= { .type = NLA_U64 },
	[LINKWIRE_A_SA_SOFT_SECONDS]	= { .type = NLA_U64 },
	[LINKWIRE_A_SA_HARD_SECONDS]	= { .type = NLA_U64 },
};

static int lw_netlink_sa_parse(struct genl_info *info, struct nlattr *tb[], bool full)
{
	struct nlattr *nest = info->attrs[LINKWIRE_A_SA];
	int err;

	if (GENL_REQ_ATTR_CHECK(info, LINKWIRE_A_SA)) {
		NL_SET_ERR_MSG(info->extack, "which SA? its attributes are missing");
		return -EINVAL;
	}
	memset(tb, 0, (LINKWIRE_A_SA_MAX + 1) * sizeof(*tb));
	if (full)
		err = nla_parse_nested(tb, LINKWIRE_A_SA_HARD_SECONDS, nest, lw_sa_policy,
				       info->extack);
	else
		err = nla_parse_nested(tb, LINKWIRE_A_SA_TAG, nest, lw_sa_key_policy, info->extack);
	if (err)
		return err;
	if (NL_REQ_ATTR_CHECK(info->extack, nest, tb, LINKWIRE_A_SA_DIR)) {
		NL_SET_ERR_MSG(info->extack, "the direction is missing");
		return -EINVAL;
	}
	if (full && NL_REQ_ATTR_CHECK(info->extack, nest, tb, LINKWIRE_A_SA_CIPHER)) {
		NL_SET_ERR_MSG(info->extack, "the cipher is missing");
		return -EINVAL;
	}
	if (full && NL_REQ_ATTR_CHECK(info->extack, nest, tb, LINKWIRE_A_SA_KEY)) {
		NL_SET_ERR_MSG(info->extack, "the key is missing");
		return -EINVAL;
	}
	if (!full && NL_REQ_ATTR_CHECK(info->extack, nest, tb, LINKWIRE_A_SA_TAG)) {
		NL_SET_ERR_MSG(info->extack, "the tag is missing");
		return -EINVAL;
	}
	if (full && nla_get_u8(tb[LINKWIRE_A_SA_DIR]) == LINKWIRE_DIR_TX &&
	    NL_REQ_ATTR_CHECK(info->extack, nest, tb, LINKWIRE_A_SA_TAG)) {
		NL_SET_ERR_MSG(info->extack,
			       "a transmitting SA needs the tag that the peer receives by");
		return -EINVAL;
	}
	return 0;
}

static int lw_put_limit(struct sk_buff *msg, int attr, u64 value)
{
	return value == U64_MAX ? 0 : nla_put_u64_64bit(msg, attr, value, LINKWIRE_A_SA_PAD);
}

/* never a key, and nothing that was made from one */
static int lw_sa_fill(struct sk_buff *msg, u32 portid, u32 seq, int flags, u8 cmd,
		      const struct lw_sa *sa)
{
	const char *driver = lw_aead_driver(sa);
	bool rx = sa->dir == LINKWIRE_DIR_RX;
	const struct lw_limits *l = &sa->limits;
	struct lw_spent spent;
	struct nlattr *nest;
	void *hdr;

	hdr = genlmsg_put(msg, portid, seq, &lw_genl, flags, cmd);
	if (!hdr)
		return -EMSGSIZE;
	if (nla_put_u32(msg, LINKWIRE_A_ID, sa->wire->id))
		goto cancel;
	lw_lanes_spent(sa, &spent);
	nest = nla_nest_start(msg, LINKWIRE_A_SA);
	if (!nest || nla_put_u8(msg, LINKWIRE_A_SA_DIR, sa->dir) ||
	    nla_put_u32(msg, LINKWIRE_A_SA_TAG, sa->tag) ||
	    nla_put_u8(msg, LINKWIRE_A_SA_CIPHER, sa->cipher) ||
	    nla_put_u16(msg, LINKWIRE_A_SA_LANES, sa->lanes) ||
	    (!rx && nla_put_u8(msg, LINKWIRE_A_SA_CSUM_PARTIAL, sa->partial)) ||
	    lw_put_limit(msg, LINKWIRE_A_SA_SOFT_PACKETS, l->packets.soft) ||
	    lw_put_limit(msg, LINKWIRE_A_SA_HARD_PACKETS, l->packets.hard) ||
	    lw_put_limit(msg, LINKWIRE_A_SA_SOFT_BYTES, l->bytes.soft) ||
	    lw_put_limit(msg, LINKWIRE_A_SA_HARD_BYTES, l->bytes.hard) ||
	    lw_put_limit(msg, LINKWIRE_A_SA_SOFT_SECONDS, l->seconds.soft) ||
	    lw_put_limit(msg, LINKWIRE_A_SA_HARD_SECONDS, l->seconds.hard) ||
	    nla_put_u8(msg, LINKWIRE_A_SA_STATE, READ_ONCE(sa->state)) ||
	    nla_put_u64_64bit(msg, LINKWIRE_A_SA_AGE, lw_sa_seconds(sa),
			      LINKWIRE_A_SA_PAD) ||
	    nla_put_u64_64bit(msg, LINKWIRE_A_SA_COUNTER, spent.counter, LINKWIRE_A_SA_PAD) ||
	    nla_put_u64_64bit(msg, LINKWIRE_A_SA_PACKETS, spent.packets, LINKWIRE_A_SA_PAD) ||
	    nla_put_u64_64bit(msg, LINKWIRE_A_SA_BYTES, spent.bytes, LINKWIRE_A_SA_PAD) ||
	    nla_put_u64_64bit(msg, LINKWIRE_A_SA_BLOCKS, spent.blocks, LINKWIRE_A_SA_PAD) ||
	    (rx && nla_put_u64_64bit(msg, LINKWIRE_A_SA_FAILED, atomic64_read(&sa->failed),
				     LINKWIRE_A_SA_PAD)) ||
	    nla_put_string(msg, LINKWIRE_A_SA_DRIVER, driver))
		goto cancel;
	nla_nest_end(msg, nest);
	genlmsg_end(msg, hdr);
	return 0;
cancel:
	genlmsg_cancel(msg, hdr);
	return -EMSGSIZE;
}

/**
 * lw_netlink_sa_new - LINKWIRE_CMD_SA_NEW: install an SA
 * @skb: the request
 * @info: its attributes
 *
 * Nothing may fail once the SA is installed, so the answer is allocated before. Whatever happens, the
 * SA with its key is wiped from the request, which the kernel would send back with an error.
 *
 * Context: process; sleeps. Return: 0 or an error.
 */
int lw_netlink_sa_new(struct sk_buff *skb, struct genl_info *info)
{
	struct lw_underlay *ul = lw_underlay_get(genl_info_net(info));
	struct nlattr *tb[LINKWIRE_A_SA_MAX + 1];
	struct sk_buff *msg = NULL;
	struct lw_wire *wire;
	struct lw_sa *sa;
	int err;

	err = lw_netlink_sa_parse(info, tb, true);
	if (err)
		goto wipe;
	if (info->nlhdr->nlmsg_flags & NLM_F_ECHO) {
		err = -ENOMEM;
		msg = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);
		if (!msg)
			goto wipe;
	}
	sa = lw_sa_new(tb, info->extack);
	if (IS_ERR(sa)) {
		err = PTR_ERR(sa);
		goto free;
	}

	mutex_lock(&ul->sa_lock);
	wire = lw_netlink_wire(ul, info->attrs, info->extack);
	err = IS_ERR(wire) ? PTR_ERR(wire) : lw_sa_install(wire, sa, tb, info->extack);
	if (err) {
		mutex_unlock(&ul->sa_lock);
		lw_sa_put(sa);
		goto free;
	}
	if (msg)
		lw_sa_fill(msg, info->snd_portid, info->snd_seq, 0, LINKWIRE_CMD_SA_NEW, sa);
	if (sa->dir == LINKWIRE_DIR_TX && netif_running(wire->dev))
		lw_send_keepalive(wire, 0, false);	/* the peer sees that the key works */
	mutex_unlock(&ul->sa_lock);
	if (msg)
		genlmsg_reply(msg, info);
	msg = NULL;
free:
	nlmsg_free(msg);
wipe:
	if (info->attrs[LINKWIRE_A_SA])
		memzero_explicit(nla_data(info->attrs[LINKWIRE_A_SA]),
				 nla_len(info->attrs[LINKWIRE_A_SA]));
	return err;
}

/* Context: sa_lock held. Return: the SA that a request names; or an error. */
static struct lw_sa *lw_netlink_sa(struct lw_underlay *ul, struct genl_info *info,
				   struct nlattr *tb[])
{
	struct lw_wire *wire = lw_netlink_wire(ul, info->attrs, info->extack);
	struct lw_sa *sa;

	if (IS_ERR(wire))
		return ERR_CAST(wire);
	sa = lw_sa_find(wire, nla_get_u8(tb[LINKWIRE_A_SA_DIR]), nla_get_u32(tb[LINKWIRE_A_SA_TAG]));
	if (!sa) {
		NL_SET_ERR_MSG_ATTR(info->extack, tb[LINKWIRE_A_SA_TAG],
				    "the wire has no such SA");
		return ERR_PTR(-ENOENT);
	}
	return sa;
}

/**
 * lw_netlink_sa_del - LINKWIRE_CMD_SA_DEL: delete an SA
 * @skb: the request
 * @info: its attributes
 * Context: process; sleeps. Return: 0 or an error.
 */
int lw_netlink_sa_del(struct sk_buff *skb, struct genl_info *info)
{
	struct lw_underlay *ul = lw_underlay_get(genl_info_net(info));
	struct nlattr *tb[LINKWIRE_A_SA_MAX + 1];
	struct lw_sa *sa;
	int err;

	err = lw_netlink_sa_parse(info, tb, false);
	if (err)
		return err;
	mutex_lock(&ul->sa_lock);
	sa = lw_netlink_sa(ul, info, tb);
	if (!IS_ERR(sa))
		lw_sa_remove(sa);
	mutex_unlock(&ul->sa_lock);
	return PTR_ERR_OR_ZERO(sa);
}

/**
 * lw_netlink_sa_get - LINKWIRE_CMD_SA_GET: show an SA
 * @skb: the request
 * @info: its attributes
 * Context: process; sleeps. Return: 0 or an error.
 */
int lw_netlink_sa_get(struct sk_buff *skb, struct genl_info *info)
{
	struct lw_underlay *ul = lw_underlay_get(genl_info_net(info));
	struct nlattr *tb[LINKWIRE_A_SA_MAX + 1];
	struct sk_buff *msg;
	struct lw_sa *sa;
	int err;

	err = lw_netlink_sa_parse(info, tb, false);
	if (err)
		return err;
	msg = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_KERNEL);
	if (!msg)
		return -ENOMEM;
	mutex_lock(&ul->sa_lock);
	sa = lw_netlink_sa(ul, info, tb);
	err = IS_ERR(sa) ? PTR_ERR(sa) :
	      lw_sa_fill(msg, info->snd_portid, info->snd_seq, 0, LINKWIRE_CMD_SA_GET, sa);
	mutex_unlock(&ul->sa_lock);
	if (err) {
		nlmsg_free(msg);
		return err;
	}
	return genlmsg_reply(msg, info);
}

/* one wire's SAs, from the @from-th slot on: its transmitting one, then the receiving ones */
static int lw_netlink_sa_dump_wire(struct sk_buff *msg, struct netlink_callback *cb,
				   const struct lw_wire *wire, long *from)
{
	struct lw_sa *sa;

	for (; *from <= LINKWIRE_RX_SA_MAX; ++*from) {
		sa = rcu_dereference_protected(*from ? wire->rx[*from - 1] : wire->tx,
					       lockdep_is_held(&wire->underlay->sa_lock));
		if (sa && lw_sa_fill(msg, NETLINK_CB(cb->skb).portid, cb->nlh->nlmsg_seq,
				     NLM_F_MULTI, LINKWIRE_CMD_SA_GET, sa))
			return -EMSGSIZE;
	}
	*from = 0;
	return 0;
}

/**
 * lw_netlink_sa_dump - LINKWIRE_CMD_SA_GET: show all SAs, of a wire or of the underlay
 * @msg: to be filled with as many as fit
 * @cb: the request; args: the wire's id to go on at, the slot in it, and whether that was all
 * Context: process; sleeps. Return: bytes in @msg, 0 at the end; or an error.
 */
int lw_netlink_sa_dump(struct sk_buff *msg, struct netlink_callback *cb)
{
	struct lw_underlay *ul = lw_underlay_get(sock_net(msg->sk));
	struct nlattr **attrs = lw_dump_attrs(cb);
	unsigned long id = cb->args[0];
	struct lw_wire *wire;
	int err = 0;

	if (cb->args[2])
		return 0;
	mutex_lock(&ul->sa_lock);
	if (attrs[LINKWIRE_A_ID] || attrs[LINKWIRE_A_IFINDEX] || attrs[LINKWIRE_A_IFNAME]) {
		wire = lw_netlink_wire(ul, attrs, cb->extack);
		if (IS_ERR(wire))
			err = PTR_ERR(wire);
		else
			cb->args[2] = !lw_netlink_sa_dump_wire(msg, cb, wire, &cb->args[1]);
	} else {
		xa_for_each_start(&ul->wires, id, wire, id) {
			if (id != cb->args[0])	/* the one that did not fit was deleted */
				cb->args[1] = 0;
			if (lw_netlink_sa_dump_wire(msg, cb, wire, &cb->args[1]))
				break;
			cb->args[0] = id;
		}
		cb->args[0] = id;
		cb->args[2] = !wire;
	}
	mutex_unlock(&ul->sa_lock);
	if (!err && !cb->args[2] && !msg->len)
		err = -EMSGSIZE;
	return err ?: msg->len;
}
