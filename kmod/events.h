/* SPDX-License-Identifier: GPL-2.0 */
/* What userspace is told of, by multicast in the underlay netns. Implemented in events.c. */
#ifndef _LW_EVENTS_H
#define _LW_EVENTS_H

#include <linux/types.h>

struct lw_conf;
struct lw_sa;
struct lw_wire;

void lw_event_sa(const struct lw_sa *sa, u8 cmd);
void lw_event_wire(const struct lw_wire *wire, u8 cmd);

#endif /* _LW_EVENTS_H */
