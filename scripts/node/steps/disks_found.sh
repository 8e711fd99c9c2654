# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The disks that were found, and their names. A WWN identifies a disk: two devices with one WWN are two paths to one
# disk, and disks with one serial and two WWNs are two disks. A WWN that devices with different serials or sizes report
# is an error of theirs and no name. The name of a disk for operators, registrations and messages is its serial if no
# other disk has that serial, otherwise its WWN; both are accepted everywhere. Two disks that share a serial may be one
# disk if one of them has no WWN: that serial names neither.

# Their names, in the order of their places, which is the same at every start. A disk that appears later is not among
# them.
DISKS=()
# By name: bytes, bus, path; the serial that it reports (or `none`), its WWN (or nothing); the WWN as a name of at most
# 64 characters; its identity, the same for each path to it; and the name for its registration, or `none`.
declare -A DISKS_BYTES=() DISKS_BUS=() DISKS_PATH=() DISKS_SAID=() DISKS_WWN=() DISKS_SHORT=() DISKS_SELF=() DISKS_ID=()
# By name: its model, and whether it turns (disk_model, disk_kind).
declare -A DISKS_MODEL=() DISKS_KIND=()
# By name: the WWN that it reports, also an untrusted one or one of zeros; and the other devices that are or may be the
# same disk (disks_also).
declare -A DISKS_SAID_WWN=() DISKS_ALSO=()
# By name: why it cannot be written at all; and the result of disk_self.
declare -A DISKS_OBSTACLE=() DISKS_AS_IS=()
# By name: 1 where a rule would have to name it, by its bus or by a name of its own (disk_fits).
declare -A DISKS_UNNAMED=()
# By serial and by WWN: the disks that have it, one name of each.
declare -A DISKS_BY=()

# disks_look: the disks that exist now.
disks_look() {
    local names name wwn id
    local -A seen=()
    names=$(disk_names) || fail "the kernel's list of disks ($SYS/block) cannot be read; nothing was written: look at the log of this installation"
    DISKS=() DISKS_BYTES=() DISKS_BUS=() DISKS_PATH=() DISKS_SAID=() DISKS_WWN=() DISKS_SHORT=() DISKS_SELF=() DISKS_ID=() DISKS_OBSTACLE=() DISKS_AS_IS=() DISKS_BY=()
    DISKS_SAID_WWN=() DISKS_ALSO=() DISKS_UNNAMED=() DISKS_MODEL=() DISKS_KIND=()
    for name in $names; do
        DISKS_OBSTACLE[$name]=$(disk_obstacle "$name")
        # An unknown value could be one that a rule excludes, or the proof that this is another path to a disk. So the
        # disk is not chosen.
        DISKS_BYTES[$name]=$(disk_bytes "$name") || disk_unread "$name" size 0
        DISKS_PATH[$name]=$(disk_path "$name") || disk_unread "$name" path
        DISKS_BUS[$name]=$(disk_bus "$name") || disk_unread "$name" bus other
        DISKS_SAID[$name]=$(disk_serial "$name") || disk_unread "$name" serial none
        DISKS_MODEL[$name]=$(disk_model "$name") || disk_unread "$name" model
        DISKS_KIND[$name]=$(disk_kind "$name") || disk_unread "$name" kind
        wwn=$(disk_wwn "$name") || disk_unread "$name" WWN
        DISKS_AS_IS[$name]=${DISKS_SAID[$name]}${wwn:+/$wwn} DISKS_SAID_WWN[$name]=$wwn
        wwn_names "$wwn" || wwn=''
        DISKS_WWN[$name]=$wwn DISKS_SHORT[$name]=$(wwn_short "$wwn") DISKS_SELF[$name]=${wwn:-/dev/$name}
    done
    disks_distrust
    disks_also
    mapfile -t DISKS < <(
        for name in "${!DISKS_PATH[@]}"; do printf '%s\t%s\n' "$(by_number "${DISKS_PATH[$name]} $name")" "$name"; done |
            LC_ALL=C sort | cut -f 2
    )
    for name in ${DISKS[@]+"${DISKS[@]}"}; do
        [[ -z ${seen[${DISKS_SELF[$name]}]:-} ]] || continue
        seen[${DISKS_SELF[$name]}]=$name
        for id in "${DISKS_SAID[$name]}" "${DISKS_SHORT[$name]}"; do
            # A disk without a serial has the first.
            [[ -z $id || $id == none || " ${DISKS_BY[$id]:-} " == *" $name "* ]] || DISKS_BY[$id]+=" $name"
        done
    done
    for name in ${DISKS[@]+"${DISKS[@]}"}; do
        DISKS_ID[$name]=${DISKS_SAID[$name]}
        disks_with "${DISKS_SAID[$name]}"
        ((${#DISKS_WITH[@]} == 1)) || DISKS_ID[$name]=${DISKS_SHORT[$name]:-none}
    done
}

# disk_unread NAME WHAT [INSTEAD]: this value of it could not be read.
disk_unread() {
    DISKS_OBSTACLE[$1]="its $2 cannot be read"
    case $2 in
        size) DISKS_BYTES[$1]=$3 ;;
        path) DISKS_PATH[$1]='' ;;
        bus) DISKS_BUS[$1]=$3 ;;
        serial) DISKS_SAID[$1]=$3 ;;
        model) DISKS_MODEL[$1]='' ;;
        kind) DISKS_KIND[$1]='' ;;
        WWN) wwn='' ;;
    esac
}

# disks_distrust: removes WWNs that different disks report.
disks_distrust() {
    local name wwn
    local -A serial=() bytes=() wrong=()
    for name in "${!DISKS_WWN[@]}"; do
        wwn=${DISKS_WWN[$name]}
        [[ -n $wwn ]] || continue
        [[ -z ${bytes[$wwn]:-} || ${bytes[$wwn]} == "${DISKS_BYTES[$name]}" ]] || wrong[$wwn]=1
        bytes[$wwn]=${DISKS_BYTES[$name]}
        [[ ${DISKS_SAID[$name]} != none ]] || continue
        [[ -z ${serial[$wwn]:-} || ${serial[$wwn]} == "${DISKS_SAID[$name]}" ]] || wrong[$wwn]=1
        serial[$wwn]=${DISKS_SAID[$name]}
    done
    for name in "${!DISKS_WWN[@]}"; do
        wwn=${DISKS_WWN[$name]}
        [[ -n $wwn && -n ${wrong[$wwn]:-} ]] || continue
        say "disk /dev/$name reports the WWN $wwn, like disks with another serial or size: the WWN is not used"
        DISKS_WWN[$name]='' DISKS_SHORT[$name]='' DISKS_SELF[$name]=/dev/$name
    done
}

# disks_also: sets DISKS_ALSO, for words that exclude a disk. Devices that report one WWN may be one disk, even if their
# serials or sizes differ: a standby path may report no size. Devices that report one serial may be one disk, unless two
# trusted WWNs distinguish them.
disks_also() {
    local name path other self serial others
    local -A by_self=() by_wwn=() by_serial=() by_bare=()
    for name in "${!DISKS_SELF[@]}"; do
        serial=${DISKS_SAID[$name]:-none}
        by_self[${DISKS_SELF[$name]}]+=" $name"
        [[ -z ${DISKS_SAID_WWN[$name]} ]] || by_wwn[${DISKS_SAID_WWN[$name]}]+=" $name"
        by_serial[$serial]+=" $name"
        [[ -n ${DISKS_WWN[$name]} ]] || by_bare[$serial]+=" $name"
    done
    for name in "${!DISKS_SELF[@]}"; do
        self=${DISKS_SELF[$name]} others=''
        for path in ${by_self[$self]}; do
            serial=${DISKS_SAID[$path]:-none}
            [[ -z ${DISKS_SAID_WWN[$path]} ]] || others+=${by_wwn[${DISKS_SAID_WWN[$path]}]}
            [[ $serial != none ]] || continue
            if [[ -n ${DISKS_WWN[$path]} ]]; then others+=${by_bare[$serial]:-}; else others+=${by_serial[$serial]}; fi
        done
        DISKS_ALSO[$name]=' '
        for other in $others; do
            [[ $other == "$name" || ${DISKS_ALSO[$name]} == *" $other "* ]] || DISKS_ALSO[$name]+="$other "
        done
    done
}

# by_number TEXT: gives every number as many digits, so that sort puts 10 after 9 (busybox has no other way).
by_number() {
    local rest=$1 text='' digits
    while [[ $rest =~ ^([^0-9]*)([0-9]+)(.*)$ ]]; do
        text+=${BASH_REMATCH[1]} digits=${BASH_REMATCH[2]} rest=${BASH_REMATCH[3]}
        while ((${#digits} < 8)); do digits=0$digits; done
        text+=$digits
    done
    printf '%s' "$text$rest"
}

# wwn_form TEXT: sets WWN_FORM to a WWN as the kernel writes it. Accepts the forms of `lsblk` and /dev/disk/by-id.
wwn_form() {
    WWN_FORM=${1,,}
    WWN_FORM=${WWN_FORM#wwn-}
    [[ $WWN_FORM != 0x* ]] || WWN_FORM=naa.${WWN_FORM#0x}
}

# wwn_short WWN: at most 64 characters, which the wire accepts as a name. WWNs of old NVMe drives have vendor, serial,
# model and namespace; they are longer and differ at their end. They keep their beginning, and a digest replaces the
# rest.
wwn_short() {
    local text=${1,,} digest
    if ((${#text} > 64)); then
        read -r digest _ < <(printf '%s' "$text" | sha256sum)
        text=${text:0:23}-${digest:0:40}
    fi
    printf '%s' "$text"
}

# disks_tell: the log has everything that a rule can name.
disks_tell() {
    local name
    for name in ${DISKS[@]+"${DISKS[@]}"}; do
        say "found disk /dev/$name, serial ${DISKS_SAID[$name]}, $(gibibytes "${DISKS_BYTES[$name]}")${DISKS_WWN[$name]:+, wwn ${DISKS_WWN[$name]}}, path ${DISKS_PATH[$name]}, bus ${DISKS_BUS[$name]}"
    done
}

# disks_seen: for a sentence: the disks that were found, then those that a rule would have to name.
disks_seen() {
    local name named='' unnamed=''
    for name in ${DISKS[@]+"${DISKS[@]}"}; do
        [[ -z ${DISKS_OBSTACLE[$name]} ]] || continue
        if [[ -n ${DISKS_UNNAMED[$name]:-} ]]; then
            unnamed+="${unnamed:+,} /dev/$name by bus=${DISKS_BUS[$name]}"
        else
            named+=" /dev/$name=$(gibibytes "${DISKS_BYTES[$name]}")"
        fi
    done
    printf '(disks:%s%s)%s' "${named:- none}" "${1:-}" "${unnamed:+; a rule has to name$unnamed}"
}

# disks_with ID: sets DISKS_WITH to the disks that a serial or a WWN names, one name of each.
disks_with() {
    local id=$1
    [[ -n ${DISKS_BY[$id]:-} ]] || { wwn_form "$id" && id=$WWN_FORM; }
    read -r -a DISKS_WITH <<< "${DISKS_BY[$id]:-}"
}

# disk_has NAME ID: whether that serial or WWN names only this disk.
disk_has() {
    disks_with "$2"
    ((${#DISKS_WITH[@]} == 1)) && [[ ${DISKS_SELF[${DISKS_WITH[0]}]} == "${DISKS_SELF[$1]}" ]]
}

# disk_paths NAME: each device that is this disk.
disk_paths() {
    local name
    for name in "${!DISKS_SELF[@]}"; do
        [[ ${DISKS_SELF[$name]} != "${DISKS_SELF[$1]}" ]] || printf '%s\n' "$name"
    done
}

# disk_named_by ID: its name in a sentence.
disk_named_by() {
    wwn_form "$1"
    case $WWN_FORM in naa.* | eui.* | uuid.* | nvme.* | t10.*) printf 'WWN %s' "$1" ;; *) printf 'serial %s' "$1" ;; esac
}

# disk_words NAME: with the WWN if the serial alone does not name it.
disk_words() {
    local name="serial ${DISKS_ID[$1]}"
    [[ ${DISKS_ID[$1]} == none || ${DISKS_ID[$1]} == "${DISKS_SAID[$1]}" ]] || name="serial ${DISKS_SAID[$1]}, wwn ${DISKS_ID[$1]}"
    printf 'disk /dev/%s (%s, %s)' "$1" "$name" "$(gibibytes "${DISKS_BYTES[$1]}")"
}

disk_short() { printf '/dev/%s (%s, %s)' "$1" "${DISKS_ID[$1]}" "$(gibibytes "${DISKS_BYTES[$1]}")"; }
