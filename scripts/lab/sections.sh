# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Tests in sections. All are run, also after a failure, and a summary follows.

# The running section, for the code that ends it.
SECTION=''
# `12 passed, 1 failed`, when all were run.
SECTIONS_SUM=''

# sections_run RUNNER NAME...: calls RUNNER with each name; fails when one of these calls did.
sections_run() {
    local runner=$1 started status
    shift
    local -a failed=()
    for SECTION in "$@"; do
        started=$(now)
        say "=== $SECTION"
        status=0
        # In a shell of its own: an end of the section, or a changed folder or setting, does not affect the next one.
        ("$runner" "$SECTION" < /dev/null) || status=$?
        if ((status == 0)); then
            say "=== $SECTION passed in $(($(now) - started)) s"
        else
            say "=== $SECTION FAILED after $(($(now) - started)) s"
            failed+=("$SECTION")
        fi
        say
    done
    SECTION=''
    SECTIONS_SUM="$(($# - ${#failed[@]})) passed, ${#failed[@]} failed"
    ((${#failed[@]} == 0)) && return 0
    say "failed: ${failed[*]}"
    return 1
}
