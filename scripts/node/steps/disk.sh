# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# One disk, by its name in /sys/block: what the kernel and the disk itself report about it. Nothing here writes to a
# disk. A disk is identified by its World Wide Name (NAA, EUI-64, NGUID, UUID: the kernel's `wwid`), or by its serial if
# it has no WWN. Logical drives of one RAID controller, and namespaces of one NVMe controller, share a serial and have
# one WWN each. The kernel's `wwid` is the whole name. udev's ID_WWN is only its first half, which all drives of a
# controller share (ID_WWN_WITH_EXTENSION is the whole).
#
# A value that could not be read is not "nothing". A function that cannot read returns 1 (or 2, if 1 is an answer), and
# its caller refuses the disk or ends the installation. A glob, `[[ -e ]]` and `2> /dev/null` hide a failure, so no
# decision here depends on one of them alone.

# Where the kernel shows its devices, and what is in use; another folder in tests.
: "${SYS:=/sys}"
: "${PROC:=/proc}"

# sys_read FILE: prints what the kernel reports there, without NULs. Prints nothing if it has no such file or the device
# has no such name. Returns 1 if it cannot be read.
sys_read() {
    local text said
    # (Bash itself warns of NULs that it drops, and `< FILE` does not notice a failed read. Not every caller has set
    # pipefail.)
    # shellcheck disable=SC2002
    if text=$({ cat "$1" | tr -d '\000' && [[ ${PIPESTATUS[*]} == '0 0' ]]; } 2> /dev/null); then
        printf '%s' "$text"
        return 0
    fi
    said=$({ LC_ALL=C cat "$1" > /dev/null; } 2>&1)
    # A SCSI device without the page of names gives the last two.
    case $said in *': No such file or directory' | *': Not a directory' | *': No such device or address' | *': Invalid argument') return 0 ;; esac
    return 1
}

# disk_names: whole disks that are real. Some of them may not be written or chosen: disk_obstacle, disk_bus. Returns 1
# if the kernel's list cannot be read.
disk_names() {
    local names name hidden
    # Not a glob, which treats a folder that cannot be read as empty.
    names=$(ls "$SYS/block") || return 1
    for name in $names; do
        [[ -e $SYS/block/$name/device ]] || continue
        # One path of a disk that has several; the disk itself has a name of its own. One that cannot be read stays in
        # the list: disk_obstacle reports it.
        if hidden=$(sys_read "$SYS/block/$name/hidden") && [[ -n $hidden && $hidden != 0 ]]; then continue; fi
        case $name in nbd* | mmcblk*boot* | mmcblk*rpmb) continue ;; esac
        printf '%s\n' "$name"
    done
}

# disk_obstacle NAME: why it can never have a system; nothing if it can.
disk_obstacle() {
    local ro bytes
    case $1 in
        sr*) printf 'optical' ;;
        fd*) printf 'a floppy disk' ;;
        *)
            if ! ro=$(sys_read "$SYS/block/$1/ro") || [[ -z $ro ]] || ! bytes=$(disk_bytes "$1") || ! sys_read "$SYS/block/$1/hidden" > /dev/null; then
                printf 'the facts of the kernel about it cannot be read'
            elif [[ $ro != 0 ]]; then
                printf 'read-only'
            elif [[ $bytes == 0 ]]; then
                printf 'a drive without a medium'
            fi
            ;;
    esac
}

# The words of disk_bus. A rule may use them: lib-hps/src/types/disk_rule/bus.rs.
DISK_BUSES='ata sas scsi nvme virtio other usb mmc firewire removable virtual-media iscsi fc nvme-fabrics network'

# disk_bus NAME: one word for how it is connected. Returns 1 if it cannot be read.
disk_bus() {
    local sys=$SYS/block/$1 path removable proc='' transports file
    path=$(disk_device "$1")/ || return 1
    case $path in
        */usb[0-9]*/*) if disk_is_virtual_media "$1"; then printf 'virtual-media'; else printf 'usb'; fi; return ;;
        */mmc_host/*) printf 'mmc'; return ;;
        */fw[0-9]*/*) printf 'firewire'; return ;;
        */session[0-9]*/*) printf 'iscsi'; return ;;
        */rport-*) printf 'fc'; return ;;
    esac
    case $1 in
        nvme*)
            # A namespace that several controllers share belongs to their subsystem.
            transports=''
            for file in "$sys/device/transport" "$sys"/device/nvme*/transport; do
                transports+=$(sys_read "$file") || return 1
            done
            transports=${transports//pcie/}
            if [[ $transports == *[a-z]* ]]; then printf 'nvme-fabrics'; else printf 'nvme'; fi
            return
            ;;
        rbd* | drbd* | etherd*) printf 'network'; return ;;
    esac
    [[ ! $path =~ /(host[0-9]+)/ ]] || proc=$(sys_read "$SYS/class/scsi_host/${BASH_REMATCH[1]}/proc_name") || return 1
    removable=$(sys_read "$sys/removable") && [[ -n $removable ]] || return 1
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

# disk_is_virtual_media NAME: whether this USB disk is one that a management controller shows, by its vendor and model.
disk_is_virtual_media() {
    local model
    model=" $({ cat "$SYS/block/$1/device/vendor" "$SYS/block/$1/device/model"; } 2> /dev/null | tr -s '\n ' ' ') "
    case ${model,,} in
        *virtual* | *idrac* | *' ilo '* | *avocent* | *'file-stor gadget'* | *'file-cd gadget'* | *vkvm* | *openbmc* | *' xcc'*) return 0 ;;
    esac
    return 1
}

# disk_bytes NAME: returns 1 if it cannot be read.
disk_bytes() {
    local sectors
    sectors=$(sys_read "$SYS/block/$1/size") && [[ $sectors =~ ^[0-9]+$ ]] && printf '%s' $((sectors * 512))
}

# disk_model NAME: its model as a rule compares it: what is no letter, digit or one of `._:/-` is a `_`, several are one,
# and none begins or ends it. Returns 1 if it cannot be read.
disk_model() {
    local model
    model=$(sys_read "$SYS/block/$1/device/model") || return 1
    model=$(printf '%s' "$model" | LC_ALL=C tr -cs 'A-Za-z0-9.:/-' '_')
    model=${model#_}
    printf '%s' "${model%_}"
}

# disk_kind NAME: whether it turns: `ssd` or `hdd`; nothing if the kernel does not report that. Returns 1 if it cannot be
# read.
disk_kind() {
    local rotational
    rotational=$(sys_read "$SYS/block/$1/queue/rotational") || return 1
    case $rotational in
        0) printf 'ssd' ;;
        1) printf 'hdd' ;;
    esac
}

# disk_serial NAME: the serial that the disk reports, otherwise `none`, in the form of the wire. Returns 1 if it cannot
# be read.
disk_serial() {
    local sys=$SYS/block/$1 serial path
    serial=$(sys_read "$sys/serial") || return 1
    [[ $serial == *[![:space:]]* ]] || serial=$(sys_read "$sys/device/serial") || return 1
    if [[ $serial != *[![:space:]]* ]]; then
        # A page of SCSI: four bytes, then the serial. The third byte is a NUL or the first of the length.
        sys_read "$sys/device/vpd_pg80" > /dev/null || return 1
        serial=$(tail -c +5 "$sys/device/vpd_pg80" 2> /dev/null | tr -d '\000')
    fi
    if [[ $serial != *[![:space:]]* ]]; then
        # A USB stick may report its serial only as a USB device.
        path=$(disk_device "$1") || return 1
        while [[ $path == */usb[0-9]*/* && ! -e $path/idVendor ]]; do path=${path%/*}; done
        if [[ -e $path/idVendor ]]; then serial=$(sys_read "$path/serial") || return 1; fi
    fi
    read -r serial <<< "$serial"
    serial=${serial//[^A-Za-z0-9._:-]/_}
    printf '%.64s' "${serial:-none}"
}

# disk_wwn NAME: its World Wide Name from the kernel, whole, with `_` for characters that the wire does not accept;
# nothing if it has none. One of zeros names no disk: wwn_names. Returns 1 if it cannot be read.
disk_wwn() {
    local wwn
    wwn=$(sys_read "$SYS/block/$1/wwid") || return 1
    [[ $wwn == *[![:space:]]* ]] || wwn=$(sys_read "$SYS/block/$1/device/wwid") || return 1
    read -r wwn <<< "$wwn"
    printf '%s' "${wwn//[^A-Za-z0-9._:-]/_}"
}

# wwn_names WWN: whether it can name a disk: one of zeros cannot.
wwn_names() { [[ -n $1 && ${1#*.} == *[!0-]* ]]; }

# disk_self NAME: serial and WWN, to check later whether it is the same disk.
disk_self() {
    local serial wwn
    serial=$(disk_serial "$1") && wwn=$(disk_wwn "$1") || return 1
    printf '%s%s' "$serial" "${wwn:+/$wwn}"
}

# disk_device NAME: the folder of the device itself. Returns 1 if it cannot be read.
disk_device() {
    local path
    # (busybox's readlink has no `-e`.)
    path=$(readlink -f "$SYS/block/$1/device") && [[ -d $path ]] && printf '%s' "$path"
}

# disk_path NAME: its place in /sys: `pci0000:00/0000:00:05.0/virtio2`. Returns 1 if it cannot be read.
disk_path() {
    local path
    path=$(disk_device "$1") || return 1
    printf '%s' "${path#"$SYS"/devices/}"
}

# What the last disk_in_use that returned true has found.
DISK_USE='is in use'

# disk_in_use NAME: whether it or a partition of it is in use: by a mount, swap, an array, a volume group. Also true if
# that cannot be read; DISK_USE has the reason.
disk_in_use() {
    local nodes node holders text file sys
    DISK_USE='may be in use, because the kernel'"'"'s lists cannot be read'
    nodes=$(disk_nodes "$1") || return 0
    for node in $nodes; do
        sys=$SYS/block/$1
        [[ $node == "/dev/$1" ]] || sys+=/${node#/dev/}
        holders=$(ls "$sys/holders") || return 0
        [[ -z $holders ]] || { DISK_USE='is in use'; return 0; }
    done
    for file in "$PROC/mounts" "$PROC/swaps"; do
        # A kernel without swap has no such list, and every kernel has mounts.
        text=$(sys_read "$file") && [[ -n $text || $file == */swaps ]] || return 0
        while read -r node _; do
            [[ ! $node =~ ^/dev/"$1"(p?[0-9]+)?$ ]] || { DISK_USE='is in use'; return 0; }
        done <<< "$text"
    done
    return 1
}

# disk_nodes NAME: the disk and its partitions. Returns 1 if they cannot be listed.
disk_nodes() {
    local names part
    names=$(ls "$SYS/block/$1") || return 1
    printf '/dev/%s\n' "$1"
    for part in $names; do
        [[ $part != "$1"* || ! -e $SYS/block/$1/$part/partition ]] || printf '/dev/%s\n' "$part"
    done
}

# The content of a disk is identified at its edges. Tables and superblocks are in its first MiBs. Their copies, and the
# superblocks of array members, are at its end.
EDGE_BLOCK=65536
EDGE_COUNT=64

# node_edges NODE BYTES COMMAND...: passes the first and the last 4 MiB (all of it, if it is smaller) to COMMAND.
# Returns 1 if they cannot be read, or COMMAND fails.
node_edges() {
    local node=$1 count=$(($2 / EDGE_BLOCK)) skip=$EDGE_COUNT
    ((count - EDGE_COUNT <= skip)) || skip=$((count - EDGE_COUNT))
    {
        dd if="$node" bs="$EDGE_BLOCK" count="$EDGE_COUNT" 2> /dev/null &&
            { ((count < EDGE_COUNT)) || dd if="$node" bs="$EDGE_BLOCK" skip="$skip" 2> /dev/null; }
    } | "${@:3}"
}

# node_bytes NAME NODE: the size of the disk, or of a partition of it.
node_bytes() {
    if [[ $2 == "/dev/$1" ]]; then disk_bytes "$1"; else disk_bytes "$1/${2#/dev/}"; fi
}

# disk_signatures NAME: what two independent programs find on the disk and its partitions (a partition table, a file
# system, a member of md, LVM, ZFS, LUKS ...), separated by commas; nothing if it is blank. Returns 1 if it cannot be
# read.
disk_signatures() {
    local nodes node bytes found other all='' status
    nodes=$(disk_nodes "$1") || return 1
    for node in $nodes; do
        bytes=$(node_bytes "$1" "$node") || return 1
        # Both programs below treat what they cannot read as empty. So this reads it first.
        node_edges "$node" "$bytes" cat > /dev/null || return 1
        found=$(wipefs --noheadings --output TYPE "$node" | sort -u | paste -s -d , -) || return 1
        found=${found// /}
        other=$(blkid --probe --output export "$node")
        status=$?
        # 2 is "nothing found", 8 several findings that contradict each other; 0 may be only the partition's own name.
        # With any other status the program is missing or did not look.
        case $status in
            0) [[ -n $found || $'\n'$other != *$'\n'@(TYPE|PTTYPE)=* ]] || found='something that blkid recognises' ;;
            2) ;;
            8) found=${found:-'several things that contradict each other'} ;;
            *) return 1 ;;
        esac
        [[ -z $found ]] || all+="${all:+, }$found on $node"
    done
    printf '%s' "$all"
}

# disk_is_zero NAME: whether its first and its last 4 MiB are all zeros. Returns 1 if they are not, 2 if they cannot be
# read.
disk_is_zero() {
    local bytes left
    bytes=$(disk_bytes "$1") || return 2
    # Fewer bytes than requested: they cannot be judged.
    left=$(node_edges "/dev/$1" "$bytes" edges_count) && [[ $left =~ ^([0-9]+)\ ([0-9]+)$ ]] || return 2
    ((BASH_REMATCH[1] >= 2 * EDGE_BLOCK * EDGE_COUNT || BASH_REMATCH[1] >= bytes)) || return 2
    ((BASH_REMATCH[2] == 0))
}

# edges_count: how many bytes come in, and how many of them are not zero.
edges_count() {
    local all=/run/hps/edges bytes left
    cat > "$all" && bytes=$(wc -c < "$all") && left=$(tr -d '\000' < "$all" | wc -c) && rm -f "$all" && printf '%s %s' "${bytes// /}" "${left// /}"
}

gibibytes() {
    local tenths=$(($1 * 10 / 1073741824))
    printf '%s.%s GiB' $((tenths / 10)) $((tenths % 10))
}
