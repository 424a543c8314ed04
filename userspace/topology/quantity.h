/* SPDX-License-Identifier: MIT */
/*
 * Rates, times, shares and numbers as people write them.
 */
#ifndef LINKWIRE_TOPO_QUANTITY_H
#define LINKWIRE_TOPO_QUANTITY_H

#include <stdbool.h>
#include <stdint.h>

#include "topology/arena.h"

/* what is wrong with a text that is none, behind it */
#define RATE_WORDS "is no rate, such as 10mbit or 1.5gbit, from 8kbit to 1tbit"
#define TIME_WORDS "is no time, such as 20ms or 1.5s, of at most 60s"
#define SHARE_WORDS "is no share, such as 0.1%%, of at most 100%%"

bool parse_number(const char *text, uint32_t least, uint32_t most, uint32_t *value);
bool parse_rate(const char *text, uint64_t *bytes);		/* a second */
bool parse_time(const char *text, uint32_t *us);
bool parse_share(const char *text, uint32_t *of_max);		/* of UINT32_MAX */
const char *parse_word(struct arena *mem, const char **text);
size_t count_words(const char *text);

const char *format_rate(struct arena *mem, uint64_t bytes);	/* "10mbit" */
const char *format_time(struct arena *mem, uint32_t us);	/* "20ms" */
const char *format_share(struct arena *mem, uint32_t of_max);	/* "0.1%" */

#endif
