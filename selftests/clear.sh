#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# A capture of the underlay, while known text crosses a wire, has neither the text nor inner addresses nor MACs in it,
# and its shims look as Documentation/wire-format.md says.
. "$(dirname "$0")/lib.sh"

export PYTHONDONTWRITEBYTECODE=1 WAIT_MS

# nothing_in_the_clear ENCAP MODE FAMILY CIPHER
nothing_in_the_clear()
{
	setup_underlay
	make_wire w encap "$1" mode "$2" family "$3" cipher "$4" || return
	check "capture" python3 "$SELFTESTS/peer/clear.py" "$a" "$b" w "$1" "$2" "$3" "$TAG_AB" "$TAG_BA"
}

python3 -c 'import cryptography' 2>/dev/null || skip_all "no python3-cryptography here"

each_wire "nothing is seen in the clear" nothing_in_the_clear
finish
