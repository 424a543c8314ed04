#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Trains, looked at from outside: what the module makes of those that a peer in Python sends, record by record, and what
# it sends itself. Nothing that a hostile peer, or somebody on the way, puts into one changes what becomes of the others.
#
#	netns b: peer, in Python            netns a: underlay         netns tenant
#	  trains on vb  -------------------- va  (wire w1) ............ device w1
. "$(dirname "$0")/lib.sh"
. "$SELFTESTS/peer/peer.sh"

tenant=''
export PYTHONPATH=$SELFTESTS/peer WAIT_MS

peer_start joined

for kind in "vxlan l2 4 aes-128-gcm" "vxlan l3 6 chacha20-poly1305"; do
	# shellcheck disable=SC2086 # words
	set -- $kind
	named="$1 $2 over IPv$3, $4"
	tap_case "$named: a train of TCP segments becomes the super-packet that it was" peer_tenant joined whole "$@"
	tap_case "$named: a bad record in a train costs only itself" peer_tenant joined damaged "$@"
	tap_case "$named: segments that do not belong together stay apart" peer_tenant joined odd "$@"
	tap_case "$named: lanes have windows of their own" peer_tenant joined lanes "$@"
	tap_case "$named: a super-packet leaves as one train of its segments" peer_tenant joined sent "$@"
done
finish
