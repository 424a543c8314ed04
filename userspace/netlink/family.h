/* SPDX-License-Identifier: MIT */
/*
 * The generic netlink family, for the files of this folder.
 */
#ifndef LW_NETLINK_FAMILY_H
#define LW_NETLINK_FAMILY_H

#include "netlink/wire.h"

struct nlattr;

/* Begins a request of the linkwire family; lw_batch_send() fills in the family's id. */
struct nlmsghdr *lw_family_begin(struct lw_batch *b, uint8_t cmd, uint16_t flags);

/* What nlctrl says of a family, into @nl->family and @nl->group; false: it is another family. */
bool lw_family_parse(const struct nlmsghdr *nlh, struct lw_nl *nl);

/* Before a request that will have @spec in it is begun. */
void lw_wire_make_room(struct lw_batch *b, const struct lw_wire_spec *spec);

/* From a nest LINKWIRE_A_LINK, but its sources; attributes of a newer kernel are passed over. */
void lw_wire_parse_spec(const struct nlattr *nest, struct lw_wire_spec *spec);

#endif
