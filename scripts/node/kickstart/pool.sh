# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The pool of ZFS of a kickstart, on the disks that the first script has chosen and Anaconda has left alone, or behind the system. Compiled
# into the last script, behind steps/zfs.sh.

POOL_TARGET=/mnt/sysroot
POOL_LIST=/tmp/hps-pool

# pool_of_kickstart MARK: the pool. Each of its disks must still have the mark of this permission.
pool_of_kickstart() {
    local level name part
    local -a disks=() parts=()
    { read -r level && mapfile -t disks; } < "$POOL_LIST"
    # A system's disk that is too small for a pool has none.
    ((${#disks[@]} > 0)) || return 0
    for name in "${disks[@]}"; do
        [[ $(sfdisk --disk-id "/dev/$name") == "$1" ]] ||
            fail "REFUSED: disk /dev/$name has not the mark that it was given when it was registered, and nothing more is written to it: look for what changes the disks of this machine"
    done
    for name in "${disks[@]}"; do
        # The rest of the disk. The system's is in use, so that the kernel is told of the new partition alone.
        sfdisk --quiet --append --no-reread --force --wipe-partitions always "/dev/$name" <<< 'type=6A898CC3-1DD2-11B2-99A6-080020736631, name=hps-pool' ||
            fail "disk /dev/$name cannot be partitioned: sfdisk failed"
        partx --update "/dev/$name"
        udevadm settle --timeout=60
        part=$(lsblk --noheadings --list --paths --output NAME,PARTLABEL "/dev/$name" | sed -n 's/ *hps-pool *$//p')
        [[ -n $part ]] || fail "the partition of the pool does not appear on disk /dev/$name"
        parts+=("$part")
    done
    zfs_pool_make "$POOL_TARGET" "$level" "${parts[@]}"
    zfs_pool_leave "$POOL_TARGET"
}
