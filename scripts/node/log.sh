# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# How a step reports, and how it gives up. The log is the standard output of the installer (see `install`). A line that
# a person should see also goes to the consoles, with the seconds since the kernel started.

# say TEXT: one line to the log and to all consoles.
say() {
    local up rest
    read -r up rest < /proc/uptime
    printf -v up '[%7.2f]' "$up"
    printf '%s %s\n' "$up" "$1"
    hps_say "$up hps: $1"
}

# stage NAME MESSAGE [NAME VALUE]: reports a stage and waits until the boot manager has recorded it.
stage() {
    stage_wait
    say "stage $1"
    hps_event "$1" "$2" "${@:3}" ||
        fail "the boot manager did not record stage $1 (status $HPS_STATUS): look at its log, then arm this host again"
}

# stage_later NAME MESSAGE [NAME VALUE]: the same, while the next step goes on. Reports keep their order: each waits for the last.
STAGE_PENDING=
stage_later() {
    stage_wait
    say "stage $1"
    hps_event "$1" "$2" "${@:3}" &
    STAGE_PENDING=$!
}

# stage_wait: waits for the report in progress. A lost intermediate stage is no reason to give up.
stage_wait() {
    [[ -n $STAGE_PENDING ]] || return 0
    if ! wait "$STAGE_PENDING"; then
        say "a stage could not be reported"
        # If the boot manager does not answer, each of the next reports is tried only once; the last one waits longer
        # again.
        HPS_TRIES=1
    fi
    STAGE_PENDING=
}

# fail SENTENCE: the one way to end an installation that cannot continue. `init` waits and reboots.
fail() {
    trap - EXIT
    say "FAILED: $1"
    stage_wait
    # Afterwards the token is of an attempt that is over.
    ! declare -F hardware_wait > /dev/null || hardware_wait now
    if [[ -n ${HPS_TOKEN:-} ]]; then
        hps_event failed "$1" || say "the boot manager did not record the report (status $HPS_STATUS)"
        hps_log "$LOG" || say "the log could not be sent"
    fi
    exit 1
}
