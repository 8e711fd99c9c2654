# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# This file chooses the disks and checks whether they may be written.
# The system goes on the smallest disk that fits the rule (`system_rule`) and is large enough, or on the largest if the
# rule says so. Among equal disks the lowest serial, WWN and path counts, so the same machine always gives the same
# disk. A disk that an earlier attempt of this permission has begun comes before all others. `mirror=yes` uses the next
# disk in that order too, for RAID 1. `pool=rest` uses the other disks that fit `pool_rule` for the storage pool. The
# log has the reason for each disk.
# A disk that is not empty is refused, before the first write to any disk. It is accepted if the operator named it
# (`wipe`), or if an earlier attempt of this permission registered and marked it. Naming a disk does not
# choose it.
# Other files: steps/disk.sh is one disk, disks_found.sh its names, disk_rule.sh the rule, disks_wait.sh waits for late
# disks.

# The system's disk, the other half of its mirror, and the names of the pool's disks, with the RAID level over them.
# POOL_WORDS describes the pool.
DISK='' DISK_TWIN='' POOL=() POOL_LEVEL='' POOL_WORDS=''
# The disks that fit, in their order: one name of each disk.
CANDIDATES=()
# By name: its use, or why it is not the system's, and why it is not the pool's.
declare -A DISKS_CHOSEN=() DISKS_NOT_SYSTEM=() DISKS_NOT_POOL=()
# By name, for the chosen disks: their content.
declare -A DISKS_FOUND=()
# What happens to disks that are not empty, for the plan.
DISKS_NOTE=''
POOL_GROUP=pool
# Smaller disks are not worth a place in a pool.
POOL_MIN_BYTES=1073741824
# The limit of the provisioning node (MAX_DISKS in lib-hps/src/host/attempt.rs).
DISKS_REGISTERED_MAX=64

# pool_is_zfs: whether the pool is of ZFS; otherwise it is a volume group.
pool_is_zfs() { [[ ${ANSWER[volumes]:-lvm} == zfs ]]; }

# disks_choose: sets DISK, POOL and POOL_LEVEL.
disks_choose() {
    conditions_check "system's disk" ${ANSWER_SYSTEM_CONDITIONS[@]+"${ANSWER_SYSTEM_CONDITIONS[@]}"}
    [[ ${ANSWER[pool]} != rest ]] ||
        conditions_check 'disks of the pool' ${ANSWER_POOL_CONDITIONS[@]+"${ANSWER_POOL_CONDITIONS[@]}"}
    disks_wait
    disks_tell
    disks_choose_system
    sizes_fit
    disks_choose_pool
    disks_why
    disks_distinct
    disks_named
}

# disk_may NAME BYTES CONDITION...: whether the disk can be written, is what the conditions ask for, and is large enough; sets DISK_WHY.
disk_may() {
    DISK_WHY=${DISKS_OBSTACLE[$1]}
    [[ -z $DISK_WHY ]] || return 1
    disk_fits "$1" "${@:3}" || return 1
    ((DISKS_BYTES[$1] >= $2)) || { DISK_WHY="smaller than $(gibibytes "$2")"; return 1; }
}

# system_candidates: sets CANDIDATES to the disks that the system may go on.
system_candidates() {
    local name begun order rule=${ANSWER[system_rule]}
    local -a lines=() sorted=()
    local -A seen=()
    CANDIDATES=()
    # shellcheck disable=SC2153 # DISKS is that of disks_found.sh.
    for name in ${DISKS[@]+"${DISKS[@]}"}; do
        if disk_may "$name" "${ANSWER[disk_min_bytes]}" "${ANSWER_SYSTEM_CONDITIONS[@]}"; then
            begun=1
            ! disk_is_ours "$name" || begun=0
            lines+=("$begun"$'\t'"${DISKS_BYTES[$name]}"$'\t'"${DISKS_SAID[$name]}"$'\t'"${DISKS_WWN[$name]}"$'\t'"$(by_number "${DISKS_PATH[$name]} $name")"$'\t'"$name")
        else
            DISKS_NOT_SYSTEM[$name]=$DISK_WHY
        fi
    done
    ((${#lines[@]} > 0)) || return 0
    case ${ANSWER[system_order]} in
        smallest) order=n ;;
        largest) order=nr ;;
        *) fail "the order of disks for the system is unknown: ${ANSWER[system_order]}; nothing was written" ;;
    esac
    # Not `| head`, which would end sort with a broken pipe if the disks are many.
    mapfile -t sorted < <(printf '%s\n' "${lines[@]}" | LC_ALL=C sort -t $'\t' -k 1,1n -k 2,2$order -k 3,3 -k 4,4 -k 5,5)
    for name in "${sorted[@]}"; do
        name=${name##*$'\t'}
        disk_is_first_path "$name" || continue
        DISKS_NOT_SYSTEM[$name]="another disk comes before it by the rule $rule"
        CANDIDATES+=("$name")
    done
}

# pool_candidates NAME...: sets CANDIDATES to the disks that the pool may use, without those of the system.
pool_candidates() {
    local name
    local -A seen=()
    CANDIDATES=()
    for name in "$@"; do [[ -z $name ]] || seen[${DISKS_SELF[$name]}]=$name; done
    for name in ${DISKS[@]+"${DISKS[@]}"}; do
        if ! disk_may "$name" "$POOL_MIN_BYTES" "${ANSWER_POOL_CONDITIONS[@]}"; then
            DISKS_NOT_POOL[$name]=$DISK_WHY
        elif disk_is_first_path "$name"; then
            CANDIDATES+=("$name")
        fi
    done
}

# disk_is_first_path NAME: whether `seen` of the caller does not have this disk yet; adds it.
disk_is_first_path() {
    local self=${DISKS_SELF[$1]}
    if [[ -n ${seen[$self]:-} ]]; then
        [[ ${seen[$self]} == "$1" ]] || DISKS_CHOSEN[$1]="is another path to /dev/${seen[$self]}"
        return 1
    fi
    seen[$self]=$1
}

disks_choose_system() {
    local name rule=${ANSWER[system_rule]} least=${ANSWER[disk_min_bytes]}
    system_candidates
    if ((${#CANDIDATES[@]} == 0)); then
        disks_why
        [[ $rule == smallest ]] || fail "no disk of at least $(gibibytes "$least") fits the rule for the system's disk, $rule $(disks_seen)"
        fail "no disk of at least $(gibibytes "$least") that is not removable was found $(disks_seen)"
    fi
    DISK=/dev/${CANDIDATES[0]}
    DISKS_CHOSEN[${CANDIDATES[0]}]="is chosen for the system, by the rule $rule"
    if [[ ${ANSWER[mirror]} == yes ]]; then
        if ((${#CANDIDATES[@]} == 1)); then
            disks_why
            fail "the mirror of the system needs two disks of at least $(gibibytes "$least") that fit the rule $rule, and $DISK alone does $(disks_seen); nothing was written"
        fi
        DISK_TWIN=/dev/${CANDIDATES[1]}
        DISKS_CHOSEN[${CANDIDATES[1]}]="is chosen for the mirror of the system, by the rule $rule"
    fi
}

# disks_why: for each disk why it was chosen or not.
disks_why() {
    local name why
    for name in ${DISKS[@]+"${DISKS[@]}"}; do
        why=${DISKS_CHOSEN[$name]:-}
        if [[ -z $why ]]; then
            why="is not chosen: ${DISKS_NOT_SYSTEM[$name]:-the search for a disk did not begin}"
            [[ ${ANSWER[pool]} != rest || -z ${DISKS_NOT_POOL[$name]:-} ]] || why+="; for the pool: ${DISKS_NOT_POOL[$name]}"
        fi
        say "$(disk_words "$name") $why"
    done
}

# disks_system: the names of the system's.
disks_system() { printf '%s\n' "${DISK#/dev/}" ${DISK_TWIN:+"${DISK_TWIN#/dev/}"}; }

# pool_level_of COUNT: the level for a pool of so many disks.
pool_level_of() {
    local level=${ANSWER[pool_level]}
    if [[ $level == auto ]]; then
        # The levels that survive the loss of any one disk, and of any two if there are enough.
        if (($1 >= 4)); then level=raid6; elif (($1 == 3)); then level=raid5; else level=raid1; fi
    fi
    printf '%s' "$level"
}

# pool_least: how many disks the pool must have.
pool_least() {
    case ${ANSWER[pool_level]} in auto | raid1) printf 2 ;; raid5) printf 3 ;; *) printf 4 ;; esac
}

# disks_choose_pool: the other disks, and the RAID level over them.
disks_choose_pool() {
    local name count least rule
    [[ ${ANSWER[pool]} == rest ]] || return 0
    rule=${ANSWER[pool_rule]:+; rule ${ANSWER[pool_rule]}}
    pool_candidates "${DISK#/dev/}" "${DISK_TWIN#/dev/}"
    POOL=(${CANDIDATES[@]+"${CANDIDATES[@]}"})
    for name in ${POOL[@]+"${POOL[@]}"}; do
        DISKS_CHOSEN[$name]="is chosen for the pool${ANSWER[pool_rule]:+, by the rule ${ANSWER[pool_rule]}}"
    done
    count=${#POOL[@]} POOL_LEVEL=$(pool_level_of "${#POOL[@]}") least=$(pool_least)
    if ((count < least)); then
        disks_why
        fail "the pool needs at least $least disks beside the system's disk${DISK_TWIN:+s} $DISK${DISK_TWIN:+ and $DISK_TWIN} for $POOL_LEVEL, but $count are available $(disks_seen "$rule")"
    fi
    POOL_WORDS=$POOL_LEVEL
    pool_is_zfs || return 0
    POOL_WORDS="zfs $(zfs_level)"
    [[ $POOL_LEVEL != raid10 ]] || ((count % 2 == 0)) ||
        fail "the pool should be of ZFS mirrors (raid10), which need pairs, but $count disks are available $(disks_seen "$rule")"
}

# zfs_level: the ZFS word for POOL_LEVEL (zpoolconcepts(7)).
zfs_level() {
    case $POOL_LEVEL in
        raid5) printf 'raidz1' ;;
        raid6) printf 'raidz2' ;;
        raid10) printf 'mirrors' ;;
        *) printf 'mirror' ;;
    esac
}

# disks_distinct: two paths to one disk are not two disks. WWNs have already distinguished the disks that have them. If
# one has none, a serial that both report leaves a doubt.
disks_distinct() {
    local name said other
    local -A seen=()
    for name in $(disks_chosen); do
        said=${DISKS_SAID[$name]} other=${seen[${DISKS_SAID[$name]}]:-}
        [[ $said != none ]] || continue
        [[ -z $other || (-n ${DISKS_WWN[$name]} && -n ${DISKS_WWN[$other]}) ]] ||
            fail "disks /dev/$other and /dev/$name both have the serial $said, so they may be one disk on two paths: give a rule with the path of one of them (path=; the log of this installation has the paths)"
        seen[$said]=$name
    done
}

# disks_chosen: their names, the system's first.
disks_chosen() {
    disks_system
    ((${#POOL[@]} == 0)) || printf '%s\n' "${POOL[@]}"
}

# disks_named: for each serial and WWN that the operator named without an effect: why.
disks_named() {
    local id chosen named
    chosen=$(disks_chosen)
    for id in ${ANSWER_WIPE[@]+"${ANSWER_WIPE[@]}"}; do
        disks_with "$id"
        named="the operator named the $(disk_named_by "$id")"
        if ((${#DISKS_WITH[@]} == 0)); then
            say "$named, and no disk has it"
        elif ((${#DISKS_WITH[@]} > 1)); then
            say "$named, which ${#DISKS_WITH[@]} disks share, so it names none of them$(disks_by_wwn "${DISKS_WITH[@]}")"
        elif ! disk_is_among "${DISKS_WITH[0]}" "$chosen"; then
            say "$named, whose disk is not a chosen one: it is not touched"
        fi
    done
}

# disks_by_wwn NAME...: the names of disks that share a serial.
disks_by_wwn() {
    local name words=''
    for name in "$@"; do words+="${DISKS_SHORT[$name]:+ --wipe ${DISKS_SHORT[$name]} for /dev/$name}"; done
    [[ -z $words ]] || printf '; their WWNs do:%s' "$words"
}

# disk_is_among NAME NAMES: whether a path to it is one of them.
disk_is_among() {
    local name
    for name in $2; do [[ ${DISKS_SELF[$name]} != "${DISKS_SELF[$1]}" ]] || return 0; done
    return 1
}

# disk_is_named NAME: whether the operator named it; prints by which name.
disk_is_named() {
    local id
    for id in ${ANSWER_WIPE[@]+"${ANSWER_WIPE[@]}"}; do
        if disk_has "$1" "$id"; then
            disk_named_by "$id"
            return 0
        fi
    done
    return 1
}

# disk_is_ours NAME: whether an earlier attempt of this permission registered it and wrote its mark. The registration
# came over the network; only the site can make the mark on the disk.
disk_is_ours() {
    local id
    for id in ${ANSWER_MAY_WIPE[@]+"${ANSWER_MAY_WIPE[@]}"}; do
        disk_has "$1" "$id" || continue
        [[ $(sfdisk --disk-id "/dev/$1" 2> /dev/null) == "${ANSWER[disk_mark]}" ]] && return 0
    done
    return 1
}

# disk_way_out NAME: what to do with a disk that is not blank and may be wiped.
disk_way_out() {
    if [[ ${DISKS_ID[$1]} == none ]]; then
        printf 'clear it by hand (blkdiscard, or dd over its first and last 4 MiB), because no serial names it, and arm this host again'
    else
        printf 'arm this host from the provisioning node with --wipe %s' "${DISKS_ID[$1]}"
    fi
}

# disk_is_in_use NAME: checks every path to it.
disk_is_in_use() {
    local path
    for path in $(disk_paths "$1"); do ! disk_in_use "$path" || return 0; done
    return 1
}

# disks_refuse: fails if a chosen disk is not empty and may not be wiped; the sentence names all of these disks.
disks_refuse() {
    local name what why named used='' advice='' number=0 zero
    for name in $(disks_chosen); do
        what=$(disk_words "$name")
        disk_is_in_use "$name" && fail "REFUSED: $what $DISK_USE; nothing was written"
        DISKS_FOUND[$name]=$(disk_signatures "$name") || fail "REFUSED: $what cannot be read; nothing was written: check the disk"
        why=${DISKS_FOUND[$name]}
        if named=$(disk_is_named "$name"); then
            [[ -n $why ]] || continue
            DISKS_NOTE+=", /dev/$name wiped because the operator named its $named; it carried $why"
            say "$what will be wiped because the operator named its ${named%% *} (found: $why)"
        elif disk_is_ours "$name"; then
            say "$what was registered by an earlier attempt and may be wiped (found: ${why:-nothing})"
        elif [[ -n $why ]]; then
            used+="${used:+; }$what carries $why" number=$((number + 1))
            if [[ ${DISKS_ID[$name]} == none ]]; then advice=none; elif [[ $advice != none ]]; then advice+=" --wipe ${DISKS_ID[$name]}"; fi
        # An operator who names one disk chose neither the disks of the pool nor the other half of the mirror. A disk
        # without a known signature may still have data.
        elif [[ ${ANSWER[require_blank]} == yes || /dev/$name != "$DISK" ]]; then
            zero=0
            disk_is_zero "$name" || zero=$?
            ((zero != 1)) || fail "REFUSED: $what is not blank (data in its first or last 4 MiB); nothing was written: if it may go, $(disk_way_out "$name")"
            ((zero == 0)) || fail "REFUSED: $what cannot be read, so it may not be blank; nothing was written: check the disk"
        fi
    done
    ((number == 0)) || disks_refused "$number" "$used" "$advice"
}

# disks_refused NUMBER USED ADVICE: the sentence.
disks_refused() {
    local number=$1 used=$2 advice=$3 id shared=''
    # An operator whose serial was refused must see that it named no disk.
    for id in ${ANSWER_WIPE[@]+"${ANSWER_WIPE[@]}"}; do
        disks_with "$id"
        ((${#DISKS_WITH[@]} < 2)) || shared+="; --wipe $id named none of the disks that share that serial"
    done
    if [[ $advice == none ]]; then
        advice='wipe by hand the disks that no serial names (wipefs --all; disks of a pool also at their first and last 4 MiB), and arm this host again'
    elif ((${#advice} > 320)); then
        # If the message were cut, its last name would be half a name, which may be another disk's.
        say "options for these disks:$advice"
        advice='arm this host again with --wipe for each of them; the log of this installation has all options in one line (host-state log HOST --install)'
    else
        advice="arm this host again with$advice"
    fi
    ((number > 1)) || fail "REFUSED: $used; nothing was written: if its content may go, $advice$shared"
    # The advice comes first, because a long message is cut.
    fail "REFUSED: nothing was written: if the content of $number disks may go, $advice$shared: $used"
}

# disk_unchanged NAME: fails if the disk is another one than before, or has other content. Between the first check and
# now a report was sent and answered, and other disks were written.
disk_unchanged() {
    local found
    found=$(disk_signatures "$1") || fail "REFUSED: disk /dev/$1 cannot be read any more, and nothing was written to it: check the disk"
    disk_is_in_use "$1" && fail "REFUSED: disk /dev/$1 $DISK_USE now, and nothing was written to it: find out what uses the disks of this machine"
    [[ $(disk_bytes "$1") == "${DISKS_BYTES[$1]}" && $(disk_self "$1") == "${DISKS_AS_IS[$1]}" &&
        $found == "${DISKS_FOUND[$1]}" ]] ||
        fail "REFUSED: disk /dev/$1 has changed since it was registered, and nothing was written to it: find out what changes the disks of this machine"
}

# disk_plan: what will be done, in one line.
disk_plan() {
    local name system='' pool=''
    for name in $(disks_system); do system+="${system:+, }$(disk_short "$name")"; done
    for name in ${POOL[@]+"${POOL[@]}"}; do pool+="${pool:+, }$(disk_short "$name")"; done
    # The wiped disks come before the list that may be cut.
    printf 'system%s on %s%s%s' "${DISK_TWIN:+ raid1}" "$system" "$DISKS_NOTE" "${pool:+; pool $POOL_WORDS on $pool}"
}

# disk_report: the plan's disks, and what happened to them, for the stage `partitioned`.
disk_report() {
    local name pool=''
    for name in ${POOL[@]+"${POOL[@]}"}; do pool+=" /dev/$name"; done
    printf '%s%s%s%s' "$DISK" "${DISK_TWIN:+ $DISK_TWIN}" "$DISKS_NOTE" "${pool:+; pool $POOL_WORDS on$pool}"
}

# disks_register: after the last 200 of the boot manager the disks may be written. The boot manager collects the names
# of all reports of an attempt, so a long list is sent in several. A list that is cut on its way would register half a
# name, which may be another disk's.
disks_register() {
    local name part='' count=0 all
    local -a chosen
    mapfile -t chosen < <(disks_chosen)
    all=${#chosen[@]}
    ((all <= DISKS_REGISTERED_MAX)) || fail "$all disks are too many to register: give a rule for those of the pool"
    say "plan: $(disk_plan)"
    for name in "${chosen[@]}"; do
        if ((${#part} + 1 + ${#DISKS_ID[$name]} > HPS_MESSAGE_MAX)); then
            stage disks "$part" plan "$count of $all disks, the others follow"
            part=''
        fi
        count=$((count + 1)) part+="${part:+,}${DISKS_ID[$name]}"
    done
    stage disks "$part" plan "$(disk_plan)"
}

# pool_refuse: fails if the new volume group could not have its name. Arrays are not assembled, so groups on them do not
# count.
pool_refuse() {
    local groups device group disk chosen
    [[ ${ANSWER[pool]} == rest || ${ANSWER[pool]} == same ]] || return 0
    # A ZFS pool is identified by its number, and no other one is imported.
    ! pool_is_zfs || return 0
    chosen=$(disks_chosen)
    groups=$(lvm pvs --noheadings --options pv_name,vg_name) ||
        fail "REFUSED: the volume groups of this machine cannot be listed, and one may be called $POOL_GROUP already; nothing was written: look at what lvm says in the log of this installation"
    while read -r device group; do
        [[ $group == "$POOL_GROUP" ]] || continue
        disk=$(lsblk --noheadings --nodeps --output PKNAME "$device") ||
            fail "REFUSED: a volume group $POOL_GROUP is on $device already, and lsblk cannot see on which disk that is; nothing was written: look at the log of this installation"
        [[ $'\n'$chosen$'\n' == *$'\n'${disk:-${device#/dev/}}$'\n'* ]] ||
            fail "REFUSED: a volume group $POOL_GROUP is on $device already, whose disk was not chosen; nothing was written: rename it (vgrename in the rescue mode), or take that disk out"
    done <<< "$groups"
}
