/* SPDX-License-Identifier: MIT */
/*
 * Requests, built one behind the other in memory and sent many at a time.
 *
 * Every request of every command is built in a batch, a single one in a batch of one. The builders (link.h, wire.h,
 * sa.h, address.h, route.h) need neither a socket nor a kernel: sequence numbers and the id of the generic family
 * are filled in when the batch is sent.
 *
 *	struct lw_batch b;
 *
 *	lw_batch_init(&b, NETLINK_ROUTE);
 *	lw_link_del(&b, LW_BY_NAME("lw0"));
 *	ret = lw_batch_send(&nl, &b, NULL, NULL, &err);
 *	lw_batch_free(&b);
 *
 * A builder that runs out of memory leaves its error in the batch, and lw_batch_send() returns it before anything is
 * sent: callers need not look after each builder.
 *
 * Keys travel in batches, so their memory is locked, left out of core files, and wiped before it is given back; that
 * of a dump's one request is not.
 */
#ifndef LW_NETLINK_BATCH_H
#define LW_NETLINK_BATCH_H

#include <linux/netlink.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "netlink/context.h"
#include "netlink/error.h"

#define LW_REQUEST_MAX	8192	/* bytes that one request may take */
#define LW_NOT_SENT	1	/* status of a request that the kernel has not seen */

struct lw_batch {
	int protocol;		/* NETLINK_ROUTE, NETLINK_GENERIC or NETLINK_NETFILTER: of every request in it */
	bool keep_going;	/* send what follows a request that failed, too */
	char *buf;
	size_t len, size;
	bool open;		/* buf is ordinary memory */
	size_t *at;		/* where each request begins in buf */
	int *status;		/* of each request: LW_NOT_SENT, 0, or a negative errno */
	unsigned int n, room;
	size_t most;		/* bytes that the request being built may take */
	int err;		/* negative errno of a builder, kept for lw_batch_send() */
};

void lw_batch_init(struct lw_batch *b, int protocol);
void lw_batch_free(struct lw_batch *b);
void lw_batch_reset(struct lw_batch *b);	/* wipes and forgets the requests, keeps the memory */

/*
 * For builders: begins a request of @type with room for LW_REQUEST_MAX bytes and adds NLM_F_REQUEST | NLM_F_ACK to
 * @flags. Put the family's header and the attributes behind it with libmnl, then call lw_batch_end(). NULL: no memory
 * (kept in the batch). The pointer is good until the next call on the batch.
 */
struct nlmsghdr *lw_batch_begin(struct lw_batch *b, uint16_t type, uint16_t flags);

/* The request that is begun next may take so many bytes more: what a list in it may need. */
void lw_batch_make_longer(struct lw_batch *b, size_t bytes);

/* Ends the request; returns its index in the batch, or a negative errno (kept in the batch). */
int lw_batch_end(struct lw_batch *b, struct nlmsghdr *nlh);

/* The request @i as built. */
struct nlmsghdr *lw_batch_request(const struct lw_batch *b, unsigned int i);

/* Called with each reply to request @i that is no mere acknowledgement. Less than 0 ends the sending with that. */
typedef int lw_reply_fn(const struct nlmsghdr *reply, unsigned int i, void *arg);

/*
 * Sends all requests and reads what the kernel answers to each, in windows that fit the socket's buffers.
 *
 * The kernel takes the requests of one window one by one and does not stop at one that it refuses, so after a failure
 * later ones may have been carried out: b->status[] says it for each, which is what an undo goes by. No window is sent
 * after one with a failure, unless b->keep_going.
 *
 * Returns 0, or the negative errno of the first failure, described in @err (with err->request). @fn may be NULL.
 */
int lw_batch_send(struct lw_nl *nl, struct lw_batch *b, lw_reply_fn *fn, void *arg, struct lw_error *err);

/*
 * Sends the one request in @b, which must carry NLM_F_DUMP, and calls @fn for each message of the answer; a dump that
 * the kernel marks as interrupted is thrown away and asked for again, a few times (then nl->interrupted is set).
 * @fn is called only once the whole answer is there, so it may send requests on @nl. Returns 0 or a negative errno,
 * also from @fn.
 */
int lw_batch_dump(struct lw_nl *nl, struct lw_batch *b, lw_reply_fn *fn, void *arg, struct lw_error *err);

#endif
