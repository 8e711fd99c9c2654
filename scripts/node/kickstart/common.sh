# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# For the scripts of a kickstart, the same functions as the node environment's log.sh and drivers.sh, with the same
# names. So report.sh and steps/disks.sh work in both. Compiled into each script of a kickstart that Anaconda runs
# outside the new system, after report.sh and before logs.sh.
#
# No script has the option by which Anaconda stops when the script fails. Anaconda would then wait for a key at the
# console, in cmdline mode too, and would not run `%onerror` (decision 94). So a script that cannot continue reports
# FAILED and restarts the machine itself (`fail`). `script_begin` reports any other early end, and each script checks
# that those before it reached their end.

set -o pipefail
export LC_ALL=C
LOG=/tmp/hps-install.log
READING_SECONDS=60
# Each script that reaches its end leaves a file here.
: "${SCRIPTS_ENDED:=/run/hps/ended}"
# Read by steps/disks.sh.
# shellcheck disable=SC2034
declare -A ANSWER=()
# shellcheck disable=SC2034
ANSWER_MAY_WIPE=() ANSWER_WIPE=() ANSWER_SYSTEM_CONDITIONS=() ANSWER_POOL_CONDITIONS=()
mkdir -p "$SCRIPTS_ENDED"

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

# script_begin NAME [BEFORE...]: the script NAME begins. It is FAILED when it ends without script_end, and when one of
# the scripts BEFORE did not reach its end.
script_begin() {
    local before
    # shellcheck disable=SC2064  # the name of now
    trap "fail 'the script $1 of the kickstart ended unexpectedly: read its log'" EXIT
    for before in "${@:2}"; do
        [[ -e $SCRIPTS_ENDED/$before ]] || fail "the script $before of the kickstart did not reach its end and gave no reason: read its log"
    done
}

# script_end NAME: the script reached its end.
script_end() {
    : > "$SCRIPTS_ENDED/$1" || fail "no file can be written below $SCRIPTS_ENDED"
    trap - EXIT
}

# fail SENTENCE: the one way to end an installation that cannot continue.
fail() {
    trap - EXIT
    say "FAILED: $1"
    # Afterwards the token is of an attempt that is over.
    ! declare -F hardware_wait > /dev/null || hardware_wait now
    hps_event failed "$1" || say "the boot manager did not record the report (status $HPS_STATUS)"
    logs_send "$LOG" all || say "the log could not be sent"
    say "rebooting in $READING_SECONDS seconds"
    sleep "$READING_SECONDS"
    sync
    echo b > /proc/sysrq-trigger
    exit 1
}

# settle_disks: when the installer's udev is idle, it has found the disks.
settle_disks() {
    udevadm settle --timeout=60
}

# disks_quiet_for: not measured here.
disks_quiet_for() { printf 0; }
