/* SPDX-License-Identifier: MIT */
/*
 * The words of a command line, and what can be in them.
 *
 * Each function that reads one gives LWCTL_OK, or says what is wrong with which word and gives LWCTL_USAGE.
 */
#ifndef LWCTL_ARGS_H
#define LWCTL_ARGS_H

#include <stdint.h>

#include "lwctl/lwctl.h"
#include "netlink/address.h"
#include "netlink/wire.h"

struct args {
	int left;
	char **at;
};

#define ARGS(argc, argv) ((struct args){ .left = (argc), .at = (argv) })

char *args_next(struct args *args);	/* NULL: no more */
bool args_take(struct args *args, const char *word);	/* takes the next one if it is @word */
int args_value(struct lwctl *ctl, struct args *args, const char *key, char **value);
int args_end(struct lwctl *ctl, struct args *args);	/* there must be no more */

/* Decimal, or hexadecimal behind 0x; no sign, no blanks, nothing behind it. 0 or -EINVAL. */
int number_parse(const char *word, uint64_t *value);

int args_number(struct lwctl *ctl, const char *key, const char *word, uint64_t min, uint64_t max, uint64_t *value);
int args_addr(struct lwctl *ctl, const char *key, const char *word, struct lw_addr *addr);
int args_tag(struct lwctl *ctl, const char *word, uint32_t *tag);
int args_cipher(struct lwctl *ctl, const char *word, uint8_t *cipher);
int args_lanes(struct lwctl *ctl, const char *word, uint16_t *lanes);
int args_csum(struct lwctl *ctl, const char *word, uint8_t *csum);	/* partial, full */
int args_switch(struct lwctl *ctl, const char *key, const char *word, bool *on);	/* on, off */
int args_mac(struct lwctl *ctl, const char *key, const char *word, uint8_t mac[6]);
int args_seconds(struct lwctl *ctl, const char *key, const char *word, uint64_t *ms);	/* "1.5" is 1,500 ms */

/* {NAME|id N|dev NAME}: which wire is meant */
struct target {
	uint32_t id;		/* 0: by name */
	const char *name;
	const char *text;	/* for messages: the word that was given */
};

int args_wire(struct lwctl *ctl, struct args *args, struct target *target);

/*
 * Asks the kernel for it in @nl, in whichever namespace its device is. LWCTL_OK, or LWCTL_REFUSED after a message.
 * @wire owns nothing: it is without its allowed sources.
 */
int target_find(struct lwctl *ctl, struct lw_nl *nl, const struct target *target, struct lw_wire *wire);

#endif
