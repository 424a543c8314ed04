# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# The Python peer, as tests use it (after lib.sh):
#
#	peer_start hostile			# loads selftests/peer/hostile.py, once for the file
#	check "..." peer hostile ARGUMENT...	# runs its main(), prints what it says, returns its status

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
