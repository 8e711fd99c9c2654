# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Which disks, and whether they may be written. The system goes on the disk that fits the rule (`system_rule`) and is large enough: the
# smallest of them (or the largest, where the rule says so), and among equals the one with the lowest serial, so that the same
# machine always gives the same disk. `mirror=yes` takes the next one in that order too, for RAID 1. `pool=rest` takes the other disks that fit `pool_rule` for the storage pool.
# A disk that carries anything is refused, before the first write to any, unless the operator named its serial (`wipe`), or an earlier
# attempt of this same permission registered and marked it. Naming a disk does not make it a chosen one.

# The system's disk, the other half of its mirror, and the names of the pool's, with the RAID level over them; POOL_WORDS is what that is
# called.
DISK='' DISK_TWIN='' POOL=() POOL_LEVEL='' POOL_WORDS=''
# By name, of every disk that was found: bytes, the serial that names it (`none` where two share it), and the one that it says.
declare -A DISKS_BYTES=() DISKS_SERIAL=() DISKS_SAID=()
# Their names, asked for once: a disk that comes later is none of them.
DISKS=()
# By name, of the chosen ones: what they carry.
declare -A DISKS_FOUND=()
# What is done to disks that carry something, for the plan.
DISKS_NOTE=''
POOL_GROUP=pool
# A pool of nothing but crumbs is none.
POOL_MIN_BYTES=1073741824

# pool_is_zfs: whether the pool is one of ZFS, and else a volume group.
pool_is_zfs() { [[ ${ANSWER[volumes]:-lvm} == zfs ]]; }

# disks_choose: sets DISK, POOL and POOL_LEVEL.
disks_choose() {
    disks_find
    disks_choose_system
    sizes_fit
    disks_choose_pool
    disks_distinct
    disks_named
}

# disks_find: what there is.
disks_find() {
    local name wwn
    local -A count=()
    settle_disks
    mapfile -t DISKS < <(disk_names)
    for name in ${DISKS[@]+"${DISKS[@]}"}; do
        DISKS_BYTES[$name]=$(disk_bytes "$name")
        DISKS_SERIAL[$name]=$(disk_serial "$name")
        DISKS_SAID[$name]=${DISKS_SERIAL[$name]}
        count[${DISKS_SERIAL[$name]}]=$((${count[${DISKS_SERIAL[$name]}]:-0} + 1))
        # With all that a rule can name.
        wwn=$(disk_wwn "$name")
        say "found disk /dev/$name, serial ${DISKS_SERIAL[$name]}, $(gibibytes "${DISKS_BYTES[$name]}")${wwn:+, wwn $wwn}, path $(disk_path "$name")"
    done
    # A serial that two disks share names neither.
    for name in "${!DISKS_SERIAL[@]}"; do
        ((${count[${DISKS_SERIAL[$name]}]} == 1)) || DISKS_SERIAL[$name]=none
    done
}

# disks_seen: those that were found, for a sentence.
disks_seen() {
    local name seen=''
    for name in ${DISKS[@]+"${DISKS[@]}"}; do seen+=" /dev/$name=$(gibibytes "${DISKS_BYTES[$name]}")"; done
    printf '%s' "${seen:- none}"
}

# disk_fits NAME RULE: whether every word of the rule holds; `smallest` and `largest` only order.
disk_fits() {
    local word value wwn
    local -a words
    read -r -a words <<< "$2"
    for word in "${words[@]}"; do
        value=${word#*=}
        # Arithmetic below takes numbers, and would take names.
        [[ $word != m??=* || $value =~ ^[1-9][0-9]{0,6}G$ ]] ||
            fail "the rule for disks has a size that is none: $word"
        # The values are patterns: `*` stands for anything.
        # shellcheck disable=SC2053
        case $word in
            smallest | largest) ;;
            # What a disk has not is not named by a pattern.
            serial=*) [[ ${DISKS_SERIAL[$1]} != none && ${DISKS_SERIAL[$1]} == $value ]] || return 1 ;;
            wwn=*) wwn=$(disk_wwn "$1") && [[ -n $wwn && $wwn == $value ]] || return 1 ;;
            path=*) [[ $(disk_path "$1") == $value ]] || return 1 ;;
            min=*) ((DISKS_BYTES[$1] >= ${value%G} * 1073741824)) || return 1 ;;
            max=*) ((DISKS_BYTES[$1] <= ${value%G} * 1073741824)) || return 1 ;;
            *) fail "the rule for disks has a word that this environment does not know: $word" ;;
        esac
    done
}

disks_choose_system() {
    local name rule=${ANSWER[system_rule]} least=${ANSWER[disk_min_bytes]} candidates=() order=n
    for name in ${DISKS[@]+"${DISKS[@]}"}; do
        if ((DISKS_BYTES[$name] >= least)) && disk_fits "$name" "$rule"; then
            candidates+=("${DISKS_BYTES[$name]} ${DISKS_SERIAL[$name]} $name")
        fi
    done
    if ((${#candidates[@]} == 0)); then
        [[ $rule == smallest ]] || fail "no disk of at least $(gibibytes "$least") fits the rule for the system's disk, $rule (disks:$(disks_seen))"
        fail "no disk of at least $(gibibytes "$least") that is not removable was found (disks:$(disks_seen))"
    fi
    [[ " $rule " != *' largest '* ]] || order=nr
    # Not `| head`, which would end sort by a broken pipe where the disks are many.
    mapfile -t candidates < <(printf '%s\n' "${candidates[@]}" | sort -k1,1$order -k2,2 -k3,3)
    name=${candidates[0]##* }
    DISK=/dev/$name
    say "chosen disk $DISK, serial ${DISKS_SERIAL[$name]}"
    [[ ${ANSWER[mirror]} == yes ]] || return 0
    ((${#candidates[@]} > 1)) ||
        fail "the mirror of the system needs two disks of at least $(gibibytes "$least") that fit the rule $rule, and $DISK alone does (disks:$(disks_seen)); nothing was written"
    name=${candidates[1]##* }
    DISK_TWIN=/dev/$name
    say "chosen disk $DISK_TWIN, serial ${DISKS_SERIAL[$name]}, for the mirror"
}

# disks_system: the names of the system's.
disks_system() { printf '%s\n' "${DISK#/dev/}" ${DISK_TWIN:+"${DISK_TWIN#/dev/}"}; }

# disks_choose_pool: the other disks, and the RAID level over them.
disks_choose_pool() {
    local name count least
    [[ ${ANSWER[pool]} == rest ]] || return 0
    for name in ${DISKS[@]+"${DISKS[@]}"}; do
        [[ /dev/$name != "$DISK" && /dev/$name != "$DISK_TWIN" ]] || continue
        if ((DISKS_BYTES[$name] >= POOL_MIN_BYTES)) && disk_fits "$name" "${ANSWER[pool_rule]}"; then POOL+=("$name"); fi
    done
    count=${#POOL[@]} POOL_LEVEL=${ANSWER[pool_level]}
    if [[ $POOL_LEVEL == auto ]]; then
        # What survives the loss of any disk, and of any two where there are enough.
        if ((count >= 4)); then POOL_LEVEL=raid6; elif ((count == 3)); then POOL_LEVEL=raid5; else POOL_LEVEL=raid1; fi
    fi
    case $POOL_LEVEL in raid1) least=2 ;; raid5) least=3 ;; *) least=4 ;; esac
    ((count >= least)) ||
        fail "the pool needs at least $least disks beside the system's disk${DISK_TWIN:+s} $DISK${DISK_TWIN:+ and $DISK_TWIN} for $POOL_LEVEL, and there are $count (disks:$(disks_seen)${ANSWER[pool_rule]:+; rule ${ANSWER[pool_rule]}})"
    POOL_WORDS=$POOL_LEVEL
    pool_is_zfs || return 0
    POOL_WORDS="zfs $(zfs_level)"
    [[ $POOL_LEVEL != raid10 ]] || ((count % 2 == 0)) ||
        fail "the pool is to be of ZFS mirrors (raid10), and there are $count disks for it, which are no pairs (disks:$(disks_seen)${ANSWER[pool_rule]:+; rule ${ANSWER[pool_rule]}})"
}

# zfs_level: what ZFS calls POOL_LEVEL (zpoolconcepts(7)).
zfs_level() {
    case $POOL_LEVEL in
        raid5) printf 'raidz1' ;;
        raid6) printf 'raidz2' ;;
        raid10) printf 'mirrors' ;;
        *) printf 'mirror' ;;
    esac
}

# disks_distinct: two paths to one disk are not two disks.
disks_distinct() {
    local name serial
    local -A seen=()
    for name in $(disks_chosen); do
        serial=${DISKS_SAID[$name]}
        [[ $serial != none ]] || continue
        [[ -z ${seen[$serial]:-} ]] ||
            fail "disks /dev/${seen[$serial]} and /dev/$name both have the serial $serial, so they may be one disk on two paths: give a rule with the path of one of them (path=; the log of this installation has the paths)"
        seen[$serial]=$name
    done
}

# disks_chosen: their names, the system's first.
disks_chosen() {
    disks_system
    ((${#POOL[@]} == 0)) || printf '%s\n' "${POOL[@]}"
}

# disks_named: says of each serial that the operator named why it changes nothing, where it does not.
disks_named() {
    local serial name found all shared
    for serial in ${ANSWER_WIPE[@]+"${ANSWER_WIPE[@]}"}; do
        found='' shared=0
        all=$(disks_chosen)
        for name in "${!DISKS_SERIAL[@]}"; do
            [[ ${DISKS_SAID[$name]} == "$serial" ]] || continue
            found=$name shared=$((shared + 1))
        done
        if ((shared == 0)); then
            say "the operator named the serial $serial, and no disk has it"
        elif ((shared > 1)); then
            say "the operator named the serial $serial, which $shared disks share: it names none of them"
        elif ! grep -qxF "$found" <<< "$all"; then
            say "the operator named the serial $serial, whose disk is not a chosen one: it is not touched"
        fi
    done
}

# disk_is_named NAME: whether the operator named it.
disk_is_named() {
    local serial
    [[ ${DISKS_SERIAL[$1]} != none ]] || return 1
    for serial in ${ANSWER_WIPE[@]+"${ANSWER_WIPE[@]}"}; do
        [[ $serial == "${DISKS_SERIAL[$1]}" ]] && return 0
    done
    return 1
}

# disk_is_ours NAME: whether an earlier attempt of this permission registered it and wrote its mark. The serial came over the network;
# the mark on the disk is one that only the site can make.
disk_is_ours() {
    local serial
    [[ ${DISKS_SERIAL[$1]} != none ]] || return 1
    for serial in ${ANSWER_MAY_WIPE[@]+"${ANSWER_MAY_WIPE[@]}"}; do
        [[ $serial == "${DISKS_SERIAL[$1]}" ]] || continue
        [[ $(sfdisk --disk-id "/dev/$1" 2> /dev/null) == "${ANSWER[disk_mark]}" ]] && return 0
    done
    return 1
}

disk_words() { printf 'disk /dev/%s (serial %s, %s)' "$1" "${DISKS_SERIAL[$1]}" "$(gibibytes "${DISKS_BYTES[$1]}")"; }

disk_short() { printf '/dev/%s (%s, %s)' "$1" "${DISKS_SERIAL[$1]}" "$(gibibytes "${DISKS_BYTES[$1]}")"; }

# disk_way_out NAME: what to do with a disk that is not blank and may go.
disk_way_out() {
    if [[ ${DISKS_SERIAL[$1]} == none ]]; then
        printf 'clear it by hand (blkdiscard, or dd over its first and last 4 MiB), because no serial names it, and arm this host again'
    else
        printf 'arm this host from the provisioning node with --wipe %s' "${DISKS_SERIAL[$1]}"
    fi
}

# disks_refuse: ends here if a chosen disk carries anything and may not be wiped; the sentence names all of them.
disks_refuse() {
    local name what why used='' advice='' number=0
    for name in $(disks_chosen); do
        what=$(disk_words "$name")
        disk_in_use "$name" && fail "REFUSED: $what is in use; nothing was written"
        DISKS_FOUND[$name]=$(disk_signatures "$name") || fail "REFUSED: $what cannot be read; nothing was written: check the disk"
        why=${DISKS_FOUND[$name]}
        if disk_is_named "$name"; then
            [[ -n $why ]] || continue
            DISKS_NOTE+=", /dev/$name wiped because the operator named its serial ${DISKS_SERIAL[$name]}; it carried $why"
            say "$what will be wiped because the operator named its serial (found: $why)"
        elif disk_is_ours "$name"; then
            say "$what was registered by an earlier attempt and may be wiped (found: ${why:-nothing})"
        elif [[ -n $why ]]; then
            used+="${used:+; }$what carries $why" number=$((number + 1))
            if [[ ${DISKS_SERIAL[$name]} == none ]]; then advice=none; elif [[ $advice != none ]]; then advice+=" --wipe ${DISKS_SERIAL[$name]}"; fi
        # A disk of the pool was chosen by nobody, and who means one disk has not looked at the other half of its mirror: what has no signature that is known may be data all the same.
        elif [[ ${ANSWER[require_blank]} == yes || /dev/$name != "$DISK" ]] && ! disk_is_zero "$name"; then
            fail "REFUSED: $what is not blank (data in its first or last 4 MiB); nothing was written: if it may go, $(disk_way_out "$name")"
        fi
    done
    ((number > 0)) || return 0
    if [[ $advice == none ]]; then
        advice='wipe by hand (wipefs --all; disks of a pool also at their first and last 4 MiB) those that no serial names, and arm this host again'
    else
        advice="arm this host again with$advice"
    fi
    ((number > 1)) || fail "REFUSED: $used; nothing was written: if its content may go, $advice"
    # What is to be done first: the message is cut where it is too long.
    fail "REFUSED: nothing was written: if the content of $number disks may go, $advice: $used"
}

# disk_unchanged NAME: ends here if the disk is not the one that was looked at, or carries something else by now: between both lie a report
# and its answer, and what was done to other disks.
disk_unchanged() {
    local found
    found=$(disk_signatures "$1") || fail "REFUSED: disk /dev/$1 cannot be read any more, and nothing was written to it: check the disk"
    disk_in_use "$1" && fail "REFUSED: disk /dev/$1 is in use now, and nothing was written to it: look for what uses the disks of this machine"
    [[ $(disk_bytes "$1") == "${DISKS_BYTES[$1]}" && $(disk_serial "$1") == "${DISKS_SAID[$1]}" &&
        $found == "${DISKS_FOUND[$1]}" ]] ||
        fail "REFUSED: disk /dev/$1 is not what it was when it was registered, and nothing was written to it: look for what changes the disks of this machine"
}

# disk_plan: what will be done, in one line.
disk_plan() {
    local name system='' pool=''
    for name in $(disks_system); do system+="${system:+, }$(disk_short "$name")"; done
    for name in ${POOL[@]+"${POOL[@]}"}; do pool+="${pool:+, }$(disk_short "$name")"; done
    # What is wiped stands before the list that may be cut.
    printf 'system%s on %s%s%s' "${DISK_TWIN:+ raid1}" "$system" "$DISKS_NOTE" "${pool:+; pool $POOL_WORDS on $pool}"
}

# disk_report: the plan's disks, and what happened to them, for the stage `partitioned`.
disk_report() {
    local name pool=''
    for name in ${POOL[@]+"${POOL[@]}"}; do pool+=" /dev/$name"; done
    printf '%s%s%s%s' "$DISK" "${DISK_TWIN:+ $DISK_TWIN}" "$DISKS_NOTE" "${pool:+; pool $POOL_WORDS on$pool}"
}

# disks_register: from the boot manager's 200 on, the disks may be written.
disks_register() {
    local name serials='' count=0
    for name in $(disks_chosen); do count=$((count + 1)) serials+="${serials:+,}${DISKS_SERIAL[$name]}"; done
    # A list that is cut on its way would register half a serial, which is another disk's.
    ((${#serials} <= HPS_MESSAGE_MAX && count <= 64)) ||
        fail "$count disks are more than can be registered: give a rule for those of the pool"
    say "plan: $(disk_plan)"
    stage disks "$serials" plan "$(disk_plan)"
}

# pool_refuse: ends here if the new volume group could not have its name. Arrays are not assembled, so those on them do not count.
pool_refuse() {
    local device group disk chosen
    [[ ${ANSWER[pool]} == rest || ${ANSWER[pool]} == same ]] || return 0
    # A pool of ZFS is known by its number, and no other one is imported.
    ! pool_is_zfs || return 0
    chosen=$(disks_chosen)
    while read -r device group; do
        [[ $group == "$POOL_GROUP" ]] || continue
        disk=$(lsblk --noheadings --nodeps --output PKNAME "$device")
        [[ $'\n'$chosen$'\n' == *$'\n'${disk:-${device#/dev/}}$'\n'* ]] ||
            fail "REFUSED: a volume group $POOL_GROUP is on $device already, whose disk was not chosen; nothing was written: rename it (vgrename in the rescue mode), or take that disk out"
    done < <(lvm pvs --noheadings --options pv_name,vg_name 2> /dev/null)
}
