# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# KVM if it works, otherwise TCG (slower, in software). An existing /dev/kvm is no proof: in some nested machines a
# guest's kernel hangs under it. So a Linux kernel is booted once, with a time limit.

ACCELERATOR_PROBE_SECONDS=15
# A kernel prints this when it finds no root file system: its own start is then complete.
ACCELERATOR_PROBE_TEXT='Unable to mount root fs'

# accelerator_choose KERNEL: sets ACCELERATOR to kvm or tcg; remembered until the next reboot of this machine.
accelerator_choose() {
    local memory=$LAB_DIR/accelerator boot_id
    read -r boot_id < /proc/sys/kernel/random/boot_id
    if [[ -n ${HPS_LAB_ACCELERATOR:-} ]]; then
        ACCELERATOR=$HPS_LAB_ACCELERATOR
    elif [[ -e $memory && $(< "$memory") == "$boot_id "* ]]; then
        ACCELERATOR=$(cut -d' ' -f2 "$memory")
    else
        ACCELERATOR=tcg
        if [[ -w /dev/kvm ]] && accelerator_probe "$1"; then ACCELERATOR=kvm; fi
        printf '%s %s\n' "$boot_id" "$ACCELERATOR" > "$memory"
    fi
}

# accelerator_probe KERNEL: whether it completes its start under KVM.
accelerator_probe() {
    local log=$LAB_DIR/accelerator.log
    # The shell itself reports a program that a signal ended, such as QEMU with a half-working KVM.
    {
        timeout --kill-after=2 "$ACCELERATOR_PROBE_SECONDS" qemu-system-x86_64 -nodefaults -display none -no-reboot -m 512 -smp 2 \
            -accel kvm -cpu host -kernel "$1" -append 'console=ttyS0 panic=-1' -serial stdio < /dev/null > "$log" 2>&1 9>&-
    } 2> /dev/null
    grep -qaF "$ACCELERATOR_PROBE_TEXT" "$log"
}

# accelerator_options: QEMU's options for it, in ACCELERATOR_OPTIONS. `max` is every feature of TCG, because Rocky 10
# needs x86-64-v3. Some features are left out: with them a kernel clears memory with byte-wise string instructions, on
# which TCG stalls for many seconds.
# shellcheck disable=SC2034,SC2054  # used by machine.sh; the comma is QEMU's
accelerator_options() {
    ACCELERATOR_OPTIONS=(-accel tcg,thread=multi -cpu max,-erms,-fsrm)
    [[ ${ACCELERATOR:-tcg} != kvm ]] || ACCELERATOR_OPTIONS=(-accel kvm -cpu host)
}

# accelerator_name: its name for people.
accelerator_name() {
    case $ACCELERATOR in
        kvm) printf 'KVM\n' ;;
        *) if [[ -e /dev/kvm ]]; then printf 'TCG (software; KVM does not work here)\n'; else printf 'TCG (software; there is no /dev/kvm)\n'; fi ;;
    esac
}
