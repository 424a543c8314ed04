/* SPDX-License-Identifier: MIT */
/*
 * The words for the uapi's enumerations, one spelling for the command line, topologies and output.
 *
 * lw_…_name() gives NULL for a value that has no word; lw_…_parse() gives 0 for a word that has no value.
 */
#ifndef LW_NETLINK_WORDS_H
#define LW_NETLINK_WORDS_H

#include <stdint.h>

const char *lw_encap_name(uint8_t encap);	/* "vxlan", "ipip" */
uint8_t lw_encap_parse(const char *word);

const char *lw_mode_name(uint8_t mode);		/* "l2", "l3" */
uint8_t lw_mode_parse(const char *word);

const char *lw_cipher_name(uint8_t cipher);	/* "aes-128-gcm", "aes-256-gcm", "chacha20-poly1305" */
uint8_t lw_cipher_parse(const char *word);
unsigned int lw_cipher_key_size(uint8_t cipher);	/* bytes of key and salt: 20, 36, 32; 0: no such cipher */

const char *lw_dir_name(uint8_t dir);		/* "rx", "tx" */
uint8_t lw_dir_parse(const char *word);

/* LINKWIRE_A_SA_CSUM_PARTIAL: 1 and 0 */
enum lw_csum {
	LW_CSUM_PARTIAL = 1,
	LW_CSUM_FULL,
};

const char *lw_csum_name(uint8_t csum);		/* "partial", "full" */
uint8_t lw_csum_parse(const char *word);

const char *lw_sa_state_name(uint8_t state);	/* "active", "expiring", "expired" */

#endif
