// SPDX-License-Identifier: MIT
/*
 * lwctl address: addresses of a wire's device, wherever that is. `ip address' gives them as well; here they stand in a
 * batch behind the wire that they are for, and carry the mark of a topology's.
 */
#include <stdlib.h>

#include "lwctl/args.h"
#include "netlink/netns.h"
#include "topology/live.h"

static int add(struct lwctl *ctl, struct lw_nl *nl, const struct lw_wire *wire, struct args *args)
{
	struct lw_ifaddr a = { .ifindex = wire->ifindex, .proto = LIVE_ADDR_PROTO };
	struct lw_error err;
	struct lw_batch b;
	const char *word;
	int ret = LWCTL_OK;

	lw_batch_init(&b, NETLINK_ROUTE);
	while (!ret && (word = args_next(args))) {
		if (lw_addr_parse_prefix(&a.addr, &a.prefix_len, word) < 0)
			ret = lwctl_usage(ctl, "bad address '%.64s': such as 192.0.2.1/30", word);
		else
			lw_ifaddr_add(&b, &a);
	}
	if (!ret && !b.n)
		ret = lwctl_usage(ctl, "an address is missing");
	if (!ret && lw_batch_send(nl, &b, NULL, NULL, &err) < 0)
		ret = lwctl_refused(ctl, &err, "%s", wire->name);
	lw_batch_free(&b);
	return ret;
}

/* in the namespace that the device is in, if that has a name */
static int add_elsewhere(struct lwctl *ctl, const struct lw_wire *wire, struct args *args)
{
	struct lw_netns_map map = { 0 };
	const char *name = lw_netns_map_name(&map, wire->netns_cookie);
	struct lw_error err;
	struct lw_nl nl;
	int ret;

	if (!name) {
		ret = lwctl_refused(ctl, NULL, "%s is in a namespace without a name: `ip address' there", wire->name);
	} else if (lw_nl_open_name(&nl, name, &err) < 0) {
		ret = lwctl_refused(ctl, &err, "%s", wire->name);
	} else {
		ret = add(ctl, &nl, wire, args);
		lw_nl_close(&nl);
	}
	lw_netns_map_free(&map);
	return ret;
}

static int address_add(struct lwctl *ctl, int argc, char **argv)
{
	struct args args = ARGS(argc, argv);
	struct target target;
	struct lw_wire wire;
	struct lw_nl *nl;
	int ret = args_wire(ctl, &args, &target);

	if (ret)
		return ret;
	nl = lwctl_nl(ctl);
	ret = nl ? target_find(ctl, nl, &target, &wire) : LWCTL_REFUSED;
	if (ret)
		return ret;
	return wire.netns_cookie == nl->cookie ? add(ctl, nl, &wire, &args) : add_elsewhere(ctl, &wire, &args);
}

int cmd_address(struct lwctl *ctl, int argc, char **argv)
{
	static const struct command commands[] = {
		{ "add", address_add, "{NAME|id N} ADDR/LEN...\taddresses for a wire's device, wherever that is" },
		{ NULL, NULL, NULL },
	};

	return lwctl_dispatch(ctl, commands, "address", argc, argv);
}
