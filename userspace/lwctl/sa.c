// SPDX-License-Identifier: MIT
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "lwctl/args.h"
#include "lwctl/key.h"
#include "lwctl/sa_list.h"
#include "lwctl/show.h"
#include "netlink/sa.h"
#include "netlink/words.h"

/* the options of `sa add` that are plain numbers */
static const struct number {
	const char *word;
	size_t offset;		/* of its uint64_t in struct lw_sa_new */
	uint8_t dir;		/* in this direction only; 0: both */
} numbers[] = {
	{ "start",	  offsetof(struct lw_sa_new, start),	    LINKWIRE_DIR_TX },
	{ "soft-packets", offsetof(struct lw_sa_new, soft_packets), 0 },
	{ "hard-packets", offsetof(struct lw_sa_new, hard_packets), 0 },
	{ "soft-bytes",	  offsetof(struct lw_sa_new, soft_bytes),   0 },
	{ "hard-bytes",	  offsetof(struct lw_sa_new, hard_bytes),   0 },
	{ "soft-seconds", offsetof(struct lw_sa_new, soft_seconds), 0 },
	{ "hard-seconds", offsetof(struct lw_sa_new, hard_seconds), 0 },
};

#define NUMBERS (sizeof(numbers) / sizeof(numbers[0]))

struct sa_args {
	struct lw_sa_new sa;
	const char *key_file;
	char *key;		/* the key itself, in a private batch */
	uint32_t seen;		/* numbers given, by their index */
};

static int args_dir(struct lwctl *ctl, struct args *args, uint8_t *dir)
{
	const char *word = args_next(args);

	*dir = word ? lw_dir_parse(word) : 0;
	if (!word)
		return lwctl_usage(ctl, "the direction is missing: rx or tx");
	return *dir ? LWCTL_OK : lwctl_usage(ctl, "unknown direction '%.64s': rx or tx", word);
}

static int parse_inline_key(struct lwctl *ctl, struct sa_args *s, char *value)
{
	s->key = value;
	if (ctl->keys_inline)
		return LWCTL_OK;
	explicit_bzero(value, strlen(value));
	if (ctl->where_file)
		return lwctl_usage(ctl, "'key' in a batch file, and %s: make a new key, in a file of your own with mode 0600",
				   ctl->keys_why);
	return lwctl_usage(ctl, "'key' on the command line can be seen by all: use key-file, or '-batch -'");
}

static int parse_sa_option(struct lwctl *ctl, struct args *args, struct sa_args *s, const char *word)
{
	unsigned int i;
	char *value;
	int ret;

	for (i = 0; i < NUMBERS && strcmp(numbers[i].word, word); i++)
		;
	if (i == NUMBERS && strcmp(word, "tag") && strcmp(word, "cipher") && strcmp(word, "key-file") &&
	    strcmp(word, "key") && strcmp(word, "lanes") && strcmp(word, "csum"))
		return lwctl_usage(ctl, "unknown option '%.64s'", word);
	ret = args_value(ctl, args, word, &value);
	if (ret)
		return ret;

	if (i < NUMBERS) {
		if (s->seen & 1U << i)
			return lwctl_usage(ctl, "'%s' is given twice", word);
		s->seen |= 1U << i;
		if (numbers[i].dir && numbers[i].dir != s->sa.dir)
			return lwctl_usage(ctl, "'%s' is for %s only", word, lw_dir_name(numbers[i].dir));
		return args_number(ctl, word, value, 1, UINT64_MAX,
				   (uint64_t *)((char *)&s->sa + numbers[i].offset));
	}
	if (!strcmp(word, "key") || !strcmp(word, "key-file")) {
		bool another = s->key || s->key_file;

		ret = strcmp(word, "key") ? LWCTL_OK : parse_inline_key(ctl, s, value);
		if (strcmp(word, "key"))
			s->key_file = value;
		return ret || !another ? ret : lwctl_usage(ctl, "one key, please: 'key' or 'key-file'");
	}
	if (!strcmp(word, "tag")) {
		if (s->sa.has_tag)
			return lwctl_usage(ctl, "'%s' is given twice", word);
		s->sa.has_tag = true;
		return args_tag(ctl, value, &s->sa.tag);
	}
	if (!strcmp(word, "cipher")) {
		if (s->sa.cipher)
			return lwctl_usage(ctl, "'%s' is given twice", word);
		return args_cipher(ctl, value, &s->sa.cipher);
	}
	if (!strcmp(word, "lanes")) {
		if (s->sa.lanes)
			return lwctl_usage(ctl, "'%s' is given twice", word);
		return args_lanes(ctl, value, &s->sa.lanes);
	}
	/* csum */
	if (s->sa.dir != LINKWIRE_DIR_TX)
		return lwctl_usage(ctl, "'csum' is for tx only");
	if (s->sa.csum)
		return lwctl_usage(ctl, "'%s' is given twice", word);
	return args_csum(ctl, value, &s->sa.csum);
}

/* All that can be said without a key and without the kernel. */
static int parse_sa(struct lwctl *ctl, struct args *args, struct target *target, struct sa_args *s)
{
	char *word;
	int ret;

	ret = args_wire(ctl, args, target);
	if (!ret)
		ret = args_dir(ctl, args, &s->sa.dir);
	while (!ret && (word = args_next(args)))
		ret = parse_sa_option(ctl, args, s, word);
	if (ret)
		return ret;
	if (!s->sa.cipher)
		return lwctl_usage(ctl, "%s: 'cipher' is missing: aes-128-gcm, aes-256-gcm or chacha20-poly1305",
				   target->text);
	if (!s->key && !s->key_file)
		return lwctl_usage(ctl, "%s: 'key-file' is missing: a file, or - for standard input", target->text);
	if (s->sa.dir == LINKWIRE_DIR_TX && !s->sa.has_tag)
		return lwctl_usage(ctl, "%s: 'tag' is missing: the tag of the peer's receiving SA", target->text);
	return LWCTL_OK;
}

/* A tag that the kernel drew has to be known to the peer: it is the one thing that `sa add` prints. */
static void show_tag(struct lwctl *ctl, const struct lw_wire *wire, uint32_t tag)
{
	struct printer *p = &ctl->out;

	print_open_object(p, NULL);
	print_u64(p, "id", NULL, wire->id);
	print_u64(p, "tag", "tag 0x%06llx\n", tag);
	print_close_object(p);
	print_end(p);
}

static int sa_add(struct lwctl *ctl, int argc, char **argv)
{
	struct args args = ARGS(argc, argv);
	struct sa_args s = { 0 };
	struct target target;
	struct lw_error err;
	struct lw_wire wire;
	struct lw_nl *nl;
	struct key key;
	uint32_t tag;
	int ret;

	ret = parse_sa(ctl, &args, &target, &s);
	if (!ret)
		ret = s.key ? key_from_word(ctl, &key, s.sa.cipher, s.key) :
			key_from_file(ctl, &key, s.sa.cipher, s.key_file);
	if (ret)
		return ret;
	s.sa.key = key.bytes;
	s.sa.key_len = (uint8_t)key.len;

	nl = lwctl_nl(ctl);
	ret = nl ? target_find(ctl, nl, &target, &wire) : LWCTL_REFUSED;
	if (!ret && lw_sa_add_now(nl, LW_WIRE_ID(wire.id), &s.sa, &tag, &err) < 0)
		ret = lwctl_refused(ctl, &err, "%s %s", target.text, lw_dir_name(s.sa.dir));
	key_free(&key);
	if (!ret && !s.sa.has_tag)
		show_tag(ctl, &wire, tag);
	return ret;
}

static int keep_sa(const struct lw_sa *sa, void *arg)
{
	struct sa_list *list = arg;

	if (list->n == list->room) {
		unsigned int room = list->room ? 2 * list->room : 16;
		struct lw_sa *more = realloc(list->sa, room * sizeof(*more));

		if (!more)
			return -ENOMEM;
		list->sa = more;
		list->room = room;
	}
	list->sa[list->n++] = *sa;
	return 0;
}

/* By wire, receiving first, youngest last, so that two runs print the same. */
static int by_wire(const void *a, const void *b)
{
	const struct lw_sa *x = a, *y = b;

	if (x->wire != y->wire)
		return x->wire < y->wire ? -1 : 1;
	if (x->dir != y->dir)
		return x->dir < y->dir ? -1 : 1;
	if (x->age != y->age)
		return x->age > y->age ? -1 : 1;
	return x->tag < y->tag ? -1 : x->tag > y->tag;
}

int sa_list_load(struct lwctl *ctl, struct lw_nl *nl, uint32_t wire, struct sa_list *list)
{
	struct lw_wire_ref ref = LW_WIRE_ID(wire);
	struct lw_error err;

	*list = (struct sa_list){ 0 };
	if (lw_sa_dump(nl, wire ? &ref : NULL, keep_sa, list, &err) < 0) {
		sa_list_free(list);
		return lwctl_refused(ctl, &err, "%s", "");
	}
	if (list->n)
		qsort(list->sa, list->n, sizeof(*list->sa), by_wire);
	return LWCTL_OK;
}

void sa_list_free(struct sa_list *list)
{
	free(list->sa);
	*list = (struct sa_list){ 0 };
}

/* The tag of the one SA that the wire has in a direction. */
static int only_tag(struct lwctl *ctl, struct lw_nl *nl, const struct target *target, const struct lw_wire *wire,
		    uint8_t dir, uint32_t *tag)
{
	struct sa_list list;
	unsigned int i, n = 0;
	int ret = sa_list_load(ctl, nl, wire->id, &list);

	if (ret)
		return ret;
	for (i = 0; i < list.n; i++) {
		if (list.sa[i].dir != dir)
			continue;
		*tag = list.sa[i].tag;
		n++;
	}
	sa_list_free(&list);
	if (!n)
		return lwctl_refused(ctl, NULL, "%s has no %s SA", target->text, lw_dir_name(dir));
	if (n > 1)
		return lwctl_usage(ctl, "%s has %u %s SAs: 'tag' has to say which", target->text, n, lw_dir_name(dir));
	return LWCTL_OK;
}

static int sa_del(struct lwctl *ctl, int argc, char **argv)
{
	struct args args = ARGS(argc, argv);
	struct target target;
	bool has_tag = false;
	struct lw_error err;
	struct lw_wire wire;
	struct lw_batch b;
	struct lw_nl *nl;
	uint32_t tag = 0;
	uint8_t dir;
	char *value;
	int ret;

	ret = args_wire(ctl, &args, &target);
	if (!ret)
		ret = args_dir(ctl, &args, &dir);
	if (!ret && args_take(&args, "tag")) {
		has_tag = true;
		ret = args_value(ctl, &args, "tag", &value);
		if (!ret)
			ret = args_tag(ctl, value, &tag);
	}
	if (!ret)
		ret = args_end(ctl, &args);
	if (ret)
		return ret;

	nl = lwctl_nl(ctl);
	ret = nl ? target_find(ctl, nl, &target, &wire) : LWCTL_REFUSED;
	if (!ret && !has_tag)
		ret = only_tag(ctl, nl, &target, &wire, dir, &tag);
	if (ret)
		return ret;
	lw_batch_init(&b, NETLINK_GENERIC);
	lw_sa_del(&b, LW_WIRE_ID(wire.id), dir, true, tag);
	if (lw_batch_send(nl, &b, NULL, NULL, &err) < 0)
		ret = lwctl_refused(ctl, &err, "%s %s", target.text, lw_dir_name(dir));
	lw_batch_free(&b);
	return ret;
}

/* Each number that the kernel told; in text those of @text only. */
static void show_number(struct lwctl *ctl, const struct lw_sa *sa, unsigned int attr, const char *key, const char *fmt,
			uint64_t value, bool text)
{
	if ((sa->has & LW_HAS(attr)) && (ctl->out.json || text))
		print_u64(&ctl->out, key, fmt, value);
}

static void show_sa(struct lwctl *ctl, const struct lw_sa *sa, const char *ifname)
{
	struct printer *p = &ctl->out;
	const char *cipher = lw_cipher_name(sa->cipher), *state = lw_sa_state_name(sa->state);
	const char *dir = lw_dir_name(sa->dir), *csum = lw_csum_name(sa->csum);
	bool d = ctl->details, s = ctl->stats || d;

	print_open_object(p, NULL);
	print_u64(p, "id", "%llu: ", sa->wire);
	print_string(p, "ifname", "%s ", COLOR_NAME, ifname);
	print_string(p, "dir", "%s", COLOR_NONE, dir ? dir : "unknown");
	print_u64(p, "tag", " tag 0x%06llx", sa->tag);
	print_string(p, "cipher", " cipher %s", COLOR_NONE, cipher ? cipher : "unknown");
	print_string(p, "state", " state %s", sa->state == LINKWIRE_SA_ACTIVE ? COLOR_GOOD : COLOR_BAD,
		     state ? state : "unknown");
	show_number(ctl, sa, LINKWIRE_A_SA_LANES, "lanes", " lanes %llu", sa->lanes, d || sa->lanes > 1);
	if (csum && (d || p->json || sa->csum == LW_CSUM_FULL))
		print_string(p, "csum", " csum %s", COLOR_NONE, csum);
	show_number(ctl, sa, LINKWIRE_A_SA_AGE, "age", " age %llus", sa->age, true);
	if ((d || p->json) && (sa->has & LW_HAS(LINKWIRE_A_SA_DRIVER)))
		print_string(p, "driver", " driver %s", COLOR_NONE, sa->driver);
	if (s)
		print_text(p, "\n   ");
	show_number(ctl, sa, LINKWIRE_A_SA_PACKETS, "packets", " packets %llu", sa->packets, s);
	show_number(ctl, sa, LINKWIRE_A_SA_BYTES, "bytes", " bytes %llu", sa->bytes, s);
	show_number(ctl, sa, LINKWIRE_A_SA_BLOCKS, "blocks", " blocks %llu", sa->blocks, d);
	show_number(ctl, sa, LINKWIRE_A_SA_FAILED, "failed", " failed %llu", sa->failed, s);
	show_number(ctl, sa, LINKWIRE_A_SA_COUNTER, "counter", " counter %llu", sa->counter, d);
	if (d && (sa->soft_packets || sa->hard_packets || sa->soft_bytes || sa->hard_bytes || sa->soft_seconds ||
		  sa->hard_seconds))
		print_text(p, "\n   ");
	show_number(ctl, sa, LINKWIRE_A_SA_SOFT_PACKETS, "soft_packets", " soft-packets %llu", sa->soft_packets,
		    d && sa->soft_packets);
	show_number(ctl, sa, LINKWIRE_A_SA_HARD_PACKETS, "hard_packets", " hard-packets %llu", sa->hard_packets,
		    d && sa->hard_packets);
	show_number(ctl, sa, LINKWIRE_A_SA_SOFT_BYTES, "soft_bytes", " soft-bytes %llu", sa->soft_bytes,
		    d && sa->soft_bytes);
	show_number(ctl, sa, LINKWIRE_A_SA_HARD_BYTES, "hard_bytes", " hard-bytes %llu", sa->hard_bytes,
		    d && sa->hard_bytes);
	show_number(ctl, sa, LINKWIRE_A_SA_SOFT_SECONDS, "soft_seconds", " soft-seconds %llu", sa->soft_seconds,
		    d && sa->soft_seconds);
	show_number(ctl, sa, LINKWIRE_A_SA_HARD_SECONDS, "hard_seconds", " hard-seconds %llu", sa->hard_seconds,
		    d && sa->hard_seconds);
	print_text(p, "\n");
	print_close_object(p);
}

static int sa_show(struct lwctl *ctl, int argc, char **argv)
{
	struct args args = ARGS(argc, argv);
	const struct lw_wire *wire;
	struct wire_list wires;
	struct target target;
	struct sa_list list;
	struct lw_nl *nl;
	unsigned int i;
	bool given;
	int ret;

	ret = args_optional_wire(ctl, &args, &target, &given);
	if (ret)
		return ret;
	nl = lwctl_nl(ctl);
	if (!nl)
		return LWCTL_REFUSED;
	ret = wire_list_load(ctl, nl, given ? &target : NULL, &wires);
	if (ret)
		return ret;
	ret = sa_list_load(ctl, nl, given ? wires.wire[0].id : 0, &list);
	if (!ret) {
		print_open_array(&ctl->out, NULL);
		for (i = 0; i < list.n; i++) {
			wire = wire_list_find(&wires, list.sa[i].wire);
			show_sa(ctl, &list.sa[i], wire ? wire->name : "?");
		}
		print_close_array(&ctl->out);
		print_end(&ctl->out);
		sa_list_free(&list);
	}
	wire_list_free(&wires);
	return ret;
}

static const struct command commands[] = {
	{ "add", sa_add, "{NAME|id N} {rx|tx} [tag T] cipher C key-file {FILE|-} [lanes N]\n"
	  "        [start N] [csum {partial|full}]\n"
	  "        [soft-packets N] [hard-packets N] [soft-bytes N] [hard-bytes N] [soft-seconds N] [hard-seconds N]"
	  "\tinstall a security association; a tag that the kernel draws (rx) is printed" },
	{ "delete", sa_del, "{NAME|id N} {rx|tx} [tag T]\tdelete one; without its tag, the only one" },
	{ "show", sa_show, "[NAME|id N]\tlist them; -s packets and bytes, -d limits, counter, driver" },
	{ "list", sa_show, NULL },
	{ "ls", sa_show, NULL },
	{ NULL, NULL, NULL },
};

int cmd_sa(struct lwctl *ctl, int argc, char **argv)
{
	return lwctl_dispatch(ctl, commands, "sa", argc, argv);
}
