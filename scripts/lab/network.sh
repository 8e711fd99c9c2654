# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The lab's network: one namespace with one bridge and a tap device for each machine. It has no way out, and nothing
# outside it is changed.

LAB_BRIDGE=br0
LAB_ADDRESS=10.77.0.1/24

# in_network COMMAND...: runs it inside the namespace.
in_network() {
    ip netns exec "$LAB_NETNS" "$@" 9>&-
}

# network_up: makes its missing parts, so that a run that was stopped can continue.
network_up() {
    if ! in_network true 2> /dev/null; then
        # An interrupted start leaves a name without a namespace.
        ip netns del "$LAB_NETNS" 2> /dev/null || true
        ip netns add "$LAB_NETNS" || die "no network namespace can be made here: this needs root with CAP_SYS_ADMIN (in a container, a privileged one)"
    fi
    network_ip link set lo up
    if ! network_ip link show "$LAB_BRIDGE" > /dev/null 2>&1; then
        network_module bridge
        network_ip link add "$LAB_BRIDGE" type bridge forward_delay 0 stp_state 0 mcast_snooping 0 ||
            die "the kernel has no network bridge: load the module bridge"
    fi
    network_ip address replace "$LAB_ADDRESS" dev "$LAB_BRIDGE"
    network_ip link set "$LAB_BRIDGE" up
}

# network_bridge NAME: one more bridge, for machines of another network. This node has no address on it.
network_bridge() {
    network_ip link show "$1" > /dev/null 2>&1 || network_ip link add "$1" type bridge forward_delay 0 stp_state 0 mcast_snooping 0
    network_ip link set "$1" up
}

# network_tap NAME [BRIDGE]: a tap device on the lab's bridge or another one, for one machine.
network_tap() {
    if ! network_ip link show "$1" > /dev/null 2>&1; then
        network_module tun
        network_ip tuntap add dev "$1" mode tap || die "no tap device $1 can be made: is the kernel's module tun there?"
    fi
    network_ip link set "$1" master "${2:-$LAB_BRIDGE}" up
}

# network_down: removes the namespace with all its content.
network_down() {
    [[ -e /run/netns/$LAB_NETNS ]] || return 0
    local pids
    pids=$(ip netns pids "$LAB_NETNS" 2> /dev/null | tr '\n' ' ')
    [[ -z $pids ]] || say "      still running in the namespace, not started by the lab, left alone: pid $pids"
    ip netns del "$LAB_NETNS"
}

network_ip() { ip -n "$LAB_NETNS" "$@"; }

# network_module NAME: if it is built in, or cannot be loaded, the next step shows it.
network_module() { modprobe -q "$1" 2> /dev/null || true; }
