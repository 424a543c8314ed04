#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Of several kernels, the last is enough.
#
# Files are read by lwctl-graph, which has nothing that a file which takes it over could use; GraphML is like DOT.
. "$(dirname "$0")/lib.sh"

READER=$(dirname "$LWCTL")/lwctl-graph
GRAPH='graph net { a:x -- b:y [lw_mtu=1400] }'

# the reader of the lwctl whose process is $1
reader_of()
{
	pgrep -P "$1" -f '^lwctl-graph' || pgrep -P "$1" lwctl-graph
}

# a file that ends when $TMP/end is written to; sets LWCTL_PID and READER_PID
slow_file()
{
	rm -f "$TMP/file"
	mkfifo "$TMP/file"
	exec 7<>"$TMP/file"
	# what the environment, and other open files, could tell the reader
	LD_DEBUG_OUTPUT=/nowhere SECRET=1 "$LWCTL" topo check "$TMP/file" > "$TMP/out" 2>&1 7<&- 8< /etc/shadow &
	LWCTL_PID=$!
	wait_for reader_of "$LWCTL_PID" > /dev/null || fail "no reader"
	READER_PID=$(reader_of "$LWCTL_PID")
	wait_for grep -q '^NoNewPrivs:.1$' "/proc/$READER_PID/status"
}

status()
{
	sed -n "s/^$1:[[:space:]]*//p" "/proc/$READER_PID/status" | tr '\t' ' '
}

has_nothing()
{
	slow_file
	check_eq "its user" "65534 65534 65534 65534" "$(status Uid)"
	check_eq "its group" "65534 65534 65534 65534" "$(status Gid)"
	check_eq "its capabilities" 0000000000000000 "$(status CapEff)"
	check_eq "its files" "0 1 2" "$(find "/proc/$READER_PID/fd" -mindepth 1 -printf '%f\n' | sort | paste -sd' ')"
	check_eq "its environment" "" "$(tr '\0' ' ' < "/proc/$READER_PID/environ")"
	for limit in "Max open files" "Max processes" "Max file size" "Max core file size"; do
		grep -qE "^$limit +0 +0 " "/proc/$READER_PID/limits" || fail "$limit: $(grep "^$limit" "/proc/$READER_PID/limits")"
	done
	grep -qE '^Max cpu time +120 ' "/proc/$READER_PID/limits" || fail "$(grep cpu "/proc/$READER_PID/limits")"
	if [ -e /proc/sys/kernel/seccomp/actions_avail ]; then
		check_eq "its filter of system calls" 2 "$(status Seccomp)"
	fi
	echo "$GRAPH" >&7
	exec 7>&-
	wait "$LWCTL_PID"
	check_eq "exit status" 0 "$?"
	check_eq "what is said" "net: 2 nodes, 1 wires, no conflict" "$(cat "$TMP/out")"
}

dies()
{
	slow_file
	kill -SEGV "$READER_PID"
	wait "$LWCTL_PID"
	check_eq "exit status" 1 "$?"
	grep -q 'the reader failed on this file (Segmentation fault)' "$TMP/out" || fail "$(cat "$TMP/out")"
	exec 7>&-
}

goes_with_lwctl()
{
	slow_file
	kill -KILL "$LWCTL_PID"
	wait "$LWCTL_PID" 2>/dev/null
	wait_for [ ! -e "/proc/$READER_PID/fd/0" ] || fail "it is still there"
	exec 7>&-
}

is_missing()
{
	cp "$LWCTL" "$TMP/alone"
	[ ! -e /usr/local/libexec/linkwire/lwctl-graph ] || skip "installed here"
	LWCTL=$TMP/alone refused 1 'lwctl-graph, which reads such files, is not there' topo check - <<< "$GRAPH"
}

# the same graph in either language: the same plan, byte for byte
same_plan()
{
	echo "$GRAPH" > "$TMP/net.dot"
	check "convert" lw topo convert "$TMP/net.dot" > /dev/null
	lw topo convert "$TMP/net.dot" > "$TMP/net.graphml"
	grep -q '<edge source="a" sourceport="x" target="b" targetport="y">' "$TMP/net.graphml" || fail "$(cat "$TMP/net.graphml")"
	check_eq "the plan" "$(lw topo plan "$TMP/net.dot")" "$(lw topo plan "$TMP/net.graphml")"
	check_eq "the plan, from standard input" "$(lw topo plan "$TMP/net.dot")" "$(lw topo plan - < "$TMP/net.graphml")"
	check_eq "as JSON" "$(lw -j topo plan "$TMP/net.dot")" "$(lw -j topo plan "$TMP/net.graphml")"
	lw topo convert "$TMP/net.graphml" > "$TMP/back.dot"
	check_eq "and back" "$(lw topo convert "$TMP/net.dot" dot)" "$(cat "$TMP/back.dot")"
	refused 1 "'svg' is neither dot nor graphml" topo convert "$TMP/net.dot" svg
	refused 1 'a file is missing' topo convert
	refused 1 'No such file' topo convert "$TMP/nosuch"
	printf 'graph { "a\001" }' > "$TMP/odd.dot"
	refused 1 'odd.dot:1: a\\x01: its name cannot be written in GraphML: XML has no control' topo convert "$TMP/odd.dot"
}

[ -x "$READER" ] || skip_all "no lwctl-graph beside $LWCTL"
tap_case "who reads a file has no privilege, no other file, no environment, and may do little" has_nothing
tap_case "a reader that fails is told of" dies
tap_case "a reader does not outlive lwctl" goes_with_lwctl
tap_case "where there is no reader, that is said" is_missing
tap_case "GraphML is planned as DOT is, and converted there and back" same_plan
finish
