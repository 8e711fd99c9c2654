# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The order in which UEFI tries its entries, set by efibootmgr, for both installers. With the network first, each start
# asks the boot manager, whose `exit` continues with the disk at once. With the disk first, the network comes next, for
# a disk that does not start.

# boot_order_put ENTRY...: the network (the entry of this start, if it was one) before or after these, then the others
# in their order.
boot_order_put() {
    local list entry order='' all
    # An order made from an incomplete list would drop the network and other systems.
    if ! list=$(efibootmgr --verbose); then
        say "the firmware does not report its boot order; it is not changed"
        return
    fi
    case ${ANSWER[boot_order]} in
        disk) all="$* $(boot_network "$list")" ;;
        *) all="$(boot_network "$list") $*" ;;
    esac
    all+=" $(sed -n 's/^BootOrder: //p' <<< "$list" | tr ',' ' ')"
    for entry in $all; do
        [[ ",$order," == *",$entry,"* ]] || order+="${order:+,}$entry"
    done
    if [[ -z $order ]] || ! efibootmgr --quiet --bootorder "$order"; then
        say "the firmware accepts no boot order; its own is used"
    fi
}

# boot_network LIST: the number of the network's entry, in the output of efibootmgr --verbose.
boot_network() {
    local current network
    current=$(sed -n 's/^BootCurrent: //p' <<< "$1")
    network=$(sed -n "s/^Boot\($current\)[* ].*MAC(.*/\1/p" <<< "$1")
    # Without it: the first PXE entry for IPv4.
    [[ -n $network ]] || network=$(sed -n '/Uri(/d; s/^Boot\([0-9A-F]\{4\}\)[* ].*MAC(.*IPv4(.*/\1/p' <<< "$1")
    printf '%s' "${network%%$'\n'*}"
}

# boot_order_of_kickstart: Anaconda has put its own entries first. They stay first if the cluster asks for that.
boot_order_of_kickstart() {
    [[ -d ${EFI_VARIABLES:-/sys/firmware/efi/efivars} && ${ANSWER[boot_order]} != disk ]] || return 0
    # The program is that of the new system.
    efibootmgr() { chroot /mnt/sysroot efibootmgr "$@"; }
    boot_order_put ''
}

# boot_entries LABEL: the numbers of the entries with this label.
boot_entries() {
    efibootmgr | sed -n "s/^Boot\([0-9A-F]\{4\}\)[* ] $1\(\t.*\)\?$/\1/p"
}
