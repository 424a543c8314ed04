/* SPDX-License-Identifier: MIT */
/*
 * Directories that nobody but root, or who we are, can put anything into.
 */
#ifndef LINKWIRE_TOPO_PRIVATE_DIR_H
#define LINKWIRE_TOPO_PRIVATE_DIR_H

#include <stdbool.h>

#include "netlink/error.h"

int private_dir(int at, const char *name, bool make, struct lw_error *err);

#endif
