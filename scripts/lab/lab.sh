# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The lab: a provisioning node and virtual machines in a network namespace of their own. All files of a lab are in one
# folder, LAB_DIR. Its names on the system are derived from that folder's path, so that two labs never meet.
# lab_open comes first; it needs root.

LAB_SCRIPTS=${BASH_SOURCE[0]%/*}
# shellcheck source=output.sh
. "$LAB_SCRIPTS/output.sh"
# shellcheck source=checkout.sh
. "$LAB_SCRIPTS/checkout.sh"
# shellcheck source=process.sh
. "$LAB_SCRIPTS/process.sh"
# shellcheck source=network.sh
. "$LAB_SCRIPTS/network.sh"
# shellcheck source=neighbour.sh
. "$LAB_SCRIPTS/neighbour.sh"
# shellcheck source=accelerator.sh
. "$LAB_SCRIPTS/accelerator.sh"
# shellcheck source=disk.sh
. "$LAB_SCRIPTS/disk.sh"
# shellcheck source=machine.sh
. "$LAB_SCRIPTS/machine.sh"
# shellcheck source=alive.sh
. "$LAB_SCRIPTS/alive.sh"
# shellcheck source=monitor.sh
. "$LAB_SCRIPTS/monitor.sh"
# shellcheck source=ssh.sh
. "$LAB_SCRIPTS/ssh.sh"
# shellcheck source=site.sh
. "$LAB_SCRIPTS/site.sh"

# A UNIX socket's path has at most 107 bytes, and the longest below LAB_DIR is machines/<name>/monitor.
LAB_DIR_MAX=70

# lab_open DIR: reserves the lab for this process until it ends; a second process is refused.
lab_open() {
    local entries
    ((EUID == 0)) || die "this needs root: run it again with sudo"
    [[ $1 == /* && $1 != *[![:alnum:]/._-]* ]] || die "the lab's folder must be an absolute path of letters, digits and / . _ - : $1"
    ((${#1} <= LAB_DIR_MAX)) || die "the path of the lab's folder is longer than $LAB_DIR_MAX characters: $1"
    LAB_DIR=$1
    if ! make_only_roots "$LAB_DIR" || [[ -L $LAB_DIR ]] || ! only_roots "$LAB_DIR"; then
        die "others than root can change $LAB_DIR, or a folder above it: choose another folder, such as /srv/hps-lab"
    fi
    # A lab removes only what a lab has made.
    entries=$(ls -A "$LAB_DIR") || die "$LAB_DIR cannot be read"
    [[ -e $LAB_DIR/hps-lab || -z $entries ]] || die "$LAB_DIR has files that no lab made: choose another folder"
    : > "$LAB_DIR/hps-lab"
    chmod 0755 "$LAB_DIR"
    exec 9>> "$LAB_DIR/lock"
    flock --nonblock 9 || die "another run works in $LAB_DIR: wait for it, or stop it with Ctrl-C"
    LAB_NETNS=hps-$(printf '%s' "$LAB_DIR" | sha256sum | cut -c 1-8)
}

# lab_stop: ends the machines and services; every file stays.
lab_stop() {
    machines_stop
    site_stop
    neighbours_stop
}

# lab_remove: ends everything and removes the folder.
lab_remove() {
    lab_stop
    site_forget_user
    network_down
    rm -rf -- "$LAB_DIR"
}
