/* SPDX-License-Identifier: MIT */
/*
 * Network devices by rtnetlink: wires, and what a topology needs beside them.
 *
 * Addresses and routes name a device by its ifindex, which a batch cannot know of a device that it creates itself.
 * So whoever sends addresses in the same batch chooses the ifindex: struct lw_link_new.ifindex (free ones are easily
 * had in a namespace of one's own; one in use is refused with EEXIST).
 */
#ifndef LW_NETLINK_LINK_H
#define LW_NETLINK_LINK_H

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

#include "netlink/batch.h"
#include "netlink/tunnel.h"
#include "netlink/wire.h"

/* what creation of every kind takes; zero or NULL (netns_fd: LW_NETNS_SELF) leaves it to the kernel */
struct lw_link_new {
	const char *name;
	int netns_fd;		/* the device is made there; LW_NETNS_SELF: in the namespace of the socket */
	uint32_t ifindex;
	uint32_t mtu;
	const uint8_t *mac;	/* 6 bytes */
	uint32_t master;	/* ifindex of a bridge or VRF to be put under; in the device's namespace */
	bool up;
};

#define LW_LINK_NEW(dev) ((struct lw_link_new){ .name = (dev), .netns_fd = LW_NETNS_SELF })

/*
 * All builders return the request's index in the batch or a negative errno (also kept in the batch).
 * The batch is one of NETLINK_ROUTE.
 */

/* A wire: kind linkwire with @spec as IFLA_INFO_DATA. The socket's namespace becomes its underlay. */
int lw_link_add_wire(struct lw_batch *b, const struct lw_link_new *dev, const struct lw_wire_spec *spec);

/* A device of a kind that needs no data: "bridge", "dummy", "ifb" … */
int lw_link_add_kind(struct lw_batch *b, const struct lw_link_new *dev, const char *kind);

int lw_link_add_vrf(struct lw_batch *b, const struct lw_link_new *dev, uint32_t table);
int lw_link_add_veth(struct lw_batch *b, const struct lw_link_new *dev, const struct lw_link_new *peer);

/* A device that exists: by its index, or if that is 0 by its name. */
struct lw_link_ref {
	uint32_t ifindex;
	const char *name;
};

#define LW_BY_NAME(dev)		((struct lw_link_ref){ .name = (dev) })
#define LW_BY_INDEX(index)	((struct lw_link_ref){ .ifindex = (index) })

int lw_link_del(struct lw_batch *b, struct lw_link_ref ref);
int lw_link_set_up(struct lw_batch *b, struct lw_link_ref ref, bool up);
int lw_link_set_mtu(struct lw_batch *b, struct lw_link_ref ref, uint32_t mtu);
int lw_link_set_mac(struct lw_batch *b, struct lw_link_ref ref, const uint8_t mac[6]);
int lw_link_set_master(struct lw_batch *b, struct lw_link_ref ref, uint32_t master);	/* 0: none */
int lw_link_set_alias(struct lw_batch *b, struct lw_link_ref ref, const char *alias);	/* not taken at creation */
int lw_link_set_name(struct lw_batch *b, uint32_t ifindex, const char *name);	/* the one name in a request is the new one */
int lw_link_set_netns(struct lw_batch *b, struct lw_link_ref ref, int netns_fd);

/* The same with a name and an index of its own there. */
int lw_link_move(struct lw_batch *b, uint32_t ifindex, int netns_fd, const char *name, uint32_t new_ifindex);

/* what a dump tells of a device */
struct lw_link {
	uint32_t ifindex;
	char name[IFNAMSIZ];
	char kind[16];		/* "linkwire", "veth", "bridge" …; empty: physical or loopback */
	char alias[256];
	uint32_t mtu;
	uint32_t master;	/* ifindex; 0: none */
	uint32_t peer;		/* IFLA_LINK: of veth, the other end's ifindex in its own namespace; 0: none */
	bool up;
	bool carrier;
	uint8_t mac[6];
	uint8_t mac_len;
	uint32_t wire_id;	/* kind linkwire, where the namespace may see it; else 0 */
	struct lw_tunnel tunnel;	/* of the kernel's own kinds */
};

typedef int lw_link_fn(const struct lw_link *link, void *arg);

int lw_link_dump(struct lw_nl *nl, lw_link_fn *fn, void *arg, struct lw_error *err);

/*
 * All devices by their index alone: a tenth of what lw_link_dump() costs. @fn returns 0, or a negative errno that ends it.
 */
typedef int lw_ifindex_fn(uint32_t ifindex, void *arg);

int lw_link_indexes(struct lw_nl *nl, lw_ifindex_fn *fn, void *arg, struct lw_error *err);

/* One device, by index or name; -ENODEV if there is none. */
int lw_link_get(struct lw_nl *nl, struct lw_link_ref ref, struct lw_link *link, struct lw_error *err);

/* A name that a device can have: 1 to 15 bytes, no '/', ':' or white space, not "." or "..". */
bool lw_link_name_valid(const char *name);

#endif
