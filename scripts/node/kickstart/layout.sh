# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The disks that steps/disks.sh has chosen as commands of a kickstart, which Anaconda carries out. Compiled into its first script.

# layout: prints them.
layout() {
    local drives system=${DISK#/dev/}
    drives=$(disks_chosen | paste -s -d ,)
    printf 'ignoredisk --only-use=%s\n' "$drives"
    printf 'clearpart --all --initlabel --disklabel=gpt --drives=%s\n' "$drives"
    # On the system's disk, as everything that starts it: Anaconda would take the first one by its name.
    printf 'bootloader --boot-drive=%s%s\n' "$system" "${ANSWER[append]:+ --append=\"${ANSWER[append]}\"}"
    printf 'reqpart\npart /boot --fstype=xfs --size=1024 --ondisk=%s\n' "$system"
    sizes_set 1024
    printf 'part swap --fstype=swap --size=%s --ondisk=%s\n' "$SWAP_MIB" "$system"
    printf 'part / --fstype=xfs --size=%s --ondisk=%s\n' "${ROOT_MIB:-4096 --grow}" "$system"
    if sizes_pool; then
        printf 'part pv.pool --size=1024 --grow --ondisk=%s\nvolgroup pool pv.pool\n' "$system"
    fi
    layout_pool
}

# layout_pool: the pool on disks of its own.
layout_pool() {
    local name number=0 parts=''
    ((${#POOL[@]} > 0)) || return 0
    for name in "${POOL[@]}"; do
        number=$((number + 1))
        printf 'part raid.%d --size=512 --grow --ondisk=%s\n' "$number" "$name"
        parts+=" raid.$number"
    done
    # Not `pool`: a device and a volume group of one name are refused.
    printf 'raid pv.pool --device=hps-pool --level=%s%s\nvolgroup pool pv.pool\n' "${POOL_LEVEL^^}" "$parts"
}
