# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Whether a disk (steps/disks_found.sh) fits the conditions of a rule. Only lib-hps/src/types/disk_rule/ knows the grammar
# of rules. It makes conditions from a rule: ANSWER_SYSTEM_CONDITIONS and ANSWER_POOL_CONDITIONS. The functions here only
# compare. tests/fixtures/node/disk-rules.table has rules and the disks that fit; both sides are tested with it.
#
# A condition is `KEY COMPARISON VALUE WORD`. WORD is the word of the rule, for messages. A disk must fit all conditions.
# An unknown condition or an empty list ends the installation before a disk is chosen: it could be the one that excludes
# a disk.
#
# `matches` needs a name of the disk that is unique and trusted (disk_is_like). `differs` and `among` use what the disk
# reports and what each device reports that is or may be the same disk (disk_says). A doubt excludes.

# Why the last disk does not fit.
DISK_WHY=''
# The device that made disk_is_excluded or disk_is_elsewhere true.
DISK_BY=''

# condition_is_known CONDITION: whether disk_fits can compare it.
condition_is_known() {
    local key comparison value word
    read -r key comparison value word <<< "$1"
    [[ $1 == "$key $comparison $value $word" && $word =~ ^[A-Za-z0-9._:/*=-]+$ ]] || return 1
    case "$key $comparison" in
        'size at-least' | 'size at-most') [[ $value =~ ^[1-9][0-9]{0,16}$ ]] ;;
        'bus among') [[ $value =~ ^[a-z-]+(,[a-z-]+)*$ ]] ;;
        # A bus that disk_bus does not know would exclude nothing.
        'bus matches' | 'bus differs') [[ " $DISK_BUSES " == *" $value "* ]] ;;
        'serial matches' | 'serial differs' | 'wwn matches' | 'wwn differs' | 'path matches' | 'path differs' | 'model matches' | 'model differs')
            [[ $value =~ ^[A-Za-z0-9._:/*-]{1,130}$ ]]
            ;;
        'kind matches') [[ $value == ssd || $value == hdd ]] ;;
        'serial present') [[ $value == any ]] ;;
        *) return 1 ;;
    esac
}

# conditions_check WHOSE CONDITION...: fails if there is no condition, or an unknown one.
conditions_check() {
    local condition
    (($# > 1)) || fail "there is no condition for the $1, so any disk would fit; nothing was written: run reload and build-image, then arm this host again"
    for condition in "${@:2}"; do
        condition_is_known "$condition" ||
            fail "a condition for the $1 is unknown: $condition; nothing was written: run reload and build-image, then arm this host again"
    done
}

# disk_fits NAME CONDITION...: whether the disk fits all of them. Sets DISK_WHY.
disk_fits() {
    local name=$1 bytes=${DISKS_BYTES[$1]} condition key comparison value word
    DISK_WHY=''
    conditions_check 'disk' "${@:2}"
    for condition in "${@:2}"; do
        read -r key comparison value word <<< "$condition"
        case $comparison in
            at-least) ((bytes >= value)) || DISK_WHY="it does not fit $word" ;;
            at-most) ((bytes <= value)) || DISK_WHY="it does not fit $word" ;;
            matches) disk_is_like "$name" "$key" "$value" || DISK_WHY="it does not fit $word" ;;
            differs) ! disk_is_excluded "$name" "$key" "$value" || DISK_WHY="it does not fit $word$(disk_by_other "$name")" ;;
            # The disk itself has a serial: if another path does not report it, that is no doubt.
            present) [[ ${DISKS_SAID[$name]:-none} != none ]] || DISK_WHY="it does not fit $word" ;;
            among)
                if disk_is_elsewhere "$name" "$value"; then
                    DISKS_UNNAMED["$name"]=1
                    DISK_WHY="${DISKS_BUS[$DISK_BY]}, which the rule does not name$(disk_by_other "$name")"
                fi
                ;;
            *) fail "a condition for disks has an unknown comparison: $condition" ;;
        esac
        [[ -z $DISK_WHY ]] || return 1
    done
}

# disk_is_like NAME KEY PATTERN: whether a name of this disk fits the pattern. A serial that several disks share,
# without WWNs to distinguish them, names none of them. A WWN that different disks report also names none.
disk_is_like() {
    case $2 in
        serial) [[ ${DISKS_ID[$1]} != none ]] || return 1 ;;
        wwn) [[ -n ${DISKS_WWN[$1]} ]] || return 1 ;;
    esac
    disk_says "$@"
}

# disk_is_excluded NAME KEY PATTERN: whether this disk, or a device that is or may be the same one, reports what fits
# the pattern.
disk_is_excluded() {
    for DISK_BY in "$1" ${DISKS_ALSO[$1]}; do ! disk_says "$DISK_BY" "$2" "$3" || return 0; done
    return 1
}

# disk_is_elsewhere NAME BUSES: whether this disk, or a device that is or may be the same one, is on none of these buses.
disk_is_elsewhere() {
    for DISK_BY in "$1" ${DISKS_ALSO[$1]}; do [[ ,$2, == *",${DISKS_BUS[$DISK_BY]},"* ]] || return 0; done
    return 1
}

# disk_by_other NAME: for a sentence: the device that excluded this disk, if that is another one.
disk_by_other() { [[ $DISK_BY == "$1" ]] || printf ', because of /dev/%s, which is or may be the same disk' "$DISK_BY"; }

# disk_says NAME KEY PATTERN: whether what the device itself reports fits the pattern, in which `*` stands for any text.
# A value that a device does not report fits no pattern.
# A WWN that is too long for a name has two forms: wwn_short.
disk_says() {
    local value='' pattern=$3
    case $2 in
        bus) value=${DISKS_BUS[$1]} ;;
        serial) value=${DISKS_SAID[$1]} ;;
        wwn)
            value=${DISKS_SAID_WWN[$1],,}
            # shellcheck disable=SC2053
            [[ -z $value || $(wwn_short "$value") != $pattern ]] || return 0
            ;;
        path) value=${DISKS_PATH[$1]} ;;
        model) value=${DISKS_MODEL[$1]} ;;
        kind) value=${DISKS_KIND[$1]} ;;
    esac
    # shellcheck disable=SC2053
    [[ -n $value && $value != none && $value == $pattern ]]
}
