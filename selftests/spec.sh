#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The netlink spec (Documentation/netlink/specs/linkwire.yaml), the header, the module and lwctl agree.
. "$(dirname "$0")/lib.sh"
. "$SELFTESTS/peer/peer.sh"

spec()
{
	check "spec.py $*" peer spec "$@"
}

# ynl/genetlink.yaml is the kernel's own (7.2, Documentation/netlink).
by_schema()
{
	[ -e /usr/lib/python3/dist-packages/jsonschema ] || skip "no python3-jsonschema here"
	spec schema "$SELFTESTS/ynl/genetlink.yaml"
}

a_wire()
{
	setup_underlay
	lw -n "$a" link add w encap vxlan mode l3 local "$U4_A" remote "$U4_B"
}

ethtool_counters()
{
	a_wire || return
	spec ethtool "$a" w
}

lwctl_counters()
{
	a_wire || return
	lw -n "$a" -j stat w > "$TMP/stat" || return
	spec lwctl "$TMP/stat"
}

peer_start spec

tap_case "the spec is valid by the kernel's schema of genetlink specs" by_schema
tap_case "the header has the spec's names and numbers, and no others" spec header
tap_case "linkwire(4) describes the spec's counters" spec manual
tap_case "architecture.md names functions and files that are there" spec architecture
tap_case "the module's source uses each attribute, command and counter" spec source
tap_case "the loaded family has the spec's commands, permissions and groups" spec family
tap_case "the loaded module checks each request by what the spec says" spec policy
tap_case "ethtool -S shows the spec's counters" ethtool_counters
tap_case "lwctl stat shows the spec's counters" lwctl_counters
finish
