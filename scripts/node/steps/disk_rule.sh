# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Whether a disk that was found (steps/disks_found.sh) fits a rule of the cluster file. The grammar is that of
# lib-hps/src/types/disk_rule.rs; steps/answer.sh lets through what could be a rule. tests/fixtures/node/disk-rules.table holds the three
# together: both sides read it.
# A disk on a foreign bus (bus_is_foreign in steps/disk.sh) fits only a rule that names it: by `bus=`, or by a serial, a WWN or a path
# without `*`. A pattern for other disks must not take a stick that somebody has left in the machine.

# Why the disk that was looked at last does not fit.
DISK_WHY=''

# disk_fits NAME RULE: whether every word of the rule holds, and the rule names a disk that needs to be named; `smallest` and `largest`
# only order. Sets DISK_WHY.
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
                # Arithmetic takes numbers, and would take names.
                [[ $value =~ ^[1-9][0-9]{0,6}G$ ]] || fail "the rule for disks has a size that is none: $word"
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
            not-bus=* | not-serial=* | not-wwn=* | not-path=*)
                ! disk_is_like "$name" "${key#not-}" "$value" || DISK_WHY="it does not fit $word"
                ;;
            *) fail "the rule for disks has a word that this environment does not know: $word" ;;
        esac
        [[ -z $DISK_WHY ]] || return 1
    done
    if [[ $named == no ]] && bus_is_foreign "${DISKS_BUS[$name]}"; then
        DISK_WHY="${DISKS_BUS[$name]}, which the rule does not name"
        return 1
    fi
}

# disk_is_like NAME KEY PATTERN: in the pattern `*` stands for anything. What a disk has not is like no pattern.
disk_is_like() {
    local value pattern=$3
    case $2 in
        bus)
            value=${DISKS_BUS[$1]}
            case $pattern in
                ata | sas | scsi | nvme | virtio | other) ;;
                *) bus_is_foreign "$pattern" || fail "the rule for disks has a bus that this environment does not know: $pattern" ;;
            esac
            ;;
        # Where no WWN tells apart what shares a serial, it names nothing.
        serial) if [[ ${DISKS_ID[$1]} != none ]]; then value=${DISKS_SAID[$1]}; else value=none; fi ;;
        wwn)
            wwn_form "$pattern"
            pattern=$WWN_FORM value=${DISKS_WWN[$1],,}
            # shellcheck disable=SC2053
            [[ -z $value || ${DISKS_SHORT[$1]} != $pattern ]] || return 0
            ;;
        path) value=${DISKS_PATH[$1]} ;;
    esac
    # shellcheck disable=SC2053
    [[ -n $value && $value != none && $value == $pattern ]]
}
