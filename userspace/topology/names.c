// SPDX-License-Identifier: MIT
#include <ctype.h>
#include <net/if.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "topology/names.h"
#include "topology/strmap.h"

static bool plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
}

/*
 * A part of a file's name that stands for exactly one written name. Bytes that are not plain are %xx; what is too
 * long is cut and ends in "%~" and the hash of the whole: "%~" cannot stand for a byte.
 */
static char *encode(struct arena *mem, const char *written, size_t max, bool dots)
{
	char *out = arena_alloc(mem, 3 * strlen(written) + 2), *p = out;

	for (const char *s = written; *s; s++)
		if (plain(*s) || (dots && *s == '.'))
			*p++ = *s;
		else
			p += sprintf(p, "%%%02x", (unsigned char)*s);
	if (!*written)
		*p++ = '%';
	*p = '\0';
	if ((size_t)(p - out) <= max)
		return out;
	return arena_printf(mem, "%.*s%%~%016llx", (int)max - 18, out,
			    (unsigned long long)strmap_hash(written, strlen(written)));
}

/**
 * name_graph() - a graph's name as it stands in the names of its namespaces and in labels
 * @mem: where the string is made
 * @written: the graph's name
 *
 * Return: at most NAME_GRAPH_MAX bytes of letters, digits, '-', '_' and '%'.
 */
const char *name_graph(struct arena *mem, const char *written)
{
	return encode(mem, written, NAME_GRAPH_MAX, false);
}

/**
 * name_netns() - the name of a node's network namespace
 * @mem: where the string is made
 * @graph: from name_graph()
 * @node: the node's name, as written
 *
 * Return: such as "vx.leaf01".
 */
const char *name_netns(struct arena *mem, const char *graph, const char *node)
{
	return arena_printf(mem, "%s.%s", graph, encode(mem, node, NAME_NODE_MAX, true));
}

/**
 * name_underlay() - the name of the underlay namespace beside a node's
 * @mem: where the string is made
 * @graph: from name_graph()
 * @node: the node's name, as written
 *
 * Return: such as "vx.leaf01+underlay".
 */
const char *name_underlay(struct arena *mem, const char *graph, const char *node)
{
	return arena_printf(mem, "%s" NAME_UNDERLAY, name_netns(mem, graph, node));
}

/**
 * name_fabric() - the name of the namespace that joins a topology's underlays
 * @mem: where the string is made
 * @graph: from name_graph()
 *
 * Return: such as "vx+fabric".
 */
const char *name_fabric(struct arena *mem, const char *graph)
{
	return arena_printf(mem, "%s" NAME_FABRIC, graph);
}

/**
 * name_of_underlay() - whose underlay a namespace is
 * @mem: where the string is made
 * @graph: from name_graph()
 * @netns: the name of any namespace
 *
 * Return: the node's name as far as the namespace's name tells it (all of it, unless it was cut), or NULL if this is
 * no underlay of the graph.
 */
const char *name_of_underlay(struct arena *mem, const char *graph, const char *netns)
{
	size_t glen = strlen(graph), len = strlen(netns), tail = strlen(NAME_UNDERLAY);
	char *out, *p;

	if (len <= glen + 1 + tail || strncmp(netns, graph, glen) || netns[glen] != '.' ||
	    strcmp(netns + len - tail, NAME_UNDERLAY))
		return NULL;
	out = p = arena_strndup(mem, netns + glen + 1, len - glen - 1 - tail);
	for (const char *s = out; *s; s++) {
		if (s[0] == '%' && isxdigit((unsigned char)s[1]) && isxdigit((unsigned char)s[2])) {
			*p++ = (char)strtoul((const char []){ s[1], s[2], 0 }, NULL, 16);
			s += 2;
		} else if (strcmp(s, "%")) {
			*p++ = *s;
		}
	}
	*p = '\0';
	return out;
}

/**
 * name_ifname_legal() - can a port's name be an interface's, as it is?
 * @port: the port's name
 *
 * The kernel refuses '/', ':', white space (0xa0 too, which UTF-8 uses), "." and ".." and expands '%'; a namespace has
 * its own "lo"; "all" and "default" have other meanings in /proc/sys; nft takes a '*' for any interface and what begins
 * with '@' for a set, and may be told in a rule what to let through; '~' marks the names that name_ifname() makes.
 *
 * Return: true if it can.
 */
bool name_ifname_legal(const char *port)
{
	static const char *const taken[] = { ".", "..", "lo", "all", "default" };

	if (!*port || strlen(port) >= IFNAMSIZ)
		return false;
	for (size_t i = 0; i < sizeof(taken) / sizeof(*taken); i++)
		if (!strcmp(port, taken[i]))
			return false;
	for (; *port; port++)
		if (*port <= ' ' || *port > '}' || strchr("/:%*@", *port))
			return false;
	return true;
}

/**
 * name_ifname() - the name of the interface for a port
 * @mem: where the string is made
 * @port: the port's name, as written
 *
 * Return: the port's name where it is legal; else its first 8 bytes, with '_' for what is not plain, '~', and 6
 * letters and digits of its hash, the first of them a letter.
 */
const char *name_ifname(struct arena *mem, const char *port)
{
	static const char digits[] = "abcdefghijklmnopqrstuvwxyz234567";
	uint64_t hash = strmap_hash(port, strlen(port));
	char out[IFNAMSIZ], *p = out;

	if (name_ifname_legal(port))
		return arena_strdup(mem, port);
	for (const char *s = port; *s && p < out + 8; s++)
		*p++ = plain(*s) ? *s : '_';
	*p++ = '~';
	*p++ = digits[hash % 26];
	hash /= 26;
	for (int i = 0; i < 5; i++, hash /= 32)
		*p++ = digits[hash % 32];
	*p = '\0';
	return arena_strdup(mem, out);
}

/**
 * name_ifname_towards() - the name of the interface for the end of an edge that names no port
 * @mem: where the string is made
 * @peer: the node at the other end, as written
 * @nth: how many ends towards that node this is, from 1
 *
 * Return: the peer's name, and for the second and later "~2", "~3" ... behind it; by name_ifname() where that is not
 * legal.
 */
const char *name_ifname_towards(struct arena *mem, const char *peer, unsigned int nth)
{
	const char *name = nth > 1 ? arena_printf(mem, "%s~%u", peer, nth) : peer;

	if (nth > 1 && name_ifname_legal(peer) && strlen(name) < IFNAMSIZ)
		return name;
	return name_ifname(mem, name);
}

/**
 * name_ifname_id() - the name of the interface for the end of an edge that names no port, but has an lw_id
 * @mem: where the string is made
 * @peer: the node at the other end, as written
 * @id: the edge's lw_id
 *
 * Return: the peer's name, "~" and the id; by name_ifname() where that is not legal.
 */
const char *name_ifname_id(struct arena *mem, const char *peer, const char *id)
{
	const char *name = arena_printf(mem, "%s~%s", peer, id);

	for (const char *s = id; *s; s++)
		if (!plain(*s))
			return name_ifname(mem, name);
	return *id && name_ifname_legal(peer) && strlen(name) < IFNAMSIZ ? name : name_ifname(mem, name);
}
