# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The disks that steps/disks.sh has chosen, as commands of a kickstart for Anaconda. Compiled into its first script.

# layout: prints them.
layout() {
    local drives system=${DISK#/dev/}
    drives=$(layout_disks | paste -s -d ,)
    printf 'ignoredisk --only-use=%s\n' "$drives"
    # The tables are those of marks_write, and empty. `--all` or `--initlabel` would make new ones, without the mark.
    printf 'clearpart --none --disklabel=gpt\n'
    # On the system's disk, like everything that starts it: Anaconda would use the first disk by its name.
    printf 'bootloader --boot-drive=%s%s\n' "$system" "${ANSWER[append]:+ --append=\"${ANSWER[append]}\"}"
    sizes_set 1024
    if [[ -n $DISK_TWIN ]]; then layout_mirror; else layout_single "$system"; fi
    layout_pool
}

# layout_single DISK: the system on one disk.
layout_single() {
    local system=$1
    printf 'reqpart\npart /boot --fstype=xfs --size=1024 --ondisk=%s\n' "$system"
    printf 'part swap --fstype=swap --size=%s --ondisk=%s\n' "$SWAP_MIB" "$system"
    printf 'part / --fstype=xfs --size=%s --ondisk=%s\n' "${ROOT_MIB:-4096 --grow}" "$system"
    if sizes_pool && ! pool_is_zfs; then
        printf 'part pv.pool --size=1024 --grow --ondisk=%s\nvolgroup pool pv.pool\n' "$system"
    fi
}

# layout_mirror: the system on two disks, each with its own boot files. Anaconda gives the array of /boot/efi metadata
# that firmware does not see, adds a boot entry for each half, and puts GRUB on each disk of /boot.
layout_mirror() {
    local half number=100 name size fstype mount
    local -A halves=()
    local -a layout=('boot 1024 xfs /boot' "swap $SWAP_MIB swap swap" "root ${ROOT_MIB:-4096} xfs /")
    if firmware_is_efi; then
        layout=('efi 600 efi /boot/efi' "${layout[@]}")
    else
        # Like `biosboot`, `None` is no mount point: a second line with the same word would cause a warning.
        printf 'part biosboot --fstype=biosboot --size=1 --ondisk=%s\n' "${DISK#/dev/}"
        printf 'part None --fstype=biosboot --size=1 --ondisk=%s\n' "${DISK_TWIN#/dev/}"
    fi
    ! sizes_pool || pool_is_zfs || layout+=('hps-pool 1024 lvmpv pv.pool')
    while read -r name size _; do
        if [[ $name == hps-pool || ($name == root && -z $ROOT_MIB) ]]; then size+=' --grow'; fi
        for half in $(disks_system); do
            number=$((number + 1))
            printf 'part raid.%d --size=%s --ondisk=%s\n' "$number" "$size" "$half"
            halves[$name]+=" raid.$number"
        done
    done < <(printf '%s\n' "${layout[@]}")
    while read -r name _ fstype mount; do
        [[ $fstype != lvmpv ]] || fstype=''
        printf 'raid %s --device=%s%s --level=RAID1%s\n' "$mount" "$name" "${fstype:+ --fstype=$fstype}" "${halves[$name]}"
    done < <(printf '%s\n' "${layout[@]}")
    ! sizes_pool || pool_is_zfs || printf 'volgroup pool pv.pool\n'
}

firmware_is_efi() { [[ -d /sys/firmware/efi ]]; }

# layout_pool: the pool on disks of its own.
layout_pool() {
    local name number=0 parts=''
    ((${#POOL[@]} > 0)) && ! pool_is_zfs || return 0
    for name in "${POOL[@]}"; do
        number=$((number + 1))
        printf 'part raid.%d --size=512 --grow --ondisk=%s\n' "$number" "$name"
        parts+=" raid.$number"
    done
    # Not `pool`: a device and a volume group must not have the same name.
    printf 'raid pv.pool --device=hps-pool --level=%s%s\nvolgroup pool pv.pool\n' "${POOL_LEVEL^^}" "$parts"
}

# layout_disks: the disks for Anaconda; those of a ZFS pool are not among them.
layout_disks() { if pool_is_zfs; then disks_system; else disks_chosen; fi; }

# layout_zfs: for the last script: the level of the pool, and where it is. Then the disks whose free space it uses, each
# with its serial, WWN and size.
layout_zfs() {
    local name
    printf '%s %s\n' "$(zfs_level)" "${ANSWER[pool]}"
    for name in $(if ((${#POOL[@]} > 0)); then printf '%s\n' "${POOL[@]}"; elif sizes_pool; then disks_system; fi); do
        printf '%s %s %s\n' "$name" "${DISKS_AS_IS[$name]}" "${DISKS_BYTES[$name]}"
    done
}

# layout_check VERSION: reads the kickstart, with what layout wrote for it, with the same library as Anaconda does next.
# An Anaconda that cannot read it prints why and ends, and runs no script that could report it.
layout_check() {
    local said status=0
    said=$(python3 - "$1" "${KICKSTART:-/run/install/ks.cfg}" 2>&1 << 'END'
import sys
try:
    from pykickstart.errors import KickstartError
    from pykickstart.parser import KickstartParser
    from pykickstart.version import makeVersion
    parser = KickstartParser(makeVersion(sys.argv[1]))
except Exception as error:
    print(repr(error))
    sys.exit(2)
try:
    parser.readKickstart(sys.argv[2])
except KickstartError as error:
    print("REFUSED:", " ".join(str(error).split()))
    sys.exit(1)
END
    ) || status=$?
    case $status in
        0) ;;
        1) fail "Anaconda could not read this kickstart with the commands for the disks of this machine: ${said##*REFUSED: }" ;;
        # An installer without that library is not one that this was written for. It continues without the check.
        *) say "the kickstart was not checked again: ${said##*$'\n'}" ;;
    esac
}
