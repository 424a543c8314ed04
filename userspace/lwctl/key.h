/* SPDX-License-Identifier: MIT */
/*
 * Keys on their way in: from a private file, standard input, or a word of a private batch; never from argv.
 */
#ifndef LWCTL_KEY_H
#define LWCTL_KEY_H

#include <linux/linkwire.h>
#include <stdint.h>

#include "lwctl/lwctl.h"

struct key {
	uint8_t *bytes;		/* in memory of lw_secret_alloc() */
	unsigned int len;
	uint8_t cipher;
};

/*
 * Each gives LWCTL_OK and a key to be given back with key_free(), or a message and LWCTL_USAGE.
 * The file holds one line of base64: key and salt, just as many bytes as the cipher takes.
 */
int key_from_file(struct lwctl *ctl, struct key *key, uint8_t cipher, const char *file);	/* "-": standard input */
int key_from_word(struct lwctl *ctl, struct key *key, uint8_t cipher, char *word);	/* @word is wiped */
int key_fresh(struct lwctl *ctl, struct key *key, uint8_t cipher);
void key_free(struct key *key);

#define KEY_WHY_SIZE 64

/*
 * Is @fd from where nobody else can have read? A pipe, a socket, a terminal, or a file of ours or of root's that is
 * closed to all others. If not, @why says so in a few words: "others can read it (mode 0644)".
 */
bool key_source_private(int fd, char why[KEY_WHY_SIZE]);

#endif
