// SPDX-License-Identifier: MIT
/* any bytes as what a reader sends that was broken into; what is made of it is any graph there can be */
#include "fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	FILE *in = fuzz_file(data, size);
	struct diag d = { 0 };
	struct graph g = { 0 };

	if (!graph_receive(&g, &d, in))
		diag_error(&d, 0, "nonsense");
	fclose(in);
	fuzz_graph(&g, &d, false);
	return 0;
}
