# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What this machine is made of, as a report to the boot manager. Nothing here writes to a disk, and nothing here ends an
# installation: without a program or a value the report is shorter. Only lib-hps/src/hardware/ knows what the outputs
# mean. Here each is only made a section: bounded in time and length, and each line begins with a blank.
#
# It runs beside the installation, because switches announce themselves only every 30 seconds.

: "${SYS:=/sys}" "${PROC:=/proc}"
: "${HARDWARE_DIR:=/run/hps/hardware}"

# How long a program may run, and how much of its output is sent.
HARDWARE_SECONDS=15
HARDWARE_BYTES=65536
# A switch sends LLDP every 30 seconds, unless it is configured in another way.
: "${LLDP_SECONDS:=35}"

# hardware_lines: a text as lines of a section.
hardware_lines() {
    head -c "$HARDWARE_BYTES" | tr -d '\000-\010\013-\037\177' | sed 's/^/ /'
    # After a cut or an output without a line end. An empty line is not read.
    printf '\n'
}

# hardware_run KIND NAME COMMAND...: the output of a program as a section.
hardware_run() {
    command -v "$3" > /dev/null || return 0
    printf 'section %s %s\n' "$1" "$2"
    timeout "$HARDWARE_SECONDS" "${@:3}" < /dev/null 2> /dev/null | hardware_lines
}

# hardware_value KEY VALUE: a line of a section; nothing without a value.
hardware_value() {
    local line
    read -r line <<< "$2"
    [[ -z $line ]] || printf '%s %s\n' "$1" "$line" | hardware_lines
}

# hardware_file KEY FILE: the same with what the kernel reports there.
hardware_file() {
    local text
    text=$(sys_read "$2") && hardware_value "$1" "$text"
}

hardware_memory() {
    printf 'section memory\n'
    hardware_value mib "$(memory_mib)"
}

hardware_processor() {
    printf 'section cpuinfo\n'
    { grep -m 1 '^model name' "$PROC/cpuinfo"; grep -E '^(processor|physical id|core id)' "$PROC/cpuinfo"; } | hardware_lines
}

hardware_board() {
    local key
    printf 'section board\n'
    for key in sys_vendor product_name product_serial board_name board_serial chassis_serial bios_version bios_date; do
        hardware_file "$key" "$SYS/class/dmi/id/$key"
    done
    hardware_run dmidecode '' dmidecode --type 4,17
}

# hardware_bmc: the management controller of this machine, over its own bus.
hardware_bmc() {
    [[ -e ${IPMI_DEVICE:=/dev/ipmi0} ]] || timeout "$HARDWARE_SECONDS" modprobe -a -q ipmi_si ipmi_devintf 2> /dev/null
    [[ -e $IPMI_DEVICE ]] || return 0
    hardware_run ipmitool '' ipmitool mc info
    hardware_run ipmitool '' ipmitool lan print
}

hardware_disks() {
    local name names sys
    names=$(disk_names) || return 0
    printf 'section disks\n'
    hardware_value listed 1
    for name in $names; do
        sys=$SYS/block/$name
        printf 'section disk %s\n' "$name"
        hardware_value bytes "$(disk_bytes "$name")"
        hardware_value bus "$(disk_bus "$name")"
        hardware_value serial "$(disk_serial "$name")"
        hardware_value wwn "$(disk_wwn "$name")"
        hardware_value path "$(disk_path "$name")"
        hardware_value obstacle "$(disk_obstacle "$name")"
        hardware_file model "$sys/device/model"
        hardware_file rotational "$sys/queue/rotational"
        hardware_file firmware "$sys/device/firmware_rev"
        hardware_file firmware "$sys/device/rev"
        # An optical drive or a floppy disk might begin to turn.
        case $name in sr* | fd*) ;; *) hardware_run smartctl "$name" smartctl --json=c --health --attributes "/dev/$name" ;; esac
    done
}

# hardware_nics: the names of the real cards.
hardware_nics() {
    local nic
    for nic in "$SYS"/class/net/*; do
        [[ ! -e $nic/device ]] || printf '%s\n' "${nic##*/}"
    done
}

hardware_cards() {
    local name nic
    for name in $(hardware_nics); do
        nic=$SYS/class/net/$name
        printf 'section card %s\n' "$name"
        hardware_file mac "$nic/address"
        hardware_value driver "$(basename "$(readlink -f "$nic/device/driver")")"
        hardware_value place "$(basename "$(readlink -f "$nic/device")")"
        # The kernel has no answer for a card that is down.
        hardware_file link "$nic/carrier"
        hardware_file mbit "$nic/speed"
        hardware_run ethtool "$name" ethtool "$name"
        hardware_run ethtool "$name" ethtool --driver "$name"
        [[ ! -s $HARDWARE_DIR/lldp.$name ]] || { printf 'section lldp %s\n' "$name"; hardware_lines < "$HARDWARE_DIR/lldp.$name"; }
    done
}

# hardware_listen: waits until each card that has a link has heard its switch, at most LLDP_SECONDS. `hardware_wait now`
# ends it. (Without `-Z root` tcpdump becomes a user of its own, and the node environment has no such user.)
hardware_listen() {
    local name pid pids=()
    command -v tcpdump > /dev/null || return 0
    for name in $(hardware_nics); do
        [[ $(sys_read "$SYS/class/net/$name/carrier") == 1 ]] || continue
        timeout "$LLDP_SECONDS" tcpdump -Z root -i "$name" -s 1600 -c 1 -n -q -xx ether proto 0x88cc \
            < /dev/null > "$HARDWARE_DIR/lldp.$name" 2> /dev/null &
        pids+=("$!")
    done
    printf '%s\n' ${pids[@]+"${pids[@]}"} > "$HARDWARE_DIR/listeners"
    for pid in ${pids[@]+"${pids[@]}"}; do wait "$pid"; done
}

# hardware_report: prints the report.
hardware_report() {
    printf 'hps-hardware 1\n'
    hardware_memory
    hardware_processor
    hardware_board
    hardware_bmc
    hardware_disks
    hardware_cards
    printf 'end\n'
}

# hardware_send QUERY: makes the report and sends it. Returns as hps_request does; HPS_BODY has the answer.
hardware_send() {
    hardware_report > "$HARDWARE_DIR/report" 2> /dev/null
    hps_request "$1" --header 'Content-Type: text/plain' --header 'Expect:' --data-binary "@$HARDWARE_DIR/report"
}

# hardware_start: listens, and sends the report of an installation, while the installation goes on.
HARDWARE_PENDING=
hardware_start() {
    mkdir -p "$HARDWARE_DIR"
    rm -f "$HARDWARE_DIR/listeners"
    {
        hardware_listen
        HPS_TRIES=3
        hardware_send "cmd=hardware&mac=$HPS_MAC&token=$HPS_TOKEN" || say "the hardware of this machine could not be reported (status $HPS_STATUS)"
    } &
    HARDWARE_PENDING=$!
}

# hardware_wait [now]: waits for it, with `now` without listening any longer.
hardware_wait() {
    local pid
    [[ -n $HARDWARE_PENDING ]] || return 0
    if [[ ${1:-} == now && -r $HARDWARE_DIR/listeners ]]; then
        while read -r pid; do [[ -z $pid ]] || kill "$pid" 2> /dev/null; done < "$HARDWARE_DIR/listeners"
    fi
    wait "$HARDWARE_PENDING"
    HARDWARE_PENDING=
}
