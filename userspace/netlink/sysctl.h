/* SPDX-License-Identifier: MIT */
/*
 * Settings of a network namespace that netlink does not reach: files in /proc/sys/net.
 */
#ifndef LW_NETLINK_SYSCTL_H
#define LW_NETLINK_SYSCTL_H

#include <stdbool.h>

#include "netlink/error.h"

/* Does the namespace @netns_fd (or LW_NETNS_SELF) forward IPv4 and IPv6? A family that the kernel lacks counts as on. */
int lw_forwarding_get(int netns_fd, bool *on, struct lw_error *err);
int lw_forwarding_set(int netns_fd, bool on, struct lw_error *err);

#endif
