// SPDX-License-Identifier: MIT
/*
 * lwctl machine ADDRESS...: am I on the machine that is meant? The first line of a batch that was made for another one.
 */
#include <stdlib.h>

#include "lwctl/args.h"

struct search {
	const struct lw_addr *wanted;
	bool found;
};

static int take_addr(const struct lw_ifaddr *a, void *arg)
{
	struct search *s = arg;

	s->found |= lw_addr_equal(&a->addr, s->wanted);
	return 0;
}

static int check_address(struct lwctl *ctl, struct lw_nl *nl, const char *word)
{
	struct lw_addr wanted;
	struct search s = { .wanted = &wanted };
	struct lw_error err;
	int ret = args_addr(ctl, "machine", word, &wanted);

	if (ret)
		return ret;
	if (lw_ifaddr_dump(nl, take_addr, &s, &err) < 0)
		return lwctl_refused(ctl, &err, "%s", "");
	return s.found ? LWCTL_OK : lwctl_refused(ctl, NULL, "%s is no address of this machine: nothing is done", word);
}

int cmd_machine(struct lwctl *ctl, int argc, char **argv)
{
	struct lw_nl *nl;
	int ret = LWCTL_OK;

	if (!argc)
		return lwctl_usage(ctl, "an address is missing");
	nl = lwctl_nl(ctl);
	if (!nl)
		ret = LWCTL_REFUSED;
	for (int i = 0; !ret && i < argc; i++)
		ret = check_address(ctl, nl, argv[i]);
	/* -force is for what may fail, not for another machine's lines */
	ctl->stop = ret;
	return ret;
}
