# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The administrator of the lab: a key of its own, and one ssh configuration, which a person can use too:
# ip netns exec <namespace> ssh -F LAB_DIR/ssh/config <address>

LAB_ADMIN='admin'

# ssh_prepare: makes the key once, and the configuration.
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
        '  BatchMode yes' '  ConnectTimeout 3' '  ServerAliveInterval 5' '  LogLevel ERROR' > "$dir/config"
}

# ssh_run ADDRESS COMMAND: as the administrator, in the machine. A changed host key is an error.
ssh_run() {
    local address=$1
    shift
    in_network ssh -F "$LAB_DIR/ssh/config" "$address" -- "$@" < /dev/null
}

# ssh_forget ADDRESS: its machine is to be installed anew, so its key will be another.
ssh_forget() {
    [[ ! -e $LAB_DIR/ssh/known_hosts ]] || ssh-keygen -q -R "$1" -f "$LAB_DIR/ssh/known_hosts" > /dev/null 2>&1 || true
}

# ssh_wait ADDRESS SECONDS: until the administrator can log in.
ssh_wait() {
    local started deadline
    started=$(now)
    deadline=$((started + $2))
    until ssh_run "$1" true > /dev/null 2>&1; do
        (($(now) < deadline)) || return 1
        progress "$(($(now) - started)) s  waiting for ssh on $1"
        sleep 1
    done
}
