// SPDX-License-Identifier: MIT
#include "lwctl/rekey.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "netlink/netns.h"
#include "netlink/words.h"

void rekey_sleep(uint64_t ms)
{
	struct timespec left = { .tv_sec = (time_t)(ms / 1000), .tv_nsec = (long)(ms % 1000) * 1000000 };

	while (nanosleep(&left, &left) < 0 && errno == EINTR)
		;
}

void rekey_grace(struct lwctl *ctl, const struct rekey_args *args)
{
	lwctl_progress(ctl, "%s: the new keys are in use; the old ones go in %u.%01u s", args->wire.text,
		       (unsigned int)(args->grace / 1000), (unsigned int)(args->grace % 1000 / 100));
	rekey_sleep(args->grace);
}

int rekey_end_open(struct lwctl *ctl, struct rekey_end *end, struct lw_nl *nl, const struct target *target)
{
	int ret;

	*end = (struct rekey_end){ .nl = nl, .text = target->text };
	ret = target_find(ctl, nl, target, &end->wire);
	return ret ? ret : sa_list_load(ctl, nl, end->wire.id, &end->before);
}

void rekey_end_close(struct rekey_end *end)
{
	sa_list_free(&end->before);
	key_free(&end->key);
}

const struct lw_sa *rekey_old_tx(const struct rekey_end *end)
{
	unsigned int i;

	for (i = 0; i < end->before.n; i++)
		if (end->before.sa[i].dir == LINKWIRE_DIR_TX)
			return &end->before.sa[i];
	return NULL;
}

struct rekey_like rekey_like(const struct rekey_args *args, const struct rekey_end *end)
{
	const struct lw_sa *sa = rekey_old_tx(end), none = { 0 };

	if (!sa)
		sa = end->before.n ? &end->before.sa[end->before.n - 1] : &none;
	return (struct rekey_like){
		.cipher = args->cipher ? args->cipher :
			  lw_cipher_key_size(sa->cipher) ? sa->cipher : LINKWIRE_CIPHER_AES_256_GCM,
		.lanes = args->lanes ? args->lanes : sa->lanes,
		.csum = args->csum ? args->csum : sa->csum,
	};
}

static int delete_receiving(struct rekey_end *end, uint32_t tag, struct lw_error *err)
{
	struct lw_batch b;
	int ret;

	lw_batch_init(&b, NETLINK_GENERIC);
	lw_sa_del(&b, LW_WIRE_ID(end->wire.id), LINKWIRE_DIR_RX, true, tag);
	ret = lw_batch_send(end->nl, &b, NULL, NULL, err);
	lw_batch_free(&b);
	return ret;
}

/*
 * A rekeying that never heard of its peer leaves a receiving SA behind (rekey_remote.c says why). When such have taken
 * all the room, the oldest of them goes.
 */
static void make_room(struct rekey_end *end)
{
	struct lw_sa *unheard = NULL;
	struct lw_error err;
	unsigned int i, n = 0;

	for (i = 0; i < end->before.n; i++) {
		struct lw_sa *sa = &end->before.sa[i];

		if (sa->dir != LINKWIRE_DIR_RX)
			continue;
		n++;
		if (!sa->packets && !unheard)
			unheard = sa;	/* the list has the oldest first */
	}
	if (n >= LINKWIRE_RX_SA_MAX && unheard && delete_receiving(end, unheard->tag, &err) == 0)
		unheard->dir = 0;	/* no longer to be deleted */
}

int rekey_receive(struct lwctl *ctl, struct rekey_end *end, const struct rekey_like *like)
{
	const struct lw_sa_new sa = {
		.dir = LINKWIRE_DIR_RX, .cipher = end->key.cipher, .lanes = like->lanes,
		.key = end->key.bytes, .key_len = (uint8_t)end->key.len,
	};
	struct lw_error err;

	make_room(end);
	if (lw_sa_add_now(end->nl, LW_WIRE_ID(end->wire.id), &sa, &end->tag, &err) < 0)
		return lwctl_refused(ctl, &err, "%s: the new receiving SA", end->text);
	end->receiving = true;
	return LWCTL_OK;
}

int rekey_transmit(struct lwctl *ctl, struct rekey_end *end, const struct rekey_like *like, const struct key *key,
		   uint32_t tag)
{
	const struct lw_sa_new sa = {
		.dir = LINKWIRE_DIR_TX, .has_tag = true, .tag = tag, .cipher = key->cipher,
		.key = key->bytes, .key_len = (uint8_t)key->len, .lanes = like->lanes, .csum = like->csum,
	};
	struct lw_error err;

	if (lw_sa_add_now(end->nl, LW_WIRE_ID(end->wire.id), &sa, NULL, &err) < 0)
		return lwctl_refused(ctl, &err, "%s: the new transmitting SA", end->text);
	return LWCTL_OK;
}

void rekey_undo_receive(struct rekey_end *end)
{
	struct lw_error err;

	if (end->receiving)
		(void)delete_receiving(end, end->tag, &err);
	end->receiving = false;
}

int rekey_forget(struct lwctl *ctl, const struct rekey_args *args, struct rekey_end *end)
{
	const uint64_t young = (args->timeout + args->grace) / 1000;	/* what a rekeying takes, in whole seconds as ages are */
	struct lw_error err;
	int ret = LWCTL_OK;
	unsigned int i;

	for (i = 0; i < end->before.n; i++) {
		const struct lw_sa *sa = &end->before.sa[i];

		if (sa->dir != LINKWIRE_DIR_RX || (!sa->packets && sa->age <= young))
			continue;
		/* somebody else may have deleted it, which is as good */
		if (delete_receiving(end, sa->tag, &err) < 0 && err.code != ENOENT)
			ret = lwctl_refused(ctl, &err, "%s: deleting the old receiving SA 0x%06x", end->text, sa->tag);
	}
	return ret;
}

bool rekey_heard(struct rekey_end *end)
{
	struct lw_error err;
	struct lw_sa sa;

	return lw_sa_get(end->nl, LW_WIRE_ID(end->wire.id), LINKWIRE_DIR_RX, end->tag, &sa, &err) == 0 &&
	       sa.packets;
}

static int check_ends(struct lwctl *ctl, const struct rekey_end *a, const struct rekey_end *b)
{
	if (a->wire.id == b->wire.id && a->nl->cookie == b->nl->cookie)
		return lwctl_usage(ctl, "%s is not its own peer", a->text);
	if (a->wire.spec.encap != b->wire.spec.encap || a->wire.spec.mode != b->wire.spec.mode)
		return lwctl_usage(ctl, "%s and %s differ in encap or mode: they are not the ends of one wire", a->text,
				   b->text);
	return LWCTL_OK;
}

/* Switches both; what has been switched stays so, and its receiver keeps both SAs. */
static int switch_both(struct lwctl *ctl, struct rekey_end *a, struct rekey_end *b, const struct rekey_like *like)
{
	int ret = rekey_transmit(ctl, a, like, &b->key, b->tag);

	if (ret) {
		rekey_undo_receive(a);
		rekey_undo_receive(b);
		return ret;
	}
	ret = rekey_transmit(ctl, b, like, &a->key, a->tag);
	if (ret) {
		/* the old transmitting SA of a is gone and no one has its key: that direction stays new */
		rekey_undo_receive(a);
		lwctl_warn(ctl, "%s transmits with its new key, %s with its old one", a->text, b->text);
	}
	return ret;
}

static int change_keys(struct lwctl *ctl, const struct rekey_args *args, struct rekey_end *a, struct rekey_end *b)
{
	const struct rekey_like like = rekey_like(args, a);
	int ret;

	ret = check_ends(ctl, a, b);
	if (!ret)
		ret = key_fresh(ctl, &a->key, like.cipher);
	if (!ret)
		ret = key_fresh(ctl, &b->key, like.cipher);
	if (!ret)
		ret = rekey_receive(ctl, a, &like);
	if (!ret)
		ret = rekey_receive(ctl, b, &like);
	if (ret) {
		rekey_undo_receive(a);
		return ret;
	}
	ret = switch_both(ctl, a, b, &like);
	if (ret)
		return ret;

	rekey_grace(ctl, args);
	if (a->wire.up && b->wire.up && (!rekey_heard(a) || !rekey_heard(b)))
		lwctl_warn(ctl, "%s and %s have new keys, but do not hear each other", a->text, b->text);
	ret = rekey_forget(ctl, args, a);
	return rekey_forget(ctl, args, b) ? LWCTL_REFUSED : ret;
}

int rekey_local(struct lwctl *ctl, const struct rekey_args *args)
{
	struct rekey_end a = { 0 }, b = { 0 };
	struct lw_nl *nl = lwctl_nl(ctl), other;
	struct lw_error err;
	int ret;

	if (!nl)
		return LWCTL_REFUSED;
	if (args->peer_netns && lw_nl_open_name(&other, args->peer_netns, &err) < 0)
		return lwctl_refused(ctl, &err, "%s", "");
	ret = rekey_end_open(ctl, &a, nl, &args->wire);
	if (!ret)
		ret = rekey_end_open(ctl, &b, args->peer_netns ? &other : nl, &args->peer);
	if (!ret)
		ret = change_keys(ctl, args, &a, &b);
	rekey_end_close(&a);
	rekey_end_close(&b);
	if (args->peer_netns)
		lw_nl_close(&other);
	return ret;
}

static const char *const options[] = { "peer-netns", "cipher", "lanes", "csum", "grace", "timeout" };
enum { PEER_NETNS, CIPHER, LANES, CSUM, GRACE, TIMEOUT, OPTIONS };

static int parse_option(struct lwctl *ctl, struct args *args, struct rekey_args *r, const char *word)
{
	unsigned int i;
	char *value;
	int ret;

	if (!strcmp(word, "peer") || !strcmp(word, "remote-name") || !strcmp(word, "remote-id")) {
		if (r->peer.text)
			return lwctl_usage(ctl, "'%s': one peer, please", word);
		r->remote = word[0] == 'r';
		if (strcmp(word, "remote-id"))
			return args_wire(ctl, args, &r->peer);
		ret = args_value(ctl, args, word, &value);
		if (!ret) {
			char *by_id[] = { (char[]){ "id" }, value };
			struct args two = ARGS(2, by_id);

			ret = args_wire(ctl, &two, &r->peer);
		}
		return ret;
	}
	for (i = 0; i < OPTIONS && strcmp(options[i], word); i++)
		;
	if (i == OPTIONS)
		return lwctl_usage(ctl, "unknown option '%.64s'", word);
	if (r->seen & 1U << i)
		return lwctl_usage(ctl, "'%s' is given twice", word);
	r->seen |= 1U << i;
	ret = args_value(ctl, args, word, &value);
	if (ret)
		return ret;
	if (i == CIPHER)
		return args_cipher(ctl, value, &r->cipher);
	if (i == LANES)
		return args_lanes(ctl, value, &r->lanes);
	if (i == CSUM)
		return args_csum(ctl, value, &r->csum);
	if (i == GRACE)
		return args_seconds(ctl, word, value, &r->grace);
	if (i == TIMEOUT)
		return args_seconds(ctl, word, value, &r->timeout);
	r->peer_netns = value;
	return lw_netns_name_valid(value) ? LWCTL_OK : lwctl_usage(ctl, "bad %s '%.64s': a name in " LW_NETNS_DIR,
								   word, value);
}

int cmd_rekey(struct lwctl *ctl, int argc, char **argv)
{
	struct rekey_args r = { .grace = REKEY_GRACE_MS, .timeout = REKEY_TIMEOUT_MS };
	struct args args = ARGS(argc, argv);
	char *word;
	int ret;

	ret = args_wire(ctl, &args, &r.wire);
	while (!ret && (word = args_next(&args)))
		ret = parse_option(ctl, &args, &r, word);
	if (ret)
		return ret;
	if (!r.peer.text)
		return lwctl_usage(ctl, "%s: 'peer' or 'remote-name' is missing", r.wire.text);
	if (r.remote && r.peer_netns)
		return lwctl_usage(ctl, "'peer-netns' is for a peer on this machine");
	if (!r.remote && r.seen & 1U << TIMEOUT)
		return lwctl_usage(ctl, "'timeout' is for a peer on another machine");
	return r.remote ? rekey_remote(ctl, &r) : rekey_local(ctl, &r);
}
