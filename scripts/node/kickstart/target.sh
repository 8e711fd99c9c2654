# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# Work on the new system from outside, after Anaconda has made it and its own script has configured it. Compiled into
# the last script of a kickstart, after logs.sh.

# target_label PATH...: files that a script makes here lack the labels that SELinux expects.
target_label() {
    local policy=/etc/selinux/targeted/contexts/files/file_contexts
    [[ ! -e $ROOT$policy ]] || chroot "$ROOT" setfiles -F "$policy" "$@"
}

# target_ended: the script that ran inside reached its end.
target_ended() {
    [[ ! -s $ROOT/root/hps-failed ]] || fail "$(< "$ROOT/root/hps-failed")"
    [[ -e $ROOT/root/hps-ended ]] || fail "the script that configures the new system did not reach its end and gave no reason: read its log"
}

# target_arrays: each array of the kickstart has its name and its UUID in mdadm.conf. Anaconda names the arrays that are
# mounted or swap. Any other, such as the pool, would get the host name at the moment when it is found.
target_arrays() {
    local names name uuid status conf=$ROOT/etc/mdadm.conf
    names=$(sed -n 's/^raid .*--device=\([^ ]*\) .*/\1/p' "$LOGS/hps-disks.ks") || fail "the commands for the disks are missing: $LOGS/hps-disks.ks"
    for name in $names; do
        status=0
        grep -qsE "^ARRAY /dev/md/$name " "$conf" || status=$?
        ((status != 0)) || continue
        ((status == 1)) || [[ ! -e $conf ]] || fail "the file /etc/mdadm.conf of the new system cannot be read"
        uuid=$(mdadm --detail --export "/dev/md/$name" | sed -n 's/^MD_UUID=//p')
        [[ -n $uuid ]] || fail "the UUID of the new array /dev/md/$name cannot be read"
        [[ -e $conf ]] || printf 'MAILADDR root\nAUTO +imsm +1.x -all\n' > "$conf" || fail "the file /etc/mdadm.conf cannot be written"
        printf 'ARRAY /dev/md/%s UUID=%s\n' "$name" "$uuid" >> "$conf" || fail "the file /etc/mdadm.conf cannot be written"
        say "the array $name is in /etc/mdadm.conf, with its UUID"
        target_label /etc/mdadm.conf || fail "the file /etc/mdadm.conf cannot be labelled"
    done
}

# target_logs: the logs that Anaconda would leave, without secrets (`inst.nosave` on the kernel's command line keeps
# Anaconda from leaving its own). They show later how this host was installed; a missing log is no reason to fail.
target_logs() {
    local file folder=$ROOT/var/log/anaconda
    if ! (
        umask 077
        mkdir -p "$folder" || exit 1
        for file in "${ANACONDA_LOGS[@]}" dbus.log syslog hps-install.log; do
            [[ ! -s $LOGS/$file ]] || log_clean < "$LOGS/$file" > "$folder/$file" || exit 1
        done
        [[ ! -s $ROOT/root/hps-post.log ]] || log_clean < "$ROOT/root/hps-post.log" > "$folder/hps-post.log" || exit 1
        ! type -P journalctl > /dev/null || journalctl -b | log_clean > "$folder/journal.log"
    ) || ! target_label /var/log/anaconda; then
        say "not all logs are left in /var/log/anaconda"
    fi
}

# target_forget: removes files with the kickstart or a part of it, because it has the token, the hash of root's password
# and the site's files. Anaconda copies ks.cfg after the last script, and leaves the text of each script that ran
# inside.
target_forget() {
    rm -f /run/install/ks.cfg "$ROOT"/root/{anaconda-ks.cfg,original-ks.cfg,hps-post.log,hps-ended,hps-failed,hps-script} "$ROOT"/tmp/ks-script-* ||
        fail "the kickstart cannot be removed from the new system"
}

# target_written: everything is on the disks of the first script's list. `sync` without a file never fails: it writes
# what is on other file systems, and then each disk is checked.
target_written() {
    local place name names='' disks
    { read -r && mapfile -t disks; } < "$LOGS/hps-disk" || fail "the list of the disks is missing: $LOGS/hps-disk"
    # The disks of a ZFS pool are in a list of their own.
    if [[ -e $LOGS/hps-pool ]]; then
        names=$(sed '1d; s/ .*//' "$LOGS/hps-pool") || fail "the list of the disks of the pool cannot be read: $LOGS/hps-pool"
    fi
    for place in "$ROOT" "$ROOT/boot" "$ROOT/boot/efi"; do
        [[ ! -d $place ]] || sync -f "$place" || fail "the new system's $place does not store what was written to it: check the disks"
    done
    sync
    for name in ${disks[@]+"${disks[@]}"} $names; do sync "/dev/$name" || fail "disk /dev/$name does not store what was written to it: check it"; done
}
