// SPDX-License-Identifier: MIT
#include "netlink/nft.h"

#include <errno.h>
#include <fcntl.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "netlink/netns.h"
#include "netlink/values.h"

#define COMMENT_TYPE 0		/* of a rule's user data, as libnftnl has it */
#define COMMENT_MAX 256

extern char **environ;

static int spawn(const char *path, int in, int out, pid_t *pid)
{
	/* not "-": nft makes /dev/stdin of it, which not every /dev has */
	char *const argv[] = { "nft", "-j", "-f", "/proc/self/fd/0", NULL };
	posix_spawn_file_actions_t actions;
	int ret = posix_spawn_file_actions_init(&actions);

	if (ret)
		return -ret;
	ret = posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO) ?:
	      posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO) ?:
	      posix_spawn_file_actions_adddup2(&actions, out, STDERR_FILENO) ?:
	      posix_spawnp(pid, path, &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	return -ret;
}

static int start(int in, int out, pid_t *pid)
{
	int ret = spawn("nft", in, out, pid);

	ret = ret == -ENOENT ? spawn("/usr/sbin/nft", in, out, pid) : ret;
	return ret == -ENOENT ? spawn("/sbin/nft", in, out, pid) : ret;
}

/* the first line that says anything */
static int failed(int out, struct lw_error *err)
{
	char text[240];
	ssize_t n = pread(out, text, sizeof(text) - 1, 0);
	char *line = text, *end;

	text[n > 0 ? n : 0] = '\0';
	line += strspn(line, "\n ");
	end = strchr(line, '\n');
	if (end)
		*end = '\0';
	return lw_error_local(err, EINVAL, "nft: %s", line);
}

int lw_nft_run(int netns_fd, const char *json, size_t len, struct lw_error *err)
{
	int in = memfd_create("nft", MFD_CLOEXEC), out = memfd_create("nft", MFD_CLOEXEC);
	int saved = -1, status = 0, ret = -ENOMEM;
	pid_t pid = -1;

	lw_error_clear(err);
	if (in < 0 || out < 0 || pwrite(in, json, len, 0) != (ssize_t)len) {
		ret = lw_error_local(err, errno, "nft");
		goto out;
	}
	if (netns_fd >= 0) {
		ret = lw_netns_enter(netns_fd, &saved, err);
		if (ret)
			goto out;
	}
	ret = start(in, out, &pid);
	if (netns_fd >= 0)
		lw_netns_leave(saved);
	if (ret == -ENOENT) {
		lw_error_local(err, ENOENT, "the program nft (Debian: apt install nftables)");
		goto out;
	}
	if (ret) {
		lw_error_local(err, -ret, "nft");
		goto out;
	}
	while ((ret = waitpid(pid, &status, 0)) < 0 && errno == EINTR)
		;
	if (ret < 0)	/* whoever took its status away: it may have failed */
		ret = lw_error_local(err, errno, "nft");
	else
		ret = WIFEXITED(status) && !WEXITSTATUS(status) ? 0 : failed(out, err);
out:
	if (in >= 0)
		close(in);
	if (out >= 0)
		close(out);
	return ret;
}

static struct nlmsghdr *begin(struct lw_batch *b, uint16_t type)
{
	struct nlmsghdr *nlh = lw_batch_begin(b, (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | type), NLM_F_DUMP);
	struct nfgenmsg *nfg;

	if (!nlh)
		return NULL;
	nfg = mnl_nlmsg_put_extra_header(nlh, sizeof(*nfg));
	nfg->nfgen_family = NFPROTO_INET;
	nfg->version = NFNETLINK_V0;
	return nlh;
}

static void get_comment(const struct nlattr *a, char comment[COMMENT_MAX])
{
	const uint8_t *data = mnl_attr_get_payload(a), *end = data + mnl_attr_get_payload_len(a);

	for (; end - data >= 2 && data + 2 + data[1] <= end; data += 2 + data[1])
		if (data[0] == COMMENT_TYPE) {
			memcpy(comment, data + 2, data[1]);
			comment[data[1]] = '\0';
		}
}

static int take_rule(const struct nlmsghdr *nlh, unsigned int i, void *arg)
{
	const struct lw_nft_reader *r = arg;
	char chain[NFT_NAME_MAXLEN] = "", comment[COMMENT_MAX] = "";
	const struct nlattr *a;

	(void)i;
	if (nlh->nlmsg_type != (NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWRULE))
		return 0;
	mnl_attr_for_each(a, nlh, sizeof(struct nfgenmsg)) {
		if (mnl_attr_get_type(a) == NFTA_RULE_CHAIN)
			lw_get_string(a, chain, sizeof(chain));
		else if (mnl_attr_get_type(a) == NFTA_RULE_USERDATA)
			get_comment(a, comment);
	}
	return r->rule ? r->rule(chain, comment, r->arg) : 0;
}

/* two addresses of one family, one behind the other */
static int take_key(const struct nlattr *key, const struct lw_nft_reader *r)
{
	struct lw_addr from = { 0 }, to = { 0 };
	const struct nlattr *a;

	mnl_attr_for_each_nested(a, key) {
		const uint8_t *bytes = mnl_attr_get_payload(a);
		unsigned int size = mnl_attr_get_payload_len(a) / 2;

		if (mnl_attr_get_type(a) != NFTA_DATA_VALUE || lw_addr_from_bytes(&from, bytes, size) ||
		    lw_addr_from_bytes(&to, bytes + size, size))
			continue;
		return r->pair ? r->pair(&from, &to, r->arg) : 0;
	}
	return 0;
}

static int take_elements(const struct nlmsghdr *nlh, unsigned int i, void *arg)
{
	const struct nlattr *a, *element, *part;
	int ret = 0;

	(void)i;
	if (nlh->nlmsg_type != (NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWSETELEM))
		return 0;
	mnl_attr_for_each(a, nlh, sizeof(struct nfgenmsg)) {
		if (mnl_attr_get_type(a) != NFTA_SET_ELEM_LIST_ELEMENTS)
			continue;
		mnl_attr_for_each_nested(element, a)
			mnl_attr_for_each_nested(part, element)
				if (mnl_attr_get_type(part) == NFTA_SET_ELEM_KEY && !ret)
					ret = take_key(part, arg);
	}
	return ret;
}

static int dump(struct lw_nl *nl, uint16_t type, const char *table, const char *set, lw_reply_fn *fn,
		const struct lw_nft_reader *r, struct lw_error *err)
{
	struct nlmsghdr *nlh;
	struct lw_batch b;
	int ret;

	lw_batch_init(&b, NETLINK_NETFILTER);
	nlh = begin(&b, type);
	if (nlh && set) {
		lw_put_string(nlh, NFTA_SET_ELEM_LIST_TABLE, table);
		lw_put_string(nlh, NFTA_SET_ELEM_LIST_SET, set);
	} else if (nlh) {
		lw_put_string(nlh, NFTA_RULE_TABLE, table);
	}
	lw_batch_end(&b, nlh);
	ret = lw_batch_dump(nl, &b, fn, (void *)r, err);
	lw_batch_free(&b);
	return ret;
}

/* nfnetlink's word for a subsystem that there is no module of is EINVAL */
static int no_nftables(int ret)
{
	return ret == -EPROTONOSUPPORT || ret == -EINVAL ? -EOPNOTSUPP : ret;
}

int lw_nft_read(int netns_fd, const char *table, const char *const *sets, const struct lw_nft_reader *r,
		struct lw_error *err)
{
	struct lw_nl nl;
	int ret = lw_nl_open_netfilter(&nl, netns_fd, err);

	if (ret)
		return no_nftables(ret);
	ret = no_nftables(dump(&nl, NFT_MSG_GETRULE, table, NULL, take_rule, r, err));
	for (; *sets && !ret; sets++) {
		ret = dump(&nl, NFT_MSG_GETSETELEM, table, *sets, take_elements, r, err);
		ret = ret == -ENOENT ? 0 : ret;
	}
	lw_nl_close(&nl);
	return ret == -ENOENT ? 0 : ret;
}
