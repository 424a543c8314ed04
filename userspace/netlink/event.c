// SPDX-License-Identifier: MIT
#include "netlink/event.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <string.h>
#include <sys/socket.h>

#include "netlink/family.h"
#include "netlink/values.h"

#define EVENTS_MAX 65536	/* bytes of one read */

static const char *const names[LINKWIRE_CMD_MAX + 1] = {
	[LINKWIRE_CMD_SA_EXPIRING_NTF] = "sa-expiring",
	[LINKWIRE_CMD_SA_EXPIRED_NTF] = "sa-expired",
	[LINKWIRE_CMD_PEER_UP_NTF] = "peer-up",
	[LINKWIRE_CMD_PEER_DOWN_NTF] = "peer-down",
	[LINKWIRE_CMD_PEER_MOVED_NTF] = "peer-moved",
	[LINKWIRE_CMD_WIRE_DEL_NTF] = "wire-del",
};

const char *lw_event_name(uint8_t cmd)
{
	return cmd <= LINKWIRE_CMD_MAX ? names[cmd] : NULL;
}

int lw_event_parse(const struct nlmsghdr *nlh, struct lw_event *event)
{
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *a;

	memset(event, 0, sizeof(*event));
	if (mnl_nlmsg_get_payload_len(nlh) < GENL_HDRLEN || !lw_event_name(genl->cmd))
		return -EBADMSG;
	event->cmd = genl->cmd;
	event->has_sa = lw_sa_parse(nlh, &event->sa) == 0;
	mnl_attr_for_each(a, nlh, GENL_HDRLEN) {
		switch (mnl_attr_get_type(a)) {
		case LINKWIRE_A_ID:
			event->id = lw_get_u32(a);
			break;
		case LINKWIRE_A_IFNAME:
			lw_get_string(a, event->name, sizeof(event->name));
			break;
		case LINKWIRE_A_LINK:
			lw_wire_parse_spec(a, &event->spec);
			break;
		case LINKWIRE_A_ON_BACKUP:
			event->on_backup = lw_get_u8(a);
			break;
		}
	}
	return 0;
}

static int join(struct lw_nl *nl, uint32_t id, struct lw_error *err)
{
	int group = (int)id;

	if (mnl_socket_setsockopt(nl->genl, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)) < 0)
		return lw_error_local(err, errno, "joining the group of events");
	return 0;
}

int lw_event_join(struct lw_nl *nl, struct lw_error *err)
{
	int ret = lw_nl_family(nl, err);

	if (ret < 0)
		return ret;
	lw_nl_make_room(lw_event_fd(nl));
	/* families that come and go are told to the group that has nlctrl's own number */
	return join(nl, nl->group, err) ?: join(nl, GENL_ID_CTRL, err);
}

int lw_event_fd(const struct lw_nl *nl)
{
	return mnl_socket_get_fd(nl->genl);
}

static int take_family(struct lw_nl *nl, const struct nlmsghdr *nlh, struct lw_error *err)
{
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(nlh);

	if (mnl_nlmsg_get_payload_len(nlh) < GENL_HDRLEN ||
	    (genl->cmd != CTRL_CMD_NEWFAMILY && genl->cmd != CTRL_CMD_DELFAMILY) || !lw_family_parse(nlh, nl))
		return 0;
	if (genl->cmd == CTRL_CMD_NEWFAMILY)
		return join(nl, nl->group, err);
	nl->family = 0;
	return lw_error_local(err, ENODEV, "the module was unloaded");
}

int lw_event_read(struct lw_nl *nl, lw_event_fn *fn, void *arg, struct lw_error *err)
{
	char buf[EVENTS_MAX] __attribute__((aligned(4)));
	const struct nlmsghdr *nlh = (const struct nlmsghdr *)buf;
	struct sockaddr_nl from = { 0 };
	socklen_t from_len = sizeof(from);
	struct lw_event event;
	ssize_t n;
	int left, ret;

	lw_error_clear(err);
	n = recvfrom(lw_event_fd(nl), buf, sizeof(buf), MSG_TRUNC, (struct sockaddr *)&from, &from_len);
	if (n >= 0 && from.nl_pid)
		return 0;	/* root in this namespace can send to the group, too */
	if (n < 0 || (size_t)n > sizeof(buf))
		return lw_error_local(err, n < 0 ? errno : ENOSPC, "reading events");
	for (left = (int)n; mnl_nlmsg_ok(nlh, left); nlh = mnl_nlmsg_next(nlh, &left)) {
		if (nlh->nlmsg_type == GENL_ID_CTRL)
			ret = take_family(nl, nlh, err);
		else if (nlh->nlmsg_type == nl->family && lw_event_parse(nlh, &event) == 0)
			ret = fn(&event, arg);
		else
			continue;
		if (ret < 0)
			return ret;
	}
	return 0;
}
