// SPDX-License-Identifier: MIT
#include <errno.h>
#include <linux/keyctl.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "topology/handover.h"

#define TYPE "user"

/*
 * The user's keyring is the same for all processes of a user. Its keys can be read by one who reaches them from a
 * keyring of his own, which a process that no login started does not: so it is linked into this process's.
 */
static int reach_keyring(void)
{
	return syscall(__NR_keyctl, KEYCTL_LINK, KEY_SPEC_USER_KEYRING, KEY_SPEC_PROCESS_KEYRING) ? -errno : 0;
}

/**
 * handover_take() - take what waits, which is gone after that
 * @name: what it waits for
 * @keys: where it goes: memory of lw_secret_alloc()
 *
 * Return: 0, -ENOKEY if nothing waits, or another negative errno.
 */
int handover_take(const char *name, struct wire_keys *keys)
{
	int ret = reach_keyring();
	long id, size;

	if (ret)
		return ret;
	id = syscall(__NR_keyctl, KEYCTL_SEARCH, KEY_SPEC_USER_KEYRING, TYPE, name, 0);
	if (id < 0)
		return errno == EKEYEXPIRED || errno == EKEYREVOKED ? -ENOKEY : -errno;
	size = syscall(__NR_keyctl, KEYCTL_READ, id, keys, sizeof(*keys));
	if (size < 0)
		return -errno;
	/* whoever was faster with it has it alone */
	if (syscall(__NR_keyctl, KEYCTL_UNLINK, id, KEY_SPEC_USER_KEYRING))
		return errno == ENOENT ? -ENOKEY : -errno;
	return size == sizeof(*keys) ? 0 : -ENOKEY;
}

/**
 * handover_leave() - have keys wait, for HANDOVER_SECONDS; they take the place of those that wait there already
 * @name: what they wait for
 * @keys: they
 *
 * Return: 0 or a negative errno.
 */
int handover_leave(const char *name, const struct wire_keys *keys)
{
	int ret = reach_keyring();
	long id;

	if (ret)
		return ret;
	id = syscall(__NR_add_key, TYPE, name, keys, sizeof(*keys), KEY_SPEC_USER_KEYRING);
	if (id < 0 || syscall(__NR_keyctl, KEYCTL_SET_TIMEOUT, id, HANDOVER_SECONDS))
		return -errno;
	return 0;
}
