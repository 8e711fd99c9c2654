# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Disks of the machines: sparse raw files, so that any tool can look at one.

# disk_blank FILE SIZE: a new disk of zeros.
disk_blank() {
    rm -f -- "$1"
    truncate -s "$2" "$1"
}

# disk_with_filesystem FILE SIZE: a disk that somebody uses, without a partition table, with a file in it.
disk_with_filesystem() {
    local content=$1.content
    disk_blank "$1" "$2"
    mkdir -p "$content"
    printf 'the only copy\n' > "$content/precious"
    mkfs.ext4 -q -F -L precious -d "$content" "$1"
    rm -rf -- "$content"
}

# disk_digest FILE
disk_digest() {
    sha256sum "$1" | cut -d' ' -f1
}
