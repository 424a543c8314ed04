// SPDX-License-Identifier: MIT
/*
 * Addresses of a segment's ends, out of its network: what is live keeps its own, the others get the lowest.
 */
#include <stdlib.h>

#include "topology/net.h"
#include "topology/segments.h"

struct host {
	u128 number;		/* in the segment's network */
	size_t port;
};

struct hosts {
	struct topo_state *s;
	const struct topo_state *live;
	struct topo_segment *seg;
	const struct topo_addr *net;
	struct host *list;	/* that are taken, in order */
	size_t n;
	bool *served;		/* by port */
};

static int by_number(const void *a, const void *b)
{
	const struct host *x = a, *y = b;

	if (x->number != y->number)
		return x->number < y->number ? -1 : 1;
	return (x->port > y->port) - (x->port < y->port);
}

static struct topo_end *end_of(const struct hosts *h, size_t port)
{
	return &h->s->wire[h->seg->port[port].wire].end[h->seg->port[port].end];
}

static void note(struct hosts *h, size_t port, const struct topo_addr *a)
{
	h->list[h->n++] = (struct host){ net_number(&a->addr) & net_host_mask(h->net->addr.family, h->net->len), port };
}

static void give(struct hosts *h, size_t port, u128 number)
{
	struct lw_addr a = net_addr(h->net->addr.family, net_number(&h->net->addr) + number);

	state_add_addr(h->s, end_of(h, port), &a, h->net->len);
	h->served[port] = true;
}

/* the first and the last of a network are no host's */
static u128 highest(const struct topo_addr *net)
{
	u128 mask = net_host_mask(net->addr.family, net->len);

	return mask > 1 ? mask - 1 : mask;
}

static u128 lowest(const struct topo_addr *net)
{
	return net_host_mask(net->addr.family, net->len) > 1;
}

/* of each port that has one, the first address in the network */
static void take_written(struct hosts *h)
{
	for (size_t i = 0; i < h->seg->ports; i++) {
		const struct topo_end *end = end_of(h, i);

		for (size_t k = 0; k < end->addrs; k++) {
			if (end->addr[k].addr.family != h->net->addr.family)
				continue;
			if (!h->served[i] && net_contains(h->net, &end->addr[k]))
				note(h, i, &end->addr[k]);
			h->served[i] = true;
		}
	}
}

static const struct topo_addr *live_addr(const struct hosts *h, size_t port)
{
	const struct topo_port *p = &h->seg->port[port];
	const struct topo_wire *was = h->live ? state_find_wire(h->live, h->s->wire[p->wire].key) : NULL;

	for (size_t i = 0; was && i < was->end[p->end].addrs; i++) {
		struct topo_addr whole = net_whole(&was->end[p->end].addr[i].addr);
		u128 host;

		if (!net_contains(h->net, &whole))
			continue;
		host = net_number(&whole.addr) & net_host_mask(h->net->addr.family, h->net->len);
		if (host >= lowest(h->net) && host <= highest(h->net))
			return &was->end[p->end].addr[i];
	}
	return NULL;
}

static void keep_live(struct hosts *h)
{
	size_t n = 0;

	for (size_t i = 0; i < h->seg->ports; i++) {
		const struct topo_addr *a = h->served[i] ? NULL : live_addr(h, i);

		if (a)
			note(h, i, a);
	}
	if (h->n)
		qsort(h->list, h->n, sizeof(*h->list), by_number);
	/* of two with one address: the one in the file, which is served, else the first */
	for (size_t i = 0; i < h->n; i++) {
		struct host *last = n ? &h->list[n - 1] : NULL;

		if (last && last->number == h->list[i].number) {
			if (h->served[h->list[i].port])
				*last = h->list[i];
			continue;
		}
		h->list[n++] = h->list[i];
	}
	h->n = n;
	for (size_t i = 0; i < n; i++)
		if (!h->served[h->list[i].port])
			give(h, h->list[i].port, h->list[i].number);
}

static size_t give_lowest(struct hosts *h)
{
	u128 next = lowest(h->net);
	size_t at = 0, missing = 0;

	for (size_t i = 0; i < h->seg->ports; i++) {
		if (h->served[i])
			continue;
		for (; at < h->n && h->list[at].number <= next; at++)
			next += h->list[at].number == next;
		if (next <= highest(h->net))
			give(h, i, next++);
		else
			missing++;
	}
	return missing;
}

static void assign(struct topo_state *s, struct topo_segment *seg, const struct topo_addr *net,
		   const struct topo_state *live, struct diag *d)
{
	struct hosts h = { .s = s, .live = live, .seg = seg, .net = net };
	char text[NET_STRLEN];
	size_t missing;

	h.list = calloc(seg->ports + 1, sizeof(*h.list));
	h.served = calloc(seg->ports + 1, sizeof(*h.served));
	if (!h.list || !h.served)
		no_memory();
	take_written(&h);
	keep_live(&h);
	missing = give_lowest(&h);
	if (missing)
		diag_error(d, seg->line, "segment (%s): its network %s has no room for %zu of its %zu ends", seg->name,
			   net_format(net, text), missing, seg->ports);
	free(h.list);
	free(h.served);
}

/**
 * segments_assign() - give the ends of segments their addresses
 * @s: the state asked for, with a network for each segment that wants one
 * @live: what is live; NULL: nothing
 * @d: where it is told if there is no room
 */
void segments_assign(struct topo_state *s, const struct topo_state *live, struct diag *d)
{
	for (size_t i = 0; i < s->segments; i++) {
		struct topo_segment *seg = &s->segment[i];

		if (seg->wants4 && seg->net4.addr.family)
			assign(s, seg, &seg->net4, live, d);
		if (seg->wants6 && seg->net6.addr.family)
			assign(s, seg, &seg->net6, live, d);
	}
}
