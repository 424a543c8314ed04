// SPDX-License-Identifier: MIT
#include <stddef.h>

#include "lwctl/lwctl.h"

const struct command lwctl_objects[] = {
	{ "link", cmd_link, LWCTL_OBJECT "wires: add, set, delete, show" },
	{ "sa", cmd_sa, LWCTL_OBJECT "security associations: add, delete, show" },
	{ "address", cmd_address, LWCTL_OBJECT "addresses of wires' devices: add" },
	{ "rekey", cmd_rekey, "{NAME|id N} peer {NAME|id N} [peer-netns NS] [cipher C] [lanes N]\n"
	  "        [csum {partial|full}] [grace SECONDS]\n"
	  "  lwctl rekey {NAME|id N} {remote-name NAME|remote-id N} [cipher C] [lanes N]\n"
	  "        [csum {partial|full}] [grace SECONDS] [timeout SECONDS]"
	  "\tnew keys for a wire, without losing a packet; a peer elsewhere: `... | ssh other lwctl -batch -'" },
	{ "topo", cmd_topo, LWCTL_OBJECT "topologies: check, plan, apply, show, graph, export, destroy, log, rollback" },
	{ "monitor", cmd_monitor, "\tevents as they come, one a line; -d with the time" },
	{ "stat", cmd_stat, "[NAME|id N|underlay]\tcounters of a wire, of packets that no wire was found for, or of all; -d zeroes, too" },
	{ "machine", cmd_machine, "ADDR...\tfail, and end a batch, unless all of these are addresses of this machine" },
	{ "genkey", cmd_genkey, "[CIPHER [FILE]]\ta fresh key for CIPHER (aes-256-gcm) to standard output, or to a new and private FILE" },
	{ NULL, NULL, NULL },
};
