// SPDX-License-Identifier: MIT
/*
 * What another machine has to do for a node: first see whether it is the one that is meant, then make the node's ends of
 * its wires and key them. Lines with keys are put together in memory that is wiped, and written without a buffer.
 */
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lwctl/batch.h"
#include "netlink/secret.h"
#include "netlink/words.h"
#include "topology/export.h"
#include "topology/live.h"

static void check_place(const struct topo_state *s, size_t node, struct diag *d)
{
	if (!s->node[node].endpoints)
		diag_error(d, s->node[node].line, "node %s has no lw_endpoint: where it is on the network is not known",
			   s->node[node].name);
}

/**
 * export_check() - can a node be set up by a batch on another machine?
 * @s: what is wanted
 * @node: the node
 * @d: where it is told what stands against it
 */
void export_check(const struct topo_state *s, size_t node, struct diag *d)
{
	const struct topo_node *n = &s->node[node];
	struct strmap seen = { 0 };

	check_place(s, node, d);
	if (n->given && strchr(n->netns, '\n'))
		diag_error(d, n->line, "node %s: lw_netns \"%s\" does not fit into one line of a batch", n->name, n->netns);
	if (n->bridge)
		diag_error(d, n->line, "node %s is a bridge: there is no line in a batch that makes one", n->name);
	for (size_t i = 0; i < s->wires; i++) {
		const struct topo_wire *w = &s->wire[i];
		size_t peer = w->end[w->end[0].node == node].node;

		if (w->end[0].node != node && w->end[1].node != node)
			continue;
		if (peer != node && strmap_add(&seen, s->node[peer].underlay, peer, NULL))
			check_place(s, peer, d);
		if (w->plain)
			diag_error(d, w->line, "%s is not encrypted: there is no line in a batch that makes it", w->name);
	}
	strmap_free(&seen);
}

static void append(char *line, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static void append(char *line, const char *fmt, ...)
{
	size_t len = strlen(line);
	va_list args;

	va_start(args, fmt);
	vsnprintf(line + len, BATCH_LINE_MAX - len, fmt, args);
	va_end(args);
}

/* Each character that a batch could take for something else gets a backslash. */
static void put_word(char *line, const char *word)
{
	for (; *word; word++)
		append(line, "%s%c", isalnum((unsigned char)*word) || strchr("_.:-", *word) ? "" : "\\", *word);
}

static void put_addr(char *line, const char *key, const struct lw_addr *a)
{
	char text[LW_ADDR_STRLEN];

	append(line, "%s%s", key, lw_addr_format(a, text));
}

static void put_prefix(char *line, const char *before, const struct topo_addr *a)
{
	put_addr(line, before, &a->addr);
	append(line, "/%u", a->len);
}

/* a line that is as long as there is room may be cut off */
static int write_line(struct export *x, char *line)
{
	size_t left = strlen(line);
	const char *at = line;

	if (left > BATCH_LINE_MAX - 3)
		return -EMSGSIZE;
	line[left++] = '\n';
	while (left) {
		ssize_t n = write(x->fd, at, left);

		if (n < 0 && errno != EINTR)
			return -errno;
		at += n > 0 ? n : 0;
		left -= n > 0 ? (size_t)n : 0;
	}
	*line = '\0';
	return 0;
}

/* the same each time, and hardly ever that of another wire of the machine */
static uint32_t wire_id(const struct topo_wire *w, int end)
{
	uint64_t hash = strmap_hash(w->key, strlen(w->key));

	return ((uint32_t)(hash ^ hash >> 32) & 0x3fffffff) << 1 | (uint32_t)end | 0x40000000;
}

static int write_link(struct export *x, char *line, const struct topo_wire *w, int end)
{
	const struct topo_node *node = &x->want->node[x->node];
	const struct topo_end *e = &w->end[end];
	char label[LINKWIRE_LABEL_MAX + 1];

	live_label(label, x->want->name, w, end);
	append(line, "link add dev ");
	put_word(line, e->ifname);
	append(line, " id %u encap %s mode %s", wire_id(w, end), lw_encap_name(w->encap), lw_mode_name(w->mode));
	if (e->local.family)
		put_addr(line, " local ", &e->local);
	put_addr(line, " remote ", &e->remote);
	if (e->backup.family)
		put_addr(line, " backup ", &e->backup);
	if (e->sources_on)
		append(line, " sources %s", e->sources ? "" : "none");
	for (size_t i = 0; e->sources_on && i < e->sources; i++)
		put_prefix(line, i ? "," : "", &e->source[i]);
	if (w->hold)
		append(line, " hold %u", w->hold);
	append(line, " mtu %u label ", w->mtu);
	put_word(line, label);
	if (node->given) {
		append(line, " netns ");
		put_word(line, node->netns);
	}
	if (!w->down)
		append(line, " up");
	return write_line(x, line);
}

/* @receiver: the end whose key and tag these are */
static int write_sa(struct export *x, char *line, const struct topo_wire *w, int end, int receiver,
		    const struct wire_keys *keys)
{
	append(line, "sa add id %u %s tag 0x%06x cipher %s key ", wire_id(w, end), end == receiver ? "rx" : "tx",
	       keys->tag[receiver], lw_cipher_name(w->cipher));
	lw_base64_encode(line + strlen(line), keys->key[receiver], lw_cipher_key_size(w->cipher));
	return write_line(x, line);
}

static int write_addresses(struct export *x, char *line, const struct topo_wire *w, int end)
{
	const struct topo_end *e = &w->end[end];

	if (!e->addrs)
		return 0;
	append(line, "address add id %u", wire_id(w, end));
	for (size_t i = 0; i < e->addrs; i++)
		put_prefix(line, " ", &e->addr[i]);
	return write_line(x, line);
}

static int write_end(struct export *x, char *line, const struct topo_wire *w, int end, const struct wire_keys *keys)
{
	return write_link(x, line, w, end) ?: write_sa(x, line, w, end, end, keys) ?:
	       write_sa(x, line, w, end, !end, keys) ?: write_addresses(x, line, w, end);
}

/* of a wire from a node to itself both ends are here, with the same keys */
static int write_wire(struct export *x, char *line, const struct topo_wire *w, struct wire_keys *keys)
{
	int first = w->end[0].node == x->node ? 0 : 1, ret;

	if (w->end[first].node != x->node)
		return 0;
	x->failed = w->name;
	ret = x->keys(x, w, first, keys) ?: write_end(x, line, w, first, keys);
	if (!ret && !first && w->end[1].node == x->node)
		ret = write_end(x, line, w, 1, keys);
	return ret;
}

/**
 * export_node() - write a node's part
 * @x: what, and where to
 *
 * Return: 0 or a negative errno.
 */
int export_node(struct export *x)
{
	const struct topo_node *node = &x->want->node[x->node];
	struct wire_keys *keys = lw_secret_alloc(sizeof(*keys));
	char *line = lw_secret_alloc(BATCH_LINE_MAX);
	int ret = -ENOMEM;

	if (!keys || !line)
		goto out;
	append(line, "# Linkwire topology %s, one node: it has keys that must be used once. `lwctl -batch -' there.",
	       x->want->name);
	ret = write_line(x, line);
	append(line, "machine");
	for (size_t i = 0; i < node->endpoints; i++)
		put_addr(line, " ", &node->endpoint[i]);
	ret = ret ?: write_line(x, line);
	for (size_t i = 0; !ret && i < x->want->wires; i++)
		ret = write_wire(x, line, &x->want->wire[i], keys);
out:
	lw_secret_free(line, BATCH_LINE_MAX);
	lw_secret_free(keys, sizeof(*keys));
	return ret;
}

static int draw_keys(const struct topo_wire *w, struct wire_keys *keys)
{
	int ret = lw_secret_random(keys, sizeof(*keys));

	keys->tag[0] &= LINKWIRE_TAG_MAX;
	keys->tag[1] &= LINKWIRE_TAG_MAX;
	keys->cipher = w->cipher;
	return ret;
}

/* of a wire whose ends are both exported in this run, or are one node's: nobody else has to know */
static int keys_of_run(struct export *x, const struct topo_wire *w, struct wire_keys *keys)
{
	struct wire_keys *drawn = x->drawn ? &x->drawn[w - x->want->wire] : keys;
	int ret = x->drawn && drawn->cipher ? 0 : draw_keys(w, drawn);

	if (drawn != keys)
		*keys = *drawn;
	x->complete += !ret;
	return ret;
}

/**
 * export_keys() - a wire's keys: those that the export of the other end has left, or else fresh ones, and then the other
 * end's wait for its export
 * @x: the export
 * @w: the wire
 * @end: the end that they are for
 * @keys: where they go
 *
 * So each end's are given out once, and both ends have the same if nothing came between their exports.
 *
 * Return: 0 or a negative errno.
 */
int export_keys(struct export *x, const struct topo_wire *w, int end, struct wire_keys *keys)
{
	size_t peer = w->end[!end].node;
	char name[2][128];
	int ret;

	if (peer == x->node || (x->together && x->together[peer]))
		return keys_of_run(x, w, keys);
	for (int k = 0; k < 2; k++)
		snprintf(name[k], sizeof(name[k]), "linkwire:%s:%s:%d", x->want->name, w->key, k);
	ret = handover_take(name[end], keys);
	if (!ret && keys->cipher == w->cipher) {
		x->complete++;
		return 0;
	}
	if (ret && ret != -ENOKEY)
		return ret;
	ret = draw_keys(w, keys) ?: handover_leave(name[!end], keys);
	x->waiting += !ret;
	return ret;
}
