/* SPDX-License-Identifier: MIT */
/*
 * nftables: written by the program nft, whose library may not be linked here; read from the kernel.
 */
#ifndef LW_NETLINK_NFT_H
#define LW_NETLINK_NFT_H

#include <stddef.h>

#include "netlink/address.h"

/*
 * Runs nft in the namespace @netns_fd with @json as its input: all of it is done, or nothing.
 * Returns 0 or a negative errno, with nft's own words in @err; without nft: -ENOENT, and what to do about it.
 */
int lw_nft_run(int netns_fd, const char *json, size_t len, struct lw_error *err);

/* What lw_nft_read() tells. Less than 0 ends it with that; either may be NULL. */
struct lw_nft_reader {
	/* an element of a set of pairs of addresses */
	int (*pair)(const struct lw_addr *from, const struct lw_addr *to, void *arg);
	/* a rule; @comment: "" if it has none */
	int (*rule)(const char *chain, const char *comment, void *arg);
	void *arg;
};

/*
 * Reads the rules of the table `inet @table` of the namespace @netns_fd, and the elements of each of @sets (NULL at
 * the end). Returns 0 or a negative errno; a table or set that is not there tells nothing. A kernel without nftables:
 * -EOPNOTSUPP, each time after it has looked for a module.
 */
int lw_nft_read(int netns_fd, const char *table, const char *const *sets, const struct lw_nft_reader *r,
		struct lw_error *err);

#endif
