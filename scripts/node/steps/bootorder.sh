# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The order in which UEFI tries its entries, by efibootmgr, for both ways of installing. With the network first each start asks the boot
# manager, whose `exit` goes to the disk at once; with the disk first the network is behind it, for a disk that does not start.

# boot_order_put ENTRY...: the network (the entry that this start came from, if it was one) before or behind these, then the others in
# their order.
boot_order_put() {
    local list entry order='' all
    # An order that was made without what is there would take the network and other systems out of it.
    if ! list=$(efibootmgr --verbose); then
        say "the firmware does not say its boot order; it is left as it is"
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
        say "the firmware takes no boot order; its own is used"
    fi
}

# boot_network LIST: the number of the network's entry, in what efibootmgr --verbose says.
boot_network() {
    local current network
    current=$(sed -n 's/^BootCurrent: //p' <<< "$1")
    network=$(sed -n "s/^Boot\($current\)[* ].*MAC(.*/\1/p" <<< "$1")
    # Without it: the first PXE entry for IPv4.
    [[ -n $network ]] || network=$(sed -n '/Uri(/d; s/^Boot\([0-9A-F]\{4\}\)[* ].*MAC(.*IPv4(.*/\1/p' <<< "$1")
    printf '%s' "${network%%$'\n'*}"
}

# boot_order_of_kickstart: Anaconda has put its own entries first, and they stay so where that is what the cluster wants.
boot_order_of_kickstart() {
    [[ -d ${EFI_VARIABLES:-/sys/firmware/efi/efivars} && ${ANSWER[boot_order]} != disk ]] || return 0
    # The program is the new system's.
    efibootmgr() { chroot /mnt/sysroot efibootmgr "$@"; }
    boot_order_put ''
}

# boot_entries LABEL: the numbers of the entries that are called so.
boot_entries() {
    efibootmgr | sed -n "s/^Boot\([0-9A-F]\{4\}\)[* ] $1\(\t.*\)\?$/\1/p"
}
