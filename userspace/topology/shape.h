/* SPDX-License-Identifier: MIT */
/*
 * Rates, delay, loss and floors as queueing disciplines. Handles say which are ours: 76 is 'L'.
 */
#ifndef LINKWIRE_TOPO_SHAPE_H
#define LINKWIRE_TOPO_SHAPE_H

#include <stdbool.h>
#include <stdint.h>

#include "topology/arena.h"

#define SHAPE_TBF 0x4c010000u		/* on a wire: a rate alone */
#define SHAPE_NETEM 0x4c020000u		/* on a wire: delay or loss, and the rate if there is one */
#define SHAPE_HTB 0x4c030000u		/* on an underlay's link: floors */
#define SHAPE_ROOT_CLASS (SHAPE_HTB | 1)	/* all of the link */
#define SHAPE_OTHER_CLASS (SHAPE_HTB | 2)	/* what has no floor */
#define SHAPE_FIRST_CLASS (SHAPE_HTB | 0x10)	/* of a wire: its packets have the id of the class as their mark */
#define SHAPE_LAST_CLASS (SHAPE_HTB | 0xffff)

bool shape_is_ours(uint32_t handle, const char *kind);
bool shape_is_class(uint32_t mark);
uint32_t shape_handle(uint64_t rate, uint32_t delay_us, uint32_t loss);
const char *shape_rate(struct arena *mem, uint64_t rate);
const char *shape_delay(struct arena *mem, uint32_t delay_us);
const char *shape_loss(struct arena *mem, uint32_t loss);

#endif
