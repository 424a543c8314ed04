/* SPDX-License-Identifier: MIT */
/*
 * A netlink context: one rtnetlink and one generic netlink socket inside one network namespace.
 *
 * The caller owns it; nothing here is global, so one process can hold a context in every namespace that it works on.
 * A context is for one thread.
 */
#ifndef LW_NETLINK_CONTEXT_H
#define LW_NETLINK_CONTEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "netlink/error.h"

struct mnl_socket;

#define LW_NETNS_SELF (-1)	/* in place of a netns descriptor: the namespace that the caller is in */

struct lw_nl {
	struct mnl_socket *rtnl;
	struct mnl_socket *genl;
	struct mnl_socket *nfnl;	/* of netfilter: lw_nl_open_netfilter() */
	uint32_t seq;
	uint16_t family;	/* id of the linkwire family; 0: not resolved yet */
	uint32_t group;		/* id of its group of events */
	uint64_t cookie;	/* of the namespace (SO_NETNS_COOKIE); 0: the kernel does not say */
	bool interrupted;	/* a dump kept being interrupted: its last answer may miss or repeat something */
};

/*
 * Opens both sockets in the namespace @netns_fd (or LW_NETNS_SELF). The descriptor stays the caller's and may be
 * closed at once. Returns 0 or a negative errno, told in @err; after a failure there is nothing to close.
 */
int lw_nl_open(struct lw_nl *nl, int netns_fd, struct lw_error *err);

/* The same by a name in /run/netns; NULL: the namespace that the caller is in. */
int lw_nl_open_name(struct lw_nl *nl, const char *netns, struct lw_error *err);

/*
 * The same by a name that is given, and the caller is in that namespace then: @saved is for the way back (netns.h), if
 * it is not -1, after a failure as well.
 */
int lw_nl_open_entering(struct lw_nl *nl, const char *netns, int *saved, struct lw_error *err);

/* Opens a socket of rtnetlink's in the namespace @netns_fd, and no other. */
int lw_nl_open_route(struct lw_nl *nl, int netns_fd, struct lw_error *err);

/*
 * Opens a socket of netfilter's in the namespace @netns_fd, and no other. A kernel without netfilter: -EPROTONOSUPPORT.
 */
int lw_nl_open_netfilter(struct lw_nl *nl, int netns_fd, struct lw_error *err);

void lw_nl_close(struct lw_nl *nl);

/* Has the kernel keep more for the socket @fd until it is read: many answers, or events. */
void lw_nl_make_room(int fd);

/*
 * Finds the ids of the linkwire family and of its group of events (once; later calls return at once).
 * What sends generic requests calls it by itself. A kernel without the module: -ENOENT and err->kind LW_ERR_NO_MODULE.
 */
int lw_nl_family(struct lw_nl *nl, struct lw_error *err);

#endif
