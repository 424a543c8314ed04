/* SPDX-License-Identifier: MIT */
/*
 * What is live, read from the kernel. No file records it: namespaces are known by their names, wires by their labels,
 * addresses by their protocol.
 */
#ifndef LINKWIRE_TOPO_LIVE_H
#define LINKWIRE_TOPO_LIVE_H

#include "netlink/error.h"
#include "topology/diag.h"
#include "topology/state.h"

#define LIVE_DEVICE "fabric"		/* in an underlay: the link to the others; in the fabric: the bridge */
#define LIVE_ADDR_PROTO 76		/* protocol of addresses, routes and rules that we put there: 'L' */
#define LIVE_BRIDGE "linkwire"		/* alias of a bridge that is ours */
#define LIVE_TABLE 0x4c000000u		/* routing tables from here on are those of policies */
#define LIVE_NFT_TABLE "linkwire"	/* of nftables, family inet */
#define LIVE_DENIED4 "denied4"		/* its sets of pairs of addresses */
#define LIVE_DENIED6 "denied6"

int live_read(struct topo_state *live, const struct topo_state *want, struct diag *d, struct lw_error *err);

/* the marks that live_read() looks for */
void live_label(char label[65], const char *topology, const struct topo_wire *w, int end);
const char *live_mark(struct arena *mem, const struct topo_node *node);
const char *live_marked(const char *mark);

#endif
