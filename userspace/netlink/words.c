// SPDX-License-Identifier: MIT
#include "netlink/words.h"

#include <linux/linkwire.h>
#include <stddef.h>
#include <string.h>

static const char *const encaps[] = {
	[LINKWIRE_ENCAP_VXLAN] = "vxlan",
	[LINKWIRE_ENCAP_IPIP] = "ipip",
};

static const char *const modes[] = {
	[LINKWIRE_MODE_L2] = "l2",
	[LINKWIRE_MODE_L3] = "l3",
};

static const char *const ciphers[] = {
	[LINKWIRE_CIPHER_AES_128_GCM] = "aes-128-gcm",
	[LINKWIRE_CIPHER_AES_256_GCM] = "aes-256-gcm",
	[LINKWIRE_CIPHER_CHACHA20_POLY1305] = "chacha20-poly1305",
};

static const unsigned int key_sizes[] = {
	[LINKWIRE_CIPHER_AES_128_GCM] = 16 + 4,
	[LINKWIRE_CIPHER_AES_256_GCM] = 32 + 4,
	[LINKWIRE_CIPHER_CHACHA20_POLY1305] = 32,
};

static const char *const dirs[] = {
	[LINKWIRE_DIR_RX] = "rx",
	[LINKWIRE_DIR_TX] = "tx",
};

static const char *const csums[] = {
	[LW_CSUM_PARTIAL] = "partial",
	[LW_CSUM_FULL] = "full",
};

static const char *const sa_states[] = {
	[LINKWIRE_SA_ACTIVE] = "active",
	[LINKWIRE_SA_EXPIRING] = "expiring",
	[LINKWIRE_SA_EXPIRED] = "expired",
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const char *name(const char *const *words, size_t n, uint8_t value)
{
	return value < n ? words[value] : NULL;
}

static uint8_t parse(const char *const *words, size_t n, const char *word)
{
	uint8_t i;

	for (i = 0; i < n; i++)
		if (words[i] && !strcmp(words[i], word))
			return i;
	return 0;
}

const char *lw_encap_name(uint8_t encap)
{
	return name(encaps, COUNT(encaps), encap);
}

uint8_t lw_encap_parse(const char *word)
{
	return parse(encaps, COUNT(encaps), word);
}

const char *lw_mode_name(uint8_t mode)
{
	return name(modes, COUNT(modes), mode);
}

uint8_t lw_mode_parse(const char *word)
{
	return parse(modes, COUNT(modes), word);
}

const char *lw_cipher_name(uint8_t cipher)
{
	return name(ciphers, COUNT(ciphers), cipher);
}

uint8_t lw_cipher_parse(const char *word)
{
	return parse(ciphers, COUNT(ciphers), word);
}

unsigned int lw_cipher_key_size(uint8_t cipher)
{
	return cipher < COUNT(key_sizes) ? key_sizes[cipher] : 0;
}

const char *lw_dir_name(uint8_t dir)
{
	return name(dirs, COUNT(dirs), dir);
}

uint8_t lw_dir_parse(const char *word)
{
	return parse(dirs, COUNT(dirs), word);
}

const char *lw_csum_name(uint8_t csum)
{
	return name(csums, COUNT(csums), csum);
}

uint8_t lw_csum_parse(const char *word)
{
	return parse(csums, COUNT(csums), word);
}

const char *lw_sa_state_name(uint8_t state)
{
	return name(sa_states, COUNT(sa_states), state);
}
