# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What is left on an erased disk: the first and the last 16 MiB, and pieces of 1 MiB spread over the rest. Before the
# erase their digests are remembered, so that afterwards other content (a new key) can be told from content that stayed.
# A piece of zeros proves nothing about a change of the key.

# How many pieces are between the edges, and how long an edge is.
: "${ERASE_SAMPLES:=256}" "${ERASE_EDGE_MIB:=16}"
# The digest of each piece before the erase, by its first MiB.
declare -A ERASE_BEFORE=()
# `zeroes`, `changed` or `no`.
ERASE_VERIFIED=no

# erase_pieces BYTES: the first MiB of each piece, in order. The last piece ends with the disk.
erase_pieces() {
    local mib=$((($1 + 1048575) / 1048576)) edge=$ERASE_EDGE_MIB at step
    ((mib > 2 * edge + ERASE_SAMPLES)) || { for ((at = 0; at < mib; at++)); do printf '%s\n' "$at"; done; return; }
    for ((at = 0; at < edge; at++)); do printf '%s\n' "$at"; done
    step=$(((mib - 2 * edge) / ERASE_SAMPLES))
    for ((at = 0; at < ERASE_SAMPLES; at++)); do printf '%s\n' $((edge + at * step + step / 2)); done
    for ((at = mib - edge; at < mib; at++)); do printf '%s\n' "$at"; done
}

# erase_piece NAME MIB: passes a piece on. Returns 1 if it cannot be read.
erase_piece() { dd if="/dev/$1" bs=1M skip="$2" count=1 2> /dev/null; }

# erase_length BYTES MIB: how long that piece is.
erase_length() {
    local left=$(($1 - $2 * 1048576))
    ((left < 1048576)) || left=1048576
    printf '%s' "$left"
}

# erase_digest NAME MIB: its digest. Returns 1 if it cannot be read.
erase_digest() {
    local digest rest
    digest=$(erase_piece "$1" "$2" | sha256sum && [[ ${PIPESTATUS[0]} == 0 ]]) || return 1
    read -r digest rest <<< "$digest"
    printf '%s' "$digest"
}

# erase_zero_digest LENGTH: the digest of so many zeros.
declare -A ERASE_ZEROS=()
erase_zero_digest() {
    local rest
    if [[ -z ${ERASE_ZEROS[$1]:-} ]]; then read -r "ERASE_ZEROS[$1]" rest < <(head -c "$1" /dev/zero | sha256sum); fi
}

# erase_remember NAME BYTES: before the erase. Returns 1 if the disk cannot be read. A piece that cannot be read is left
# out: a disk with a bad block can still be erased.
erase_remember() {
    local at digest read=0
    ERASE_BEFORE=()
    for at in $(erase_pieces "$2"); do
        digest=$(erase_digest "$1" "$at") || continue
        ERASE_BEFORE[$at]=$digest
        read=$((read + 1))
    done
    ((read > 0))
}

# erase_verify NAME BYTES: sets ERASE_VERIFIED.
erase_verify() {
    local at digest length zeroes=0 changed=0 same=0 unread=0
    for at in $(erase_pieces "$2"); do
        if ! digest=$(erase_digest "$1" "$at"); then
            unread=$((unread + 1))
            continue
        fi
        length=$(erase_length "$2" "$at")
        erase_zero_digest "$length"
        if [[ $digest == "${ERASE_ZEROS[$length]}" ]]; then
            zeroes=$((zeroes + 1))
        elif [[ $digest == "${ERASE_BEFORE[$at]:-$digest}" ]]; then
            same=$((same + 1))
        else
            changed=$((changed + 1))
        fi
    done
    say "verification of /dev/$1: $zeroes MiB are zeros, $changed MiB changed, $same MiB are as before or not known, $unread MiB cannot be read"
    ERASE_VERIFIED=no
    if ((same + unread == 0 && changed == 0 && zeroes > 0)); then
        ERASE_VERIFIED=zeroes
    elif ((same + unread == 0 && changed > 0)); then
        ERASE_VERIFIED=changed
    fi
}
