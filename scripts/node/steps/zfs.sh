# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A ZFS storage pool. The new system's own programs and kernel module make it after that system is there: the running
# kernel is the same. For the node environment, and for the last script of a kickstart.

# GPT's type of a partition of ZFS, which it calls "Solaris /usr & Apple ZFS".
TYPE_ZFS=6A898CC3-1DD2-11B2-99A6-080020736631
ZFS_POOL=pool

# zfs_pool_make TARGET LEVEL PARTITION...: the pool over these, as zpool-create(8) and zpoolprops(7) describe. TARGET
# has the machine's /dev, /proc and /sys. Partitions are named by their UUIDs, so that the kernel's names of the disks
# do not matter.
zfs_pool_make() {
    local target=$1 level=$2 kernel error part uuid
    local -a vdevs=() devices=()
    shift 2
    kernel=$(uname -r)
    [[ -d $target/lib/modules/$kernel ]] ||
        fail "the pool of ZFS cannot be made: the new system has no modules for the kernel that installs it, $kernel"
    error=$(chroot "$target" modprobe zfs 2>&1) ||
        fail "the pool of ZFS cannot be made: the module zfs of the new system cannot be loaded into the kernel $kernel (Secure Boot accepts only signed modules): $error"
    # The pool stores the machine's number, and each start imports it without a question.
    [[ -s $target/etc/hostid ]] || chroot "$target" zgenhostid || fail "the host id of the new system cannot be made"
    mkdir -p "$target/dev/disk/by-partuuid"
    for part in "$@"; do
        uuid=$(blkid --probe --match-tag PART_ENTRY_UUID --output value "$part")
        [[ -n $uuid ]] || fail "the UUID of partition $part cannot be read"
        # udev makes these in the new system, and may not be here.
        [[ -e $target/dev/disk/by-partuuid/$uuid ]] || ln -s "../../${part#/dev/}" "$target/dev/disk/by-partuuid/$uuid"
        devices+=("/dev/disk/by-partuuid/$uuid")
    done
    mapfile -t vdevs < <(zfs_vdevs "$level" "${devices[@]}")
    # Forced, because the content of the disks was checked before they were partitioned.
    error=$(chroot "$target" zpool create -f -m none -o ashift=12 -O compression=lz4 -O atime=off "$ZFS_POOL" "${vdevs[@]}" 2>&1) ||
        fail "the pool of ZFS cannot be made: $error"
    say "pool: zfs ${vdevs[*]}"
}

# zfs_vdevs LEVEL DEVICE...: the words of zpool-create(8) for these, a line each. With `mirrors`, two consecutive
# devices form a pair.
zfs_vdevs() {
    local level=$1 number
    shift
    if (($# == 1)); then
        printf '%s\n' "$1"
    elif [[ $level == mirrors ]]; then
        for ((number = 1; number < $#; number += 2)); do printf '%s\n' mirror "${@:number:2}"; done
    else
        printf '%s\n' "$level" "$@"
    fi
}

# zfs_pool_leave TARGET: closes the pool. The list of pools that the new system imports at its start stays.
zfs_pool_leave() {
    local cache=$1/etc/zfs/zpool.cache
    if ! { cp "$cache" "$cache.hps" && chroot "$1" zpool export "$ZFS_POOL" && mv "$cache.hps" "$cache"; }; then
        fail "the pool of ZFS cannot be closed: its disks do not store what was written to them"
    fi
}
