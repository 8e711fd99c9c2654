# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# How long to wait for a virtual machine. A busy computer without KVM can need ten times as long as an idle one, so no
# wait has a fixed number of seconds. Each follows the machine's signs of life. It ends when the machine is off, is
# dead, or has exceeded the longest wait.
#   signs of life    what it prints on its console, what it reads and writes on its disks, and what it sends on its first network card
#   dead             no sign for ALIVE_IDLE_SECONDS, or for ALIVE_SPIN_SECONDS of processor time: a kernel that panicked spins

ALIVE_IDLE_SECONDS=${ALIVE_IDLE_SECONDS:-900}
ALIVE_SPIN_SECONDS=${ALIVE_SPIN_SECONDS:-600}
# The longest wait for anything. Installation and first boot need about three minutes on an idle computer without KVM.
WAIT_MOST_SECONDS=${WAIT_MOST_SECONDS:-2400}
# How often the signs are checked: each check starts some programs.
ALIVE_LOOK_SECONDS=${ALIVE_LOOK_SECONDS:-5}

# By machine: its signs at the last check, when and at how much processor time they last changed, and the time of the
# check.
declare -A ALIVE_SIGNS=() ALIVE_CHANGED=() ALIVE_CPU=() ALIVE_LOOKED=()
# Why machine_alive or machine_until has failed.
ALIVE_WHY=''

# machine_signs NAME PID: one line that differs after any visible action of the machine.
machine_signs() {
    local dir=$LAB_DIR/machines/$1 tap='' mac
    if read -r mac 2> /dev/null < "$dir/mac"; then tap=$(machine_tap "$mac"); fi
    stat -c 'console %s' "$dir/console.log" 2> /dev/null
    grep -E '^(read|write)_bytes' "/proc/$2/io" 2> /dev/null
    # Only what the machine sends: incoming packets are no sign of life.
    [[ -z $tap ]] || in_network cat "/sys/class/net/$tap/statistics/rx_bytes" 2> /dev/null
    return 0
}

# machine_cpu_seconds PID: the processor time that it has used.
machine_cpu_seconds() {
    local stat
    local -a fields
    read -r stat 2> /dev/null < "/proc/$1/stat" || return 1
    # After the name, which may contain blanks: fields 3 and on; utime and stime are 14 and 15.
    read -r -a fields <<< "${stat##*) }"
    printf '%s\n' $(((fields[11] + fields[12]) / $(getconf CLK_TCK)))
}

# machine_alive NAME: whether it is on and has shown a recent sign of life.
machine_alive() {
    local name=$1 pid signs cpu time
    pid=$(process_running "$LAB_DIR/machines/$name/pid") || { ALIVE_WHY='is off'; return 1; }
    time=$(now)
    if [[ ${ALIVE_LOOKED[$name]:-} == "$pid "* ]] && ((time - ${ALIVE_LOOKED[$name]#* } < ALIVE_LOOK_SECONDS)); then return 0; fi
    cpu=$(machine_cpu_seconds "$pid") || { ALIVE_WHY='is off'; return 1; }
    signs="$pid $(machine_signs "$name" "$pid")"
    # A first check after a pause proves nothing: time without checks does not count.
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

# machine_until NAME TEXT COMMAND...: until COMMAND succeeds. Fails with a reason when the machine is off, dead, or too
# late.
machine_until() {
    local name=$1 text=$2 started
    shift 2
    started=$(now)
    until "$@"; do
        if ! machine_alive "$name"; then
            # The awaited result may be its last action.
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
