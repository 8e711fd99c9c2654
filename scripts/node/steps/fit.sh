# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Whether this machine can be what it is to become: its memory, and its processor where the system needs a newer one. Asked before a
# disk is looked at.

# Where the kernel says it; another place in tests.
: "${PROC:=/proc}"

# What the x86-64 psABI calls x86-64-v3, beside what the levels below it have, as Linux names it. It says nothing of OSXSAVE, but shows
# `avx` only where that is on.
CPU_FLAGS_V3=(avx avx2 bmi1 bmi2 f16c fma abm movbe xsave)

# machine_fits: ends here if it cannot.
machine_fits() {
    memory_fits
    cpu_fits
}

memory_fits() {
    local found least=${ANSWER[memory_min_mib]:-0}
    found=$(memory_mib)
    [[ -n $found ]] || fail "the memory of this machine cannot be seen: $PROC/meminfo cannot be read; nothing was written"
    say "memory $found MiB"
    ((found >= least)) ||
        fail "this machine has too little memory: Linux counts $found MiB, and install.memory_min_mib of the cluster file asks for $least; nothing was written: add memory, or lower that setting"
}

cpu_fits() {
    local flag flags missing=''
    [[ ${ANSWER[cpu_level]:-} == x86-64-v3 ]] || return 0
    flags=$(cpu_flags)
    [[ -n $flags ]] || fail "the processor of this machine cannot be seen: $PROC/cpuinfo cannot be read, or has no flags; nothing was written"
    flags=" $flags "
    for flag in "${CPU_FLAGS_V3[@]}"; do [[ $flags == *" $flag "* ]] || missing+=" $flag"; done
    [[ -z $missing ]] ||
        fail "the processor of this machine is below x86-64-v3, which this operating system needs (it lacks$missing); nothing was written: choose another system for this host (host-state arm --distro), or another machine"
}

# memory_mib: MemTotal, which leaves out what the firmware and the kernel itself have.
memory_mib() {
    local name kib rest
    while read -r name kib rest; do
        [[ $name != MemTotal: ]] || printf '%s' $((kib / 1024))
    done < "$PROC/meminfo"
}

# cpu_flags: of the first processor.
cpu_flags() {
    local line
    while IFS= read -r line; do
        [[ $line != flags* ]] || { printf '%s' "${line#*: }"; return; }
    done < "$PROC/cpuinfo"
}
