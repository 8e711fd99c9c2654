# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The answer file: what this machine becomes. It has `hps-answer 3` or `4` (with a ZFS pool), then `key=value` lines,
# then `end`, so that a cut file is never used. Each value is checked line by line. Nothing in it is run, except the
# site's own scripts in the new system. `file=MODE PATH` and `script=NAME` begin a file of the new system, and the
# following `line=` are its lines. The file is only in the memory of this process, never on a disk, because it has the
# attempt's token.

ANSWER_TEXT=''
declare -A ANSWER=()
# Files (`MODE PATH`) and scripts (`SCRIPT NAME`) of the new system; the text is at the same index.
ANSWER_FILES=() ANSWER_TEXTS=() ANSWER_SERVICES=() ANSWER_PACKAGES=() ANSWER_ARGUMENTS=()
ANSWER_MAY_WIPE=() ANSWER_WIPE=() ANSWER_KNOWN=() ANSWER_SSH_KEYS=() ANSWER_CONSOLES=()
# What the system's disk must be, and those of the pool (steps/disk_rule.sh).
ANSWER_SYSTEM_CONDITIONS=() ANSWER_POOL_CONDITIONS=()

# answer_fetch: fetches it with the ticket of the kernel's command line.
answer_fetch() {
    [[ -n $HPS_URL && -n $HPS_TICKET ]] ||
        fail "hps.url or hps.ticket is missing on the kernel's command line or malformed: look at the boot manager's iPXE script"
    hps_request "cmd=answer&mac=$HPS_MAC&ticket=$HPS_TICKET"
    case $? in
        0) ANSWER_TEXT=$HPS_BODY ;;
        1) fail "the boot manager at $HPS_URL does not answer (status $HPS_STATUS)" ;;
        *) fail "the boot manager refuses the answer file (status $HPS_STATUS): ${HPS_BODY//[^[:print:]]/}" ;;
    esac
}

# answer_read: parses ANSWER_TEXT, and refuses it as a whole if a line has the wrong form.
answer_read() {
    local line plain number=0 ended=no
    while IFS= read -r line; do
        number=$((number + 1))
        [[ $ended == no ]] || fail "the answer file goes on after its end (line $number)"
        # The text of a file may have tabs and letters of any alphabet.
        if [[ $line == line=* ]]; then plain=${line//$'\t'/}; else plain=${line//[^[:ascii:]]/$'\177'}; fi
        [[ $plain != *[[:cntrl:]]* ]] || fail "the answer file has a control character in line $number"
        if ((number == 1)); then
            [[ $line == 'hps-answer '[34] ]] || fail "this node environment does not support the version of the answer file: build the environment again"
        elif [[ $line == end ]]; then
            ended=yes
        elif [[ $line == *=* ]]; then
            answer_value "${line%%=*}" "${line#*=}"
        else
            fail "the answer file is malformed in line $number"
        fi
    done <<< "${ANSWER_TEXT%$'\n'}"
    ANSWER_TEXT=''
    [[ $ended == yes ]] || fail "the answer file is incomplete: it does not end with its end line"
    answer_complete
    HPS_URL=${ANSWER[url]}
    say "answer read: ${ANSWER[host_name]}.${ANSWER[domain]} ${ANSWER[host_type]} ${ANSWER[profile]}"
}

# answer_value KEY VALUE: what each key may have. Unknown keys are for newer environments. The token is used at once, so
# that an error in the rest can be reported.
answer_value() {
    local key=$1 value=$2 label='[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?'
    # shellcheck disable=SC2016 # The dollar signs of root_password are those of crypt(3).
    case $key in
        mac) answer_keep '^[0-9a-f]{12}$' ;;
        cluster) answer_keep '^[A-Za-z0-9_-]{1,64}$' ;;
        host_name) answer_keep "^$label\$" ;;
        domain) answer_keep "^$label(\\.$label)*\$" ;;
        host_type) answer_keep '^[A-Z][A-Z0-9]{0,7}$' ;;
        profile) answer_keep '^[A-Za-z0-9_-]{0,64}$' ;;
        attempt) answer_keep '^[0-9]{1,9}$' ;;
        token) answer_keep '^[0-9A-Za-z._-]{1,512}$' && HPS_TOKEN=$value ;;
        url | image_url) answer_check is_url "$value" && ANSWER[$key]=$value ;;
        address) answer_check is_address_with_prefix "$value" && ANSWER[$key]=$value ;;
        image_sha256) answer_keep '^[0-9a-f]{64}$' ;;
        image_size | image_unpacked | disk_min_bytes) answer_keep '^[1-9][0-9]{0,15}$' ;;
        root_gib | swap_gib) answer_keep '^[1-9][0-9]{0,6}$' ;;
        memory_min_mib) answer_keep '^[0-9]{1,9}$' ;;
        require_blank | mirror) answer_keep '^(yes|no)$' ;;
        pool) answer_keep '^(none|same|rest)$' ;;
        volumes) answer_keep '^(lvm|zfs)$' ;;
        pool_level) answer_keep '^(auto|raid1|raid5|raid6|raid10)$' ;;
        # As the administrator wrote it, for messages.
        system_rule | pool_rule) answer_keep '^[A-Za-z0-9._:/*=-]+( [A-Za-z0-9._:/*=-]+)*$' ;;
        system_order) answer_keep '^(smallest|largest)$' ;;
        system_conditions | pool_conditions) answer_keep '^[1-9][0-9]{0,2}$' ;;
        system_condition) answer_check condition_is_known "$value" && ANSWER_SYSTEM_CONDITIONS+=("$value") ;;
        pool_condition) answer_check condition_is_known "$value" && ANSWER_POOL_CONDITIONS+=("$value") ;;
        disk_mark) answer_keep '^[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}$' ;;
        may_wipe) answer_check matches '^[A-Za-z0-9._:-]{1,64}$' && ANSWER_MAY_WIPE+=("$value") ;;
        # The disks of its last system: the installation waits for them.
        known_disk) answer_check matches '^[A-Za-z0-9._:-]{1,64}$' && ANSWER_KNOWN+=("$value") ;;
        # A disk without a serial is called `none`, so `none` names no disk.
        wipe) answer_check matches '^[A-Za-z0-9._:-]{1,64}$' && answer_check test "$value" != none && ANSWER_WIPE+=("$value") ;;
        admin_user) answer_keep '^[a-z_][a-z0-9_-]{0,31}$' ;;
        ssh_key) answer_check matches '^[a-z0-9@.-]+ [A-Za-z0-9+/=]+( .*)?$' && ANSWER_SSH_KEYS+=("$value") ;;
        root_password) answer_keep '^(!|\$[56y]\$[A-Za-z0-9./$=]{1,200})$' ;;
        timezone) answer_keep '^[A-Za-z0-9_+-]+(/[A-Za-z0-9_+-]+)*$' ;;
        keyboard) answer_keep '^[a-z]{2,8}$' ;;
        service) answer_check matches '^[A-Za-z0-9@:._-]{1,128}\.(service|socket|timer|target)$' && ANSWER_SERVICES+=("$value") ;;
        file)
            answer_check matches '^0[0-7]{3} [A-Za-z0-9][A-Za-z0-9._@/-]{0,200}$' && answer_check not_upwards
            ANSWER_FILES+=("$value") ANSWER_TEXTS+=('')
            ;;
        script)
            answer_check matches '^[a-z0-9][a-z0-9_-]{0,63}/[A-Za-z0-9][A-Za-z0-9._-]{0,63}$'
            ANSWER_FILES+=("SCRIPT $value") ANSWER_TEXTS+=('')
            ;;
        package) answer_check matches '^[A-Za-z0-9][A-Za-z0-9.+_-]{0,127}$' && ANSWER_PACKAGES+=("$value") ;;
        kernel_argument) answer_check matches '^[A-Za-z0-9._=,:/+@^~*()-]{1,200}$' && ANSWER_ARGUMENTS+=("$value") ;;
        line)
            answer_check test "${#ANSWER_FILES[@]}" -gt 0
            ANSWER_TEXTS[-1]+=$value$'\n'
            ;;
        boot_order) answer_keep '^(network|disk)$' ;;
        console) answer_check matches '^tty[A-Z]*[0-9]+(,[0-9]+[noe]?[78]?r?)?$' && ANSWER_CONSOLES+=("$value") ;;
    esac
}

# answer_keep PATTERN: keeps the value of answer_value when it matches.
answer_keep() {
    answer_check matches "$1" && ANSWER[$key]=$value
}

matches() { [[ $value =~ $1 ]]; }

not_upwards() { [[ /${value#* }/ != */../* ]]; }

# answer_check COMMAND...: fails if the command refuses the value.
answer_check() {
    "$@" || fail "the answer file has a value for $key that is not allowed (line $number)"
}

# answer_complete: everything that the steps need is there and is for this machine.
answer_complete() {
    local key
    for key in mac cluster host_name domain host_type attempt token url address image_url image_sha256 image_size image_unpacked \
        disk_min_bytes require_blank disk_mark system_rule system_order system_conditions pool admin_user timezone; do
        [[ -n ${ANSWER[$key]:-} ]] || fail "the answer file has no $key"
    done
    # A lost line could be the one that excludes a disk.
    answer_conditions "${ANSWER[system_conditions]}" "${#ANSWER_SYSTEM_CONDITIONS[@]}" system_condition
    [[ ${ANSWER[pool]} != rest || -n ${ANSWER[pool_conditions]:-} ]] || fail "the answer file has no pool_conditions"
    answer_conditions "${ANSWER[pool_conditions]:-0}" "${#ANSWER_POOL_CONDITIONS[@]}" pool_condition
    [[ ${ANSWER[mac]} == "$HPS_MAC" ]] || fail "the answer file is for ${ANSWER[mac]}, and this machine is $HPS_MAC"
    : "${ANSWER[profile]:=}" "${ANSWER[root_password]:=!}" "${ANSWER[boot_order]:=network}" "${ANSWER[keyboard]:=us}" "${ANSWER[mirror]:=no}" "${ANSWER[root_gib]:=}" "${ANSWER[swap_gib]:=}" "${ANSWER[pool_level]:=auto}" "${ANSWER[volumes]:=lvm}" "${ANSWER[pool_rule]:=}"
}

# answer_conditions COUNT FOUND KEY: fails if a condition is missing.
answer_conditions() {
    (($1 == $2)) || fail "the answer file has $2 lines of $3, and should have $1"
}
