#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The module loads and unloads.
. "$(dirname "$0")/lib.sh"

reload()
{
	check "unload" unload_module
	[ ! -d /sys/module/linkwire ] || fail "still there after rmmod"
	check "load" load_module
	[ -d /sys/module/linkwire ] || fail "not there after insmod"
}

offered_by_rtnetlink()
{
	check_fails "unknown kind" 2 "Unknown device type|not supported" ip link add w type linkwire-no-such-kind
	check_fails "a wire without attributes is refused, not unknown" 2 "." ip link add w type linkwire
	! ip link add w type linkwire 2>&1 | grep -q "Unknown device type" || fail "rtnetlink kind linkwire is unknown"
}

tap_case "the module unloads and loads again" reload
tap_case "rtnetlink knows the kind linkwire" offered_by_rtnetlink
finish
