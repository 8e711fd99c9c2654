# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The ZFS pool of a kickstart, on the disks that the first script has chosen and Anaconda has not touched, or after the
# system's partitions. Compiled into the last script, after steps/disk.sh and steps/zfs.sh.

POOL_TARGET=/mnt/sysroot
POOL_LIST=/tmp/hps-pool

# pool_of_kickstart MARK: the pool. Each disk must be the registered one, and still have the mark of this permission.
pool_of_kickstart() {
    local level='' place='' name said bytes part
    local -a disks=() parts=()
    [[ ! -r $POOL_LIST ]] || {
        read -r level place
        while read -r name said bytes; do
            pool_disk_unchanged "$1" "$place" "$name" "$said" "$bytes"
            disks+=("$name")
        done
    } < "$POOL_LIST"
    [[ -n $level && -n $place ]] || fail "the list of the disks of the pool is missing: $POOL_LIST"
    # A system disk that is too small for a pool has none.
    [[ ${#disks[@]} -gt 0 || $place != rest ]] || fail "the list of the disks of the pool is empty: $POOL_LIST"
    ((${#disks[@]} > 0)) || return 0
    for name in "${disks[@]}"; do
        pool_partition "$place" "$name"
        parts+=("$part")
    done
    zfs_pool_make "$POOL_TARGET" "$level" "${parts[@]}"
    zfs_pool_leave "$POOL_TARGET"
    # Files that a script makes here lack the labels that SELinux expects.
    local policy=/etc/selinux/targeted/contexts/files/file_contexts
    [[ ! -e $POOL_TARGET$policy ]] || chroot "$POOL_TARGET" setfiles -F "$policy" /etc/hostid /etc/zfs/zpool.cache ||
        fail "the files of the pool cannot be labelled"
}

# pool_disk_unchanged MARK PLACE NAME SELF BYTES: fails if it is another disk, or one that is in use.
pool_disk_unchanged() {
    local mark=$1 place=$2 name=$3 said=$4 bytes=$5
    [[ $(disk_bytes "$name") == "$bytes" && $(disk_self "$name") == "$said" && $(sfdisk --disk-id "/dev/$name") == "$mark" ]] ||
        fail "REFUSED: disk /dev/$name is not the one that was registered and marked, and nothing more is written to it: find out what changes the disks of this machine"
    [[ $place != rest ]] || {
        ! disk_in_use "$name" && [[ $(disk_nodes "$name") == "/dev/$name" ]]
    } || fail "REFUSED: disk /dev/$name of the pool is in use or has partitions, and nothing more is written to it: find out what changes the disks of this machine"
}

# pool_partition PLACE NAME: the rest of the disk; sets `part`. The system's disk is in use, so the kernel is told only
# of the new partition.
pool_partition() {
    local name=$2 nodes node label
    local -a in_use=()
    [[ $1 == rest ]] || in_use=(--no-reread --no-tell-kernel --force)
    sfdisk --quiet --append "${in_use[@]}" --wipe-partitions always "/dev/$name" <<< "type=$TYPE_ZFS, name=hps-pool" ||
        fail "disk /dev/$name cannot be partitioned: sfdisk failed"
    [[ $1 == rest ]] || partx --update "/dev/$name" || fail "the kernel does not accept the new partition of disk /dev/$name"
    udevadm settle --timeout=60
    part=''
    nodes=$(disk_nodes "$name") || fail "the partitions of disk /dev/$name cannot be listed"
    for node in $nodes; do
        # (Its status says what is in the partition, too.)
        label=$(blkid --probe --match-tag PART_ENTRY_NAME --output value "$node")
        [[ $label != hps-pool ]] || part=$node
    done
    [[ -n $part ]] || fail "the partition of the pool does not appear on disk /dev/$name"
}
