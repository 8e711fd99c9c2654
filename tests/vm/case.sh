# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What the tests with virtual machines share: one lab, set up by the first of them and kept for the others and for the next
# run, and assertions. A test is a script of its own: sudo tests/vm/install-bios
# HPS_TEST_DIR (/var/tmp/hps-test) is the lab's folder; the image in it is built again only when it has changed.

# shellcheck source=../../scripts/lab/lab.sh
. "${BASH_SOURCE[0]%/*}/../../scripts/lab/lab.sh"

TEST_DIR=${HPS_TEST_DIR:-/var/tmp/hps-test}
# What virtual machines need is enough, and smaller.
TEST_KERNEL=${HPS_TEST_KERNEL:-cloud}
# The images of all tests, so that they are built once and not again by the first test that needs one more.
TEST_TYPES=(SCH TCH)
# The longest an installation may take; one that is dead ends earlier (alive.sh).
INSTALL_TIMEOUT=${WAIT_MOST_SECONDS}s
TEST_FAILED=0
TEST_PASSED=0

# site_cluster: the file of the lab's cluster. site_edit: what a test wants in it before images are built.
site_cluster() { printf '%s\n' "$LAB_DIR/site/srv/hps-config/clusters/$LAB_CLUSTER.cluster"; }
site_edit() { :; }

# case_open NAME [ENROLMENT]: the lab, ready for a machine, with a new site that has never met one. The machines of earlier tests are
# ended: one at a time.
case_open() {
    CASE=$1
    MACHINE=$1
    lab_open "$TEST_DIR"
    trap case_stop INT TERM HUP
    PROGRAMS=${HPS_PROGRAMS:-$("$REPOSITORY/scripts/build" 2> /dev/null)} || die "scripts/build failed"
    machines_stop
    network_up
    ssh_prepare
    site_new
    run_logged "$LAB_DIR/log/$CASE-site.log" site_up "$LAB_CLUSTER" "${2:-armed}" || exit 1
    site_edit
    run_logged "$LAB_DIR/log/image.log" site_image "$TEST_KERNEL" "${TEST_TYPES[@]}" || exit 1
    accelerator_choose "$(site_installer_kernel "$DEBIAN")"
    say "  lab: $LAB_DIR, namespace $LAB_NETNS, $(accelerator_name)"
}

case_stop() {
    trap '' INT TERM HUP
    job_end
    [[ -z ${RECORDER:-} ]] || record_stop
    lab_stop
    exit 130
}

# case_close: the verdict. A failed test leaves its machine's folder to be looked at; the machine is off in any case.
case_close() {
    [[ -z ${RECORDER:-} ]] || record_stop
    lab_stop
    ((TEST_FAILED > 0)) || rm -rf "$LAB_DIR/machines"
    say "  $CASE: $TEST_PASSED assertions held, $TEST_FAILED did not"
    ((TEST_FAILED == 0))
}

# case_fail TEXT: when nothing after it could mean anything.
case_fail() {
    say "  FAILED: $*"
    TEST_FAILED=$((TEST_FAILED + 1))
    say "  the console: $LAB_DIR/machines/$MACHINE/console.log; its end:"
    tail -n 20 "$LAB_DIR/machines/$MACHINE/console.log" 2> /dev/null | tr -d '\r' | sed 's/^/  | /'
    case_close || exit 1
}

# expect TEXT COMMAND...: COMMAND succeeds.
expect() {
    local text=$1
    shift
    if "$@"; then
        TEST_PASSED=$((TEST_PASSED + 1))
        say "  ok: $text"
    else
        TEST_FAILED=$((TEST_FAILED + 1))
        say "  FAILED: $text"
    fi
}

# expect_equal TEXT WANTED FOUND
expect_equal() {
    if [[ $2 == "$3" ]]; then
        expect "$1" true
    else
        expect "$1: expected '$2', found '$3'" false
    fi
}

expect_different() {
    if [[ $2 != "$3" ]]; then
        expect "$1" true
    else
        expect "$1: both are '$2'" false
    fi
}

# case_on NAME: from now on what is done to the machine, and asked of it, is meant for this one. It is named as the test at first.
case_on() { MACHINE=$1; }

# case_machine FIRMWARE MAC [PROFILE [TYPE]]: a machine without a disk yet, known to the provisioning node and permitted to install.
case_machine() {
    machine_create "$MACHINE" "$1" "$2" 2048
    run_logged "$LAB_DIR/log/$MACHINE-arm.log" site_arm "$2" "$DEBIAN" "test $CASE" "${3:-}" "${4:-}" || case_fail "host-state arm refused"
    ssh_forget "$(case_address "$2")"
}

# case_address MAC: without its prefix length.
case_address() {
    local address
    address=$(site_value "$1" address)
    printf '%s\n' "${address%/*}"
}

# case_lease MAC: the address that dnsmasq gave it last.
case_lease() {
    site_log dnsmasq | sed -n "s/.*DHCPACK($LAB_BRIDGE) \([0-9.]*\) $1.*/\1/p" | tail -n 1
}

# case_state MAC STATE: whether host-state says so.
case_state() { [[ $(site_value "$1" state) == "$2" ]]; }

# case_until COMMAND...: until it succeeds; fails when the machine is off, dead, or too late (alive.sh).
case_until() { machine_until "$MACHINE" "$*" "$@"; }
