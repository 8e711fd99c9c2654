# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# How a task begins and how its end is reported. The answer of the boot manager has `hps-task 1`, then `key=value` lines, then `end`.
# Each value is checked, and nothing in it is run. What a task needs beyond the common lines is in TASK_DIR/values.

: "${TASK_DIR:=/run/hps/task}"
# The programs of the tasks; another folder in tests.
: "${TASK_PROGRAMS:=$HPS_DIR/tasks}"
# init switches the machine off afterwards if this file exists.
: "${TASK_OFF:=/run/hps/off}"
: "${TASK:=}" "${TASK_ID:=}" "${TASK_TOKEN:=}" "${TASK_SECONDS:=}" "${TASK_THEN:=}"
TASK_TEXT=''

# task_give_up SENTENCE: before it began, or without a report. `init` restarts the machine.
task_give_up() {
    say "FAILED: $1"
    exit 1
}

# task_fetch: begins the task with the ticket of the kernel's command line.
task_fetch() {
    [[ -n $HPS_URL && -n $HPS_TICKET && -n $HPS_MAC ]] ||
        task_give_up "hps.url, hps.mac or hps.ticket is missing on the kernel's command line or malformed"
    hps_request "cmd=task&mac=$HPS_MAC&ticket=$HPS_TICKET"
    case $? in
        0) TASK_TEXT=$HPS_BODY ;;
        1) task_give_up "the boot manager at $HPS_URL does not answer (status $HPS_STATUS)" ;;
        *) task_give_up "the boot manager refuses the task (status $HPS_STATUS): ${HPS_BODY//[^[:print:]]/}" ;;
    esac
}

# task_read: parses TASK_TEXT, and refuses it as a whole if a line has the wrong form.
task_read() {
    local line number=0 ended=no
    mkdir -p "$TASK_DIR"
    : > "$TASK_DIR/values"
    while IFS= read -r line; do
        number=$((number + 1))
        [[ $ended == no ]] || task_give_up "the task goes on after its end (line $number)"
        if ((number == 1)); then
            [[ $line == 'hps-task 1' ]] || task_give_up "this node environment does not support the version of the task: build the environment again"
        elif [[ $line == end ]]; then
            ended=yes
        else
            task_value "$line" || task_give_up "the task has a malformed line ($number)"
        fi
    done <<< "${TASK_TEXT%$'\n'}"
    TASK_TEXT=''
    [[ $ended == yes ]] || task_give_up "the task is incomplete: it does not end with its end line"
    [[ -n $TASK && -n $TASK_ID && -n $TASK_TOKEN && -n $TASK_SECONDS && -n $TASK_THEN ]] || task_give_up "the task lacks a line"
    [[ -x $TASK_PROGRAMS/$TASK ]] || task_give_up "this node environment does not know the task $TASK: build the environment again"
    export TASK TASK_ID TASK_TOKEN TASK_SECONDS TASK_DIR HPS_URL HPS_MAC HPS_DIR LOG
}

# task_value LINE: keeps a line `key=value`. Returns 1 if it is malformed.
task_value() {
    local key=${1%%=*} value=${1#*=}
    [[ $1 =~ ^[a-z][a-z_]{0,30}=[][A-Za-z0-9._:,/@+\ -]{0,256}$ ]] || return 1
    case $key in
        task) [[ $value =~ ^[a-z][a-z-]{0,30}$ ]] && TASK=$value ;;
        id) [[ $value =~ ^[0-9a-f]{32}$ ]] && TASK_ID=$value ;;
        token) [[ $value =~ ^[0-9a-z-]{1,256}$ ]] && TASK_TOKEN=$value ;;
        seconds) [[ $value =~ ^[1-9][0-9]{0,8}$ ]] && TASK_SECONDS=$value ;;
        then) [[ $value =~ ^(restart|off)$ ]] && TASK_THEN=$value ;;
        *) printf '%s\n' "$1" >> "$TASK_DIR/values" ;;
    esac
}

# task_get KEY: the values of a key, a line each.
task_get() { sed -n "s/^$1=//p" "$TASK_DIR/values"; }

# task_query COMMAND: the begin of a request with the token of the task.
task_query() { printf 'cmd=%s&mac=%s&task=%s&id=%s&token=%s' "$1" "$HPS_MAC" "$TASK" "$TASK_ID" "$TASK_TOKEN"; }

# task_progress SENTENCE: how far it is. A lost report is no reason to stop.
task_progress() {
    say "$1"
    hps_encode "$1"
    HPS_TRIES=1 hps_request "$(task_query task_report)&stage=progress&message=$HPS_ENCODED" || :
}

# task_verdict VERDICT SENTENCE: the end of the program of a task leaves it.
task_verdict() {
    printf '%s\n' "$1" > "$TASK_DIR/verdict"
    printf '%s\n' "$2" > "$TASK_DIR/message"
}

# task_note LINE: a line of the protocol.
task_note() { printf '%s\n' "$1" >> "$TASK_DIR/protocol"; }

# task_end STATUS: reports what the program left, and what the machine does then.
task_end() {
    local verdict='' message='' line
    [[ ! -r $TASK_DIR/verdict ]] || read -r verdict < "$TASK_DIR/verdict"
    [[ ! -r $TASK_DIR/message ]] || read -r message < "$TASK_DIR/message"
    # busybox ends with 143 where coreutils ends with 124.
    if ((${1} == 124 || ${1} == 143)); then
        verdict=FAILED message="it took longer than $TASK_SECONDS seconds"
    elif ((${1} != 0)) || [[ ! $verdict =~ ^(DONE|PASSED|FAILED)$ ]]; then
        [[ $verdict == FAILED ]] || verdict=FAILED message="the program of the task ended unexpectedly (status $1); its log is on the console"
    fi
    [[ $verdict != FAILED ]] || while IFS= read -r line; do hps_say "  | $line"; done < <(tail -n 12 "$LOG")
    say "task $TASK: $verdict: $message"
    touch "$TASK_DIR/protocol"
    hps_encode "$message"
    head -c 60000 "$TASK_DIR/protocol" > "$TASK_DIR/protocol.sent"
    hps_request "$(task_query task_report)&stage=$verdict&message=$HPS_ENCODED" \
        --header 'Content-Type: text/plain' --header 'Expect:' --data-binary "@$TASK_DIR/protocol.sent" ||
        say "the end of the task could not be reported (status $HPS_STATUS)"
    [[ $TASK_THEN != off ]] || : > "$TASK_OFF"
}
