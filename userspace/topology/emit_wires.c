// SPDX-License-Identifier: MIT
/*
 * Wires: devices made, changed and deleted, some hundreds at a time, each node's in one batch.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "netlink/link.h"
#include "topology/emit.h"
#include "topology/live.h"
#include "topology/plain.h"

static int failed_at(struct emit *e, int ret, struct job **jobs, size_t n, const char *what)
{
	size_t at = e->err->request >= 0 && (size_t)e->err->request < n ? (size_t)e->err->request : 0;

	return emit_failed(e, ret, "%s %s", what, job_name(e, jobs[at]));
}

static struct place *place_of(struct emit *e, const struct job *j)
{
	return &e->place[j->wire - e->want->wire][j->end];
}

/* the same each time: neighbours in a segment that know a wire's end know it when it comes again */
static void mac_of(const struct topo_wire *w, int end, uint8_t mac[6])
{
	unsigned long long id;
	char digits[11] = "";

	memcpy(digits, w->key, sizeof(digits) - 1);
	id = strtoull(digits, NULL, 16);
	mac[0] = 0x02;	/* administered locally */
	for (int i = 1; i < 6; i++)
		mac[i] = (uint8_t)(id >> (8 * (5 - i)));
	mac[5] = (uint8_t)((mac[5] & 0xfe) | end);
}

static int make_devices(struct emit *e, struct site *s, struct job **jobs, size_t n)
{
	struct arena mem = { 0 };
	struct lw_batch b;
	int ret = site_numbers(e, s) ?: site_bridge(e, s);

	if (ret)
		return ret;
	lw_batch_init(&b, NETLINK_ROUTE);
	for (size_t i = 0; i < n && !ret; i++) {
		struct job *j = jobs[i];
		const struct topo_wire *w = j->wire;
		const struct topo_end *end = &w->end[j->end];
		struct place *at = place_of(e, j);
		struct lw_link_new dev = LW_LINK_NEW(end->ifname);
		struct lw_wire_spec spec = {
			.has = LW_HAS(IFLA_LINKWIRE_ID) | LW_HAS(IFLA_LINKWIRE_ENCAP) | LW_HAS(IFLA_LINKWIRE_MODE) |
			       LW_HAS(IFLA_LINKWIRE_LOCAL) | LW_HAS(IFLA_LINKWIRE_REMOTE) |
			       LW_HAS(IFLA_LINKWIRE_HOLD) | LW_HAS(IFLA_LINKWIRE_LABEL),
			.encap = w->encap,
			.mode = w->mode,
			.local = end->local,
			.remote = end->remote,
			.hold = w->hold,
			.backup = end->backup,
		};
		uint8_t mac[6];

		if (w->mode == LINKWIRE_MODE_L2) {
			mac_of(w, j->end, mac);
			dev.mac = mac;
		}
		if (end->backup.family)
			spec.has |= LW_HAS(IFLA_LINKWIRE_BACKUP);
		if (end->sources_on) {
			spec.has |= LW_HAS(IFLA_LINKWIRE_SOURCES);
			spec.sources = sources_of(&mem, end);
		}
		if (w->floor) {
			ret = shape_mark(e, w, j->end, &spec.fwmark);
			spec.has |= LW_HAS(IFLA_LINKWIRE_FWMARK);
		}
		spec.id = j->id = s->next_id++;
		live_label(spec.label, e->want->name, w, j->end);
		spec.label_len = (uint8_t)strlen(spec.label);
		dev.ifindex = j->ifindex = site_ifindex(s);
		dev.netns_fd = s->inner_fd;
		dev.mtu = w->mtu;
		dev.master = s->bridge;
		dev.up = !w->down;
		*at = (struct place){ .id = j->id, .ifindex = j->ifindex, .mark = spec.fwmark };
		lw_link_add_wire(&b, &dev, &spec);
	}
	ret = ret ?: lw_batch_send(&s->under, &b, NULL, NULL, e->err);
	lw_batch_free(&b);
	arena_free(&mem);
	return ret ? failed_at(e, ret, jobs, n, "creating") : 0;
}

/* made in the underlay, so that they send from there, and moved: the kernel has no other way for all of its kinds */
static int make_plain_devices(struct emit *e, struct site *s, struct job **jobs, size_t n)
{
	char label[LINKWIRE_LABEL_MAX + 1], name[IFNAMSIZ];
	struct lw_batch b;
	int ret = site_numbers(e, s) ?: site_bridge(e, s);

	if (ret)
		return ret;
	lw_batch_init(&b, NETLINK_ROUTE);
	for (size_t i = 0; i < n; i++) {
		struct job *j = jobs[i];
		const struct topo_wire *w = j->wire;
		const struct topo_end *end = &w->end[j->end];
		const struct lw_tunnel t = {
			.kind = plain_kind(w), .local = end->local, .remote = end->remote, .key = plain_key(w),
		};
		struct lw_link_new dev = LW_LINK_NEW(name);

		j->ifindex = site_ifindex(s);
		*place_of(e, j) = (struct place){ .ifindex = j->ifindex };
		dev.ifindex = j->ifindex;
		dev.mtu = w->mtu;
		snprintf(name, sizeof(name), "plain%u", j->ifindex);
		live_label(label, e->want->name, w, j->end);
		lw_tunnel_add(&b, &dev, &t);
		lw_link_set_alias(&b, LW_BY_INDEX(j->ifindex), label);
		lw_link_move(&b, j->ifindex, s->inner_fd, end->ifname, j->ifindex);
	}
	ret = lw_batch_send(&s->under, &b, NULL, NULL, e->err);
	lw_batch_free(&b);
	if (ret && e->err->request >= 0)
		e->err->request /= 3;
	return ret ? failed_at(e, ret, jobs, n, "creating") : 0;
}

static int plain_devices_up(struct emit *e, struct site *s, struct job **jobs, size_t n)
{
	struct lw_batch b;
	int ret;

	lw_batch_init(&b, NETLINK_ROUTE);
	for (size_t i = 0; i < n; i++) {
		if (s->bridge)
			lw_link_set_master(&b, LW_BY_INDEX(jobs[i]->ifindex), s->bridge);
		if (!jobs[i]->wire->down)
			lw_link_set_up(&b, LW_BY_INDEX(jobs[i]->ifindex), true);
	}
	ret = lw_batch_send(&s->inner, &b, NULL, NULL, e->err);
	lw_batch_free(&b);
	return ret ? emit_failed(e, ret, "plain wires of node %s", s->node->name) : 0;
}

static void put_addr(struct lw_batch *b, const struct job *j, const struct topo_addr *a, bool add)
{
	const struct lw_ifaddr addr = {
		.ifindex = j->ifindex, .addr = a->addr, .prefix_len = a->len, .proto = LIVE_ADDR_PROTO,
	};

	if (add)
		lw_ifaddr_add(b, &addr);
	else
		lw_ifaddr_del(b, &addr);
}

/* those that go first: one may move from an end to another */
static int set_addresses(struct emit *e, struct site *s, struct job **jobs, size_t n)
{
	struct lw_batch b;
	int ret;

	lw_batch_init(&b, NETLINK_ROUTE);
	for (size_t i = 0; i < n; i++) {
		const struct topo_end *want = &jobs[i]->wire->end[jobs[i]->end], *was = jobs[i]->was;

		for (size_t k = 0; was && k < was->addrs; k++)
			if (!state_has_addr(want, &was->addr[k]))
				put_addr(&b, jobs[i], &was->addr[k], false);
	}
	for (size_t i = 0; i < n; i++) {
		const struct topo_end *want = &jobs[i]->wire->end[jobs[i]->end], *was = jobs[i]->was;

		for (size_t k = 0; k < want->addrs; k++) {
			/* one that is down keeps none of IPv6 */
			if (was && jobs[i]->wire->down && want->addr[k].addr.family == AF_INET6)
				continue;
			if (!was || !state_has_addr(was, &want->addr[k]))
				put_addr(&b, jobs[i], &want->addr[k], true);
		}
		if (!was)
			shape_device(&b, jobs[i]->wire, jobs[i]->ifindex, 0);
	}
	ret = lw_batch_send(&s->inner, &b, NULL, NULL, e->err);
	lw_batch_free(&b);
	return ret ? emit_failed(e, ret, "addresses at node %s", s->node->name) : 0;
}

/**
 * wires_make() - make wires, with keys and addresses
 * @e: the work
 * @jobs: both ends of each wire, one behind the other
 * @n: how many ends
 *
 * Return: 0 or a negative errno.
 */
int wires_make(struct emit *e, struct job *jobs, size_t n)
{
	struct job **order = jobs_by_node(jobs, n);
	int ret;

	ret = jobs_each_site(e, order, n, make_devices) ?: keying(e, jobs, n) ?:
	      jobs_each_site(e, order, n, set_addresses);
	free(order);
	return ret;
}

/**
 * wires_make_plain() - make wires that nothing protects
 * @e: the work
 * @jobs: both ends of each wire, one behind the other
 * @n: how many ends
 *
 * Return: 0 or a negative errno.
 */
int wires_make_plain(struct emit *e, struct job *jobs, size_t n)
{
	struct job **order = jobs_by_node(jobs, n);
	int ret;

	ret = jobs_each_site(e, order, n, make_plain_devices) ?: jobs_each_site(e, order, n, plain_devices_up) ?:
	      jobs_each_site(e, order, n, set_addresses);
	free(order);
	return ret;
}

/**
 * wires_readdress() - give wires that stay their addresses, and take others
 * @e: the work
 * @jobs: both ends of each wire, one behind the other
 * @n: how many ends
 *
 * Return: 0 or a negative errno.
 */
int wires_readdress(struct emit *e, struct job *jobs, size_t n)
{
	struct job **order = jobs_by_node(jobs, n);
	int ret = jobs_each_site(e, order, n, set_addresses);

	free(order);
	return ret;
}

static bool same_addr(const struct lw_addr *a, const struct lw_addr *b)
{
	return a->family == b->family && (!a->family || lw_addr_equal(a, b));
}

/* what differs, and nothing else */
static int put_spec(struct emit *e, struct lw_batch *b, const struct job *j)
{
	const struct topo_wire *w = j->wire;
	const struct topo_end *was = j->was, *end = &w->end[j->end];
	struct place *at = place_of(e, j);
	struct lw_wire_spec spec = {
		.local = end->local, .remote = end->remote, .hold = w->hold, .backup = end->backup,
	};
	int ret = 0;

	if (!same_addr(&was->local, &spec.local))
		spec.has |= LW_HAS(IFLA_LINKWIRE_LOCAL);
	if (!same_addr(&was->remote, &spec.remote))
		spec.has |= LW_HAS(IFLA_LINKWIRE_REMOTE);
	if (was->hold != spec.hold)
		spec.has |= LW_HAS(IFLA_LINKWIRE_HOLD);
	if (!same_addr(&was->backup, &spec.backup))
		spec.has |= LW_HAS(IFLA_LINKWIRE_BACKUP);
	if (w->floor && !was->mark)
		ret = shape_mark(e, w, j->end, &spec.fwmark);
	if (!w->floor != !was->mark) {
		at->mark = spec.fwmark;
		spec.has |= LW_HAS(IFLA_LINKWIRE_FWMARK);
	}
	if (spec.has)
		lw_wire_set(b, LW_WIRE_ID(j->id), &spec);
	return ret;
}

static void put_device(struct lw_batch *b, const struct site *s, const struct job *j)
{
	const struct topo_wire *w = j->wire;
	const struct topo_end *was = j->was;
	const struct lw_link_ref ref = LW_BY_INDEX(j->ifindex);

	if (was->mtu != w->mtu)
		lw_link_set_mtu(b, ref, w->mtu);
	if (was->rate != w->rate || was->delay_us != w->delay_us || was->loss != w->loss)
		shape_device(b, w, j->ifindex, was->qdisc);
	if (was->bridged != s->node->bridge)
		lw_link_set_master(b, ref, s->node->bridge ? s->bridge : 0);
	if (was->up == w->down)
		lw_link_set_up(b, ref, !w->down);
}

static int change_at(struct emit *e, struct site *s, struct job **jobs, size_t n)
{
	struct lw_batch b;
	int ret = site_bridge(e, s);

	lw_batch_init(&b, NETLINK_GENERIC);
	for (size_t i = 0; i < n && !ret; i++)
		if (!jobs[i]->wire->plain)
			ret = put_spec(e, &b, jobs[i]);
	ret = ret ?: lw_batch_send(&s->under, &b, NULL, NULL, e->err);
	lw_batch_free(&b);
	if (ret)
		return emit_failed(e, ret, "changing wires of node %s", s->node->name);

	lw_batch_init(&b, NETLINK_ROUTE);
	for (size_t i = 0; i < n; i++)
		put_device(&b, s, jobs[i]);
	ret = lw_batch_send(&s->inner, &b, NULL, NULL, e->err);
	lw_batch_free(&b);
	return ret ? emit_failed(e, ret, "devices of wires of node %s", s->node->name) : 0;
}

/**
 * wires_change() - change wires as they stand
 * @e: the work
 * @jobs: both ends of each wire, one behind the other
 * @n: how many ends
 *
 * Return: 0 or a negative errno.
 */
int wires_change(struct emit *e, struct job *jobs, size_t n)
{
	struct job **order = jobs_by_node(jobs, n);
	int ret = jobs_each_site(e, order, n, change_at);

	free(order);
	return ret;
}

struct doomed {
	size_t node;	/* live */
	uint32_t id;	/* of the wire; 0: a plain one */
	uint32_t ifindex;
};

static int by_live_node(const void *a, const void *b)
{
	const struct doomed *x = a, *y = b;

	return x->node != y->node ? (x->node > y->node) - (x->node < y->node) : (x->id > y->id) - (x->id < y->id);
}

static int delete_plain(struct emit *e, struct site *s, const struct doomed *list, size_t n)
{
	struct lw_batch b;
	int ret = site_inner(e, s);

	if (ret)
		return ret;
	lw_batch_init(&b, NETLINK_ROUTE);
	b.keep_going = true;
	for (size_t i = 0; i < n; i++)
		lw_link_del(&b, LW_BY_INDEX(list[i].ifindex));
	ret = lw_batch_send(&s->inner, &b, NULL, NULL, e->err);
	lw_batch_free(&b);
	/* somebody inside may have been faster */
	return ret && ret != -ENODEV ? emit_failed(e, ret, "deleting plain wires of node %s", s->node->name) : 0;
}

/* each by itself: a namespace that somebody deleted takes its wires along, some time after it was looked at */
static int delete_each(struct emit *e, struct site *s, const struct doomed *list, size_t n)
{
	struct lw_batch b;
	int ret;

	lw_batch_init(&b, NETLINK_GENERIC);
	b.keep_going = true;
	for (size_t i = 0; i < n; i++)
		lw_wire_del(&b, LW_WIRE_ID(list[i].id));
	ret = lw_batch_send(&s->under, &b, NULL, NULL, e->err);
	if (ret == -ENODEV)
		ret = 0;
	for (size_t i = 0; i < n && !ret; i++)
		ret = b.status[i] == -ENODEV ? 0 : b.status[i];
	lw_batch_free(&b);
	return ret;
}

static int delete_at(struct emit *e, size_t node, const struct doomed *list, size_t n)
{
	struct site *s = &e->old[node];
	uint32_t ids[LW_WIRE_DEL_MAX];
	struct lw_batch b;
	size_t plain = 0;
	int ret = site_under(e, s);

	while (plain < n && !list[plain].id)
		plain++;
	if (!ret && plain)
		ret = delete_plain(e, s, list, plain);
	if (ret)
		return ret;
	lw_batch_init(&b, NETLINK_GENERIC);
	for (size_t i = plain; i < n; i += LW_WIRE_DEL_MAX) {
		unsigned int k;

		for (k = 0; k < LW_WIRE_DEL_MAX && i + k < n; k++)
			ids[k] = list[i + k].id;
		lw_wire_del_many(&b, ids, k);
	}
	ret = lw_batch_send(&s->under, &b, NULL, NULL, e->err);
	lw_batch_free(&b);
	if (ret == -ENODEV)	/* one is gone meanwhile, and of the others in its request none */
		ret = delete_each(e, s, list + plain, n - plain);
	return ret ? emit_failed(e, ret, "deleting wires of node %s", s->node->name) : 0;
}

/**
 * wires_delete() - delete the old ends of what goes or is replaced
 * @e: the work
 *
 * All of a node's go in few requests, since the kernel waits once for each; those whose underlay goes go with it, all
 * at once.
 *
 * Return: 0 or a negative errno.
 */
int wires_delete(struct emit *e)
{
	struct doomed *list = calloc(2 * e->plan->steps + 1, sizeof(*list));
	size_t n = 0, gone = 0;
	int ret = 0;

	if (!list)
		no_memory();
	for (size_t i = 0; i < e->plan->steps; i++) {
		const struct step *s = &e->plan->step[i];

		if (s->kind != STEP_WIRE_DEL && s->kind != STEP_WIRE_REPLACE)
			continue;
		gone += s->kind == STEP_WIRE_DEL;
		for (int k = 0; k < 2; k++) {
			const struct topo_end *end = &e->live->wire[s->live].end[k];

			if (end->present && !e->dies[end->node])
				list[n++] = (struct doomed){ end->node, end->id, end->ifindex };
		}
	}
	if (n)
		qsort(list, n, sizeof(*list), by_live_node);
	for (size_t i = 0, k; i < n && !ret; i = k) {
		for (k = i + 1; k < n && list[k].node == list[i].node; k++)
			;
		ret = emit_stopped(e) ?: delete_at(e, list[i].node, list + i, k - i);
	}
	free(list);
	if (!ret)
		emit_tick(e, gone);
	return ret;
}
