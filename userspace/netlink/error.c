// SPDX-License-Identifier: MIT
#include "netlink/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void lw_error_clear(struct lw_error *err)
{
	if (!err)
		return;
	*err = (struct lw_error){ .request = -1 };
}

int lw_error_local(struct lw_error *err, int code, const char *fmt, ...)
{
	va_list args;

	if (!err)
		return -code;
	lw_error_clear(err);
	err->kind = LW_ERR_LOCAL;
	err->code = code;
	va_start(args, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, args);
	va_end(args);
	return -code;
}

const char *lw_error_format(const struct lw_error *err, char *buf, size_t size)
{
	const char *text = err->text, *at = err->attr;

	if (err->kind == LW_ERR_NO_MODULE) {
		snprintf(buf, size, "the linkwire module is not loaded (modprobe linkwire)");
		return buf;
	}
	/* our own words come first and say what was tried, the kernel's come last and say why not */
	if (err->kind == LW_ERR_LOCAL)
		snprintf(buf, size, "%s%s%s", text, text[0] && err->code ? ": " : "",
			 err->code ? strerror(err->code) : "");
	else
		snprintf(buf, size, "%s%s%s%s%s%s", strerror(err->code), text[0] ? ": " : "", text,
			 at[0] ? " (at " : "", at, at[0] ? ")" : "");
	return buf;
}
