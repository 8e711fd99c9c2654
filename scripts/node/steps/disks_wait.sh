# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Waiting for disks. Controllers, enclosures and USB do not signal that they have finished, and a choice from some of
# the disks may differ from a choice from all. So no choice is made until no disk has appeared for DISKS_QUIET seconds.
# If a known disk is missing (registered earlier, or named by the operator), or there are too few disks for the cluster
# file, the wait is DISKS_LATE seconds. Then the log names what is missing, and the choice is made without it. The wait
# ends after DISKS_MOST seconds in any case.

DISKS_QUIET=12
DISKS_LATE=60
DISKS_MOST=300
DISKS_MISSING=''

# disks_wait: until they are there; sets DISKS.
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

# disks_now: the disks and their sizes: one that spins up appears before its size is known.
disks_now() {
    local names name
    names=$(disk_names) || return 1
    for name in $names; do printf '%s %s\n' "$name" "$(disk_bytes "$name")"; done
}

# disks_missing: sets DISKS_MISSING to what is missing, for a sentence; to nothing if all is there.
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
