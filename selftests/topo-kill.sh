#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Of several kernels, the first is enough.
#
# lwctl topo: killed at each step of an apply, of a change and of a destroy, one after the other until it comes to its end
# unharmed; after each, the next apply finishes the work and the next destroy leaves nothing.
#
# A step is a system call by which something comes to be or goes: strace counts those of one kind, and kills lwctl
# (SIGKILL) when it enters the Nth. KILL_EVERY=N tries only each Nth of the requests to the kernel, and if there is any to
# leave out, each third of the other steps (default: all, and fewer on a machine where an apply takes seconds).
. "$(dirname "$0")/lib.sh"
. "$SELFTESTS/topo/graphs.sh"

CALLS="unshare mount umount2 unlink sendto renameat"

# killed CALL N COMMAND...: true if the command was killed there; false if it came to its end before, which is checked
killed()
{
	local call=$1 n=$2 rc
	shift 2

	# in a shell of its own, that tells nobody
	(
		strace -qq -o "$TMP/trace" -e "trace=$call" -e "inject=$call:signal=KILL:when=$n" "$LWCTL" "$@" \
			> "$TMP/out" 2>&1 < /dev/null
		exit $?
	) 2> /dev/null
	rc=$?
	[ "$rc" -ne 0 ] || return 1
	[ "$rc" -eq 137 ] || fail "at $call number $n: exit $rc, neither 0 nor killed: $(tail -n 2 "$TMP/out")"
	[ "$rc" -eq 137 ]
}

# two nodes and three wires, one of them from a node to itself; and what becomes of it
before()
{
	file kill.dot <<< 'graph kill { a [lw_endpoint="192.0.2.7"]; a:x -- b:x; a:y -- b:y; a:s -- a:t }'
}

after()
{
	file kill.dot <<< 'graph kill { a [lw_endpoint="192.0.2.7"]; a:x -- b:x [lw_mtu=1400]; b:z -- c:z [lw_encap=ipip]; a:s -- a:t [lw_cipher="aes-128-gcm"] }'
}

# It is as the file says, at one kill of each kind with a packet through every wire.
finished()
{
	check "$1: the next apply" lw topo apply "$F" || return
	check_eq "$1: a plan after it" "kill: nothing to change" "$(lw topo plan "$F")"
	[ "$2" -gt 1 ] || check "$1: each wire" proven "$F"
}

# each_step FUNCTION: for every kind of call and every number of it, until there is no such number
each_step()
{
	local call n step tried=0 passed=0

	for call in $CALLS; do
		step=$((KILL_EVERY > 1 ? 3 : 1))
		[ "$call" != sendto ] || step=$KILL_EVERY
		for ((n = 1; n < 2000; n += step)); do
			"$1" "$call" "$n" || break
			[ "$RET" -eq 0 ] || return
			tried=$((tried + 1))
			passed=$((passed + step))
		done
	done
	note "killed at $tried steps"
	# fewer would mean that strace does not kill
	[ "$passed" -ge "$2" ] || fail "killed at $tried steps only"
}

kill_apply()
{
	before
	if ! killed "$1" "$2" topo apply "$F"; then
		goes_down "$F"
		return 1
	fi
	finished "an apply killed at $1 number $2" "$2"
	goes_down "$F"
}

kill_change()
{
	local was

	before
	check "what is there before" lw topo apply "$F"
	after
	killed "$1" "$2" topo apply "$F"
	was=$?
	[ "$was" -ne 0 ] || finished "a change killed at $1 number $2" "$2"
	return "$was"
}

kill_destroy()
{
	local was

	before
	check "what is there before" lw topo apply "$F"
	killed "$1" "$2" topo destroy "$F"
	was=$?
	# people may think better of it
	[ $((tried % 2)) -eq 0 ] || finished "a destroy killed at $1 number $2" "$2"
	goes_down "$F"
	return "$was"
}

apply_killed()
{
	need python3 strace
	each_step kill_apply 40
}

change_killed()
{
	need python3 strace
	each_step kill_change 30
	goes_down "$F"
}

destroy_killed()
{
	need python3 strace
	each_step kill_destroy 15
}

ip netns add "topo-$$" && ip netns del "topo-$$"	# the directory is there from now on
BEFORE=$(leftovers)
before
start=$(date +%s)
lw topo apply "$F" > /dev/null
: "${KILL_EVERY:=$((($(date +%s) - start) * 8 + 1))}"
lw topo destroy "$F" > /dev/null
wait_for same_as_before
tap_case "an apply that is killed at any step is finished by the next, and destroyed whole" apply_killed
tap_case "a change that is killed at any step is finished by the next" change_killed
tap_case "a destroy that is killed at any step is finished by the next, or undone by an apply" destroy_killed
finish
