// SPDX-License-Identifier: MIT
/*
 * lwctl: the command line. Options here, then an object of the table, each in a file of its own name.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "lwctl/lwctl.h"
#include "lwctl/version.h"

/* Keys pass through this process: no core file, no debugger of the same user. */
static void keep_to_ourselves(void)
{
	const struct rlimit none = { 0 };

	(void)setrlimit(RLIMIT_CORE, &none);
#ifndef __SANITIZE_ADDRESS__	/* whose search for leaks is a debugger */
	(void)prctl(PR_SET_DUMPABLE, 0);
#endif
}

/*
 * What is opened must not become standard input or output because that was closed: what we print would go into it.
 * Each is opened the wrong way round, so that its use fails as it would have.
 */
static void fill_closed(void)
{
	int fd;

	for (fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd)
			_exit(LWCTL_REFUSED);
}

static void help(void)
{
	const struct command *c;

	printf("Usage: lwctl [OPTIONS] OBJECT COMMAND ...\n"
	       "       lwctl [OPTIONS] -batch {FILE|-}\n"
	       "Objects (`lwctl OBJECT help' says more):\n");
	for (c = lwctl_objects; c->name; c++)
		if (c->help)
			printf("  %-8s %s\n", c->name, strchr(c->help, '\t') ? strchr(c->help, '\t') + 1 : c->help);
	printf("Options:\n"
	       "  -j, -json          JSON\n"
	       "  -p, -pretty        JSON in lines\n"
	       "  -s, -statistics    counters\n"
	       "  -d, -details       all there is\n"
	       "  -c, -color[=always|auto|never]\n"
	       "  -n, -netns NAME    speak for the underlay namespace NAME\n"
	       "  -b, -batch FILE    execute the lines of FILE (-: standard input) as they arrive\n"
	       "  -force             a batch goes on after a line that failed\n"
	       "  -V, -Version\n");
}

static bool is(const char *word, const char *brief, const char *whole)
{
	return !strcmp(word, brief) || !strcmp(word, whole);
}

static int parse_color(struct lwctl *ctl, const char *when)
{
	if (!*when || !strcmp(when, "=always"))
		ctl->out.color = true;
	else if (!strcmp(when, "=auto"))
		ctl->out.color = isatty(STDOUT_FILENO);
	else if (!strcmp(when, "=never"))
		ctl->out.color = false;
	else
		return lwctl_usage(ctl, "bad colour '%.64s': always, auto or never", when[0] == '=' ? when + 1 : when);
	return LWCTL_OK;
}

/* One option; *used: how many words it took. */
static int parse_option(struct lwctl *ctl, int argc, char **argv, const char **batch, int *used)
{
	const char *word = argv[0] + 1;

	if (*word == '-')
		word++;		/* --json is -json */
	*used = 1;
	if (is(word, "j", "json")) {
		ctl->out.json = true;
	} else if (is(word, "p", "pretty")) {
		ctl->out.pretty = true;
	} else if (is(word, "s", "statistics") || !strcmp(word, "stats")) {
		ctl->stats = true;
	} else if (is(word, "d", "details")) {
		ctl->details = true;
	} else if (!strcmp(word, "force")) {
		ctl->force = true;
	} else if (!strncmp(word, "color", 5)) {
		return parse_color(ctl, word + 5);
	} else if (word[0] == 'c' && (!word[1] || word[1] == '=')) {
		return parse_color(ctl, word + 1);
	} else if (is(word, "n", "netns") || is(word, "b", "batch")) {
		if (argc < 2)
			return lwctl_usage(ctl, "'%s' needs a value", argv[0]);
		*(word[0] == 'n' ? &ctl->netns : batch) = argv[1];
		*used = 2;
	} else {
		return lwctl_usage(ctl, "unknown option '%.64s': `lwctl help' lists them", argv[0]);
	}
	return LWCTL_OK;
}

static int run(struct lwctl *ctl, int argc, char **argv)
{
	const char *batch = NULL;
	int used, ret;

	for (argc--, argv++; argc && argv[0][0] == '-' && argv[0][1]; argc -= used, argv += used) {
		if (is(argv[0], "-V", "-Version") || !strcmp(argv[0], "--version")) {
			printf("lwctl %s\n", LINKWIRE_VERSION);
			return LWCTL_OK;
		}
		if (is(argv[0], "-h", "-help") || !strcmp(argv[0], "--help")) {
			help();
			return LWCTL_OK;
		}
		ret = parse_option(ctl, argc, argv, &batch, &used);
		if (ret)
			return ret;
	}
	if (batch)
		return argc ? lwctl_usage(ctl, "unexpected '%.64s' behind -batch", argv[0]) : lwctl_batch(ctl, batch);
	if (!argc) {
		help();
		return lwctl_usage(ctl, "an object is missing");
	}
	if (!strcmp(argv[0], "help") && argc == 1) {
		help();
		return LWCTL_OK;
	}
	return lwctl_dispatch(ctl, lwctl_objects, "", argc, argv);
}

int main(int argc, char **argv)
{
	static char out[64 * 1024];		/* what a pipe takes at once */
	struct lwctl ctl = { .out = { .file = stdout } };
	int ret;

	fill_closed();
	if (!isatty(STDOUT_FILENO))
		setvbuf(stdout, out, _IOFBF, sizeof(out));
	keep_to_ourselves();
	signal(SIGCHLD, SIG_DFL);	/* where it was ignored, nobody would know how a program of ours ended */
	ret = run(&ctl, argc, argv);
	if (ctl.nl_open)
		lw_nl_close(&ctl.nl);
	if (fflush(stdout) || ferror(stdout)) {
		if (errno != EPIPE)
			lwctl_refused(&ctl, NULL, "standard output: %s", strerror(errno));
		if (!ret)
			ret = LWCTL_REFUSED;
	}
	return ret;
}
