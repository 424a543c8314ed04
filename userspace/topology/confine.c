// SPDX-License-Identifier: MIT
#include <grp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "topology/confine.h"

#define NOBODY 65534
#define MEMORY (4ULL << 30)

/* AddressSanitizer reserves terabytes of addresses */
#if defined(__SANITIZE_ADDRESS__)
#define LIMIT_MEMORY 0
#else
#define LIMIT_MEMORY 1
#endif

/**
 * confine_files() - close all files but two and the standard ones: sockets with privileges may be open here
 * @a: a descriptor that stays
 * @b: another
 */
void confine_files(int a, int b)
{
	unsigned int low = (unsigned int)(a < b ? a : b), high = (unsigned int)(a < b ? b : a);

	if (low > STDERR_FILENO + 1)
		close_range(STDERR_FILENO + 1, low - 1, 0);
	if (high > low + 1)
		close_range(low + 1, high - 1, 0);
	close_range(high + 1 > STDERR_FILENO ? high + 1 : STDERR_FILENO + 1, ~0U, 0);
}

/**
 * confine_privileges() - give up privileges, and all but a little of what one may use
 *
 * Nothing can be written to a file after it; what is open stays. Ends the process where privileges cannot be given up.
 */
void confine_privileges(void)
{
	const struct rlimit cpu = { CONFINE_CPU_SECONDS, CONFINE_CPU_SECONDS }, memory = { MEMORY, MEMORY };
	const struct rlimit none = { 0, 0 };

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	setrlimit(RLIMIT_CPU, &cpu);
	setrlimit(RLIMIT_CORE, &none);
	setrlimit(RLIMIT_FSIZE, &none);
	if (LIMIT_MEMORY)
		setrlimit(RLIMIT_AS, &memory);
	/* fails, and changes nothing that matters, for one who is not root */
	if (setgroups(0, NULL) == 0 && (setresgid(NOBODY, NOBODY, NOBODY) || setresuid(NOBODY, NOBODY, NOBODY)))
		_exit(1);
	prctl(PR_SET_PDEATHSIG, SIGKILL);	/* forgotten where the user changes */
}

/**
 * confine() - the same, and no file can be opened and no process or thread made either
 */
void confine(void)
{
	const struct rlimit none = { 0, 0 };

	setrlimit(RLIMIT_NOFILE, &none);
	setrlimit(RLIMIT_NPROC, &none);
	confine_privileges();
}

/**
 * confine_memory() - use less memory than confine() leaves
 * @bytes: how much at most
 */
void confine_memory(unsigned long long bytes)
{
	const struct rlimit memory = { bytes, bytes };

	if (LIMIT_MEMORY)
		setrlimit(RLIMIT_AS, &memory);
}
