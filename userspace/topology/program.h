/* SPDX-License-Identifier: MIT */
/*
 * Programs that lwctl runs for what it would not do itself: reading files (lwctl-graph), drawing (lwctl-draw).
 */
#ifndef LINKWIRE_TOPO_PROGRAM_H
#define LINKWIRE_TOPO_PROGRAM_H

#include <limits.h>

#define PROGRAM_MISSING 127	/* exit status */

void program_find(char path[PATH_MAX], const char *name);
_Noreturn void program_become(const char *path, char *const argv[], int in, int out);

#endif
