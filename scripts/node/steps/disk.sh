# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# One disk, by its name in /sys/block: what the kernel and the disk itself say of it. Nothing here writes.

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

# disk_wwn NAME: its World Wide Name as the kernel has it, with `_` for what the wire does not know; nothing where it has none.
disk_wwn() {
    local wwn
    wwn=$({ cat "/sys/block/$1/wwid" || cat "/sys/block/$1/device/wwid"; } 2> /dev/null | tr -d '\000')
    read -r wwn <<< "$wwn"
    printf '%.128s' "${wwn//[^A-Za-z0-9._:-]/_}"
}

# disk_path NAME: where it hangs, as /sys has it: `pci0000:00/0000:00:05.0/virtio2`.
disk_path() {
    local path
    path=$(readlink -f "/sys/block/$1/device") || return
    printf '%s' "${path#/sys/devices/}"
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

# disk_is_zero NAME: its first and its last 4 MiB hold nothing. An edge that cannot be read is not zero.
disk_is_zero() {
    local block=65536 count=64 edges=/run/hps/edges bytes
    bytes=$(disk_bytes "$1") || return 1
    dd if="/dev/$1" of="$edges.first" bs=$block count=$count 2> /dev/null || return 1
    dd if="/dev/$1" of="$edges.last" bs=$block skip=$((bytes / block - count)) 2> /dev/null || return 1
    [[ $(cat "$edges.first" "$edges.last" | tr -d '\000' | head -c 1 | wc -c) == 0 ]]
}

gibibytes() {
    local tenths=$(($1 * 10 / 1073741824))
    printf '%s.%s GiB' $((tenths / 10)) $((tenths % 10))
}
