// SPDX-License-Identifier: MIT
#include <stdlib.h>
#include <string.h>

#include "topology/diag.h"

static void add(struct diag *d, enum diag_level level, unsigned int line, const char *fmt, va_list ap)
{
	d->entry = array_grow(d->entry, &d->cap, d->count, sizeof(*d->entry));
	d->entry[d->count++] = (struct diag_entry){ level, line, arena_vprintf(&d->mem, fmt, ap) };
	if (level == DIAG_ERROR)
		d->errors++;
}

/**
 * diag_error() - note something that keeps the graph from being used
 * @d: where it is kept
 * @line: of the file; 0 if it is not known
 * @fmt: one line, as printf's
 */
void diag_error(struct diag *d, unsigned int line, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add(d, DIAG_ERROR, line, fmt, ap);
	va_end(ap);
}

/**
 * diag_note() - note something that the user should know
 * @d: where it is kept
 * @line: of the file; 0 if it is not known
 * @fmt: one line, as printf's
 */
void diag_note(struct diag *d, unsigned int line, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	add(d, DIAG_NOTE, line, fmt, ap);
	va_end(ap);
}

/**
 * diag_escape() - words of the file, which are not to drive the terminal
 * @mem: where the string is made
 * @text: any bytes
 *
 * Return: the text with control characters as \xNN, and "" (two quotation marks) for nothing.
 */
const char *diag_escape(struct arena *mem, const char *text)
{
	char *out, *p;

	if (!*text)
		return "\"\"";
	out = p = arena_alloc(mem, 4 * strlen(text) + 1);
	for (const char *s = text; *s; s++) {
		unsigned char c = (unsigned char)*s;

		if (c < 0x20 || c == 0x7f || (c == 0xc2 && (unsigned char)s[1] < 0xa0))
			p += sprintf(p, "\\x%02x", c);
		else
			*p++ = *s;
	}
	return out;
}

/**
 * diag_print() - print all that was found, in the order in which it was found
 * @d: what was found
 * @to: where to
 */
void diag_print(const struct diag *d, FILE *to)
{
	struct arena mem = { 0 };

	for (size_t i = 0; i < d->count; i++) {
		const struct diag_entry *e = &d->entry[i];

		fputs("lwctl: ", to);
		if (d->file)
			fprintf(to, "%s:", diag_escape(&mem, d->file));
		if (d->file && e->line)
			fprintf(to, "%u:", e->line);
		fputs(d->file ? " " : "", to);
		fprintf(to, "%s%s\n", e->level == DIAG_NOTE ? "note: " : "", diag_escape(&mem, e->text));
	}
	arena_free(&mem);
}

/**
 * diag_free() - forget all
 * @d: what was found
 */
void diag_free(struct diag *d)
{
	free(d->entry);
	arena_free(&d->mem);
	*d = (struct diag){ .file = d->file };
}
