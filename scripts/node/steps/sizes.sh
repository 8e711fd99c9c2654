# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The sizes of root and swap, for both installers. The cluster file sets them for every disk (`root_gib`, `swap_gib`),
# or not at all. Without them, a system disk of at least 150 GB in a storage host gets 20 GiB of swap and 30 GiB for the
# base system. The rest is for the pool, if it is on the same disk, or free. Any other disk, or that of a host without a
# pool, is all base system and swap.

STORAGE_DISK_BYTES=150000000000
# Boot loaders, and /boot if it is a file system of its own.
SIZES_START_GIB=2
# The system's sizes: ROOT_MIB is empty if root gets the rest.
ROOT_MIB='' SWAP_MIB=''

# sizes_disk: the name of the system's disk; in a mirror that of the smaller one.
sizes_disk() {
    local name=${DISK#/dev/} twin=${DISK_TWIN#/dev/}
    [[ -z $twin ]] || ((DISKS_BYTES["$twin"] >= DISKS_BYTES["$name"])) || name=$twin
    printf '%s' "$name"
}

# sizes_bytes: the space that the system can distribute.
sizes_bytes() { printf '%s' "${DISKS_BYTES[$(sizes_disk)]}"; }

# sizes_set SWAP_MIB: sets ROOT_MIB and SWAP_MIB. SWAP_MIB is that of a small disk whose root gets the rest.
sizes_set() {
    ROOT_MIB='' SWAP_MIB=$1
    if [[ ${ANSWER[pool]} != none ]] && (($(sizes_bytes) >= STORAGE_DISK_BYTES)); then
        ROOT_MIB=30720 SWAP_MIB=20480
    elif [[ -n ${ANSWER[root_gib]} ]]; then
        SWAP_MIB=1024
    fi
    [[ -z ${ANSWER[root_gib]} ]] || ROOT_MIB=$((ANSWER[root_gib] * 1024))
    [[ -z ${ANSWER[swap_gib]} ]] || SWAP_MIB=$((ANSWER[swap_gib] * 1024))
}

# sizes_pool: whether the pool follows on the system's disk.
sizes_pool() { [[ ${ANSWER[pool]} == same && -n $ROOT_MIB ]]; }

# sizes_fit: fails if the chosen disk is too small for the sizes of the cluster file.
sizes_fit() {
    local root swap pool=0 more=''
    [[ -n ${ANSWER[root_gib]}${ANSWER[swap_gib]} ]] || return 0
    sizes_set 1024
    # A base system does not fit in less than 4 GiB.
    root=$((${ROOT_MIB:-4096} / 1024)) swap=$((SWAP_MIB / 1024))
    if sizes_pool; then pool=1 more=' and 1 GiB of a pool'; fi
    (($(sizes_bytes) >= (root + swap + pool + SIZES_START_GIB) * 1073741824)) ||
        fail "$(disk_words "$(sizes_disk)") is too small for its layout: root $root GiB, swap $swap GiB, $SIZES_START_GIB GiB for the boot partitions$more; nothing was written: lower root_gib or swap_gib of the host type in the cluster file, or choose a larger disk by its system rule"
}
