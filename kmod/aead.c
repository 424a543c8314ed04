// SPDX-License-Identifier: GPL-2.0
/*
 * The cipher. A driver may complete at once or later (x86's AES-GCM of 6.1 and 6.12 does so when the
 * FPU is busy), and each packet may go either way. What one CPU submits leaves in the order of
 * submission: where somebody waits for a driver already, or begins to, each takes its place in that
 * CPU's queue, and those that complete early wait for those before them. Where nobody does, what the
 * driver does at once needs no queue, and no reference: it is over before the CPU leaves RCU.
 */

#include <crypto/chacha20poly1305.h>
#include <linux/moduleparam.h>
#include <linux/netdevice.h>
#include <linux/slab.h>
#include "aead.h"
#include "compat.h"

#define LW_ORDER_MAX	1024	/* packets of one CPU that may wait for a driver, each way */

/* of the op that each CPU keeps for the next packet, with its request, bytes; KASAN is to see each by itself */
#define LW_SPARE	(IS_ENABLED(CONFIG_KASAN) ? 0 : 1024)

/**
 * struct lw_order - packets of one CPU and direction, in the order in which they were submitted
 * @lock: of all here
 * @ops: first submitted first
 * @len: how many packets, those among them whose finish() is not over: while it is 0, nothing that
 *	was submitted before is still to leave
 * @draining: somebody takes finished ones out; he sees to all that finish meanwhile
 */
struct lw_order {
	spinlock_t		lock;	/* of all here */
	struct list_head	ops;
	unsigned int		len;
	bool			draining;
};

static DEFINE_PER_CPU(struct lw_order, lw_orders[2]);
/* by exchange only: on PREEMPT_RT, BH disabled keeps nobody else from this CPU */
static DEFINE_PER_CPU(struct lw_op *, lw_spare);

/* For tests: "cryptd" makes every cipher asynchronous, for other users of the kernel's too. */
static char *aead_template;
module_param(aead_template, charp, 0444);
MODULE_PARM_DESC(aead_template, "test only: wrap ciphers in this crypto template, such as cryptd");

/**
 * lw_aead_init - once, before any SA
 */
void __init lw_aead_init(void)
{
	int cpu, i;

#ifdef LW_NULL_AEAD
	pr_warn("linkwire: this module encrypts NOTHING: it was built for measurements\n");
#endif
	for_each_possible_cpu(cpu) {
		for (i = 0; i < 2; i++) {
			struct lw_order *order = &per_cpu(lw_orders[i], cpu);

			spin_lock_init(&order->lock);
			INIT_LIST_HEAD(&order->ops);
		}
	}
}

/**
 * lw_aead_exit - once, after the last op
 */
void lw_aead_exit(void)
{
	int cpu;

	for_each_possible_cpu(cpu)
		kfree(per_cpu(lw_spare, cpu));
}

static struct crypto_aead *lw_aead_alloc(const char *name)
{
	/* what is asynchronous already, cryptd refuses to wrap */
	u32 mask = aead_template ? CRYPTO_ALG_ASYNC : 0;
	struct crypto_aead *aead = crypto_alloc_aead(name, 0, mask);
	char wrapped[CRYPTO_MAX_ALG_NAME];
	int len;

	if (IS_ERR(aead) || !aead_template)
		return aead;
	len = snprintf(wrapped, sizeof(wrapped), "%s(%s)", aead_template,
		       crypto_tfm_alg_driver_name(crypto_aead_tfm(aead)));
	crypto_free_aead(aead);
	if (len >= sizeof(wrapped))
		return ERR_PTR(-ENAMETOOLONG);
	return crypto_alloc_aead(wrapped, 0, 0);
}

/**
 * lw_aead_new - give an SA its transform
 * @sa: gets @aead and @async; or @key, where a library is used
 * @name: of the kernel's crypto API
 * @key: without the salt
 * @key_len: bytes
 * @extack: says what is wrong
 *
 * Context: process; may load modules. Return: 0 or an error.
 */
int lw_aead_new(struct lw_sa *sa, const char *name, const u8 *key, unsigned int key_len,
		struct netlink_ext_ack *extack)
{
	struct crypto_aead *aead;
	int err;

	/* the library does in one pass what the crypto API's template does in several */
	if (sa->cipher == LINKWIRE_CIPHER_CHACHA20_POLY1305 && !aead_template &&
	    !IS_ENABLED(CONFIG_HIGHMEM)) {
		memcpy(sa->key, key, sizeof(sa->key));
		return 0;
	}
	aead = lw_aead_alloc(name);
	if (IS_ERR(aead)) {
		NL_SET_ERR_MSG(extack, "the kernel has no such cipher");
		return PTR_ERR(aead);
	}
	err = crypto_aead_setauthsize(aead, LW_ICV_LEN);
	if (!err)
		err = crypto_aead_setkey(aead, key, key_len);
	if (err || crypto_aead_ivsize(aead) != sizeof_field(struct lw_op, nonce)) {
		NL_SET_ERR_MSG(extack, "the kernel's cipher does not take the key");
		crypto_free_aead(aead);
		return err ?: -EINVAL;
	}
	sa->aead = aead;
	sa->req_size = crypto_aead_reqsize(aead);
	sa->async = crypto_aead_alg(aead)->base.cra_flags & CRYPTO_ALG_ASYNC;
	return 0;
}

/**
 * lw_aead_driver - who does an SA's cipher
 * @sa: the SA
 * Return: a name.
 */
const char *lw_aead_driver(const struct lw_sa *sa)
{
	return sa->aead ? crypto_tfm_alg_driver_name(crypto_aead_tfm(sa->aead)) :
			  "chacha20poly1305-lib";
}

static size_t lw_req_size(const struct lw_sa *sa)
{
	return sizeof(struct aead_request) + sa->req_size;
}

static struct lw_op *lw_op_alloc(size_t size)
{
	struct lw_op *op;

	if (unlikely(size > LW_SPARE))
		return kmalloc(size, GFP_ATOMIC | __GFP_NOWARN);
	op = this_cpu_xchg(lw_spare, NULL);
	return op ?: kmalloc(LW_SPARE, GFP_ATOMIC | __GFP_NOWARN);
}

/**
 * lw_op_new - room for one packet on its way through the cipher
 * @wire: its wire
 * @sa: its SA
 * @seal: or open
 * @entries: of scatterlists, source and destination together
 *
 * Context: BH disabled, RCU. Return: the op or NULL.
 */
struct lw_op *lw_op_new(struct lw_wire *wire, struct lw_sa *sa, bool seal, unsigned int entries)
{
	struct lw_op *op;
	size_t req = ALIGN(struct_size(op, sg, entries), CRYPTO_MINALIGN);
	size_t size = req + lw_req_size(sa);

	op = lw_op_alloc(size);
	if (unlikely(!op))
		return NULL;
	op->spare = size <= LW_SPARE;
	op->held = false;
	op->sa = sa;
	op->wire = wire;
	op->src = NULL;
	op->train = NULL;
	op->packets = 1;
	op->seal = seal;
	op->more = NULL;
	op->req = (void *)op + req;
	return op;
}

/* It will wait for its driver, beyond this CPU's RCU. Context: as its submitter, who is under RCU still. */
static void lw_op_hold(struct lw_op *op)
{
	op->held = true;
	refcount_inc(&op->sa->refs);	/* under RCU there is one: see lw_sa_remove() */
	netdev_hold(op->wire->dev, &op->tracker, GFP_ATOMIC);
}

/**
 * lw_op_free - the end of an op; its @skb is not its own any more
 * @op: gone, with its references and @src
 *
 * The device's reference may be the last thing that keeps the wire. The module's text is kept by
 * the grace period that its exit waits for, since this runs with BH disabled.
 *
 * Context: BH disabled.
 */
void lw_op_free(struct lw_op *op)
{
	consume_skb(op->src);
	/* AES-GCM's salt is in the nonce, and in what the driver made of it */
	memzero_explicit(op->nonce, sizeof(op->nonce));
	memzero_explicit(op->req, lw_req_size(op->sa));
	if (op->held) {
		lw_sa_put(op->sa);
		netdev_put(op->wire->dev, &op->tracker);
	}
	if (unlikely(!op->spare || this_cpu_cmpxchg(lw_spare, NULL, op)))
		kfree(op);
}

static void lw_op_finish(struct lw_op *op)
{
	rcu_read_lock();
	op->finish(op);
	lw_op_free(op);
	rcu_read_unlock();
}

/*
 * The op has its result; it, and those behind it that have theirs, go on if it is the first. One that
 * is not in the queue yet is its submitter's, who will see @done.
 */
static void lw_op_done(struct lw_op *op, int err)
{
	struct lw_order *order = op->order;
	unsigned int packets;

	spin_lock_bh(&order->lock);
	op->err = err;
	op->done = true;
	if (!order->draining) {
		order->draining = true;
		while ((op = list_first_entry_or_null(&order->ops, struct lw_op, queue)) &&
		       op->done) {
			list_del(&op->queue);
			spin_unlock(&order->lock);
			packets = op->packets;
			lw_op_finish(op);
			spin_lock(&order->lock);
			/* who reads 0 comes after all that these did: see lw_op_run() */
			smp_store_release(&order->len, order->len - packets);
		}
		order->draining = false;
	}
	spin_unlock_bh(&order->lock);
}

#ifdef LW_NULL_AEAD
/*
 * For measurements only, and only in a module that was built for them (make LW_NULL_AEAD=1): what all
 * else costs. Nothing is encrypted, and everything is authentic.
 */
static int lw_op_cipher(struct lw_op *op)
{
	struct scatterlist *src = op->req->src, *dst = op->req->dst;
	unsigned int skip = LW_SHIM_LEN, left = op->len, len, part;
	u8 *to = sg_virt(dst) + LW_SHIM_LEN;

	for (; src != dst && left; src = sg_next(src)) {
		part = min(skip, src->length);
		len = min(src->length - part, left);
		memcpy(to, sg_virt(src) + part, len);
		to += len;
		left -= len;
		skip -= part;
	}
	return 0;
}
#else
/*
 * Where the source is in pieces, it is put together in the destination, which has the shim already, and
 * room for the ICV.
 */
static int lw_op_library(struct lw_op *op)
{
	unsigned int icv = op->seal ? 0 : LW_ICV_LEN;
	struct scatterlist *src = op->req->src;
	u8 *to = sg_virt(op->req->dst), *from = to;

	if (sg_is_last(src))
		from = sg_virt(src);
	else
		sg_pcopy_to_buffer(src, sg_nents(src), to + LW_SHIM_LEN, op->len + icv,
				   LW_SHIM_LEN);
	if (!op->seal)
		return chacha20poly1305_decrypt(to + LW_SHIM_LEN, from + LW_SHIM_LEN,
						op->len + LW_ICV_LEN, from, LW_SHIM_LEN,
						op->packet_number, op->sa->key) ? 0 : -EBADMSG;
	chacha20poly1305_encrypt(to + LW_SHIM_LEN, from + LW_SHIM_LEN, op->len, from, LW_SHIM_LEN,
				 op->packet_number, op->sa->key);
	return 0;
}

static int lw_op_cipher(struct lw_op *op)
{
	if (!op->sa->aead)
		return lw_op_library(op);
	return op->seal ? crypto_aead_encrypt(op->req) : crypto_aead_decrypt(op->req);
}
#endif

/*
 * One record after the other, by the one request that there is: the next is begun when its turn
 * has come, by whoever completed the one before. Return: -EINPROGRESS: the driver has the request
 * now, and tells the callback what has come of it; or what has come of it all.
 */
static int lw_op_crypt(struct lw_op *op)
{
	bool async = op->sa->async;
	int err;

	do {
		err = lw_op_cipher(op);
		/* with a backlog, -EBUSY means that it was taken */
		if (async && (err == -EINPROGRESS || err == -EBUSY))
			return -EINPROGRESS;
		if (!op->more)
			return err;
		err = op->more(op, err);
	} while (err > 0);
	return err;
}

static void lw_op_complete(lw_crypto_arg_t arg, int err)
{
	struct lw_op *op;

	/* it has left the backlog, and will be back */
	if (err == -EINPROGRESS)
		return;
	op = lw_crypto_arg_data(arg);
	local_bh_disable();
	rcu_read_lock();
	if (op->more)
		err = op->more(op, err);
	if (err > 0)
		err = lw_op_crypt(op);
	if (err != -EINPROGRESS)
		lw_op_done(op, err);
	rcu_read_unlock();
	local_bh_enable();
}

/*
 * Its place in the queue. @late: the driver has it already, and nothing but its end keeps it from
 * one. Return: false if there is none for it: it is done, or too many wait.
 */
static bool lw_op_enqueue(struct lw_op *op, bool late)
{
	struct lw_order *order = op->order;
	bool room;

	spin_lock(&order->lock);
	room = !op->done && (late || order->len + op->packets <= LW_ORDER_MAX);
	if (room) {
		lw_op_hold(op);
		list_add_tail(&op->queue, &order->ops);
		WRITE_ONCE(order->len, order->len + op->packets);
	}
	spin_unlock(&order->lock);
	return room;
}

static void lw_op_nonce(struct lw_op *op)
{
	if (op->sa->cipher == LINKWIRE_CIPHER_CHACHA20_POLY1305) {
		memset(op->nonce, 0, 4);
		put_unaligned_le64(op->packet_number, op->nonce + 4);
	} else {
		memcpy(op->nonce, op->sa->salt, 4);
		put_unaligned_be64(op->packet_number, op->nonce + 4);
	}
}

/**
 * lw_op_record - the record that is sealed or opened first, or next
 * @op: with @len, @packet_number and the source's scatterlist set
 * @dst: destination's scatterlist; the source's, if in place
 */
void lw_op_record(struct lw_op *op, struct scatterlist *dst)
{
	struct aead_request *req = op->req;

	aead_request_set_crypt(req, op->sg, dst, op->seal ? op->len : op->len + LW_ICV_LEN,
			       op->nonce);
	if (!op->sa->aead)
		return;
	/* all of it each time: cryptd of 6.1 leaves the request as its own */
	lw_op_nonce(op);
	aead_request_set_tfm(req, op->sa->aead);
	aead_request_set_ad(req, LW_SHIM_LEN);
	if (op->sa->async)
		aead_request_set_callback(req, CRYPTO_TFM_REQ_MAY_BACKLOG, lw_op_complete, op);
	else
		aead_request_set_callback(req, 0, NULL, NULL);
}

/**
 * lw_op_run - seal or open
 * @op: with @skb and @finish set, and its record by lw_op_record()
 *
 * op->finish() is called for every op that this takes, now or later, with op->err set; then the op
 * is freed.
 *
 * Context: BH disabled, RCU.
 * Return: 0; -EBUSY if too many wait already: the op is not taken.
 */
int lw_op_run(struct lw_op *op)
{
	int err;

	op->done = false;
	op->order = this_cpu_ptr(&lw_orders[op->seal]);
	/* acquire: what was submitted before has left: see lw_op_done() */
	if (likely(!op->sa->async || !smp_load_acquire(&op->order->len))) {
		err = lw_op_crypt(op);
		/*
		 * The driver keeps it, and may have called back since. Who comes second to the
		 * queue's lock finishes it: we, under the RCU that found SA and wire, or the
		 * callback, with the references that it has in the queue.
		 */
		if (unlikely(err == -EINPROGRESS)) {
			if (lw_op_enqueue(op, true))
				return 0;
			err = op->err;
		}
		op->err = err;
		lw_op_finish(op);
		return 0;
	}

	/* the queue's length bounds the driver's backlog */
	if (!lw_op_enqueue(op, false))
		return -EBUSY;
	err = lw_op_crypt(op);
	if (err != -EINPROGRESS)
		lw_op_done(op, err);
	return 0;
}
