/* SPDX-License-Identifier: MIT */
/*
 * Plain wires: lw_cipher=none. Nothing protects them; the compiler says so each time.
 */
#ifndef LINKWIRE_TOPO_PLAIN_H
#define LINKWIRE_TOPO_PLAIN_H

#include "netlink/tunnel.h"
#include "topology/state.h"

enum lw_tunnel_kind plain_kind(const struct topo_wire *w);
uint32_t plain_key(const struct topo_wire *w);

#endif
