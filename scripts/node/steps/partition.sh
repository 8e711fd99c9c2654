# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Partitions and file systems: GPT with a BIOS boot partition, an EFI system partition, swap and root, so that the same
# disk starts under BIOS and UEFI. In a mirror both disks have all of them, and each except the first is an array. The
# UUIDs are made here, so that no step has to read them later.

MIB=1048576
# GPT's type of a partition that is a member of an md array.
TYPE_RAID=A19D880F-05FC-4D3B-A006-743F0F84911E

partition_disk() {
    local name small_swap
    small_swap=$(($(sizes_bytes) / 8 / MIB))
    sizes_set $((small_swap <= 4096 ? small_swap : 4096))
    for name in $(disks_system); do partition_table "$name"; done
    if [[ -n $DISK_TWIN ]]; then
        partition_mirror
    else
        PART_EFI=$(partition "$DISK" 2) PART_SWAP=$(partition "$DISK" 3) PART_ROOT=$(partition "$DISK" 4) PART_POOL=''
        ! sizes_pool || PART_POOL=$(partition "$DISK" 5)
        [[ -z $PART_POOL ]] || ! pool_is_zfs || POOL_PARTS=("$PART_POOL")
    fi
    partition_format
    say "disk $DISK${DISK_TWIN:+ and its twin $DISK_TWIN} partitioned"
}

# partition_table NAME: wipes the disk and partitions it.
partition_table() {
    local last=4 number pool='' swap=0657FD6D-A4AB-43C4-84E5-0933C84B4F4F root=4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709 pool_type=E6D6D379-F507-44C2-A23C-238F2A3DF928
    # The firmware finds its partition by the type, with any content; the other partitions of a mirror are Linux RAID.
    [[ -z $DISK_TWIN ]] || swap=$TYPE_RAID root=$TYPE_RAID pool_type=$TYPE_RAID
    ! pool_is_zfs || pool_type=$TYPE_ZFS
    if sizes_pool; then last=5 pool=$'\n'"type=$pool_type, name=hps-pool"; fi
    partition_wipe "$1"
    sfdisk --quiet --wipe always --wipe-partitions always --label gpt "/dev/$1" << END || fail "disk /dev/$1 cannot be partitioned: sfdisk failed"
label-id: ${ANSWER[disk_mark]}
size=1MiB, type=21686148-6449-6E6F-744E-656564454649, name=hps-bios
size=512MiB, type=C12A7328-F81F-11D2-BA4B-00A0C93EC93B, name=hps-efi
size=${SWAP_MIB}MiB, type=$swap, name=hps-swap
${ROOT_MIB:+size=${ROOT_MIB}MiB, }type=$root, name=hps-root$pool
END
    for ((number = 2; number <= last; number++)); do partition_wait "$(partition "/dev/$1" "$number")"; done
}

# partition_mirror: RAID 1 of the partitions of both disks. GRUB and the firmware read one half of root and of the EFI system partition.
partition_mirror() {
    PART_EFI=/dev/md1 PART_SWAP=/dev/md2 PART_ROOT=/dev/md3 PART_POOL=''
    array_make efi "$PART_EFI" raid1 1.0 "$(partition "$DISK" 2)" "$(partition "$DISK_TWIN" 2)"
    array_make swap "$PART_SWAP" raid1 1.2 "$(partition "$DISK" 3)" "$(partition "$DISK_TWIN" 3)"
    array_make root "$PART_ROOT" raid1 1.0 "$(partition "$DISK" 4)" "$(partition "$DISK_TWIN" 4)"
    sizes_pool || return 0
    if pool_is_zfs; then
        POOL_PARTS=("$(partition "$DISK" 5)" "$(partition "$DISK_TWIN" 5)")
        return
    fi
    PART_POOL=$POOL_ARRAY
    array_make "$POOL_GROUP" "$PART_POOL" raid1 1.2 "$(partition "$DISK" 5)" "$(partition "$DISK_TWIN" 5)"
}

# partition DISK NUMBER: its name. A disk whose name ends in a digit has a `p` before the number.
partition() {
    if [[ $1 == *[0-9] ]]; then printf '%sp%s' "$1" "$2"; else printf '%s%s' "$1" "$2"; fi
}

partition_wait() {
    local number=0
    until [[ -b $1 ]]; do
        ((number++ < 50)) || fail "partition $1 does not appear after its disk was partitioned"
        sleep 0.2
    done
}

# partition_wipe NAME: removes every old signature, on the partitions too, so that no old one is found inside the new
# partitions.
partition_wipe() {
    local node nodes
    disk_unchanged "$1"
    [[ -n ${DISKS_FOUND[$1]} ]] || return 0
    nodes=$(disk_nodes "$1" | sort -r) || fail "disk /dev/$1 cannot be wiped: its partitions cannot be listed"
    for node in $nodes; do
        wipefs --all --force --quiet "$node" || fail "disk /dev/$1 cannot be wiped: wipefs failed on $node"
    done
}

partition_format() {
    local fat_id
    UUID_SWAP=$(< /proc/sys/kernel/random/uuid)
    UUID_ROOT=$(< /proc/sys/kernel/random/uuid)
    fat_id=$(< /proc/sys/kernel/random/uuid)
    fat_id=${fat_id:0:8}
    UUID_EFI=${fat_id:0:4}-${fat_id:4:4}
    UUID_EFI=${UUID_EFI^^}
    # -I: an array is not a partition.
    mkfs.fat -F 32 -I -n HPS-EFI -i "$fat_id" "$PART_EFI" || fail "no file system can be made on $PART_EFI"
    mkswap -q -L hps-swap -U "$UUID_SWAP" "$PART_SWAP" || fail "no swap space can be made on $PART_SWAP"
    # Lazy: the kernel fills the inode tables and the journal later, in the background.
    # GRUB of Debian 12 cannot read the two features that are off.
    mke2fs -q -F -t ext4 -L hps-root -U "$UUID_ROOT" -O ^metadata_csum_seed,^orphan_file \
        -E lazy_itable_init=1,lazy_journal_init=1,nodiscard "$PART_ROOT" || fail "no file system can be made on $PART_ROOT"
}

# partition_mount: the new root under TARGET. Until the end its content need not survive a crash, because an interrupted
# installation starts again: so no barriers and rare commits. The installed system fills the inode tables.
partition_mount() {
    mkdir -p "$TARGET"
    mount -t ext4 -o noatime,nobarrier,noinit_itable,data=writeback,commit=600 "$PART_ROOT" "$TARGET" || fail "the new root file system $PART_ROOT cannot be mounted"
    mkdir -p "$TARGET/boot/efi"
    mount -t vfat -o umask=0077 "$PART_EFI" "$TARGET/boot/efi" || fail "the EFI system partition $PART_EFI cannot be mounted"
}
