#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Those who read netlink, and are slow: what goes while a dump is read takes nothing else out of it; who does not keep up
# with events is told so, and hears those that come afterwards.
. "$(dirname "$0")/lib.sh"

export PYTHONDONTWRITEBYTECODE=1
MONITOR=''

resumed()
{
	setup_ns a
	check "dumps of SAs" python3 "$SELFTESTS/readers.py" sas "$a"
}

# hears: a new event
hears()
{
	lw -n "$a" link add probe encap ipip remote 192.0.2.99 && lw -n "$a" link delete probe
	grep -q ' probe ' "$TMP/events"
}

# The first of 60 events fill the buffer. None waits for the monitor, and none that came before the loss is lost.
flooded()
{
	local i came

	setup_ns a
	"$LWCTL" -n "$a" monitor > "$TMP/events" 2> "$TMP/said" &
	MONITOR=$!
	wait_for hears || fail "the monitor hears nothing: $(cat "$TMP/said")"
	check "a small buffer" python3 "$SELFTESTS/readers.py" shrink "$MONITOR"
	for i in {101..160}; do
		echo "link add w$i encap ipip remote 192.0.2.99 id $i"
	done > "$TMP/batch"
	{ printf 'link delete'; printf ' id %d' {101..160}; echo; } >> "$TMP/batch"
	kill -STOP "$MONITOR"
	check "60 wires are made and deleted" lw -n "$a" -batch "$TMP/batch"
	kill -CONT "$MONITOR"
	wait_for grep -q "^lwctl: monitor: warning: events came faster than they were read" "$TMP/said" ||
		fail "of $(grep -c '^wire-del .* w1' "$TMP/events") events none was lost, or it was not told: $(cat "$TMP/said")"
	came=$(sed -n 's/^wire-del id \([0-9]*\) w1.*/\1/p' "$TMP/events" | xargs)
	note "came: $came"
	[ -n "$came" ] || fail "nothing came of what was there before the loss"
	check_eq "ids, from the first on" "$(seq -s ' ' 101 $((100 + $(wc -w <<< "$came"))))" "$came"
	: > "$TMP/events"
	wait_for hears || fail "the monitor hears nothing any more: $(cat "$TMP/said")"
	check "the monitor runs" kill "$MONITOR"
}

tap_case "a dump of SAs is whole without the wire that was deleted while it was read" resumed
tap_case "a monitor that falls behind is told, and goes on" flooded
finish
