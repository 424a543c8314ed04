// SPDX-License-Identifier: GPL-2.0
/*
 * Events, to those in the underlay netns who have joined the group. Losing one for want of memory is
 * no harm that a dump does not mend; senders of events never wait.
 */

#include <linux/netdevice.h>
#include "events.h"
#include "netlink.h"
#include "sa.h"
#include "trace.h"

static void lw_event_send(const struct lw_wire *wire, struct sk_buff *msg, void *hdr)
{
	genlmsg_end(msg, hdr);
	genlmsg_multicast_netns(&lw_genl, wire->underlay->net, msg, 0, 0, GFP_ATOMIC);
}

static struct sk_buff *lw_event_new(const struct lw_wire *wire, u8 cmd, void **hdr)
{
	struct net *net = wire->underlay->net;
	struct sk_buff *msg;

	if (!genl_has_listeners(&lw_genl, net, 0))
		return NULL;
	msg = genlmsg_new(GENLMSG_DEFAULT_SIZE, GFP_ATOMIC | __GFP_NOWARN);
	if (!msg)
		return NULL;
	*hdr = genlmsg_put(msg, 0, 0, &lw_genl, 0, cmd);
	if (!*hdr || nla_put_u32(msg, LINKWIRE_A_ID, wire->id) ||
	    nla_put_string(msg, LINKWIRE_A_IFNAME, wire->dev->name)) {
		nlmsg_free(msg);
		return NULL;
	}
	return msg;
}

/**
 * lw_event_sa - an SA nears its end, or has reached it
 * @sa: the SA
 * @cmd: LINKWIRE_CMD_SA_EXPIRING_NTF or _EXPIRED_NTF
 * Context: any; RCU, or the wire is otherwise known to stay.
 */
void lw_event_sa(const struct lw_sa *sa, u8 cmd)
{
	struct nlattr *nest;
	struct sk_buff *msg;
	void *hdr;

	trace_lw_sa(sa->wire->dev, sa->tag, sa->dir, sa->state);
	msg = lw_event_new(sa->wire, cmd, &hdr);
	if (!msg)
		return;
	nest = nla_nest_start(msg, LINKWIRE_A_SA);
	if (!nest || nla_put_u8(msg, LINKWIRE_A_SA_DIR, sa->dir) ||
	    nla_put_u32(msg, LINKWIRE_A_SA_TAG, sa->tag) ||
	    nla_put_u8(msg, LINKWIRE_A_SA_CIPHER, sa->cipher) ||
	    nla_put_u8(msg, LINKWIRE_A_SA_STATE, READ_ONCE(sa->state))) {
		nlmsg_free(msg);
		return;
	}
	nla_nest_end(msg, nest);
	lw_event_send(sa->wire, msg, hdr);
}

/**
 * lw_event_wire - something happened to a wire
 * @wire: the wire
 * @cmd: LINKWIRE_CMD_PEER_*_NTF or LINKWIRE_CMD_WIRE_DEL_NTF
 * Context: any; RCU or rtnl, or the wire is otherwise known to stay.
 */
void lw_event_wire(const struct lw_wire *wire, u8 cmd)
{
	struct nlattr *nest;
	struct sk_buff *msg;
	void *hdr;

	trace_lw_wire(wire->dev, cmd);
	msg = lw_event_new(wire, cmd, &hdr);
	if (!msg)
		return;
	nest = nla_nest_start(msg, LINKWIRE_A_LINK);
	if (!nest || lw_conf_fill(msg, wire, true)) {
		nlmsg_free(msg);
		return;
	}
	nla_nest_end(msg, nest);
	if (lw_conf_active_fill(msg, wire)) {
		nlmsg_free(msg);
		return;
	}
	lw_event_send(wire, msg, hdr);
}
