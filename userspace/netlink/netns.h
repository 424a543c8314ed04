/* SPDX-License-Identifier: MIT */
/*
 * Network namespaces, named as `ip netns` names them: bind mounts in /run/netns.
 */
#ifndef LW_NETLINK_NETNS_H
#define LW_NETLINK_NETNS_H

#include <stdbool.h>
#include <stdint.h>

#include "netlink/error.h"

#define LW_NETNS_DIR "/run/netns"

/* A name that can be a file in LW_NETNS_DIR. */
bool lw_netns_name_valid(const char *name);

/* A descriptor of the namespace (close-on-exec), which the caller closes; or a negative errno, told in @err. */
int lw_netns_open(const char *name, struct lw_error *err);

/* Creates a namespace of that name, loopback up; -EEXIST if there is one. The caller stays where it is. */
int lw_netns_add(const char *name, struct lw_error *err);

/* Takes the name away; the namespace goes with its last user. */
int lw_netns_del(const char *name, struct lw_error *err);

/* Each name in LW_NETNS_DIR, in order of bytes. Less than 0 from @fn ends it with that. */
int lw_netns_each(int (*fn)(const char *name, void *arg), void *arg, struct lw_error *err);

/*
 * Enters the namespace @fd and leaves it again. The thread's own namespace is kept in @saved between the two, which is
 * -1 before: others may be entered in turn before it is left. A way back that fails ends the process, since everything
 * after it would happen in the wrong place.
 */
int lw_netns_enter(int fd, int *saved, struct lw_error *err);
void lw_netns_leave(int saved);

/* SO_NETNS_COOKIE of the namespace @fd (LW_NETNS_SELF: ours); 0 if the kernel does not say. */
uint64_t lw_netns_cookie(int fd);

/* The names in LW_NETNS_DIR by the cookies of their namespaces, read once. */
struct lw_netns_map {
	struct lw_netns_entry {
		uint64_t cookie;
		char *name;
	} *entry;		/* in order of cookies, then of names */
	unsigned int n, room;
	bool loaded;
};

/* The name of the namespace with @cookie, the first in order of bytes; NULL if it has none. Loads the map if need be. */
const char *lw_netns_map_name(struct lw_netns_map *map, uint64_t cookie);
void lw_netns_map_free(struct lw_netns_map *map);

#endif
