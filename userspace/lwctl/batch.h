/* SPDX-License-Identifier: MIT */
/*
 * Lines of commands.
 */
#ifndef LWCTL_BATCH_H
#define LWCTL_BATCH_H

#define BATCH_LINE_MAX	8192	/* bytes of one line */
#define BATCH_WORDS_MAX	2048	/* words of one line */

/*
 * Splits @line in place into words: blanks part them; '…' keeps all as it is; "…" keeps all but \" and \\; a \ outside
 * keeps the character behind it; # where a word would begin ends the line. Returns how many words there are in @words
 * (a NULL behind them), or -EINVAL: a quote or a \ is left open; -E2BIG: more than @max.
 */
int batch_split(char *line, char **words, unsigned int max);

#endif
