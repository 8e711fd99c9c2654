# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Looking at a whole machine: every card is up, every switch was heard, and late disks are there. Nothing is written.

# How long a card may need until it has a link.
: "${LOOK_LINK_SECONDS:=12}"
# Disks and cards that appear later than this after the drivers are not found.
: "${LOOK_LATE_SECONDS:=20}"

# look_at_everything: afterwards hardware_report has all of it.
look_at_everything() {
    local listening give_up
    mkdir -p "$HARDWARE_DIR"
    look_links
    hardware_listen &
    listening=$!
    give_up=$((SECONDS + LOOK_LATE_SECONDS))
    while ((SECONDS < give_up)); do
        drivers_round
        drivers_note_disks
        sleep 1
    done
    settle_disks
    storage_protect || say "not every disk could be write-protected; nothing is written anyway"
    wait "$listening"
}

# look_links: brings every card up, and waits until each has a link or LOOK_LINK_SECONDS have passed.
look_links() {
    local nic missing give_up=$((SECONDS + LOOK_LINK_SECONDS))
    for nic in $(hardware_nics); do ip link set dev "$nic" up; done
    while ((SECONDS < give_up)); do
        missing=no
        for nic in $(hardware_nics); do [[ $(sys_read "$SYS/class/net/$nic/carrier") == 1 ]] || missing=yes; done
        [[ $missing == yes ]] || return 0
        sleep 0.5
    done
}

# look_summary: what was found, for the end of the task.
look_summary() {
    local disks nics
    disks=$(disk_names | wc -w)
    nics=$(hardware_nics | wc -w)
    printf '%s MiB of memory, disks: %s, cards: %s, switch ports heard: %s' \
        "$(memory_mib)" "$disks" "$nics" "$(cat "$HARDWARE_DIR"/lldp.* 2> /dev/null | grep -c '0x0000:')"
}
