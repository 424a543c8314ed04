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
#include "netlink/sa.h"
#include "topology/live.h"
#include "topology/names.h"

#define LABEL "lw:"
#define MARK_OWN "linkwire own "
#define MARK_GIVEN "linkwire given "

/**
 * live_label() - the label of one end of a wire
 * @label: where it goes
 * @topology: from name_graph(): at most NAME_GRAPH_MAX bytes
 * @w: the wire
 * @end: 0 or 1
 */
void live_label(char label[LINKWIRE_LABEL_MAX + 1], const char *topology, const struct topo_wire *w, int end)
{
	snprintf(label, LINKWIRE_LABEL_MAX + 1, LABEL "%s:%s:%d", topology, w->key, end);
}

/**
 * live_mark() - what the loopback device of a node's underlay has as its alias
 * @mem: where the string is made
 * @node: the node
 *
 * The underlay knows by it where the node's devices are, and whether that namespace is ours to delete. Nobody but
 * root outside can change it.
 *
 * Return: the mark.
 */
const char *live_mark(struct arena *mem, const struct topo_node *node)
{
	return arena_printf(mem, "%s%s", node->given ? MARK_GIVEN : MARK_OWN, node->netns);
}

/* an end of ours by its number: of the wire in the underlay, or of the device in the node's namespace */
struct by_number {
	uint32_t number;
	size_t wire;
	int end;
};

struct numbers {
	struct by_number *list;
	size_t n, cap;
};

struct reader {
	struct topo_state *live;
	const struct topo_state *want;
	struct lw_error *err;
	size_t node;			/* being read */
	uint64_t netns_cookie;		/* of that node's namespace */
	bool link, carrier;		/* what its underlay has of the link to the others */
	struct numbers by_id, by_ifindex;
};

static int compare_numbers(const void *a, const void *b)
{
	const struct by_number *x = a, *y = b;

	return (x->number > y->number) - (x->number < y->number);
}

static void note_number(struct numbers *n, uint32_t number, size_t wire, int end)
{
	n->list = array_grow(n->list, &n->cap, n->n, sizeof(*n->list));
	n->list[n->n++] = (struct by_number){ number, wire, end };
}

static struct topo_end *end_by(struct reader *r, const struct numbers *n, uint32_t number)
{
	const struct by_number key = { .number = number };
	const struct by_number *f = n->n ? bsearch(&key, n->list, n->n, sizeof(key), compare_numbers) : NULL;

	return f ? &r->live->wire[f->wire].end[f->end] : NULL;
}

/* "lw:TOPOLOGY:KEY:END" of this topology; false: the wire is somebody else's */
static bool parse_label(const struct topo_state *s, const struct lw_wire_spec *spec, char key[TOPO_KEY_LEN + 1],
			int *end)
{
	size_t head = strlen(LABEL) + strlen(s->name) + 1;
	char text[LINKWIRE_LABEL_MAX + 1];

	memcpy(text, spec->label, sizeof(text));
	text[LINKWIRE_LABEL_MAX] = '\0';
	if (spec->label_len != head + TOPO_KEY_LEN + 2 || strlen(text) != spec->label_len ||
	    strncmp(text, LABEL, strlen(LABEL)) || strncmp(text + strlen(LABEL), s->name, strlen(s->name)) ||
	    text[head - 1] != ':' || text[head + TOPO_KEY_LEN] != ':')
		return false;
	memcpy(key, text + head, TOPO_KEY_LEN);
	key[TOPO_KEY_LEN] = '\0';
	*end = text[head + TOPO_KEY_LEN + 1] - '0';
	return *end == 0 || *end == 1;
}

static size_t wire_by_key(struct reader *r, const char *key)
{
	const struct topo_wire *wanted = state_find_wire(r->want, key);
	struct topo_wire *w;
	size_t i;

	if (strmap_get(&r->live->by_key, key, &i))
		return i;
	w = state_add_wire(r->live);
	i = r->live->wires - 1;
	memcpy(w->key, key, sizeof(w->key));
	w->name = wanted ? arena_strdup(&r->live->mem, wanted->name) : NULL;
	strmap_add(&r->live->by_key, arena_strdup(&r->live->mem, key), i, NULL);
	return i;
}

static int take_wire(const struct lw_wire *found, void *arg)
{
	struct reader *r = arg;
	char key[TOPO_KEY_LEN + 1];
	struct topo_end *end;
	size_t wire;
	int which;

	if (!parse_label(r->live, &found->spec, key, &which))
		return 0;
	wire = wire_by_key(r, key);
	end = &r->live->wire[wire].end[which];
	if (end->present)	/* a label that somebody copied */
		return 0;
	*end = (struct topo_end){
		.node = r->node,
		.ifname = arena_strdup(&r->live->mem, found->name),
		.present = true,
		.id = found->id,
		.ifindex = found->ifindex,
		.away = !r->netns_cookie || found->netns_cookie != r->netns_cookie,
		.up = found->up,
		.carrier = found->carrier,
		.encap = found->spec.encap,
		.mode = found->spec.mode,
		.mtu = found->mtu,
		.hold = found->spec.hold,
		.local = found->spec.local,
		.remote = found->spec.remote,
		.rx_packets = found->counters.value[LINKWIRE_A_STAT_RX_PACKETS],
		.tx_packets = found->counters.value[LINKWIRE_A_STAT_TX_PACKETS],
		.rx_bytes = found->counters.value[LINKWIRE_A_STAT_RX_BYTES],
		.drops = lw_counters_drops(&found->counters),
	};
	note_number(&r->by_id, end->id, wire, which);
	if (!end->away)
		note_number(&r->by_ifindex, end->ifindex, wire, which);
	return 0;
}

static int take_sa(const struct lw_sa *sa, void *arg)
{
	struct reader *r = arg;
	struct topo_end *end = end_by(r, &r->by_id, sa->wire);

	if (!end || sa->state == LINKWIRE_SA_EXPIRED)
		return 0;
	if (sa->dir == LINKWIRE_DIR_TX) {
		end->has_tx = true;
		end->tx_tag = sa->tag;
		end->tx_cipher = sa->cipher;
	} else if (end->rx_tags < TOPO_RX_SAS) {
		end->rx_tag[end->rx_tags++] = sa->tag;
	}
	return 0;
}

static int take_addr(const struct lw_ifaddr *a, void *arg)
{
	struct reader *r = arg;
	struct topo_end *end = a->proto == LIVE_ADDR_PROTO ? end_by(r, &r->by_ifindex, a->ifindex) : NULL;

	if (end)
		state_add_addr(r->live, end, &a->addr, a->prefix_len);
	return 0;
}

static int take_underlay_addr(const struct lw_ifaddr *a, void *arg)
{
	struct reader *r = arg;
	uint32_t number = state_underlay_number(&a->addr);

	if (number)
		r->live->node[r->node].number = number;
	return 0;
}

static int take_underlay_link(const struct lw_link *link, void *arg)
{
	struct reader *r = arg;
	struct topo_node *node = &r->live->node[r->node];

	if (!strcmp(link->name, LIVE_DEVICE)) {
		r->link = link->up && !strcmp(link->kind, "veth");
		r->carrier = link->carrier;
	}
	if (strcmp(link->name, "lo"))
		return 0;
	if (!strncmp(link->alias, MARK_OWN, strlen(MARK_OWN))) {
		node->netns = arena_strdup(&r->live->mem, link->alias + strlen(MARK_OWN));
	} else if (!strncmp(link->alias, MARK_GIVEN, strlen(MARK_GIVEN))) {
		node->netns = arena_strdup(&r->live->mem, link->alias + strlen(MARK_GIVEN));
		node->given = true;
	}
	return 0;
}

static int read_node_netns(struct reader *r, struct lw_nl *inner)
{
	return r->by_ifindex.n ? lw_ifaddr_dump(inner, take_addr, r, r->err) : 0;
}

/* the underlay first: it says which namespace the node's devices are in */
static int read_node(struct reader *r)
{
	struct topo_node *node = &r->live->node[r->node];
	struct lw_nl under, inner = { 0 };
	int fd, ret;

	r->by_id.n = r->by_ifindex.n = 0;
	r->link = r->carrier = false;
	r->netns_cookie = 0;
	ret = lw_nl_open_name(&under, node->underlay, r->err);
	if (ret)
		return ret;
	ret = lw_link_dump(&under, take_underlay_link, r, r->err) ?:
	      lw_ifaddr_dump(&under, take_underlay_addr, r, r->err);
	if (ret)
		goto out;
	node->has_link = r->link && r->carrier && node->number;
	fd = lw_netns_open(node->netns, NULL);
	if (fd >= 0) {
		ret = lw_nl_open(&inner, fd, NULL);
		close(fd);
		/* a file there that is no namespace is not the node's */
		node->has_netns = !ret;
		r->netns_cookie = ret ? 0 : inner.cookie;
	}
	ret = lw_wire_dump(&under, take_wire, r, r->err);
	if (ret && r->err->kind == LW_ERR_NO_MODULE) {
		/* it was unloaded, and all wires with it: namespaces can still be shown and taken down */
		ret = 0;
	} else if (!ret) {
		if (r->by_id.n)
			qsort(r->by_id.list, r->by_id.n, sizeof(*r->by_id.list), compare_numbers);
		if (r->by_ifindex.n)
			qsort(r->by_ifindex.list, r->by_ifindex.n, sizeof(*r->by_ifindex.list), compare_numbers);
		ret = lw_sa_dump(&under, NULL, take_sa, r, r->err);
	}
	if (!ret && node->has_netns)
		ret = read_node_netns(r, &inner);
	lw_nl_close(&inner);
out:
	lw_nl_close(&under);
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

/* of the first end, for the wire as a whole; and a name for one that the file knows no more */
static void finish_wire(struct topo_state *live, struct topo_wire *w)
{
	const struct topo_end *a = &w->end[0], *b = &w->end[1], *any = a->present ? a : b;

	w->encap = any->encap;
	w->mode = any->mode;
	w->mtu = any->mtu;
	w->hold = any->hold;
	w->cipher = a->has_tx ? a->tx_cipher : b->has_tx ? b->tx_cipher : 0;
	if (w->name)
		return;
	w->name = arena_printf(&live->mem, "%s:%s -- %s:%s", a->present ? live->node[a->node].name : "?",
			       a->present ? a->ifname : "?", b->present ? live->node[b->node].name : "?",
			       b->present ? b->ifname : "?");
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
	struct reader r = { .live = live, .want = want, .err = err };
	int ret;

	live->name = arena_strdup(&live->mem, want->name);
	live->title = arena_strdup(&live->mem, want->title);
	live->fabric = arena_strdup(&live->mem, want->fabric);
	ret = lw_netns_each(take_netns, &r, err);
	live->has_fabric = live->has_fabric_netns && has_bridge(live->fabric);
	for (r.node = 0; !ret && r.node < live->nodes; r.node++)
		ret = live->node[r.node].has_underlay ? read_node(&r) : 0;
	for (size_t i = 0; i < live->wires; i++)
		finish_wire(live, &live->wire[i]);
	if (!ret && d)
		check_netns(live, want, d);
	free(r.by_id.list);
	free(r.by_ifindex.list);
	return ret;
}
