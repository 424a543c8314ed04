/* SPDX-License-Identifier: GPL-2.0 */
/* Tracepoints on what the module decides: drops, ends of SAs, peers. No packet's bytes, no key. */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM linkwire

#if !defined(_LW_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _LW_TRACE_H

#include <linux/netdevice.h>
#include <linux/tracepoint.h>
#include "compat.h"
#include "stats.h"

TRACE_EVENT(lw_drop,
	TP_PROTO(const struct net_device *dev, unsigned int why),
	TP_ARGS(dev, why),
	TP_STRUCT__entry(
		__string(name, dev ? dev->name : "underlay")
		__string(reason, lw_stat_name(why))
	),
	TP_fast_assign(
		lw_assign_str(name, dev ? dev->name : "underlay");
		lw_assign_str(reason, lw_stat_name(why));
	),
	TP_printk("dev=%s reason=%s", __get_str(name), __get_str(reason))
);

TRACE_EVENT(lw_sa,
	TP_PROTO(const struct net_device *dev, u32 tag, u8 dir, int state),
	TP_ARGS(dev, tag, dir, state),
	TP_STRUCT__entry(
		__string(name, dev->name)
		__field(u32, tag)
		__field(u8, dir)
		__field(int, state)
	),
	TP_fast_assign(
		lw_assign_str(name, dev->name);
		__entry->tag = tag;
		__entry->dir = dir;
		__entry->state = state;
	),
	TP_printk("dev=%s dir=%s tag=%06x state=%d", __get_str(name),
		  __entry->dir == LINKWIRE_DIR_RX ? "rx" : "tx", __entry->tag, __entry->state)
);

TRACE_EVENT(lw_wire,
	TP_PROTO(const struct net_device *dev, u8 event),
	TP_ARGS(dev, event),
	TP_STRUCT__entry(
		__string(name, dev->name)
		__field(u8, event)
	),
	TP_fast_assign(
		lw_assign_str(name, dev->name);
		__entry->event = event;
	),
	TP_printk("dev=%s event=%s", __get_str(name),
		  __print_symbolic(__entry->event,
				   { LINKWIRE_CMD_PEER_UP_NTF, "peer-up" },
				   { LINKWIRE_CMD_PEER_DOWN_NTF, "peer-down" },
				   { LINKWIRE_CMD_PEER_MOVED_NTF, "peer-moved" },
				   { LINKWIRE_CMD_WIRE_DEL_NTF, "wire-deleted" }))
);

#endif /* _LW_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
