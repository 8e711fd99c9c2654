# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Drivers without udev. The kernel makes the device nodes (devtmpfs) and loads firmware itself. So this only loads a
# module for each `modalias` in /sys, and again whenever a new bus has brought new devices. It costs one second where
# udev's coldplug costs several. It does nothing else: it does not assemble arrays that are found on disks.

DRIVERS_SEEN=/run/hps/modaliases
# `init` passes these to what it starts: the block devices, and when (seconds since the start) they last changed.
: "${DISKS_SEEN:=}" "${DISKS_SEEN_AT:=0}"
export DISKS_SEEN DISKS_SEEN_AT

# drivers_round: loads what is new; returns 1 when there was nothing new.
drivers_round() {
    cat /sys/bus/*/devices/*/modalias 2> /dev/null | sort -u > "$DRIVERS_SEEN.now"
    cmp -s "$DRIVERS_SEEN" "$DRIVERS_SEEN.now" && return 1
    mv "$DRIVERS_SEEN.now" "$DRIVERS_SEEN"
    xargs -r modprobe -a -b -q < "$DRIVERS_SEEN"
    return 0
}

# load_drivers: rounds until nothing new appears.
load_drivers() {
    local round
    : > "$DRIVERS_SEEN"
    for round in 1 2 3 4 5 6; do
        drivers_round || break
    done
    [[ -d /sys/module/scsi_mod ]] && modprobe -a -b -q sd_mod
    drivers_note_disks
}

# drivers_note_disks: remembers when the set of block devices last changed.
drivers_note_disks() {
    local now
    now=$(cd "${SYS:-/sys}/block" && shopt -s nullglob && echo *)
    [[ $now == "${DISKS_SEEN:-}" ]] && return
    DISKS_SEEN=$now
    DISKS_SEEN_AT=$(uptime_seconds)
}

# settle_disks: waits until no block device has appeared for 3 seconds, and until there is one at all, at most 60
# seconds. Disk enclosures and fabrics are slow and do not signal that they have finished.
settle_disks() {
    local give_up=$((SECONDS + 60))
    while ((SECONDS < give_up)); do
        # A controller that appeared late needs its driver.
        drivers_round
        drivers_note_disks
        [[ -n $DISKS_SEEN ]] && (($(uptime_seconds) - DISKS_SEEN_AT >= 3)) && return
        sleep 0.5
    done
}

# disks_quiet_for: seconds since the last change of the block devices, when the disks have settled.
disks_quiet_for() { printf '%s' $(($(uptime_seconds) - DISKS_SEEN_AT)); }

uptime_seconds() {
    local up rest
    read -r up rest < /proc/uptime
    printf '%s' "${up%.*}"
}
