// SPDX-License-Identifier: MIT
/*
 * The lock of a topology, and the directory that it is in: nobody else can hold the one or write to the other.
 */
#include <errno.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "tests/topo_fixture.h"
#include "topology/lock.h"
#include "topology/private_dir.h"

static char dir[64], inside[96];

static int make_dir(void **state)
{
	(void)state;
	strcpy(dir, "/tmp/lwctl-lock.XXXXXX");
	assert_non_null(mkdtemp(dir));
	snprintf(inside, sizeof(inside), "%s/locks", dir);
	return 0;
}

static int remove_dir(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf '%s'", dir);
	return system(command);
}

/* what another process gets: its status is 0 if it had the lock, else the errno */
static int other_process(const char *name)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		int fd = topology_lock(inside, name, NULL);

		_exit(fd < 0 ? -fd : 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void one_at_a_time(void **state)
{
	struct stat st;
	int fd = topology_lock(inside, "net", NULL);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(stat(inside, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_int_equal(other_process("net"), EBUSY);
	assert_int_equal(other_process("other"), 0);
	close(fd);
	assert_int_equal(other_process("net"), 0);
}

/* who had it was killed: the file is there, and nobody holds it */
static void killed(void **state)
{
	int ready[2], status;
	char byte;
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(ready), 0);
	pid = fork();
	if (pid == 0) {
		if (topology_lock(inside, "net", NULL) < 0 || write(ready[1], "x", 1) != 1)
			_exit(1);
		pause();
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	assert_int_equal(other_process("net"), EBUSY);
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(other_process("net"), 0);
	close(ready[0]);
	close(ready[1]);
}

static void assert_refused(int code, const char *said)
{
	struct lw_error err;
	char text[512];

	assert_int_equal(private_dir(AT_FDCWD, inside, true, &err), -code);
	assert_non_null(strstr(lw_error_format(&err, text, sizeof(text)), said));
	assert_int_equal(topology_lock(inside, "net", NULL), -code);
}

static void directory_of_others(void **state)
{
	(void)state;
	assert_int_equal(mkdir(inside, 0700), 0);
	assert_int_equal(chmod(inside, 0770), 0);
	assert_refused(EPERM, "others can write to it");
	assert_int_equal(chmod(inside, 01707), 0);
	assert_refused(EPERM, "others can write to it");
	if (geteuid())
		return;
	assert_int_equal(chmod(inside, 0700), 0);
	assert_int_equal(chown(inside, 1, 1), 0);
	assert_refused(EPERM, "belongs to another user");
}

static void no_directory(void **state)
{
	(void)state;
	assert_int_equal(symlink(dir, inside), 0);
	assert_refused(ENOTDIR, "locks");
	assert_int_equal(unlink(inside), 0);
	assert_int_equal(private_dir(AT_FDCWD, inside, false, NULL), -ENOENT);
	close(creat(inside, 0600));
	assert_refused(ENOTDIR, "locks");
}

/* a link in the directory could only be root's own; it is not followed either */
static void lock_is_a_link(void **state)
{
	char path[160];

	(void)state;
	assert_int_equal(mkdir(inside, 0700), 0);
	snprintf(path, sizeof(path), "%s/topology-net.lock", inside);
	assert_int_equal(symlink("/dev/null", path), 0);
	assert_int_equal(topology_lock(inside, "net", NULL), -ELOOP);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(one_at_a_time, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(killed, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(directory_of_others, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(no_directory, make_dir, remove_dir),
		cmocka_unit_test_setup_teardown(lock_is_a_link, make_dir, remove_dir),
	};

	return cmocka_run_group_tests_name("topo_lock", tests, NULL, NULL);
}
