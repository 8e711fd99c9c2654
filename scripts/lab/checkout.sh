# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The checkout and its owner. Under sudo, built files belong to the owner, and the owner's Rust toolchain is used: root
# has another PATH, and files of root in target/ would break the owner's next build.

REPOSITORY=$(cd -- "${BASH_SOURCE[0]%/*}/../.." && pwd -P)

# checkout_owner: the user who builds; root if the checkout is root's or its owner has no account here.
checkout_owner() {
    local owner
    owner=$(stat -c %U "$REPOSITORY")
    if ((EUID != 0)); then
        id -un
    elif [[ $owner == UNKNOWN ]]; then
        printf 'root\n'
    else
        printf '%s\n' "$owner"
    fi
}

# as_owner COMMAND...: runs it in the checkout as that user, with that user's ~/.cargo/bin first.
as_owner() {
    local owner home
    owner=$(checkout_owner)
    home=$(getent passwd "$owner" | cut -d: -f6)
    cd -- "$REPOSITORY" || return 1
    if [[ $owner == "$(id -un)" ]]; then
        PATH=$home/.cargo/bin:$CALLERS_PATH:$PATH "$@"
    else
        runuser -u "$owner" -- env HOME="$home" USER="$owner" LOGNAME="$owner" \
            PATH="$home/.cargo/bin:/usr/local/bin:/usr/bin:/bin" "$@"
    fi
}
