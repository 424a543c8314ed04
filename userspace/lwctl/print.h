/* SPDX-License-Identifier: MIT */
/*
 * One printer for text and JSON: a command says each thing once, with its key for JSON and its format for text.
 *
 *	print_open_array(p, NULL);
 *	print_open_object(p, NULL);
 *	print_string(p, "ifname", "%s", COLOR_NAME, name);	// JSON "ifname": "lw0"; text lw0
 *	print_u64(p, "mtu", " mtu %llu", mtu);
 *	print_text(p, "\n");					// text only
 *	print_close_object(p);
 *	print_close_array(p);
 *
 * A NULL format is for JSON only. Text shows control characters escaped, so that a label cannot drive the terminal;
 * JSON is always valid UTF-8.
 */
#ifndef LWCTL_PRINT_H
#define LWCTL_PRINT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum color { COLOR_NONE, COLOR_NAME, COLOR_ADDR, COLOR_GOOD, COLOR_BAD };

struct printer {
	FILE *file;
	bool json;
	bool pretty;
	bool color;
	int depth;		/* of open arrays and objects */
	bool comma;		/* something stands before the next element */
};

void print_open_array(struct printer *p, const char *key);
void print_close_array(struct printer *p);
void print_open_object(struct printer *p, const char *key);
void print_close_object(struct printer *p);

void print_string(struct printer *p, const char *key, const char *fmt, enum color color, const char *value);
void print_bytes(struct printer *p, const char *key, const char *fmt, enum color color, const char *value, size_t len);
void print_u64(struct printer *p, const char *key, const char *fmt, uint64_t value);	/* fmt takes unsigned long long */
void print_bool(struct printer *p, const char *key, const char *fmt, bool value);	/* text only if true; fmt is a plain text */
void print_item(struct printer *p, const char *value);	/* an element of an array of strings; JSON only */
void print_null(struct printer *p, const char *key);
void print_text(struct printer *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void print_end(struct printer *p);	/* after the last close in JSON: a newline, flushed */

/* @len bytes of @value into @out (@size bytes, terminated, cut if need be), control characters as \xNN. */
void print_escape(char *out, size_t size, const char *value, size_t len);

#endif
