# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# For the rescue mode: makes everything on the disks visible without writing to them. The kernel refuses writes to each
# disk (`blockdev --setrw` reverts that). Then arrays are assembled and volume groups activated, also read-only. What
# cannot start like that (a thin pool, an array that needs a resync before it can be read) is left as it is, with the
# reason in the log.

# The commands that start arrays and volumes by hand.
STORAGE_BY_HAND='mdadm --assemble --scan --readonly --run --config=partitions --homehost=any; vgchange -ay'

# storage_up: all of it.
storage_up() {
    settle_disks
    # An array that is out of sync, for example, writes to its disks by itself, so every disk must be protected first.
    if ! storage_protect; then
        say "arrays and volumes are not started, because a disk is not write-protected: see $LOG; to start them anyway, which may write to it: $STORAGE_BY_HAND"
        return
    fi
    storage_arrays
    storage_volumes
}

# storage_protect: refuses every write to a disk, by any program or journal. It covers the partitions too. Returns 1 if
# a disk is left out.
storage_protect() {
    local names name status=0
    names=$(ls "$SYS/block") || { say "the kernel's list of disks ($SYS/block) cannot be read"; return 1; }
    for name in $names; do
        # Entries without a device, node or medium cannot be written; a floppy disk does not start anything.
        [[ -e $SYS/block/$name/device && $name != fd* && $(disk_bytes "$name") != 0 ]] || continue
        storage_has_node "$name" || continue
        blockdev --setro "/dev/$name" && continue
        # A dead disk is often the reason for the rescue. If it cannot be opened, it cannot be written either, so the
        # other disks do not wait for it.
        if storage_opens "$name"; then
            say "disk /dev/$name cannot be write-protected; try it again with: blockdev --setro /dev/$name"
            status=1
        else
            say "disk /dev/$name cannot be opened, so it is left out"
        fi
    done
    return "$status"
}

# storage_has_node NAME, storage_opens NAME: whether there is a device to open, and whether it can be opened for
# reading.
storage_has_node() { [[ -b /dev/$1 ]]; }
storage_opens() { { : < "/dev/$1"; } 2> /dev/null; }

# storage_arrays: md. The configuration file prevents the assembly of arrays during an installation, so it is not read
# here. `--run` also starts degraded ones: an array that is only read does no harm to its other half.
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
