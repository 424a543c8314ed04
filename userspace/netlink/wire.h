/* SPDX-License-Identifier: MIT */
/*
 * Wires by the generic netlink family: what describes one, asking, changing, deleting.
 * (Creation goes by rtnetlink: lw_link_add_wire() in link.h.)
 */
#ifndef LW_NETLINK_WIRE_H
#define LW_NETLINK_WIRE_H

#include <linux/linkwire.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

#include "netlink/address.h"
#include "netlink/batch.h"
#include "netlink/counters.h"
#include "netlink/sources.h"

/* what IFLA_LINKWIRE_* says of a wire; ports in host byte order */
struct lw_wire_spec {
	uint32_t has;		/* LW_HAS(IFLA_LINKWIRE_…) of what is given; builders send those and nothing else */
	uint32_t id;
	uint8_t encap;		/* enum linkwire_encap */
	uint8_t mode;		/* enum linkwire_mode */
	struct lw_addr local;	/* family 0: the route's choice */
	struct lw_addr remote;
	uint16_t port;
	uint16_t remote_port;
	uint16_t src_port;
	uint32_t link;		/* ifindex in the underlay */
	uint32_t fwmark;
	uint8_t ttl;
	uint8_t dscp;
	bool roam;
	uint32_t hold;		/* ms */
	char label[LINKWIRE_LABEL_MAX + 1];
	uint8_t label_len;
	struct lw_addr backup;	/* the peer's second address; family 0: none */
	struct lw_sources sources;	/* allowed; only what lw_wire_parse() gives has them, and owns them */
};

#define LW_HAS(attr) (1U << (attr))

/* a wire that exists: by id, by the index of its device in the socket's namespace, or by its name there */
struct lw_wire_ref {
	uint32_t id;		/* 0: not by id */
	uint32_t ifindex;	/* 0: not by ifindex */
	const char *name;
};

#define LW_WIRE_ID(wire)	((struct lw_wire_ref){ .id = (wire) })
#define LW_WIRE_NAME(dev)	((struct lw_wire_ref){ .name = (dev) })

struct lw_wire {
	uint32_t id;
	uint32_t ifindex;	/* in the device's own namespace */
	char name[IFNAMSIZ];
	uint64_t netns_cookie;	/* of the device's namespace; nl->cookie: the underlay itself */
	bool has_netnsid;
	int32_t netnsid;
	bool carrier;
	bool up;
	uint32_t mtu;
	bool on_backup;		/* packets are sent to spec.backup */
	struct lw_wire_spec spec;
	struct lw_counters counters;
};

/* Writes @spec as attributes (of IFLA_INFO_DATA or LINKWIRE_A_LINK) at the end of @nlh. */
struct nlmsghdr;
void lw_wire_put_spec(struct nlmsghdr *nlh, const struct lw_wire_spec *spec);
void lw_wire_put_ref(struct nlmsghdr *nlh, struct lw_wire_ref ref);

/* Builders, for a batch of NETLINK_GENERIC: return the request's index or a negative errno. */
int lw_wire_set(struct lw_batch *b, struct lw_wire_ref ref, const struct lw_wire_spec *spec);
int lw_wire_del(struct lw_batch *b, struct lw_wire_ref ref);

/* All of them in one request, all or none; at most LW_WIRE_DEL_MAX. */
#define LW_WIRE_DEL_MAX 1024
int lw_wire_del_many(struct lw_batch *b, const uint32_t *ids, unsigned int n);

/*
 * The answer to LINKWIRE_CMD_WIRE_GET, as a struct that owns nothing but its allowed sources: lw_wire_free(). Returns 0;
 * -EBADMSG if it is none; or -ENOMEM.
 */
int lw_wire_parse(const struct nlmsghdr *nlh, struct lw_wire *wire);
void lw_wire_free(struct lw_wire *wire);
int lw_wire_copy(struct lw_wire *to, const struct lw_wire *from);	/* 0, or -ENOMEM with nothing to free */

/* @wire is freed when it returns: lw_wire_copy() keeps it. */
typedef int lw_wire_fn(const struct lw_wire *wire, void *arg);

int lw_wire_dump(struct lw_nl *nl, lw_wire_fn *fn, void *arg, struct lw_error *err);
int lw_wire_get(struct lw_nl *nl, struct lw_wire_ref ref, struct lw_wire *wire, struct lw_error *err);

/*
 * The wire of this underlay whose device is called @name: first in the socket's own namespace, else, if there is just
 * one such in all others, that. -ENODEV: none; -ENOTUNIQ: several (then it has to be addressed by id). To be freed.
 */
int lw_wire_find(struct lw_nl *nl, const char *name, struct lw_wire *wire, struct lw_error *err);

/* What was dropped before a wire was known: LINKWIRE_CMD_UNDERLAY_GET. */
int lw_underlay_get(struct lw_nl *nl, struct lw_counters *counters, struct lw_error *err);

#endif
