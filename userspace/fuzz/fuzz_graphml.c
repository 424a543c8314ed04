// SPDX-License-Identifier: MIT
/* any bytes as a file in the language graphml */
#include "fuzz/fuzz.h"
#include "reader/read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	FILE *in = fuzz_file(data, size);
	struct diag d = { 0 };
	struct graph g = { 0 };

	g.language = GRAPH_GRAPHML;
	read_graphml(&g, &d, in, 1);
	fclose(in);
	fuzz_graph(&g, &d, true);
	return 0;
}
