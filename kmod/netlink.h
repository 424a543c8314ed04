/* SPDX-License-Identifier: GPL-2.0 */
/* The generic netlink family. netlink.c: wires; netlink_sa.c: security associations. */
#ifndef _LW_NETLINK_H
#define _LW_NETLINK_H

#include <net/genetlink.h>
#include "wire.h"

extern struct genl_family lw_genl;
extern const struct nla_policy lw_sa_key_policy[LINKWIRE_A_SA_TAG + 1];
extern const struct nla_policy lw_sa_policy[LINKWIRE_A_SA_HARD_SECONDS + 1];

int lw_netlink_init(void);
void lw_netlink_exit(void);
struct lw_wire *lw_netlink_wire(struct lw_underlay *ul, struct nlattr *attrs[],
				struct netlink_ext_ack *extack);

/* netlink_sa.c */
int lw_netlink_sa_new(struct sk_buff *skb, struct genl_info *info);
int lw_netlink_sa_del(struct sk_buff *skb, struct genl_info *info);
int lw_netlink_sa_get(struct sk_buff *skb, struct genl_info *info);
int lw_netlink_sa_dump(struct sk_buff *msg, struct netlink_callback *cb);

#endif /* _LW_NETLINK_H */
