// SPDX-License-Identifier: MIT
/*
 * Wires by their labels: those of the module, told in the underlay, and plain ones, whose devices have the label as
 * their alias.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "netlink/link.h"
#include "netlink/qdisc.h"
#include "netlink/sa.h"
#include "topology/live.h"
#include "topology/reading.h"
#include "topology/shape.h"

#define LABEL "lw:"
#define FEW 16		/* devices that are asked for one by one; seven of them may be what tunnel modules bring along */

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

static int compare_numbers(const void *a, const void *b)
{
	const struct by_number *x = a, *y = b;

	return (x->number > y->number) - (x->number < y->number);
}

/**
 * numbers_add() - note which end has a number
 * @n: the list
 * @number: the number
 * @wire: index of the live wire
 * @end: 0 or 1
 */
void numbers_add(struct numbers *n, uint32_t number, size_t wire, int end)
{
	n->list = array_grow(n->list, &n->cap, n->n, sizeof(*n->list));
	n->list[n->n++] = (struct by_number){ number, wire, end };
}

/**
 * numbers_sort() - make a list ready to be looked up in
 * @n: the list
 */
void numbers_sort(struct numbers *n)
{
	if (n->n)
		qsort(n->list, n->n, sizeof(*n->list), compare_numbers);
}

/**
 * numbers_find() - look a number up
 * @n: the list, sorted
 * @number: the number
 *
 * Return: which end it is, or NULL.
 */
const struct by_number *numbers_find(const struct numbers *n, uint32_t number)
{
	const struct by_number key = { .number = number };

	return n->n ? bsearch(&key, n->list, n->n, sizeof(key), compare_numbers) : NULL;
}

/**
 * end_by() - the end that has a number
 * @r: what is being read
 * @n: one of its lists, sorted
 * @number: the number
 *
 * Return: the end, or NULL.
 */
struct topo_end *end_by(struct reader *r, const struct numbers *n, uint32_t number)
{
	const struct by_number *f = numbers_find(n, number);

	return f ? &r->live->wire[f->wire].end[f->end] : NULL;
}

/* "lw:TOPOLOGY:KEY:END" of this topology; false: the wire is somebody else's */
static bool parse_label(const struct topo_state *s, const char *text, size_t len, char key[TOPO_KEY_LEN + 1], int *end)
{
	size_t head = strlen(LABEL) + strlen(s->name) + 1;

	if (len != head + TOPO_KEY_LEN + 2 || strnlen(text, len) != len || strncmp(text, LABEL, strlen(LABEL)) ||
	    strncmp(text + strlen(LABEL), s->name, strlen(s->name)) || text[head - 1] != ':' ||
	    text[head + TOPO_KEY_LEN] != ':')
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

static void keep_sources(struct reader *r, struct topo_end *end, const struct lw_sources *s)
{
	end->sources_on = s->on;
	end->sources = s->on ? s->prefixes : 0;
	end->source = arena_alloc(&r->live->mem, (end->sources + 1) * sizeof(*end->source));
	for (size_t i = 0; i < end->sources; i++)
		end->source[i] = (struct topo_addr){ s->prefix[i].addr, s->prefix[i].len };
	if (end->sources)
		qsort(end->source, end->sources, sizeof(*end->source),
		      (int (*)(const void *, const void *))state_compare_addr);
}

/* a fresh end for what was found, the module's if it has an id; NULL: somebody copied a label */
static struct topo_end *new_end(struct reader *r, const char *key, int which, uint32_t id, size_t *wire)
{
	struct topo_end *end;

	*wire = wire_by_key(r, key);
	end = &r->live->wire[*wire].end[which];
	/* the module's labels are told in the underlay, an alias by whoever is root in the node */
	if (end->present && (end->id || !id))
		return NULL;
	*end = (struct topo_end){ .node = r->node, .present = true };
	return end;
}

static int take_wire(const struct lw_wire *found, void *arg)
{
	const struct lw_wire_spec *spec = &found->spec;
	struct reader *r = arg;
	char key[TOPO_KEY_LEN + 1];
	struct topo_end *end;
	size_t wire;
	int which;

	if (!parse_label(r->live, spec->label, spec->label_len, key, &which))
		return 0;
	end = new_end(r, key, which, found->id, &wire);
	if (!end)
		return 0;
	r->live->wire[wire].plain = false;
	end->ifname = arena_strdup(&r->live->mem, found->name);
	end->id = found->id;
	end->ifindex = found->ifindex;
	end->away = !r->netns_cookie || found->netns_cookie != r->netns_cookie;
	end->up = found->up;
	end->carrier = found->carrier;
	end->encap = spec->encap;
	end->mode = spec->mode;
	end->mtu = found->mtu;
	end->hold = spec->hold;
	end->local = spec->local;
	end->remote = spec->remote;
	end->backup = spec->backup;
	end->mark = shape_is_class(spec->fwmark) ? spec->fwmark : 0;
	end->rx_packets = found->counters.value[LINKWIRE_A_STAT_RX_PACKETS];
	end->tx_packets = found->counters.value[LINKWIRE_A_STAT_TX_PACKETS];
	end->rx_bytes = found->counters.value[LINKWIRE_A_STAT_RX_BYTES];
	end->drops = lw_counters_drops(&found->counters);
	keep_sources(r, end, &spec->sources);
	numbers_add(&r->by_id, end->id, wire, which);
	if (end->mark)
		numbers_add(&r->by_mark, end->mark, wire, which);
	if (!end->away)
		numbers_add(&r->by_ifindex, end->ifindex, wire, which);
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

/**
 * read_wires() - the module's wires of a node, and their keys
 * @r: what is being read, with a socket in the underlay
 *
 * Return: 0 or a negative errno.
 */
int read_wires(struct reader *r)
{
	int ret = lw_wire_dump(&r->under, take_wire, r, r->err);

	r->family = r->under.family;
	/* it was unloaded, and all wires with it: namespaces can still be shown and taken down */
	if (ret && r->err->kind == LW_ERR_NO_MODULE)
		return 0;
	numbers_sort(&r->by_id);
	numbers_sort(&r->by_mark);
	return ret ?: lw_sa_dump(&r->under, NULL, take_sa, r, r->err);
}

static const struct {
	enum lw_tunnel_kind kind;
	uint8_t encap, mode;
} plain[] = {
	{ LW_TUNNEL_VXLAN, LINKWIRE_ENCAP_VXLAN, LINKWIRE_MODE_L2 },
	{ LW_TUNNEL_GRETAP, TOPO_ENCAP_GRETAP, LINKWIRE_MODE_L2 },
	{ LW_TUNNEL_IP6GRETAP, TOPO_ENCAP_GRETAP, LINKWIRE_MODE_L2 },
	{ LW_TUNNEL_IPIP, LINKWIRE_ENCAP_IPIP, LINKWIRE_MODE_L3 },
	{ LW_TUNNEL_SIT, LINKWIRE_ENCAP_IPIP, LINKWIRE_MODE_L3 },
	{ LW_TUNNEL_IP6TNL, LINKWIRE_ENCAP_IPIP, LINKWIRE_MODE_L3 },
};

/* root in a node can give a device of its own the alias of another node's: the file knows where that end is */
static bool is_elsewhere(const struct reader *r, const char *key, int which)
{
	const struct topo_wire *wanted = state_find_wire(r->want, key);

	return wanted && strcmp(r->want->node[wanted->end[which].node].underlay, r->live->node[r->node].underlay) != 0;
}

static void take_plain(struct reader *r, const struct lw_link *link)
{
	char key[TOPO_KEY_LEN + 1];
	struct topo_end *end;
	size_t wire;
	int which;

	if (!parse_label(r->live, link->alias, strlen(link->alias), key, &which) || is_elsewhere(r, key, which))
		return;
	end = new_end(r, key, which, 0, &wire);
	if (!end)
		return;
	r->live->wire[wire].plain = true;
	end->ifname = arena_strdup(&r->live->mem, link->name);
	end->ifindex = link->ifindex;
	end->up = link->up;
	end->carrier = link->carrier;
	end->mtu = link->mtu;
	end->local = link->tunnel.local;
	end->remote = link->tunnel.remote;
	end->tunnel = link->tunnel.kind;
	end->tunnel_key = link->tunnel.key;
	for (size_t i = 0; i < sizeof(plain) / sizeof(*plain); i++)
		if (plain[i].kind == link->tunnel.kind) {
			end->encap = plain[i].encap;
			end->mode = plain[i].mode;
		}
	numbers_add(&r->by_ifindex, end->ifindex, wire, which);
}

static int take_link(const struct lw_link *link, void *arg)
{
	struct reader *r = arg;

	if (link->tunnel.kind)
		take_plain(r, link);
	if (!strcmp(link->name, TOPO_BRIDGE) && !strcmp(link->kind, "bridge") && !strcmp(link->alias, LIVE_BRIDGE)) {
		r->bridge = link->ifindex;
		r->live->node[r->node].bridge = link->up;
	}
	if (link->master)
		numbers_add(&r->slaves, link->ifindex, link->master, 0);
	return 0;
}

static int take_other(uint32_t ifindex, void *arg)
{
	struct reader *r = arg;

	if (ifindex != LOOPBACK && !numbers_find(&r->by_ifindex, ifindex))
		numbers_add(&r->others, ifindex, 0, 0);
	return 0;
}

/* one after the other; one that is gone by now is none */
static int read_others(struct reader *r)
{
	int ret = 0;

	for (size_t i = 0; !ret && i < r->others.n; i++) {
		struct lw_link link = { 0 };

		ret = lw_link_get(&r->inner, LW_BY_INDEX(r->others.list[i].number), &link, r->err);
		ret = ret == -ENODEV ? 0 : ret ?: take_link(&link, r);
	}
	return ret;
}

/**
 * read_links() - devices in a node's namespace: plain wires, a bridge, and what it joins
 * @r: what is being read, with a socket in the node's namespace, after read_wires()
 *
 * All that there is to know of the module's wires is known, but what is their master: where there is little beside them,
 * and no bridge, the kernel is not asked to tell all of all devices.
 *
 * Return: 0 or a negative errno.
 */
int read_links(struct reader *r)
{
	int ret;

	numbers_sort(&r->by_ifindex);
	ret = lw_link_indexes(&r->inner, take_other, r, r->err);
	if (!ret && r->others.n <= FEW)
		ret = read_others(r);
	if (!ret && (r->others.n > FEW || r->bridge))
		ret = lw_link_dump(&r->inner, take_link, r, r->err);
	numbers_sort(&r->by_ifindex);
	for (size_t i = 0; i < r->slaves.n; i++) {
		struct topo_end *end = end_by(r, &r->by_ifindex, r->slaves.list[i].number);

		if (end)
			end->bridged = r->slaves.list[i].wire == r->bridge;
	}
	return ret;
}

static int take_qdisc(const struct lw_qdisc *q, void *arg)
{
	struct reader *r = arg;
	struct topo_end *end = shape_is_ours(q->handle, q->kind) ? end_by(r, &r->by_ifindex, q->ifindex) : NULL;

	if (!end)
		return 0;
	end->qdisc = q->handle;
	end->rate = q->rate;
	end->delay_us = q->delay_us;
	end->loss = q->loss;
	return 0;
}

static int take_class(const struct lw_htb_class *c, void *arg)
{
	struct reader *r = arg;
	struct topo_end *end = end_by(r, &r->by_mark, c->classid);

	if (c->classid == SHAPE_ROOT_CLASS)
		r->live->node[r->node].rate = c->rate;
	else if (end)
		end->floor = c->rate;
	return 0;
}

struct root {
	uint32_t ifindex;
	bool ours;
};

static int take_root(const struct lw_qdisc *q, void *arg)
{
	struct root *root = arg;

	if (q->ifindex == root->ifindex && q->handle == SHAPE_HTB && !strcmp(q->kind, "htb"))
		root->ours = true;
	return 0;
}

/**
 * read_shapes() - rates, delays and losses of a node's wires, and the share of its link that each is sure of
 * @r: what is being read, after read_links()
 *
 * Return: 0 or a negative errno.
 */
int read_shapes(struct reader *r)
{
	struct root root = { .ifindex = r->fabric };
	int ret = r->inside ? lw_qdisc_dump(&r->inner, take_qdisc, r, r->err) : 0;

	if (ret || !r->fabric)
		return ret;
	return lw_qdisc_dump(&r->under, take_root, &root, r->err) ?:
	       (root.ours ? lw_qdisc_dump_classes(&r->under, r->fabric, take_class, r, r->err) : 0);
}

/**
 * finish_wire() - say of a wire as a whole what its ends have, and give one that the file knows no more a name
 * @live: what is live
 * @w: the wire
 */
void finish_wire(struct topo_state *live, struct topo_wire *w)
{
	const struct topo_end *a = &w->end[0], *b = &w->end[1], *any = a->present ? a : b;

	w->encap = any->encap;
	w->mode = any->mode;
	w->mtu = any->mtu;
	w->hold = any->hold;
	w->rate = any->rate;
	w->floor = any->floor;
	w->delay_us = any->delay_us;
	w->loss = any->loss;
	w->down = !any->up;
	w->cipher = a->has_tx ? a->tx_cipher : b->has_tx ? b->tx_cipher : 0;
	if (w->name)
		return;
	w->name = arena_printf(&live->mem, "%s:%s -- %s:%s", a->present ? live->node[a->node].name : "?",
			       a->present ? a->ifname : "?", b->present ? live->node[b->node].name : "?",
			       b->present ? b->ifname : "?");
}
