// SPDX-License-Identifier: GPL-2.0
/* What a key may be used for, and what happens when that is used up. */

#include <linux/ktime.h>
#include <net/netlink.h>
#include "events.h"
#include "sa.h"

/* under the key: the plaintext's blocks, and the one that masks the ICV */
static u64 lw_blocks(unsigned int len)
{
	return DIV_ROUND_UP(len, 16) + 1;
}

static int lw_limit_parse(struct lw_limit *limit, struct nlattr *soft, struct nlattr *hard,
			  struct netlink_ext_ack *extack)
{
	limit->hard = hard && nla_get_u64(hard) ? nla_get_u64(hard) : U64_MAX;
	limit->soft = soft && nla_get_u64(soft) ? nla_get_u64(soft) : limit->hard;
	if (limit->soft > limit->hard) {
		NL_SET_ERR_MSG_ATTR(extack, soft ?: hard, "soft limit above the hard one");
		return -EINVAL;
	}
	return 0;
}

/**
 * lw_limits_parse - limits of a new SA: the cipher's, and what userspace asks for below those
 * @sa: with its cipher set
 * @tb: LINKWIRE_A_SA_*
 * @extack: says what is wrong
 * Return: 0 or -EINVAL.
 */
int lw_limits_parse(struct lw_sa *sa, struct nlattr *tb[], struct netlink_ext_ack *extack)
{
	const struct lw_cipher *cipher = lw_cipher(sa->cipher);
	struct lw_limits *l = &sa->limits;

	l->blocks = cipher->blocks;
	l->failed = cipher->failed;
	return lw_limit_parse(&l->packets, tb[LINKWIRE_A_SA_SOFT_PACKETS],
			      tb[LINKWIRE_A_SA_HARD_PACKETS], extack) ?:
	       lw_limit_parse(&l->bytes, tb[LINKWIRE_A_SA_SOFT_BYTES],
			      tb[LINKWIRE_A_SA_HARD_BYTES], extack) ?:
	       lw_limit_parse(&l->seconds, tb[LINKWIRE_A_SA_SOFT_SECONDS],
			      tb[LINKWIRE_A_SA_HARD_SECONDS], extack);
}

static bool lw_limit_share(struct lw_limit *limit, u16 lanes)
{
	if (limit->hard != U64_MAX)
		limit->hard = div_u64(limit->hard, lanes);
	if (limit->soft != U64_MAX)
		limit->soft = clamp(div_u64(limit->soft, lanes), 1ULL, max(limit->hard, 1ULL));
	return limit->hard;
}

/**
 * lw_limits_share - divide a key's limits among its lanes, so that they share nothing
 * @sa: with its limits and lanes
 * Return: false if there is not enough for each.
 */
bool lw_limits_share(struct lw_sa *sa)
{
	sa->share = sa->limits;
	return lw_limit_share(&sa->share.packets, sa->lanes) &&
	       lw_limit_share(&sa->share.bytes, sa->lanes) &&
	       lw_limit_share(&sa->share.blocks, sa->lanes);
}

/* Context: any; RCU. The event is raised by whoever gets there first. */
static void lw_sa_soft(struct lw_sa *sa)
{
	if (cmpxchg(&sa->state, LINKWIRE_SA_ACTIVE, LINKWIRE_SA_EXPIRING) == LINKWIRE_SA_ACTIVE)
		lw_event_sa(sa, LINKWIRE_CMD_SA_EXPIRING_NTF);
}

/**
 * lw_sa_expire - an SA has reached a hard limit, or must not be used any more
 * @sa: carries nothing from now on, but stays until it is deleted, so that its packets are counted
 * Context: any; RCU.
 */
void lw_sa_expire(struct lw_sa *sa)
{
	if (xchg(&sa->state, LINKWIRE_SA_EXPIRED) == LINKWIRE_SA_EXPIRED)
		return;
	lw_event_sa(sa, LINKWIRE_CMD_SA_EXPIRED_NTF);
	lw_carrier_update(sa->wire);
}

/* keepalives are lane 0's; all else is the CPU's. Context: BH disabled. */
static struct lw_sent *lw_sa_lane(struct lw_sa *sa, unsigned int len, u64 *lane)
{
	*lane = likely(sa->lanes == 1) || len <= LW_NOTE_LEN ? 0 : smp_processor_id() % sa->lanes;
	return &sa->sent[*lane];
}

/**
 * lw_sa_spend_tx - take the next packet number, and what the packet uses up
 * @sa: transmitting
 * @len: plaintext, bytes
 * @packet_number: lane and counter
 *
 * CPUs of one lane may each pass the byte limit with the packet that they hold; a packet number is
 * never given twice, whatever happens.
 *
 * Context: BH disabled, RCU. Return: false if the SA carries nothing any more.
 */
bool lw_sa_spend_tx(struct lw_sa *sa, unsigned int len, u64 *packet_number)
{
	const struct lw_limits *l = &sa->share;
	u64 packets, bytes, blocks, counter, lane;
	struct lw_sent *sent = lw_sa_lane(sa, len, &lane);

	if (unlikely(READ_ONCE(sa->state) == LINKWIRE_SA_EXPIRED))
		return false;
	if (unlikely(sa->epoch != READ_ONCE(lw_epoch) ||
		     (u64)atomic64_read(&sent->next) > LINKWIRE_COUNTER_MAX ||
		     (u64)atomic64_read(&sent->next) - sa->start >= l->packets.hard ||
		     (u64)atomic64_read(&sent->bytes) + len > l->bytes.hard ||
		     (u64)atomic64_read(&sent->blocks) + lw_blocks(len) > l->blocks.hard))
		goto expire;
	counter = atomic64_fetch_inc(&sent->next);
	if (unlikely(counter > LINKWIRE_COUNTER_MAX))
		goto expire;
	packets = counter - sa->start + 1;
	if (unlikely(packets > l->packets.hard))
		goto expire;
	bytes = atomic64_add_return(len, &sent->bytes);
	blocks = atomic64_add_return(lw_blocks(len), &sent->blocks);
	if (unlikely(packets >= l->packets.soft || bytes >= l->bytes.soft ||
		     blocks >= l->blocks.soft))
		lw_sa_soft(sa);
	*packet_number = lane << LW_LANE_SHIFT | counter;
	return true;
expire:
	lw_sa_expire(sa);
	return false;
}

/**
 * lw_sa_spend_train - take the packet numbers of a train, and what it uses up
 * @sa: transmitting
 * @len: plaintext of each packet but the last, bytes
 * @last: of the last one
 * @n: packets
 * @packet_number: of the first
 *
 * A train that does not fit below all hard limits takes nothing: its packets may, one by one.
 *
 * Context: BH disabled, RCU. Return: false if nothing can be sent by numbers from here.
 */
bool lw_sa_spend_train(struct lw_sa *sa, unsigned int len, unsigned int last, unsigned int n,
		       u64 *packet_number)
{
	const struct lw_limits *l = &sa->share;
	u64 bytes = (u64)len * (n - 1) + last;
	u64 blocks = lw_blocks(len) * (n - 1) + lw_blocks(last);
	u64 packets, counter, lane;
	struct lw_sent *sent = lw_sa_lane(sa, len, &lane);

	packets = (u64)atomic64_read(&sent->next) + n - sa->start;
	if (unlikely(READ_ONCE(sa->state) == LINKWIRE_SA_EXPIRED ||
		     sa->epoch != READ_ONCE(lw_epoch) ||
		     packets + sa->start > LINKWIRE_COUNTER_MAX || packets > l->packets.hard ||
		     (u64)atomic64_read(&sent->bytes) + bytes > l->bytes.hard ||
		     (u64)atomic64_read(&sent->blocks) + blocks > l->blocks.hard))
		return false;
	counter = atomic64_fetch_add(n, &sent->next);
	packets = counter + n - sa->start;
	/* others were faster: these numbers are never used */
	if (unlikely(packets + sa->start > LINKWIRE_COUNTER_MAX || packets > l->packets.hard))
		return false;
	bytes = atomic64_add_return(bytes, &sent->bytes);
	blocks = atomic64_add_return(blocks, &sent->blocks);
	if (unlikely(packets >= l->packets.soft || bytes >= l->bytes.soft ||
		     blocks >= l->blocks.soft))
		lw_sa_soft(sa);
	*packet_number = lane << LW_LANE_SHIFT | counter;
	return true;
}

/**
 * lw_sa_room_rx - may a whole train be taken below all hard limits?
 * @sa: receiving
 * @h: the train's lane, whose lock is held
 * @len: plaintext of the longest packet, bytes
 * @n: packets
 * Return: false if they must be counted one by one.
 */
bool lw_sa_room_rx(const struct lw_sa *sa, const struct lw_heard *h, unsigned int len,
		   unsigned int n)
{
	const struct lw_limits *l = &sa->share;

	return lw_sa_usable(sa) && h->packets + n <= l->packets.hard &&
	       h->bytes + (u64)len * n <= l->bytes.hard &&
	       h->blocks + lw_blocks(len) * n <= l->blocks.hard;
}

/**
 * lw_sa_spend_rx - count authentic packets
 * @sa: receiving
 * @h: their lane, whose lock is held
 * @len: plaintext of each packet but the last, bytes
 * @last: of the last one
 * @n: packets
 * Context: BH disabled, RCU.
 */
void lw_sa_spend_rx(struct lw_sa *sa, struct lw_heard *h, unsigned int len, unsigned int last,
		    unsigned int n)
{
	const struct lw_limits *l = &sa->share;
	u64 packets = h->packets + n;
	u64 bytes = h->bytes + (u64)len * (n - 1) + last;
	u64 blocks = h->blocks + lw_blocks(len) * (n - 1) + lw_blocks(last);

	WRITE_ONCE(h->packets, packets);
	WRITE_ONCE(h->bytes, bytes);
	WRITE_ONCE(h->blocks, blocks);
	if (unlikely(packets >= l->packets.soft || bytes >= l->bytes.soft ||
		     blocks >= l->blocks.soft))
		lw_sa_soft(sa);
	if (unlikely(packets >= l->packets.hard || bytes >= l->bytes.hard ||
		     blocks >= l->blocks.hard))
		lw_sa_expire(sa);
}

/**
 * lw_sa_spend_failed - count an opening that was not authentic
 * @sa: receiving
 * Context: BH disabled, RCU.
 */
void lw_sa_spend_failed(struct lw_sa *sa)
{
	u64 failed = atomic64_inc_return(&sa->failed);

	if (unlikely(failed >= sa->limits.failed.hard))
		lw_sa_expire(sa);
	else if (unlikely(failed >= sa->limits.failed.soft))
		lw_sa_soft(sa);
}

/**
 * lw_sa_seconds - how old an SA is
 * @sa: installed
 *
 * Return: whole seconds, of suspends too.
 */
u64 lw_sa_seconds(const struct lw_sa *sa)
{
	return div_u64(ktime_get_boottime_ns() - sa->installed, NSEC_PER_SEC);
}

/**
 * lw_sa_age_next - look at the age of an SA when it reaches its next limit in seconds
 * @sa: installed
 */
void lw_sa_age_next(struct lw_sa *sa)
{
	u64 age = lw_sa_seconds(sa);
	u64 next = sa->limits.seconds.hard;

	if (age < sa->limits.seconds.soft)
		next = sa->limits.seconds.soft;
	if (next == U64_MAX)
		return;
	/* far away: look again now and then, so that the delay fits any jiffies */
	next = min_t(u64, next > age ? next - age : 0, 24 * 60 * 60);
	/* this jiffy has begun already */
	queue_delayed_work(lw_wq, &sa->aging, next * HZ + 1);
}

/**
 * lw_sa_age - raise the limits in seconds
 * @work: the SA's @aging. Cancelled, and waited for, before the SA loses its first reference: no
 *	reference of its own is needed
 */
void lw_sa_age(struct work_struct *work)
{
	struct lw_sa *sa = container_of(to_delayed_work(work), struct lw_sa, aging);
	u64 age = lw_sa_seconds(sa);

	rcu_read_lock();
	if (age >= sa->limits.seconds.soft)
		lw_sa_soft(sa);
	if (age >= sa->limits.seconds.hard)
		lw_sa_expire(sa);
	rcu_read_unlock();
	if (age < sa->limits.seconds.hard)
		lw_sa_age_next(sa);
}
