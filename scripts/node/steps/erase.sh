# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Erasing disks that a document of the boot manager names by their serials: `hps-erase 1`, then `key=value` lines, then
# `end`, so that a cut document is never used. A serial must be that of exactly one disk. If one is missing, or two disks
# have it, or a disk is in use, nothing is erased. A disk that can be reached by two paths has two devices with one
# serial, so it is not erased either.
# erase_method.sh erases one disk, erase_verify.sh reads what is left.

# The serials, and by serial the device that has it.
ERASE_SERIALS=()
declare -A ERASE_NAMES=()
# What the document says of this attempt.
ERASE_TEXT='' ERASE_ATTEMPT=''
# How long a missing disk is waited for, and the time without a new disk after which the others are complete.
: "${ERASE_LATE:=60}" "${ERASE_QUIET:=12}"
# The disks that were not erased, for the last report. Whether something may have been written.
ERASE_WHY='' ERASE_WROTE=no

# erase_report STEP NAME VALUE...: one report with its values. Returns as hps_request does.
erase_report() {
    local query="cmd=erase_report&mac=$HPS_MAC&token=$HPS_TOKEN&step=$1" status=0
    shift
    while (($# > 1)); do
        hps_encode "$2"
        query+="&$1=$HPS_ENCODED"
        shift 2
    done
    HPS_EXPECT=ok
    hps_request "$query" || status=$?
    HPS_EXPECT=
    return "$status"
}

# fail SENTENCE: the one way to end an erase that cannot continue. `refused` is for an erase that has written nothing.
fail() {
    local result=refused
    trap - EXIT
    [[ $ERASE_WROTE == no ]] || result=failed
    say "FAILED: $1"
    if [[ -n ${HPS_TOKEN:-} ]]; then
        erase_report end result "$result" message "$1" || say "the boot manager did not record the report (status $HPS_STATUS)"
    fi
    exit 1
}

# erase_fetch: fetches the document with the ticket of the kernel's command line.
erase_fetch() {
    [[ -n $HPS_URL && -n $HPS_TICKET ]] ||
        fail "hps.url or hps.ticket is missing on the kernel's command line or malformed: look at the boot manager's script"
    hps_request "cmd=erase&mac=$HPS_MAC&ticket=$HPS_TICKET"
    case $? in
        0) ERASE_TEXT=$HPS_BODY ;;
        1) fail "the boot manager at $HPS_URL does not answer (status $HPS_STATUS)" ;;
        *) fail "the boot manager refuses the erase (status $HPS_STATUS): ${HPS_BODY//[^[:print:]]/}" ;;
    esac
}

# erase_read: parses ERASE_TEXT, and refuses it as a whole if a line has the wrong form.
erase_read() {
    local line number=0 ended=no token='' mac='' serials=()
    local -A seen=()
    while IFS= read -r line; do
        number=$((number + 1))
        [[ $ended == no ]] || fail "the document of the erase goes on after its end (line $number)"
        if ((number == 1)); then
            [[ $line == 'hps-erase 1' ]] || fail "this node environment does not support the version of the erase: ${line//[^[:print:]]/}"
            continue
        fi
        case $line in
            mac=*) mac=${line#mac=} ;;
            attempt=*) ERASE_ATTEMPT=${line#attempt=} ;;
            token=*) token=${line#token=} ;;
            disk=*)
                line=${line#disk=}
                [[ $line =~ ^[A-Za-z0-9._:-]{1,64}$ && $line != none ]] || fail "line $number of the erase names no disk"
                [[ -z ${seen[$line]:-} ]] || fail "the erase names the serial $line twice"
                seen[$line]=1
                serials+=("$line")
                ;;
            end) ended=yes ;;
            *) fail "line $number of the erase is unknown" ;;
        esac
    # The document ends with a line end, and bash adds another one.
    done <<< "${ERASE_TEXT%$'\n'}"
    [[ $ended == yes ]] || fail "the document of the erase is incomplete"
    [[ $token =~ ^[0-9a-z.-]{1,256}$ && $ERASE_ATTEMPT =~ ^[0-9]{1,9}$ ]] || fail "the erase has no token or no attempt"
    HPS_TOKEN=$token
    [[ $mac == "$HPS_MAC" ]] || fail "the erase is for the machine ${mac//[^[:print:]]/}, and this machine is $HPS_MAC"
    ((${#serials[@]} >= 1 && ${#serials[@]} <= 64)) || fail "the erase names ${#serials[@]} disks"
    ERASE_SERIALS=("${serials[@]}")
    say "to be erased: the disks with the serials ${ERASE_SERIALS[*]} (attempt $ERASE_ATTEMPT)"
}

# erase_find: finds the disks, and fails before the first write if one of them cannot be erased.
erase_find() {
    local serial name started=$SECONDS changed=$SECONDS now names=''
    while :; do
        settle_disks
        erase_look
        now=$(disk_names) || fail "the kernel's list of disks cannot be read; nothing was erased"
        [[ $now == "$names" ]] || names=$now changed=$SECONDS
        ((SECONDS - changed < ERASE_QUIET)) || [[ -n $ERASE_MISSING ]] || break
        ((SECONDS - started < ERASE_LATE)) || break
        sleep 1
    done
    [[ -z $ERASE_MISSING ]] || fail "no disk has the serial $ERASE_MISSING; nothing was erased: compare it with host-state hardware"
    for serial in "${ERASE_SERIALS[@]}"; do
        name=${ERASE_NAMES[$serial]}
        [[ $name != *' '* ]] ||
            fail "several devices (${name// /, }) have the serial $serial, so it names no disk; nothing was erased"
        erase_may "$serial" "$name"
    done
}

# erase_look: sets ERASE_NAMES, with blanks between several devices, and ERASE_MISSING.
ERASE_MISSING=''
erase_look() {
    local names name serial
    ERASE_NAMES=() ERASE_MISSING=''
    names=$(disk_names) || fail "the kernel's list of disks cannot be read; nothing was erased"
    for name in $names; do
        serial=$(disk_serial "$name") || fail "the serial of disk /dev/$name cannot be read; nothing was erased"
        ERASE_NAMES[$serial]+="${ERASE_NAMES[$serial]:+ }$name"
    done
    for serial in "${ERASE_SERIALS[@]}"; do
        [[ -n ${ERASE_NAMES[$serial]:-} ]] || ERASE_MISSING+="${ERASE_MISSING:+, }$serial"
    done
}

erase_so_far() {
    if [[ $ERASE_WROTE == no ]]; then printf 'nothing was erased'; else printf 'other disks were erased before'; fi
}

# erase_may SERIAL NAME: fails if the disk cannot be erased. A disk from which this system runs, or with a mounted file
# system, is in use.
erase_may() {
    local obstacle
    obstacle=$(disk_obstacle "$2")
    [[ -z $obstacle ]] || fail "disk /dev/$2 (serial $1) cannot be erased: $obstacle; $(erase_so_far)"
    ! disk_in_use "$2" || fail "disk /dev/$2 (serial $1) $DISK_USE; $(erase_so_far)"
}

# erase_all: one disk after the other. A disk that fails does not keep the others from being erased.
erase_all() {
    local serial
    for serial in "${ERASE_SERIALS[@]}"; do erase_disk "$serial" "${ERASE_NAMES[$serial]}"; done
}

# erase_disk SERIAL NAME: erases it, verifies that and reports it. It looks again first: another disk may have the name.
erase_disk() {
    local serial=$1 name=$2 bytes model self result=failed started=$SECONDS
    self=$(disk_serial "$name") || self=''
    [[ $self == "$serial" ]] || fail "disk /dev/$name is not the disk with the serial $serial any more"
    bytes=$(disk_bytes "$name") || fail "the size of disk /dev/$name cannot be read"
    erase_may "$serial" "$name"
    model=$(sys_read "$SYS/block/$name/device/model")
    read -r model <<< "$model"
    say "erasing disk /dev/$name (serial $serial${model:+, $model}, $(gibibytes "$bytes"))"
    erase_report progress message "disk $serial begins" || fail "the boot manager does not record the erase (status $HPS_STATUS)"
    erase_remember "$name" "$bytes" || { erase_disk_ended "$serial" "$model" "$bytes" none no "it cannot be read before the erase" "$started"; return; }
    ERASE_WROTE=yes
    if erase_by_method "$name" "$bytes"; then result=erased; else ERASE_VERIFIED=no; fi
    [[ $result == erased ]] || ERASE_NOTE=${ERASE_NOTE:-no method erased it}
    erase_disk_ended "$serial" "$model" "$bytes" "$ERASE_METHOD" "$ERASE_VERIFIED" "$ERASE_NOTE" "$started"
}

# erase_disk_ended SERIAL MODEL BYTES METHOD VERIFIED NOTE STARTED: the protocol of one disk.
erase_disk_ended() {
    local result=erased
    [[ $5 != no ]] || result=failed
    say "disk with the serial $1: $result by $4 in $((SECONDS - $7)) s, verified: $5${6:+; $6}"
    [[ $result == erased ]] || ERASE_WHY+="${ERASE_WHY:+; }$1: ${6:-not verified}"
    HPS_TRIES=40
    erase_report disk disk "$1" model "$2" bytes "$3" method "$4" seconds "$((SECONDS - $7))" verified "$5" result "$result" message "$6" ||
        fail "the boot manager did not record the erase of disk $1 (status $HPS_STATUS)"
}

# erase_end: the last report.
erase_end() {
    [[ -z $ERASE_WHY ]] || fail "$ERASE_WHY"
    HPS_TRIES=40
    erase_report end result erased message '' || fail "the boot manager did not record the end of the erase (status $HPS_STATUS)"
    say "all disks are erased"
}
