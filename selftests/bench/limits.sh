# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# What the ciphers alone take: the module aead_speed measures as it is loaded.

: "${AEAD_SPEED_KO:?}"

# raw_aead DIR
raw_aead()
{
	if insmod "$AEAD_SPEED_KO" 2> "$1/aead.failed"; then
		rm "$1/aead.failed"
		tr ';' '\n' < /sys/module/aead_speed/parameters/ns > "$1/aead"
		rmmod aead_speed
	fi
}
