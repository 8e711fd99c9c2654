# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Anaconda's logs: which parts go to the boot manager, without secrets, and what they say about its own errors. Compiled
# into each script of a kickstart that Anaconda runs outside the new system, after common.sh.

# Where Anaconda writes, and where the new system is.
: "${LOGS:=/tmp}"
: "${ROOT:=/mnt/sysroot}"
# The most useful for a failed installation comes last, because a long log is cut at its beginning.
ANACONDA_LOGS=(lvm.log dnf.librepo.log program.log packaging.log storage.log anaconda.log)
# How much of the end of each is sent. hps_log limits the sum.
LOG_PART=120000

# log_clean: a text without the token of this attempt and without the ticket of the kernel's command line.
log_clean() {
    sed -E -e 's/\b(token|ticket)=[0-9A-Za-z._-]+/\1=.../g' -e "s/${HPS_TOKEN//./\\.}/.../g"
}

# log_part FILE: its end, with its name.
log_part() {
    [[ -s $1 ]] || return 0
    printf '\n==== the end of %s\n' "$1"
    tail -c "$LOG_PART" "$1"
}

# logs_send FILE [all]: sends FILE after the output of the scripts, and with `all` every log of Anaconda.
logs_send() {
    local file sent=$1.sent
    {
        [[ ${2:-} != all ]] || for file in "${ANACONDA_LOGS[@]}"; do log_part "$LOGS/$file"; done
        for file in "$LOGS"/hps-pre*.log "$LOGS"/hps-post.log "$ROOT"/root/hps-post.log "$1"; do log_part "$file"; done
    } | log_clean > "$sent" && hps_log "$sent"
}

# anaconda_reason: prints why Anaconda gave up: the newest error of its storage, otherwise what ended its process. The
# last line of anaconda.log is about its next action, such as `%onerror`.
anaconda_reason() {
    local reason
    reason=$(sed -n 's/^ERROR:anaconda[^:]*: *//p' "$LOGS/storage.log" 2> /dev/null | tail -n 1)
    [[ -n $reason ]] || reason=$(anaconda_exception)
    printf '%s' "${reason:-$LOGS/storage.log and $LOGS/anaconda.log have no reason}" | log_clean
}

# anaconda_exception: the exception of the last critical entry of anaconda.log. The entry is a traceback of several
# lines; the exception is the line without indent after its last header. An entry begins with the time.
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
