// SPDX-License-Identifier: MIT
/*
 * Rekeying with a peer on another machine: its part is written to standard output, line by line, each when it is due.
 * The only answer is the wire itself: when a packet has come that is authentic under the new key, the peer has carried
 * out both of its first lines.
 */
#include "lwctl/rekey.h"

#include <ctype.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "netlink/secret.h"
#include "netlink/words.h"

#define LINE_MAX_BYTES	512
#define POLL_MS		20

/* To the end of @line, which has LINE_MAX_BYTES: room for all that is put there, with names of 15 bytes. */
static void __attribute__((format(printf, 2, 3))) append(char *line, const char *fmt, ...)
{
	size_t len = strlen(line);
	va_list args;

	va_start(args, fmt);
	vsnprintf(line + len, LINE_MAX_BYTES - len, fmt, args);
	va_end(args);
}

/* Each character that batch_split() could take for something else gets a backslash. */
static void put_word(char *line, const char *word)
{
	for (; *word; word++)
		append(line, "%s%c", isalnum((unsigned char)*word) || strchr("_.-", *word) ? "" : "\\", *word);
}

/* "sa VERB WIRE DIR tag T": the beginning of every line. */
static void put_sa(char *line, const char *verb, const struct target *peer, const char *dir, uint32_t tag)
{
	append(line, "sa %s ", verb);
	if (peer->id) {
		append(line, "id %u", peer->id);
	} else {
		append(line, "dev ");	/* so that a device may be called "id" */
		put_word(line, peer->name);
	}
	append(line, " %s tag 0x%06x", dir, tag);
}

static int write_line(struct lwctl *ctl, char *line)
{
	char *at = line;
	size_t left;

	append(line, "\n");
	for (left = strlen(line); left;) {
		ssize_t n = write(STDOUT_FILENO, at, left);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return lwctl_refused(ctl, NULL, "the peer's batch: %s", strerror(errno));
		at += n;
		left -= (size_t)n;
	}
	return LWCTL_OK;
}

/* What is the kernel's default is not said: every lwctl there understands the line then. */
static int tell_add(struct lwctl *ctl, const struct target *peer, uint8_t dir, uint32_t tag,
		    const struct rekey_like *like, const struct key *key)
{
	char *line = lw_secret_alloc(LINE_MAX_BYTES);
	int ret;

	if (!line)
		return lwctl_refused(ctl, NULL, "no memory for a key");
	put_sa(line, "add", peer, lw_dir_name(dir), tag);
	append(line, " cipher %s", lw_cipher_name(key->cipher));
	if (like->lanes > 1)
		append(line, " lanes %u", like->lanes);
	if (dir == LINKWIRE_DIR_TX && like->csum == LW_CSUM_FULL)
		append(line, " csum %s", lw_csum_name(like->csum));
	append(line, " key ");
	lw_base64_encode(line + strlen(line), key->bytes, key->len);
	ret = write_line(ctl, line);
	lw_secret_free(line, LINE_MAX_BYTES);
	return ret;
}

static int tell_delete(struct lwctl *ctl, const struct target *peer, uint32_t tag)
{
	char line[LINE_MAX_BYTES] = "";

	put_sa(line, "delete", peer, "rx", tag);
	return write_line(ctl, line);
}

/* Is whoever reads our output gone? */
static bool reader_gone(void)
{
	struct pollfd fd = { .fd = STDOUT_FILENO };

	return poll(&fd, 1, 0) == 1 && (fd.revents & (POLLERR | POLLHUP));
}

/* Until a packet comes under the new key. */
static int wait_for_peer(struct lwctl *ctl, struct rekey_end *us, uint64_t timeout)
{
	uint64_t waited, gone = 0;

	lwctl_progress(ctl, "%s: waiting for a packet under the new key", us->text);
	for (waited = 0; waited < timeout; waited += POLL_MS) {
		if (rekey_heard(us))
			return LWCTL_OK;
		/* its last packet may still be on its way */
		if (gone || reader_gone())
			gone += POLL_MS;
		if (gone > 1000)
			break;
		rekey_sleep(POLL_MS);
	}
	if (rekey_heard(us))
		return LWCTL_OK;
	/*
	 * The peer may have switched, and its packet be lost: then it needs our new receiving SA, and would need it in
	 * vain if we took it away. So that one stays; it harms nothing, and a later rekeying removes it.
	 */
	return lwctl_refused(ctl, NULL, "%s: nothing came under the new key: %s; its receiving SA 0x%06x stays until a later rekey",
			     us->text, gone ? "the peer's batch has ended" : "timeout", us->tag);
}

/* From where both ends can receive with the new keys and the peer transmits with its own. */
static int finish(struct lwctl *ctl, const struct rekey_args *args, struct rekey_end *us, const struct rekey_like *like,
		  const struct key *ours, uint32_t tag)
{
	const struct lw_sa *old = rekey_old_tx(us);
	int ret = rekey_transmit(ctl, us, like, ours, tag), told = LWCTL_OK, forgot;

	if (!ret)
		rekey_grace(ctl, args);
	/* the peer loses the SA that we do not transmit to: if we could not switch, that is the new one */
	if (ret)
		told = tell_delete(ctl, &args->peer, tag);
	else if (old)
		told = tell_delete(ctl, &args->peer, old->tag);
	if (ret)
		rekey_sleep(args->grace);
	forgot = rekey_forget(ctl, args, us);
	return ret ? ret : told ? told : forgot;
}

static int change_keys(struct lwctl *ctl, const struct rekey_args *args, struct rekey_end *us, struct key *ours)
{
	const struct rekey_like like = rekey_like(args, us);
	uint32_t tag;
	int ret;

	/* the peer's tag is ours to draw, since it cannot tell us: one it has already makes it refuse the line */
	ret = lw_secret_random(&tag, sizeof(tag)) < 0 ? lwctl_refused(ctl, NULL, "no random bytes") : LWCTL_OK;
	tag &= LINKWIRE_TAG_MAX;
	if (!ret)
		ret = key_fresh(ctl, &us->key, like.cipher);
	if (!ret)
		ret = key_fresh(ctl, ours, like.cipher);
	if (!ret)
		ret = rekey_receive(ctl, us, &like);
	if (!ret)
		ret = tell_add(ctl, &args->peer, LINKWIRE_DIR_RX, tag, &like, ours);
	if (!ret)
		ret = tell_add(ctl, &args->peer, LINKWIRE_DIR_TX, us->tag, &like, &us->key);
	if (ret) {
		/* a line that did not come whole is not executed, so the peer has not switched */
		rekey_undo_receive(us);
		return ret;
	}
	ret = wait_for_peer(ctl, us, args->timeout);
	return ret ? ret : finish(ctl, args, us, &like, ours, tag);
}

int rekey_remote(struct lwctl *ctl, const struct rekey_args *args)
{
	struct lw_nl *nl;
	struct rekey_end us = { 0 };
	struct key ours = { 0 };
	struct stat st;
	int ret;

	if (fstat(STDOUT_FILENO, &st) < 0 || (!S_ISFIFO(st.st_mode) && !S_ISSOCK(st.st_mode)))
		return lwctl_usage(ctl, "keys go to standard output, which must be a pipe: `... | ssh other lwctl -batch -'");
	nl = lwctl_nl(ctl);
	if (!nl)
		return LWCTL_REFUSED;
	(void)signal(SIGPIPE, SIG_IGN);		/* the undo is ours to do */
	ret = rekey_end_open(ctl, &us, nl, &args->wire);
	if (!ret && !us.wire.up)
		ret = lwctl_refused(ctl, NULL, "%s is down: nothing can come from the peer", us.text);
	if (!ret)
		ret = change_keys(ctl, args, &us, &ours);
	rekey_end_close(&us);
	key_free(&ours);
	(void)signal(SIGPIPE, SIG_DFL);
	return ret;
}
