// SPDX-License-Identifier: MIT
/*
 * For each new script and size, Pango opens fonts and starts a thread that asks fontconfig which ones. So this process
 * may open what is in the directories of fonts, for reading (Landlock), and start threads, no processes (seccomp).
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "draw/fonts.h"
#include "topology/confine.h"

#define FILES 256
#define READ (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define ALL ((LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1)	/* all rights that Landlock's first version knows */

static const char *const readable[] = {
	"/usr/share", "/usr/local/share", "/usr/lib", "/etc/fonts", "/var/cache/fontconfig", "/etc/ld.so.cache",
};

static bool read_fonts_only(void)
{
	const struct landlock_ruleset_attr all = { .handled_access_fs = ALL };
	int rules = (int)syscall(__NR_landlock_create_ruleset, &all, sizeof(all), 0);
	bool done;

	if (rules < 0)
		return false;
	for (size_t i = 0; i < sizeof(readable) / sizeof(*readable); i++) {
		struct landlock_path_beneath_attr below = {
			.allowed_access = i + 1 < sizeof(readable) / sizeof(*readable) ? READ :
					  LANDLOCK_ACCESS_FS_READ_FILE,
			.parent_fd = open(readable[i], O_PATH | O_CLOEXEC),
		};

		if (below.parent_fd < 0)
			continue;
		(void)syscall(__NR_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &below, 0);
		close(below.parent_fd);
	}
	done = !syscall(__NR_landlock_restrict_self, rules, 0);
	close(rules);
	return done;
}

/* seccomp has to be told whose numbers of system calls these are */
#if defined(__x86_64__) && !defined(__ILP32__)
#define ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCH AUDIT_ARCH_AARCH64
#else
#define ARCH 0
#endif

#define REFUSE(call, error)					\
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1),	\
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (error))

/*
 * A filter sees the registers and nothing else, so it cannot tell what clone3 is asked for; where that is not there,
 * the C library takes clone. Calls by the numbers of another machine end the process.
 */
static bool refuse_processes(void)
{
	struct sock_filter calls[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCH, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
#ifdef __x86_64__
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000, 0, 1),	/* x32 */
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
		REFUSE(__NR_fork, EPERM),
		REFUSE(__NR_vfork, EPERM),
#endif
		REFUSE(__NR_clone3, ENOSYS),
		REFUSE(__NR_execve, EPERM),
		REFUSE(__NR_execveat, EPERM),
		REFUSE(__NR_socket, EPERM),
		REFUSE(__NR_kill, EPERM),
		REFUSE(__NR_ptrace, EPERM),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_clone, 0, 3),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[0])),	/* its low half */
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, CLONE_THREAD, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	const struct sock_fprog filter = { sizeof(calls) / sizeof(*calls), calls };

	return ARCH && !prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter);
}

/**
 * confine_but_fonts() - confine(), but fonts can be opened and threads made
 *
 * Return: false where the kernel cannot keep the process to that.
 */
bool confine_but_fonts(void)
{
	const struct rlimit files = { FILES, FILES };

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (!read_fonts_only() || !refuse_processes())
		return false;
	setrlimit(RLIMIT_NOFILE, &files);
	confine_privileges();
	return true;
}
