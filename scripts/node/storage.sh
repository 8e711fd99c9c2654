# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Everything on the disks made visible and nothing written, for the rescue mode: the kernel is told to refuse writes to each
# disk (`blockdev --setrw` takes that back), then arrays are assembled and volume groups activated, read-only too. What does not
# come up so (a thin pool, an array that needs a resync before it can be read) is left as it is, with the reason in the log.

# What starts arrays and volumes by hand.
STORAGE_BY_HAND='mdadm --assemble --scan --readonly --run --config=partitions --homehost=any; vgchange -ay'

# storage_up: all of it.
storage_up() {
    settle_disks
    # What writes to a disk by itself, an array that is out of step for one, must not find one that takes it.
    if ! storage_protect; then
        say "arrays and volumes are not started, because a disk is not write-protected: see $LOG; to start them all the same, which may write to it: $STORAGE_BY_HAND"
        return
    fi
    storage_arrays
    storage_volumes
}

# storage_protect: no write reaches a disk, whatever a program or a journal wants. It holds for the partitions too. Returns 1 if one is left.
storage_protect() {
    local names name status=0
    names=$(ls "$SYS/block") || { say "the kernel's list of disks ($SYS/block) cannot be read"; return 1; }
    for name in $names; do
        # What is no device, or has no node or no medium, takes no write; nothing is started from a floppy disk.
        [[ -e $SYS/block/$name/device && $name != fd* && $(disk_bytes "$name") != 0 ]] || continue
        storage_has_node "$name" || continue
        blockdev --setro "/dev/$name" && continue
        # A disk that is dead is why a person is here, and what nothing can open, nothing writes to: the others must not wait for it.
        if storage_opens "$name"; then
            say "disk /dev/$name cannot be write-protected; try it again with: blockdev --setro /dev/$name"
            status=1
        else
            say "disk /dev/$name cannot be opened, so it is left out"
        fi
    done
    return "$status"
}

# storage_has_node NAME, storage_opens NAME: whether there is a device to open, and whether it can be opened, for reading alone.
storage_has_node() { [[ -b /dev/$1 ]]; }
storage_opens() { { : < "/dev/$1"; } 2> /dev/null; }

# storage_arrays: md. The configuration file keeps arrays from being assembled during an installation, so it is not read here.
# `--run` takes degraded ones as well: what is only read does no harm to its other half.
storage_arrays() {
    modprobe -q md_mod || return 0
    printf '1\n' > /sys/module/md_mod/parameters/start_ro
    mdadm --assemble --scan --readonly --run --config=partitions --homehost=any
    return 0
}

# storage_volumes: LVM.
storage_volumes() {
    local names name list=''
    modprobe -q dm_mod || return 0
    names=$(vgs --noheadings --options vg_name) || say "not every volume group can be read: see $LOG"
    for name in $names; do
        list+="${list:+, }\"$name\""
    done
    [[ -n $list ]] || return 0
    vgchange --activate y --config "global { metadata_read_only = 1 } activation { read_only_volume_list = [ $list ] }" ||
        say "not every logical volume could be activated read-only: see $LOG"
}
