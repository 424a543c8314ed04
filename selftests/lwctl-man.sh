#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Of several kernels, the first is enough.
# The examples of lwctl(8) do what it says, word for word.
. "$(dirname "$0")/lib.sh"

MAN=$SELFTESTS/../Documentation/lwctl.8

# example N: the text of the Nth example of that section; the namespaces that it calls left and right are ours.
example()
{
	awk -v n="$1" '/^\.SH/ { on = $2 == "EXAMPLES" } /^\.EX/ { i += on; next } /^\.EE/ { if (i == n) exit } on && i == n' "$MAN" |
		sed -e 's/\\-/-/g' -e "s/\\\\(aq/'/g" -e "s/\\bleft\\b/$left/g" -e "s/\\bright\\b/$right/g"
}

# What the examples call lwctl, and the other machine: the two ends. (The first example says which namespace it means.)
lwctl()
{
	case " $* " in
	*" -n "*) lw "$@" ;;
	*) lw -n "$left" "$@" ;;
	esac
}

ssh()
{
	[ "$1 $2" = "other lwctl" ] || fail "ssh $*"
	shift 2
	lw -n "$right" "$@"
}

# run N: executes the Nth example in this shell.
run()
{
	example "$1" > "$TMP/example.$1"
	[ -s "$TMP/example.$1" ] || fail "no example $1 in lwctl.8"
	set -eo pipefail
	# shellcheck source=/dev/null
	. "$TMP/example.$1"
	set +eo pipefail
}

names()
{
	left=left-$$ right=right-$$
	NS_LIST+=("$left" "$right")
}

tx_tag()
{
	lw -n "$1" sa show lw0 | sed -n 's/.* tx tag \(0x[0-9a-f]*\) .*/\1/p'
}

two_namespaces()
{
	names
	run 1 > "$TMP/out"
	grep -q '1 received' "$TMP/out" || fail "no ping"
	grep -qE '^[0-9]+: lw0: <UP,CARRIER> ' "$TMP/out" || fail "no wire shown: $(cat "$TMP/out")"
}

two_machines()
{
	local before

	names
	run 1 > "$TMP/out"
	before=$(tx_tag "$left")
	run 2
	[ "$(tx_tag "$left")" != "$before" ] || fail "the keys are what they were"
	check "ping" ns_ping "$left" 10.0.0.2
}

by_hand()
{
	names
	run 1 > "$TMP/out"
	run 3
	check_eq "the tag that right transmits with is one that left receives with" 1 \
		"$(lw -n "$left" sa show lw0 | grep -c "rx tag $(tx_tag "$right") ")"
	check "ping" ns_ping "$left" 10.0.0.2
}

# expiring: installs a key at left that is soon over its soft limit; true once another one has replaced it.
expiring()
{
	new_key aes-128-gcm "$TMP/limited"
	lw -n "$right" sa add lw0 rx tag 0x4711 cipher aes-128-gcm key-file "$TMP/limited"
	lw -n "$left" sa add lw0 tx tag 0x4711 cipher aes-128-gcm key-file "$TMP/limited" soft-packets 5
}

replaced()
{
	ns_ping "$left" 10.0.0.2 && [ "$(tx_tag "$left")" != 0x004711 ]
}

on_an_event()
{
	need jq
	names
	run 1 > "$TMP/out"
	run 4 &
	sleep 1
	expiring
	wait_for replaced || fail "the key that expires is not replaced"
	check "ping" ns_ping "$left" 10.0.0.2
}

[ -f "$MAN" ] || skip_all "no lwctl.8 beside the tests"
tap_case "both ends on one machine" two_namespaces
tap_case "two machines" two_machines
tap_case "one direction by hand" by_hand
tap_case "rekey on an event" on_an_event
finish
