/* SPDX-License-Identifier: MIT */
/*
 * A process that gives up all that it does not need, before it touches what a stranger wrote.
 */
#ifndef LINKWIRE_TOPO_CONFINE_H
#define LINKWIRE_TOPO_CONFINE_H

#define CONFINE_CPU_SECONDS 120

void confine_files(int a, int b);
void confine_privileges(void);
void confine(void);
void confine_memory(unsigned long long bytes);

#endif
