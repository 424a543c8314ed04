// SPDX-License-Identifier: MIT
#include "netlink/family.h"

#include <libmnl/libmnl.h>
#include <linux/genetlink.h>

struct nlmsghdr *lw_family_begin(struct lw_batch *b, uint8_t cmd, uint16_t flags)
{
	struct nlmsghdr *nlh = lw_batch_begin(b, 0, flags);
	struct genlmsghdr *genl;

	if (!nlh)
		return NULL;
	genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));
	genl->cmd = cmd;
	genl->version = LINKWIRE_FAMILY_VERSION;
	return nlh;
}
