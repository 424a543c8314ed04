// SPDX-License-Identifier: MIT
#include "netlink/attrs.h"

#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <linux/if_link.h>
#include <linux/linkwire.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <stdio.h>
#include <string.h>

/* one attribute: its name, and what is inside if it is a nest */
struct attr {
	const char *name;
	const struct attr *inside;
	unsigned int inside_max;
	unsigned int header;	/* bytes between the attribute's own header and what is inside */
};

#define NEST(table) .inside = (table), .inside_max = sizeof(table) / sizeof((table)[0]) - 1

static const struct attr source_attrs[LINKWIRE_A_SOURCE_MAX + 1] = {
	[LINKWIRE_A_SOURCE_ANY] = { .name = "any" },
	[LINKWIRE_A_SOURCE_IPV4] = { .name = "ipv4" },
	[LINKWIRE_A_SOURCE_IPV6] = { .name = "ipv6" },
	[LINKWIRE_A_SOURCE_MAC] = { .name = "mac" },
};

static const struct attr wire_attrs[IFLA_LINKWIRE_MAX + 1] = {
	[IFLA_LINKWIRE_ID] = { .name = "id" },
	[IFLA_LINKWIRE_ENCAP] = { .name = "encap" },
	[IFLA_LINKWIRE_MODE] = { .name = "mode" },
	[IFLA_LINKWIRE_LOCAL] = { .name = "local" },
	[IFLA_LINKWIRE_REMOTE] = { .name = "remote" },
	[IFLA_LINKWIRE_PORT] = { .name = "port" },
	[IFLA_LINKWIRE_REMOTE_PORT] = { .name = "remote-port" },
	[IFLA_LINKWIRE_SRC_PORT] = { .name = "src-port" },
	[IFLA_LINKWIRE_LINK] = { .name = "dev" },
	[IFLA_LINKWIRE_FWMARK] = { .name = "fwmark" },
	[IFLA_LINKWIRE_TTL] = { .name = "ttl" },
	[IFLA_LINKWIRE_DSCP] = { .name = "dscp" },
	[IFLA_LINKWIRE_ROAM] = { .name = "roam" },
	[IFLA_LINKWIRE_HOLD] = { .name = "hold" },
	[IFLA_LINKWIRE_LABEL] = { .name = "label" },
	[IFLA_LINKWIRE_BACKUP] = { .name = "backup" },
	[IFLA_LINKWIRE_SOURCES] = { .name = "sources", NEST(source_attrs) },
};

static const struct attr sa_attrs[LINKWIRE_A_SA_MAX + 1] = {
	[LINKWIRE_A_SA_DIR] = { .name = "dir" },
	[LINKWIRE_A_SA_TAG] = { .name = "tag" },
	[LINKWIRE_A_SA_CIPHER] = { .name = "cipher" },
	[LINKWIRE_A_SA_KEY] = { .name = "key" },
	[LINKWIRE_A_SA_LANES] = { .name = "lanes" },
	[LINKWIRE_A_SA_START] = { .name = "start" },
	[LINKWIRE_A_SA_CSUM_PARTIAL] = { .name = "csum" },
	[LINKWIRE_A_SA_SOFT_PACKETS] = { .name = "soft-packets" },
	[LINKWIRE_A_SA_HARD_PACKETS] = { .name = "hard-packets" },
	[LINKWIRE_A_SA_SOFT_BYTES] = { .name = "soft-bytes" },
	[LINKWIRE_A_SA_HARD_BYTES] = { .name = "hard-bytes" },
	[LINKWIRE_A_SA_SOFT_SECONDS] = { .name = "soft-seconds" },
	[LINKWIRE_A_SA_HARD_SECONDS] = { .name = "hard-seconds" },
	[LINKWIRE_A_SA_STATE] = { .name = "state" },
};

static const struct attr genl_attrs[LINKWIRE_A_MAX + 1] = {
	[LINKWIRE_A_ID] = { .name = "id" },
	[LINKWIRE_A_IFINDEX] = { .name = "ifindex" },
	[LINKWIRE_A_IFNAME] = { .name = "ifname" },
	[LINKWIRE_A_IDS] = { .name = "ids" },
	[LINKWIRE_A_LINK] = { .name = "link", NEST(wire_attrs) },
	[LINKWIRE_A_SA] = { .name = "sa", NEST(sa_attrs) },
};

static const struct attr vrf_attrs[] = {
	[IFLA_VRF_TABLE] = { .name = "table" },
};

static const struct attr link_attrs[IFLA_MAX + 1];

static const struct attr veth_attrs[] = {
	[VETH_INFO_PEER] = { .name = "peer", .inside = link_attrs, .inside_max = IFLA_MAX, .header = sizeof(struct ifinfomsg) },
};

static const struct attr info_attrs[] = {
	[IFLA_INFO_KIND] = { .name = "kind" },
	[IFLA_INFO_DATA] = { .name = "data" },	/* what is inside depends on the kind: data_of() */
};

static const struct attr link_attrs[IFLA_MAX + 1] = {
	[IFLA_ADDRESS] = { .name = "address" },
	[IFLA_IFNAME] = { .name = "ifname" },
	[IFLA_MTU] = { .name = "mtu" },
	[IFLA_LINK] = { .name = "link" },
	[IFLA_MASTER] = { .name = "master" },
	[IFLA_LINKINFO] = { .name = "linkinfo", NEST(info_attrs) },
	[IFLA_NET_NS_FD] = { .name = "netns" },
	[IFLA_IFALIAS] = { .name = "ifalias" },
};

static const struct attr addr_attrs[] = {
	[IFA_ADDRESS] = { .name = "address" },
	[IFA_LOCAL] = { .name = "local" },
	[IFA_FLAGS] = { .name = "flags" },
};

static const struct attr route_attrs[] = {
	[RTA_DST] = { .name = "dst" },
	[RTA_OIF] = { .name = "oif" },
	[RTA_GATEWAY] = { .name = "gateway" },
	[RTA_PRIORITY] = { .name = "priority" },
	[RTA_TABLE] = { .name = "table" },
};

/* the outermost "attribute": the message itself */
static struct attr message_of(const struct nlmsghdr *nlh, int protocol)
{
	if (protocol == NETLINK_GENERIC) {
		if (nlh->nlmsg_type == GENL_ID_CTRL)
			return (struct attr){ .header = GENL_HDRLEN };
		return (struct attr){ .name = NULL, NEST(genl_attrs), .header = GENL_HDRLEN };
	}
	switch (nlh->nlmsg_type) {
	case RTM_NEWLINK:
	case RTM_DELLINK:
	case RTM_GETLINK:
		return (struct attr){ .name = NULL, NEST(link_attrs), .header = sizeof(struct ifinfomsg) };
	case RTM_NEWADDR:
	case RTM_DELADDR:
		return (struct attr){ .name = NULL, NEST(addr_attrs), .header = sizeof(struct ifaddrmsg) };
	case RTM_NEWROUTE:
	case RTM_DELROUTE:
		return (struct attr){ .name = NULL, NEST(route_attrs), .header = sizeof(struct rtmsg) };
	}
	return (struct attr){ .header = (unsigned int)(mnl_nlmsg_get_payload_len(nlh)) };
}

/* IFLA_INFO_DATA by the IFLA_INFO_KIND that stands before it in the same nest */
static struct attr data_of(const char *info, size_t len)
{
	const struct attr none = { .name = "data" };
	const struct nlattr *a;
	const char *kind;

	for (a = (const struct nlattr *)info; mnl_attr_ok(a, (int)len); a = mnl_attr_next(a)) {
		if (mnl_attr_get_type(a) == IFLA_INFO_KIND) {
			kind = mnl_attr_get_str(a);
			if (mnl_attr_validate(a, MNL_TYPE_NUL_STRING) < 0)
				return none;
			if (!strcmp(kind, LINKWIRE_KIND))
				return (struct attr){ .name = "data", NEST(wire_attrs) };
			if (!strcmp(kind, "veth"))
				return (struct attr){ .name = "data", NEST(veth_attrs) };
			if (!strcmp(kind, "vrf"))
				return (struct attr){ .name = "data", NEST(vrf_attrs) };
			return none;
		}
		len -= MNL_ALIGN(a->nla_len);
	}
	return none;
}

static void append(char *path, size_t size, const struct attr *attr, unsigned int type)
{
	size_t len = strlen(path);
	const char *dot = len ? "." : "";

	if (attr && attr->name)
		snprintf(path + len, size - len, "%s%s", dot, attr->name);
	else
		snprintf(path + len, size - len, "%s%u", dot, type);
}

/*
 * Walks down to the attribute at @offset and writes its path. *@nest becomes what is known of the inside of the
 * attribute that the walk ended at.
 */
static void walk(const struct nlmsghdr *nlh, int protocol, uint32_t offset, char *path, size_t size, struct attr *nest)
{
	const char *base = (const char *)nlh, *at = base + MNL_NLMSG_HDRLEN, *end = base + nlh->nlmsg_len;
	struct attr here = message_of(nlh, protocol);

	while (end - at > (ptrdiff_t)MNL_ALIGN(here.header)) {
		const char *start = at + MNL_ALIGN(here.header);
		size_t len = (size_t)(end - start);
		const struct nlattr *a = (const struct nlattr *)start;
		bool found = false;

		for (; mnl_attr_ok(a, (int)(end - (const char *)a)); a = mnl_attr_next(a)) {
			const char *this = (const char *)a;

			found = base + offset >= this && base + offset < this + a->nla_len;
			if (found)
				break;
		}
		if (!found)
			break;

		struct attr next = { 0 };
		uint16_t type = mnl_attr_get_type(a);

		if (here.inside && type <= here.inside_max)
			next = here.inside[type];
		append(path, size, &next, type);
		if (here.inside == info_attrs && type == IFLA_INFO_DATA)
			next = data_of(start, len);
		here = next;
		if (!here.inside)
			break;
		at = mnl_attr_get_payload(a);
		end = (const char *)a + a->nla_len;
	}
	*nest = here;
}

void lw_attrs_path(const struct nlmsghdr *nlh, int protocol, uint32_t offset, char *path, size_t size)
{
	struct attr nest;

	path[0] = '\0';
	if (offset < MNL_NLMSG_HDRLEN || offset >= nlh->nlmsg_len)
		return;
	walk(nlh, protocol, offset, path, size, &nest);
}

void lw_attrs_missing(const struct nlmsghdr *nlh, int protocol, uint32_t nest, uint16_t type, char *path, size_t size)
{
	struct attr inside = message_of(nlh, protocol);

	path[0] = '\0';
	if (nest)
		walk(nlh, protocol, nest, path, size, &inside);
	append(path, size, inside.inside && type <= inside.inside_max ? &inside.inside[type] : NULL, type);
}
