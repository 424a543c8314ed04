#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Mostly waits.
# Two processors.
# New keys for a wire under a flood of numbered datagrams both ways: every datagram arrives, once. The underlay delays
# packets, so that there are always some on their way that are sealed under the old key.
. "$(dirname "$0")/lib.sh"

export PYTHONDONTWRITEBYTECODE=1 WAIT_MS LWCTL
ROUNDS=20

# One rekeying, by the number in ROUND; another cipher each time.
#	both ends are here
cat > "$TMP/local" <<-'END'
	#!/bin/bash
	ciphers=(aes-128-gcm aes-256-gcm chacha20-poly1305)
	exec "$LWCTL" -n "$1" rekey w peer w peer-netns "$2" cipher "${ciphers[ROUND % 3]}" grace 0.7
END
#	the peer is elsewhere: all that goes there is a stream of lines
cat > "$TMP/streamed" <<-'END'
	#!/bin/bash
	set -o pipefail
	ciphers=(aes-128-gcm aes-256-gcm chacha20-poly1305)
	"$LWCTL" -n "$1" rekey w remote-name w cipher "${ciphers[ROUND % 3]}" grace 0.7 |
		ip netns exec "$2" "$LWCTL" -batch -
END
#	in the wrong order: the old receiving SA is gone before what is on its way has come
cat > "$TMP/hasty" <<-'END'
	#!/bin/bash
	new=$((0xabc000 + ROUND))
	old=$("$LWCTL" -n "$2" sa show w | sed -n 's/.* rx tag \(0x[0-9a-f]*\) .*/\1/p')
	(umask 077; "$LWCTL" genkey aes-128-gcm > "$3")
	"$LWCTL" -n "$2" sa add w rx tag "$new" cipher aes-128-gcm key-file "$3" &&
		"$LWCTL" -n "$1" sa add w tx tag "$new" cipher aes-128-gcm key-file "$3" &&
		"$LWCTL" -n "$2" sa delete w rx tag "$old"
END
chmod +x "$TMP/local" "$TMP/streamed" "$TMP/hasty"

# delayed_wire DELAY ENCAP MODE FAMILY
delayed_wire()
{
	local delay=$1
	shift

	need_module sch_netem
	setup_underlay
	make_wire w encap "$1" mode "$2" family "$3" || return
	check "ping" ns_ping "$a" "$W4_B" || return
	tc -n "$a" qdisc add dev va root netem delay "$delay" limit 10000 || skip "no tc netem here"
	tc -n "$b" qdisc add dev vb root netem delay "$delay" limit 10000
}

# What was dropped at one end: the names of counters.
drops()
{
	{ lw -n "$1" stat w; lw -n "$1" stat underlay; } | grep -oE '[rt]x_[a-z_]+ [0-9]+' |
		grep -vE '^[rt]x_(packets|bytes|keepalives) '
}

# one_each_way NETNS CIPHER: two SAs, in use, none of the old ones.
one_each_way()
{
	check_eq "SAs of $1" "rx $2 active tx $2 active" \
		"$(lw -n "$1" sa show w | sed -n 's/.* \([rt]x\) tag [^ ]* cipher \([^ ]*\) state \([^ ]*\).*/\1 \2 \3/p' | xargs)"
}

# rekey_in_flood HOW ENCAP MODE FAMILY
rekey_in_flood()
{
	local how=$1 last ciphers=(aes-128-gcm aes-256-gcm chacha20-poly1305)
	shift

	delayed_wire 10ms "$@" || return
	check "flood" python3 "$SELFTESTS/peer/flood.py" "$a" "$b" "$W4_A" "$W4_B" "$ROUNDS" "$TMP/$how" "$a" "$b"
	check_eq "dropped at a" "" "$(drops "$a")"
	check_eq "dropped at b" "" "$(drops "$b")"
	last=${ciphers[(ROUNDS - 1) % 3]}
	one_each_way "$a" "$last"
	one_each_way "$b" "$last"
}

# The count counts: where packets are lost, it says so.
hasty_rekey()
{
	# longer than the machine takes for what is to come too early
	delayed_wire "$((WAIT_MS / 10))ms" vxlan l3 4 || return
	check_fails "flood" 1 '^a to b: [0-9]+ sent, [1-9][0-9]* lost' \
		python3 "$SELFTESTS/peer/flood.py" "$a" "$b" "$W4_A" "$W4_B" 2 "$TMP/hasty" "$a" "$b" "$TMP/key"
	check_fails "drops" 0 '^rx_no_sa' drops "$b"
}

tap_case "an old SA that goes too early loses packets, and the flood shows it" hasty_rekey
for kind in "local vxlan l2 4" "streamed vxlan l3 6" "local ipip l3 6"; do
	# shellcheck disable=SC2086 # words
	set -- $kind
	where="both ends here"
	[ "$1" = local ] || where="the peer by a stream"
	tap_case "$2 $3 over IPv$4: $ROUNDS rekeyings in a flood, $where, lose nothing" rekey_in_flood "$@"
done
finish
