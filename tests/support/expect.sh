# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# What a shell test expects: it is counted, and what does not hold is printed. Sourced by tests/node and tests/lab.

PASSED=0 FAILED=0

# failed TEXT WORDS: TEXT does not hold, and WORDS say what was found.
failed() {
    FAILED=$((FAILED + 1))
    printf 'FAILED: %s: %s\n' "$1" "$2"
}

# expect_equal TEXT WANTED FOUND
expect_equal() {
    if [[ $3 == "$2" ]]; then
        PASSED=$((PASSED + 1))
    elif [[ $2$3 == *$'\n'* || ${#2} -gt 60 ]]; then
        failed "$1" $'expected\n  '"$2"$'\nfound\n  '"$3"
    else
        failed "$1" "expected \"$2\", found \"$3\""
    fi
}

# expect_output TEXT WANTED COMMAND...: COMMAND, in a process of its own, prints WANTED and nothing else.
expect_output() {
    expect_equal "$1" "$2" "$(exec 2>&1; "${@:3}")"
}

# expect_end TEXT STATUS PATTERN COMMAND...: COMMAND, in a process of its own, ends with STATUS, and what it prints has PATTERN.
expect_end() {
    local text=$1 status=$2 pattern=$3 output found=0
    shift 3
    output=$(exec 2>&1; "$@") || found=$?
    if ((found == status)) && [[ $output == *"$pattern"* ]]; then
        PASSED=$((PASSED + 1))
    else
        failed "$text" "expected status $status and \"$pattern\", found status $found and:"$'\n'"$output"
    fi
}

# expect_done TEXT COMMAND...: COMMAND, in this process, ends well.
expect_done() {
    if "${@:2}"; then PASSED=$((PASSED + 1)); else failed "$1" "status $?"; fi
}

# results NAME: the last line of a test, and its status.
results() {
    printf '%s: %d passed, %d failed\n' "$1" "$PASSED" "$FAILED"
    ((FAILED == 0))
}
