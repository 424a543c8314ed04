/* SPDX-License-Identifier: MIT */
/*
 * For the tests of the topology compiler: from a text in DOT to what it asks for, and to the state that would then be
 * live, without a kernel.
 */
#ifndef TOPO_FIXTURE_H
#define TOPO_FIXTURE_H

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "topology/compare.h"
#include "topology/plain.h"
#include "topology/read.h"
#include "topology/resolve.h"
#include "topology/shape.h"

struct topo_file {
	char path[64];
	int fd;
};

static inline void file_open(struct topo_file *f, const void *bytes, size_t len)
{
	f->fd = memfd_create("net.dot", MFD_CLOEXEC);
	assert_true(f->fd >= 0);
	assert_int_equal(write(f->fd, bytes, len), (ssize_t)len);
	snprintf(f->path, sizeof(f->path), "/proc/self/fd/%d", f->fd);
}

static inline void file_close(struct topo_file *f)
{
	close(f->fd);
}

static inline bool read_text(struct graph *g, struct diag *d, const char *text)
{
	struct topo_file f;
	bool ok;

	file_open(&f, text, strlen(text));
	ok = graph_read(g, d, f.path);
	file_close(&f);
	return ok;
}

/* a whole file, terminated; NULL if it is not there */
static inline char *slurp(const char *path, size_t *len)
{
	FILE *f = fopen(path, "re");
	char *text;

	if (!f)
		return NULL;
	text = calloc(1, 1 << 20);
	assert_non_null(text);
	*len = fread(text, 1, (1 << 20) - 1, f);
	fclose(f);
	return text;
}

/* ../../shared is not everywhere */
static inline char *slurp_shared(const char *name, size_t *len)
{
	const char *srcdir = getenv("SRCDIR");
	char path[512];

	snprintf(path, sizeof(path), "%s/../../shared/data/%s", srcdir ? srcdir : ".", name);
	return slurp(path, len);
}

static inline bool told(const struct diag *d, const char *part)
{
	for (size_t i = 0; i < d->count; i++)
		if (strstr(d->entry[i].text, part))
			return true;
	return false;
}

static inline void print_told(const struct diag *d)
{
	diag_print(d, stderr);
}

/* a text that is no graph; the first thing told of it, and where */
struct bad_text {
	const char *text, *why;
	unsigned int line;
};

static inline void all_refused(const struct bad_text *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct graph g = { 0 };
		struct diag d = { 0 };

		if (read_text(&g, &d, cases[i].text) || !told(&d, cases[i].why) || d.entry[0].line != cases[i].line) {
			print_told(&d);
			fail_msg("case %zu: '%s'", i, cases[i].text);
		}
		graph_free(&g);
		diag_free(&d);
	}
}

/* what is wanted, with addresses, as if @live were live; the text must be without conflict */
static inline void want_text(struct topo_state *want, const char *text, const struct topo_state *live)
{
	struct diag d = { 0 };
	struct graph g = { 0 };

	assert_true(read_text(&g, &d, text));
	resolve(want, &g, "net", &d);
	assign_addresses(want, live, &d);
	if (d.errors)
		print_told(&d);
	assert_int_equal(d.errors, 0);
	graph_free(&g);
	diag_free(&d);
}

/* all conflicts of a text */
static inline void conflicts(struct diag *d, const char *text)
{
	struct topo_state want = { 0 };
	struct graph g = { 0 };

	*d = (struct diag){ 0 };
	assert_true(read_text(&g, d, text));
	resolve(&want, &g, "net", d);
	assign_addresses(&want, NULL, d);
	state_free(&want);
	graph_free(&g);
}

struct conflict {
	const char *text, *why;
	size_t errors;
};

/* each text has so many conflicts, and one of them is told so */
static inline void check_conflicts(const struct conflict *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct diag d;

		conflicts(&d, list[i].text);
		if (d.errors != list[i].errors || (d.errors && !told(&d, list[i].why))) {
			print_told(&d);
			fail_msg("case %zu: %s", i, list[i].text);
		}
		diag_free(&d);
	}
}

/* what a kernel would tell after all that @want asks for was done */
static inline void make_live(struct topo_state *want)
{
	for (size_t i = 0; i < want->nodes; i++) {
		struct topo_node *node = &want->node[i];

		node->has_underlay = node->has_netns = node->has_link = true;
		node->has_table = node->denials > 0;
	}
	want->has_fabric_netns = want->has_fabric;
	for (size_t i = 0; i < want->wires; i++) {
		struct topo_wire *w = &want->wire[i];

		for (int k = 0; k < 2; k++) {
			struct topo_end *end = &w->end[k];

			end->present = true;
			end->up = end->carrier = !w->down;
			end->id = w->plain ? 0 : (uint32_t)(2 * i + (size_t)k + 1);
			end->ifindex = (uint32_t)(2 * i + (size_t)k + 11);
			end->encap = w->encap;
			end->mode = w->mode;
			end->mtu = w->mtu;
			end->hold = w->hold;
			end->rate = w->rate;
			end->floor = w->floor;
			end->delay_us = w->delay_us;
			end->loss = w->loss;
			end->qdisc = shape_handle(w->rate, w->delay_us, w->loss);
			end->mark = w->floor ? SHAPE_FIRST_CLASS + (uint32_t)(2 * i + (size_t)k) : 0;
			end->bridged = want->node[end->node].bridge;
			if (w->plain) {
				end->tunnel = (uint8_t)plain_kind(w);
				end->tunnel_key = plain_key(w);
				continue;
			}
			end->rx_tags = 1;
			end->rx_tag[0] = end->id;
			end->has_tx = true;
			end->tx_tag = (uint32_t)(2 * i + (size_t)!k + 1);
			end->tx_cipher = w->cipher;
		}
	}
}

static inline size_t count_steps(const struct plan *p, enum step_kind kind)
{
	size_t n = 0;

	for (size_t i = 0; i < p->steps; i++)
		n += p->step[i].kind == kind;
	return n;
}

static inline const struct topo_wire *wire_named(const struct topo_state *s, const char *name)
{
	for (size_t i = 0; i < s->wires; i++)
		if (!strcmp(s->wire[i].name, name))
			return &s->wire[i];
	fail_msg("no wire %s", name);
	return NULL;
}

/* "10.0.0.0/31 fd6c:7700::/127" */
static inline const char *addresses(const struct topo_end *end)
{
	static char text[4][256];
	static unsigned int turn;
	char addr[LW_ADDR_STRLEN], *out = text[turn++ % 4];
	size_t at = 0;

	*out = '\0';
	for (size_t i = 0; i < end->addrs && at < 200; i++)
		at += (size_t)snprintf(out + at, 256 - at, "%s%s/%u", i ? " " : "",
				       lw_addr_format(&end->addr[i].addr, addr), end->addr[i].len);
	return out;
}

#endif
