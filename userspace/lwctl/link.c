// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lwctl/args.h"
#include "lwctl/show.h"
#include "lwctl/sources.h"
#include "netlink/link.h"
#include "netlink/netns.h"
#include "netlink/words.h"

/* what the options of a wire fill in */
struct wire_args {
	struct lw_wire_spec spec;
	struct lw_link_new dev;
	const char *netns;
	const char *bind;	/* name of the underlay device; "none": bound to none */
	uint8_t mac[6];
};

static int get_u(struct lwctl *ctl, const char *key, const char *word, uint64_t min, uint64_t max, uint32_t *v)
{
	uint64_t value = 0;
	int ret = args_number(ctl, key, word, min, max, &value);

	*v = (uint32_t)value;
	return ret;
}

static int opt_encap(struct lwctl *ctl, struct wire_args *w, const char *key, const char *word)
{
	w->spec.encap = lw_encap_parse(word);
	return w->spec.encap ? LWCTL_OK : lwctl_usage(ctl, "unknown %s '%.64s': vxlan or ipip", key, word);
}

static int opt_mode(struct lwctl *ctl, struct wire_args *w, const char *key, const char *word)
{
	w->spec.mode = lw_mode_parse(word);
	return w->spec.mode ? LWCTL_OK : lwctl_usage(ctl, "unknown %s '%.64s': l2 or l3", key, word);
}

static int opt_local(struct lwctl *ctl, struct wire_args *w, const char *key, const char *word)
{
	return args_addr(ctl, key, word, &w->spec.local);
}

static int opt_remote(struct lwctl *ctl, struct wire_args *w, const char *key, const char *word)
{
	return args_addr(ctl, key, word, &w->spec.remote);
}

static int opt_port(struct lwctl *ctl, struct wire_args *w, const char *key, const char *word)
{
	uint32_t v;
	int ret = get_u(ctl, key, word, 1, UINT16_MAX, &v);

	w->spec.port = (uint16_t)v;
	return ret;
}

static int opt_remote_port(struct lwctl *ctl, struct wire_args *w, const char *key, const char *word)
{
	uint32_t v;
	int ret = get_u(ctl, key, word, 1, UINT16_MAX, &v);

	w->spec.remote_port = (uint16_t)v;
	return ret;
}

static int opt_src_port(struct lwctl *ctl, struct wire_args *w, const char *key, const char *word)
{
	uint64_t v = 0;

	if (strcmp(word, "hash") && (number_parse(word, &v) < 0 || !v || v > UINT16_MAX))
		return lwctl_usage(ctl, "bad %s '%.64s': hash, or a number from 1 to 65535", key, word);
	w->spec.src_port = (uint16_t)v;
	return LWCTL_OK;
}

static int opt_dev(struct lwctl *ctl, struct wire_args *w, const char *key, const char *word)
{
	if (!lw_link_name_valid(word))
		return lwctl_usage(ctl, "bad %s '%.64s': the name of a device, or none", key, word);
	w->bind = word;
	return LWCTL_OK;
}

static int opt_fwmark(struct lwctl *ctl, struct wire_args *w, const char *key, const char *word)
{
	return get_u(ctl, key, word, 0, UINT32_MAX, &w->spec.fwmark);
}

static int opt_ttl(struct lwctl *ctl, struct wire_args *w, const char *key, const char *word)
{
	uint64_t v = LINKWIRE_TTL_INHERIT;

	if (strcmp(word, "inherit") && (number_parse(word, &v) < 0 || !v || v > UINT8_MAX))
		return lwctl_usage(ctl, "bad %s '%.64s': inherit, or a number from 1 to 255", key, word);
	w->spec.ttl = (uint8_t)v;
	return LWCTL_OK;
}

static int opt_dscp(struct lwctl *ctl, struct wire_args *w, const char *key, const char *word)
{
	uint64_t v = LINKWIRE_DSCP_INHERIT;

	if (strcmp(word, "inherit") && (number_parse(word, &v) < 0 || v > 63))
		return lwctl_usage(ctl, "bad %s '%.64s': inherit, or a number from 0 to 63", key, word);
	w->spec.dscp = (uint8_t)v;
	return LWCTL_OK;
}

static int opt_roam(struct lwctl *ctl, struct wire_args *w, const char *key, const char *word)
{
	return args_switch(ctl, key, word, &w->spec.roam);
}

static int opt_hold(struct lwctl *ctl, struct wire_args *w, const char *key, const char *word)
{
	return get_u(ctl, key, word, 0, UINT32_MAX, &w->spec.hold);
}

static int opt_label(struct lwctl *ctl, struct wire_args *w, const char *key, const char *word)
{
	size_t len = strlen(word);

	if (len > LINKWIRE_LABEL_MAX)
		return lwctl_usage(ctl, "%s '%.64s' is too long: at most %u bytes", key, word, LINKWIRE_LABEL_MAX);
	memcpy(w->spec.label, word, len + 1);
	w->spec.label_len = (uint8_t)len;
	return LWCTL_OK;
}

static int opt_backup(struct lwctl *ctl, struct wire_args *w, const char *key, const char *word)
{
	if (!strcmp(word, "none"))
		return LWCTL_OK;
	if (lw_addr_parse(&w->spec.backup, word) < 0)
		return lwctl_usage(ctl, "bad %s '%.64s': none, or an IPv4 or IPv6 address", key, word);
	return LWCTL_OK;
}

static int opt_sources(struct lwctl *ctl, struct wire_args *w, const char *key, const char *word)
{
	return sources_parse(ctl, key, word, &w->spec.sources);
}

static int opt_id(struct lwctl *ctl, struct wire_args *w, const char *key, const char *word)
{
	return get_u(ctl, key, word, 1, UINT32_MAX, &w->spec.id);
}

static int opt_mtu(struct lwctl *ctl, struct wire_args *w, const char *key, const char *word)
{
	return get_u(ctl, key, word, 1, INT32_MAX, &w->dev.mtu);
}

static int opt_address(struct lwctl *ctl, struct wire_args *w, const char *key, const char *word)
{
	w->dev.mac = w->mac;
	return args_mac(ctl, key, word, w->mac);
}

static int opt_netns(struct lwctl *ctl, struct wire_args *w, const char *key, const char *word)
{
	w->netns = word;
	return lw_netns_name_valid(word) ? LWCTL_OK : lwctl_usage(ctl, "bad %s '%.64s': a name in " LW_NETNS_DIR,
								  key, word);
}

static const struct option {
	const char *word;
	int (*parse)(struct lwctl *ctl, struct wire_args *w, const char *key, const char *word);
	uint16_t attr;		/* IFLA_LINKWIRE_…; 0: of the device rather than of the wire */
	bool fixed;		/* only when the wire is made */
} options[] = {
	{ "encap",	 opt_encap,	  IFLA_LINKWIRE_ENCAP,	     true },
	{ "mode",	 opt_mode,	  IFLA_LINKWIRE_MODE,	     true },
	{ "local",	 opt_local,	  IFLA_LINKWIRE_LOCAL,	     false },
	{ "remote",	 opt_remote,	  IFLA_LINKWIRE_REMOTE,	     false },
	{ "port",	 opt_port,	  IFLA_LINKWIRE_PORT,	     false },
	{ "remote-port", opt_remote_port, IFLA_LINKWIRE_REMOTE_PORT, false },
	{ "src-port",	 opt_src_port,	  IFLA_LINKWIRE_SRC_PORT,    false },
	{ "dev",	 opt_dev,	  IFLA_LINKWIRE_LINK,	     false },
	{ "fwmark",	 opt_fwmark,	  IFLA_LINKWIRE_FWMARK,	     false },
	{ "ttl",	 opt_ttl,	  IFLA_LINKWIRE_TTL,	     false },
	{ "dscp",	 opt_dscp,	  IFLA_LINKWIRE_DSCP,	     false },
	{ "roam",	 opt_roam,	  IFLA_LINKWIRE_ROAM,	     false },
	{ "hold",	 opt_hold,	  IFLA_LINKWIRE_HOLD,	     false },
	{ "label",	 opt_label,	  IFLA_LINKWIRE_LABEL,	     false },
	{ "backup",	 opt_backup,	  IFLA_LINKWIRE_BACKUP,	     false },
	{ "sources",	 opt_sources,	  IFLA_LINKWIRE_SOURCES,     false },
	{ "id",		 opt_id,	  IFLA_LINKWIRE_ID,	     true },
	{ "mtu",	 opt_mtu,	  0,			     true },
	{ "address",	 opt_address,	  0,			     true },
	{ "netns",	 opt_netns,	  0,			     true },
};

#define OPTIONS (sizeof(options) / sizeof(options[0]))

/* what people look for here, and is the device's rather than the wire's */
static bool of_device(const char *word)
{
	static const char *const words[] = { "up", "down", "name", "mtu", "address", "netns", "master", "alias" };
	unsigned int i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!strcmp(words[i], word))
			return true;
	return false;
}

static int parse_options(struct lwctl *ctl, struct args *args, struct wire_args *w, bool add)
{
	char *word, *value;
	uint32_t seen = 0;
	unsigned int i;
	int ret;

	while ((word = args_next(args))) {
		if (add && !strcmp(word, "up")) {
			w->dev.up = true;
			continue;
		}
		if (!add && of_device(word))
			return lwctl_usage(ctl, "'%s' is the device's: `ip link set' changes it", word);
		for (i = 0; i < OPTIONS && strcmp(options[i].word, word); i++)
			;
		if (i == OPTIONS)
			return lwctl_usage(ctl, "unknown option '%.64s'", word);
		if (!add && options[i].fixed)
			return lwctl_usage(ctl, "'%s' cannot be changed once the wire is made", word);
		if (seen & 1U << i)
			return lwctl_usage(ctl, "'%s' is given twice", word);
		seen |= 1U << i;
		ret = args_value(ctl, args, word, &value);
		if (!ret)
			ret = options[i].parse(ctl, w, word, value);
		if (ret)
			return ret;
		if (options[i].attr)
			w->spec.has |= LW_HAS(options[i].attr);
	}
	if (w->spec.local.family && w->spec.remote.family && w->spec.local.family != w->spec.remote.family) {
		char local[LW_ADDR_STRLEN], remote[LW_ADDR_STRLEN];

		return lwctl_usage(ctl, "local %s and remote %s are of different families",
				   lw_addr_format(&w->spec.local, local), lw_addr_format(&w->spec.remote, remote));
	}
	return LWCTL_OK;
}

/* The underlay device by its name in the underlay's namespace. */
static int resolve_bind(struct lwctl *ctl, struct lw_nl *nl, struct wire_args *w)
{
	struct lw_link link;
	struct lw_error err;

	if (!w->bind || !strcmp(w->bind, "none"))
		return LWCTL_OK;
	if (lw_link_get(nl, LW_BY_NAME(w->bind), &link, &err) < 0)
		return lwctl_refused(ctl, &err, "dev %s", w->bind);
	w->spec.link = link.ifindex;
	return LWCTL_OK;
}

static int check_new(struct lwctl *ctl, const struct wire_args *w)
{
	if (!w->spec.encap)
		return lwctl_usage(ctl, "%s: 'encap' is missing: vxlan or ipip", w->dev.name);
	if (!w->spec.remote.family)
		return lwctl_usage(ctl, "%s: 'remote' is missing: the peer's address", w->dev.name);
	if (w->dev.mac && (w->spec.mode == LINKWIRE_MODE_L3 || w->spec.encap == LINKWIRE_ENCAP_IPIP))
		return lwctl_usage(ctl, "%s: 'address' is for l2 wires: there is no Ethernet on an l3 one", w->dev.name);
	return LWCTL_OK;
}

static int send_new(struct lwctl *ctl, struct wire_args *w)
{
	struct lw_nl *nl = lwctl_nl(ctl);
	struct lw_error err;
	struct lw_batch b;
	int ret;

	if (!nl)
		return LWCTL_REFUSED;
	ret = resolve_bind(ctl, nl, w);
	if (ret)
		return ret;
	if (w->netns) {
		w->dev.netns_fd = lw_netns_open(w->netns, &err);
		if (w->dev.netns_fd < 0)
			return lwctl_refused(ctl, &err, "%s", w->dev.name);
	}

	lw_batch_init(&b, NETLINK_ROUTE);
	lw_link_add_wire(&b, &w->dev, &w->spec);
	if (lw_batch_send(nl, &b, NULL, NULL, &err) < 0)
		ret = lwctl_refused(ctl, &err, "%s", w->dev.name);
	lw_batch_free(&b);
	if (w->netns)
		close(w->dev.netns_fd);
	return ret;
}

static int link_add(struct lwctl *ctl, int argc, char **argv)
{
	struct args args = ARGS(argc, argv);
	struct wire_args w = { .dev = LW_LINK_NEW(NULL) };
	int ret;

	(void)args_take(&args, "dev");
	w.dev.name = args_next(&args);
	if (!w.dev.name)
		return lwctl_usage(ctl, "the name of the new device is missing");
	if (!lw_link_name_valid(w.dev.name))
		return lwctl_usage(ctl, "bad name '%.64s': 1 to 15 bytes, no '/', ':' or blank", w.dev.name);
	ret = parse_options(ctl, &args, &w, true);
	if (!ret)
		ret = check_new(ctl, &w);
	if (!ret)
		ret = send_new(ctl, &w);
	lw_sources_free(&w.spec.sources);
	return ret;
}

static int send_change(struct lwctl *ctl, const struct target *target, struct wire_args *w)
{
	struct lw_nl *nl = lwctl_nl(ctl);
	struct lw_wire wire;
	struct lw_error err;
	struct lw_batch b;
	int ret;

	if (!nl)
		return LWCTL_REFUSED;
	ret = resolve_bind(ctl, nl, w);
	if (!ret)
		ret = target_find(ctl, nl, target, &wire);
	if (ret)
		return ret;

	lw_batch_init(&b, NETLINK_GENERIC);
	lw_wire_set(&b, LW_WIRE_ID(wire.id), &w->spec);
	if (lw_batch_send(nl, &b, NULL, NULL, &err) < 0)
		ret = lwctl_refused(ctl, &err, "%s", target->text);
	lw_batch_free(&b);
	return ret;
}

static int link_set(struct lwctl *ctl, int argc, char **argv)
{
	struct args args = ARGS(argc, argv);
	struct wire_args w = { 0 };
	struct target target;
	int ret;

	ret = args_wire(ctl, &args, &target);
	if (!ret)
		ret = parse_options(ctl, &args, &w, false);
	if (!ret && !w.spec.has)
		ret = lwctl_usage(ctl, "%s: nothing to change", target.text);
	if (!ret)
		ret = send_change(ctl, &target, &w);
	lw_sources_free(&w.spec.sources);
	return ret;
}

static int delete_ids(struct lwctl *ctl, struct lw_nl *nl, const uint32_t *ids, unsigned int n, const char *text)
{
	struct lw_error err;
	struct lw_batch b;
	int ret = LWCTL_OK;

	lw_batch_init(&b, NETLINK_GENERIC);
	if (n == 1)
		lw_wire_del(&b, LW_WIRE_ID(ids[0]));
	else
		lw_wire_del_many(&b, ids, n);
	if (lw_batch_send(nl, &b, NULL, NULL, &err) < 0)
		ret = lwctl_refused(ctl, &err, "%s%s", text, n == 1 ? "" : " …");
	lw_batch_free(&b);
	return ret;
}

static int link_del(struct lwctl *ctl, int argc, char **argv)
{
	struct args args = ARGS(argc, argv);
	struct target target, *targets;
	unsigned int n = 0, i;
	struct lw_wire wire;
	struct lw_nl *nl;
	uint32_t *ids;
	int ret;

	ids = calloc((size_t)argc + 1, sizeof(*ids));
	targets = calloc((size_t)argc + 1, sizeof(*targets));
	if (!ids || !targets) {
		ret = lwctl_refused(ctl, NULL, "no memory");
		goto out;
	}
	do {
		ret = args_wire(ctl, &args, &target);
		if (ret)
			goto out;
		targets[n++] = target;
	} while (args.left);
	if (n > LW_WIRE_DEL_MAX) {
		ret = lwctl_usage(ctl, "%u wires are too many for one request: at most %u", n, LW_WIRE_DEL_MAX);
		goto out;
	}
	nl = lwctl_nl(ctl);
	ret = nl ? LWCTL_OK : LWCTL_REFUSED;
	for (i = 0; !ret && i < n; i++) {
		ret = target_find(ctl, nl, &targets[i], &wire);
		ids[i] = wire.id;
	}
	if (!ret)
		ret = delete_ids(ctl, nl, ids, n, targets[0].text);
out:
	free(targets);
	free(ids);
	return ret;
}

#define WIRE_OPTIONS \
	"\n        [local ADDR] [port N] [remote-port N] [src-port {hash|N}] [dev DEV]\n" \
	"        [fwmark N] [ttl {inherit|N}] [dscp {inherit|N}] [roam {on|off}] [hold MS] [label STR]\n" \
	"        [backup {none|ADDR}] [sources {any|none|PREFIX[,PREFIX]...}]"

static const struct command commands[] = {
	{ "add", link_add, "NAME encap {vxlan|ipip} remote ADDR [mode {l2|l3}]" WIRE_OPTIONS
	  "\n        [id N] [mtu N] [address MAC] [netns NAME] [up]\tmake a wire; its device in netns NAME" },
	{ "set", link_set, "{NAME|id N} [remote ADDR]" WIRE_OPTIONS "\tchange a wire" },
	{ "delete", link_del, "{NAME|id N}...\tdelete wires, all or none" },
	{ "show", link_show, "[NAME|id N]\tlist wires of this underlay wherever their devices are; -s counters, -d all" },
	{ "list", link_show, NULL },
	{ "ls", link_show, NULL },
	{ NULL, NULL, NULL },
};

int cmd_link(struct lwctl *ctl, int argc, char **argv)
{
	return lwctl_dispatch(ctl, commands, "link", argc, argv);
}
