#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Reporting to the boot manager: one stage of an installation, and the end of its log.
# Sourced by the node environment and compiled into kickstarts, so it is POSIX sh and needs only curl.
# It reads HPS_URL, HPS_MAC and HPS_TOKEN. Values are only passed on as quoted data.
# A message is ASCII on the wire: every other byte becomes `?`.

# How long one report is tried. Waits between tries: 1 2 4 8 15 15 ... seconds.
: "${HPS_TRIES:=8}"
: "${HPS_CONNECT_SECONDS:=5}"
: "${HPS_REPLY_SECONDS:=20}"

# The expected reply; any reply, if this is empty.
HPS_EXPECT=

# The wire's bounds: longer messages and logs are cut, not refused.
HPS_MESSAGE_MAX=1000
HPS_LOG_MAX=1000000

# hps_say TEXT: one line on every console that the kernel writes to.
hps_say() {
    hps_consoles=
    read -r hps_consoles < /sys/class/tty/console/active || hps_consoles=console
    for hps_console in $hps_consoles; do
        [ -w "/dev/$hps_console" ] && printf '%s\n' "$1" > "/dev/$hps_console"
    done 2> /dev/null
    return 0
}

# hps_encode TEXT: percent-encodes into HPS_ENCODED, without starting a program for each character.
hps_encode() {
    hps_rest=$1
    HPS_ENCODED=
    hps_length=0
    while [ -n "$hps_rest" ] && [ "$hps_length" -lt "$HPS_MESSAGE_MAX" ]; do
        hps_char=${hps_rest%"${hps_rest#?}"}
        hps_rest=${hps_rest#?}
        hps_length=$((hps_length + 1))
        case $hps_char in
            [abcdefghijklmnopqrstuvwxyz]) ;;
            [ABCDEFGHIJKLMNOPQRSTUVWXYZ]) ;;
            [0123456789._~-]) ;;
            ' ') hps_char=%20 ;;
            '!') hps_char=%21 ;;
            '"') hps_char=%22 ;;
            '#') hps_char=%23 ;;
            '$') hps_char=%24 ;;
            '%') hps_char=%25 ;;
            '&') hps_char=%26 ;;
            "'") hps_char=%27 ;;
            '(') hps_char=%28 ;;
            ')') hps_char=%29 ;;
            '*') hps_char=%2A ;;
            '+') hps_char=%2B ;;
            ',') hps_char=%2C ;;
            '/') hps_char=%2F ;;
            ':') hps_char=%3A ;;
            ';') hps_char=%3B ;;
            '<') hps_char=%3C ;;
            '=') hps_char=%3D ;;
            '>') hps_char=%3E ;;
            '@') hps_char=%40 ;;
            '[') hps_char=%5B ;;
            \\) hps_char=%5C ;;
            ']') hps_char=%5D ;;
            '^') hps_char=%5E ;;
            '`') hps_char=%60 ;;
            '{') hps_char=%7B ;;
            '|') hps_char=%7C ;;
            '}') hps_char=%7D ;;
            *) hps_char=%3F ;;
        esac
        HPS_ENCODED=$HPS_ENCODED$hps_char
    done
}

# hps_request QUERY [CURL-OPTION...]: one request, tried until it is answered. Leaves the status in HPS_STATUS (000: no
# answer) and the body of the answer in HPS_BODY. Returns 0 for a 200 with the expected reply, 2 for a refusal that
# another try would not change, 1 when no answer came in time.
hps_request() {
    hps_query=$1
    shift
    hps_try=0
    hps_wait=1
    while :; do
        hps_curl=0
        HPS_BODY=$(curl --silent --globoff --noproxy '*' --max-redirs 0 --max-filesize 262144 \
            --connect-timeout "$HPS_CONNECT_SECONDS" --max-time "$HPS_REPLY_SECONDS" \
            --write-out '\n%{http_code}' "$@" -- "$HPS_URL?$hps_query") || hps_curl=$?
        HPS_STATUS=${HPS_BODY##*'
'}
        HPS_BODY=${HPS_BODY%'
'*}
        # A reply that was cut also has a status.
        [ "$hps_curl" -eq 0 ] || HPS_STATUS=000
        case $HPS_STATUS in
            200)
                # If something else than the boot manager answers, the report was not recorded.
                case $HPS_EXPECT in '' | "$HPS_BODY" | "${HPS_BODY%?}") return 0 ;; esac
                HPS_STATUS=000
                ;;
            [34]??) return 2 ;;
            [0-9][0-9][0-9]) ;;
            *) HPS_STATUS=000 ;;
        esac
        hps_try=$((hps_try + 1))
        [ "$hps_try" -ge "$HPS_TRIES" ] && return 1
        sleep "$hps_wait"
        hps_wait=$((hps_wait * 2))
        [ "$hps_wait" -gt 15 ] && hps_wait=15
    done
}

# hps_event STAGE MESSAGE [NAME VALUE]: reports a stage and its value: the `plan` of `disks`, the `host_key` of
# `configured`. It may be repeated after a lost reply. Returns as hps_request does.
hps_event() {
    hps_encode "$2"
    hps_event="cmd=event&mac=$HPS_MAC&token=$HPS_TOKEN&stage=$1&message=$HPS_ENCODED"
    if [ -n "${3:-}" ]; then
        hps_encode "${4:-}"
        hps_event="$hps_event&$3=$HPS_ENCODED"
    fi
    HPS_EXPECT=ok
    hps_status=0
    hps_request "$hps_event" || hps_status=$?
    HPS_EXPECT=
    return "$hps_status"
}

# hps_log FILE: sends the end of a log.
hps_log() {
    tail -c "$HPS_LOG_MAX" "$1" |
        curl --silent --globoff --noproxy '*' --max-redirs 0 --output /dev/null --fail \
            --connect-timeout "$HPS_CONNECT_SECONDS" --max-time 60 --retry 3 \
            --header 'Content-Type: text/plain' --header 'Expect:' --data-binary @- \
            -- "$HPS_URL?cmd=log&mac=$HPS_MAC&token=$HPS_TOKEN"
}

# hps_clock [DATE-COMMAND...]: sets the clock, and that of the board, to the time of the provisioning node, if they
# differ by more than a minute. A machine without a battery begins years ago: signatures, certificates and lists of
# packages are not valid then. The date of HTTP (RFC 9110, 5.6.7) is exact to a second. Leaves what it did in
# HPS_CLOCK. Returns 1 if the time is not known.
hps_clock() {
    [ "$#" -gt 0 ] || set -- date
    # shellcheck disable=SC2034
    HPS_CLOCK=
    hps_date=$(curl --silent --globoff --noproxy '*' --max-redirs 0 --head \
        --connect-timeout "$HPS_CONNECT_SECONDS" --max-time "$HPS_REPLY_SECONDS" -- "$HPS_URL?cmd=init" |
        while read -r hps_name _ hps_day hps_month hps_year hps_time _; do
            case $hps_name in [Dd][Aa][Tt][Ee]:) ;; *) continue ;; esac
            case $hps_month in
                Jan) hps_month=01 ;; Feb) hps_month=02 ;; Mar) hps_month=03 ;; Apr) hps_month=04 ;;
                May) hps_month=05 ;; Jun) hps_month=06 ;; Jul) hps_month=07 ;; Aug) hps_month=08 ;;
                Sep) hps_month=09 ;; Oct) hps_month=10 ;; Nov) hps_month=11 ;; Dec) hps_month=12 ;;
                *) continue ;;
            esac
            printf '%s\n' "$hps_year-$hps_month-$hps_day $hps_time"
        done)
    case $hps_date in
        20[0-9][0-9]-[01][0-9]-[0-3][0-9]\ [0-2][0-9]:[0-5][0-9]:[0-6][0-9]) ;;
        *) return 1 ;;
    esac
    hps_there=$("$@" -u -d "$hps_date" +%s) && hps_here=$("$@" -u +%s) || return 1
    hps_difference=$((hps_there - hps_here))
    [ "$hps_difference" -gt 60 ] || [ "$hps_difference" -lt -60 ] || return 0
    "$@" -u -s "$hps_date" > /dev/null || return 1
    # shellcheck disable=SC2034 # The caller prints it.
    HPS_CLOCK="the clock was set to $hps_date UTC; it differed by $hps_difference seconds"
    # A virtual machine may have none.
    hwclock -w -u 2> /dev/null || :
}
