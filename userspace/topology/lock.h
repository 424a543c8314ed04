/* SPDX-License-Identifier: MIT */
/*
 * One apply, rollback or destroy at a time for each topology.
 */
#ifndef LINKWIRE_TOPO_LOCK_H
#define LINKWIRE_TOPO_LOCK_H

#include "netlink/error.h"

#define LOCK_DIR "/run/linkwire"

int topology_lock(const char *dir, const char *name, struct lw_error *err);

#endif
