# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The storage pool, `pool`, on the rest of the system's disk (`pool=same`), or over disks of its own (`pool=rest`). It
# is a volume group (`volumes=lvm`), on an md array if it has its own disks, or a ZFS pool (`volumes=zfs`), which
# steps/zfs.sh makes after the new system is there. It is empty: volumes are made when they are needed.

POOL_ARRAY=/dev/md0
# The partitions of a ZFS pool.
POOL_PARTS=()

# pool_make: every disk first gets a partition table with the mark, so that a retry of the same permission recognises
# it.
pool_make() {
    local name type=$TYPE_RAID parts=()
    if ((${#POOL[@]} == 0)); then
        [[ -z $PART_POOL ]] || pool_is_zfs || pool_group "$PART_POOL"
        return
    fi
    ! pool_is_zfs || type=$TYPE_ZFS
    for name in "${POOL[@]}"; do
        partition_wipe "$name"
        sfdisk --quiet --wipe always --wipe-partitions always --label gpt "/dev/$name" << END || fail "disk /dev/$name cannot be partitioned: sfdisk failed"
label-id: ${ANSWER[disk_mark]}
type=$type, name=hps-pool
END
        parts+=("$(partition "/dev/$name" 1)")
    done
    for name in "${parts[@]}"; do partition_wait "$name"; done
    if pool_is_zfs; then
        POOL_PARTS=("${parts[@]}")
        return
    fi
    array_make "$POOL_GROUP" "$POOL_ARRAY" "$POOL_LEVEL" 1.2 "${parts[@]}"
    pool_group "$POOL_ARRAY"
    say "pool: $POOL_LEVEL of ${parts[*]}"
}

# pool_group DEVICE
pool_group() {
    if ! { lvm pvcreate --quiet --yes "$1" && lvm vgcreate --quiet "$POOL_GROUP" "$1"; }; then
        fail "no volume group $POOL_GROUP can be made on $1"
    fi
}

# pool_open: the part of the pool that needs the new system.
pool_open() {
    ! pool_is_zfs || ((${#POOL_PARTS[@]} == 0)) || zfs_pool_make "$TARGET" "$(zfs_level)" "${POOL_PARTS[@]}"
}

# pool_close: before the new system's /dev is unmounted.
pool_close() {
    ! pool_is_zfs || ((${#POOL_PARTS[@]} == 0)) || zfs_pool_leave "$TARGET"
}
