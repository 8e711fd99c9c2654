# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The end: everything is on the disk, and only then `installed` is reported.

finish_target() {
    local name
    stage_wait
    put var/log/hps-install.log 0640 < "$LOG"
    # An unmount that ran into a write error looks like any other, and so does `sync` without a file. So each file system is asked while it is
    # mounted, and each disk when nothing more comes.
    { sync -f "$TARGET/boot/efi" && sync -f "$TARGET"; } || fail "disk $DISK${DISK_TWIN:+ or $DISK_TWIN} does not take what was written to it"
    umount "$TARGET/boot/efi" "$TARGET" || fail "the new file systems cannot be unmounted"
    for name in $(disks_system); do sync "/dev/$name" || fail "disk /dev/$name does not take what was written to it"; done
    say "the disk is complete"
}

# finish_report: the log first, because `installed` is the last thing that the token is good for.
finish_report() {
    hps_log "$LOG" || say "the log could not be sent"
    # The machine is complete: worth waiting for a boot manager that is away for some minutes.
    HPS_TRIES=40
    stage installed "${ANSWER[host_name]}"
}
