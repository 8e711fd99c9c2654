# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The mark of a permission on the disks of a kickstart: the identifier of their partition tables, by which a retry
# recognises them (disk_is_ours in steps/disks.sh). It is written before Anaconda begins, with an empty table, to which
# Anaconda adds. So from the first write on the disk shows whose it is, even if the attempt ends early. Compiled into
# the first script of a kickstart and into %pre-install.

# mark_is_on NAME
mark_is_on() { [[ $(sfdisk --disk-id "/dev/$1" 2> /dev/null) == "${ANSWER[disk_mark]}" ]]; }

# marks_write NAME...: removes the content of these disks, and gives each an empty partition table with the mark. It
# runs after disks_refuse and disks_register. It checks for changes since then before the first write to any disk, and
# again before the first write to each.
marks_write() {
    local name
    for name in "$@"; do disk_unchanged "$name"; done
    for name in "$@"; do
        disk_unchanged "$name"
        mark_wipe "$name"
        # sfdisk refuses a disk with an open partition, and udev opens those that were just wiped.
        settle_disks
        # `label:` makes a new table; an identifier alone would leave an old table as it is.
        sfdisk --quiet --wipe always "/dev/$name" << END || fail "disk /dev/$name cannot be partitioned: sfdisk failed"
label: gpt
label-id: ${ANSWER[disk_mark]}
END
        mark_is_on "$name" || fail "disk /dev/$name does not store what is written to it: its new partition table lacks the mark of this installation"
    done
    settle_disks
    say "marked, with empty partition tables: $*"
}

# mark_wipe NAME: removes the old signatures, those of partitions first, so that no old one is found inside a new
# partition. A table with the mark stays until sfdisk has replaced it: without the mark a retry would refuse the disk.
mark_wipe() {
    local node nodes
    [[ -n ${DISKS_FOUND[$1]} ]] || return 0
    nodes=$(disk_nodes "$1" | sort -r) || fail "disk /dev/$1 cannot be wiped: its partitions cannot be listed"
    for node in $nodes; do
        [[ $node != "/dev/$1" ]] || ! mark_is_on "$1" || continue
        wipefs --all --force --quiet "$node" || fail "disk /dev/$1 cannot be wiped: wipefs failed on $node"
    done
}

# marks_keep NAME...: after Anaconda has partitioned. If it made a new table, the table gets the mark again.
marks_keep() {
    local name
    for name in "$@"; do
        ! mark_is_on "$name" || continue
        say "/dev/$name has a new partition table without the mark: marking it again"
        sfdisk --quiet --no-reread --force --disk-id "/dev/$name" "${ANSWER[disk_mark]}" || say "/dev/$name could not be marked: a retry will refuse it"
    done
}
