// SPDX-License-Identifier: GPL-2.0
/*
 * How long the kernel's ciphers take for one record, with nothing around them: nanoseconds for a seal
 * and for an open, on average of the two, as the parameter "ns": "CIPHER by HOW NS;...". Measured when the
 * module is loaded. Only one processor's worth, in one cache: what remains when all else costs nothing.
 */

#include <crypto/aead.h>
#include <crypto/chacha20poly1305.h>
#include <linux/ktime.h>
#include <linux/module.h>
#include <linux/random.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include <linux/sort.h>

#define RECORD	1440	/* a full packet's payload */
#define AAD	12	/* linkwire's shim */
#define ICV	16
#define RECORDS	8	/* sealed one after another, then opened */
#define TURNS	4
#define SAMPLES	301	/* their median: a machine that is busy with other things interrupts some */

static char ns[512];
module_param_string(ns, ns, sizeof(ns), 0444);
MODULE_PARM_DESC(ns, "results");

struct bench {
	u8 *records[RECORDS];
	struct crypto_aead *aead;
	struct aead_request *req;
	u8 key[CHACHA20POLY1305_KEY_SIZE];
	u64 samples[SAMPLES];
};

static int by_value(const void *a, const void *b)
{
	const u64 *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static int api_turn(struct bench *bench)
{
	struct scatterlist sg;
	u8 nonce[12] = {};
	int i, opening, err;

	for (opening = 0; opening < 2; opening++) {
		for (i = 0; i < RECORDS; i++) {
			nonce[11] = i;
			sg_init_one(&sg, bench->records[i], AAD + RECORD + ICV);
			aead_request_set_crypt(bench->req, &sg, &sg, RECORD + (opening ? ICV : 0), nonce);
			aead_request_set_ad(bench->req, AAD);
			err = opening ? crypto_aead_decrypt(bench->req) : crypto_aead_encrypt(bench->req);
			if (err)
				return err;
		}
	}
	return 0;
}

static int library_turn(struct bench *bench)
{
	int i;

	for (i = 0; i < RECORDS; i++)
		chacha20poly1305_encrypt(bench->records[i] + AAD, bench->records[i] + AAD, RECORD,
					 bench->records[i], AAD, i, bench->key);
	for (i = 0; i < RECORDS; i++)
		if (!chacha20poly1305_decrypt(bench->records[i] + AAD, bench->records[i] + AAD, RECORD + ICV,
					      bench->records[i], AAD, i, bench->key))
			return -EBADMSG;
	return 0;
}

static int measure(struct bench *bench, const char *what, int (*turn)(struct bench *bench))
{
	int i, j, err;
	u64 begin;

	for (i = 0; i < SAMPLES; i++) {
		local_bh_disable();	/* as on the data path */
		begin = ktime_get_ns();
		for (j = 0; j < TURNS; j++) {
			err = turn(bench);
			if (err)
				break;
		}
		bench->samples[i] = ktime_get_ns() - begin;
		local_bh_enable();
		if (err)
			return err;
		cond_resched();
	}
	sort(bench->samples, SAMPLES, sizeof(*bench->samples), by_value, NULL);
	snprintf(ns + strlen(ns), sizeof(ns) - strlen(ns), "%s %llu;", what,
		 bench->samples[SAMPLES / 2] / (2 * RECORDS * TURNS));
	return 0;
}

static int measure_api(struct bench *bench, const char *what, const char *name, unsigned int key_len)
{
	int err;

	bench->aead = crypto_alloc_aead(name, 0, CRYPTO_ALG_ASYNC);
	if (IS_ERR(bench->aead))
		return PTR_ERR(bench->aead);
	err = crypto_aead_setauthsize(bench->aead, ICV) ?: crypto_aead_setkey(bench->aead, bench->key, key_len);
	if (err)
		goto free_aead;
	err = -ENOMEM;
	bench->req = aead_request_alloc(bench->aead, GFP_KERNEL);
	if (!bench->req)
		goto free_aead;
	err = measure(bench, what, api_turn);
	aead_request_free(bench->req);
free_aead:
	crypto_free_aead(bench->aead);
	return err;
}

static int __init aead_speed_init(void)
{
	struct bench *bench = kzalloc(sizeof(*bench), GFP_KERNEL);
	int i, err = -ENOMEM;

	if (!bench)
		return err;
	for (i = 0; i < RECORDS; i++) {
		bench->records[i] = kzalloc(AAD + RECORD + ICV, GFP_KERNEL);
		if (!bench->records[i])
			goto free;
	}
	get_random_bytes(bench->key, sizeof(bench->key));
	err = measure_api(bench, "aes-128-gcm api", "gcm(aes)", 16) ?:
	      measure_api(bench, "aes-256-gcm api", "gcm(aes)", 32) ?:
	      measure_api(bench, "chacha20-poly1305 api", "rfc7539(chacha20,poly1305)", 32) ?:
	      measure(bench, "chacha20-poly1305 library", library_turn);
free:
	for (i = 0; i < RECORDS; i++)
		kfree(bench->records[i]);
	kfree(bench);
	return err;
}

static void __exit aead_speed_exit(void)
{
}

module_init(aead_speed_init);
module_exit(aead_speed_exit);
MODULE_DESCRIPTION("How long AEAD ciphers take for one record");
MODULE_LICENSE("GPL");
