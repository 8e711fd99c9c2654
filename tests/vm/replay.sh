# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The first promise, on the wire: all requests of a whole installation are recorded, and sent again from the installed machine's own
# address, as any program on it could. Nothing moves, no installer is offered, whatever became of the record meanwhile.

RECORDER=''

# record_start: from now on, every request that reaches the provisioning node is kept.
record_start() {
    RECORDED=$LAB_DIR/log/$CASE-requests
    # `exec`, so that the process is the recorder itself.
    { exec ip netns exec "$LAB_NETNS" "$REPOSITORY/tests/vm/tools/record-requests" "$LAB_BRIDGE" "$RECORDED" 9>&-; } &
    RECORDER=$!
}

record_stop() {
    kill "$RECORDER" 2> /dev/null || true
    wait "$RECORDER" 2> /dev/null || true
    RECORDER=''
}

# recorded CMD: how many requests of that command there are.
recorded() { grep -c "cmd=$1[&\"]" "$RECORDED" || true; }

# record_check: it is the record of a whole installation.
record_check() {
    local cmd
    for cmd in init boot_action answer event log; do
        expect "the installation sent requests of the command $cmd" test "$(recorded "$cmd")" -gt 0
    done
    expect "the record ends with the end of the installation" grep -q 'stage=installed' "$RECORDED"
}

# replay_script: the record as a script for the machine: a line `== METHOD TARGET`, the answer, a line `-- STATUS`.
replay_script() {
    python3 - "$RECORDED" "http://${LAB_ADDRESS%/*}" << 'END'
import json, shlex, sys
print("cd /tmp")
for line in open(sys.argv[1]):
    request = json.loads(line)
    target = request["target"]
    options = ["--silent", "--globoff", "--max-time", "60", "--output", "-", "--write-out", r"\n-- %{http_code}\n"]
    if request["method"] == "POST":
        options += ["--header", "Content-Type: text/plain", "--data-binary", request["body"][:4096] or "x"]
    if "/distros/" in target:
        # The first byte of a file is enough.
        options += ["--range", "0-0", "--output", "/dev/null"]
    print("printf '%s\\n' " + shlex.quote("== " + request["method"] + " " + target))
    print("curl " + shlex.join(options + ["--", sys.argv[2] + target]))
END
}

# replay_round TEXT: sends all of it again; TEXT says what happened to the record before.
replay_round() {
    local answers=$LAB_DIR/log/$CASE-replay-${1//[^a-z]/-} problems
    replay_script | in_network ssh -F "$LAB_DIR/ssh/config" "$ADDRESS" -- bash -s > "$answers" || case_fail "the replay ($1) broke off"
    problems=$(python3 - "$answers" << 'END'
import re, sys
for part in open(sys.argv[1], errors="replace").read().split("== ")[1:]:
    request, _, answer = part.partition("\n")
    status = answer.rsplit("-- ", 1)[-1].strip()
    command = re.search(r"cmd=(\w+)", request)
    command = command.group(1) if command else "file"
    if re.search(r"hps\.mode=install|inst\.ks|^kernel ", answer, re.M):
        print("offers an installer:", request)
    if command == "boot_action" and "Booting from the local disk" not in answer:
        print("does not boot the disk:", request)
    if command == "answer" and status != "403":
        print("gives", status, "to a ticket that is over:", request)
    if not re.fullmatch("2..|4..", status):
        print("status", status, request)
END
    )
    expect_equal "$1: all $(wc -l < "$RECORDED") requests again: no installer, no answer file, the local disk" '' "$problems"
}

# replay_all MAC: with the host INSTALLED, unconfigured, forgotten, in a new cluster, and imported there.
replay_all() {
    local before
    record_check
    before=$(facts "$1")
    replay_round "the host is INSTALLED"
    expect_equal "nothing has moved: state, attempt, machine id, file system, host key and files are the same" "$before" "$(facts "$1")"
    run_logged "$LAB_DIR/log/$CASE-unconfigure.log" hps host-state set "$1" state=UNCONFIGURED || case_fail "host-state set refused"
    replay_round "after its state was set to UNCONFIGURED"
    expect_equal "it is still UNCONFIGURED" UNCONFIGURED "$(site_value "$1" state)"
    run_logged "$LAB_DIR/log/$CASE-rm.log" hps host-state rm "$1" || case_fail "host-state rm refused"
    replay_round "after host-state rm"
    run_logged "$LAB_DIR/log/$CASE-cluster.log" site_up other armed || case_fail "no second cluster can be made"
    replay_round "in a new cluster"
    printf 'mac,name,state\n%s,sch-099,UNCONFIGURED\n' "$1" > "$LAB_DIR/import.csv"
    run_logged "$LAB_DIR/log/$CASE-import.log" hps host-state import "$LAB_DIR/import.csv" || case_fail "host-state import refused"
    replay_round "after an import as UNCONFIGURED"
}
