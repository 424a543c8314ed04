// SPDX-License-Identifier: GPL-2.0
/* Has the plugin say how many instructions it has counted. */
#include "mark.h"

#define TEXT(...)	#__VA_ARGS__
#define BYTES(...)	".byte " TEXT(__VA_ARGS__)

int main(void)
{
	__asm__ volatile(BYTES(MARK));
	return 0;
}
