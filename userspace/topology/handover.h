/* SPDX-License-Identifier: MIT */
/*
 * Keys that wait for the export of the wire's other end: in the kernel's memory, never in a file.
 */
#ifndef LINKWIRE_TOPO_HANDOVER_H
#define LINKWIRE_TOPO_HANDOVER_H

#include <linux/linkwire.h>
#include <stdint.h>

#define HANDOVER_SECONDS 3600

/* both directions of a wire, each by the end that receives */
struct wire_keys {
	uint32_t tag[2];
	uint8_t key[2][LINKWIRE_KEY_MAX];
	uint8_t cipher;
};

int handover_take(const char *name, struct wire_keys *keys);
int handover_leave(const char *name, const struct wire_keys *keys);

#endif
