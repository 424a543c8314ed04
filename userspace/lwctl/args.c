// SPDX-License-Identifier: MIT
#include "lwctl/args.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "netlink/link.h"
#include "netlink/words.h"

char *args_next(struct args *args)
{
	if (args->left <= 0)
		return NULL;
	args->left--;
	return *args->at++;
}

bool args_take(struct args *args, const char *word)
{
	if (args->left <= 0 || strcmp(*args->at, word))
		return false;
	args_next(args);
	return true;
}

int args_value(struct lwctl *ctl, struct args *args, const char *key, char **value)
{
	*value = args_next(args);
	return *value ? LWCTL_OK : lwctl_usage(ctl, "'%s' needs a value", key);
}

int args_end(struct lwctl *ctl, struct args *args)
{
	return args->left > 0 ? lwctl_usage(ctl, "unexpected '%.64s'", *args->at) : LWCTL_OK;
}

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 16;
}

int number_parse(const char *word, uint64_t *value)
{
	uint64_t base = 10, v = 0;

	if (word[0] == '0' && (word[1] == 'x' || word[1] == 'X')) {
		base = 16;
		word += 2;
	}
	if (!*word)
		return -EINVAL;
	for (; *word; word++) {
		uint64_t d = (uint64_t)digit(*word);

		if (d >= base || v > (UINT64_MAX - d) / base)
			return -EINVAL;
		v = v * base + d;
	}
	*value = v;
	return 0;
}

int args_number(struct lwctl *ctl, const char *key, const char *word, uint64_t min, uint64_t max, uint64_t *value)
{
	if (number_parse(word, value) < 0 || *value < min || *value > max)
		return lwctl_usage(ctl, "bad %s '%.64s': a number from %" PRIu64 " to %" PRIu64, key, word, min, max);
	return LWCTL_OK;
}

int args_addr(struct lwctl *ctl, const char *key, const char *word, struct lw_addr *addr)
{
	if (lw_addr_parse(addr, word) < 0)
		return lwctl_usage(ctl, "bad %s '%.64s': an IPv4 or IPv6 address", key, word);
	return LWCTL_OK;
}

int args_tag(struct lwctl *ctl, const char *word, uint32_t *tag)
{
	uint64_t value;

	if (number_parse(word, &value) < 0 || value > LINKWIRE_TAG_MAX)
		return lwctl_usage(ctl, "bad tag '%.64s': 24 bits, as 0x5a17c3 or decimal", word);
	*tag = (uint32_t)value;
	return LWCTL_OK;
}

int args_cipher(struct lwctl *ctl, const char *word, uint8_t *cipher)
{
	*cipher = lw_cipher_parse(word);
	if (!*cipher)
		return lwctl_usage(ctl, "unknown cipher '%.64s': aes-128-gcm, aes-256-gcm or chacha20-poly1305", word);
	return LWCTL_OK;
}

int args_lanes(struct lwctl *ctl, const char *word, uint16_t *lanes)
{
	uint64_t v = 0;
	int ret = args_number(ctl, "lanes", word, 1, LINKWIRE_LANES_MAX, &v);

	*lanes = (uint16_t)v;
	return ret;
}

int args_csum(struct lwctl *ctl, const char *word, uint8_t *csum)
{
	*csum = lw_csum_parse(word);
	return *csum ? LWCTL_OK : lwctl_usage(ctl, "bad csum '%.64s': partial or full", word);
}

int args_switch(struct lwctl *ctl, const char *key, const char *word, bool *on)
{
	*on = !strcmp(word, "on");
	if (!*on && strcmp(word, "off"))
		return lwctl_usage(ctl, "bad %s '%.64s': on or off", key, word);
	return LWCTL_OK;
}

int args_mac(struct lwctl *ctl, const char *key, const char *word, uint8_t mac[6])
{
	const char *at = word;
	int i;

	for (i = 0; i < 6; i++, at += 3) {
		int hi = digit(at[0]), lo = hi < 16 ? digit(at[1]) : 16;

		if (lo > 15 || at[2] != (i < 5 ? ':' : '\0'))
			return lwctl_usage(ctl, "bad %s '%.64s': as 02:00:00:00:00:01", key, word);
		mac[i] = (uint8_t)(hi << 4 | lo);
	}
	return LWCTL_OK;
}

int args_seconds(struct lwctl *ctl, const char *key, const char *word, uint64_t *ms)
{
	const char *dot = strchr(word, '.'), *c;
	uint64_t whole = 0, part = 0, unit = 100;
	char text[16];
	size_t len = dot ? (size_t)(dot - word) : strlen(word);

	if (len >= sizeof(text))
		goto bad;
	memcpy(text, word, len);
	text[len] = '\0';
	if ((text[0] == '0' && len > 1) || number_parse(text, &whole) < 0 || whole > 86400)
		goto bad;
	for (c = dot ? dot + 1 : ""; *c; c++, unit /= 10) {
		if (*c < '0' || *c > '9' || !unit)
			goto bad;
		part += (uint64_t)(*c - '0') * unit;
	}
	if (dot && !dot[1])
		goto bad;
	*ms = whole * 1000 + part;
	return LWCTL_OK;
bad:
	return lwctl_usage(ctl, "bad %s '%.64s': seconds, as 3 or 0.5, at most 86400", key, word);
}

int args_wire(struct lwctl *ctl, struct args *args, struct target *target)
{
	char *word = args_next(args);
	uint64_t id = 0;
	int ret;

	*target = (struct target){ 0 };
	if (!word)
		return lwctl_usage(ctl, "a wire is missing: NAME or id N");
	if (!strcmp(word, "id") && args->left > 0) {
		word = args_next(args);
		ret = args_number(ctl, "id", word, 1, UINT32_MAX, &id);
		if (ret)
			return ret;
		target->id = (uint32_t)id;
		target->text = word;
		return LWCTL_OK;
	}
	if (!strcmp(word, "dev") && args->left > 0)
		word = args_next(args);
	if (!lw_link_name_valid(word))
		return lwctl_usage(ctl, "bad name '%.64s': 1 to 15 bytes, no '/', ':' or blank", word);
	target->name = word;
	target->text = word;
	return LWCTL_OK;
}

int target_find(struct lwctl *ctl, struct lw_nl *nl, const struct target *target, struct lw_wire *wire)
{
	struct lw_error err;
	int ret;

	if (target->id)
		ret = lw_wire_get(nl, LW_WIRE_ID(target->id), wire, &err);
	else
		ret = lw_wire_find(nl, target->name, wire, &err);
	if (ret < 0)
		return lwctl_refused(ctl, &err, "%s%s", target->id ? "id " : "", target->text);
	lw_wire_free(wire);
	return LWCTL_OK;
}
