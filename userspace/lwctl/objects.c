// SPDX-License-Identifier: MIT
#include <stddef.h>

#include "lwctl/lwctl.h"

const struct command lwctl_objects[] = {
	{ "link", cmd_link, "COMMAND ...\twires: add, set, delete, show" },
	{ "sa", cmd_sa, "COMMAND ...\tsecurity associations: add, delete, show" },
	{ "rekey", cmd_rekey, "{NAME|id N} ...\tnew keys for a wire, without losing a packet" },
	{ "topo", cmd_topo, "COMMAND ...\ttopologies: check, plan, apply, show, destroy" },
	{ "monitor", cmd_monitor, "\tevents as they come" },
	{ "stat", cmd_stat, "[NAME|id N|underlay]\tcounters" },
	{ "genkey", cmd_genkey, "[CIPHER [FILE]]\ta fresh key" },
	{ NULL, NULL, NULL },
};
