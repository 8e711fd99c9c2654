# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What the node environment's log.sh and drivers.sh are to its steps, for the scripts of a kickstart: the same names, so that
# report.sh and steps/disks.sh serve both. Compiled into each script of a kickstart, behind report.sh.

set -o pipefail
export LC_ALL=C
LOG=/tmp/hps-install.log
READING_SECONDS=60
# Read by steps/disks.sh.
# shellcheck disable=SC2034
declare -A ANSWER=()
# shellcheck disable=SC2034
ANSWER_MAY_WIPE=() ANSWER_WIPE=()
mkdir -p /run/hps

# say TEXT: one line to the log and to all consoles.
say() {
    printf '%s\n' "$1" >> "$LOG"
    hps_say "hps: $1"
}

# stage NAME MESSAGE [NAME VALUE]: reports a stage and waits until the boot manager has recorded it.
stage() {
    say "stage $1"
    hps_event "$1" "$2" "${@:3}" ||
        fail "the boot manager did not record stage $1 (status $HPS_STATUS): look at its log, then arm this host again"
}

# fail SENTENCE: the one way out of an installation that cannot go on.
fail() {
    trap - EXIT
    say "FAILED: $1"
    hps_event failed "$1" || say "the boot manager could not be told (status $HPS_STATUS)"
    hps_log "$LOG" || say "the log could not be sent"
    say "rebooting in $READING_SECONDS seconds"
    sleep "$READING_SECONDS"
    sync
    echo b > /proc/sysrq-trigger
    exit 1
}

# settle_disks: the installer's udev has found the disks when it has nothing more to do.
settle_disks() {
    udevadm settle --timeout=60
}
