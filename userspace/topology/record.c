// SPDX-License-Identifier: MIT
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "topology/record.h"

/* each is a value of one line, whatever bytes are in it */
static const char *encode(struct arena *mem, const char *text)
{
	char *out = arena_alloc(mem, 4 * strlen(text) + 1), *p = out;

	for (const char *s = text; *s; s++) {
		unsigned char c = (unsigned char)*s;

		if (c < 0x20 || c == 0x7f || c == '\\')
			p += sprintf(p, "\\x%02x", c);
		else
			*p++ = *s;
	}
	*p = '\0';
	return out;
}

static int digit(char c)
{
	const char *digits = "0123456789abcdef", *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

/* NULL: it is not what encode() writes */
static const char *decode(struct arena *mem, const char *text)
{
	char *out = arena_alloc(mem, strlen(text) + 1), *p = out;

	while (*text) {
		if (*text != '\\') {
			*p++ = *text++;
			continue;
		}
		if (text[1] != 'x' || digit(text[2]) < 0 || digit(text[3]) < 0)
			return NULL;
		*p = (char)(digit(text[2]) << 4 | digit(text[3]));
		if (!*p++)
			return NULL;
		text += 4;
	}
	*p = '\0';
	return out;
}

/**
 * record_format() - the text of a record
 * @mem: where it is made
 * @g: the generation
 *
 * Return: the text.
 */
const char *record_format(struct arena *mem, const struct generation *g)
{
	const char *of = g->of ? arena_printf(mem, "of %u\n", g->of) : "";
	const char *text = arena_printf(mem, "action %s\n%stime %s\nwho %s\ntopology %s\nfile %s\nadd %zu\nchange %zu\n"
					"remove %zu\n", g->action, of, encode(mem, g->time), encode(mem, g->who),
					encode(mem, g->title), encode(mem, g->file), g->add, g->change, g->remove);

	for (size_t i = 0; i < g->words; i++)
		text = arena_printf(mem, "%sword %s\n", text, encode(mem, g->word[i]));
	return text;
}

static bool parse_count(const char *value, size_t *n)
{
	char *end;

	*n = strtoul(value, &end, 10);
	return *value >= '0' && *value <= '9' && !*end;
}

static bool parse_action(const char *value, struct generation *g)
{
	static const char *const known[] = { "apply", "rollback", "destroy" };

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (!strcmp(value, known[i]))
			g->action = known[i];
	return g->action;
}

static void add_word(struct arena *mem, struct generation *g, const char *word)
{
	const char **more = arena_alloc(mem, (g->words + 1) * sizeof(*more));

	if (g->words)
		memcpy(more, g->word, g->words * sizeof(*more));
	more[g->words++] = word;
	g->word = more;
}

/* a key that we do not know is of a later version, and means nothing to this one */
static bool parse_line(struct arena *mem, const char *key, const char *value, struct generation *g)
{
	size_t n;

	if (!strcmp(key, "action"))
		return parse_action(value, g);
	if (!strcmp(key, "time"))
		return (g->time = value);
	if (!strcmp(key, "who"))
		return (g->who = value);
	if (!strcmp(key, "topology"))
		return (g->title = value);
	if (!strcmp(key, "file"))
		return (g->file = value);
	if (!strcmp(key, "add"))
		return parse_count(value, &g->add);
	if (!strcmp(key, "change"))
		return parse_count(value, &g->change);
	if (!strcmp(key, "remove"))
		return parse_count(value, &g->remove);
	if (!strcmp(key, "word")) {
		add_word(mem, g, value);
	} else if (!strcmp(key, "of")) {
		if (!parse_count(value, &n) || n > 999999999)
			return false;
		g->of = (unsigned int)n;
	}
	return true;
}

/**
 * record_parse() - read a record
 * @mem: where its strings go
 * @text: the record
 * @g: where it goes; its number is set already
 *
 * Return: false if it is none, or not whole.
 */
bool record_parse(struct arena *mem, const char *text, struct generation *g)
{
	while (*text) {
		const char *end = strchr(text, '\n'), *space = strchr(text, ' ');
		const char *key, *value;

		if (!end || !space || space > end)
			return false;
		key = arena_strndup(mem, text, (size_t)(space - text));
		value = decode(mem, arena_strndup(mem, space + 1, (size_t)(end - space - 1)));
		if (!value || !parse_line(mem, key, value, g))
			return false;
		text = end + 1;
	}
	return g->action && g->time && g->who && g->title && g->file;
}
