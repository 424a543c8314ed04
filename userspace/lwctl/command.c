// SPDX-License-Identifier: MIT
#include "lwctl/lwctl.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void complain(const struct lwctl *ctl, const char *kind, const char *fmt, va_list args, const char *why)
{
	char where[300] = "", text[1024], line[2048], shown[4096];
	int len;

	if (ctl->where_file)
		snprintf(where, sizeof(where), "%.256s:%u: ", ctl->where_file, ctl->where_line);
	vsnprintf(text, sizeof(text), fmt, args);
	len = snprintf(line, sizeof(line), "%s%s%s%s%s%s%s", where, ctl->command, ctl->command[0] ? ": " : "", kind,
		       text, text[0] && why[0] ? ": " : "", why);
	/* words of the user's, or of a file: one line whatever they are, and nothing that drives the terminal */
	print_escape(shown, sizeof(shown), line, (size_t)len);
	fflush(stdout);
	/* one write, so that lines of several processes do not mix */
	fprintf(stderr, "lwctl: %s\n", shown);
}

int lwctl_usage(struct lwctl *ctl, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	complain(ctl, "", fmt, args, "");
	va_end(args);
	return LWCTL_USAGE;
}

int lwctl_refused(struct lwctl *ctl, const struct lw_error *err, const char *fmt, ...)
{
	char why[512] = "";
	va_list args;

	if (err)
		lw_error_format(err, why, sizeof(why));
	if (err && err->kind == LW_ERR_NO_MODULE) {
		/* nothing about this command: no other would fare better */
		fflush(stdout);
		fprintf(stderr, "lwctl: %s\n", why);
		return LWCTL_REFUSED;
	}
	va_start(args, fmt);
	complain(ctl, "", fmt, args, why);
	va_end(args);
	return LWCTL_REFUSED;
}

void lwctl_warn(struct lwctl *ctl, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	complain(ctl, "warning: ", fmt, args, "");
	va_end(args);
}

void lwctl_progress(struct lwctl *ctl, const char *fmt, ...)
{
	va_list args;

	if (!isatty(STDERR_FILENO))
		return;
	va_start(args, fmt);
	complain(ctl, "", fmt, args, "");
	va_end(args);
}

struct lw_nl *lwctl_nl(struct lwctl *ctl)
{
	struct lw_error err;

	if (ctl->nl_open)
		return &ctl->nl;
	if (lw_nl_open_name(&ctl->nl, ctl->netns, &err) < 0) {
		lwctl_refused(ctl, &err, "%s", "");
		return NULL;
	}
	ctl->nl_open = true;
	return &ctl->nl;
}

static void print_help(const struct command *table, const struct command *only, const char *object)
{
	const struct command *c;

	if (!only)
		printf("Usage: lwctl [OPTIONS] %s%s%s\n", object, *object ? " " : "",
		       *object ? "COMMAND ..." : "OBJECT COMMAND ...");
	for (c = table; c->name; c++) {
		const char *tab;

		if (!c->help || (only && c != only))
			continue;
		tab = strchr(c->help, '\t');
		printf("  lwctl %s%s%s%s%.*s\n", object, *object ? " " : "", c->name, *c->help == '\t' ? "" : " ",
		       (int)(tab ? tab - c->help : (long)strlen(c->help)), c->help);
		if (tab)
			printf("        %s\n", tab + 1);
	}
}

static const struct command *find(const struct command *table, const char *word, bool *ambiguous)
{
	const struct command *c, *found = NULL;

	*ambiguous = false;
	for (c = table; c->name; c++)
		if (!strcmp(c->name, word))
			return c;
	for (c = table; c->name && *word; c++) {
		if (strncmp(c->name, word, strlen(word)))
			continue;
		if (!found)
			found = c;
		else if (c->fn != found->fn)
			*ambiguous = true;
	}
	return *ambiguous ? NULL : found;
}

/* what another spelling is listed as */
static const struct command *listed(const struct command *table, const struct command *found)
{
	const struct command *c = found->help ? found : table;

	while (c->fn != found->fn || !c->help)
		c++;
	return c;
}

static bool is_help(const char *word)
{
	return !strcmp(word, "help") || !strcmp(word, "-h") || !strcmp(word, "-help") || !strcmp(word, "--help");
}

/* the command that a word is for, as it is listed; NULL after a message */
static const struct command *meant(struct lwctl *ctl, const struct command *table, const char *object, const char *word)
{
	bool ambiguous;
	const struct command *c = find(table, word, &ambiguous);

	if (c)
		return listed(table, c);
	lwctl_usage(ctl, "%s '%.64s': `lwctl %s%shelp' lists them",
		    ambiguous ? "several commands begin with" : "unknown command", word, object, *object ? " " : "");
	return NULL;
}

static bool has_commands(const struct command *c)
{
	return !strncmp(c->help, LWCTL_OBJECT, strlen(LWCTL_OBJECT));
}

/* `help', `help link', `help link add': argv[0] is the help */
static int help(struct lwctl *ctl, const struct command *table, const char *object, int argc, char **argv)
{
	const struct command *c;

	if (argc == 1) {
		print_help(table, NULL, object);
		return LWCTL_OK;
	}
	c = meant(ctl, table, object, argv[1]);
	if (!c)
		return LWCTL_USAGE;
	if (has_commands(c)) {
		argv[1] = argv[0];
		return c->fn(ctl, argc - 1, argv + 1);
	}
	if (argc > 2)
		return lwctl_usage(ctl, "unexpected '%.64s' behind 'help'", argv[2]);
	print_help(table, c, object);
	return LWCTL_OK;
}

int lwctl_dispatch(struct lwctl *ctl, const struct command *table, const char *object, int argc, char **argv)
{
	static char show[] = "show";
	char *none[] = { show, NULL };
	const struct command *c;
	bool ambiguous;

	snprintf(ctl->command, sizeof(ctl->command), "%s", object);
	if (!argc) {
		c = find(table, show, &ambiguous);
		if (!c)
			return lwctl_usage(ctl, "a command is missing: `lwctl %s%shelp' lists them", object,
					   *object ? " " : "");
		argc = 1;
		argv = none;
	}
	if (is_help(argv[0]))
		return help(ctl, table, object, argc, argv);
	c = meant(ctl, table, object, argv[0]);
	if (!c)
		return LWCTL_USAGE;
	/* whoever has commands of its own says what they are */
	if (argc == 2 && is_help(argv[1]) && !has_commands(c)) {
		print_help(table, c, object);
		return LWCTL_OK;
	}
	snprintf(ctl->command, sizeof(ctl->command), "%s%s%s", object, *object ? " " : "", c->name);
	return c->fn(ctl, argc - 1, argv + 1);
}
