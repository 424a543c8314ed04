// SPDX-License-Identifier: MIT
#include "netlink/qdisc.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_ether.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "netlink/values.h"

#define TICK_NS 64		/* the kernel's unit of time in these requests: PSCHED_SHIFT */
#define HTB_VERSION 3
#define HTB_BURST_MIN 65536	/* an skb of segments goes in one piece */
#define HTB_BURST_MS 4		/* what a coarse timer may be late by */
#define QUANTUM_MIN 2000
#define QUANTUM_MAX 200000	/* the kernel warns of more */

static uint32_t low32(uint64_t v)
{
	return v > UINT32_MAX ? UINT32_MAX : (uint32_t)v;
}

/* with the link layer said, the kernel needs no table of how long each size takes */
static struct tc_ratespec ratespec(uint64_t rate)
{
	return (struct tc_ratespec){ .linklayer = TC_LINKLAYER_ETHERNET, .rate = low32(rate) };
}

static struct nlmsghdr *begin(struct lw_batch *b, uint16_t type, uint16_t flags, uint32_t ifindex, uint32_t parent,
			      uint32_t handle, const char *kind)
{
	struct nlmsghdr *nlh = lw_batch_begin(b, type, flags);
	struct tcmsg *tc;

	if (!nlh)
		return NULL;
	tc = mnl_nlmsg_put_extra_header(nlh, sizeof(*tc));
	tc->tcm_ifindex = (int)ifindex;
	tc->tcm_parent = parent;
	tc->tcm_handle = handle;
	if (kind)
		lw_put_string(nlh, TCA_KIND, kind);
	return nlh;
}

int lw_qdisc_set_tbf(struct lw_batch *b, uint32_t ifindex, uint32_t handle, const struct lw_tbf *t)
{
	const struct tc_tbf_qopt opt = { .rate = ratespec(t->rate), .limit = t->limit };
	struct nlmsghdr *nlh = begin(b, RTM_NEWQDISC, NLM_F_CREATE | NLM_F_REPLACE, ifindex, TC_H_ROOT, handle, "tbf");
	struct nlattr *options;

	if (!nlh)
		return b->err;
	options = mnl_attr_nest_start(nlh, TCA_OPTIONS);
	mnl_attr_put(nlh, TCA_TBF_PARMS, sizeof(opt), &opt);
	mnl_attr_put_u32(nlh, TCA_TBF_BURST, t->burst);
	if (t->rate > UINT32_MAX)
		mnl_attr_put_u64(nlh, TCA_TBF_RATE64, t->rate);
	mnl_attr_nest_end(nlh, options);
	return lw_batch_end(b, nlh);
}

/* every value is sent, zero too: what a change leaves out stays as it was */
int lw_qdisc_set_netem(struct lw_batch *b, uint32_t ifindex, uint32_t handle, const struct lw_netem *n)
{
	const struct tc_netem_qopt opt = { .limit = n->limit, .loss = n->loss };
	const struct tc_netem_rate rate = { .rate = low32(n->rate) };
	const int64_t latency = (int64_t)n->delay_us * 1000;
	struct nlmsghdr *nlh = begin(b, RTM_NEWQDISC, NLM_F_CREATE | NLM_F_REPLACE, ifindex, TC_H_ROOT, handle,
				     "netem");
	struct nlattr *options;

	if (!nlh)
		return b->err;
	options = mnl_attr_nest_start(nlh, TCA_OPTIONS);
	memcpy(mnl_nlmsg_put_extra_header(nlh, sizeof(opt)), &opt, sizeof(opt));
	mnl_attr_put_u64(nlh, TCA_NETEM_LATENCY64, (uint64_t)latency);
	mnl_attr_put(nlh, TCA_NETEM_RATE, sizeof(rate), &rate);
	if (n->rate > UINT32_MAX)
		mnl_attr_put_u64(nlh, TCA_NETEM_RATE64, n->rate);
	mnl_attr_nest_end(nlh, options);
	return lw_batch_end(b, nlh);
}

int lw_qdisc_add_htb(struct lw_batch *b, uint32_t ifindex, uint32_t handle, uint16_t other)
{
	const struct tc_htb_glob opt = { .version = HTB_VERSION, .rate2quantum = 10, .defcls = other };
	struct nlmsghdr *nlh = begin(b, RTM_NEWQDISC, NLM_F_CREATE | NLM_F_REPLACE, ifindex, TC_H_ROOT, handle, "htb");
	struct nlattr *options;

	if (!nlh)
		return b->err;
	options = mnl_attr_nest_start(nlh, TCA_OPTIONS);
	mnl_attr_put(nlh, TCA_HTB_INIT, sizeof(opt), &opt);
	mnl_attr_nest_end(nlh, options);
	return lw_batch_end(b, nlh);
}

/* in the kernel's ticks: how long a burst at that rate takes */
static uint32_t burst_ticks(uint64_t rate)
{
	uint64_t burst = rate * HTB_BURST_MS / 1000;

	if (burst < HTB_BURST_MIN)
		burst = HTB_BURST_MIN;
	return low32((uint64_t)((double)burst * 1e9 / (double)rate / TICK_NS));
}

static uint32_t quantum(uint64_t rate)
{
	uint64_t q = rate / 10;

	return q < QUANTUM_MIN ? QUANTUM_MIN : q > QUANTUM_MAX ? QUANTUM_MAX : (uint32_t)q;
}

int lw_qdisc_set_class(struct lw_batch *b, uint32_t ifindex, const struct lw_htb_class *c)
{
	const struct tc_htb_opt opt = {
		.rate = ratespec(c->rate), .ceil = ratespec(c->ceil), .buffer = burst_ticks(c->rate),
		.cbuffer = burst_ticks(c->ceil), .quantum = quantum(c->rate),
	};
	struct nlmsghdr *nlh = begin(b, RTM_NEWTCLASS, NLM_F_CREATE, ifindex, c->parent, c->classid, "htb");
	struct nlattr *options;

	if (!nlh)
		return b->err;
	options = mnl_attr_nest_start(nlh, TCA_OPTIONS);
	mnl_attr_put(nlh, TCA_HTB_PARMS, sizeof(opt), &opt);
	if (c->rate > UINT32_MAX)
		mnl_attr_put_u64(nlh, TCA_HTB_RATE64, c->rate);
	if (c->ceil > UINT32_MAX)
		mnl_attr_put_u64(nlh, TCA_HTB_CEIL64, c->ceil);
	mnl_attr_nest_end(nlh, options);
	return lw_batch_end(b, nlh);
}

int lw_qdisc_del_class(struct lw_batch *b, uint32_t ifindex, uint32_t classid)
{
	return lw_batch_end(b, begin(b, RTM_DELTCLASS, 0, ifindex, 0, classid, NULL));
}

/* a fw filter without options */
int lw_qdisc_add_mark_filter(struct lw_batch *b, uint32_t ifindex, uint32_t handle)
{
	struct nlmsghdr *nlh = begin(b, RTM_NEWTFILTER, NLM_F_CREATE | NLM_F_EXCL, ifindex, handle, 0, "fw");

	if (!nlh)
		return b->err;
	((struct tcmsg *)mnl_nlmsg_get_payload(nlh))->tcm_info = TC_H_MAKE(1U << 16, __builtin_bswap16(ETH_P_ALL));
	return lw_batch_end(b, nlh);
}

int lw_qdisc_del(struct lw_batch *b, uint32_t ifindex, uint32_t handle)
{
	return lw_batch_end(b, begin(b, RTM_DELQDISC, 0, ifindex, TC_H_ROOT, handle, NULL));
}

static void parse_tbf(const struct nlattr *options, struct lw_qdisc *q)
{
	const struct nlattr *a;

	mnl_attr_for_each_nested(a, options) {
		if (mnl_attr_get_type(a) == TCA_TBF_PARMS &&
		    mnl_attr_get_payload_len(a) >= sizeof(struct tc_tbf_qopt) && !q->rate)
			q->rate = ((const struct tc_tbf_qopt *)mnl_attr_get_payload(a))->rate.rate;
		else if (mnl_attr_get_type(a) == TCA_TBF_RATE64)
			q->rate = lw_get_u64(a);
	}
}

static void parse_netem(const struct nlattr *options, struct lw_qdisc *q)
{
	const struct tc_netem_qopt *opt = mnl_attr_get_payload(options);
	int left = (int)mnl_attr_get_payload_len(options) - (int)sizeof(*opt);
	const struct nlattr *a;

	if (left < 0)
		return;
	q->loss = opt->loss;
	q->delay_us = (uint32_t)((uint64_t)opt->latency * TICK_NS / 1000);
	for (a = (const struct nlattr *)(opt + 1); mnl_attr_ok(a, left);
	     left -= MNL_ALIGN(a->nla_len), a = mnl_attr_next(a)) {
		if (mnl_attr_get_type(a) == TCA_NETEM_RATE &&
		    mnl_attr_get_payload_len(a) >= sizeof(struct tc_netem_rate) && !q->rate)
			q->rate = ((const struct tc_netem_rate *)mnl_attr_get_payload(a))->rate;
		else if (mnl_attr_get_type(a) == TCA_NETEM_RATE64)
			q->rate = lw_get_u64(a);
		else if (mnl_attr_get_type(a) == TCA_NETEM_LATENCY64)
			q->delay_us = (uint32_t)(lw_get_u64(a) / 1000);
	}
}

struct dump {
	lw_qdisc_fn *fn;
	lw_htb_class_fn *class_fn;
	void *arg;
};

static int parse_qdisc(const struct nlmsghdr *nlh, unsigned int i, void *arg)
{
	const struct tcmsg *tc = mnl_nlmsg_get_payload(nlh);
	const struct nlattr *a, *options = NULL;
	const struct dump *dump = arg;
	struct lw_qdisc q = { 0 };

	(void)i;
	if (nlh->nlmsg_type != RTM_NEWQDISC || mnl_nlmsg_get_payload_len(nlh) < sizeof(*tc) ||
	    tc->tcm_parent != TC_H_ROOT)
		return 0;
	q.ifindex = (uint32_t)tc->tcm_ifindex;
	q.handle = tc->tcm_handle;
	mnl_attr_for_each(a, nlh, sizeof(*tc)) {
		if (mnl_attr_get_type(a) == TCA_KIND)
			lw_get_string(a, q.kind, sizeof(q.kind));
		else if (mnl_attr_get_type(a) == TCA_OPTIONS)
			options = a;
	}
	if (options && !strcmp(q.kind, "tbf"))
		parse_tbf(options, &q);
	else if (options && !strcmp(q.kind, "netem"))
		parse_netem(options, &q);
	return dump->fn(&q, dump->arg);
}

static void parse_htb(const struct nlattr *options, struct lw_htb_class *c)
{
	const struct nlattr *a;

	mnl_attr_for_each_nested(a, options) {
		const struct tc_htb_opt *opt = mnl_attr_get_payload(a);

		if (mnl_attr_get_type(a) == TCA_HTB_PARMS && mnl_attr_get_payload_len(a) >= sizeof(*opt)) {
			c->rate = opt->rate.rate;
			c->ceil = opt->ceil.rate;
		}
	}
	mnl_attr_for_each_nested(a, options) {
		if (mnl_attr_get_type(a) == TCA_HTB_RATE64)
			c->rate = lw_get_u64(a);
		else if (mnl_attr_get_type(a) == TCA_HTB_CEIL64)
			c->ceil = lw_get_u64(a);
	}
}

static int parse_class(const struct nlmsghdr *nlh, unsigned int i, void *arg)
{
	const struct tcmsg *tc = mnl_nlmsg_get_payload(nlh);
	struct lw_htb_class c = { 0 };
	const struct dump *dump = arg;
	const struct nlattr *a;

	(void)i;
	if (nlh->nlmsg_type != RTM_NEWTCLASS || mnl_nlmsg_get_payload_len(nlh) < sizeof(*tc))
		return 0;
	c.classid = tc->tcm_handle;
	c.parent = tc->tcm_parent;
	mnl_attr_for_each(a, nlh, sizeof(*tc))
		if (mnl_attr_get_type(a) == TCA_OPTIONS)
			parse_htb(a, &c);
	return dump->class_fn(&c, dump->arg);
}

static int run_dump(struct lw_nl *nl, uint16_t type, uint32_t ifindex, lw_reply_fn *parse, struct dump *dump,
		    struct lw_error *err)
{
	struct lw_batch b;
	int ret;

	lw_batch_init(&b, NETLINK_ROUTE);
	lw_batch_end(&b, begin(&b, type, NLM_F_DUMP, ifindex, 0, 0, NULL));
	ret = lw_batch_dump(nl, &b, parse, dump, err);
	lw_batch_free(&b);
	return ret;
}

int lw_qdisc_dump(struct lw_nl *nl, lw_qdisc_fn *fn, void *arg, struct lw_error *err)
{
	struct dump dump = { .fn = fn, .arg = arg };
	int ret = run_dump(nl, RTM_GETQDISC, 0, parse_qdisc, &dump, err);

	return ret == -EOPNOTSUPP ? 0 : ret;
}

int lw_qdisc_dump_classes(struct lw_nl *nl, uint32_t ifindex, lw_htb_class_fn *fn, void *arg, struct lw_error *err)
{
	struct dump dump = { .class_fn = fn, .arg = arg };

	return run_dump(nl, RTM_GETTCLASS, ifindex, parse_class, &dump, err);
}
