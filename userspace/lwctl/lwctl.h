/* SPDX-License-Identifier: MIT */
/*
 * What every command of lwctl is given, and its one way to fail.
 */
#ifndef LWCTL_H
#define LWCTL_H

#include <stdbool.h>

#include "lwctl/print.h"
#include "netlink/context.h"
#include "netlink/error.h"

/* exit status, and what every command returns */
enum {
	LWCTL_OK = 0,
	LWCTL_USAGE = 1,	/* bad input: nothing was asked of the kernel, or nothing of it stands */
	LWCTL_REFUSED = 2,	/* the kernel, or the system, refused */
	LWCTL_CHANGES = 3,	/* a plan that was asked to say so (-detailed-exitcode) would change something */
};

struct lwctl {
	struct printer out;		/* text or JSON to stdout: print.h */
	bool stats;			/* -s */
	bool details;			/* -d */
	bool force;			/* -force: a batch goes on after an error */
	bool stop;			/* a batch does not go on after this error, whatever -force says */
	const char *netns;		/* -n: the underlay namespace that we speak for; NULL: our own */
	struct lw_nl nl;		/* in that namespace: use lwctl_nl() */
	bool nl_open;
	bool keys_inline;		/* a batch from a private place: `key BASE64` is allowed */
	char keys_why[64];		/* in a batch: why it is not */
	bool stdin_taken;		/* standard input is the batch */
	const char *where_file;		/* batch file being executed, or NULL */
	unsigned int where_line;
	char command[48];		/* words that led to this command, for messages: "link add" */
};

/* A command gets the words after its own; it returns LWCTL_OK, LWCTL_USAGE or LWCTL_REFUSED. */
typedef int lwctl_fn(struct lwctl *ctl, int argc, char **argv);

/* A table of these, ended by a NULL name, is the command line. */
struct command {
	const char *name;
	lwctl_fn *fn;
	const char *help;	/* what follows the name, and behind a tab what it does; NULL: another spelling, not listed */
};

#define LWCTL_OBJECT "COMMAND ...\t"	/* so begins the help of one that has commands of its own, and helps with them */

/*
 * Calls the command of @table that argv[0] names, whole or by an unambiguous beginning. "help" there, with or without
 * a command behind it, or alone behind the command's name, prints what can be said; no word at all is argv[0] = "show"
 * where the table has that.
 * @object: the words before, as the user wrote them ("link"); "" for the outermost table.
 */
int lwctl_dispatch(struct lwctl *ctl, const struct command *table, const char *object, int argc, char **argv);

/* The objects: each a file. cmd_topo is the topology compiler's. */
lwctl_fn cmd_link, cmd_sa, cmd_rekey, cmd_monitor, cmd_stat, cmd_genkey, cmd_topo, cmd_address, cmd_machine;

extern const struct command lwctl_objects[];

/* Executes the lines of FILE, or of standard input ("-"), as they arrive. */
int lwctl_batch(struct lwctl *ctl, const char *file);

/* The context in ctl->netns, opened at the first call; NULL after a message (then return LWCTL_REFUSED). */
struct lw_nl *lwctl_nl(struct lwctl *ctl);

/*
 * The one way to fail: one line on stderr, "lwctl: [FILE:LINE: ]COMMAND: …" without a newline in @fmt; returns the exit
 * status, so that `return lwctl_usage(ctl, "bad port '%s'", word);` ends a command.
 */
int lwctl_usage(struct lwctl *ctl, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
int lwctl_refused(struct lwctl *ctl, const struct lw_error *err, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));	/* "…: " and the error's own line; @err may be NULL */
/* What takes a while, on a terminal only. */
void lwctl_progress(struct lwctl *ctl, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void lwctl_warn(struct lwctl *ctl, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
