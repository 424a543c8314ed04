// SPDX-License-Identifier: MIT
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "topology/private_dir.h"

/**
 * private_dir() - open a directory that only we can write to
 * @at: the directory that it is in, or AT_FDCWD
 * @name: its name there; with AT_FDCWD a path
 * @make: make it, with mode 0700, where it is not there
 * @err: where a failure is told
 *
 * What another user owns or can write to is refused, and so is a symbolic link: whoever made it chooses what we read,
 * and which file we write.
 *
 * Return: a descriptor, or a negative errno: -ENOENT if it is not there and was not to be made.
 */
int private_dir(int at, const char *name, bool make, struct lw_error *err)
{
	struct stat st;
	int fd;

	if (make && mkdirat(at, name, 0700) && errno != EEXIST)
		return lw_error_local(err, errno, "directory %.200s", name);
	fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return lw_error_local(err, errno, "directory %.200s", name);
	if (fstat(fd, &st)) {
		int ret = lw_error_local(err, errno, "directory %.200s", name);

		close(fd);
		return ret;
	}
	if ((st.st_uid != 0 && st.st_uid != geteuid()) || (st.st_mode & (S_IWGRP | S_IWOTH))) {
		close(fd);
		return lw_error_local(err, EPERM, "directory %.200s belongs to another user, or others can write to it",
				      name);
	}
	return fd;
}
