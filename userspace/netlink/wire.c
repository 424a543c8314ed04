// SPDX-License-Identifier: MIT
#include "netlink/wire.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <string.h>

#include "netlink/family.h"
#include "netlink/values.h"

static bool given(const struct lw_wire_spec *spec, unsigned int attr)
{
	return spec->has & LW_HAS(attr);
}

/* None is all zero, which the kernel takes for one of either family. */
static void put_local(struct nlmsghdr *nlh, const struct lw_wire_spec *spec)
{
	struct lw_addr local = spec->local;

	if (!local.family) {
		memset(&local, 0, sizeof(local));
		local.family = given(spec, IFLA_LINKWIRE_REMOTE) ? spec->remote.family : AF_INET;
	}
	lw_put_addr(nlh, IFLA_LINKWIRE_LOCAL, &local);
}

void lw_wire_put_spec(struct nlmsghdr *nlh, const struct lw_wire_spec *spec)
{
	if (given(spec, IFLA_LINKWIRE_ID))
		mnl_attr_put_u32(nlh, IFLA_LINKWIRE_ID, spec->id);
	if (given(spec, IFLA_LINKWIRE_ENCAP))
		mnl_attr_put_u8(nlh, IFLA_LINKWIRE_ENCAP, spec->encap);
	if (given(spec, IFLA_LINKWIRE_MODE))
		mnl_attr_put_u8(nlh, IFLA_LINKWIRE_MODE, spec->mode);
	if (given(spec, IFLA_LINKWIRE_LOCAL))
		put_local(nlh, spec);
	if (given(spec, IFLA_LINKWIRE_REMOTE))
		lw_put_addr(nlh, IFLA_LINKWIRE_REMOTE, &spec->remote);
	if (given(spec, IFLA_LINKWIRE_PORT))
		lw_put_be16(nlh, IFLA_LINKWIRE_PORT, spec->port);
	if (given(spec, IFLA_LINKWIRE_REMOTE_PORT))
		lw_put_be16(nlh, IFLA_LINKWIRE_REMOTE_PORT, spec->remote_port);
	if (given(spec, IFLA_LINKWIRE_SRC_PORT))
		lw_put_be16(nlh, IFLA_LINKWIRE_SRC_PORT, spec->src_port);
	if (given(spec, IFLA_LINKWIRE_LINK))
		mnl_attr_put_u32(nlh, IFLA_LINKWIRE_LINK, spec->link);
	if (given(spec, IFLA_LINKWIRE_FWMARK))
		mnl_attr_put_u32(nlh, IFLA_LINKWIRE_FWMARK, spec->fwmark);
	if (given(spec, IFLA_LINKWIRE_TTL))
		mnl_attr_put_u8(nlh, IFLA_LINKWIRE_TTL, spec->ttl);
	if (given(spec, IFLA_LINKWIRE_DSCP))
		mnl_attr_put_u8(nlh, IFLA_LINKWIRE_DSCP, spec->dscp);
	if (given(spec, IFLA_LINKWIRE_ROAM))
		mnl_attr_put_u8(nlh, IFLA_LINKWIRE_ROAM, spec->roam);
	if (given(spec, IFLA_LINKWIRE_HOLD))
		mnl_attr_put_u32(nlh, IFLA_LINKWIRE_HOLD, spec->hold);
	if (given(spec, IFLA_LINKWIRE_LABEL))
		mnl_attr_put(nlh, IFLA_LINKWIRE_LABEL, spec->label_len, spec->label);
	if (given(spec, IFLA_LINKWIRE_BACKUP) && spec->backup.family)
		lw_put_addr(nlh, IFLA_LINKWIRE_BACKUP, &spec->backup);
	else if (given(spec, IFLA_LINKWIRE_BACKUP))
		mnl_attr_put_u32(nlh, IFLA_LINKWIRE_BACKUP, 0);
	if (given(spec, IFLA_LINKWIRE_SOURCES))
		lw_sources_put(nlh, &spec->sources);
}

void lw_wire_make_room(struct lw_batch *b, const struct lw_wire_spec *spec)
{
	if (given(spec, IFLA_LINKWIRE_SOURCES))
		lw_batch_make_longer(b, lw_sources_size(&spec->sources));
}

void lw_wire_put_ref(struct nlmsghdr *nlh, struct lw_wire_ref ref)
{
	if (ref.id)
		mnl_attr_put_u32(nlh, LINKWIRE_A_ID, ref.id);
	else if (ref.ifindex)
		mnl_attr_put_u32(nlh, LINKWIRE_A_IFINDEX, ref.ifindex);
	else if (ref.name)
		lw_put_string(nlh, LINKWIRE_A_IFNAME, ref.name);
}

int lw_wire_set(struct lw_batch *b, struct lw_wire_ref ref, const struct lw_wire_spec *spec)
{
	struct nlmsghdr *nlh;
	struct nlattr *link;

	lw_wire_make_room(b, spec);
	nlh = lw_family_begin(b, LINKWIRE_CMD_WIRE_SET, 0);
	if (!nlh)
		return b->err;
	lw_wire_put_ref(nlh, ref);
	link = mnl_attr_nest_start(nlh, LINKWIRE_A_LINK);
	lw_wire_put_spec(nlh, spec);
	mnl_attr_nest_end(nlh, link);
	return lw_batch_end(b, nlh);
}

int lw_wire_del(struct lw_batch *b, struct lw_wire_ref ref)
{
	struct nlmsghdr *nlh = lw_family_begin(b, LINKWIRE_CMD_WIRE_DEL, 0);

	if (!nlh)
		return b->err;
	lw_wire_put_ref(nlh, ref);
	return lw_batch_end(b, nlh);
}

int lw_wire_del_many(struct lw_batch *b, const uint32_t *ids, unsigned int n)
{
	struct nlmsghdr *nlh;

	if (n > LW_WIRE_DEL_MAX) {
		b->err = -E2BIG;
		return b->err;
	}
	nlh = lw_family_begin(b, LINKWIRE_CMD_WIRE_DEL, 0);
	if (!nlh)
		return b->err;
	mnl_attr_put(nlh, LINKWIRE_A_IDS, n * sizeof(*ids), ids);
	return lw_batch_end(b, nlh);
}

void lw_wire_parse_spec(const struct nlattr *nest, struct lw_wire_spec *spec)
{
	const struct nlattr *a;

	mnl_attr_for_each_nested(a, nest) {
		uint16_t type = mnl_attr_get_type(a);

		switch (type) {
		case IFLA_LINKWIRE_ID:
			spec->id = lw_get_u32(a);
			break;
		case IFLA_LINKWIRE_ENCAP:
			spec->encap = lw_get_u8(a);
			break;
		case IFLA_LINKWIRE_MODE:
			spec->mode = lw_get_u8(a);
			break;
		case IFLA_LINKWIRE_LOCAL:
			lw_get_addr(a, &spec->local);
			break;
		case IFLA_LINKWIRE_REMOTE:
			lw_get_addr(a, &spec->remote);
			break;
		case IFLA_LINKWIRE_PORT:
			spec->port = lw_get_be16(a);
			break;
		case IFLA_LINKWIRE_REMOTE_PORT:
			spec->remote_port = lw_get_be16(a);
			break;
		case IFLA_LINKWIRE_SRC_PORT:
			spec->src_port = lw_get_be16(a);
			break;
		case IFLA_LINKWIRE_LINK:
			spec->link = lw_get_u32(a);
			break;
		case IFLA_LINKWIRE_FWMARK:
			spec->fwmark = lw_get_u32(a);
			break;
		case IFLA_LINKWIRE_TTL:
			spec->ttl = lw_get_u8(a);
			break;
		case IFLA_LINKWIRE_DSCP:
			spec->dscp = lw_get_u8(a);
			break;
		case IFLA_LINKWIRE_ROAM:
			spec->roam = lw_get_u8(a);
			break;
		case IFLA_LINKWIRE_HOLD:
			spec->hold = lw_get_u32(a);
			break;
		case IFLA_LINKWIRE_LABEL:
			if (mnl_attr_get_payload_len(a) > LINKWIRE_LABEL_MAX)
				continue;
			spec->label_len = (uint8_t)mnl_attr_get_payload_len(a);
			memcpy(spec->label, mnl_attr_get_payload(a), spec->label_len);
			spec->label[spec->label_len] = '\0';
			break;
		case IFLA_LINKWIRE_BACKUP:
			lw_get_addr(a, &spec->backup);
			break;
		default:
			continue;
		}
		spec->has |= LW_HAS(type);
	}
}

static int parse_sources(const struct nlattr *nest, struct lw_wire_spec *spec)
{
	const struct nlattr *a;
	int ret = 0;

	mnl_attr_for_each_nested(a, nest) {
		if (mnl_attr_get_type(a) != IFLA_LINKWIRE_SOURCES || given(spec, IFLA_LINKWIRE_SOURCES))
			continue;
		ret = lw_sources_parse(a, &spec->sources);
		spec->has |= LW_HAS(IFLA_LINKWIRE_SOURCES);
	}
	return ret;
}

int lw_wire_parse(const struct nlmsghdr *nlh, struct lw_wire *wire)
{
	const struct genlmsghdr *genl = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *a;
	int ret = 0;

	memset(wire, 0, sizeof(*wire));
	if (mnl_nlmsg_get_payload_len(nlh) < GENL_HDRLEN || genl->cmd != LINKWIRE_CMD_WIRE_GET)
		return -EBADMSG;
	mnl_attr_for_each(a, nlh, GENL_HDRLEN) {
		switch (mnl_attr_get_type(a)) {
		case LINKWIRE_A_ID:
			wire->id = lw_get_u32(a);
			break;
		case LINKWIRE_A_IFINDEX:
			wire->ifindex = lw_get_u32(a);
			break;
		case LINKWIRE_A_IFNAME:
			lw_get_string(a, wire->name, sizeof(wire->name));
			break;
		case LINKWIRE_A_NETNS_COOKIE:
			wire->netns_cookie = lw_get_u64(a);
			break;
		case LINKWIRE_A_NETNSID:
			wire->netnsid = (int32_t)lw_get_u32(a);
			wire->has_netnsid = true;
			break;
		case LINKWIRE_A_CARRIER:
			wire->carrier = lw_get_u8(a);
			break;
		case LINKWIRE_A_UP:
			wire->up = lw_get_u8(a);
			break;
		case LINKWIRE_A_MTU:
			wire->mtu = lw_get_u32(a);
			break;
		case LINKWIRE_A_LINK:
			lw_wire_parse_spec(a, &wire->spec);
			ret = ret ? ret : parse_sources(a, &wire->spec);
			break;
		case LINKWIRE_A_STATS:
			lw_counters_parse(&wire->counters, a);
			break;
		case LINKWIRE_A_ON_BACKUP:
			wire->on_backup = lw_get_u8(a);
			break;
		}
	}
	if (!ret && !wire->id)
		ret = -EBADMSG;
	if (ret < 0)
		lw_wire_free(wire);
	return ret;
}

void lw_wire_free(struct lw_wire *wire)
{
	lw_sources_free(&wire->spec.sources);
}

int lw_wire_copy(struct lw_wire *to, const struct lw_wire *from)
{
	*to = *from;
	return lw_sources_copy(&to->spec.sources, &from->spec.sources);
}

struct dump {
	lw_wire_fn *fn;
	void *arg;
};

static int parse_dumped(const struct nlmsghdr *nlh, unsigned int i, void *arg)
{
	const struct dump *dump = arg;
	struct lw_wire wire;
	int ret;

	(void)i;
	ret = lw_wire_parse(nlh, &wire);
	if (ret < 0)
		return ret == -EBADMSG ? 0 : ret;
	ret = dump->fn(&wire, dump->arg);
	lw_wire_free(&wire);
	return ret;
}

int lw_wire_dump(struct lw_nl *nl, lw_wire_fn *fn, void *arg, struct lw_error *err)
{
	struct dump dump = { .fn = fn, .arg = arg };
	struct lw_batch b;
	int ret;

	lw_batch_init(&b, NETLINK_GENERIC);
	lw_batch_end(&b, lw_family_begin(&b, LINKWIRE_CMD_WIRE_GET, NLM_F_DUMP));
	ret = lw_batch_dump(nl, &b, parse_dumped, &dump, err);
	lw_batch_free(&b);
	return ret;
}

static int parse_one(const struct nlmsghdr *nlh, unsigned int i, void *arg)
{
	(void)i;
	return lw_wire_parse(nlh, arg);
}

int lw_wire_get(struct lw_nl *nl, struct lw_wire_ref ref, struct lw_wire *wire, struct lw_error *err)
{
	struct nlmsghdr *nlh;
	struct lw_batch b;
	int ret;

	lw_batch_init(&b, NETLINK_GENERIC);
	nlh = lw_family_begin(&b, LINKWIRE_CMD_WIRE_GET, 0);
	if (nlh)
		lw_wire_put_ref(nlh, ref);
	lw_batch_end(&b, nlh);
	ret = lw_batch_send(nl, &b, parse_one, wire, err);
	lw_batch_free(&b);
	return ret;
}

struct search {
	const char *name;
	uint32_t id;
	unsigned int found;
};

static int compare_name(const struct lw_wire *wire, void *arg)
{
	struct search *search = arg;

	if (!strcmp(wire->name, search->name)) {
		search->id = wire->id;
		search->found++;
	}
	return 0;
}

int lw_wire_find(struct lw_nl *nl, const char *name, struct lw_wire *wire, struct lw_error *err)
{
	struct search search = { .name = name };
	struct lw_error here;
	int ret;

	lw_error_clear(err);
	ret = lw_wire_get(nl, LW_WIRE_NAME(name), wire, &here);
	if (!ret)
		return 0;
	if (here.kind != LW_ERR_KERNEL || here.code == EPERM) {
		if (err)
			*err = here;
		return ret;
	}
	ret = lw_wire_dump(nl, compare_name, &search, err);
	if (ret < 0)
		return ret;
	if (search.found > 1)
		return lw_error_local(err, ENOTUNIQ, "'%s' is the name of several wires, in other namespaces", name);
	if (!search.found) {
		if (err)
			*err = here;
		return -here.code;
	}
	return lw_wire_get(nl, LW_WIRE_ID(search.id), wire, err);
}

static int parse_underlay(const struct nlmsghdr *nlh, unsigned int i, void *arg)
{
	const struct nlattr *a;

	(void)i;
	mnl_attr_for_each(a, nlh, GENL_HDRLEN)
		if (mnl_attr_get_type(a) == LINKWIRE_A_STATS)
			lw_counters_parse(arg, a);
	return 0;
}

int lw_underlay_get(struct lw_nl *nl, struct lw_counters *counters, struct lw_error *err)
{
	struct lw_batch b;
	int ret;

	memset(counters, 0, sizeof(*counters));
	lw_batch_init(&b, NETLINK_GENERIC);
	lw_batch_end(&b, lw_family_begin(&b, LINKWIRE_CMD_UNDERLAY_GET, 0));
	ret = lw_batch_send(nl, &b, parse_underlay, counters, err);
	lw_batch_free(&b);
	return ret;
}
