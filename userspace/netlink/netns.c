// SPDX-License-Identifier: MIT
#include "netlink/netns.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "netlink/context.h"

#define OURS "/proc/thread-self/ns/net"

static const char *path_of(const char *name, char path[PATH_MAX])
{
	snprintf(path, PATH_MAX, LW_NETNS_DIR "/%s", name);
	return path;
}

bool lw_netns_name_valid(const char *name)
{
	size_t len = strlen(name);

	return len > 0 && len <= NAME_MAX && !strchr(name, '/') && strcmp(name, ".") && strcmp(name, "..");
}

int lw_netns_open(const char *name, struct lw_error *err)
{
	char path[PATH_MAX];
	int fd;

	if (!lw_netns_name_valid(name))
		return lw_error_local(err, EINVAL, "network namespace '%.64s'", name);
	fd = open(path_of(name, path), O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return lw_error_local(err, errno, "network namespace '%s'", name);
	return fd;
}

/* As `ip netns` does: the directory is a shared mount, so that names made in one mount namespace are seen in others. */
static int share_directory(void)
{
	bool bound = false;

	if (mkdir(LW_NETNS_DIR, 0755) < 0 && errno != EEXIST)
		return -errno;
	while (mount("", LW_NETNS_DIR, "none", MS_SHARED | MS_REC, NULL) < 0) {
		if (errno != EINVAL || bound)
			return -errno;
		if (mount(LW_NETNS_DIR, LW_NETNS_DIR, "none", MS_BIND | MS_REC, NULL) < 0)
			return -errno;
		bound = true;
	}
	return 0;
}

static int loopback_up(void)
{
	struct ifreq ifr = { .ifr_name = "lo" };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int ret;

	if (fd < 0)
		return -errno;
	ret = ioctl(fd, SIOCGIFFLAGS, &ifr);
	if (!ret) {
		ifr.ifr_flags |= IFF_UP;
		ret = ioctl(fd, SIOCSIFFLAGS, &ifr);
	}
	ret = ret < 0 ? -errno : 0;
	close(fd);
	return ret;
}

int lw_netns_add(const char *name, struct lw_error *err)
{
	char path[PATH_MAX];
	int saved, fd, ret;

	if (!lw_netns_name_valid(name))
		return lw_error_local(err, EINVAL, "network namespace '%.64s'", name);
	ret = share_directory();
	if (ret < 0)
		return lw_error_local(err, -ret, LW_NETNS_DIR);

	fd = open(path_of(name, path), O_RDONLY | O_CLOEXEC | O_CREAT | O_EXCL, 0);
	if (fd < 0)
		return lw_error_local(err, errno, "new network namespace '%s'", name);
	close(fd);

	saved = open(OURS, O_RDONLY | O_CLOEXEC);
	if (saved < 0 || unshare(CLONE_NEWNET) < 0) {
		ret = lw_error_local(err, errno, "new network namespace '%s'", name);
		if (saved >= 0)
			close(saved);
		goto err_name;
	}
	ret = loopback_up();
	if (!ret && mount(OURS, path, "none", MS_BIND, NULL) < 0)
		ret = -errno;
	lw_netns_leave(saved);
	if (!ret)
		return 0;
	lw_error_local(err, -ret, "new network namespace '%s'", name);
err_name:
	unlink(path);
	return ret;
}

int lw_netns_del(const char *name, struct lw_error *err)
{
	char path[PATH_MAX];

	if (!lw_netns_name_valid(name))
		return lw_error_local(err, EINVAL, "network namespace '%.64s'", name);
	(void)umount2(path_of(name, path), MNT_DETACH);
	if (unlink(path) < 0)
		return lw_error_local(err, errno, "network namespace '%s'", name);
	return 0;
}

static int by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static int is_name(const struct dirent *d)
{
	return lw_netns_name_valid(d->d_name);
}

int lw_netns_each(int (*fn)(const char *name, void *arg), void *arg, struct lw_error *err)
{
	struct dirent **names;
	int n = scandir(LW_NETNS_DIR, &names, is_name, by_bytes), ret = 0, i;

	if (n < 0 && errno == ENOENT)
		return 0;
	if (n < 0)
		return lw_error_local(err, errno, LW_NETNS_DIR);
	for (i = 0; i < n; i++) {
		if (ret >= 0)
			ret = fn(names[i]->d_name, arg);
		free(names[i]);
	}
	free(names);
	return ret < 0 ? ret : 0;
}

int lw_netns_enter(int fd, int *saved, struct lw_error *err)
{
	int ours = *saved < 0 ? open(OURS, O_RDONLY | O_CLOEXEC) : *saved;

	if (ours < 0)
		return lw_error_local(err, errno, OURS);
	if (setns(fd, CLONE_NEWNET) < 0) {
		int ret = lw_error_local(err, errno, "it cannot be entered");

		if (*saved < 0)
			close(ours);
		return ret;
	}
	*saved = ours;
	return 0;
}

void lw_netns_leave(int saved)
{
	if (setns(saved, CLONE_NEWNET) < 0)
		abort();
	close(saved);
}

uint64_t lw_netns_cookie(int fd)
{
	uint64_t cookie = 0;
	socklen_t len = sizeof(cookie);
	int saved = -1, s;

	if (fd >= 0 && lw_netns_enter(fd, &saved, NULL) < 0)
		return 0;
	s = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (s >= 0) {
		if (getsockopt(s, SOL_SOCKET, SO_NETNS_COOKIE, &cookie, &len) < 0)
			cookie = 0;
		close(s);
	}
	if (fd >= 0)
		lw_netns_leave(saved);
	return cookie;
}

static int add_entry(const char *name, void *arg)
{
	struct lw_netns_map *map = arg;
	struct lw_netns_entry *entry;
	int fd = lw_netns_open(name, NULL);

	if (fd < 0)
		return 0;	/* a name that just went away */
	if (map->n == map->room) {
		map->room = map->room ? 2 * map->room : 64;
		entry = realloc(map->entry, map->room * sizeof(*entry));
		if (!entry) {
			close(fd);
			return -ENOMEM;
		}
		map->entry = entry;
	}
	entry = &map->entry[map->n];
	entry->cookie = lw_netns_cookie(fd);
	close(fd);
	if (!entry->cookie)
		return 0;	/* a stray file, or a namespace that we may not enter */
	entry->name = strdup(name);
	if (!entry->name)
		return -ENOMEM;
	map->n++;
	return 0;
}

static int by_cookie(const void *a, const void *b)
{
	const struct lw_netns_entry *x = a, *y = b;

	if (x->cookie != y->cookie)
		return x->cookie < y->cookie ? -1 : 1;
	return strcmp(x->name, y->name);
}

const char *lw_netns_map_name(struct lw_netns_map *map, uint64_t cookie)
{
	unsigned int lo = 0, hi;

	if (!map->loaded) {
		(void)lw_netns_each(add_entry, map, NULL);
		if (map->n)
			qsort(map->entry, map->n, sizeof(*map->entry), by_cookie);
		map->loaded = true;
	}
	for (hi = map->n; lo < hi;) {
		unsigned int middle = lo + (hi - lo) / 2;

		if (map->entry[middle].cookie < cookie)
			lo = middle + 1;
		else
			hi = middle;
	}
	return cookie && lo < map->n && map->entry[lo].cookie == cookie ? map->entry[lo].name : NULL;
}

void lw_netns_map_free(struct lw_netns_map *map)
{
	unsigned int i;

	for (i = 0; i < map->n; i++)
		free(map->entry[i].name);
	free(map->entry);
	*map = (struct lw_netns_map){ 0 };
}
