// SPDX-License-Identifier: MIT
#include "netlink/sa.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <string.h>

#include "netlink/family.h"
#include "netlink/values.h"
#include "netlink/words.h"

static void put_limit(struct nlmsghdr *nlh, uint16_t type, uint64_t value)
{
	if (value)
		mnl_attr_put_u64(nlh, type, value);
}

int lw_sa_add(struct lw_batch *b, struct lw_wire_ref ref, const struct lw_sa_new *sa, bool echo)
{
	struct nlmsghdr *nlh = lw_family_begin(b, LINKWIRE_CMD_SA_NEW, echo ? NLM_F_ECHO : 0);
	struct nlattr *nest;

	if (!nlh)
		return b->err;
	lw_wire_put_ref(nlh, ref);
	nest = mnl_attr_nest_start(nlh, LINKWIRE_A_SA);
	mnl_attr_put_u8(nlh, LINKWIRE_A_SA_DIR, sa->dir);
	if (sa->has_tag)
		mnl_attr_put_u32(nlh, LINKWIRE_A_SA_TAG, sa->tag);
	mnl_attr_put_u8(nlh, LINKWIRE_A_SA_CIPHER, sa->cipher);
	mnl_attr_put(nlh, LINKWIRE_A_SA_KEY, sa->key_len, sa->key);
	if (sa->lanes)
		mnl_attr_put_u16(nlh, LINKWIRE_A_SA_LANES, sa->lanes);
	put_limit(nlh, LINKWIRE_A_SA_START, sa->start);
	if (sa->csum)
		mnl_attr_put_u8(nlh, LINKWIRE_A_SA_CSUM_PARTIAL, sa->csum == LW_CSUM_PARTIAL);
	put_limit(nlh, LINKWIRE_A_SA_SOFT_PACKETS, sa->soft_packets);
	put_limit(nlh, LINKWIRE_A_SA_HARD_PACKETS, sa->hard_packets);
	put_limit(nlh, LINKWIRE_A_SA_SOFT_BYTES, sa->soft_bytes);
	put_limit(nlh, LINKWIRE_A_SA_HARD_BYTES, sa->hard_bytes);
	put_limit(nlh, LINKWIRE_A_SA_SOFT_SECONDS, sa->soft_seconds);
	put_limit(nlh, LINKWIRE_A_SA_HARD_SECONDS, sa->hard_seconds);
	mnl_attr_nest_end(nlh, nest);
	return lw_batch_end(b, nlh);
}

static struct nlmsghdr *begin_ref(struct lw_batch *b, uint8_t cmd, struct lw_wire_ref ref, uint8_t dir, bool has_tag,
				  uint32_t tag)
{
	struct nlmsghdr *nlh = lw_family_begin(b, cmd, 0);
	struct nlattr *nest;

	if (!nlh)
		return NULL;
	lw_wire_put_ref(nlh, ref);
	nest = mnl_attr_nest_start(nlh, LINKWIRE_A_SA);
	mnl_attr_put_u8(nlh, LINKWIRE_A_SA_DIR, dir);
	if (has_tag)
		mnl_attr_put_u32(nlh, LINKWIRE_A_SA_TAG, tag);
	mnl_attr_nest_end(nlh, nest);
	return nlh;
}

int lw_sa_del(struct lw_batch *b, struct lw_wire_ref ref, uint8_t dir, bool has_tag, uint32_t tag)
{
	return lw_batch_end(b, begin_ref(b, LINKWIRE_CMD_SA_DEL, ref, dir, has_tag, tag));
}

static void parse_nest(const struct nlattr *nest, struct lw_sa *sa)
{
	const struct nlattr *a;

	mnl_attr_for_each_nested(a, nest) {
		uint16_t type = mnl_attr_get_type(a);
		uint64_t *big = NULL;

		switch (type) {
		case LINKWIRE_A_SA_DIR:
			sa->dir = lw_get_u8(a);
			break;
		case LINKWIRE_A_SA_TAG:
			sa->tag = lw_get_u32(a);
			break;
		case LINKWIRE_A_SA_CIPHER:
			sa->cipher = lw_get_u8(a);
			break;
		case LINKWIRE_A_SA_LANES:
			sa->lanes = lw_get_u16(a);
			break;
		case LINKWIRE_A_SA_CSUM_PARTIAL:
			sa->csum = lw_get_u8(a) ? LW_CSUM_PARTIAL : LW_CSUM_FULL;
			break;
		case LINKWIRE_A_SA_STATE:
			sa->state = lw_get_u8(a);
			break;
		case LINKWIRE_A_SA_DRIVER:
			lw_get_string(a, sa->driver, sizeof(sa->driver));
			break;
		case LINKWIRE_A_SA_SOFT_PACKETS:
			big = &sa->soft_packets;
			break;
		case LINKWIRE_A_SA_HARD_PACKETS:
			big = &sa->hard_packets;
			break;
		case LINKWIRE_A_SA_SOFT_BYTES:
			big = &sa->soft_bytes;
			break;
		case LINKWIRE_A_SA_HARD_BYTES:
			big = &sa->hard_bytes;
			break;
		case LINKWIRE_A_SA_SOFT_SECONDS:
			big = &sa->soft_seconds;
			break;
		case LINKWIRE_A_SA_HARD_SECONDS:
			big = &sa->hard_seconds;
			break;
		case LINKWIRE_A_SA_AGE:
			big = &sa->age;
			break;
		case LINKWIRE_A_SA_COUNTER:
			big = &sa->counter;
			break;
		case LINKWIRE_A_SA_PACKETS:
			big = &sa->packets;
			break;
		case LINKWIRE_A_SA_BYTES:
			big = &sa->bytes;
			break;
		case LINKWIRE_A_SA_BLOCKS:
			big = &sa->blocks;
			break;
		case LINKWIRE_A_SA_FAILED:
			big = &sa->failed;
			break;
		default:
			continue;
		}
		if (big)
			*big = lw_get_u64(a);
		sa->has |= LW_HAS(type);
	}
}

int lw_sa_parse(const struct nlmsghdr *nlh, struct lw_sa *sa)
{
	const struct nlattr *a;
	bool found = false;

	memset(sa, 0, sizeof(*sa));
	if (mnl_nlmsg_get_payload_len(nlh) < GENL_HDRLEN)
		return -EBADMSG;
	mnl_attr_for_each(a, nlh, GENL_HDRLEN) {
		switch (mnl_attr_get_type(a)) {
		case LINKWIRE_A_ID:
			sa->wire = lw_get_u32(a);
			break;
		case LINKWIRE_A_IFINDEX:
			sa->ifindex = lw_get_u32(a);
			break;
		case LINKWIRE_A_SA:
			parse_nest(a, sa);
			found = true;
			break;
		}
	}
	return found ? 0 : -EBADMSG;
}

static int parse_one(const struct nlmsghdr *nlh, unsigned int i, void *arg)
{
	(void)i;
	return lw_sa_parse(nlh, arg);
}

int lw_sa_add_now(struct lw_nl *nl, struct lw_wire_ref ref, const struct lw_sa_new *new, uint32_t *tag,
		  struct lw_error *err)
{
	struct lw_sa sa = { 0 };
	struct lw_batch b;
	int ret;

	lw_batch_init(&b, NETLINK_GENERIC);
	lw_sa_add(&b, ref, new, true);
	ret = lw_batch_send(nl, &b, parse_one, &sa, err);
	lw_batch_free(&b);
	if (ret < 0)
		return ret;
	if (!(sa.has & LW_HAS(LINKWIRE_A_SA_TAG)))
		return lw_error_local(err, EBADMSG, "the kernel did not tell the tag of the new SA");
	if (tag)
		*tag = sa.tag;
	return 0;
}

struct dump {
	lw_sa_fn *fn;
	void *arg;
};

static int parse_dumped(const struct nlmsghdr *nlh, unsigned int i, void *arg)
{
	const struct dump *dump = arg;
	struct lw_sa sa;

	(void)i;
	return lw_sa_parse(nlh, &sa) < 0 ? 0 : dump->fn(&sa, dump->arg);
}

int lw_sa_dump(struct lw_nl *nl, const struct lw_wire_ref *ref, lw_sa_fn *fn, void *arg, struct lw_error *err)
{
	struct dump dump = { .fn = fn, .arg = arg };
	struct nlmsghdr *nlh;
	struct lw_batch b;
	int ret;

	lw_batch_init(&b, NETLINK_GENERIC);
	nlh = lw_family_begin(&b, LINKWIRE_CMD_SA_GET, NLM_F_DUMP);
	if (nlh && ref)
		lw_wire_put_ref(nlh, *ref);
	lw_batch_end(&b, nlh);
	ret = lw_batch_dump(nl, &b, parse_dumped, &dump, err);
	lw_batch_free(&b);
	return ret;
}

int lw_sa_get(struct lw_nl *nl, struct lw_wire_ref ref, uint8_t dir, uint32_t tag, struct lw_sa *sa,
	      struct lw_error *err)
{
	struct lw_batch b;
	int ret;

	memset(sa, 0, sizeof(*sa));
	lw_batch_init(&b, NETLINK_GENERIC);
	lw_batch_end(&b, begin_ref(&b, LINKWIRE_CMD_SA_GET, ref, dir, true, tag));
	ret = lw_batch_send(nl, &b, parse_one, sa, err);
	lw_batch_free(&b);
	return ret;
}
