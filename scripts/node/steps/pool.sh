# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The storage pool: a volume group `pool`, on the rest of the system's disk (`pool=same`), or on an md array over disks of its own
# (`pool=rest`). Nothing is in it: volumes are made when somebody needs them.

# Where the array is while the machine is installed; the installed system finds it by its UUID.
POOL_ARRAY=/dev/md0
POOL_UUID=''

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
type=A19D880F-05FC-4D3B-A006-743F0F84911E, name=hps-pool
END
        parts+=("$(partition "/dev/$name" 1)")
    done
    for name in "${parts[@]}"; do partition_wait "$name"; done
    # Its parity is computed in the background, by the installed system: slowly until then.
    modprobe -q md_mod
    echo 1000 > /proc/sys/dev/raid/speed_limit_max
    mdadm --create "$POOL_ARRAY" --run --quiet --level="${POOL_LEVEL#raid}" --raid-devices=${#parts[@]} --metadata=1.2 \
        --homehost="${ANSWER[host_name]}" --name="$POOL_GROUP" "${parts[@]}" || fail "no $POOL_LEVEL can be made of ${parts[*]}: mdadm failed"
    POOL_UUID=$(mdadm --detail --export "$POOL_ARRAY" | sed -n 's/^MD_UUID=//p')
    [[ -n $POOL_UUID ]] || fail "the new array $POOL_ARRAY does not say its UUID"
    # What an earlier array of these disks held lies at the same place, and would be found again.
    wipefs --all --force --quiet "$POOL_ARRAY" || fail "the new array $POOL_ARRAY cannot be written"
    pool_group "$POOL_ARRAY"
    say "pool: $POOL_LEVEL of ${parts[*]}"
}

# pool_group DEVICE
pool_group() {
    if ! { lvm pvcreate --quiet --yes "$1" && lvm vgcreate --quiet "$POOL_GROUP" "$1"; }; then
        fail "no volume group $POOL_GROUP can be made on $1"
    fi
}

# pool_configure: how the installed system calls the array.
pool_configure() {
    [[ -n $POOL_UUID ]] || return 0
    put etc/mdadm/mdadm.conf << END
# Made by HPS when this host was installed.
HOMEHOST <system>
MAILADDR root
ARRAY /dev/md/$POOL_GROUP metadata=1.2 UUID=$POOL_UUID
END
}

# pool_stop: before the machine restarts, so that the array is clean.
pool_stop() {
    [[ -n $POOL_UUID ]] || return 0
    mdadm --quiet --stop "$POOL_ARRAY" || fail "the array of the pool cannot be stopped: its disks do not take what was written to them"
}
