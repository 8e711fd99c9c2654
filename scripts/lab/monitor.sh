# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A running machine's QEMU monitor and serial console.

# monitor NAME COMMAND: one command of QEMU's human monitor.
monitor() {
    printf '%s\n' "$2" | socat -t 1 - "UNIX-CONNECT:$LAB_DIR/machines/$1/monitor" > /dev/null
}

# machine_key NAME KEY: presses a key, and counts it: an installation is to need none.
machine_key() {
    monitor "$1" "sendkey $2" && printf '%s\n' "$2" >> "$LAB_DIR/machines/$1/keys"
}

# machine_keys NAME: how many were pressed since the machine was made.
machine_keys() {
    if [[ -e $LAB_DIR/machines/$1/keys ]]; then wc -l < "$LAB_DIR/machines/$1/keys"; else printf '0\n'; fi
}

machine_reset() { monitor "$1" system_reset; }

# console_has NAME TEXT: whether its console has shown TEXT since it was powered on.
console_has() {
    grep -qaF -- "$2" "$LAB_DIR/machines/$1/console.log" 2> /dev/null
}

# console_wait NAME TEXT SECONDS: until it has; fails early when the machine is gone.
console_wait() {
    local started deadline
    started=$(now)
    deadline=$((started + $3))
    until console_has "$1" "$2"; do
        (($(now) < deadline)) || return 1
        machine_running "$1" || { console_has "$1" "$2" && return 0; return 1; }
        progress "$(($(now) - started)) s  waiting for \"$2\" on the console of $1"
        sleep 0.5
    done
}
