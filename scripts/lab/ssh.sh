# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The administrator of the lab: a key of its own, and one ssh configuration, which a person can use too:
# ip netns exec <namespace> ssh -F LAB_DIR/ssh/config <address>

LAB_ADMIN='admin'

# ssh_prepare: makes the key once, and the configuration. A machine without KVM on a busy computer can need minutes for
# its first reply.
ssh_prepare() {
    local dir=$LAB_DIR/ssh
    mkdir -p "$dir"
    chmod 0700 "$dir"
    if [[ ! -s $dir/key.pub ]]; then
        rm -f "$dir/key" "$dir/key.pub"
        ssh-keygen -q -t ed25519 -N '' -C hps-lab -f "$dir/key"
    fi
    printf '%s\n' 'Host *' "  User $LAB_ADMIN" "  IdentityFile $dir/key" '  IdentitiesOnly yes' \
        "  UserKnownHostsFile $dir/known_hosts" '  GlobalKnownHostsFile /dev/null' '  StrictHostKeyChecking accept-new' \
        '  BatchMode yes' '  ConnectTimeout 180' '  ServerAliveInterval 15' '  ServerAliveCountMax 20' '  LogLevel ERROR' > "$dir/config"
}

# ssh_run ADDRESS COMMAND: as the administrator, in the machine. A changed host key is an error.
ssh_run() {
    local address=$1
    shift
    in_network ssh -F "$LAB_DIR/ssh/config" "$address" -- "$@" < /dev/null
}

# ssh_forget ADDRESS: its machine will be installed again, with another key.
ssh_forget() {
    [[ ! -e $LAB_DIR/ssh/known_hosts ]] || ssh-keygen -q -R "$1" -f "$LAB_DIR/ssh/known_hosts" > /dev/null 2>&1 || true
}

# ssh_answers ADDRESS: waits for seconds, not for minutes, because it is called again.
ssh_answers() {
    in_network ssh -F "$LAB_DIR/ssh/config" -o ConnectTimeout=10 "$1" -- true < /dev/null > /dev/null 2>&1
}

# ssh_wait NAME ADDRESS: until the administrator can log in to that machine, by the rules of alive.sh.
ssh_wait() { machine_until "$1" "ssh on $2" ssh_answers "$2"; }
