// SPDX-License-Identifier: MIT
#include "lwctl/sources.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lwctl/args.h"

#define SHOWN_MAX 8	/* in text, unless all is asked for */
#define WORD_MAX 64

static int add_word(struct lwctl *ctl, const char *key, const char *word, struct lw_sources *s)
{
	struct lw_prefix *prefix = &s->prefix[s->prefixes];

	if (lw_addr_parse_prefix(&prefix->addr, &prefix->len, word) == 0) {
		s->prefixes++;
		return LWCTL_OK;
	}
	/* six groups of two digits, and no address of IPv6 */
	if (strlen(word) == 17 && word[2] == ':' && !strchr(word, '/'))
		return args_mac(ctl, key, word, s->mac[s->macs++].bytes);
	return lwctl_usage(ctl, "bad %s '%.64s': any, none, or prefixes and MAC addresses with commas between them", key,
			   word);
}

int sources_parse(struct lwctl *ctl, const char *key, const char *word, struct lw_sources *s)
{
	const char *at, *comma;
	char one[WORD_MAX];
	size_t words = 1;
	int ret = LWCTL_OK;

	*s = (struct lw_sources){ .on = strcmp(word, "any") != 0 };
	if (!s->on || !strcmp(word, "none"))
		return LWCTL_OK;
	for (at = word; *at; at++)
		words += *at == ',';
	s->prefix = calloc(words, sizeof(*s->prefix));
	s->mac = calloc(words, sizeof(*s->mac));
	if (!s->prefix || !s->mac)
		ret = lwctl_refused(ctl, NULL, "no memory");
	for (at = word; !ret && at; at = comma ? comma + 1 : NULL) {
		comma = strchr(at, ',');
		snprintf(one, sizeof(one), "%.*s", comma ? (int)(comma - at) : (int)strnlen(at, sizeof(one)), at);
		ret = add_word(ctl, key, one, s);
	}
	if (ret)
		lw_sources_free(s);
	return ret;
}

static const char *prefix_format(const struct lw_prefix *p, char *text, size_t size)
{
	char addr[LW_ADDR_STRLEN];

	lw_addr_format(&p->addr, addr);
	if (p->len == 8 * lw_addr_size(&p->addr))
		snprintf(text, size, "%s", addr);
	else
		snprintf(text, size, "%s/%u", addr, p->len);
	return text;
}

void sources_show(struct lwctl *ctl, const struct lw_sources *s)
{
	size_t n = s->prefixes + s->macs, shown = ctl->details || n <= SHOWN_MAX ? n : SHOWN_MAX, i;
	struct printer *p = &ctl->out;
	char text[WORD_MAX];

	if (!s->on) {
		if (ctl->details)
			print_text(p, " sources any");
		return;
	}
	print_text(p, " sources%s", n ? " " : " none");
	print_open_array(p, "sources");
	for (i = 0; i < n; i++) {
		if (i < s->prefixes) {
			prefix_format(&s->prefix[i], text, sizeof(text));
		} else {
			const uint8_t *b = s->mac[i - s->prefixes].bytes;

			snprintf(text, sizeof(text), "%02x:%02x:%02x:%02x:%02x:%02x", b[0], b[1], b[2], b[3], b[4], b[5]);
		}
		print_item(p, text);
		if (i < shown)
			print_text(p, "%s%s", i ? "," : "", text);
	}
	if (shown < n)
		print_text(p, ",... (%zu in all)", n);
	print_close_array(p);
}
