// SPDX-License-Identifier: GPL-2.0
/* Linkwire: encrypted virtual wires. Loading and unloading. */

#include <linux/module.h>
#include <linux/notifier.h>
#include <linux/random.h>
#include <net/rtnetlink.h>
#include "aead.h"
#include "encap.h"
#include "netlink.h"
#include "sa.h"

struct workqueue_struct *lw_wq;

static int lw_vmfork(struct notifier_block *nb, unsigned long action, void *data)
{
	lw_sa_kill_tx();
	return NOTIFY_OK;
}

static struct notifier_block lw_vmfork_notifier = { .notifier_call = lw_vmfork };

static int __init lw_init(void)
{
	int err;

	BUILD_BUG_ON(LINKWIRE_COUNTER_MAX != (1ULL << 56) - 1);
	if (!lw_window_selftest())
		return -ENOTRECOVERABLE;
	lw_aead_init();
	lw_wq = alloc_workqueue("linkwire", WQ_UNBOUND, 0);
	if (!lw_wq)
		return -ENOMEM;
	err = lw_used_keys_init();
	if (err)
		goto err_wq;
	err = lw_underlay_init();
	if (err)
		goto err_keys;
	err = lw_netlink_init();
	if (err)
		goto err_underlay;
	err = lw_ipip_init();
	if (err)
		goto err_netlink;
	err = register_random_vmfork_notifier(&lw_vmfork_notifier);
	if (err)
		goto err_ipip;
	err = rtnl_link_register(&lw_link_ops);
	if (err)
		goto err_vmfork;
	return 0;
err_vmfork:
	unregister_random_vmfork_notifier(&lw_vmfork_notifier);
err_ipip:
	lw_ipip_exit();
err_netlink:
	lw_netlink_exit();
err_underlay:
	lw_underlay_exit();
err_keys:
	lw_used_keys_exit();
err_wq:
	destroy_workqueue(lw_wq);
	return err;
}

/*
 * No new wire, and every wire goes, with its sockets and SAs, and an event each; then no request and
 * no packet of ours by protocol number. Deleting a device waits for its last reference, so no packet is in a driver
 * after that. What is left: callbacks that have given their reference back, or never had one, and not yet returned
 * (they run with BH disabled: a grace period ends them), and frees that wait for grace periods and
 * then for the workqueue.
 */
static void __exit lw_exit(void)
{
	unregister_random_vmfork_notifier(&lw_vmfork_notifier);
	rtnl_link_unregister(&lw_link_ops);
	lw_netlink_exit();
	lw_ipip_exit();
	lw_underlay_exit();
	synchronize_rcu();
	rcu_barrier();
	destroy_workqueue(lw_wq);
	rcu_barrier();
	lw_used_keys_exit();
	lw_aead_exit();
}

module_init(lw_init);
module_exit(lw_exit);

MODULE_ALIAS_RTNL_LINK(LINKWIRE_KIND);
MODULE_ALIAS_GENL_FAMILY(LINKWIRE_FAMILY_NAME);
MODULE_DESCRIPTION("Encrypted virtual wires");
MODULE_AUTHOR("The Linkwire developers");
MODULE_LICENSE("GPL");
MODULE_VERSION("0.1.0");
