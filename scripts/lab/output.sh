# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The output of a runner: numbered steps, the seconds of each, and the output of long commands in a log. On a terminal a
# running step shows its seconds and the last line of its log; otherwise only whole lines are printed. Every script
# sources this first, and with it the folders of programs.

# shellcheck source=path.sh
. "${BASH_SOURCE[0]%/*}/path.sh"

STEP_NUMBER=0
STEP_TOTAL=0
STEP_NAMES=()
STEP_SECONDS=()
STEP_STARTED=0
# The process group of the running command, for the trap that ends it.
JOB=

say() { printf '%s\n' "$*"; }

die() {
    progress_clear
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 1
}

# now: seconds that a clock change does not affect.
now() {
    local up
    read -r up _ < /proc/uptime
    printf '%s\n' "${up%.*}"
}

# step_begin NAME TEXT: NAME is for the summary, TEXT describes the step.
step_begin() {
    STEP_NUMBER=$((STEP_NUMBER + 1))
    STEP_NAMES+=("$1")
    STEP_STARTED=$(now)
    if ((STEP_TOTAL > 0)); then
        say "[$STEP_NUMBER/$STEP_TOTAL] $2"
    else
        say "[$STEP_NUMBER] $2"
    fi
}

# step_end TEXT: the result of the step.
step_end() {
    local seconds=$(($(now) - STEP_STARTED))
    progress_clear
    STEP_SECONDS+=("$seconds")
    say "      $1 ($seconds s)"
}

# step_table: one line for each finished step.
step_table() {
    local i
    for i in "${!STEP_SECONDS[@]}"; do
        printf '  %6s s  %s\n' "${STEP_SECONDS[i]}" "${STEP_NAMES[i]}"
    done
}

# progress TEXT: replaces the current line; does nothing without a terminal.
progress() {
    [[ -t 1 ]] || return 0
    local text=${1//[^[:print:]]/ }
    printf '\r      %s\033[K' "${text:0:100}"
}

progress_clear() {
    [[ -t 1 ]] && printf '\r\033[K'
    return 0
}

# job_start LOG COMMAND...: starts it without input, its output in LOG, in a process group of its own, so that job_end
# can end all of it.
job_start() {
    local log=$1
    shift
    mkdir -p "${log%/*}"
    : > "$log"
    set -m
    "$@" > "$log" 2>&1 < /dev/null 9>&- &
    JOB=$!
    set +m
}

# job_wait: its status.
job_wait() {
    local status=0
    wait "$JOB" || status=$?
    JOB=
    progress_clear
    return "$status"
}

# run_logged LOG COMMAND...: runs it, and prints the end of LOG when it fails. Returns its status.
run_logged() {
    local log=$1 status=0 started
    started=$(now)
    job_start "$@"
    while kill -0 "$JOB" 2> /dev/null; do
        progress "$(($(now) - started)) s  $(tail -n 1 "$log" | tr '\r' '\n' | tail -n 1)"
        sleep 0.3
    done
    job_wait || status=$?
    if ((status != 0)); then
        shift
        say "      failed with status $status: $*"
        tail -n 25 "$log" | sed 's/^/      | /'
        say "      all of it: $log"
    fi
    return "$status"
}

# run_shown LOG CHECK COMMAND...: runs it, and prints its lines as they come. CHECK is a command (an array's name) that
# must stay true meanwhile: when it fails, so does this. Returns the status, 1 for a failed check.
run_shown() {
    local log=$1 line='' part status=0 started
    local -n check=$2
    shift 2
    started=$(now)
    job_start "$log" "$@"
    exec 8< "$log"
    while :; do
        # Checked before the lines are read, so that the last ones are not missed.
        kill -0 "$JOB" 2> /dev/null || status=1
        while IFS= read -r part <&8; do
            progress_clear
            say "      $line$part"
            line=''
        done
        line+=$part
        ((status == 0)) || break
        if ! "${check[@]}"; then
            job_end
            exec 8<&-
            progress_clear
            return 1
        fi
        progress "$(($(now) - started)) s"
        sleep 0.3
    done
    exec 8<&-
    job_wait
}

# job_end: ends the command that run_logged waits for, with all its children.
job_end() {
    local pid=$JOB tries
    [[ -n $pid ]] || return 0
    JOB=
    kill -TERM -- "-$pid" 2> /dev/null || return 0
    for ((tries = 0; tries < 50; tries++)); do
        kill -0 -- "-$pid" 2> /dev/null || return 0
        sleep 0.1
    done
    kill -KILL -- "-$pid" 2> /dev/null || true
}
