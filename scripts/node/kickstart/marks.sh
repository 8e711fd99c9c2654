# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The mark of a permission on the disks of a kickstart: the identifier of their partition tables, by which a retry knows them again
# (disk_is_ours in steps/disks.sh). It is written before Anaconda begins, with an empty table, to which Anaconda adds: from the first
# write on, whatever ends the attempt, the disk says whose it is. Compiled into the first script of a kickstart and into %pre-install.

# mark_is_on NAME
mark_is_on() { [[ $(sfdisk --disk-id "/dev/$1" 2> /dev/null) == "${ANSWER[disk_mark]}" ]]; }

# marks_write NAME...: takes away what these disks carry, and gives each an empty partition table with the mark. Behind disks_refuse and
# disks_register. What has changed since is refused before the first write to any of them, and looked for again right before its own.
marks_write() {
    local name
    for name in "$@"; do disk_unchanged "$name"; done
    for name in "$@"; do
        disk_unchanged "$name"
        mark_wipe "$name"
        # sfdisk refuses a disk that has an open partition, and udev looks at those that were wiped.
        settle_disks
        # `label:` makes a new table; an identifier alone would leave an old table as it is.
        sfdisk --quiet --wipe always "/dev/$name" << END || fail "disk /dev/$name cannot be partitioned: sfdisk failed"
label: gpt
label-id: ${ANSWER[disk_mark]}
END
        mark_is_on "$name" || fail "disk /dev/$name does not keep what is written to it: its new partition table does not have the mark of this installation"
    done
    settle_disks
    say "marked, with empty partition tables: $*"
}

# mark_wipe NAME: takes the old signatures away, those of partitions first, so that nothing old is found inside the new ones. A table that
# has the mark stays until sfdisk has put the new one in its place: without it a retry would refuse the disk.
mark_wipe() {
    local node nodes
    [[ -n ${DISKS_FOUND[$1]} ]] || return 0
    nodes=$(disk_nodes "$1" | sort -r) || fail "disk /dev/$1 cannot be wiped: its partitions cannot be listed"
    for node in $nodes; do
        [[ $node != "/dev/$1" ]] || ! mark_is_on "$1" || continue
        wipefs --all --force --quiet "$node" || fail "disk /dev/$1 cannot be wiped: wipefs failed on $node"
    done
}

# marks_keep NAME...: after Anaconda has partitioned. A table that it made anew gets the mark again.
marks_keep() {
    local name
    for name in "$@"; do
        ! mark_is_on "$name" || continue
        say "/dev/$name has another partition table than the one that was marked: it is marked again"
        sfdisk --quiet --no-reread --force --disk-id "/dev/$name" "${ANSWER[disk_mark]}" || say "/dev/$name could not be marked: a retry will refuse it"
    done
}
