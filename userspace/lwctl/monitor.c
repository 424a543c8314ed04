// SPDX-License-Identifier: MIT
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>

#include "lwctl/args.h"
#include "netlink/event.h"
#include "netlink/words.h"

static void show_time(struct printer *p)
{
	struct timeval now;
	struct tm tm;
	char text[64];
	size_t len;

	gettimeofday(&now, NULL);
	gmtime_r(&now.tv_sec, &tm);
	len = strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(text + len, sizeof(text) - len, ".%06ldZ", (long)now.tv_usec);
	print_string(p, "time", "%s ", COLOR_NONE, text);
}

static int show_event(const struct lw_event *event, void *arg)
{
	const char *dir = lw_dir_name(event->sa.dir), *state = lw_sa_state_name(event->sa.state);
	struct lwctl *ctl = arg;
	struct printer *p = &ctl->out;
	char addr[LW_ADDR_STRLEN];

	print_open_object(p, NULL);
	if (p->json || ctl->details)
		show_time(p);
	print_string(p, "event", "%s", COLOR_NONE, lw_event_name(event->cmd));
	print_u64(p, "id", " id %llu", event->id);
	if (event->name[0])
		print_string(p, "ifname", " %s", COLOR_NAME, event->name);
	if (event->has_sa) {
		if (dir)
			print_string(p, "dir", " %s", COLOR_NONE, dir);
		if (event->sa.has & LW_HAS(LINKWIRE_A_SA_TAG))
			print_u64(p, "tag", " tag 0x%06llx", event->sa.tag);
		if (state)
			print_string(p, "state", " state %s",
				     event->sa.state == LINKWIRE_SA_ACTIVE ? COLOR_GOOD : COLOR_BAD, state);
	}
	if (event->spec.has & LW_HAS(IFLA_LINKWIRE_REMOTE))
		print_string(p, "remote", " remote %s", COLOR_ADDR, lw_addr_format(&event->spec.remote, addr));
	if (event->spec.has & LW_HAS(IFLA_LINKWIRE_REMOTE_PORT))
		print_u64(p, "remote_port", " remote-port %llu", event->spec.remote_port);
	if (event->spec.has & LW_HAS(IFLA_LINKWIRE_BACKUP)) {
		print_string(p, "backup", " backup %s", COLOR_ADDR, lw_addr_format(&event->spec.backup, addr));
		print_bool(p, "on_backup", " in use", event->on_backup);
	}
	if (event->spec.has & LW_HAS(IFLA_LINKWIRE_LABEL))
		print_bytes(p, "label", " label \"%s\"", COLOR_NONE, event->spec.label, event->spec.label_len);
	print_text(p, "\n");
	print_close_object(p);
	print_end(p);	/* JSON: an object a line, each as it comes */
	return ferror(p->file) ? -EPIPE : 0;
}

int cmd_monitor(struct lwctl *ctl, int argc, char **argv)
{
	struct args args = ARGS(argc, argv);
	struct lw_error err;
	struct lw_nl nl;
	int ret;

	ret = args_end(ctl, &args);
	if (ret)
		return ret;
	if (lw_nl_open_name(&nl, ctl->netns, &err) < 0)
		return lwctl_refused(ctl, &err, "%s", "");
	if (lw_event_join(&nl, &err) < 0) {
		ret = lwctl_refused(ctl, &err, "%s", "");
		goto out;
	}
	for (;;) {
		ret = lw_event_read(&nl, show_event, ctl, &err);
		if (ret == -EPIPE) {
			ret = LWCTL_OK;		/* the reader is gone */
			break;
		}
		if (ret == -ENOBUFS) {
			lwctl_warn(ctl, "events came faster than they were read: some are lost");
			continue;
		}
		if (ret == -ENODEV) {
			lwctl_warn(ctl, "the module was unloaded: waiting for it to come back");
			continue;
		}
		if (ret < 0 && ret != -EINTR) {
			ret = lwctl_refused(ctl, &err, "%s", "");
			break;
		}
	}
out:
	lw_nl_close(&nl);
	return ret;
}
