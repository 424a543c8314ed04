// SPDX-License-Identifier: MIT
#include "netlink/address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>

#include "netlink/values.h"

int lw_addr_parse(struct lw_addr *a, const char *text)
{
	memset(a, 0, sizeof(*a));
	if (inet_pton(AF_INET, text, &a->v4) == 1)
		a->family = AF_INET;
	else if (inet_pton(AF_INET6, text, &a->v6) == 1)
		a->family = AF_INET6;
	else
		return -EINVAL;
	return 0;
}

int lw_addr_parse_prefix(struct lw_addr *a, uint8_t *len, const char *text)
{
	const char *slash = strchr(text, '/');
	char addr[LW_ADDR_STRLEN], *end;
	unsigned long bits;

	if (!slash) {
		if (lw_addr_parse(a, text) < 0)
			return -EINVAL;
		*len = (uint8_t)(8 * lw_addr_size(a));
		return 0;
	}
	if ((size_t)(slash - text) >= sizeof(addr))
		return -EINVAL;
	memcpy(addr, text, (size_t)(slash - text));
	addr[slash - text] = '\0';
	if (lw_addr_parse(a, addr) < 0 || slash[1] < '0' || slash[1] > '9')
		return -EINVAL;
	bits = strtoul(slash + 1, &end, 10);
	if (*end || bits > 8 * lw_addr_size(a))
		return -EINVAL;
	*len = (uint8_t)bits;
	return 0;
}

const char *lw_addr_format(const struct lw_addr *a, char buf[LW_ADDR_STRLEN])
{
	if (!a->family || !inet_ntop(a->family, a->bytes, buf, LW_ADDR_STRLEN))
		strcpy(buf, "none");
	return buf;
}

unsigned int lw_addr_size(const struct lw_addr *a)
{
	return a->family == AF_INET ? 4 : a->family == AF_INET6 ? 16 : 0;
}

bool lw_addr_equal(const struct lw_addr *a, const struct lw_addr *b)
{
	return a->family == b->family && !memcmp(a->bytes, b->bytes, lw_addr_size(a));
}

int lw_addr_from_bytes(struct lw_addr *a, const void *bytes, unsigned int size)
{
	memset(a, 0, sizeof(*a));
	if (size != 4 && size != 16)
		return -EINVAL;
	a->family = size == 4 ? AF_INET : AF_INET6;
	memcpy(a->bytes, bytes, size);
	return 0;
}

static int put_ifaddr(struct lw_batch *b, uint16_t type, uint16_t flags, const struct lw_ifaddr *a)
{
	struct nlmsghdr *nlh = lw_batch_begin(b, type, flags);
	struct ifaddrmsg *ifa;

	if (!nlh)
		return b->err;
	ifa = mnl_nlmsg_put_extra_header(nlh, sizeof(*ifa));
	ifa->ifa_family = a->addr.family;
	ifa->ifa_prefixlen = a->prefix_len;
	ifa->ifa_scope = a->scope;
	ifa->ifa_index = a->ifindex;
	lw_put_addr(nlh, IFA_LOCAL, &a->addr);
	lw_put_addr(nlh, IFA_ADDRESS, &a->addr);
	if (type == RTM_NEWADDR && a->addr.family == AF_INET6)
		mnl_attr_put_u32(nlh, IFA_FLAGS, a->flags | IFA_F_NODAD);
	if (a->proto)
		mnl_attr_put_u8(nlh, IFA_PROTO, a->proto);
	return lw_batch_end(b, nlh);
}

int lw_ifaddr_add(struct lw_batch *b, const struct lw_ifaddr *a)
{
	return put_ifaddr(b, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, a);
}

int lw_ifaddr_del(struct lw_batch *b, const struct lw_ifaddr *a)
{
	return put_ifaddr(b, RTM_DELADDR, 0, a);
}

struct dump {
	lw_ifaddr_fn *fn;
	void *arg;
};

static int parse_ifaddr(const struct nlmsghdr *nlh, unsigned int i, void *arg)
{
	const struct ifaddrmsg *ifa = mnl_nlmsg_get_payload(nlh);
	struct lw_addr local = { 0 }, address = { 0 };
	struct lw_ifaddr found = { 0 };
	const struct dump *dump = arg;
	const struct nlattr *a;

	(void)i;
	if (nlh->nlmsg_type != RTM_NEWADDR || mnl_nlmsg_get_payload_len(nlh) < sizeof(*ifa))
		return 0;
	found.ifindex = ifa->ifa_index;
	found.prefix_len = ifa->ifa_prefixlen;
	found.flags = ifa->ifa_flags;
	found.scope = ifa->ifa_scope;
	mnl_attr_for_each(a, nlh, sizeof(*ifa)) {
		switch (mnl_attr_get_type(a)) {
		case IFA_LOCAL:
			lw_get_addr(a, &local);
			break;
		case IFA_ADDRESS:
			lw_get_addr(a, &address);
			break;
		case IFA_FLAGS:
			found.flags = lw_get_u32(a);
			break;
		case IFA_PROTO:
			found.proto = lw_get_u8(a);
			break;
		}
	}
	found.addr = local.family ? local : address;
	return found.addr.family ? dump->fn(&found, dump->arg) : 0;
}

int lw_ifaddr_dump(struct lw_nl *nl, lw_ifaddr_fn *fn, void *arg, struct lw_error *err)
{
	struct dump dump = { .fn = fn, .arg = arg };
	struct nlmsghdr *nlh;
	struct lw_batch b;
	int ret;

	lw_batch_init(&b, NETLINK_ROUTE);
	nlh = lw_batch_begin(&b, RTM_GETADDR, NLM_F_DUMP);
	if (nlh)
		mnl_nlmsg_put_extra_header(nlh, sizeof(struct ifaddrmsg));
	lw_batch_end(&b, nlh);
	ret = lw_batch_dump(nl, &b, parse_ifaddr, &dump, err);
	lw_batch_free(&b);
	return ret;
}
