// SPDX-License-Identifier: MIT
/*
 * Bad command lines: each is refused with one line that has the offending word, exit status 1, before the kernel is
 * asked anything (none of these has a netlink socket, let alone the module).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lwctl/batch.h"
#include "lwctl/lwctl.h"
#include "tests/capture.h"

static struct capture capture;

static const struct {
	const char *line, *said;
} cases[] = {
	{ "frobnicate", "unknown command 'frobnicate'" },
	{ "link frobnicate", "unknown command 'frobnicate'" },
	{ "sa frobnicate lw0", "unknown command 'frobnicate'" },
	{ "link s", "several commands begin with 's'" },
	{ "fr\nob\033[31m", "unknown command 'fr\\x0aob\\x1b[31m'" },

	{ "link add", "the name of the new device is missing" },
	{ "link add sixteen-bytes-xx encap vxlan remote 192.0.2.1", "bad name 'sixteen-bytes-xx'" },
	{ "link add a/b encap vxlan remote 192.0.2.1", "bad name 'a/b'" },
	{ "link add lw0", "'encap' is missing" },
	{ "link add lw0 encap", "'encap' needs a value" },
	{ "link add lw0 encap gre remote 192.0.2.1", "unknown encap 'gre'" },
	{ "link add lw0 encap vxlan", "'remote' is missing" },
	{ "link add lw0 encap vxlan remote 192.0.2", "bad remote '192.0.2'" },
	{ "link add lw0 encap vxlan remote peer.example", "bad remote 'peer.example'" },
	{ "link add lw0 encap vxlan remote 192.0.2.1 local fe80::1%eth0", "bad local 'fe80::1%eth0'" },
	{ "link add lw0 encap vxlan remote 192.0.2.1 local 2001:db8::1",
	  "local 2001:db8::1 and remote 192.0.2.1 are of different families" },
	{ "link add lw0 encap vxlan remote 192.0.2.1 mode l4", "unknown mode 'l4'" },
	{ "link add lw0 encap vxlan remote 192.0.2.1 port 0", "bad port '0'" },
	{ "link add lw0 encap vxlan remote 192.0.2.1 port 65536", "bad port '65536'" },
	{ "link add lw0 encap vxlan remote 192.0.2.1 port http", "bad port 'http'" },
	{ "link add lw0 encap vxlan remote 192.0.2.1 remote-port -1", "bad remote-port '-1'" },
	{ "link add lw0 encap vxlan remote 192.0.2.1 src-port 0", "bad src-port '0'" },
	{ "link add lw0 encap vxlan remote 192.0.2.1 src-port any", "bad src-port 'any'" },
	{ "link add lw0 encap vxlan remote 192.0.2.1 dev a:b", "bad dev 'a:b'" },
	{ "link add lw0 encap vxlan remote 192.0.2.1 fwmark 0x100000000", "bad fwmark '0x100000000'" },
	{ "link add lw0 encap vxlan remote 192.0.2.1 ttl 0", "bad ttl '0'" },
	{ "link add lw0 encap vxlan remote 192.0.2.1 ttl 256", "bad ttl '256'" },
	{ "link add lw0 encap vxlan remote 192.0.2.1 dscp 64", "bad dscp '64'" },
	{ "link add lw0 encap vxlan remote 192.0.2.1 dscp ef", "bad dscp 'ef'" },
	{ "link add lw0 encap vxlan remote 192.0.2.1 roam yes", "bad roam 'yes'" },
	{ "link add lw0 encap vxlan remote 192.0.2.1 hold 1s", "bad hold '1s'" },
	{ "link add lw0 encap vxlan remote 192.0.2.1 label "
	  "x1234567890123456789012345678901234567890123456789012345678901234", "is too long: at most 64 bytes" },
	{ "link add lw0 encap vxlan remote 192.0.2.1 id 0", "bad id '0'" },
	{ "link add lw0 encap vxlan remote 192.0.2.1 mtu big", "bad mtu 'big'" },
	{ "link add lw0 encap vxlan remote 192.0.2.1 address 02:00", "bad address '02:00'" },
	{ "link add lw0 encap ipip remote 192.0.2.1 address 02:00:00:00:00:01", "'address' is for l2 wires" },
	{ "link add lw0 encap vxlan remote 192.0.2.1 netns ../x", "bad netns '../x'" },
	{ "link add lw0 encap vxlan remote 192.0.2.1 ttl 5 ttl 6", "'ttl' is given twice" },
	{ "link add lw0 encap vxlan remote 192.0.2.1 remote 192.0.2.2", "'remote' is given twice" },
	{ "link add lw0 encap vxlan remote 192.0.2.1 colour red", "unknown option 'colour'" },
	{ "link add lw0 encap vxlan remote 192.0.2.1 cipher aes-256-gcm", "unknown option 'cipher'" },

	{ "link set", "a wire is missing" },
	{ "link set lw0", "nothing to change" },
	{ "link set lw0 encap ipip", "'encap' cannot be changed" },
	{ "link set lw0 mode l3", "'mode' cannot be changed" },
	{ "link set lw0 id 5", "'id' cannot be changed" },
	{ "link set id x ttl 5", "bad id 'x'" },
	{ "link set lw0 up", "'up' is the device's: `ip link set' changes it" },
	{ "link set lw0 mtu 1400", "'mtu' is the device's" },
	{ "link set lw0 netns x", "'netns' is the device's" },
	{ "link delete", "a wire is missing" },
	{ "link delete lw0 a/b", "bad name 'a/b'" },
	{ "link show lw0 lw1", "unexpected 'lw1'" },

	{ "sa add", "a wire is missing" },
	{ "sa add lw0", "the direction is missing" },
	{ "sa add lw0 both", "unknown direction 'both'" },
	{ "sa add lw0 rx", "'cipher' is missing" },
	{ "sa add lw0 rx cipher aes-128-cbc", "unknown cipher 'aes-128-cbc'" },
	{ "sa add lw0 rx cipher aes-128-gcm", "'key-file' is missing" },
	{ "sa add lw0 rx cipher aes-128-gcm key-file", "'key-file' needs a value" },
	{ "sa add lw0 rx cipher aes-128-gcm key-file /nonexistent", "key file '/nonexistent': No such file" },
	{ "sa add lw0 tx cipher aes-128-gcm key-file /nonexistent", "'tag' is missing" },
	{ "sa add lw0 rx tag 0x1000000 cipher aes-128-gcm key-file x", "bad tag '0x1000000'" },
	{ "sa add lw0 rx tag -1 cipher aes-128-gcm key-file x", "bad tag '-1'" },
	{ "sa add lw0 rx lanes 257", "bad lanes '257'" },
	{ "sa add lw0 tx lanes 0", "bad lanes '0'" },
	{ "sa add lw0 tx lanes 2 lanes 2", "'lanes' is given twice" },
	{ "sa add lw0 tx lanes 256 cipher aes-128-gcm key-file x", "'tag' is missing" },
	{ "sa add lw0 tx csum 1", "bad csum '1'" },
	{ "sa add lw0 tx csum full csum partial", "'csum' is given twice" },
	{ "sa add lw0 rx csum full", "'csum' is for tx only" },
	{ "sa add lw0 rx csum", "'csum' needs a value" },
	{ "sa add lw0 rx start 5", "'start' is for tx only" },
	{ "sa add lw0 rx soft-packets 0", "bad soft-packets '0'" },
	{ "sa add lw0 rx hard-bytes 1k", "bad hard-bytes '1k'" },
	{ "sa add lw0 rx hard-seconds 18446744073709551616", "bad hard-seconds '18446744073709551616'" },
	{ "sa add lw0 rx soft-bytes 1 soft-bytes 2", "'soft-bytes' is given twice" },
	{ "sa add lw0 rx tag 1 tag 2", "'tag' is given twice" },
	{ "sa add lw0 rx key-file a key-file b", "one key, please" },
	{ "sa add lw0 rx frob 1", "unknown option 'frob'" },
	{ "sa delete lw0", "the direction is missing" },
	{ "sa delete lw0 rx tag", "'tag' needs a value" },
	{ "sa delete lw0 rx tag x", "bad tag 'x'" },
	{ "sa delete lw0 rx 5", "unexpected '5'" },

	{ "rekey", "a wire is missing" },
	{ "rekey lw0", "'peer' or 'remote-name' is missing" },
	{ "rekey lw0 peer", "a wire is missing" },
	{ "rekey lw0 peer lw1 peer lw2", "one peer, please" },
	{ "rekey lw0 peer lw1 remote-name lw1", "one peer, please" },
	{ "rekey lw0 remote-name lw1 peer-netns x", "'peer-netns' is for a peer on this machine" },
	{ "rekey lw0 peer lw1 grace soon", "bad grace 'soon'" },
	{ "rekey lw0 peer lw1 cipher rot13", "unknown cipher 'rot13'" },
	{ "rekey lw0 peer lw1 frob", "unknown option 'frob'" },
	{ "rekey lw0 peer lw1 grace 1 grace 2", "'grace' is given twice" },
	{ "rekey lw0 peer lw1 cipher aes-128-gcm cipher aes-256-gcm", "'cipher' is given twice" },
	{ "rekey lw0 peer lw1 lanes 257", "bad lanes '257'" },
	{ "rekey lw0 peer lw1 lanes 2 lanes 2", "'lanes' is given twice" },
	{ "rekey lw0 remote-name lw1 csum off", "bad csum 'off'" },
	{ "rekey lw0 peer lw1 csum full csum full", "'csum' is given twice" },
	{ "rekey lw0 peer lw1 timeout 3", "'timeout' is for a peer on another machine" },
	{ "rekey lw0 remote-id x", "bad id 'x'" },

	{ "genkey rot13", "unknown cipher 'rot13'" },
	{ "genkey aes-128-gcm /nonexistent/dir/key", "No such file" },
	{ "genkey aes-128-gcm x y", "unexpected 'y'" },
	{ "help frob", "unknown command 'frob'" },
	{ "help genkey aes-128-gcm", "unexpected 'aes-128-gcm' behind 'help'" },
	{ "help link set lw0 label", "link: unexpected 'lw0' behind 'help'" },
	{ "stat a/b", "bad name 'a/b'" },
	{ "stat underlay lw0", "unexpected 'lw0'" },
	{ "monitor lw0", "unexpected 'lw0'" },
};

static void each_says_what_is_wrong(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct lwctl ctl = { .out = { .file = stdout } };
		char line[512], *words[64];
		const char *said;
		int n, ret;

		strcpy(line, cases[i].line);
		n = batch_split(line, words, 63);
		assert_true(n > 0);
		capture_begin(&capture, stderr);
		ret = lwctl_dispatch(&ctl, lwctl_objects, "", n, words);
		said = capture_end(&capture);
		if (ret != LWCTL_USAGE || strncmp(said, "lwctl: ", 7) || !strstr(said, cases[i].said) ||
		    strchr(said, '\n') != said + strlen(said) - 1)
			fail_msg("`%s': status %d, said '%s', not '%s'", cases[i].line, ret, said, cases[i].said);
		assert_false(ctl.nl_open);
	}
}

/* A key that somebody gives on the command line is refused, and does not come back in the message. */
static void keys_in_argv_are_refused_and_not_shown(void **state)
{
	static const char key[] = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM=";	/* 20 bytes */
	static const char *const lines[] = {
		"sa add lw0 rx cipher aes-128-gcm key %s",
		"sa add lw0 rx cipher aes-128-gcm key-file %s",
	};
	size_t i;

	(void)state;
	for (i = 0; i < 2; i++) {
		struct lwctl ctl = { .out = { .file = stdout } };
		char line[512], *words[64];
		const char *said;
		int n, ret;

		snprintf(line, sizeof(line), lines[i], key);
		n = batch_split(line, words, 63);
		capture_begin(&capture, stderr);
		ret = lwctl_dispatch(&ctl, lwctl_objects, "", n, words);
		said = capture_end(&capture);
		assert_int_equal(ret, LWCTL_USAGE);
		assert_null(strstr(said, "MDEyMzQ1"));
		if (i == 0)	/* wiped, so that it is not to be seen in /proc for longer than need be */
			assert_null(memmem(line, sizeof(line), "MDEyMzQ1", 8));
	}
}

static void help_is_no_error(void **state)
{
	static const char *const lines[] = { "link help", "link add help", "sa help", "rekey help", "stat help",
					     "genkey help", "monitor help", "topo help", "rekey --help", "stat -h",
					     "link ls help", "sa l -help", "topo apply --help", "help",
					     "help link", "help link ls", "help genkey", "link help add" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct lwctl ctl = { .out = { .file = stdout } };
		char line[64], *words[8];
		const char *said;
		int n, ret;

		strcpy(line, lines[i]);
		n = batch_split(line, words, 7);
		capture_begin(&capture, stdout);
		ret = lwctl_dispatch(&ctl, lwctl_objects, "", n, words);
		said = capture_end(&capture);
		assert_int_equal(ret, LWCTL_OK);
		if (!strstr(said, "lwctl "))
			fail_msg("`%s' said '%s'", lines[i], said);
	}
}

/* Words at random: refused or not, nothing may read or write where it should not (the sanitizers would say so). */
static void random_words_do_no_harm(void **state)
{
	static const char *const pool[] = {
		"link", "sa", "rekey", "genkey", "stat", "add", "set", "del", "id", "dev", "lw0", "a/b", "rx", "tx", "tag",
		"0x123456", "cipher", "aes-128-gcm", "encap", "vxlan", "ipip", "mode", "l2", "local", "remote",
		"192.0.2.1", "::1", "port", "1", "0", "-1", "ttl", "inherit", "key-file", "/nonexistent", "peer", "label",
		"", "x", "grace", "netns", "up", "99999999999999999999", "lanes", "csum", "full", "hold", "\xff\xfe",
		"a-word-that-is-much-longer-than-anything-that-is-asked-for-anywhere-in-the-whole-of-the-grammar-of-it",
	};
	unsigned int round, i;

	(void)state;
	srandom(2);
	for (round = 0; round < 3000; round++) {
		struct lwctl ctl = { .out = { .file = stdout }, .netns = "no such namespace" };
		char text[24][128], *words[25];
		unsigned int n = 1 + (unsigned int)random() % 23;
		int ret;

		for (i = 0; i < n; i++) {
			strcpy(text[i], pool[(size_t)random() % (sizeof(pool) / sizeof(pool[0]))]);
			words[i] = text[i];
		}
		words[n] = NULL;
		if (!strcmp(text[0], "genkey"))
			continue;	/* would make files */
		capture_begin(&capture, stderr);
		ret = lwctl_dispatch(&ctl, lwctl_objects, "", (int)n, words);
		capture_end(&capture);
		assert_true(ret == LWCTL_USAGE || ret == LWCTL_REFUSED);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_says_what_is_wrong),
		cmocka_unit_test(keys_in_argv_are_refused_and_not_shown),
		cmocka_unit_test(help_is_no_error),
		cmocka_unit_test(random_words_do_no_harm),
	};

	return cmocka_run_group_tests_name("refusals", tests, NULL, NULL);
}
