// SPDX-License-Identifier: MIT
/*
 * Which system calls a reader of files may make: those that read, write, manage its own memory and end it. Others fail
 * with EPERM; those of another architecture end it, since their numbers mean other things.
 */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "reader/syscalls.h"

#if defined(__x86_64__)
#define ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCH AUDIT_ARCH_AARCH64
#endif

/* the sanitizers call whatever they like */
#if defined(__SANITIZE_ADDRESS__)
#undef ARCH
#endif

#ifdef ARCH

static const uint16_t allowed[] = {
	SYS_read, SYS_readv, SYS_write, SYS_writev, SYS_close, SYS_lseek, SYS_fstat,
#ifdef SYS_newfstatat
	SYS_newfstatat,			/* glibc's fstat() */
#endif
	SYS_brk, SYS_mmap, SYS_mremap, SYS_munmap, SYS_madvise, SYS_mprotect,
	SYS_exit, SYS_exit_group, SYS_rt_sigreturn, SYS_rt_sigprocmask, SYS_getpid, SYS_gettid, SYS_tgkill,
	SYS_futex, SYS_getrandom, SYS_clock_gettime, SYS_gettimeofday,
};

enum { ALLOWED = sizeof(allowed) / sizeof(*allowed) };

#endif

/**
 * syscalls_limit() - give up all system calls but those that reading takes
 *
 * Where the kernel or the architecture has no such filter, what confine() did has to do. Needs no_new_privs.
 */
void syscalls_limit(void)
{
#ifdef ARCH
	/* load architecture, check; load number; a comparison for each; and what they lead to */
	struct sock_filter filter[ALLOWED + 6], *p = filter;
	struct sock_fprog program = { .filter = filter };

	*p++ = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch));
	*p++ = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCH, 1, 0);
	*p++ = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS);
	*p++ = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
	for (unsigned int i = 0; i < ALLOWED; i++)
		*p++ = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, allowed[i], (uint8_t)(ALLOWED - i), 0);
	*p++ = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM);
	*p++ = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	program.len = (unsigned short)(p - filter);
	prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
#endif
}
