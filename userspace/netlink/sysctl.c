// SPDX-License-Identifier: MIT
#include "netlink/sysctl.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "netlink/netns.h"

#define SYSCTL_NET "/proc/sys/net/"	/* of the namespace that the reading thread is in */

static const char *const forwarding[] = {
	SYSCTL_NET "ipv4/ip_forward",
	SYSCTL_NET "ipv6/conf/all/forwarding",
};

#define FAMILIES (sizeof(forwarding) / sizeof(*forwarding))

static int read_flag(const char *path, bool *on, struct lw_error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), ret = 0;
	char c = '0';

	*on = true;
	if (fd < 0)
		return errno == ENOENT ? 0 : lw_error_local(err, errno, "%s", path);
	if (read(fd, &c, 1) != 1)
		ret = lw_error_local(err, errno, "%s", path);
	close(fd);
	*on = c != '0';
	return ret;
}

static int write_flag(const char *path, bool on, struct lw_error *err)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), ret = 0;

	if (fd < 0)
		return errno == ENOENT ? 0 : lw_error_local(err, errno, "%s", path);
	if (write(fd, on ? "1\n" : "0\n", 2) != 2)
		ret = lw_error_local(err, errno, "%s", path);
	close(fd);
	return ret;
}

static int enter(int netns_fd, int *saved, struct lw_error *err)
{
	return netns_fd >= 0 ? lw_netns_enter(netns_fd, saved, err) : 0;
}

int lw_forwarding_get(int netns_fd, bool *on, struct lw_error *err)
{
	int saved = -1, ret = enter(netns_fd, &saved, err);
	bool one;

	*on = true;
	if (ret)
		return ret;
	for (unsigned int i = 0; i < FAMILIES && !ret; i++) {
		ret = read_flag(forwarding[i], &one, err);
		*on = *on && one;
	}
	if (saved >= 0)
		lw_netns_leave(saved);
	return ret;
}

int lw_forwarding_set(int netns_fd, bool on, struct lw_error *err)
{
	int saved = -1, ret = enter(netns_fd, &saved, err);

	for (unsigned int i = 0; i < FAMILIES && !ret; i++)
		ret = write_flag(forwarding[i], on, err);
	if (saved >= 0)
		lw_netns_leave(saved);
	return ret;
}
