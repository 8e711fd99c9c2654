# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The storage pool: a volume group `pool`, on the rest of the system's disk (`pool=same`), or on an md array over disks of its own
# (`pool=rest`). Nothing is in it: volumes are made when somebody needs them.

POOL_GROUP=pool
POOL_ARRAY=/dev/md0

# pool_refuse: ends here if the new volume group could not have its name. Arrays are not assembled, so those on them do not count.
pool_refuse() {
    local device group disk chosen
    [[ ${ANSWER[pool]} == rest || ${ANSWER[pool]} == same ]] || return 0
    chosen=$(disks_chosen)
    while read -r device group; do
        [[ $group == "$POOL_GROUP" ]] || continue
        disk=$(lsblk --noheadings --nodeps --output PKNAME "$device")
        [[ $'\n'$chosen$'\n' == *$'\n'${disk:-${device#/dev/}}$'\n'* ]] ||
            fail "REFUSED: a volume group $POOL_GROUP is on $device already, whose disk was not chosen; nothing was written: rename it (vgrename in the rescue mode), or take that disk out"
    done < <(lvm pvs --noheadings --options pv_name,vg_name 2> /dev/null)
}

# pool_make: every disk gets a partition table with the mark first, so that a retry of the same permission knows it again.
pool_make() {
    local name parts=()
    if ((${#POOL[@]} == 0)); then
        [[ -z $PART_POOL ]] || pool_group "$PART_POOL"
        return
    fi
    for name in "${POOL[@]}"; do
        partition_wipe "$name"
        sfdisk --quiet --wipe always --wipe-partitions always --label gpt "/dev/$name" << END || fail "disk /dev/$name cannot be partitioned: sfdisk failed"
label-id: ${ANSWER[disk_mark]}
type=$TYPE_RAID, name=hps-pool
END
        parts+=("$(partition "/dev/$name" 1)")
    done
    for name in "${parts[@]}"; do partition_wait "$name"; done
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
