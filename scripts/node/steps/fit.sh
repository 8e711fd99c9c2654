# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Whether this machine can run its new system: its memory, its processor if the system needs a newer one, and whether
# Secure Boot refuses a module of the kernel. Checked before the disks.

# Where the kernel reports it; another folder in tests.
: "${PROC:=/proc}"

# Where the kernel shows the variables of UEFI; another folder in tests.
: "${EFIVARS:=/sys/firmware/efi/efivars}"

# The flags of Linux for x86-64-v3 of the x86-64 psABI, without those of the lower levels. Linux has no flag for
# OSXSAVE, but shows `avx` only if that is on.
CPU_FLAGS_V3=(avx avx2 bmi1 bmi2 f16c fma abm movbe xsave)

# machine_fits: fails if it cannot.
machine_fits() {
    memory_fits
    cpu_fits
    modules_fit
}

memory_fits() {
    local found least=${ANSWER[memory_min_mib]:-0}
    found=$(memory_mib)
    [[ -n $found ]] || fail "the memory of this machine is not known: $PROC/meminfo cannot be read; nothing was written"
    say "memory $found MiB"
    ((found >= least)) ||
        fail "this machine has too little memory: Linux counts $found MiB, and install.memory_min_mib of the cluster file requires $least; nothing was written: add memory, or lower that setting"
}

cpu_fits() {
    local flag flags missing=''
    [[ ${ANSWER[cpu_level]:-} == x86-64-v3 ]] || return 0
    flags=$(cpu_flags)
    [[ -n $flags ]] || fail "the processor of this machine is not known: $PROC/cpuinfo cannot be read, or has no flags; nothing was written"
    flags=" $flags "
    for flag in "${CPU_FLAGS_V3[@]}"; do [[ $flags == *" $flag "* ]] || missing+=" $flag"; done
    [[ -z $missing ]] ||
        fail "the processor of this machine is below x86-64-v3, which this operating system needs (it lacks$missing); nothing was written: choose another system for this host (host-state arm --distro), or another machine"
}

# modules_fit: with Secure Boot on, the kernel loads only signed modules, and the one of ZFS has no signature that a
# firmware knows.
modules_fit() {
    [[ ${ANSWER[volumes]:-} == zfs && ${ANSWER[pool]:-none} != none ]] && secure_boot || return 0
    fail "Secure Boot is on, and it refuses the kernel module of ZFS, which is not signed; nothing was written: switch Secure Boot off in the firmware, or set volumes = \"lvm\" for this host type"
}

# secure_boot: whether it is on. The file has four bytes of attributes, and then the value.
secure_boot() {
    local file value
    for file in "$EFIVARS"/SecureBoot-*; do
        [[ -e $file ]] || return 1
        value=$(od -An -tu1 -j4 -N1 "$file")
        [[ ${value// /} == 1 ]] && return 0
    done
    return 1
}

# memory_mib: MemTotal, without the memory of the firmware and of the kernel itself.
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
