# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What the node environment's log.sh and drivers.sh are to its steps, for the scripts of a kickstart: the same names, so that
# report.sh and steps/disks.sh serve both. Compiled into each script of a kickstart that Anaconda runs outside of the new system, behind
# report.sh and before logs.sh.
#
# No script has the option by which Anaconda stops when it fails: Anaconda would ask at the console and wait for a key, in cmdline mode too,
# and would not run `%onerror` (decision 94). So a script that cannot go on reports FAILED and restarts the machine itself (`fail`).
# Whatever ends it before its end is reported too (`script_begin`), and each script checks that those before it came to their end.

set -o pipefail
export LC_ALL=C
LOG=/tmp/hps-install.log
READING_SECONDS=60
# Where the scripts leave word that they have come to their end.
: "${SCRIPTS_ENDED:=/run/hps/ended}"
# Read by steps/disks.sh.
# shellcheck disable=SC2034
declare -A ANSWER=()
# shellcheck disable=SC2034
ANSWER_MAY_WIPE=() ANSWER_WIPE=()
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

# script_begin NAME [BEFORE...]: the script NAME begins. It is FAILED when it ends without script_end, and when one of the scripts BEFORE has not come to its end.
script_begin() {
    local before
    # shellcheck disable=SC2064  # the name of now
    trap "fail 'the script $1 of the kickstart ended in a way it does not know: read its log'" EXIT
    for before in "${@:2}"; do
        [[ -e $SCRIPTS_ENDED/$before ]] || fail "the script $before of the kickstart did not come to its end, and left no word why: read its log"
    done
}

# script_end NAME: it has come to its end.
script_end() {
    : > "$SCRIPTS_ENDED/$1" || fail "no file can be written below $SCRIPTS_ENDED"
    trap - EXIT
}

# fail SENTENCE: the one way out of an installation that cannot go on.
fail() {
    trap - EXIT
    say "FAILED: $1"
    hps_event failed "$1" || say "the boot manager could not be told (status $HPS_STATUS)"
    logs_send "$LOG" all || say "the log could not be sent"
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

# disks_quiet_for: since when none has come, nobody has noted here.
disks_quiet_for() { printf 0; }
