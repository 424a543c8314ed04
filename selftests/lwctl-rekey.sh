#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Of several kernels, the first is enough.
# lwctl rekey: fresh keys for a wire, with both ends here and through a pipe; what happens when it cannot be done.
#
#	$a va ---- vb $b	underlay; the wire w lies over it
. "$(dirname "$0")/lib.sh"

# flood N: begins to send N pings from a to b; flood_end: all of them must have been answered.
flood()
{
	in_ns "$a" ping -n -q -i 0.002 -c "$1" -W 5 "$W4_B" > "$TMP/flood" 2>&1 &
	FLOOD=$!
	sleep 0.2
}

flood_end()
{
	wait "$FLOOD"
	grep -q ' 0% packet loss' "$TMP/flood" || fail "pings were lost: $(grep loss "$TMP/flood")"
}

rekey_both_here()
{
	local old old_tx

	setup_underlay
	make_wire w
	old=$(sas "$a" w rx) old_tx=$(sas "$a" w tx)
	flood 600
	check "rekey" lw -n "$a" rekey w peer w peer-netns "$b" grace 0.3
	flood_end
	[ "$(sas "$a" w rx)" != "$old" ] || fail "the same rx SA as before"
	[ "$(sas "$a" w tx)" != "$old_tx" ] || fail "the same tx SA as before"
	check_eq "a's rx is b's tx" "$(sas "$a" w rx)" "$(sas "$b" w tx)"
	check_eq "b's rx is a's tx" "$(sas "$b" w rx)" "$(sas "$a" w tx)"
	check_fails "the same cipher" 0 "cipher aes-128-gcm" lw -n "$a" sa show w
}

# shapes NETNS: of each SA, its direction, lanes and checksums.
shapes()
{
	lw -n "$1" -d sa show w | sed -n 's/.* \([rt]x\) tag .* lanes \([0-9]*\)\( csum [a-z]*\)\{0,1\} age .*/\1 \2\3/p' | xargs
}

rekey_lanes()
{
	local plain="rx 1 tx 1 csum partial" set="rx 4 tx 4 csum full" again="rx 4 tx 4 csum partial"

	setup_underlay
	make_wire w
	check_eq "a, before" "$plain" "$(shapes "$a")"
	check "rekey" lw -n "$a" rekey w peer w peer-netns "$b" grace 0 lanes 4 csum full
	check_eq "a" "$set" "$(shapes "$a")"
	check_eq "b" "$set" "$(shapes "$b")"
	check "ping" ns_ping "$a" "$W4_B"
	check "rekey, nothing said" lw -n "$b" rekey w peer w peer-netns "$a" grace 0
	check_eq "a, as before" "$set" "$(shapes "$a")"
	check_eq "b, as before" "$set" "$(shapes "$b")"
	set -o pipefail
	lw -n "$a" rekey w remote-name w grace 0 | lw -n "$b" -batch - || fail "rekey through a pipe"
	check_eq "a, through a pipe" "$set" "$(shapes "$a")"
	check_eq "b, through a pipe" "$set" "$(shapes "$b")"
	lw -n "$b" rekey w remote-name w grace 0 csum partial | lw -n "$a" -batch - || fail "rekey to partial"
	check_eq "a, partial" "$again" "$(shapes "$a")"
	check_eq "b, partial" "$again" "$(shapes "$b")"
	lw -n "$a" rekey w remote-name w grace 0 lanes 1 | tee >(grep -o 'lanes\|csum' > "$TMP/told") | lw -n "$b" -batch - ||
		fail "rekey to one lane"
	check_eq "what is said of defaults" "" "$(cat "$TMP/told")"
	check_eq "a, as at first" "$plain" "$(shapes "$a")"
	check_eq "b, as at first" "$plain" "$(shapes "$b")"
	check "ping" ns_ping "$a" "$W4_B"
}

rekey_first_keys()
{
	setup_underlay
	check "one end" lw -n "$a" link add x encap vxlan local 10.0.0.1 remote 10.0.0.1 port 5001 remote-port 5002 id 50 up
	check "the other" lw -n "$a" link add y encap vxlan local 10.0.0.1 remote 10.0.0.1 port 5002 remote-port 5001 id 51 up
	check "rekey" lw -n "$a" rekey id 50 peer id 51 cipher chacha20-poly1305 grace 0.1
	check_fails "x transmits" 0 "tx tag .* chacha20-poly1305 state active" lw -n "$a" sa show x
	check_fails "y transmits" 0 "tx tag .* chacha20-poly1305 state active" lw -n "$a" sa show y
	check_eq "x's rx is y's tx" "$(sas "$a" x rx)" "$(sas "$a" y tx)"
}

rekey_refused()
{
	local before_a before_b i

	setup_underlay
	make_wire w
	before_a=$(lw -n "$a" sa show w | sed 's/ age.*//') before_b=$(lw -n "$b" sa show w | sed 's/ age.*//')
	refused 2 "rekey: nope: No such device" -n "$a" rekey w peer nope peer-netns "$b"
	refused 2 "network namespace 'no-such'" -n "$a" rekey w peer w peer-netns no-such
	refused 1 "w is not its own peer" -n "$a" rekey w peer w
	check "an L2 wire" lw -n "$b" link add l2 encap vxlan remote 10.0.0.1 up
	refused 1 "differ in encap or mode" -n "$a" rekey w peer l2 peer-netns "$b"
	# no room for another SA at b, and each one there has been heard: what was begun at a is undone
	for i in 1 2 3; do
		new_key aes-128-gcm "$TMP/$i"
		lw -n "$b" sa add w rx tag "$i" cipher aes-128-gcm key-file "$TMP/$i"
		lw -n "$a" sa add w tx tag "$i" cipher aes-128-gcm key-file "$TMP/$i"
		check "b hears" ns_ping "$a" "$W4_B"
	done
	refused 2 "rekey: w: the new receiving SA: .*: " -n "$a" rekey w peer w peer-netns "$b"
	check_eq "a's rx SAs" "$(grep -o 'rx tag .*' <<< "$before_a")" "$(lw -n "$a" sa show w | grep -o 'rx tag .* state active')"
	check_eq "b's tx SA" "$(grep -o 'tx tag .*' <<< "$before_b")" "$(lw -n "$b" sa show w | grep -o 'tx tag .* state active')"
	check "the wire still works" ns_ping "$a" "$W4_B"
}

rekey_two_machines()
{
	local old

	setup_underlay
	make_wire w
	old=$(sas "$a" w rx)$(sas "$a" w tx)
	flood 600
	set -o pipefail
	lw -n "$a" rekey w remote-name w grace 0.3 | lw -n "$b" -batch - || fail "rekey through a pipe"
	flood_end
	[ "$(sas "$a" w rx)$(sas "$a" w tx)" != "$old" ] || fail "the same SAs as before"
	check_eq "a's rx is b's tx" "$(sas "$a" w rx)" "$(sas "$b" w tx)"
	check_eq "b's rx is a's tx" "$(sas "$b" w rx)" "$(sas "$a" w tx)"
	check "a name that needs quoting" ip -n "$b" link set w down
	check "a name that needs quoting" ip -n "$b" link set w name "#'w\$1"
	check "a name that needs quoting" ip -n "$b" link set "#'w\$1" up
	lw -n "$a" rekey w remote-name "#'w\$1" grace 0 | lw -n "$b" -batch - || fail "rekey of a strange name"
}

rekey_without_an_answer()
{
	local before one two

	setup_underlay
	make_wire w
	before="$(sas "$a" w rx) $(sas "$a" w tx)"
	refused 1 "keys go to standard output, which must be a pipe" -n "$a" rekey w remote-name w

	# the peer is gone before the first line is written: nothing has happened there, so nothing stays here
	{ sleep 0.3; lw -n "$a" rekey w remote-name w grace 0 2> "$TMP/said"; } | :
	check_eq "exit status" 2 "${PIPESTATUS[0]}"
	grep -q "^lwctl: rekey: .*: Broken pipe$" "$TMP/said" || fail "said: $(cat "$TMP/said")"
	check_eq "SAs of a" "$before" "$(sas "$a" w rx) $(sas "$a" w tx)"

	# the peer takes both lines and refuses the first
	lw -n "$a" rekey w remote-name nope grace 0 2> "$TMP/said" |
		{ read -r one; read -r two; printf '%s\n' "$one" "$two" | lw -n "$b" -batch - 2> "$TMP/peer"; }
	check_eq "exit status" 2 "${PIPESTATUS[0]}"
	grep -q "^lwctl: rekey: w: nothing came under the new key: the peer's batch has ended; .* stays until a later rekey" \
		"$TMP/said" || fail "said: $(cat "$TMP/said")"
	grep -q "^lwctl: -:1: sa add: nope: No such device" "$TMP/peer" || fail "the peer said: $(cat "$TMP/peer")"
	check_eq "rx SAs of a" 2 "$(sas "$a" w rx | wc -w)"
	check "the wire still works" ns_ping "$a" "$W4_B"

	# the peer does nothing at all
	lw -n "$a" rekey w remote-name w grace 0 timeout 0.5 2> "$TMP/said" | cat > /dev/null
	check_eq "exit status" 2 "${PIPESTATUS[0]}"
	grep -q "nothing came under the new key: timeout" "$TMP/said" || fail "said: $(cat "$TMP/said")"
	# and one that works takes away what those left, once they are older than it lets one take
	sleep 1
	lw -n "$a" rekey w remote-name w grace 0 timeout 0.9 | lw -n "$b" -batch - || fail "rekey at last"
	check_eq "rx SAs of a" 1 "$(sas "$a" w rx | wc -w)"
	check "the wire works" ns_ping "$a" "$W4_B"
}

# What the other end's rekeying has installed here, and not used yet, is there when it does.
rekey_from_both_ends()
{
	setup_underlay
	make_wire w
	new_key aes-128-gcm "$TMP/theirs"
	check "b's rekeying: a receives" lw -n "$a" sa add w rx tag 0x4711 cipher aes-128-gcm key-file "$TMP/theirs"
	check "a's own one, all of it" lw -n "$a" rekey w peer w peer-netns "$b" grace 0
	check "b's rekeying: b transmits" lw -n "$b" sa add w tx tag 0x4711 cipher aes-128-gcm key-file "$TMP/theirs"
	check "the wire works" ns_ping "$a" "$W4_B"
}

tap_case "rekey of both ends loses nothing" rekey_both_here
tap_case "rekey changes lanes and checksums of both ends, and keeps them" rekey_lanes
tap_case "rekey gives a wire without keys its first ones" rekey_first_keys
tap_case "rekey that is refused half-way leaves everything as it was" rekey_refused
tap_case "rekey through a pipe loses nothing" rekey_two_machines
tap_case "rekey leaves the keys of another one that is under way" rekey_from_both_ends
tap_case "rekey without an answer keeps the wire working" rekey_without_an_answer
finish
