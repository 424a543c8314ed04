// SPDX-License-Identifier: GPL-2.0
/*
 * Carrier: a usable SA each way and, where a hold time is set, a peer that was heard within it.
 * Keepalives are sent every third of the hold time in which nothing else was.
 *
 * Each end chooses by itself which of the peer's addresses it sends to, so that a way that is dead in
 * one direction only is left in that direction. Whether the peer hears us is for it to say: a wire
 * that hears nothing says so in its keepalives, and one that sends to the second address asks, by a
 * probe to the first one, whether that can be reached again.
 */

#include <linux/jiffies.h>
#include <linux/netdevice.h>
#include "events.h"
#include "sa.h"

#define LW_KEEPALIVES	3	/* in one hold time */
#define LW_ANSWERS	3	/* in a row bring the wire back to the first address */

static bool lw_carrier_wanted(const struct lw_wire *wire)
{
	const struct lw_conf *conf = rcu_dereference(wire->conf);
	int i;

	if (!lw_sa_usable(rcu_dereference(wire->tx)) ||
	    (conf && conf->hold_ms && !READ_ONCE(wire->alive)))
		return false;
	for (i = 0; i < LINKWIRE_RX_SA_MAX; i++)
		if (lw_sa_usable(rcu_dereference(wire->rx[i])))
			return true;
	return false;
}

/**
 * lw_carrier_update - an SA came, went or expired; the peer was heard, or not for too long
 * @wire: the wire
 * Context: any.
 */
void lw_carrier_update(struct lw_wire *wire)
{
	spin_lock_bh(&wire->lock);
	rcu_read_lock();
	if (lw_carrier_wanted(wire))
		netif_carrier_on(wire->dev);
	else
		netif_carrier_off(wire->dev);
	rcu_read_unlock();
	spin_unlock_bh(&wire->lock);
}

static void lw_carrier_alive(struct lw_wire *wire, bool alive)
{
	bool was;

	spin_lock_bh(&wire->lock);
	was = wire->alive;
	WRITE_ONCE(wire->alive, alive);
	spin_unlock_bh(&wire->lock);
	if (was == alive)
		return;
	lw_carrier_update(wire);
	lw_event_wire(wire, alive ? LINKWIRE_CMD_PEER_UP_NTF : LINKWIRE_CMD_PEER_DOWN_NTF);
}

/**
 * lw_carrier_heard - something authentic came
 * @wire: from its peer
 * Context: BH disabled, RCU.
 */
void lw_carrier_heard(struct lw_wire *wire)
{
	unsigned long now = jiffies;

	if (READ_ONCE(wire->last_rx) != now)
		WRITE_ONCE(wire->last_rx, now);
	if (unlikely(!READ_ONCE(wire->alive)))
		lw_carrier_alive(wire, true);
}

/**
 * lw_carrier_note - the peer said something in a keepalive
 * @wire: from its peer
 * @note: LW_NOTE_*
 *
 * A probe is answered to both of the peer's addresses: it asks about one of ours, and either of its
 * own may be dead.
 *
 * Context: BH disabled, RCU.
 */
void lw_carrier_note(struct lw_wire *wire, u8 note)
{
	if (note & LW_NOTE_DEAF)
		WRITE_ONCE(wire->unheard, true);
	if (note & LW_NOTE_REPLY)
		WRITE_ONCE(wire->answered, true);
	if (note & LW_NOTE_PROBE && lw_sa_usable(rcu_dereference(wire->tx))) {
		lw_send_keepalive(wire, LW_NOTE_REPLY, false);
		lw_send_keepalive(wire, LW_NOTE_REPLY, true);
	}
}

/*
 * The peer is silent, or deaf: to its second address. What it said before it could hear us where we
 * send to now is no news. Return: packets go to the second one.
 */
static bool lw_carrier_fail_over(struct lw_wire *wire, bool silent, unsigned long now,
				 unsigned long hold)
{
	bool unheard = READ_ONCE(wire->unheard) && time_after_eq(now, wire->moved + hold);

	WRITE_ONCE(wire->unheard, false);
	if (!silent && !unheard)
		return false;
	if (!lw_conf_switch(wire, true))
		return false;
	wire->moved = now;
	wire->answers = 0;
	WRITE_ONCE(wire->answered, false);
	return true;
}

/* Once for each probe. Return: packets go to the first address again. */
static bool lw_carrier_fall_back(struct lw_wire *wire, unsigned long now)
{
	wire->answers = READ_ONCE(wire->answered) ? wire->answers + 1 : 0;
	WRITE_ONCE(wire->answered, false);
	if (wire->answers < LW_ANSWERS || !lw_conf_switch(wire, false))
		return false;
	wire->moved = now;
	WRITE_ONCE(wire->unheard, false);
	return true;
}

static unsigned long lw_later(unsigned long a, unsigned long b)
{
	return time_after(a, b) ? a : b;
}

static void lw_carrier_tick(struct work_struct *work)
{
	struct lw_wire *wire = container_of(to_delayed_work(work), struct lw_wire, tick);
	unsigned long now = jiffies, hold, every, next, end, heard;
	bool keyed, deaf, backup, on_backup;
	const struct lw_conf *conf;

	rcu_read_lock();
	conf = rcu_dereference(wire->conf);
	hold = conf ? msecs_to_jiffies(conf->hold_ms) : 0;
	backup = conf && lw_conf_has_backup(conf);
	on_backup = conf && conf->on_backup;
	keyed = lw_sa_usable(rcu_dereference(wire->tx));
	rcu_read_unlock();
	if (!hold)
		return;
	every = max(hold / LW_KEEPALIVES, 1UL);
	/* a peer that was sent nothing yet has all of the hold time to be heard where it is sent to first */
	if (!keyed && !on_backup)
		wire->moved = now;
	/* older than that is all the same, and with 32 bits would be ahead one day */
	wire->moved = lw_later(wire->moved, now - hold - 1);
	wire->told = lw_later(wire->told, now - every);
	heard = READ_ONCE(wire->last_rx);
	deaf = time_after_eq(now, heard + hold + 1);
	end = (on_backup ? lw_later(heard, wire->moved) : heard) + hold + 1;
	if (!backup)	/* what was said while there was none is no news when there is one */
		WRITE_ONCE(wire->unheard, false);
	if (backup && !on_backup &&
	    lw_carrier_fail_over(wire, time_after_eq(now, lw_later(heard, wire->moved) + hold + 1),
				 now, hold)) {
		on_backup = true;
		wire->told = now - every;
		end = now + hold + 1;
	}

	/* what has to be said is said beside packets, too */
	next = (deaf || on_backup ? wire->told : READ_ONCE(wire->last_tx)) + every;
	if (time_after_eq(now, next)) {
		if (on_backup && lw_carrier_fall_back(wire, now))
			on_backup = false;
		if (keyed) {	/* without a key nobody sent anything that would count as dropped */
			lw_send_keepalive(wire, deaf ? LW_NOTE_DEAF : 0, false);
			if (on_backup)
				lw_send_keepalive(wire, deaf ? LW_NOTE_PROBE | LW_NOTE_DEAF :
							LW_NOTE_PROBE, true);
		}
		wire->told = now;
		next = now + every;
	}
	if (time_before(now, end))
		next = time_before(end, next) ? end : next;
	else if (READ_ONCE(wire->last_rx) == heard)	/* a probe may be answered at once */
		lw_carrier_alive(wire, false);
	queue_delayed_work(lw_wq, &wire->tick, next - now);
}

/**
 * lw_carrier_start - the device goes up, or has another hold time
 * @wire: its peer has all of the hold time to be heard in
 * Context: process, rtnl.
 */
void lw_carrier_start(struct lw_wire *wire)
{
	u32 hold_ms;

	rcu_read_lock();
	hold_ms = rcu_dereference(wire->conf)->hold_ms;
	rcu_read_unlock();
	spin_lock_bh(&wire->lock);
	WRITE_ONCE(wire->last_rx, jiffies);
	/* so that a keepalive goes at once; zero lies ahead of the first jiffies of a machine */
	WRITE_ONCE(wire->last_tx, jiffies - msecs_to_jiffies(hold_ms));
	WRITE_ONCE(wire->alive, true);
	WRITE_ONCE(wire->unheard, false);
	WRITE_ONCE(wire->answered, false);
	wire->answers = 0;
	wire->moved = jiffies;
	wire->told = jiffies - msecs_to_jiffies(hold_ms);
	spin_unlock_bh(&wire->lock);
	lw_carrier_update(wire);
	if (hold_ms)
		queue_delayed_work(lw_wq, &wire->tick, 0);
}

/**
 * lw_carrier_stop - the device goes down
 * @wire: its tick is waited for
 * Context: process, rtnl.
 */
void lw_carrier_stop(struct lw_wire *wire)
{
	cancel_delayed_work_sync(&wire->tick);
}

/**
 * lw_carrier_restart - the hold time has changed
 * @wire: up or down
 * Context: process, rtnl.
 */
void lw_carrier_restart(struct lw_wire *wire)
{
	if (!netif_running(wire->dev))
		return;
	lw_carrier_stop(wire);
	lw_carrier_start(wire);
}

/**
 * lw_carrier_init - no carrier yet
 * @wire: whose device is not registered yet
 */
void lw_carrier_init(struct lw_wire *wire)
{
	spin_lock_init(&wire->lock);
	INIT_DELAYED_WORK(&wire->tick, lw_carrier_tick);
	ratelimit_state_init(&wire->roaming, HZ, 10);
	ratelimit_set_flags(&wire->roaming, RATELIMIT_MSG_ON_RELEASE);	/* says nothing */
	wire->alive = true;
	netif_carrier_off(wire->dev);
}
