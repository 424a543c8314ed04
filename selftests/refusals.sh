#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Every request that the kernel refuses: the errno, the words and the attribute that offends, to the byte; and nothing
# half-made is left. The requests are netlink as bytes, from peer/refused_*.py, sent from the netns of an underlay.
. "$(dirname "$0")/lib.sh"

export PYTHONDONTWRITEBYTECODE=1 WAIT_MS

# What runs outside of tap_case gets the namespaces of the file: each part takes fresh ones.
part()
{
	local verdict

	setup_underlay
	setup_ns tenant
	ip -n "$tenant" link add taken type dummy || ip -n "$tenant" link add taken type veth
	# a wire of another underlay whose device is here
	lw -n "$tenant" link add foreign encap ipip remote 10.0.0.2 id 1007 netns "$a"
	while IFS= read -r verdict; do
		case $verdict in
		"ok "*)
			report "${verdict#ok }"
			;;
		"not ok "*)
			fail "${verdict#*$'\t'}"
			verdict=${verdict%%$'\t'*}
			report "${verdict#not ok }"
			;;
		"exit 0")
			;;
		*)
			fail "$verdict"
			;;
		esac
	done < <(in_ns "$a" python3 "$SELFTESTS/peer/refusals.py" "$a" "$tenant" "$1" 2>&1; echo "exit $?")
	cleanup_case
	NS_LIST=()
}

tenant=''
for what in links wires sas users; do
	part "$what"
done
finish
