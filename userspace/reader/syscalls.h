/* SPDX-License-Identifier: MIT */
#ifndef LINKWIRE_READER_SYSCALLS_H
#define LINKWIRE_READER_SYSCALLS_H

void syscalls_limit(void);

#endif
