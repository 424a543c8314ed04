// SPDX-License-Identifier: MIT
/*
 * Keys of wires whose ends are both here: drawn here, given to the kernel, wiped. Both ends receive under the new key
 * before either sends under it, so that a wire that is keyed again loses no packet.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "netlink/sa.h"
#include "netlink/secret.h"
#include "netlink/words.h"
#include "topology/emit.h"

#define TAG_TRIES 32
#define GRACE_MS 200	/* for what is under way under the old key */

/* another tag and another key, since the tag was in use */
static int draw_again(struct job *j)
{
	int ret = lw_secret_random(&j->tag, sizeof(j->tag));

	j->tag &= LINKWIRE_TAG_MAX;
	return ret ?: lw_secret_random(j->key, lw_cipher_key_size(j->wire->cipher));
}

/* for all ends at once: a system call for each would be a good part of the work */
static int draw_all(struct job *jobs, size_t n, uint8_t *keys)
{
	uint32_t *tags = calloc(n, sizeof(*tags));
	int ret = tags ? lw_secret_random(keys, n * LINKWIRE_KEY_MAX) ?: lw_secret_random(tags, n * sizeof(*tags)) : -ENOMEM;

	for (size_t i = 0; i < n && !ret; i++) {
		jobs[i].key = keys + i * LINKWIRE_KEY_MAX;
		jobs[i].tag = tags[i] & LINKWIRE_TAG_MAX;
	}
	free(tags);
	return ret;
}

static void add_sa(struct lw_batch *b, const struct job *at, uint8_t dir, const struct job *receiver)
{
	const struct lw_sa_new sa = {
		.dir = dir,
		.has_tag = true,
		.tag = receiver->tag,
		.cipher = at->wire->cipher,
		.key = receiver->key,
		.key_len = (uint8_t)lw_cipher_key_size(at->wire->cipher),
	};

	lw_sa_add(b, LW_WIRE_ID(at->id), &sa, false);
}

static int failed(struct emit *e, int ret, struct job **jobs)
{
	int at = e->err->request;

	return emit_failed(e, ret, "keys of %s", job_name(e, jobs[at >= 0 ? at : 0]));
}

/* tags are drawn without asking which are free: the kernel says EEXIST, and another is drawn */
static int install_rx(struct emit *e, struct site *site, struct job **jobs, size_t n)
{
	struct job **left = calloc(n, sizeof(struct job *));
	struct lw_batch b;
	int ret = 0;

	if (!left)
		return emit_failed(e, lw_error_local(e->err, ENOMEM, "keys"), "node %s", site->node->name);
	for (size_t i = 0; i < n; i++)
		jobs[i]->keyed = false;
	lw_batch_init(&b, NETLINK_GENERIC);
	for (int try = 0; try < TAG_TRIES; try++) {
		size_t k = 0;

		lw_batch_reset(&b);
		for (size_t i = 0; i < n; i++) {
			if (jobs[i]->keyed)
				continue;
			left[k++] = jobs[i];
			add_sa(&b, jobs[i], LINKWIRE_DIR_RX, jobs[i]);
		}
		ret = lw_batch_send(&site->under, &b, NULL, NULL, e->err);
		for (size_t i = 0; i < k && i < b.n; i++) {
			left[i]->keyed = b.status[i] == 0;
			if (b.status[i] == -EEXIST && draw_again(left[i]))
				ret = lw_error_local(e->err, EIO, "random numbers");
		}
		if (ret != -EEXIST)
			break;
	}
	lw_batch_free(&b);
	if (ret)
		failed(e, ret, left);
	free(left);
	return ret;
}

/* the two jobs of a wire stand one behind the other: the other end's is before or behind */
static const struct job *peer_of(const struct job *j)
{
	return j->end ? j - 1 : j + 1;
}

static int install_tx(struct emit *e, struct site *site, struct job **jobs, size_t n)
{
	struct lw_batch b;
	int ret;

	lw_batch_init(&b, NETLINK_GENERIC);
	for (size_t i = 0; i < n; i++)
		add_sa(&b, jobs[i], LINKWIRE_DIR_TX, peer_of(jobs[i]));
	ret = lw_batch_send(&site->under, &b, NULL, NULL, e->err);
	lw_batch_free(&b);
	return ret ? failed(e, ret, jobs) : 0;
}

static bool in_use(const struct job *j, uint32_t tag)
{
	const struct topo_end *sender = peer_of(j)->was;

	return sender && sender->has_tx && sender->tx_tag == tag;
}

static int delete_rx(struct emit *e, struct site *site, struct job **jobs, size_t n, bool all)
{
	struct lw_batch b;
	int ret;

	lw_batch_init(&b, NETLINK_GENERIC);
	b.keep_going = true;
	for (size_t i = 0; i < n; i++)
		for (unsigned int k = 0; jobs[i]->was && k < jobs[i]->was->rx_tags; k++)
			if (in_use(jobs[i], jobs[i]->was->rx_tag[k]) == all)
				lw_sa_del(&b, LW_WIRE_ID(jobs[i]->id), LINKWIRE_DIR_RX, true,
					  jobs[i]->was->rx_tag[k]);
	ret = lw_batch_send(&site->under, &b, NULL, NULL, e->err);
	lw_batch_free(&b);
	/* one that expired meanwhile is gone, as it should be */
	return ret && ret != -ENOENT ? emit_failed(e, ret, "old keys at node %s", site->node->name) : 0;
}

/* a wire has room for few receiving SAs: those that nobody sends under make room */
static int delete_stale(struct emit *e, struct site *site, struct job **jobs, size_t n)
{
	return delete_rx(e, site, jobs, n, false);
}

static int delete_old(struct emit *e, struct site *site, struct job **jobs, size_t n)
{
	return delete_rx(e, site, jobs, n, true);
}

/**
 * keying() - give wires fresh keys
 * @e: the work
 * @jobs: both ends of each wire, one behind the other
 * @n: how many ends
 *
 * Return: 0 or a negative errno.
 */
int keying(struct emit *e, struct job *jobs, size_t n)
{
	size_t size = n * LINKWIRE_KEY_MAX;
	uint8_t *keys = lw_secret_alloc(size);
	struct job **order = NULL;
	bool again = false;
	int ret = 0;

	if (!keys)
		return emit_failed(e, lw_error_local(e->err, ENOMEM, "keys"), "keys");
	for (size_t i = 0; i < n; i++)
		again |= jobs[i].was && jobs[i].was->rx_tags;
	ret = draw_all(jobs, n, keys);
	if (ret) {
		emit_failed(e, lw_error_local(e->err, -ret, "random numbers"), "keys");
		goto out;
	}
	order = jobs_by_node(jobs, n);
	if (again)
		ret = jobs_each_site(e, order, n, delete_stale);
	ret = ret ?: jobs_each_site(e, order, n, install_rx) ?: jobs_each_site(e, order, n, install_tx);
	if (!ret && again) {
		nanosleep(&(struct timespec){ .tv_nsec = GRACE_MS * 1000000L }, NULL);
		ret = jobs_each_site(e, order, n, delete_old);
	}
out:
	free(order);
	lw_secret_free(keys, size);
	return ret;
}
