# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The test of one installation: a blank machine that was given the permission ends INSTALLED without a key pressed, runs from its own
# disk, and switched off and on again it boots that disk, through PXE, and nothing is installed.

# shellcheck source=case.sh
. "${BASH_SOURCE[0]%/*}/case.sh"

# install_case FIRMWARE MAC [http]: with http the firmware (UEFI) boots by HTTP and not by TFTP.
install_case() {
    case_machine "$1" "$2"
    [[ ${3:-} != http ]] || machine_http_boot "$MACHINE"
    disk_blank "$(machine_disk "$MACHINE")" 12G
    install_blank "$2"
    check_installed "$2"
    power_cycle "$2"
}

install_blank() {
    local started
    started=$(date +%s)
    machine_start "$MACHINE"
    install_watch "$1" "$started"
}

# install_watch MAC EPOCH: a machine that was switched on then becomes INSTALLED, and ssh answers.
install_watch() {
    # shellcheck disable=SC2034  # read by run_shown, by name
    local -a still_on=(machine_alive "$MACHINE")
    local started=$2
    run_shown "$LAB_DIR/log/$MACHINE-watch.log" still_on hps host-state watch "$1" --until INSTALLED --timeout "$INSTALL_TIMEOUT" ||
        case_fail "the machine did not become INSTALLED"
    expect_equal "host-state says INSTALLED" INSTALLED "$(site_value "$1" state)"
    ssh_wait "$MACHINE" "$(case_address "$1")" || case_fail "ssh does not answer"
    expect "ssh answers" true
    say "  seconds since power-on:$(site_stages "$1" "$started"), ssh $(($(date +%s) - started))"
}

# inside COMMAND: in the machine.
inside() { ssh_run "$ADDRESS" "$1"; }

# fetched_by_http FILE: whether the web server has sent this boot loader to the machine.
fetched_by_http() { [[ $(site_log access) == *"$ADDRESS "*" GET /boot/$1 200 "* ]]; }

check_installed() {
    local name
    ADDRESS=$(case_address "$1")
    name=$(site_value "$1" name)
    expect "its root is on its own disk" grep -qx '/dev/vda[0-9]*' <<< "$(inside 'findmnt -no SOURCE /')"
    expect_equal "it has the name that was reserved" "$name" "$(inside hostname)"
    expect_equal "the administrator is root with sudo, without a password" 0 "$(inside 'sudo -n id -u')"
    expect "nothing of the installer is on its kernel's command line" grep -qv 'hps\.mode' <<< "$(inside 'cat /proc/cmdline')"
    hps host-state ssh-known-hosts "$1" > "$LAB_DIR/ssh/told" || case_fail "host-state tells no ssh host key"
    expect "its ssh host key is the one that host-state tells" in_network ssh -F "$LAB_DIR/ssh/config" \
        -o "UserKnownHostsFile=$LAB_DIR/ssh/told" -o StrictHostKeyChecking=yes -n "$ADDRESS" true
    expect_equal "no unit failed" '' "$(failed_units)"
    expect_equal "no key was pressed" 0 "$(machine_keys "$MACHINE")"
}

failed_units() { inside 'systemctl --failed --no-legend --plain'; }

# facts MAC: what an installation would change.
facts() {
    printf 'state %s\n' "$(site_value "$1" state)"
    printf 'attempt %s\n' "$(site_attempt "$1")"
    facts_inside
}

# facts_inside: those in the machine.
facts_inside() {
    inside 'cat /etc/machine-id; findmnt -no UUID /; cat /etc/ssh/ssh_host_ed25519_key.pub; cat kept'
}

# power_cycle MAC: of a host that has its record.
power_cycle() {
    local before boots
    # The installed system is used: what was written to it must be there afterwards.
    inside 'date > kept; sync'
    before=$(facts "$1")
    boots=$(site_boots "$1")
    switch_off_and_on
    expect "it came through PXE and the boot manager" test "$(site_boots "$1")" -gt "$boots"
    expect_equal "nothing was installed: state, attempt, machine id, file system, host key and files are the same" "$before" "$(facts "$1")"
}

# power_cycle_disk: of a machine whose record may be gone.
power_cycle_disk() {
    local before
    before=$(facts_inside)
    switch_off_and_on
    expect "iPXE was told to boot the disk" console_has "$MACHINE" 'Booting from the local disk'
    expect_equal "nothing was installed: machine id, file system, host key and files are the same" "$before" "$(facts_inside)"
}

switch_off_and_on() {
    local boot_id
    boot_id=$(inside 'cat /proc/sys/kernel/random/boot_id')
    machine_shut_down "$MACHINE" || case_fail "it does not switch itself off"
    machine_start "$MACHINE"
    ssh_wait "$MACHINE" "$ADDRESS" || case_fail "ssh does not answer after the machine was switched off and on"
    expect_different "it has started again" "$boot_id" "$(inside 'cat /proc/sys/kernel/random/boot_id')"
}
