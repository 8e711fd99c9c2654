# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Whether a disk (steps/disks_found.sh) fits a rule of the cluster file. The grammar is that of
# lib-hps/src/types/disk_rule.rs; steps/answer.sh accepts only text that could be a rule.
# tests/fixtures/node/disk-rules.table keeps both in agreement: both sides are tested with it.
# A disk on a foreign bus (bus_is_foreign in steps/disk.sh) fits only a rule that names it: by `bus=`, or by a serial, a
# WWN or a path without `*`. A pattern for other disks must not choose a stick that was left in the machine.
# A word that chooses a disk needs a name of it that is unique and trusted (disk_is_like). A word that excludes one, and
# the rule above, use what the disk reports and what each device reports that is or may be the same disk (disk_says). A
# doubt excludes.

# Why the last disk does not fit.
DISK_WHY=''
# The device that made disk_is_excluded or disk_is_foreign true.
DISK_BY=''

# disk_fits NAME RULE: whether the disk fits every word of the rule, and the rule names the disk if it needs to be
# named. `smallest` and `largest` only order. Sets DISK_WHY.
disk_fits() {
    local name=$1 bytes=${DISKS_BYTES[$1]} word key value named=no
    local -a words
    DISK_WHY=''
    read -r -a words <<< "$2"
    for word in ${words[@]+"${words[@]}"}; do
        key=${word%%=*} value=${word#*=}
        case $word in
            smallest | largest) ;;
            min=* | max=*)
                # Arithmetic expects numbers, and would also accept names.
                [[ $value =~ ^[1-9][0-9]{0,6}G$ ]] || fail "the rule for disks has a bad size: $word"
                if [[ $key == min ]]; then
                    ((bytes >= ${value%G} * 1073741824))
                else
                    ((bytes <= ${value%G} * 1073741824))
                fi || DISK_WHY="it does not fit $word"
                ;;
            bus=* | serial=* | wwn=* | path=*)
                disk_is_like "$name" "$key" "$value" || DISK_WHY="it does not fit $word"
                [[ $key != bus && $value == *'*'* ]] || named=yes
                ;;
            # The disk itself has a serial: if another path does not report it, that is no doubt.
            not-serial=none) [[ ${DISKS_SAID[$name]:-none} != none ]] || DISK_WHY="it does not fit $word" ;;
            not-bus=* | not-serial=* | not-wwn=* | not-path=*)
                ! disk_is_excluded "$name" "${key#not-}" "$value" || DISK_WHY="it does not fit $word$(disk_by_other "$name")"
                ;;
            *) fail "the rule for disks has an unknown word: $word" ;;
        esac
        [[ -z $DISK_WHY ]] || return 1
    done
    if [[ $named == no ]] && disk_is_foreign "$name"; then
        DISK_WHY="${DISKS_BUS[$DISK_BY]}, which the rule does not name$(disk_by_other "$name")"
        return 1
    fi
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

# disk_is_foreign NAME: whether this disk, or a device that is or may be the same one, is on a foreign bus.
disk_is_foreign() {
    for DISK_BY in "$1" ${DISKS_ALSO[$1]}; do ! bus_is_foreign "${DISKS_BUS[$DISK_BY]}" || return 0; done
    return 1
}

# disk_by_other NAME: for a sentence: the device that excluded this disk, if that is another one.
disk_by_other() { [[ $DISK_BY == "$1" ]] || printf ', because of /dev/%s, which is or may be the same disk' "$DISK_BY"; }

# disk_says NAME KEY PATTERN: whether what the device itself reports fits the pattern, in which `*` stands for any text.
# A value that a device does not report fits no pattern.
disk_says() {
    local value pattern=$3
    case $2 in
        bus)
            value=${DISKS_BUS[$1]}
            case $pattern in
                ata | sas | scsi | nvme | virtio | other) ;;
                *) bus_is_foreign "$pattern" || fail "the rule for disks has an unknown bus: $pattern" ;;
            esac
            ;;
        serial) value=${DISKS_SAID[$1]} ;;
        wwn)
            wwn_form "$pattern"
            pattern=$WWN_FORM value=${DISKS_SAID_WWN[$1],,}
            # shellcheck disable=SC2053
            [[ -z $value || $(wwn_short "$value") != $pattern ]] || return 0
            ;;
        path) value=${DISKS_PATH[$1]} ;;
    esac
    # shellcheck disable=SC2053
    [[ -n $value && $value != none && $value == $pattern ]]
}
