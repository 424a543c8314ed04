// SPDX-License-Identifier: MIT
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>

#include "topology/lock.h"
#include "topology/private_dir.h"

/**
 * topology_lock() - keep others from a topology, until the descriptor is closed
 * @dir: where the locks' files are: LOCK_DIR
 * @name: the topology, from name_graph()
 * @err: where a failure is told
 *
 * The kernel gives the lock back when the process ends, however it ends. The file stays: who deleted it could delete
 * one that another process has locked just now. The directory is root's own, so that no other user can hold a lock.
 *
 * Return: a descriptor, -EBUSY if another process has the lock, or another negative errno.
 */
int topology_lock(const char *dir, const char *name, struct lw_error *err)
{
	int in = private_dir(AT_FDCWD, dir, true, err), fd, ret;
	char file[NAME_MAX + 1];

	if (in < 0)
		return in;
	snprintf(file, sizeof(file), "topology-%.200s.lock", name);
	fd = openat(in, file, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	ret = fd < 0 ? lw_error_local(err, errno, "%s/%s", dir, file) : fd;
	close(in);
	if (fd < 0 || !flock(fd, LOCK_EX | LOCK_NB))
		return ret;
	ret = lw_error_local(err, errno == EWOULDBLOCK ? EBUSY : errno, "%s/%s", dir, file);
	close(fd);
	return ret;
}
