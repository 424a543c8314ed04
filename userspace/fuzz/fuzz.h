/* SPDX-License-Identifier: MIT */
/*
 * What the fuzz targets share: what becomes of a graph once it has been read.
 */
#ifndef LINKWIRE_FUZZ_H
#define LINKWIRE_FUZZ_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "topology/diag.h"
#include "topology/model.h"

/* libFuzzer calls it */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

FILE *fuzz_file(const uint8_t *data, size_t size);
void fuzz_graph(struct graph *g, struct diag *d, bool by_reader);

#endif
