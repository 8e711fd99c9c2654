# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What the tests of kickstarts share, beside case.sh and tree.sh: machines of several disks that the stand-in for Anaconda installs, each
# with its own host and permission. A test names their MACs in MACS.

# By machine: what its disks were when its power was off.
declare -A DIGESTS=()

# make NAME [FIRMWARE]: a machine without disks yet. Two of them have a processor each: more threads would only wait for each other.
make() {
    machine_create "$1" "${2:-bios}" "${MACS[$1]}" 2048
    machine_processors "$1" 1
}

# disk NAME [NUMBER]: the file.
disk() { machine_disk "$1" "${2:-}"; }

# permit NAME OPTION...: its installation.
permit() {
    run_logged "$LAB_DIR/log/$CASE-arm.log" hps host-state arm "${MACS[$1]}" --type SCH --distro "$LINE" --expires 24h \
        --reason "test $CASE" "${@:2}" || case_fail "host-state arm refused"
}

# digests NAME: of all its disks, one a line.
digests() {
    local file
    for file in "$LAB_DIR/machines/$1"/disk*.raw; do printf '%s %s\n' "${file##*/}" "$(disk_digest "$file")"; done
}

# power NAME: its disks are as they are, and it is on.
power() {
    DIGESTS[$1]=$(digests "$1")
    machine_start "$1"
}

# ended NAME STATE: whether its host is in that state, or in one that an installation ends in.
ended() {
    case $(site_value "${MACS[$1]}" state) in "$2" | INSTALLED | FAILED) ;; *) return 1 ;; esac
}

# off NAME STATE TEXT: until its host is in that state and the console has shown TEXT, the last thing that its installer does; then its
# power is cut.
off() {
    local state
    machine_until "$1" "the end of the installation of $1" ended "$1" "$2" || true
    state=$(site_value "${MACS[$1]}" state)
    expect_equal "$1: host-state says $2" "$2" "$state"
    if [[ $state != "$2" ]] || ! console_wait "$1" "$3"; then
        expect "... and its console shows '$3'; the end of it:" false
        console_text "$1" | tail -n 15 | sed 's/^/  | /'
    fi
    machine_stop "$1"
}

off_failed() { off "$1" FAILED 'rebooting in'; }
off_installed() { off "$1" INSTALLED 'stand-in: complete'; }

# refused NAME TEXT REASON: it is FAILED for this reason, in the registry and on the console, and no byte of its disks has changed.
refused() {
    off_failed "$1"
    expect "$2" grep -qF -- "$3" <<< "$(site_value "${MACS[$1]}" reason)"
    expect "... which its console says too" console_has "$1" "FAILED: ${3:0:60}"
    expect_equal "... and no byte of its disks has changed" "${DIGESTS[$1]}" "$(digests "$1")"
}

# logged NAME TEXT WORDS: the history of its host holds WORDS.
logged() { expect "$1: $2" grep -qF -- "$3" <<< "$(hps host-state log "${MACS[$1]}")"; }
