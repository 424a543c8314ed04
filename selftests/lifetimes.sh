#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Two processors.
# What is freed while others use it. That nothing is used after it was freed, the debug kernel sees (vm/README.md); on any
# kernel, all of it comes to its end, and a wire carries afterwards.
#
# LIFE_SECONDS: for how long configurations are replaced, in each case (default: 2, more where all takes longer).
#
#	netns b: peer              netns a: underlay         netns tenant
#	  packets on vb  ----------- va  (wire w1) ............ device w1
. "$(dirname "$0")/lib.sh"
. "$SELFTESTS/peer/peer.sh"
. "$SELFTESTS/peer/cryptd.sh"

export PYTHONDONTWRITEBYTECODE=1 WAIT_MS
tenant=''

# moving ENCAP MODE FAMILY CIPHER
moving()
{
	setup_underlay
	setup_ns tenant
	in_ns "$tenant" sysctl -qw net.ipv6.conf.default.disable_ipv6=1
	peer moving "$a" "$b" "$tenant" "$@" "${LIFE_SECONDS:-$((WAIT_MS / 5000))}" > "$TMP/moving" || fail "$*"
	note "$(cat "$TMP/moving")"
}

no_device()
{
	! ip -n "$1" link show dev "$2" > /dev/null 2>&1
}

# both_gone {tx|rx} [DEVICE]: - for DEVICE: it goes with the underlay, and not before
both_gone()
{
	setup_underlay
	setup_ns tenant
	make_wire w cipher aes-256-gcm -- id 5 || return
	ip -n "$a" link set w netns "$tenant"
	__wire_end "$tenant" w "$W4_A" "$W6_A"
	ip -n "$tenant" link set w up
	check "echoes" wait_for ns_ping "$tenant" "$W4_B"
	if [ "$1" = tx ]; then
		set -- tx "$a" 5 "$tenant" "${2:-w}" "$tenant" "$W4_B"
	else
		set -- rx "$a" 5 "$tenant" "${2:-w}" "$b" "$U4_A"
	fi
	# the kernel complains of a device that waits for ten seconds; so many are through before, however slow the machine
	check "$*" python3 "$SELFTESTS/both_gone.py" "$@" $((9000000 / WAIT_MS))
	check "the device is gone" wait_for no_device "$tenant" w
	# the veth goes with the netns
	check "the underlay is gone" wait_for no_device "$b" vb
	setup_underlay
	make_wire w cipher aes-256-gcm || return
	check "echoes over another wire" wait_for ns_ping "$a" "$W4_B"
}

asynchronous()
{
	cryptd_on || skip "this kernel has no cryptd, or it does not do"
}

# What is left holds the module, or an underlay that the module waits for when it goes.
nothing_left()
{
	check "unload" wait_for unload_module
	cryptd_off
	check "load" load_module
}

peer_start moving

tap_case "configurations are replaced in use, vxlan" moving vxlan l2 4 aes-128-gcm
tap_case "configurations are replaced in use, ipip" moving ipip l3 6 chacha20-poly1305
trap 'cryptd_off; cleanup' EXIT
tap_case "ciphers complete later from here on" asynchronous
if [ "$(cat /sys/module/linkwire/parameters/aead_template)" = cryptd ]; then
	tap_case "configurations are replaced while packets wait, vxlan" moving vxlan l3 6 aes-256-gcm
	tap_case "configurations are replaced while packets wait, ipip" moving ipip l3 4 aes-128-gcm
	tap_case "the underlay goes while packets wait to be opened" both_gone rx -
	for direction in tx rx; do
		tap_case "the tenant deletes the device, and the underlay goes, while packets wait, $direction" both_gone $direction
	done
fi
tap_case "nothing is left that holds the module" nothing_left
finish
