# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Anaconda's logs: what of them goes to the boot manager, without what opens a door there, and what they say of its own errors. Compiled
# into each script of a kickstart that Anaconda runs outside of the new system, behind common.sh.

# Where Anaconda writes, and where the new system is.
: "${LOGS:=/tmp}"
: "${ROOT:=/mnt/sysroot}"
# By what they tell of an installation that failed, the best last: what is too long is cut at the beginning.
ANACONDA_LOGS=(lvm.log dnf.librepo.log program.log packaging.log storage.log anaconda.log)
# How much of the end of each is sent. The sum is bounded by hps_log.
LOG_PART=120000

# log_clean: a text without the token of this attempt and without the ticket that the kernel's command line has.
log_clean() {
    sed -E -e 's/\b(token|ticket)=[0-9A-Za-z._-]+/\1=.../g' -e "s/${HPS_TOKEN//./\\.}/.../g"
}

# log_part FILE: its end, with its name.
log_part() {
    [[ -s $1 ]] || return 0
    printf '\n==== the end of %s\n' "$1"
    tail -c "$LOG_PART" "$1"
}

# logs_send FILE [all]: sends FILE, behind what scripts printed, and all of Anaconda's logs where that is asked for.
logs_send() {
    local file sent=$1.sent
    {
        [[ ${2:-} != all ]] || for file in "${ANACONDA_LOGS[@]}"; do log_part "$LOGS/$file"; done
        for file in "$LOGS"/hps-pre*.log "$LOGS"/hps-post.log "$ROOT"/root/hps-post.log "$1"; do log_part "$file"; done
    } | log_clean > "$sent" && hps_log "$sent"
}

# anaconda_reason: prints why Anaconda gave up: the newest error of its storage, else what ended its process. The last line of anaconda.log
# is about what it does next, as running `%onerror`.
anaconda_reason() {
    local reason
    reason=$(sed -n 's/^ERROR:anaconda[^:]*: *//p' "$LOGS/storage.log" 2> /dev/null | tail -n 1)
    [[ -n $reason ]] || reason=$(anaconda_exception)
    printf '%s' "${reason:-it left no word in $LOGS/storage.log and $LOGS/anaconda.log}" | log_clean
}

# anaconda_exception: the exception of the last critical entry of anaconda.log, which is a traceback of several lines: what is not
# indented behind its last header. An entry begins with the time.
anaconda_exception() {
    local line critical='' words=''
    local entry='^([0-9-]+[ T])?[0-9]{2}:[0-9]{2}:[0-9]{2},[0-9]+ ([A-Z]+) [^:]*: *(.*)$'
    while IFS= read -r line; do
        if [[ $line =~ $entry ]]; then
            critical=''
            [[ ${BASH_REMATCH[2]} != CRT ]] || critical=yes words=''
            line=${BASH_REMATCH[3]}
        fi
        [[ -n $critical ]] || continue
        case $line in
            'Traceback '*) words='' ;;
            '' | [[:space:]]*) ;;
            *) words+="${words:+ }$line" ;;
        esac
    done < <(cat "$LOGS/anaconda.log" 2> /dev/null)
    printf '%s' "$words"
}
