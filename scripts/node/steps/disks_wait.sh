# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Waiting for disks. Controllers, enclosures and USB give no sign of having finished, and a choice among some of the disks is another
# one than among all. So none is made before no disk has come for DISKS_QUIET seconds; and where a disk is missing that is known of this
# host (registered earlier, named by the operator), or too few are there for what the cluster file asks for, before none has come for
# DISKS_LATE seconds. What is missing then is said, and the choice is made without it. DISKS_MOST seconds are the end in any case.

DISKS_QUIET=12
DISKS_LATE=60
DISKS_MOST=300
DISKS_MISSING=''

# disks_wait: until they are there; leaves them in DISKS.
disks_wait() {
    local started=$SECONDS changed names now='' told='' quiet
    settle_disks
    changed=$((SECONDS - $(disks_quiet_for)))
    names=$(disks_now)
    disks_look
    disks_missing
    while :; do
        quiet=$((SECONDS - changed))
        if ((quiet >= DISKS_LATE || (quiet >= DISKS_QUIET && ${#DISKS_MISSING} == 0) || SECONDS - started >= DISKS_MOST)); then break; fi
        if ((quiet >= DISKS_QUIET)) && [[ $DISKS_MISSING != "$told" ]]; then
            say "waiting for $DISKS_MISSING"
            told=$DISKS_MISSING
        fi
        sleep 1
        settle_disks
        now=$(disks_now)
        [[ $now != "$names" ]] || continue
        names=$now changed=$SECONDS
        disks_look
        disks_missing
    done
    [[ -z $DISKS_MISSING ]] || say "not waiting any longer for $DISKS_MISSING"
}

# disks_now: which there are, and how large: one that spins up is there before its size is.
disks_now() {
    local names name
    names=$(disk_names) || return 1
    for name in $names; do printf '%s %s\n' "$name" "$(disk_bytes "$name")"; done
}

# disks_missing: sets DISKS_MISSING to what should be there and is not, for a sentence; to nothing where all is.
disks_missing() {
    local id least=1
    local -A seen=()
    DISKS_MISSING=''
    for id in ${ANSWER_KNOWN[@]+"${ANSWER_KNOWN[@]}"} ${ANSWER_MAY_WIPE[@]+"${ANSWER_MAY_WIPE[@]}"} ${ANSWER_WIPE[@]+"${ANSWER_WIPE[@]}"}; do
        disks_with "$id"
        if ((${#DISKS_WITH[@]} > 0)) || [[ -n ${seen[$id]:-} ]]; then continue; fi
        seen[$id]=1
        DISKS_MISSING+="${DISKS_MISSING:+, }the disk with $(disk_named_by "$id")"
    done
    [[ ${ANSWER[mirror]} != yes ]] || least=2
    system_candidates
    ((${#CANDIDATES[@]} >= least)) || DISKS_MISSING+="${DISKS_MISSING:+, }a disk for the system (${#CANDIDATES[@]} of $least)"
    if [[ ${ANSWER[pool]} == rest ]]; then
        pool_candidates "${CANDIDATES[@]:0:least}"
        least=$(pool_least)
        ((${#CANDIDATES[@]} >= least)) || DISKS_MISSING+="${DISKS_MISSING:+, }disks of the pool (${#CANDIDATES[@]} of $least)"
    fi
}
