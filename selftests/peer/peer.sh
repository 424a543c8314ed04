# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# The Python peer, as tests use it (after lib.sh):
#
#	peer_start hostile			# loads selftests/peer/hostile.py, once for the file
#	check "..." peer hostile ARGUMENT...	# runs its main(), prints what it says, returns its status
#	peer_tenant joined WHAT ARGUMENT...	# the same, over a fresh underlay, of a wire in a tenant's netns

# peer_start MODULE...: the whole file is skipped where the modules cannot be loaded.
peer_start()
{
	local ready

	mkfifo "$TMP/peer.in" "$TMP/peer.out"
	PYTHONDONTWRITEBYTECODE=1 WAIT_MS=$WAIT_MS python3 "$SELFTESTS/peer/serve.py" "$@" \
		< "$TMP/peer.in" > "$TMP/peer.out" 2> "$TMP/peer.err" &
	disown
	# no test uses these two for anything else; the peer ends when all that have the first are gone
	exec 8> "$TMP/peer.in" 9< "$TMP/peer.out"
	read -r ready <&9
	[ "$ready" = ready ] || skip_all "no peer: $(tail -n 1 "$TMP/peer.err")"
}

# peer MODULE ARGUMENT...
peer()
{
	local line

	echo "$*" >&8
	while IFS= read -r line <&9; do
		case $line in
		"exit "*) return "${line#exit }" ;;
		*) echo "$line" ;;
		esac
	done
	echo "the peer is gone: $(tail -n 1 "$TMP/peer.err")"
	return 1
}

# peer_tenant MODULE WHAT ARGUMENT...: main() gets WHAT, $a, $b, $tenant (which the test declares), ARGUMENT...
# shellcheck disable=SC2154 # a, b: set by setup_underlay
peer_tenant()
{
	setup_underlay
	setup_ns tenant
	in_ns "$tenant" sysctl -qw net.ipv6.conf.default.disable_ipv6=1
	check "${*:2}" peer "$1" "$2" "$a" "$b" "$tenant" "${@:3}"
}
