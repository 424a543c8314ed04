// SPDX-License-Identifier: MIT
#include "lwctl/print.h"

#include <stdarg.h>
#include <string.h>

static const char *const escapes[] = {
	[COLOR_NONE] = "",
	[COLOR_NAME] = "\033[36m",
	[COLOR_ADDR] = "\033[35m",
	[COLOR_GOOD] = "\033[32m",
	[COLOR_BAD] = "\033[31m",
};

static void newline(struct printer *p)
{
	if (p->pretty)
		fprintf(p->file, "\n%*s", 4 * p->depth, "");
}

/*
 * The length of the well-formed UTF-8 character at @at (of @len bytes), 0 if there is none (Unicode 15, table 3-7:
 * no overlong forms, no surrogates).
 */
static size_t utf8_length(const unsigned char *at, size_t len)
{
	unsigned char lo = 0x80, hi = 0xbf;
	size_t n, i;

	if (at[0] < 0x80)
		return 1;
	if (at[0] >= 0xc2 && at[0] <= 0xdf)
		n = 2;
	else if ((at[0] & 0xf0) == 0xe0)
		n = 3;
	else if (at[0] >= 0xf0 && at[0] <= 0xf4)
		n = 4;
	else
		return 0;
	if (at[0] == 0xe0)
		lo = 0xa0;
	else if (at[0] == 0xed)
		hi = 0x9f;
	else if (at[0] == 0xf0)
		lo = 0x90;
	else if (at[0] == 0xf4)
		hi = 0x8f;
	if (n > len || at[1] < lo || at[1] > hi)
		return 0;
	for (i = 2; i < n; i++)
		if ((at[i] & 0xc0) != 0x80)
			return 0;
	return n;
}

static void json_bytes(FILE *file, const char *value, size_t len)
{
	const unsigned char *at = (const unsigned char *)value;
	size_t n;

	putc('"', file);
	for (; len; at += n, len -= n) {
		n = utf8_length(at, len);
		if (!n) {
			n = 1;
			fputs("\\ufffd", file);
		} else if (*at == '"' || *at == '\\') {
			fprintf(file, "\\%c", *at);
		} else if (*at < 0x20 || *at == 0x7f) {
			fprintf(file, "\\u%04x", *at);
		} else {
			fwrite(at, 1, n, file);
		}
	}
	putc('"', file);
}

/* For a terminal: neither control characters (C0, DEL, C1) nor broken UTF-8. */
void print_escape(char *out, size_t size, const char *value, size_t len)
{
	const unsigned char *at = (const unsigned char *)value;
	size_t n;

	for (; len && size > 5; at += n, len -= n) {
		n = utf8_length(at, len);
		if (!n || *at < 0x20 || *at == 0x7f || (n == 2 && at[0] == 0xc2 && at[1] < 0xa0)) {
			n = 1;
			snprintf(out, size, "\\x%02x", *at);
			out += 4;
			size -= 4;
			continue;
		}
		memcpy(out, at, n);
		out += n;
		size -= n;
	}
	*out = '\0';
}

/* Before each element in JSON: the comma, the line, the key. */
static void element(struct printer *p, const char *key)
{
	if (p->comma)
		putc(',', p->file);
	if (p->depth)
		newline(p);
	if (key) {
		json_bytes(p->file, key, strlen(key));
		fputs(p->pretty ? ": " : ":", p->file);
	}
	p->comma = true;
}

static void open_bracket(struct printer *p, const char *key, char bracket)
{
	if (!p->json)
		return;
	element(p, key);
	putc(bracket, p->file);
	p->depth++;
	p->comma = false;
}

static void close_bracket(struct printer *p, char bracket)
{
	if (!p->json)
		return;
	p->depth--;
	if (p->comma)
		newline(p);
	putc(bracket, p->file);
	p->comma = true;
}

void print_open_array(struct printer *p, const char *key)
{
	open_bracket(p, key, '[');
}

void print_close_array(struct printer *p)
{
	close_bracket(p, ']');
}

void print_open_object(struct printer *p, const char *key)
{
	open_bracket(p, key, '{');
}

void print_close_object(struct printer *p)
{
	close_bracket(p, '}');
}

void print_bytes(struct printer *p, const char *key, const char *fmt, enum color color, const char *value, size_t len)
{
	char text[1024];
	const char *at;

	if (p->json) {
		if (key) {
			element(p, key);
			json_bytes(p->file, value, len);
		}
		return;
	}
	if (!fmt)
		return;
	print_escape(text, sizeof(text), value, len);
	at = p->color && color != COLOR_NONE ? strstr(fmt, "%s") : NULL;
	if (at)
		fprintf(p->file, "%.*s%s%s\033[0m%s", (int)(at - fmt), fmt, escapes[color], text, at + 2);
	else
		fprintf(p->file, fmt, text);
}

void print_string(struct printer *p, const char *key, const char *fmt, enum color color, const char *value)
{
	print_bytes(p, key, fmt, color, value, strlen(value));
}

void print_item(struct printer *p, const char *value)
{
	if (!p->json)
		return;
	element(p, NULL);
	json_bytes(p->file, value, strlen(value));
}

void print_u64(struct printer *p, const char *key, const char *fmt, uint64_t value)
{
	if (!p->json) {
		if (fmt)
			fprintf(p->file, fmt, (unsigned long long)value);
	} else if (key) {
		element(p, key);
		fprintf(p->file, "%llu", (unsigned long long)value);
	}
}

void print_bool(struct printer *p, const char *key, const char *fmt, bool value)
{
	if (!p->json) {
		if (fmt && value)
			fputs(fmt, p->file);
	} else if (key) {
		element(p, key);
		fputs(value ? "true" : "false", p->file);
	}
}

void print_null(struct printer *p, const char *key)
{
	if (!p->json)
		return;
	element(p, key);
	fputs("null", p->file);
}

void print_text(struct printer *p, const char *fmt, ...)
{
	va_list args;

	if (p->json)
		return;
	va_start(args, fmt);
	vfprintf(p->file, fmt, args);
	va_end(args);
}

void print_end(struct printer *p)
{
	if (p->json)
		putc('\n', p->file);
	p->comma = false;
	fflush(p->file);
}
