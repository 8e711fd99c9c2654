# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# One virtual machine: made, powered on and off. Its folder LAB_DIR/machines/<name>/ has facts (one a file), its disk,
# its firmware's variables, its console log, and the sockets of its console and monitor while it runs.
#   bios   SeaBIOS, and QEMU's iPXE in the network card's ROM; network first, then the disk
#   uefi   OVMF with variables of its own; the card has no ROM, so OVMF's own PXE fetches the boot loader by TFTP, and the
#          boot order is what the firmware and the installed system make of it
#   secure the same with Secure Boot on, and Microsoft's keys
#   arm64  the same as uefi, on a machine with that processor, which is emulated

OVMF_CODE=/usr/share/OVMF/OVMF_CODE_4M.fd
OVMF_VARS=/usr/share/OVMF/OVMF_VARS_4M.fd
OVMF_CODE_SECURE=/usr/share/OVMF/OVMF_CODE_4M.secboot.fd
OVMF_VARS_SECURE=/usr/share/OVMF/OVMF_VARS_4M.ms.fd
AAVMF_CODE=/usr/share/AAVMF/AAVMF_CODE.fd
AAVMF_VARS=/usr/share/AAVMF/AAVMF_VARS.fd

# machine_create NAME FIRMWARE MAC MEMORY(MiB): defines it, without anything of an earlier one. The caller makes the
# disk.
machine_create() {
    local dir=$LAB_DIR/machines/$1 uuid
    machine_stop "$1"
    rm -rf -- "$dir"
    mkdir -p "$dir"
    # The same machine always has the same UUID and serial.
    uuid=$(printf '%s' "$3" | sha256sum | cut -c 1-32)
    printf '%s\n' "$2" > "$dir/firmware"
    printf '%s\n' "$3" > "$dir/mac"
    printf '%s\n' "$4" > "$dir/memory"
    printf '%s\n' "${uuid:0:8}-${uuid:8:4}-4${uuid:13:3}-8${uuid:17:3}-${uuid:20:12}" > "$dir/uuid"
    case $2 in
        uefi) cp "$OVMF_VARS" "$dir/vars.fd" ;;
        arm64) cp "$AAVMF_VARS" "$dir/vars.fd" ;;
        secure) cp "$OVMF_VARS_SECURE" "$dir/vars.fd" ;;
    esac
}

# machine_http_boot NAME: its firmware (UEFI) boots by HTTP and not by TFTP.
machine_http_boot() { : > "$LAB_DIR/machines/$1/http-boot"; }

# machine_bridge NAME BRIDGE: its first card is on this bridge (network_bridge), from the next power-on on.
machine_bridge() { printf '%s\n' "$2" > "$LAB_DIR/machines/$1/bridge"; }

# machine_cpu NAME MODEL: another processor than the best one, in the form of QEMU's -cpu, from the next power-on on.
machine_cpu() { printf '%s\n' "$2" > "$LAB_DIR/machines/$1/cpu"; }

# machine_disk NAME [NUMBER]: the file of a disk. Disks from 2 on are used if they exist at power-on.
machine_disk() { printf '%s\n' "$LAB_DIR/machines/$1/disk${2:+-$2}.raw"; }

# machine_disk_serial NAME [NUMBER]: the serial that the disk reports, which the boot manager's records name.
machine_disk_serial() { printf 'LAB-%s\n' "$1${2:+-$2}"; }

# machine_disk_kind NAME NUMBER KIND [SERIAL [WWN]]: what a disk from 2 on is, where it is not a `virtio` disk with a serial of its own:
# `virtio`, `readonly` and `failing` (virtio disks: one that says so, one whose writes all fail), `nvme`, `sata`, `scsi`, `removable` (SCSI), `usb`
# (which says that it is not removable), or `late` (SCSI, there when machine_disk_add says so). An empty SERIAL: it reports none. WWN is of
# SCSI disks: 0x and 16 digits.
machine_disk_kind() { printf '%s\n' "$3" "${4-$(machine_disk_serial "$1" "$2")}" "${5:-}" > "$(machine_disk "$1" "$2").kind"; }

# machine_disk_add NAME NUMBER: plugs a `late` disk into a running machine.
machine_disk_add() {
    local kind serial wwn
    { read -r kind && read -r serial && read -r wwn; } < "$(machine_disk "$1" "$2").kind"
    monitor "$1" "device_add scsi-hd,bus=scsi$2.0,drive=disk$2${serial:+,serial=$serial}${wwn:+,wwn=$wwn}"
}

# machine_disk_options NAME: QEMU's options for the disks from 2 on, in DISK_OPTIONS.
machine_disk_options() {
    local number=2 file kind serial wwn drive device
    DISK_OPTIONS=()
    while file=$(machine_disk "$1" "$number") && [[ -e $file ]]; do
        kind=virtio serial=$(machine_disk_serial "$1" "$number") wwn=''
        [[ ! -e $file.kind ]] || { read -r kind && read -r serial && read -r wwn; } < "$file.kind"
        drive="if=none,id=disk$number,format=raw,file=$file,cache=unsafe,discard=unmap,detect-zeroes=unmap"
        device="drive=disk$number${serial:+,serial=$serial}"
        case $kind in
            virtio) device="virtio-blk-pci,$device" ;;
            readonly) device="virtio-blk-pci,$device" drive+=,readonly=on ;;
            failing)
                printf '[inject-error]\nevent = "none"\niotype = "write"\nerrno = "5"\n' > "$file.errors"
                drive="if=none,id=disk$number,format=raw,werror=report,file.driver=blkdebug,file.config=$file.errors"
                drive+=",file.image.driver=file,file.image.filename=$file"
                device="virtio-blk-pci,$device"
                ;;
            nvme) device="nvme,$device" ;;
            sata)
                DISK_OPTIONS+=(-device "ahci,id=sata$number")
                device="ide-hd,bus=sata$number.0,$device"
                ;;
            scsi | removable | late)
                DISK_OPTIONS+=(-device "virtio-scsi-pci,id=scsi$number")
                device="scsi-hd,bus=scsi$number.0,$device${wwn:+,wwn=$wwn}"
                [[ $kind != removable ]] || device+=,removable=on
                [[ $kind != late ]] || device=''
                ;;
            usb)
                DISK_OPTIONS+=(-device "qemu-xhci,id=usb$number")
                device="usb-storage,bus=usb$number.0,removable=off,$device"
                ;;
            *) die "no such kind of disk: $kind" ;;
        esac
        DISK_OPTIONS+=(-drive "$drive")
        [[ -z $device ]] || DISK_OPTIONS+=(-device "$device")
        number=$((number + 1))
    done
}

# machine_processors NAME COUNT: another number than machine_start gives it.
machine_processors() { printf '%s\n' "$2" > "$LAB_DIR/machines/$1/processors"; }

# machine_hold NAME PLACE|no: where the stand-in for Anaconda of the tests stops: `packages`, where these would take minutes, `disks`,
# when the disks are made and no script of the kickstart knows of it, or `pool`, when one of ZFS is just made. With `-fail` behind it, it
# gives up there.
machine_hold() {
    if [[ $2 == no ]]; then rm -f "$LAB_DIR/machines/$1/hold"; else printf '%s\n' "$2" > "$LAB_DIR/machines/$1/hold"; fi
}

# machine_nic NAME NUMBER MAC: one more network card, number 2 and on; the firmware boots only from the first.
machine_nic() { printf '%s\n' "$3" > "$LAB_DIR/machines/$1/mac-$2"; }

# machine_network_first NAME: with UEFI, the firmware tries all cards at each start and the disk behind them, whatever an installation has set,
# as virtual machines with the network first do.
machine_network_first() { touch "$LAB_DIR/machines/$1/network-first"; }

# machine_disk_only NAME: its firmware boots the disk and nothing else, as a machine does whose network is not in its boot order; except at
# the one start after machine_network_once.
machine_disk_only() { touch "$LAB_DIR/machines/$1/disk-only"; }

# machine_network_once NAME: its next power-on tries the network before the disk. A restart after it does not.
machine_network_once() { touch "$LAB_DIR/machines/$1/network-once"; }

# machine_nic_options NAME: QEMU's options for the cards from 2 on, in NIC_OPTIONS.
machine_nic_options() {
    local number=2 mac tap
    NIC_OPTIONS=()
    while [[ -e $LAB_DIR/machines/$1/mac-$number ]]; do
        read -r mac < "$LAB_DIR/machines/$1/mac-$number"
        tap=$(machine_tap "$mac")
        network_tap "$tap"
        NIC_OPTIONS+=(-netdev "tap,id=net$number,ifname=$tap,script=no,downscript=no")
        NIC_OPTIONS+=(-device "virtio-net-pci,netdev=net$number,mac=$mac,romfile=$(machine_order "$1" "$number")")
        number=$((number + 1))
    done
}

# machine_order NAME NUMBER: the place in the firmware's order of a card, or of the disk with 9, if the test has set an order. With BIOS
# the first card and the disk always have a place.
machine_order() {
    local dir=$LAB_DIR/machines/$1
    if [[ -e $dir/disk-only ]]; then
        [[ $2 == 9 || ($2 == 1 && -e $dir/network-once) ]] || return 0
    elif [[ ! -e $dir/network-first ]]; then
        [[ $(< "$dir/firmware") == bios && $2 =~ ^[19]$ ]] || return 0
    fi
    printf ',bootindex=%d' "$2"
}

# machine_order_ordinary NAME: from its next restart on, a machine that was started once from the network boots only its disk.
machine_order_ordinary() {
    [[ -e $LAB_DIR/machines/$1/network-once ]] || return 0
    rm "$LAB_DIR/machines/$1/network-once"
    # QEMU writes the order for the firmware at each reset.
    monitor "$1" 'qom-set /machine/peripheral/nic bootindex -1'
}

# machine_tap MAC: an interface's name has at most 15 characters; the end of the MAC distinguishes the cards.
machine_tap() { printf 'tap-%s\n' "${1:9:2}${1:12:2}${1:15:2}"; }

# machine_link NAME NUMBER on|off: plugs or pulls the cable of a card of a running machine.
machine_link() {
    local number=$2
    ((number > 1)) || number=''
    monitor "$1" "set_link net$number $3"
}

machine_running() { process_running "$LAB_DIR/machines/$1/pid" > /dev/null; }

# machine_start NAME: powers it on.
machine_start() {
    local name=$1 dir=$LAB_DIR/machines/$1 program=qemu-system-x86_64 firmware memory mac uuid tap bridge processors
    local -a options
    ! machine_running "$name" || die "machine $name is running already"
    read -r firmware < "$dir/firmware"
    read -r memory < "$dir/memory"
    read -r mac < "$dir/mac"
    read -r uuid < "$dir/uuid"
    # Two under KVM, one under TCG. QEMU 7.2's TCG can run code while the other processor's kernel patches it: Linux 6.12 panicked so
    # ("Oops: int3"), and Linux 6.1 hung once at its start. tests/vm/install-bios took as long with one.
    processors=1
    [[ ${ACCELERATOR:-tcg} != kvm ]] || processors=2
    [[ ! -e $dir/processors ]] || read -r processors < "$dir/processors"
    accelerator_options
    # The last one counts.
    [[ ! -e $dir/cpu ]] || ACCELERATOR_OPTIONS+=(-cpu "$(< "$dir/cpu")")
    machine_disk_options "$name"
    case $firmware in
        bios)
            options=(-machine 'pc,graphics=off' -device "virtio-net-pci,id=nic,netdev=net,mac=$mac$(machine_order "$name" 1)")
            options+=(-device "virtio-blk-pci,drive=disk,serial=$(machine_disk_serial "$name")$(machine_order "$name" 9)")
            ;;
        uefi | secure)
            options=(-device "virtio-net-pci,id=nic,netdev=net,mac=$mac,romfile=$(machine_order "$name" 1)")
            options+=(-device "virtio-blk-pci,drive=disk,serial=$(machine_disk_serial "$name")$(machine_order "$name" 9)")
            if [[ $firmware == secure ]]; then
                options+=(-machine 'q35,smm=on' -global 'driver=cfi.pflash01,property=secure,value=on')
                options+=(-drive "if=pflash,unit=0,format=raw,readonly=on,file=$OVMF_CODE_SECURE")
            else
                options+=(-machine q35 -drive "if=pflash,unit=0,format=raw,readonly=on,file=$OVMF_CODE")
            fi
            options+=(-drive "if=pflash,unit=1,format=raw,file=$dir/vars.fd")
            if [[ -e $dir/http-boot ]]; then
                options+=(-fw_cfg 'name=opt/org.tianocore/IPv4PXESupport,string=n')
                options+=(-fw_cfg 'name=opt/org.tianocore/IPv6PXESupport,string=n')
            fi
            ;;
        arm64)
            program=qemu-system-aarch64
            ACCELERATOR_OPTIONS=(-accel "tcg,thread=multi" -cpu cortex-a72)
            options=(-machine virt -device "virtio-net-pci,netdev=net,mac=$mac,romfile=")
            options+=(-device "virtio-blk-pci,drive=disk,serial=$(machine_disk_serial "$name")")
            options+=(-drive "if=pflash,unit=0,format=raw,readonly=on,file=$AAVMF_CODE")
            options+=(-drive "if=pflash,unit=1,format=raw,file=$dir/vars.fd")
            ;;
        *) die "no such firmware: $firmware" ;;
    esac
    [[ ! -e $dir/disk-only ]] || options+=(-boot strict=on)
    [[ ! -e $dir/hold ]] || options+=(-fw_cfg "name=opt/hps/hold,string=$(< "$dir/hold")")
    machine_nic_options "$name"
    tap=$(machine_tap "$mac")
    bridge=$LAB_BRIDGE
    [[ ! -e $dir/bridge ]] || read -r bridge < "$dir/bridge"
    network_tap "$tap" "$bridge"
    machine_rotate_console "$dir"
    rm -f "$dir/monitor" "$dir/console"
    in_network "$program" -name "$name" -nodefaults -display none -daemonize -pidfile "$dir/pid" \
        "${ACCELERATOR_OPTIONS[@]}" -smp "$processors" -m "$memory" -uuid "$uuid" -smbios "type=1,manufacturer=HPS,product=lab,serial=LAB-$name" \
        -drive "if=none,id=disk,format=raw,file=$(machine_disk "$name"),cache=unsafe,discard=unmap,detect-zeroes=unmap" \
        -netdev "tap,id=net,ifname=$tap,script=no,downscript=no" -device virtio-rng-pci \
        -chardev "socket,id=console,path=$dir/console,server=on,wait=off,logfile=$dir/console.log" -serial chardev:console \
        -chardev "socket,id=monitor,path=$dir/monitor,server=on,wait=off" -mon chardev=monitor,mode=readline \
        "${options[@]}" "${DISK_OPTIONS[@]}" "${NIC_OPTIONS[@]}" < /dev/null || die "QEMU did not start machine $name"
    machine_order_ordinary "$name"
}

# machine_stop NAME: cuts its power. Succeeds if it is off, or was never made.
machine_stop() {
    process_end "$LAB_DIR/machines/$1/pid" || die "machine $1 does not end: look at the process in $LAB_DIR/machines/$1/pid"
}

machine_off() { ! machine_running "$1"; }

# machine_shut_down NAME: presses its power button and waits.
machine_shut_down() {
    monitor "$1" system_powerdown && machine_until "$1" "$1 to switch itself off" machine_off "$1"
}

# machines_stop: all machines that this lab ever started.
machines_stop() {
    local dir
    for dir in "$LAB_DIR"/machines/*/; do
        [[ -d $dir ]] || continue
        dir=${dir%/}
        machine_stop "${dir##*/}"
    done
}

# machine_rotate_console DIR: console.log is since power-on; earlier ones are console.1.log, console.2.log, ...
machine_rotate_console() {
    local number=1
    rm -f "$1/console.mark"
    [[ -e $1/console.log ]] || return 0
    while [[ -e $1/console.$number.log ]]; do number=$((number + 1)); done
    mv "$1/console.log" "$1/console.$number.log"
}
