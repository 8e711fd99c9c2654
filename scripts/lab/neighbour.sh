# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Other machines of the lab's network that need no processor of their own: a network namespace each, with one card on the
# lab's bridge.

# What its card is called inside.
NEIGHBOUR_CARD=lan0

# neighbour_space NAME: the name of its namespace.
neighbour_space() { printf '%s-%s\n' "$LAB_NETNS" "$1"; }

# neighbour_open NAME ADDRESS: NAME has at most 12 characters; the address has its prefix length.
neighbour_open() {
    local space port=n-$1
    space=$(neighbour_space "$1")
    neighbour_close "$space"
    ip netns add "$space"
    network_ip link add "$port" type veth peer name "$NEIGHBOUR_CARD" netns "$space"
    network_ip link set "$port" master "$LAB_BRIDGE" up
    ip -n "$space" link set lo up
    ip -n "$space" link set "$NEIGHBOUR_CARD" up
    ip -n "$space" address add "$2" dev "$NEIGHBOUR_CARD"
}

# neighbour_start NAME PROGRAM ARGUMENT...: starts a program that stays until neighbours_stop; its output is in
# LAB_DIR/log. Fails if it ends at once.
neighbour_start() {
    local name=$1 pid
    shift
    ip netns exec "$(neighbour_space "$name")" "$@" < /dev/null >> "$LAB_DIR/log/neighbour-$name.log" 2>&1 9>&- &
    pid=$!
    sleep 1
    kill -0 "$pid" 2> /dev/null
}

# neighbour_close SPACE: ends its programs and removes it. Succeeds if there is none.
neighbour_close() {
    local pid
    [[ -e /run/netns/$1 ]] || return 0
    for pid in $(ip netns pids "$1" 2> /dev/null); do kill -TERM "$pid" 2> /dev/null || true; done
    for _ in {1..50}; do
        [[ -n $(ip netns pids "$1" 2> /dev/null) ]] || break
        sleep 0.1
    done
    for pid in $(ip netns pids "$1" 2> /dev/null); do kill -KILL "$pid" 2> /dev/null || true; done
    ip netns del "$1"
}

# neighbours_stop: all of this lab.
neighbours_stop() {
    local space
    for space in "/run/netns/$LAB_NETNS"-*; do
        [[ ! -e $space ]] || neighbour_close "${space##*/}"
    done
}
