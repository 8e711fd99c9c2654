# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Which disk, and whether it may be written. The rule: of the disks that are large enough the smallest, and among equals
# the one with the lowest serial, so that the same machine always gives the same disk. A disk that carries anything
# is refused before the first write, unless the operator named its serial (`wipe`), or an earlier attempt of this same
# permission registered and marked it. Naming a disk does not make it the chosen one.

DISK='' DISK_SERIAL='' DISK_BYTES=0 DISK_FOUND='' DISK_NOTE=''

# disks_choose: sets DISK, DISK_SERIAL and DISK_BYTES.
disks_choose() {
    local name bytes serial seen='' candidates=() least=${ANSWER[disk_min_bytes]}
    settle_disks
    for name in $(disk_names); do
        bytes=$(disk_bytes "$name")
        serial=$(disk_serial "$name")
        seen+=" /dev/$name=$(gibibytes "$bytes")"
        say "found disk /dev/$name, serial $serial, $(gibibytes "$bytes")"
        ((bytes >= least)) || continue
        candidates+=("$bytes $serial $name")
    done
    ((${#candidates[@]} > 0)) ||
        fail "no disk of at least $(gibibytes "$least") that is not removable was found (disks:${seen:- none})"
    # Not `| head`, which would end sort by a broken pipe where the disks are many.
    read -r DISK_BYTES DISK_SERIAL DISK < <(printf '%s\n' "${candidates[@]}" | sort -k1,1n -k2,2 -k3,3)
    # A serial that two disks share names neither.
    if (($(disk_serial_count "$DISK_SERIAL") > 1)); then DISK_SERIAL=none; fi
    DISK=/dev/$DISK
    say "chosen disk $DISK, serial $DISK_SERIAL"
    disks_named
}

# disks_named: says of each serial that the operator named why it changes nothing, where it does not.
disks_named() {
    local serial count
    for serial in "${ANSWER_WIPE[@]}"; do
        count=$(disk_serial_count "$serial")
        if ((count == 0)); then
            say "the operator named the serial $serial, and no disk has it"
        elif ((count > 1)); then
            say "the operator named the serial $serial, which $count disks share: it names none of them"
        elif [[ $serial != "$DISK_SERIAL" ]]; then
            say "the operator named the serial $serial, whose disk is not the chosen one: it is not touched"
        fi
    done
}

# disk_is_named: whether the operator named the chosen disk.
disk_is_named() {
    local serial
    [[ $DISK_SERIAL != none ]] || return 1
    for serial in "${ANSWER_WIPE[@]}"; do
        [[ $serial == "$DISK_SERIAL" ]] && return 0
    done
    return 1
}

# disks_refuse: ends here if the disk carries anything and may not be wiped.
disks_refuse() {
    local serial what
    what="disk $DISK (serial $DISK_SERIAL, $(gibibytes "$DISK_BYTES"))"
    disk_in_use "${DISK#/dev/}" && fail "REFUSED: $what is in use; nothing was written"
    DISK_FOUND=$(disk_signatures "${DISK#/dev/}") || fail "REFUSED: $what cannot be read; nothing was written: check the disk"
    if disk_is_named; then
        [[ -n $DISK_FOUND ]] || return 0
        DISK_NOTE="wiped because the operator named its serial $DISK_SERIAL; it carried $DISK_FOUND"
        say "$what will be wiped because the operator named its serial (found: $DISK_FOUND)"
        return
    fi
    for serial in "${ANSWER_MAY_WIPE[@]}"; do
        [[ $DISK_SERIAL != none && $serial == "$DISK_SERIAL" ]] || continue
        # The serial came over the network; the mark on the disk is one that only the site can make.
        [[ $(sfdisk --disk-id "$DISK" 2> /dev/null) == "${ANSWER[disk_mark]}" ]] || continue
        say "$what was registered by an earlier attempt and may be wiped (found: ${DISK_FOUND:-nothing})"
        return
    done
    [[ -z $DISK_FOUND ]] ||
        fail "REFUSED: $what carries $DISK_FOUND; nothing was written: if its content may go, $(disks_advice)"
    [[ ${ANSWER[require_blank]} == no ]] || disk_is_zero ||
        fail "REFUSED: $what is not blank (data in its first or last 4 MiB); nothing was written: arm this host from the provisioning node if it may go"
}

# disks_advice: what to do with a disk whose content may go.
disks_advice() {
    if [[ $DISK_SERIAL == none ]]; then
        printf 'wipe it by hand (wipefs --all), because no serial names it, and arm this host again'
    else
        printf 'arm this host again with --wipe %s' "$DISK_SERIAL"
    fi
}

# disk_report: the chosen disk, and what happened to it, for the stage `partitioned`.
disk_report() {
    printf '%s%s' "$DISK" "${DISK_NOTE:+, $DISK_NOTE}"
}

# disks_register: from the boot manager's 200 on, the disk may be written.
disks_register() {
    stage disks "$DISK_SERIAL"
}

# disk_names: whole disks that are real, not removable and not read-only.
disk_names() {
    local sys name removable ro
    for sys in /sys/block/*; do
        name=${sys##*/}
        [[ -e $sys/device ]] || continue
        # One path of a disk that has several; the disk itself has a name of its own.
        [[ ! -e $sys/hidden || $(< "$sys/hidden") == 0 ]] || continue
        case $name in sr* | fd* | nbd* | mmcblk*boot* | mmcblk*rpmb) continue ;; esac
        removable='' ro=''
        read -r removable < "$sys/removable"
        read -r ro < "$sys/ro"
        [[ $removable == 0 && $ro == 0 ]] && printf '%s\n' "$name"
    done
}

disk_bytes() {
    local sectors
    read -r sectors < "/sys/block/$1/size" && printf '%s' $((sectors * 512))
}

# disk_serial NAME: what the disk says of itself, else its WWN, else `none`, in the form that the wire knows.
disk_serial() {
    local sys=/sys/block/$1 serial
    serial=$({
        cat "$sys/serial" || cat "$sys/device/serial" || tail -c +5 "$sys/device/vpd_pg80"
    } 2> /dev/null | tr -d '\000')
    [[ $serial == *[![:space:]]* ]] || serial=$({ cat "$sys/wwid" || cat "$sys/device/wwid"; } 2> /dev/null | tr -d '\000')
    read -r serial <<< "$serial"
    serial=${serial//[^A-Za-z0-9._:-]/_}
    printf '%.64s' "${serial:-none}"
}

disk_serial_count() {
    local name count=0
    for name in $(disk_names); do
        [[ $(disk_serial "$name") == "$1" ]] && count=$((count + 1))
    done
    printf '%s' "$count"
}

disk_in_use() {
    local holder
    for holder in "/sys/block/$1"/holders/* "/sys/block/$1/$1"*/holders/*; do
        [[ -e $holder ]] && return 0
    done
    grep -qE "^/dev/$1(p?[0-9]+)?[[:space:]]" /proc/mounts /proc/swaps
}

# disk_nodes NAME: the disk and its partitions.
disk_nodes() {
    local part
    printf '/dev/%s\n' "$1"
    for part in "/sys/block/$1/$1"*; do
        [[ -e $part/partition ]] && printf '/dev/%s\n' "${part##*/}"
    done
}

# disk_signatures NAME: what two independent readers find on the disk and its partitions (a partition table, a file system,
# a member of md, LVM, ZFS, LUKS ...), separated by commas; nothing when it is blank. Returns 1 if it cannot be read.
disk_signatures() {
    local node found other all='' status
    for node in $(disk_nodes "$1"); do
        # One read of the first sector, because both readers below take an unreadable disk for an empty one.
        dd if="$node" of=/dev/null bs=4096 count=1 2> /dev/null || return 1
        found=$(wipefs --noheadings --output TYPE "$node" | sort -u | paste -s -d , -) || return 1
        found=${found// /}
        other=$(blkid --probe --output export "$node")
        status=$?
        # 2 is "nothing found", 8 several findings that contradict each other; 0 may be no more than the partition's own name.
        if ((status != 2)) && [[ -z $found && ! ($status == 0 && $'\n'$other != *$'\n'@(TYPE|PTTYPE)=*) ]]; then
            found="something that blkid knows (status $status)"
        fi
        [[ -z $found ]] || all+="${all:+, }$found on $node"
    done
    printf '%s' "$all"
}

# disk_is_zero: the first and the last 4 MiB of DISK hold nothing. An edge that cannot be read is not zero.
disk_is_zero() {
    local block=65536 count=64 edges=/run/hps/edges
    dd if="$DISK" of="$edges.first" bs=$block count=$count 2> /dev/null || return 1
    dd if="$DISK" of="$edges.last" bs=$block skip=$((DISK_BYTES / block - count)) 2> /dev/null || return 1
    [[ $(cat "$edges.first" "$edges.last" | tr -d '\000' | head -c 1 | wc -c) == 0 ]]
}

gibibytes() {
    local tenths=$(($1 * 10 / 1073741824))
    printf '%s.%s GiB' $((tenths / 10)) $((tenths % 10))
}
