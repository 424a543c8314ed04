// SPDX-License-Identifier: MIT
#include <linux/linkwire.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "topology/plain.h"

#define KEY_DIGITS 6	/* of 16: a VNI has 24 bits */

static bool carries_v6(const struct topo_wire *w)
{
	for (int k = 0; k < 2; k++)
		for (size_t i = 0; i < w->end[k].addrs; i++)
			if (w->end[k].addr[i].addr.family == AF_INET6)
				return true;
	return false;
}

/**
 * plain_kind() - the kernel's device that a plain wire is made of
 * @w: the wire
 *
 * The kernel's ipip carries IPv4 alone; sit carries both, and IPv4 as ipip does.
 *
 * Return: the kind.
 */
enum lw_tunnel_kind plain_kind(const struct topo_wire *w)
{
	bool v6 = w->end[0].local.family == AF_INET6;

	switch (w->encap) {
	case LINKWIRE_ENCAP_VXLAN:
		return LW_TUNNEL_VXLAN;
	case TOPO_ENCAP_GRETAP:
		return v6 ? LW_TUNNEL_IP6GRETAP : LW_TUNNEL_GRETAP;
	default:
		return v6 ? LW_TUNNEL_IP6TNL : carries_v6(w) ? LW_TUNNEL_SIT : LW_TUNNEL_IPIP;
	}
}

/**
 * plain_key() - what tells a plain wire apart from others between the same endpoints
 * @w: the wire
 *
 * Return: 24 bits of its identity: a VNI, or with a FlowID behind it, as NVGRE has it, a key of GRE; 0: it has none.
 */
uint32_t plain_key(const struct topo_wire *w)
{
	char digits[KEY_DIGITS + 1] = "";
	uint32_t id;

	memcpy(digits, w->key, KEY_DIGITS);
	id = (uint32_t)strtoul(digits, NULL, 16) ?: 1;
	switch (w->encap) {
	case LINKWIRE_ENCAP_VXLAN:
		return id;
	case TOPO_ENCAP_GRETAP:
		return id << 8;
	default:
		return 0;
	}
}
