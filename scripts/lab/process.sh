# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Processes that outlive the command that started them, by pid file. The kernel reuses numbers, so a process is ours
# only while its command line names the pid file with its number.

# process_running PIDFILE: prints the pid; fails when it is not running or not ours.
process_running() {
    local pid=''
    # QEMU may remove its pid file at any moment: one read, and no check before it.
    read -r pid 2> /dev/null < "$1" || return 1
    [[ $pid =~ ^[1-9][0-9]*$ && -r /proc/$pid/cmdline ]] || return 1
    # Not grep -q: it leaves at the first match, and then pipefail reports the writer's broken pipe.
    tr '\0' '\n' 2> /dev/null < "/proc/$pid/cmdline" | grep -xF -- "$1" > /dev/null || return 1
    printf '%s\n' "$pid"
}

# process_gone PIDFILE SECONDS: waits until it has ended.
process_gone() {
    local deadline=$(($(now) + $2))
    while process_running "$1" > /dev/null; do
        (($(now) < deadline)) || return 1
        sleep 0.2
    done
}

# process_end PIDFILE: ends it, gently first. Succeeds if it does not run.
process_end() {
    local pid
    if pid=$(process_running "$1"); then
        kill -TERM "$pid" 2> /dev/null || true
        if ! process_gone "$1" 10; then
            kill -KILL "$pid" 2> /dev/null || true
            process_gone "$1" 10 || return 1
        fi
    fi
    rm -f -- "$1"
}
