// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "netlink/link.h"
#include "netlink/netns.h"
#include "topology/live.h"
#include "topology/names.h"
#include "topology/reading.h"

/* a file there that is no namespace is not the node's */
static void open_inner(struct reader *r)
{
	struct topo_node *node = &r->live->node[r->node];
	int fd = lw_netns_open(node->netns, NULL);

	r->inside = fd >= 0 && !lw_netns_enter(fd, &r->saved, NULL) && !lw_nl_open_route(&r->inner, LW_NETNS_SELF, NULL);
	if (fd >= 0)
		close(fd);
	r->netns_cookie = r->inside ? r->inner.cookie : 0;
	node->has_netns = r->inside;
}

static int read_inner(struct reader *r)
{
	return read_links(r) ?: read_addresses(r) ?: read_routes(r) ?: read_forwarding(r) ?: read_denials(r);
}

/* the underlay first: it says which namespace the node's devices are in */
static int read_node(struct reader *r)
{
	int ret;

	r->by_id.n = r->by_ifindex.n = r->by_mark.n = r->slaves.n = r->others.n = 0;
	r->fabric = r->bridge = 0;
	ret = lw_nl_open_entering(&r->under, r->live->node[r->node].underlay, &r->saved, r->err);
	if (ret)
		return ret;
	r->under.family = r->family;
	ret = read_underlay(r);
	if (ret)
		goto out;
	r->live->node[r->node].has_link = r->fabric && r->live->node[r->node].number;
	open_inner(r);
	ret = read_wires(r) ?: (r->inside ? read_inner(r) : 0) ?: read_shapes(r);
	if (r->inside)
		lw_nl_close(&r->inner);
out:
	lw_nl_close(&r->under);
	return ret;
}

/* a name may be left without its namespace, when what made or deleted it was killed between two steps */
static bool is_netns(const char *name)
{
	char path[sizeof(LW_NETNS_DIR) + 256];
	struct statfs fs;

	snprintf(path, sizeof(path), LW_NETNS_DIR "/%s", name);
	return !statfs(path, &fs) && fs.f_type == NSFS_MAGIC;
}

static int take_netns(const char *name, void *arg)
{
	struct reader *r = arg;
	struct topo_state *live = r->live;
	const char *node_name = name_of_underlay(&live->mem, live->name, name);
	const struct topo_node *wanted = state_find_node(r->want, name);
	struct topo_node *node;

	if (!strcmp(name, live->fabric))
		live->has_fabric_netns = true;
	if (!node_name)
		return 0;
	node = state_add_node(live);
	node->name = wanted ? arena_strdup(&live->mem, wanted->name) : node_name;
	node->line = wanted ? wanted->line : 0;
	node->underlay = arena_strdup(&live->mem, name);
	node->netns = arena_strndup(&live->mem, name, strlen(name) - strlen(NAME_UNDERLAY));
	node->has_underlay = is_netns(name);
	strmap_add(&live->by_underlay, node->underlay, live->nodes - 1, NULL);
	return 0;
}

static bool has_bridge(const char *fabric)
{
	struct lw_link link = { 0 };
	struct lw_nl nl;
	bool found;

	if (lw_nl_open_name(&nl, fabric, NULL))
		return false;
	found = !lw_link_get(&nl, LW_BY_NAME(LIVE_DEVICE), &link, NULL) && !strcmp(link.kind, "bridge") && link.up;
	lw_nl_close(&nl);
	return found;
}

struct others {
	const struct topo_state *want;
	struct strmap given;	/* namespaces that are wanted, and are not ours */
	struct arena mem;
	struct diag *d;
};

static int take_other(const char *name, void *arg)
{
	struct others *o = arg;
	size_t tail = strlen(NAME_UNDERLAY), len = strlen(name), i;
	struct lw_link link = { 0 };
	const char *netns = NULL;
	struct lw_nl nl;

	if (len < tail || strcmp(name + len - tail, NAME_UNDERLAY) || name_of_underlay(&o->mem, o->want->name, name) ||
	    !is_netns(name) || lw_nl_open_name(&nl, name, NULL))
		return 0;
	if (!lw_link_get(&nl, LW_BY_NAME("lo"), &link, NULL))
		netns = live_marked(link.alias);
	lw_nl_close(&nl);
	if (netns && strmap_get(&o->given, netns, &i))
		diag_error(o->d, o->want->node[i].line, "node %s: a node of another topology is in network namespace %s: "
			   "its underlay is %s", o->want->node[i].name, netns, name);
	return 0;
}

/* two topologies would take each other's routes and denials away there */
static void check_others(const struct topo_state *want, struct diag *d)
{
	struct others o = { .want = want, .d = d };

	for (size_t i = 0; i < want->nodes; i++)
		if (want->node[i].given)
			strmap_add(&o.given, want->node[i].netns, i, NULL);
	if (o.given.used)
		(void)lw_netns_each(take_other, &o, NULL);
	strmap_free(&o.given);
	arena_free(&o.mem);
}

/* the names of wanted namespaces that are there already, or that should be and are not */
static void check_netns(const struct topo_state *live, const struct topo_state *want, struct diag *d)
{
	for (size_t i = 0; i < want->nodes; i++) {
		const struct topo_node *node = &want->node[i], *was = state_find_node(live, node->underlay);
		char path[sizeof(LW_NETNS_DIR) + 256];
		bool there;

		snprintf(path, sizeof(path), LW_NETNS_DIR "/%s", node->netns);
		there = !access(path, F_OK);
		if (node->given && !there)
			diag_error(d, node->line, "node %s: there is no network namespace %s (lw_netns)", node->name,
				   node->netns);
		if (!node->given && there && (!was || was->given))
			diag_error(d, node->line,
				   "node %s: there is a network namespace %s already, and it is not of this topology",
				   node->name, node->netns);
	}
}

/**
 * live_read() - read what is live of a topology
 * @live: where it goes; empty before
 * @want: the topology's name, and the names of its nodes and wires as written
 * @d: where it is told what stands in the way; NULL: nobody wants to know
 * @err: where a failure is told
 *
 * Return: 0 or a negative errno.
 */
int live_read(struct topo_state *live, const struct topo_state *want, struct diag *d, struct lw_error *err)
{
	struct reader r = { .live = live, .want = want, .err = err, .saved = -1 };
	int ret;

	live->name = arena_strdup(&live->mem, want->name);
	live->title = arena_strdup(&live->mem, want->title);
	live->fabric = arena_strdup(&live->mem, want->fabric);
	ret = lw_netns_each(take_netns, &r, err);
	if (live->nodes)
		state_expect_wires(live, want->wires);
	live->has_fabric = live->has_fabric_netns && has_bridge(live->fabric);
	for (r.node = 0; !ret && r.node < live->nodes; r.node++)
		ret = live->node[r.node].has_underlay ? read_node(&r) : 0;
	if (r.saved >= 0)
		lw_netns_leave(r.saved);
	for (size_t i = 0; i < live->wires; i++)
		finish_wire(live, &live->wire[i]);
	if (!ret && d) {
		check_netns(live, want, d);
		check_others(want, d);
	}
	free(r.by_id.list);
	free(r.by_ifindex.list);
	free(r.by_mark.list);
	free(r.slaves.list);
	free(r.others.list);
	return ret;
}
