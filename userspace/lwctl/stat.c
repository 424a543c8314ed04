// SPDX-License-Identifier: MIT
#include <string.h>

#include "lwctl/args.h"
#include "lwctl/show.h"

static void show_one(struct lwctl *ctl, const struct lw_wire *wire)
{
	struct printer *p = &ctl->out;

	print_open_object(p, NULL);
	print_u64(p, "id", "%llu: ", wire->id);
	print_string(p, "ifname", "%s:\n", COLOR_NAME, wire->name);
	show_counters(ctl, &wire->counters);
	print_close_object(p);
}

static void show_underlay(struct lwctl *ctl, const struct lw_counters *counters)
{
	struct printer *p = &ctl->out;

	print_open_object(p, NULL);
	print_bool(p, "underlay", "underlay:\n", true);
	show_counters(ctl, counters);
	print_close_object(p);
}

int cmd_stat(struct lwctl *ctl, int argc, char **argv)
{
	struct args args = ARGS(argc, argv);
	struct wire_list list = { 0 };
	struct lw_counters counters;
	bool given = false, underlay;
	struct target target;
	struct lw_error err;
	struct lw_nl *nl;
	unsigned int i;
	int ret;

	(void)args_take(&args, "show");
	underlay = args_take(&args, "underlay");
	ret = underlay ? args_end(ctl, &args) : args_optional_wire(ctl, &args, &target, &given);
	if (ret)
		return ret;
	nl = lwctl_nl(ctl);
	if (!nl)
		return LWCTL_REFUSED;
	if (!given && lw_underlay_get(nl, &counters, &err) < 0)
		return lwctl_refused(ctl, &err, "underlay");
	if (!underlay)
		ret = wire_list_load(ctl, nl, given ? &target : NULL, &list);
	if (ret)
		return ret;

	print_open_array(&ctl->out, NULL);
	for (i = 0; i < list.n; i++)
		show_one(ctl, &list.wire[i]);
	if (!given)
		show_underlay(ctl, &counters);
	print_close_array(&ctl->out);
	print_end(&ctl->out);
	wire_list_free(&list);
	return LWCTL_OK;
}
