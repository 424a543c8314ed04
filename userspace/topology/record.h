/* SPDX-License-Identifier: MIT */
/*
 * The record of a generation: lines of "KEY VALUE", in which a control character or a backslash is \xNN.
 */
#ifndef LINKWIRE_TOPO_RECORD_H
#define LINKWIRE_TOPO_RECORD_H

#include <stdbool.h>

#include "topology/generations.h"

#define RECORD_MAX 65536	/* bytes */

const char *record_format(struct arena *mem, const struct generation *g);
bool record_parse(struct arena *mem, const char *text, struct generation *g);

#endif
