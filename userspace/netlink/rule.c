// SPDX-License-Identifier: MIT
#include "netlink/rule.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#include "netlink/values.h"

static int put_rule(struct lw_batch *b, uint16_t type, uint16_t flags, const struct lw_rule *r)
{
	struct nlmsghdr *nlh = lw_batch_begin(b, type, flags);
	struct fib_rule_hdr *frh;

	if (!nlh)
		return b->err;
	frh = mnl_nlmsg_put_extra_header(nlh, sizeof(*frh));
	frh->family = r->family;
	frh->src_len = r->from_len;
	frh->dst_len = r->to_len;
	frh->table = r->table < 256 ? (uint8_t)r->table : RT_TABLE_UNSPEC;
	frh->action = FR_ACT_TO_TBL;
	if (r->from_len)
		lw_put_addr(nlh, FRA_SRC, &r->from);
	if (r->to_len)
		lw_put_addr(nlh, FRA_DST, &r->to);
	if (*r->iif)
		lw_put_string(nlh, FRA_IIFNAME, r->iif);
	mnl_attr_put_u32(nlh, FRA_PRIORITY, r->priority);
	mnl_attr_put_u32(nlh, FRA_TABLE, r->table);
	mnl_attr_put_u8(nlh, FRA_PROTOCOL, r->protocol);
	return lw_batch_end(b, nlh);
}

int lw_rule_add(struct lw_batch *b, const struct lw_rule *r)
{
	return put_rule(b, RTM_NEWRULE, NLM_F_CREATE | NLM_F_EXCL, r);
}

int lw_rule_del(struct lw_batch *b, const struct lw_rule *r)
{
	return put_rule(b, RTM_DELRULE, 0, r);
}

struct dump {
	lw_rule_fn *fn;
	void *arg;
};

static int parse_rule(const struct nlmsghdr *nlh, unsigned int i, void *arg)
{
	const struct fib_rule_hdr *frh = mnl_nlmsg_get_payload(nlh);
	const struct dump *dump = arg;
	struct lw_rule rule = { 0 };
	const struct nlattr *a;

	(void)i;
	if (nlh->nlmsg_type != RTM_NEWRULE || mnl_nlmsg_get_payload_len(nlh) < sizeof(*frh))
		return 0;
	if ((frh->family != AF_INET && frh->family != AF_INET6) || frh->action != FR_ACT_TO_TBL)
		return 0;
	rule.family = frh->family;
	rule.from_len = frh->src_len;
	rule.to_len = frh->dst_len;
	rule.table = frh->table;
	mnl_attr_for_each(a, nlh, sizeof(*frh)) {
		switch (mnl_attr_get_type(a)) {
		case FRA_SRC:
			lw_get_addr(a, &rule.from);
			break;
		case FRA_DST:
			lw_get_addr(a, &rule.to);
			break;
		case FRA_IIFNAME:
			lw_get_string(a, rule.iif, sizeof(rule.iif));
			break;
		case FRA_PRIORITY:
			rule.priority = lw_get_u32(a);
			break;
		case FRA_TABLE:
			rule.table = lw_get_u32(a);
			break;
		case FRA_PROTOCOL:
			rule.protocol = lw_get_u8(a);
			break;
		}
	}
	return dump->fn(&rule, dump->arg);
}

/* family by family: AF_UNSPEC would need a kernel that knows rules of all families */
static int dump_family(struct lw_nl *nl, uint8_t family, struct dump *dump, struct lw_error *err)
{
	struct fib_rule_hdr *frh;
	struct nlmsghdr *nlh;
	struct lw_batch b;
	int ret;

	lw_batch_init(&b, NETLINK_ROUTE);
	nlh = lw_batch_begin(&b, RTM_GETRULE, NLM_F_DUMP);
	if (nlh) {
		frh = mnl_nlmsg_put_extra_header(nlh, sizeof(*frh));
		frh->family = family;
	}
	lw_batch_end(&b, nlh);
	ret = lw_batch_dump(nl, &b, parse_rule, dump, err);
	lw_batch_free(&b);
	return ret;
}

int lw_rule_dump(struct lw_nl *nl, lw_rule_fn *fn, void *arg, struct lw_error *err)
{
	struct dump dump = { .fn = fn, .arg = arg };
	int ret = dump_family(nl, AF_INET, &dump, err);

	/* a kernel without rules of a family has none to tell of */
	if (ret && ret != -EAFNOSUPPORT && ret != -EOPNOTSUPP)
		return ret;
	ret = dump_family(nl, AF_INET6, &dump, err);
	return ret == -EAFNOSUPPORT || ret == -EOPNOTSUPP ? 0 : ret;
}
