// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "topology/denials.h"
#include "topology/live.h"

/**
 * denial_order() - the order of denials: by source, then destination; for qsort() and bsearch()
 * @a: one
 * @b: another
 *
 * Return: less than, equal to or greater than 0.
 */
int denial_order(const void *a, const void *b)
{
	const struct topo_denial *x = a, *y = b;

	return state_compare_addr(&x->from, &y->from) ?: state_compare_addr(&x->to, &y->to);
}

/* as the comments of rules say it: FROM/LEN TO/LEN [IFNAME] */
static void print_comment(FILE *f, const struct topo_denial *d, const char *ifname)
{
	char from[LW_ADDR_STRLEN], to[LW_ADDR_STRLEN];

	fprintf(f, "%s/%u %s/%u%s%s", lw_addr_format(&d->from.addr, from), d->from.len, lw_addr_format(&d->to.addr, to),
		d->to.len, ifname ? " " : "", ifname ? ifname : "");
}

/**
 * denial_parse() - read the comment of a rule
 * @comment: the comment
 * @from: where the source goes
 * @to: where the destination goes
 * @ifname: where the interface goes that they are let in by; "": it is dropped
 *
 * Return: false if it is no comment of ours.
 */
bool denial_parse(const char *comment, struct topo_addr *from, struct topo_addr *to, char ifname[16])
{
	char a[64], b[64];
	int n = 0;

	if (sscanf(comment, "%63s %63s%n", a, b, &n) != 2 || !n)
		return false;
	comment += n;
	comment += *comment == ' ';
	snprintf(ifname, 16, "%s", comment);
	return !lw_addr_parse_prefix(&from->addr, &from->len, a) && !lw_addr_parse_prefix(&to->addr, &to->len, b) &&
	       from->addr.family == to->addr.family;
}

static bool is_pair(const struct topo_denial *d)
{
	unsigned int full = 8 * lw_addr_size(&d->from.addr);

	return d->from.len == full && d->to.len == full;
}

/* names of interfaces may have any byte but '/' and white space */
static void print_string(FILE *f, const char *text)
{
	fputc('"', f);
	for (; *text; text++)
		if (*text == '"' || *text == '\\')
			fprintf(f, "\\%c", *text);
		else
			fputc(*text, f);
	fputc('"', f);
}

#define TABLE "\"family\":\"inet\",\"table\":\"" LIVE_NFT_TABLE "\""

static void print_set(FILE *f, const char *name, const char *type, uint8_t family, const struct denials *d, size_t lists)
{
	char from[LW_ADDR_STRLEN], to[LW_ADDR_STRLEN];
	bool any = false;

	fprintf(f, ",{\"add\":{\"set\":{" TABLE ",\"name\":\"%s\",\"type\":[\"%s\",\"%s\"]", name, type, type);
	for (; lists; d++, lists--)
		for (size_t i = 0; i < d->n; i++) {
			const struct topo_denial *pair = &d->list[i];

			if (!is_pair(pair) || pair->from.addr.family != family)
				continue;
			fprintf(f, "%s{\"concat\":[\"%s\",\"%s\"]}", any ? "," : ",\"elem\":[",
				lw_addr_format(&pair->from.addr, from), lw_addr_format(&pair->to.addr, to));
			any = true;
		}
	fprintf(f, "%s}}}", any ? "]" : "");
}

static void print_set_rule(FILE *f, const char *set, const char *protocol)
{
	fprintf(f, ",{\"add\":{\"rule\":{" TABLE ",\"chain\":\"" DENIALS_CHAIN "\",\"expr\":[{\"match\":{\"op\":\"==\","
		"\"left\":{\"concat\":[{\"payload\":{\"protocol\":\"%s\",\"field\":\"saddr\"}},"
		"{\"payload\":{\"protocol\":\"%s\",\"field\":\"daddr\"}}]},\"right\":\"@%s\"}},"
		"{\"counter\":null},{\"drop\":null}]}}}", protocol, protocol, set);
}

static void print_match(FILE *f, const struct topo_addr *a, const char *field)
{
	char text[LW_ADDR_STRLEN];

	fprintf(f, "{\"match\":{\"op\":\"==\",\"left\":{\"payload\":{\"protocol\":\"%s\",\"field\":\"%s\"}},\"right\":"
		"{\"prefix\":{\"addr\":\"%s\",\"len\":%u}}}},", a->addr.family == AF_INET6 ? "ip6" : "ip", field,
		lw_addr_format(&a->addr, text), a->len);
}

/* of one pair: dropped, or what comes in by @ifname let through */
static void print_rule(FILE *f, const struct topo_denial *d, const char *ifname)
{
	fprintf(f, ",{\"add\":{\"rule\":{" TABLE ",\"chain\":\"" DENIALS_CHAIN "\",\"comment\":");
	if (ifname) {
		char comment[256] = "";
		FILE *text = fmemopen(comment, sizeof(comment), "w");

		if (text) {
			print_comment(text, d, ifname);
			fclose(text);
		}
		print_string(f, comment);
		fprintf(f, ",\"expr\":[{\"match\":{\"op\":\"==\",\"left\":{\"meta\":{\"key\":\"iifname\"}},\"right\":");
		print_string(f, ifname);
		fputs("}},", f);
	} else {
		fputc('"', f);
		print_comment(f, d, NULL);
		fputs("\",\"expr\":[", f);
	}
	print_match(f, &d->from, "saddr");
	print_match(f, &d->to, "daddr");
	fprintf(f, "{\"counter\":null},{\"%s\":null}]}}}", ifname ? "return" : "drop");
}

static void print_hooks(FILE *f)
{
	static const char *const hooks[DENIALS_HOOKS] = { "input", "forward", "output" };

	for (unsigned int i = 0; i < DENIALS_HOOKS; i++)
		fprintf(f, ",{\"add\":{\"chain\":{" TABLE ",\"name\":\"%s\",\"type\":\"filter\",\"hook\":\"%s\","
			"\"prio\":-10,\"policy\":\"accept\"}}},{\"add\":{\"rule\":{" TABLE ",\"chain\":\"%s\","
			"\"expr\":[{\"jump\":{\"target\":\"" DENIALS_CHAIN "\"}}]}}}", hooks[i], hooks[i], hooks[i]);
}

/* root in the node may have renamed it: nft takes some names for other things than names, and does not read others */
static bool is_said(const char *ifname)
{
	for (const char *c = ifname; *c; c++)
		if (*c <= ' ' || *c > '~' || strchr("*@", *c))
			return false;
	return *ifname;
}

/* where one cannot be said, nothing is let through by it */
static void print_ways(FILE *f, const struct denials *d)
{
	for (size_t i = 0; i < d->n; i++)
		for (size_t k = 0; k < d->list[i].buts; k++) {
			const struct topo_port *p = &d->list[i].but[k];
			const char *ifname = p->wire < d->of->wires ? d->of->wire[p->wire].end[p->end].ifname : "";

			if (is_said(ifname))
				print_rule(f, &d->list[i], ifname);
		}
}

static void print_table(FILE *f, const struct denials *d, size_t lists)
{
	fputs(",{\"add\":{\"table\":{\"family\":\"inet\",\"name\":\"" LIVE_NFT_TABLE "\"}}},"
	      "{\"add\":{\"chain\":{" TABLE ",\"name\":\"" DENIALS_CHAIN "\"}}}", f);
	print_set(f, LIVE_DENIED4, "ipv4_addr", AF_INET, d, lists);
	print_set(f, LIVE_DENIED6, "ipv6_addr", AF_INET6, d, lists);
	for (size_t i = 0; i < lists; i++)
		print_ways(f, &d[i]);
	print_set_rule(f, LIVE_DENIED4, "ip");
	print_set_rule(f, LIVE_DENIED6, "ip6");
	for (size_t i = 0; i < lists; i++)
		for (size_t k = 0; k < d[i].n; k++)
			if (!is_pair(&d[i].list[k]))
				print_rule(f, &d[i].list[k], NULL);
	print_hooks(f);
}

/**
 * denials_json() - the commands for nft that make a node drop what it should, and nothing else
 * @d: the denials
 * @lists: how many lists of them; without any, nothing is dropped
 * @len: set to the length
 *
 * The table is replaced by another in one go: there is no moment without. Pairs of addresses, which may be many, are
 * looked up in sets; networks, which may overlap, as elements of sets may not, have a rule each.
 *
 * Return: the text, to be freed; the program ends when there is no memory.
 */
char *denials_json(const struct denials *d, size_t lists, size_t *len)
{
	char *text = NULL;
	FILE *f = open_memstream(&text, len);
	size_t n = 0;

	if (!f)
		no_memory();
	for (size_t i = 0; i < lists; i++)
		n += d[i].n;
	/* added first, so that there is one to be deleted */
	fputs("{\"nftables\":[{\"add\":{\"table\":{\"family\":\"inet\",\"name\":\"" LIVE_NFT_TABLE "\"}}},"
	      "{\"delete\":{\"table\":{\"family\":\"inet\",\"name\":\"" LIVE_NFT_TABLE "\"}}}", f);
	if (n)
		print_table(f, d, lists);
	fputs("]}", f);
	if (fclose(f))
		no_memory();
	return text;
}
