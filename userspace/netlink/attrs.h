/* SPDX-License-Identifier: MIT */
/*
 * Names for the attributes of the requests that we build.
 */
#ifndef LW_NETLINK_ATTRS_H
#define LW_NETLINK_ATTRS_H

#include <linux/netlink.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Writes into @path the names on the way to the attribute that begins @offset bytes into the request @nlh, as
 * NLMSGERR_ATTR_OFFS gives it: "linkinfo.data.remote". An attribute without a name is shown by its number; an offset
 * that is no attribute's beginning gives the innermost attribute that it lies in, or nothing.
 */
void lw_attrs_path(const struct nlmsghdr *nlh, int protocol, uint32_t offset, char *path, size_t size);

/*
 * The same for an attribute that is missing: of @type, in the nest that begins @nest bytes into the request
 * (0: in none). "sa.key".
 */
void lw_attrs_missing(const struct nlmsghdr *nlh, int protocol, uint32_t nest, uint16_t type, char *path, size_t size);

#endif
