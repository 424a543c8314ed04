// SPDX-License-Identifier: MIT
#include "netlink/batch.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/genetlink.h>
#include <linux/linkwire.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "netlink/attrs.h"
#include "netlink/secret.h"

#define WINDOW_BYTES	65536	/* of requests; the kernel copies a window into one buffer of the socket */
#define WINDOW_REQUESTS	64
#define ANSWER_COST	16384	/* of the receive buffer: an echo with the kernel's overhead, generously */
#define ANSWER_MAX	(256 * 1024)	/* bytes of one datagram: a device has up to 64 KiB of other names */
#define ANSWERS		8		/* datagrams of one read */
#define DUMP_TRIES	8

void lw_batch_init(struct lw_batch *b, int protocol)
{
	*b = (struct lw_batch){ .protocol = protocol, .most = LW_REQUEST_MAX };
}

static void free_buf(struct lw_batch *b)
{
	if (b->open)
		free(b->buf);
	else
		lw_secret_free(b->buf, b->size);
}

void lw_batch_free(struct lw_batch *b)
{
	free_buf(b);
	free(b->at);
	free(b->status);
	lw_batch_init(b, b->protocol);
}

void lw_batch_reset(struct lw_batch *b)
{
	if (b->buf)
		explicit_bzero(b->buf, b->len);
	b->len = 0;
	b->n = 0;
	b->most = LW_REQUEST_MAX;
	b->err = 0;
}

void lw_batch_make_longer(struct lw_batch *b, size_t bytes)
{
	b->most = LW_REQUEST_MAX + bytes;
}

/*
 * Room for one more request. The old memory may hold keys, so it is wiped rather than given to realloc(). A dump asks
 * with no key, and stands alone in memory that has room for nothing else. (Its flags would be REPLACE and EXCL in one
 * that makes something: no builder has both.)
 */
static int make_room(struct lw_batch *b, bool dump)
{
	if (b->len + b->most > b->size || (b->open && !dump)) {
		size_t size = b->size ? 2 * b->size : dump ? b->most : 4 * LW_REQUEST_MAX;
		bool open = dump && !b->size;
		char *buf;

		while (b->len + b->most > size)
			size *= 2;
		buf = open ? malloc(size) : lw_secret_alloc(size);
		if (!buf)
			return -ENOMEM;
		if (b->len)
			memcpy(buf, b->buf, b->len);
		free_buf(b);
		b->buf = buf;
		b->size = size;
		b->open = open;
	}
	if (b->n == b->room) {
		unsigned int room = b->room ? 2 * b->room : 16;
		size_t *at = realloc(b->at, room * sizeof(*at));
		int *status;

		if (!at)
			return -ENOMEM;
		b->at = at;
		status = realloc(b->status, room * sizeof(*status));
		if (!status)
			return -ENOMEM;
		b->status = status;
		b->room = room;
	}
	return 0;
}

struct nlmsghdr *lw_batch_begin(struct lw_batch *b, uint16_t type, uint16_t flags)
{
	struct nlmsghdr *nlh;

	if (b->err)
		return NULL;
	b->err = make_room(b, (flags & NLM_F_DUMP) == NLM_F_DUMP);
	if (b->err)
		return NULL;
	nlh = mnl_nlmsg_put_header(b->buf + b->len);
	nlh->nlmsg_type = type;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
	return nlh;
}

int lw_batch_end(struct lw_batch *b, struct nlmsghdr *nlh)
{
	if (!nlh)
		return b->err;
	if (nlh->nlmsg_len > b->most) {
		b->err = -EMSGSIZE;
		return b->err;
	}
	b->most = LW_REQUEST_MAX;
	b->at[b->n] = b->len;
	b->status[b->n] = LW_NOT_SENT;
	b->len += MNL_ALIGN(nlh->nlmsg_len);
	return (int)b->n++;
}

struct nlmsghdr *lw_batch_request(const struct lw_batch *b, unsigned int i)
{
	return (struct nlmsghdr *)(b->buf + b->at[i]);
}

static struct mnl_socket *socket_of(struct lw_nl *nl, const struct lw_batch *b)
{
	switch (b->protocol) {
	case NETLINK_ROUTE:
		return nl->rtnl;
	case NETLINK_NETFILTER:
		return nl->nfnl;
	default:
		return nl->genl;
	}
}

/* Sequence numbers, and the id of the family where the builder could not know it. */
static int stamp(struct lw_nl *nl, struct lw_batch *b, struct lw_error *err)
{
	unsigned int i;
	int ret;

	for (i = 0; i < b->n; i++) {
		struct nlmsghdr *nlh = lw_batch_request(b, i);

		if (!nlh->nlmsg_type) {
			ret = lw_nl_family(nl, err);
			if (ret < 0)
				return ret;
			nlh->nlmsg_type = nl->family;
		}
		b->status[i] = LW_NOT_SENT;
	}
	for (i = 0; i < b->n; i++)
		lw_batch_request(b, i)->nlmsg_seq = ++nl->seq;
	return 0;
}

static const char *kind_of(const struct nlmsghdr *nlh)
{
	const struct nlattr *a, *info;

	mnl_attr_for_each(a, nlh, sizeof(struct ifinfomsg))
		if (mnl_attr_get_type(a) == IFLA_LINKINFO)
			mnl_attr_for_each_nested(info, a)
				if (mnl_attr_get_type(info) == IFLA_INFO_KIND)
					return mnl_attr_get_str(info);
	return "";
}

/* What the kernel says of the request @i: @ack is its NLMSG_ERROR (or NLMSG_DONE of a dump that failed). */
static void explain(const struct lw_batch *b, unsigned int i, int code, const struct nlmsghdr *ack, size_t fixed,
		    struct lw_error *err)
{
	const struct nlmsghdr *request = lw_batch_request(b, i);
	const struct nlattr *tlv;
	int64_t missing = -1;
	uint32_t nest = 0;

	if (!err)
		return;
	lw_error_clear(err);
	err->kind = LW_ERR_KERNEL;
	err->code = -code;
	err->request = (int)i;
	if (ack->nlmsg_flags & NLM_F_ACK_TLVS) {
		mnl_attr_for_each(tlv, ack, fixed) {
			switch (mnl_attr_get_type(tlv)) {
			case NLMSGERR_ATTR_MSG:
				if (mnl_attr_validate(tlv, MNL_TYPE_NUL_STRING) >= 0)
					strncpy(err->text, mnl_attr_get_str(tlv), sizeof(err->text) - 1);
				break;
			case NLMSGERR_ATTR_OFFS:
				if (mnl_attr_validate(tlv, MNL_TYPE_U32) >= 0)
					lw_attrs_path(request, b->protocol, mnl_attr_get_u32(tlv), err->attr,
						      sizeof(err->attr));
				break;
			case NLMSGERR_ATTR_MISS_TYPE:
				if (mnl_attr_validate(tlv, MNL_TYPE_U32) >= 0)
					missing = mnl_attr_get_u32(tlv);
				break;
			case NLMSGERR_ATTR_MISS_NEST:
				if (mnl_attr_validate(tlv, MNL_TYPE_U32) >= 0)
					nest = mnl_attr_get_u32(tlv);
				break;
			}
		}
	}
	if (missing >= 0) {
		lw_attrs_missing(request, b->protocol, nest, (uint16_t)missing, err->attr, sizeof(err->attr));
		if (!err->text[0])
			strcpy(err->text, "an attribute is missing");
	}
	if (code == -EOPNOTSUPP && request->nlmsg_type == RTM_NEWLINK && b->protocol == NETLINK_ROUTE &&
	    !strcmp(kind_of(request), LINKWIRE_KIND) && !strncmp(err->text, "Unknown device type", 19))
		err->kind = LW_ERR_NO_MODULE;
}

/* where answers are read to: most of its pages are never written to, and cost nothing */
struct answers {
	char *buf;			/* ANSWERS times ANSWER_MAX bytes */
	size_t len[ANSWERS];		/* of each datagram; 0: it is none of the kernel's */
	unsigned int n;
};

static int answers_init(struct answers *a, struct lw_error *err)
{
	a->buf = malloc(ANSWERS * (size_t)ANSWER_MAX);
	return a->buf ? 0 : lw_error_local(err, ENOMEM, "reading the kernel's answer");
}

static const struct nlmsghdr *answers_begin(const struct answers *a, unsigned int i)
{
	return (const struct nlmsghdr *)(a->buf + i * (size_t)ANSWER_MAX);
}

/* Answers were lost: what is left in the socket goes, too, since it takes no others before. */
static void drain(int fd, char *buf)
{
	while (recv(fd, buf, 1, MSG_DONTWAIT) >= 0 || errno == EINTR)
		;
}

/*
 * One read. There is nothing to wait for: the kernel answers before the request returns, and goes on with a dump while
 * it is read. (What somebody else sent before the socket was connected is left aside.)
 */
static int receive(struct mnl_socket *s, struct answers *a, struct lw_error *err)
{
	struct sockaddr_nl from[ANSWERS] = { 0 };
	struct mmsghdr msg[ANSWERS] = { 0 };
	struct iovec iov[ANSWERS];
	int fd = mnl_socket_get_fd(s), n, ret;
	unsigned int i;

	for (i = 0; i < ANSWERS; i++) {
		iov[i] = (struct iovec){ a->buf + i * (size_t)ANSWER_MAX, ANSWER_MAX };
		msg[i].msg_hdr = (struct msghdr){ .msg_name = &from[i], .msg_namelen = sizeof(from[i]),
						  .msg_iov = &iov[i], .msg_iovlen = 1 };
	}
	do {
		n = recvmmsg(fd, msg, ANSWERS, MSG_DONTWAIT, NULL);
	} while (n < 0 && errno == EINTR);
	if (n < 0) {
		ret = lw_error_local(err, errno, "reading the kernel's answer");
		if (ret == -ENOBUFS)
			drain(fd, a->buf);
		return ret;
	}
	a->n = (unsigned int)n;
	for (i = 0; i < a->n; i++) {
		a->len[i] = from[i].nl_pid ? 0 : msg[i].msg_len;
		if (a->len[i] && msg[i].msg_hdr.msg_flags & MSG_TRUNC)
			return lw_error_local(err, ENOSPC, "reading the kernel's answer");
	}
	return 0;
}

struct window {
	struct lw_batch *b;
	unsigned int first, n, open;	/* requests first … first + n - 1, open of them not answered */
	lw_reply_fn *fn;
	void *arg;
	int ret;			/* of the first failure */
	struct lw_error *err;
};

static void take_answer(struct window *w, const struct nlmsghdr *nlh)
{
	unsigned int i = nlh->nlmsg_seq - lw_batch_request(w->b, w->first)->nlmsg_seq;
	const struct nlmsgerr *ack;
	int ret;

	if (i >= w->n || w->b->status[w->first + i] != LW_NOT_SENT)
		return;		/* left over from a request whose sender gave up */
	i += w->first;
	if (nlh->nlmsg_type != NLMSG_ERROR) {
		ret = w->fn && nlh->nlmsg_type >= NLMSG_MIN_TYPE ? w->fn(nlh, i, w->arg) : 0;
		if (ret < 0 && !w->ret)
			w->ret = lw_error_local(w->err, -ret, "the kernel's answer");
		return;
	}
	ack = mnl_nlmsg_get_payload(nlh);
	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(*ack))
		return;
	w->b->status[i] = ack->error > 0 ? -EBADMSG : ack->error;
	w->open--;
	if (ack->error && !w->ret) {
		/* without NETLINK_CAP_ACK the whole request would stand before the TLVs */
		size_t fixed = sizeof(*ack);

		if (!(nlh->nlmsg_flags & NLM_F_CAPPED))
			fixed += MNL_ALIGN(ack->msg.nlmsg_len) - sizeof(ack->msg);
		w->ret = w->b->status[i];
		explain(w->b, i, w->ret, nlh, fixed, w->err);
	}
}

static void take_answers(struct window *w, const struct answers *a)
{
	for (unsigned int i = 0; i < a->n; i++) {
		const struct nlmsghdr *nlh = answers_begin(a, i);
		int left = (int)a->len[i];

		for (; mnl_nlmsg_ok(nlh, left); nlh = mnl_nlmsg_next(nlh, &left))
			take_answer(w, nlh);
	}
}

static int send_window(struct lw_nl *nl, struct window *w, struct answers *a)
{
	struct mnl_socket *s = socket_of(nl, w->b);
	unsigned int last = w->first + w->n - 1;
	size_t from = w->b->at[w->first];
	size_t to = w->b->at[last] + MNL_ALIGN(lw_batch_request(w->b, last)->nlmsg_len);
	unsigned int i;
	int ret;

	while (mnl_socket_sendto(s, w->b->buf + from, to - from) < 0)
		if (errno != EINTR)
			return lw_error_local(w->err, errno, "sending to the kernel");

	w->open = w->n;
	while (w->open) {
		ret = receive(s, a, w->err);
		if (ret < 0) {
			/* carried out or not: nobody knows */
			for (i = w->first; i <= last; i++)
				if (w->b->status[i] == LW_NOT_SENT)
					w->b->status[i] = ret;
			return ret;
		}
		take_answers(w, a);
	}
	return w->ret;
}

/* How many requests have room for their answers in the socket, @wanted at most. */
static unsigned int answers_fit(struct lw_nl *nl, const struct lw_batch *b, unsigned int wanted)
{
	int fd = mnl_socket_get_fd(socket_of(nl, b)), size = 0;
	socklen_t len = sizeof(size);

	if (!getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, &len) && size / ANSWER_COST < (int)wanted) {
		lw_nl_make_room(fd);
		if (getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, &len) < 0)
			return 1;
	}
	return size / ANSWER_COST < 1 ? 1 : size / ANSWER_COST < (int)wanted ? (unsigned int)(size / ANSWER_COST) : wanted;
}

/* How many requests from @first on make a window. */
static unsigned int window_size(struct lw_nl *nl, const struct lw_batch *b, unsigned int first)
{
	unsigned int n, most = b->n - first < WINDOW_REQUESTS ? b->n - first : WINDOW_REQUESTS;

	most = answers_fit(nl, b, most);
	for (n = 1; n < most; n++) {
		const struct nlmsghdr *next = lw_batch_request(b, first + n);

		if (b->at[first + n] + next->nlmsg_len - b->at[first] > WINDOW_BYTES)
			break;
	}
	return n;
}

int lw_batch_send(struct lw_nl *nl, struct lw_batch *b, lw_reply_fn *fn, void *arg, struct lw_error *err)
{
	struct answers answers;
	unsigned int first;
	int ret, failed = 0;

	lw_error_clear(err);
	if (b->err)
		return lw_error_local(err, -b->err, "building a request");
	if (!b->n)
		return 0;
	ret = stamp(nl, b, err);
	if (ret < 0)
		return ret;
	ret = answers_init(&answers, err);
	if (ret < 0)
		return ret;

	for (first = 0; first < b->n && (!failed || b->keep_going);) {
		/* the first failure is the one that is told */
		struct window w = {
			.b = b, .first = first, .n = window_size(nl, b, first), .fn = fn, .arg = arg,
			.err = failed ? NULL : err,
		};

		ret = send_window(nl, &w, &answers);
		if (ret < 0 && !failed)
			failed = ret;
		first += w.n;
	}
	free(answers.buf);
	return failed;
}

/* the whole answer to a dump, message behind message */
struct pages {
	char *buf;
	size_t len, size;
	bool interrupted;
	bool done;
};

static int keep_message(struct pages *p, const struct nlmsghdr *nlh)
{
	size_t len = MNL_ALIGN(nlh->nlmsg_len);

	if (p->len + len > p->size) {
		size_t size = p->size ? 2 * p->size : 4 * ANSWER_MAX;
		char *buf = realloc(p->buf, size);

		if (!buf)
			return -ENOMEM;
		p->buf = buf;
		p->size = size;
	}
	memcpy(p->buf + p->len, nlh, nlh->nlmsg_len);
	memset(p->buf + p->len + nlh->nlmsg_len, 0, len - nlh->nlmsg_len);
	p->len += len;
	return 0;
}

static int take_page(struct lw_batch *b, struct pages *p, const struct nlmsghdr *nlh, size_t len, struct lw_error *err)
{
	uint32_t seq = lw_batch_request(b, 0)->nlmsg_seq;
	int left, code;

	for (left = (int)len; mnl_nlmsg_ok(nlh, left); nlh = mnl_nlmsg_next(nlh, &left)) {
		if (nlh->nlmsg_seq != seq)
			continue;
		if (nlh->nlmsg_flags & NLM_F_DUMP_INTR)
			p->interrupted = true;
		if (nlh->nlmsg_type == NLMSG_DONE || nlh->nlmsg_type == NLMSG_ERROR) {
			code = mnl_nlmsg_get_payload_len(nlh) >= sizeof(int) ?
				*(const int *)mnl_nlmsg_get_payload(nlh) : 0;
			p->done = true;
			b->status[0] = code > 0 ? 0 : code;
			if (code < 0)
				explain(b, 0, code, nlh, nlh->nlmsg_type == NLMSG_DONE ?
					sizeof(int) : sizeof(struct nlmsgerr), err);
			return code < 0 ? code : 0;
		}
		if (nlh->nlmsg_type >= NLMSG_MIN_TYPE && keep_message(p, nlh) < 0)
			return lw_error_local(err, ENOMEM, "reading the kernel's answer");
	}
	return 0;
}

static int dump_once(struct lw_nl *nl, struct lw_batch *b, struct pages *p, struct answers *a, struct lw_error *err)
{
	struct mnl_socket *s = socket_of(nl, b);
	int ret = stamp(nl, b, err);
	unsigned int i;

	p->len = 0;
	p->interrupted = false;
	p->done = false;
	if (ret < 0)
		return ret;
	while (mnl_socket_sendto(s, b->buf, b->len) < 0)
		if (errno != EINTR)
			return lw_error_local(err, errno, "sending to the kernel");
	while (!p->done) {
		ret = receive(s, a, err);
		for (i = 0; !ret && !p->done && i < a->n; i++)
			ret = take_page(b, p, answers_begin(a, i), a->len[i], err);
		if (ret < 0)
			return ret;
	}
	return 0;
}

int lw_batch_dump(struct lw_nl *nl, struct lw_batch *b, lw_reply_fn *fn, void *arg, struct lw_error *err)
{
	struct answers answers;
	struct pages p = { 0 };
	unsigned int tries;
	int ret;

	lw_error_clear(err);
	nl->interrupted = false;
	if (b->err || b->n != 1)
		return lw_error_local(err, b->err ? -b->err : EINVAL, "building a request");
	ret = answers_init(&answers, err);
	if (ret < 0)
		return ret;

	for (tries = 0; tries < DUMP_TRIES; tries++) {
		ret = dump_once(nl, b, &p, &answers, err);
		if (ret < 0 || !p.interrupted)
			break;
		usleep(1000U << tries);		/* whoever changes the list may be done soon */
	}
	nl->interrupted = p.interrupted;
	if (!ret) {
		const struct nlmsghdr *nlh = (const struct nlmsghdr *)p.buf;
		int left;

		for (left = (int)p.len; !ret && mnl_nlmsg_ok(nlh, left); nlh = mnl_nlmsg_next(nlh, &left))
			ret = fn(nlh, 0, arg);
		if (ret < 0)
			lw_error_local(err, -ret, "the kernel's answer");
		else
			ret = 0;
	}
	free(p.buf);
	free(answers.buf);
	return ret;
}
