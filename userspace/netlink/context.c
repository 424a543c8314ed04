// SPDX-License-Identifier: MIT
#include "netlink/context.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <linux/linkwire.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "netlink/batch.h"
#include "netlink/family.h"
#include "netlink/netns.h"

#define RECEIVE_BUFFER	(4 << 20)

static int open_socket(struct mnl_socket **socket, int protocol, struct lw_error *err)
{
	const struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	struct mnl_socket *s = mnl_socket_open2(protocol, SOCK_CLOEXEC);
	int on = 1;

	/* it has an address then, to which nobody else can send: root in the namespace of a tenant would */
	if (!s || connect(mnl_socket_get_fd(s), (const struct sockaddr *)&kernel, sizeof(kernel)) < 0) {
		int ret = lw_error_local(err, errno, "netlink socket");

		if (s)
			mnl_socket_close(s);
		return ret;
	}

	/* errors with the kernel's words; without the request, which may hold a key and which the batch has anyway */
	(void)mnl_socket_setsockopt(s, NETLINK_EXT_ACK, &on, sizeof(on));
	(void)mnl_socket_setsockopt(s, NETLINK_CAP_ACK, &on, sizeof(on));
	(void)mnl_socket_setsockopt(s, NETLINK_GET_STRICT_CHK, &on, sizeof(on));
	*socket = s;
	return 0;
}

void lw_nl_make_room(int fd)
{
	int size = RECEIVE_BUFFER;

	if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size)) < 0)
		(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size));
}

/* @open: what is opened there */
static int open_in(struct lw_nl *nl, int netns_fd, int (*open)(struct lw_nl *nl, struct lw_error *err),
		   struct lw_error *err)
{
	int saved = -1, ret;

	memset(nl, 0, sizeof(*nl));
	nl->seq = (uint32_t)time(NULL);
	lw_error_clear(err);

	if (netns_fd >= 0) {
		ret = lw_netns_enter(netns_fd, &saved, err);
		if (ret < 0)
			return ret;
	}
	ret = open(nl, err);
	if (netns_fd >= 0)
		lw_netns_leave(saved);
	if (ret < 0)
		lw_nl_close(nl);
	return ret;
}

static int open_route(struct lw_nl *nl, struct lw_error *err)
{
	int ret = open_socket(&nl->rtnl, NETLINK_ROUTE, err);
	socklen_t len = sizeof(nl->cookie);

	if (!ret && getsockopt(mnl_socket_get_fd(nl->rtnl), SOL_SOCKET, SO_NETNS_COOKIE, &nl->cookie, &len) < 0)
		nl->cookie = 0;
	return ret;
}

static int open_both(struct lw_nl *nl, struct lw_error *err)
{
	int ret = open_route(nl, err);

	return ret ? ret : open_socket(&nl->genl, NETLINK_GENERIC, err);
}

static int open_netfilter(struct lw_nl *nl, struct lw_error *err)
{
	return open_socket(&nl->nfnl, NETLINK_NETFILTER, err);
}

int lw_nl_open(struct lw_nl *nl, int netns_fd, struct lw_error *err)
{
	return open_in(nl, netns_fd, open_both, err);
}

int lw_nl_open_route(struct lw_nl *nl, int netns_fd, struct lw_error *err)
{
	return open_in(nl, netns_fd, open_route, err);
}

int lw_nl_open_netfilter(struct lw_nl *nl, int netns_fd, struct lw_error *err)
{
	return open_in(nl, netns_fd, open_netfilter, err);
}

int lw_nl_open_entering(struct lw_nl *nl, const char *netns, int *saved, struct lw_error *err)
{
	int fd = lw_netns_open(netns, err), ret;

	if (fd < 0)
		return fd;
	ret = lw_netns_enter(fd, saved, err) ?: lw_nl_open(nl, LW_NETNS_SELF, err);
	close(fd);
	if (ret < 0 && err) {
		const struct lw_error what = *err;

		lw_error_local(err, what.code, "network namespace '%.64s': %.180s", netns, what.text);
	}
	return ret;
}

int lw_nl_open_name(struct lw_nl *nl, const char *netns, struct lw_error *err)
{
	int saved = -1, ret;

	if (!netns)
		return lw_nl_open(nl, LW_NETNS_SELF, err);
	ret = lw_nl_open_entering(nl, netns, &saved, err);
	if (saved >= 0)
		lw_netns_leave(saved);
	return ret;
}

void lw_nl_close(struct lw_nl *nl)
{
	if (nl->rtnl)
		mnl_socket_close(nl->rtnl);
	if (nl->genl)
		mnl_socket_close(nl->genl);
	if (nl->nfnl)
		mnl_socket_close(nl->nfnl);
	nl->rtnl = NULL;
	nl->genl = NULL;
	nl->nfnl = NULL;
}

static void parse_group(struct lw_nl *nl, const struct nlattr *group)
{
	const char *name = NULL;
	const struct nlattr *a;
	uint32_t id = 0;

	mnl_attr_for_each_nested(a, group) {
		if (mnl_attr_get_type(a) == CTRL_ATTR_MCAST_GRP_NAME && mnl_attr_validate(a, MNL_TYPE_NUL_STRING) >= 0)
			name = mnl_attr_get_str(a);
		else if (mnl_attr_get_type(a) == CTRL_ATTR_MCAST_GRP_ID && mnl_attr_validate(a, MNL_TYPE_U32) >= 0)
			id = mnl_attr_get_u32(a);
	}
	if (name && !strcmp(name, LINKWIRE_MCGRP_EVENTS))
		nl->group = id;
}

bool lw_family_parse(const struct nlmsghdr *nlh, struct lw_nl *nl)
{
	const struct nlattr *a, *group;

	mnl_attr_for_each(a, nlh, sizeof(struct genlmsghdr)) {
		switch (mnl_attr_get_type(a)) {
		case CTRL_ATTR_FAMILY_NAME:	/* the kernel puts it first */
			if (mnl_attr_validate(a, MNL_TYPE_NUL_STRING) < 0 ||
			    strcmp(mnl_attr_get_str(a), LINKWIRE_FAMILY_NAME))
				return false;
			break;
		case CTRL_ATTR_FAMILY_ID:
			if (mnl_attr_validate(a, MNL_TYPE_U16) >= 0)
				nl->family = mnl_attr_get_u16(a);
			break;
		case CTRL_ATTR_MCAST_GROUPS:
			mnl_attr_for_each_nested(group, a)
				parse_group(nl, group);
			break;
		}
	}
	return true;
}

static int parse_family(const struct nlmsghdr *nlh, unsigned int i, void *arg)
{
	(void)i;
	(void)lw_family_parse(nlh, arg);
	return 0;
}

int lw_nl_family(struct lw_nl *nl, struct lw_error *err)
{
	struct genlmsghdr *genl;
	struct nlmsghdr *nlh;
	struct lw_batch b;
	int ret;

	if (nl->family)
		return 0;

	lw_batch_init(&b, NETLINK_GENERIC);
	nlh = lw_batch_begin(&b, GENL_ID_CTRL, 0);
	if (nlh) {
		genl = mnl_nlmsg_put_extra_header(nlh, sizeof(*genl));
		genl->cmd = CTRL_CMD_GETFAMILY;
		genl->version = 1;
		mnl_attr_put_strz(nlh, CTRL_ATTR_FAMILY_NAME, LINKWIRE_FAMILY_NAME);
		lw_batch_end(&b, nlh);
	}
	ret = lw_batch_send(nl, &b, parse_family, nl, err);
	lw_batch_free(&b);
	if (ret == -ENOENT && err)
		err->kind = LW_ERR_NO_MODULE;
	if (!ret && !nl->family)
		ret = lw_error_local(err, EBADMSG, "the kernel's answer about the linkwire family");
	return ret;
}
