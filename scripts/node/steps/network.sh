# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The network: the one interface whose MAC the boot manager knows, with the address reserved for it. It is found by its
# MAC because the kernel's names depend on drivers and slots. The others stay down.

# How long a driver may need until the interface appears, and a switch until it passes traffic (spanning tree needs 30
# seconds).
NIC_SECONDS=30
CARRIER_SECONDS=60

# network_up: the interface of HPS_MAC, up, with NODE_ADDRESS.
network_up() {
    [[ -n $HPS_MAC ]] || fail "hps.mac is missing on the kernel's command line or malformed: look at the boot manager's iPXE script"
    [[ -n $NODE_ADDRESS ]] || fail "hps.ip is missing on the kernel's command line or malformed: look at the boot manager's iPXE script"
    nic_wait || fail "no network interface has the MAC $HPS_MAC: its driver or firmware may be missing (found: $(nic_list))"
    nic_carrier "$NIC" || fail "interface $NIC ($HPS_MAC) has no link after $CARRIER_SECONDS seconds: check cable and switch port"
    nic_static "$NIC" || fail "interface $NIC does not accept the address $NODE_ADDRESS"
    say "network $NIC $NODE_ADDRESS"
}

# nic_wait: sets NIC to the interface with HPS_MAC, and loads drivers for devices that appear late.
nic_wait() {
    local give_up=$((SECONDS + NIC_SECONDS))
    while :; do
        nic_find && return 0
        ((SECONDS < give_up)) || return 1
        sleep 0.5
        drivers_round
    done
}

nic_find() {
    local nic mac
    for nic in /sys/class/net/*; do
        # Only real devices: a bridge or VLAN has the MAC of its port.
        [[ -e $nic/device ]] || continue
        read -r mac < "$nic/address" || continue
        [[ ${mac//:/} == "$HPS_MAC" ]] && NIC=${nic##*/} && return 0
    done
    return 1
}

nic_list() {
    local nic mac list=''
    for nic in /sys/class/net/*; do
        [[ -e $nic/device ]] || continue
        read -r mac < "$nic/address" && list+=" ${nic##*/}=$mac"
    done
    printf '%s' "${list:- none}"
}

nic_carrier() {
    local carrier give_up=$((SECONDS + CARRIER_SECONDS))
    ip link set dev lo up
    ip link set dev "$1" up || return 1
    while ((SECONDS < give_up)); do
        # The file cannot be read while the interface is still coming up.
        read -r carrier 2> /dev/null < "/sys/class/net/$1/carrier" && [[ $carrier == 1 ]] && return 0
        sleep 0.2
    done
    return 1
}

# network_any: the interface of HPS_MAC with the reserved address, or with one from DHCP; otherwise DHCP on any interface
# with a link. For what needs no reservation.
network_any() {
    local nic names=()
    if [[ -n $HPS_MAC ]] && nic_wait && nic_carrier "$NIC"; then
        if [[ -n $NODE_ADDRESS ]]; then
            nic_static "$NIC" && return
        else
            nic_dhcp "$NIC" && return
        fi
    fi
    for nic in /sys/class/net/*; do
        [[ -e $nic/device ]] || continue
        names+=("${nic##*/}")
        ip link set dev "${nic##*/}" up
    done
    # All get their link within the same seconds, so it waits only for the first of them.
    for nic in ${names[@]+"${names[@]}"}; do
        nic_carrier "$nic" && nic_dhcp "$nic" && return
        CARRIER_SECONDS=2
    done
    return 1
}

nic_dhcp() {
    udhcpc -i "$1" -n -q -t 10 -s "$HPS_DIR/dhcp"
}

# clock_set: before anything that a wrong clock can break. Without the time of the provisioning node it goes on.
clock_set() {
    [[ -n $HPS_URL ]] || return 0
    hps_clock || say "the clock was not compared with that of the provisioning node"
    [[ -z $HPS_CLOCK ]] || say "$HPS_CLOCK"
}

nic_static() {
    ip address replace "$NODE_ADDRESS" dev "$1" || return 1
    [[ -z $NODE_GATEWAY ]] || ip route replace default via "$NODE_GATEWAY" dev "$1"
}
