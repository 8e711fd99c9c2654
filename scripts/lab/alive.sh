# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# How long one waits for a virtual machine. A computer without KVM and with other work can take ten times as long as an idle one, so no
# wait has a number of seconds of its own: each follows the machine's signs of life and ends when the machine is off, is dead, or has
# taken longer than anybody would wait.
#   signs of life    what it prints on its console, what it reads and writes on its disks, and what it sends on its first network card
#   dead             no sign for ALIVE_IDLE_SECONDS, or for ALIVE_SPIN_SECONDS of processor time: a kernel that panicked spins

ALIVE_IDLE_SECONDS=${ALIVE_IDLE_SECONDS:-900}
ALIVE_SPIN_SECONDS=${ALIVE_SPIN_SECONDS:-600}
# The longest wait for anything. Installation and first boot take some three minutes on an idle computer without KVM.
WAIT_MOST_SECONDS=${WAIT_MOST_SECONDS:-2400}
# How often the signs are looked at: each look starts some programs.
ALIVE_LOOK_SECONDS=${ALIVE_LOOK_SECONDS:-5}

# By machine: its signs at the last look, when and at how much processor time they changed last, and when it was looked at.
declare -A ALIVE_SIGNS=() ALIVE_CHANGED=() ALIVE_CPU=() ALIVE_LOOKED=()
# Why machine_alive or machine_until has failed.
ALIVE_WHY=''

# machine_signs NAME PID: one line that differs whenever the machine has done something that can be seen.
machine_signs() {
    local dir=$LAB_DIR/machines/$1 tap='' mac
    if read -r mac 2> /dev/null < "$dir/mac"; then tap=$(machine_tap "$mac"); fi
    stat -c 'console %s' "$dir/console.log" 2> /dev/null
    grep -E '^(read|write)_bytes' "/proc/$2/io" 2> /dev/null
    # What comes from the machine: what is sent to it is no sign that it lives.
    [[ -z $tap ]] || in_network cat "/sys/class/net/$tap/statistics/rx_bytes" 2> /dev/null
    return 0
}

# machine_cpu_seconds PID: the processor time that it has used.
machine_cpu_seconds() {
    local stat
    local -a fields
    read -r stat 2> /dev/null < "/proc/$1/stat" || return 1
    # Behind the name, which may hold blanks: fields 3 and on; utime and stime are 14 and 15.
    read -r -a fields <<< "${stat##*) }"
    printf '%s\n' $(((fields[11] + fields[12]) / $(getconf CLK_TCK)))
}

# machine_alive NAME: whether it is on, and has shown a sign of life not long ago.
machine_alive() {
    local name=$1 pid signs cpu time
    pid=$(process_running "$LAB_DIR/machines/$name/pid") || { ALIVE_WHY='is off'; return 1; }
    time=$(now)
    if [[ ${ALIVE_LOOKED[$name]:-} == "$pid "* ]] && ((time - ${ALIVE_LOOKED[$name]#* } < ALIVE_LOOK_SECONDS)); then return 0; fi
    cpu=$(machine_cpu_seconds "$pid") || { ALIVE_WHY='is off'; return 1; }
    signs="$pid $(machine_signs "$name" "$pid")"
    # A first look after a pause proves nothing: time in which nobody looked does not count.
    if [[ $signs != "${ALIVE_SIGNS[$name]:-}" ]] || ((time - ${ALIVE_LOOKED[$name]#* } > ALIVE_LOOK_SECONDS + 30)); then
        ALIVE_SIGNS[$name]=$signs ALIVE_CHANGED[$name]=$time ALIVE_CPU[$name]=$cpu
    fi
    ALIVE_LOOKED[$name]="$pid $time"
    if ((time - ALIVE_CHANGED[$name] >= ALIVE_IDLE_SECONDS)); then
        ALIVE_WHY="has shown no sign of life for $((time - ALIVE_CHANGED[$name])) s"
        return 1
    fi
    if ((cpu - ALIVE_CPU[$name] >= ALIVE_SPIN_SECONDS)); then
        ALIVE_WHY="has used $((cpu - ALIVE_CPU[$name])) s of processor time without a sign of life"
        return 1
    fi
}

# machine_until NAME TEXT COMMAND...: until COMMAND succeeds. Fails when the machine is off, dead, or too late, and says which.
machine_until() {
    local name=$1 text=$2 started
    shift 2
    started=$(now)
    until "$@"; do
        if ! machine_alive "$name"; then
            # What is waited for may be the last thing that it did.
            "$@" && break
            wait_failed "machine $name $ALIVE_WHY; waited for $text"
            return 1
        fi
        if (($(now) - started >= WAIT_MOST_SECONDS)); then
            wait_failed "waited $WAIT_MOST_SECONDS s for $text, and machine $name is still at work"
            return 1
        fi
        progress "$(($(now) - started)) s  waiting for $text"
        sleep 0.5
    done
    progress_clear
}

wait_failed() {
    progress_clear
    say "      $1"
}
