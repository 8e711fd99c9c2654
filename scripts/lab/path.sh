# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Where root finds programs, and whether only root can change what is at a path. The caller's PATH may name a folder
# that another user can write, so scripts of root do not look there. A person who is not root keeps their own PATH.

# faults_of PATH [USER [may-add]]: with what somebody else than root, or the user with this number, can put something else at PATH, or at
# what leads there. Each is a line: the word `owner`, `sticky`, `missing` or the change of the mode that mends it, then the folder or link.
# With may-add others may add names to the folder PATH, as to /tmp. Of / the owner is not asked for: that user can replace every file of
# the system anyway, and root in a container may be unable to change it.
faults_of() {
    local start place kind user mode
    for start in "$1" "$(realpath -e -- "$1" 2> /dev/null)"; do
        [[ $start == /* ]] || { printf 'missing %s\n' "$1" && return; }
        place=$start
        while :; do
            IFS=' ' read -r user mode kind <<< "$(stat -c '%u %a %F' -- "${place:-/}" 2> /dev/null)"
            if [[ -z $kind ]]; then
                printf 'missing %s\n' "${place:-/}"
            elif [[ -n $place && $place != / && $user != 0 && $user != "${2:-0}" ]]; then
                printf 'owner %s\n' "$place"
            elif [[ $kind == 'symbolic link' ]] || (((8#$mode & 8#22) == 0)); then
                :
            elif (((8#$mode & 8#1000) != 0)); then
                # In such a folder only root can replace root's files.
                [[ $place != "$start" || ${3:-} == may-add ]] || printf 'sticky %s\n' "${place:-/}"
            else
                case $((8#$mode & 8#22)) in 16) mode=g-w ;; 2) mode=o-w ;; *) mode=go-w ;; esac
                printf '%s %s\n' "$mode" "${place:-/}"
            fi
            [[ -n $place && $place != / ]] || break
            place=${place%/*}
        done
    done
}

# only_roots PATH [USER [may-add]]: whether faults_of could check, and found none.
only_roots() {
    local faults
    faults=$(faults_of "$@") && [[ -z $faults ]]
}

# only_roots_of LIST [USER]: from a list of folders such as PATH, those that pass only_roots, by their real paths.
only_roots_of() {
    local entry kept=
    local -a entries
    IFS=: read -r -a entries <<< "$1"
    for entry in "${entries[@]}"; do
        ! only_roots "$entry" "${2:-0}" || kept+=${kept:+:}$(realpath -e -- "$entry")
    done
    printf '%s\n' "$kept"
}

# make_only_roots FOLDER: makes it if it is missing, and those above it, each in one that only root can replace. (In
# /var/tmp another user can make it, or a link there, at the same moment; mkdir -p would continue below that.)
make_only_roots() {
    if [[ ! -e $1 && ! -L $1 ]]; then
        local above=${1%/*}
        make_only_roots "${above:-/}" || return 1
        mkdir -m 0755 -- "$1" 2> /dev/null || true
    fi
    [[ -d $1 ]] && only_roots "$1" 0 may-add
}

# For cargo, which need not be a Debian program.
CALLERS_PATH=$PATH
if ((EUID == 0)); then
    PATH=/usr/sbin:/usr/bin:/sbin:/bin
    CALLERS_PATH=$(only_roots_of "$CALLERS_PATH")
fi
