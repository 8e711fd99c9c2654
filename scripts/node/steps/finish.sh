# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The end: `installed` is reported only after everything is on the disk.

finish_target() {
    local name
    stage_wait
    put var/log/hps-install.log 0640 < "$LOG"
    # An unmount does not report a write error, and neither does `sync` without a file. So each file system is checked
    # while it is mounted, and each disk after the last write.
    { sync -f "$TARGET/boot/efi" && sync -f "$TARGET"; } || fail "disk $DISK${DISK_TWIN:+ or $DISK_TWIN} does not store what was written to it"
    umount "$TARGET/boot/efi" "$TARGET" || fail "the new file systems cannot be unmounted"
    for name in $(disks_system); do sync "/dev/$name" || fail "disk /dev/$name does not store what was written to it"; done
    say "the disk is complete"
}

# finish_report: sends the log first, because the token ends with `installed`.
finish_report() {
    hps_log "$LOG" || say "the log could not be sent"
    # The machine is complete: it waits even for a boot manager that does not answer for some minutes.
    HPS_TRIES=40
    stage installed "${ANSWER[host_name]}"
}
