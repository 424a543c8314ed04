// SPDX-License-Identifier: MIT
#include "lwctl/show.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lwctl/args.h"
#include "lwctl/sources.h"
#include "netlink/link.h"
#include "netlink/netns.h"
#include "netlink/words.h"

static int keep_wire(const struct lw_wire *wire, void *arg)
{
	struct wire_list *list = arg;

	if (list->n == list->room) {
		unsigned int room = list->room ? 2 * list->room : 16;
		struct lw_wire *more = realloc(list->wire, room * sizeof(*more));

		if (!more)
			return -ENOMEM;
		list->wire = more;
		list->room = room;
	}
	if (lw_wire_copy(&list->wire[list->n], wire) < 0)
		return -ENOMEM;
	list->n++;
	return 0;
}

static int by_id(const void *a, const void *b)
{
	const struct lw_wire *x = a, *y = b;

	return x->id < y->id ? -1 : x->id > y->id;
}

int wire_list_load(struct lwctl *ctl, struct lw_nl *nl, const struct target *target, struct wire_list *list)
{
	struct lw_error err;
	struct lw_wire wire;
	int ret = LWCTL_OK;

	*list = (struct wire_list){ 0 };
	if (target) {
		ret = target_find(ctl, nl, target, &wire);
		if (ret)
			return ret;
		/* again, by what it is: all of it */
		if (lw_wire_get(nl, LW_WIRE_ID(wire.id), &wire, &err) < 0)
			return lwctl_refused(ctl, &err, "%s", target->text);
		if (keep_wire(&wire, list) < 0)
			ret = lwctl_refused(ctl, NULL, "no memory");
		lw_wire_free(&wire);
		return ret;
	}
	if (lw_wire_dump(nl, keep_wire, list, &err) < 0) {
		wire_list_free(list);
		return lwctl_refused(ctl, &err, "%s", "");
	}
	if (nl->interrupted)
		lwctl_warn(ctl, "wires were made or deleted all the while: the list may miss some");
	if (list->n)
		qsort(list->wire, list->n, sizeof(*list->wire), by_id);
	return LWCTL_OK;
}

void wire_list_free(struct wire_list *list)
{
	unsigned int i;

	for (i = 0; i < list->n; i++)
		lw_wire_free(&list->wire[i]);
	free(list->wire);
	*list = (struct wire_list){ 0 };
}

const struct lw_wire *wire_list_find(const struct wire_list *list, uint32_t id)
{
	const struct lw_wire key = { .id = id };

	return list->n ? bsearch(&key, list->wire, list->n, sizeof(key), by_id) : NULL;
}

int args_optional_wire(struct lwctl *ctl, struct args *args, struct target *target, bool *given)
{
	int ret;

	*given = args->left > 0;
	if (!*given)
		return LWCTL_OK;
	ret = args_wire(ctl, args, target);
	return ret ? ret : args_end(ctl, args);
}

void show_counters(struct lwctl *ctl, const struct lw_counters *counters)
{
	struct printer *p = &ctl->out;
	unsigned int i;

	print_open_object(p, "stats");
	for (i = 0; i <= LINKWIRE_A_STAT_MAX; i++) {
		if (!(counters->has & 1ULL << i) || (!p->json && !counters->value[i] && !ctl->details))
			continue;
		print_text(p, "    ");
		print_string(p, NULL, "%s", lw_counter_is_drop(i) ? COLOR_BAD : COLOR_NONE, lw_counter_name(i));
		print_u64(p, lw_counter_name(i), " %llu\n", counters->value[i]);
	}
	print_close_object(p);
}

static void show_addr(struct printer *p, const char *key, const char *fmt, const struct lw_addr *addr)
{
	static const uint8_t unspecified[16];
	char text[LW_ADDR_STRLEN];

	if (addr->family && memcmp(addr->bytes, unspecified, lw_addr_size(addr)))
		print_string(p, key, fmt, COLOR_ADDR, lw_addr_format(addr, text));
}

static void show_bound_device(struct lwctl *ctl, struct lw_nl *nl, uint32_t ifindex)
{
	struct lw_link link;
	struct lw_error err;

	if (!ifindex)
		return;
	if (lw_link_get(nl, LW_BY_INDEX(ifindex), &link, &err) == 0)
		print_string(&ctl->out, "dev", " dev %s", COLOR_NAME, link.name);
	else
		print_u64(&ctl->out, "dev_ifindex", " dev if%llu", ifindex);
}

static void show_netns(struct lwctl *ctl, struct lw_nl *nl, struct lw_netns_map *netns, const struct lw_wire *wire)
{
	struct printer *p = &ctl->out;
	const char *name;

	if (p->json || ctl->details)
		print_u64(p, "netns_cookie", NULL, wire->netns_cookie);
	if (!wire->netns_cookie || wire->netns_cookie == nl->cookie)
		return;
	name = lw_netns_map_name(netns, wire->netns_cookie);
	if (name)
		print_string(p, "netns", " netns %s", COLOR_NAME, name);
	else
		print_u64(p, NULL, " netns-cookie %llu", wire->netns_cookie);
	if (wire->has_netnsid && (p->json || ctl->details))
		print_u64(p, "netnsid", " netnsid %llu", (uint64_t)wire->netnsid);
}

static void show_outer(struct lwctl *ctl, const struct lw_wire_spec *s)
{
	struct printer *p = &ctl->out;
	bool all = ctl->details || p->json;

	if (s->encap == LINKWIRE_ENCAP_VXLAN) {
		print_u64(p, "port", " port %llu", s->port);
		if (all || s->remote_port != s->port)
			print_u64(p, "remote_port", " remote-port %llu", s->remote_port);
		if (s->src_port)
			print_u64(p, "src_port", " src-port %llu", s->src_port);
		else if (ctl->details)
			print_text(p, " src-port hash");
	}
	if (all || s->fwmark)
		print_u64(p, "fwmark", " fwmark 0x%llx", s->fwmark);
	/* in JSON what is inherited, or hashed, has no value and so no key */
	if (s->ttl == LINKWIRE_TTL_INHERIT)
		print_text(p, " ttl inherit");
	else if (all || s->ttl != LINKWIRE_DEFAULT_TTL)
		print_u64(p, "ttl", " ttl %llu", s->ttl);
	if (s->dscp == LINKWIRE_DSCP_INHERIT)
		print_text(p, " dscp inherit");
	else if (all || s->dscp)
		print_u64(p, "dscp", " dscp %llu", s->dscp);
	print_bool(p, "roam", " roam on", s->roam);
	if (ctl->details && !s->roam)
		print_text(p, " roam off");
	if (all || s->hold)
		print_u64(p, "hold", " hold %llu", s->hold);
}

static void show_wire(struct lwctl *ctl, struct lw_nl *nl, struct lw_netns_map *netns, const struct lw_wire *wire)
{
	const struct lw_wire_spec *s = &wire->spec;
	struct printer *p = &ctl->out;
	const char *encap = lw_encap_name(s->encap), *mode = lw_mode_name(s->mode);

	print_open_object(p, NULL);
	print_u64(p, "id", "%llu: ", wire->id);
	print_string(p, "ifname", "%s: ", COLOR_NAME, wire->name);
	print_u64(p, "ifindex", NULL, wire->ifindex);
	print_text(p, "<%s", wire->up ? "UP" : "");
	print_bool(p, "up", NULL, wire->up);
	print_text(p, "%s", wire->up && wire->carrier ? "," : "");
	print_bool(p, "carrier", NULL, wire->carrier);
	if (wire->carrier)
		print_string(p, NULL, "%s", COLOR_GOOD, "CARRIER");
	print_u64(p, "mtu", "> mtu %llu", wire->mtu);
	print_string(p, "encap", " encap %s", COLOR_NONE, encap ? encap : "unknown");
	print_string(p, "mode", " mode %s", COLOR_NONE, mode ? mode : "unknown");
	show_netns(ctl, nl, netns, wire);

	print_text(p, "\n   ");
	show_addr(p, "local", " local %s", &s->local);
	show_addr(p, "remote", " remote %s", &s->remote);
	show_addr(p, "backup", " backup %s", &s->backup);
	if (s->has & LW_HAS(IFLA_LINKWIRE_BACKUP))
		print_bool(p, "on_backup", " in use", wire->on_backup);
	show_bound_device(ctl, nl, s->link);
	show_outer(ctl, s);
	if (s->label_len)
		print_bytes(p, "label", " label \"%s\"", COLOR_NONE, s->label, s->label_len);
	sources_show(ctl, &s->sources);
	print_text(p, "\n");
	if (ctl->stats)
		show_counters(ctl, &wire->counters);
	print_close_object(p);
}

int link_show(struct lwctl *ctl, int argc, char **argv)
{
	struct args args = ARGS(argc, argv);
	struct lw_netns_map netns = { 0 };
	struct wire_list list;
	struct target target;
	struct lw_nl *nl;
	unsigned int i;
	bool given;
	int ret;

	ret = args_optional_wire(ctl, &args, &target, &given);
	if (ret)
		return ret;
	nl = lwctl_nl(ctl);
	if (!nl)
		return LWCTL_REFUSED;
	ret = wire_list_load(ctl, nl, given ? &target : NULL, &list);
	if (ret)
		return ret;
	print_open_array(&ctl->out, NULL);
	for (i = 0; i < list.n; i++)
		show_wire(ctl, nl, &netns, &list.wire[i]);
	print_close_array(&ctl->out);
	print_end(&ctl->out);
	wire_list_free(&list);
	lw_netns_map_free(&netns);
	return LWCTL_OK;
}
