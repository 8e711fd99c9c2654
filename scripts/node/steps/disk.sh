# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# One disk, by its name in /sys/block: what the kernel and the disk itself say of it. Nothing here writes.
# A disk is what its World Wide Name says (NAA, EUI-64, NGUID, UUID: the kernel's `wwid`), and its serial where it has no such name:
# logical drives of one RAID controller, and namespaces of one NVMe controller, have one serial and a WWN each. The kernel's `wwid` is
# the whole name. udev's ID_WWN is its first half alone, which all drives of a controller share (ID_WWN_WITH_EXTENSION is the whole).

# Where the kernel shows its devices; another place in tests.
: "${SYS:=/sys}"

# disk_names: whole disks that are real. Some of them may not be written or chosen: disk_obstacle, disk_bus.
disk_names() {
    local sys name
    for sys in "$SYS"/block/*; do
        name=${sys##*/}
        [[ -e $sys/device ]] || continue
        # One path of a disk that has several; the disk itself has a name of its own.
        [[ ! -e $sys/hidden || $(< "$sys/hidden") == 0 ]] || continue
        case $name in nbd* | mmcblk*boot* | mmcblk*rpmb) continue ;; esac
        printf '%s\n' "$name"
    done
}

# disk_obstacle NAME: why no system can ever be on it; nothing where one can.
disk_obstacle() {
    local ro=1
    case $1 in
        sr*) printf 'optical' ;;
        fd*) printf 'a floppy disk' ;;
        *)
            read -r ro < "$SYS/block/$1/ro"
            if [[ $ro != 0 ]]; then
                printf 'read-only'
            elif [[ $(disk_bytes "$1") == 0 ]]; then
                printf 'a drive without a medium'
            fi
            ;;
    esac
}

# disk_bus NAME: one word for how it is connected; bus_is_foreign knows which of them are no host's by default.
disk_bus() {
    local sys=$SYS/block/$1 path removable=0 proc='' transports
    path=$(readlink -f "$sys/device")/
    case $path in
        */usb[0-9]*/*) if disk_is_virtual_media "$1"; then printf 'virtual-media'; else printf 'usb'; fi; return ;;
        */mmc_host/*) printf 'mmc'; return ;;
        */fw[0-9]*/*) printf 'firewire'; return ;;
        */session[0-9]*/*) printf 'iscsi'; return ;;
        */rport-*) printf 'fc'; return ;;
    esac
    case $1 in
        nvme*)
            # A namespace that several controllers share hangs on their subsystem.
            transports=$(cat "$sys/device/transport" "$sys"/device/nvme*/transport 2> /dev/null)
            transports=${transports//pcie/}
            if [[ $transports == *[a-z]* ]]; then printf 'nvme-fabrics'; else printf 'nvme'; fi
            return
            ;;
        rbd* | drbd* | etherd*) printf 'network'; return ;;
    esac
    [[ ! $path =~ /(host[0-9]+)/ ]] || proc=$({ cat "$SYS/class/scsi_host/${BASH_REMATCH[1]}/proc_name"; } 2> /dev/null)
    read -r removable < "$sys/removable"
    if [[ $proc == ib_srp ]]; then
        printf 'network'
    elif [[ $removable != 0 ]]; then
        printf 'removable'
    else
        case $path in
            */ata[0-9]*/*) printf 'ata' ;;
            */end_device-*) printf 'sas' ;;
            */host[0-9]*/*) printf 'scsi' ;;
            */virtio[0-9]*/*) printf 'virtio' ;;
            *) printf 'other' ;;
        esac
    fi
}

# disk_is_virtual_media NAME: whether this disk on USB is one that a management controller shows, as its vendor and model say.
disk_is_virtual_media() {
    local model
    model=" $({ cat "$SYS/block/$1/device/vendor" "$SYS/block/$1/device/model"; } 2> /dev/null | tr -s '\n ' ' ') "
    case ${model,,} in
        *virtual* | *idrac* | *' ilo '* | *avocent* | *'file-stor gadget'* | *'file-cd gadget'* | *vkvm* | *openbmc* | *' xcc'*) return 0 ;;
    esac
    return 1
}

# bus_is_foreign BUS: whether disks there are no host's unless a rule names them: what is plugged in by hand, and what others share.
bus_is_foreign() {
    case $1 in
        usb | mmc | firewire | removable | virtual-media | iscsi | fc | nvme-fabrics | network) return 0 ;;
    esac
    return 1
}

disk_bytes() {
    local sectors
    read -r sectors < "$SYS/block/$1/size" && printf '%s' $((sectors * 512))
}

# disk_serial NAME: what the disk says of itself, else `none`, in the form that the wire knows.
disk_serial() {
    local sys=$SYS/block/$1 serial path
    serial=$({
        cat "$sys/serial" || cat "$sys/device/serial" || tail -c +5 "$sys/device/vpd_pg80"
    } 2> /dev/null | tr -d '\000')
    if [[ $serial != *[![:space:]]* ]]; then
        # A stick on USB may say it as a USB device alone.
        path=$(readlink -f "$sys/device")
        while [[ $path == */usb[0-9]*/* && ! -e $path/idVendor ]]; do path=${path%/*}; done
        serial=$({ cat "$path/idVendor" > /dev/null && cat "$path/serial"; } 2> /dev/null | tr -d '\000')
    fi
    read -r serial <<< "$serial"
    serial=${serial//[^A-Za-z0-9._:-]/_}
    printf '%.64s' "${serial:-none}"
}

# disk_wwn NAME: its World Wide Name as the kernel has it, whole, with `_` for what the wire does not know; nothing where it has none, or
# one of zeros.
disk_wwn() {
    local wwn
    wwn=$({ cat "$SYS/block/$1/wwid" || cat "$SYS/block/$1/device/wwid"; } 2> /dev/null | tr -d '\000')
    read -r wwn <<< "$wwn"
    wwn=${wwn//[^A-Za-z0-9._:-]/_}
    [[ ${wwn#*.} == *[!0-]* ]] || wwn=''
    printf '%s' "$wwn"
}

# disk_self NAME: serial and WWN, to see later whether it is the same disk.
disk_self() {
    local wwn
    wwn=$(disk_wwn "$1")
    printf '%s%s' "$(disk_serial "$1")" "${wwn:+/$wwn}"
}

# disk_path NAME: where it hangs, as /sys has it: `pci0000:00/0000:00:05.0/virtio2`.
disk_path() {
    local path
    path=$(readlink -f "$SYS/block/$1/device") || return
    printf '%s' "${path#"$SYS"/devices/}"
}

disk_in_use() {
    local holder
    for holder in "$SYS/block/$1"/holders/* "$SYS/block/$1/$1"*/holders/*; do
        [[ -e $holder ]] && return 0
    done
    grep -qE "^/dev/$1(p?[0-9]+)?[[:space:]]" /proc/mounts /proc/swaps
}

# disk_nodes NAME: the disk and its partitions.
disk_nodes() {
    local part
    printf '/dev/%s\n' "$1"
    for part in "$SYS/block/$1/$1"*; do
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
