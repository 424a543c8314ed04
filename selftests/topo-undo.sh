#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Of several kernels, the first is enough.
#
# lwctl topo: an apply that is refused, interrupted, killed, or not alone leaves what was, or finishes what was begun.
. "$(dirname "$0")/lib.sh"
. "$SELFTESTS/topo/graphs.sh"

module_unloaded()
{
	need python3
	triangle
	comes_up "$F"
	unload_module || skip "cannot unload the module"
	check_fails "apply without it" 2 "the linkwire module is not loaded" lw topo apply "$F"
	goes_down "$F"
	load_module
	comes_up "$F"
	unload_module
	load_module
	comes_up "$F"
	goes_down "$F"
}

one_at_a_time()
{
	local lock=/run/linkwire/topology-tri.lock

	need python3 flock setpriv
	triangle
	comes_up "$F"
	check_eq "whose the directory is" "root 700" "$(stat -c '%U %a' /run/linkwire)"
	flock "$lock" sleep 1000 &
	wait_for is_locked "$lock" || fail "flock does not lock it"
	check_fails "a second apply" 2 "another lwctl is at work on topology tri" lw topo apply "$F"
	check_fails "a destroy meanwhile" 2 "another lwctl is at work on topology tri" lw topo destroy "$F"
	check "a plan asks for no lock" lw topo plan "$F"
	pkill -KILL -P $!	# sleep has the descriptor, too
	kill -KILL $! 2> /dev/null
	wait $! 2>/dev/null
	check_fails "another user's lock" 66 "Permission denied" \
		setpriv --reuid 65534 --regid 65534 --clear-groups flock "$lock" true
	check "an apply after the kill" lw topo apply "$F"
	goes_down "$F"
}

is_locked()
{
	! flock -n "$1" true
}

undone()
{
	local before

	need python3
	triangle
	comes_up "$F"
	before=$(facts "$F")
	ip -n tri.b link add v type dummy
	triangle tri 'd:x -- a:v; d:y -- b:v'
	sed -i '/c:x/d; s/b:z -- c:y/& [lw_cipher="aes-128-gcm"]/' "$F"
	check_fails "apply" 2 'creating b:v \(of d:y -- b:v\).*File exists' lw topo apply "$F"
	check_fails "apply says that it is undone" 2 'tri is undone \([0-9]* steps back\)' lw topo apply "$F"
	triangle
	check_eq "plan of what was" "tri: nothing to change" "$(lw topo plan "$F")"
	check "what was works" proven "$F"
	check_eq "the wires that were to stay" "$(grep -E '^(a:x|b:z)' <<< "$before")" "$(facts "$F" '^(a:x|b:z)')"
	[ ! -e /run/netns/tri.d ] || fail "node d is still there"
	goes_down "$F"
}

# nobody reads what it says, not from its first word
reader_gone()
{
	need python3
	triangle
	{ sleep 0.3; lw topo apply "$F"; } | :
	check_eq "plan after it" "tri: nothing to change" "$(lw topo plan "$F")"
	check "each wire" proven "$F"
	ip -n tri.b link add v type dummy
	triangle tri 'd:x -- a:v; d:y -- b:v'
	{ sleep 0.3; lw topo apply "$F" 2>&1; } | :
	check_eq "nothing of node d" "" "$(find /run/netns -name 'tri.d*')"
	triangle
	check_eq "plan of what was" "tri: nothing to change" "$(lw topo plan "$F")"
	goes_down "$F"
}

ended()
{
	! kill -0 "$1" 2> /dev/null
}

# what follows in a batch is not deaf to signals
signals_after_an_apply()
{
	local rc pid

	need python3
	triangle
	mkfifo "$TMP/orders"
	"$LWCTL" -batch "$TMP/orders" > "$TMP/out" &	# by itself: the signal is for it
	pid=$!
	exec 8> "$TMP/orders"
	printf '%s\n' "topo apply $F" >&8
	wait_for grep -q 'tri: done' "$TMP/out" || fail "not applied: $(cat "$TMP/out")"
	sleep 0.2
	kill -TERM "$pid"
	wait_for ended "$pid" || kill -KILL "$pid"
	wait "$pid"
	rc=$?
	exec 8>&-
	check_eq "exit status of a batch that waits for its next line, ended by a signal" 143 "$rc"
	goes_down "$F"
}

# The first time the signal comes before the first step for sure: lwctl waits for somebody to read its plan. The others
# come at some moment, and then it is undone, or was done already.
undone_after_a_signal()
{
	local up i rc

	need python3
	many_wires 12	# more of a plan than the pipe takes
	python3 - "$LWCTL" topo apply "$F" 2> "$TMP/err" <<-'END'
	import fcntl, os, signal, struct, subprocess, sys, termios, time
	out, into = os.pipe()
	size = fcntl.fcntl(into, fcntl.F_SETPIPE_SZ, 4096)
	process = subprocess.Popen(sys.argv[1:], stdout=into)
	os.close(into)
	while process.poll() is None:
	    n = struct.unpack("i", fcntl.ioctl(out, termios.FIONREAD, b"\0" * 4))[0]
	    if n >= size - 512:
	        break
	    time.sleep(0.01)
	time.sleep(0.1)
	process.send_signal(signal.SIGTERM)
	while os.read(out, 65536):
	    pass
	sys.exit(process.wait())
	END
	undone_or_done $? "before the first step"
	check_eq "exit status" 2 "$rc"
	many_wires 6
	up=$(milliseconds lw topo apply "$F")
	lw topo destroy "$F" > /dev/null
	for i in 1 3 5 7; do
		timeout --preserve-status -s TERM "$(seconds $((up * i / 8)))" "$LWCTL" topo apply "$F" \
			> /dev/null 2> "$TMP/err"
		undone_or_done $? "at $i/8 of $up ms"
	done
}

# undone_or_done STATUS WHEN: sets rc
undone_or_done()
{
	rc=$1
	# 143: it came before lwctl had anything to undo
	if [ "$rc" -eq 0 ]; then
		check "each wire, after a signal $2" proven "$F"
		lw topo destroy "$F" > /dev/null
	elif [ "$rc" -ne 143 ]; then
		check_eq "exit status, after a signal $2" 2 "$rc"
		check "it says why, $2" grep -q "stopped by a signal" "$TMP/err"
		check "it says so, $2" grep -q "many is undone" "$TMP/err"
	fi
	wait_for same_as_before || fail "left behind: $(diff <(echo "$BEFORE") <(leftovers) | grep '^[<>]' | tr '\n' ' ')"
}

# seconds MILLISECONDS: 0.250
seconds()
{
	printf '%d.%03d' $(($1 / 1000)) $(($1 % 1000))
}

# many_wires N: so many nodes, all joined to each other; sets F
many_wires()
{
	local i j

	for ((i = 1; i <= $1; i++)); do
		for ((j = 1; j < i; j++)); do
			echo "n$i -- n$j"
		done
	done > "$TMP/edges"
	file many.dot <<< "graph many { $(cat "$TMP/edges") }"
}

# milliseconds COMMAND...: how long it takes
milliseconds()
{
	local from

	from=$(date +%s%3N)
	"$@" > /dev/null
	echo $(($(date +%s%3N) - from))
}

# killed_after MILLISECONDS lw ARG...
killed_after()
{
	local limit

	limit=$(seconds "$1")
	shift 2
	# --foreground: it dies alone, and is waited for until it has
	(timeout --foreground -s KILL "$limit" "$LWCTL" "$@"; :) >/dev/null 2>&1
}

# at some eighths of the time that it takes when left alone
killed_and_finished()
{
	local up down i

	need python3
	many_wires 6
	up=$(milliseconds lw topo apply "$F")
	down=$(milliseconds lw topo destroy "$F")
	for i in 1 3 5 7; do
		killed_after $((up * i / 8)) lw topo apply "$F"
		check "apply after a kill at $i/8 of $up ms" lw topo apply "$F" || break
		check "each wire" proven "$F"
		killed_after $((down * i / 8)) lw topo destroy "$F"
		goes_down "$F"
	done
}

ip netns add "topo-$$" && ip netns del "topo-$$"	# the directory is there from now on
BEFORE=$(leftovers)
tap_case "an apply that is refused half-way is undone, and says so" undone
tap_case "an apply that is interrupted is undone" undone_after_a_signal
tap_case "an apply that nobody listens to is carried out, or undone, whole" reader_gone
tap_case "a batch can be interrupted after an apply" signals_after_an_apply
tap_case "an apply or a destroy that is killed is finished by the next" killed_and_finished
tap_case "the module was unloaded: what is left can be taken down, or brought up again" module_unloaded
tap_case "one apply or destroy at a time" one_at_a_time
finish
