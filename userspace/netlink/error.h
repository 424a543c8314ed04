/* SPDX-License-Identifier: MIT */
/*
 * What went wrong with a request, as far as the kernel says it.
 */
#ifndef LW_NETLINK_ERROR_H
#define LW_NETLINK_ERROR_H

#include <stddef.h>

enum lw_error_kind {
	LW_ERR_NONE,
	LW_ERR_LOCAL,		/* ours: a socket, memory, a namespace; text says which */
	LW_ERR_KERNEL,		/* the kernel refused request number @request */
	LW_ERR_NO_MODULE,	/* the kernel does not know linkwire */
};

struct lw_error {
	enum lw_error_kind kind;
	int code;		/* errno, positive */
	int request;		/* which request of the batch, from 0; -1: none in particular */
	char text[256];		/* the kernel's extack, or our own words; may be empty */
	char attr[128];		/* the offending attribute by its way down the request, e.g. linkinfo.data.remote; or empty */
};

void lw_error_clear(struct lw_error *err);

/* Notes an error of our own; returns -@code, so that `return lw_error_local(...)` ends a function. @err may be NULL. */
int lw_error_local(struct lw_error *err, int code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/*
 * One line without a newline: "Invalid argument: TEXT (at linkinfo.data.remote)", or for LW_ERR_NO_MODULE
 * "the linkwire module is not loaded (modprobe linkwire)". Returns @buf.
 */
const char *lw_error_format(const struct lw_error *err, char *buf, size_t size);

#endif
