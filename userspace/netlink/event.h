/* SPDX-License-Identifier: MIT */
/*
 * Events of the linkwire family.
 */
#ifndef LW_NETLINK_EVENT_H
#define LW_NETLINK_EVENT_H

#include "netlink/sa.h"

struct lw_event {
	uint8_t cmd;		/* LINKWIRE_CMD_…_NTF */
	uint32_t id;		/* of the wire */
	char name[IFNAMSIZ];	/* of its device; empty: not told */
	bool has_sa;
	struct lw_sa sa;
	struct lw_wire_spec spec;	/* spec.has: what is told of the wire */
	bool on_backup;			/* packets go to spec.backup */
};

const char *lw_event_name(uint8_t cmd);		/* "sa-expiring", "peer-up", "wire-del" …; NULL: no event */

int lw_event_parse(const struct nlmsghdr *nlh, struct lw_event *event);	/* 0, or -EBADMSG: no event of ours */

/* Joins the group of events. The context is then for events only: requests go by another. Needs CAP_NET_ADMIN. */
int lw_event_join(struct lw_nl *nl, struct lw_error *err);

int lw_event_fd(const struct lw_nl *nl);	/* to poll */

typedef int lw_event_fn(const struct lw_event *event, void *arg);

/*
 * Reads what is there, waiting for it if need be, and calls @fn for each event. -ENOBUFS: events came faster than they
 * were read and some are lost; -ENODEV: the module was unloaded; the context goes on working, in the latter case when
 * the module is loaded again.
 */
int lw_event_read(struct lw_nl *nl, lw_event_fn *fn, void *arg, struct lw_error *err);

#endif
