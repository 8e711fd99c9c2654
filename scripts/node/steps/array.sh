# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# md arrays of the new system: created, configured in it, and stopped before the machine restarts.

# For each new array: `DEVICE NAME METADATA UUID`. DEVICE is its device during the installation; the installed system
# finds it by its UUID.
ARRAYS=()

# array_make NAME DEVICE LEVEL METADATA PARTITION...: a new array. Metadata 1.0 is at the end of each partition. So
# software without md, such as firmware and GRUB's core image, reads one partition as the file system in the array.
array_make() {
    local name=$1 device=$2 level=$3 metadata=$4 uuid
    shift 4
    # The installed system compares the halves, or computes the parity, slowly in the background.
    modprobe -q md_mod
    echo 1000 > /proc/sys/dev/raid/speed_limit_max
    mdadm --create "$device" --run --quiet --level="${level#raid}" --raid-devices=$# --metadata="$metadata" \
        --homehost="${ANSWER[host_name]}" --name="$name" "$@" || fail "no $level can be made of $*: mdadm failed"
    uuid=$(mdadm --detail --export "$device" | sed -n 's/^MD_UUID=//p')
    [[ -n $uuid ]] || fail "the UUID of the new array $device cannot be read"
    ARRAYS+=("$device $name $metadata $uuid")
    # The content of an earlier array of these disks is at the same place, and would be found again.
    wipefs --all --force --quiet "$device" || fail "the new array $device cannot be written"
}

# arrays_configure: their names in the installed system, and that it starts those that lack a disk. The initramfs
# assembles the parts of all arrays while it waits for root, and starts only root. udev does not look at those again, so
# an array with a missing disk would stay inactive.
arrays_configure() {
    local device name metadata uuid
    ((${#ARRAYS[@]} > 0)) || return 0
    # Not through a pipe: a failure there would not end the installation.
    put etc/mdadm/mdadm.conf < <(
        printf '# Made by HPS when this host was installed.\nHOMEHOST <system>\nMAILADDR root\n'
        while read -r device name metadata uuid; do
            printf 'ARRAY /dev/md/%s metadata=%s UUID=%s\n' "$name" "$metadata" "$uuid"
        done < <(printf '%s\n' "${ARRAYS[@]}")
    )
    put usr/local/sbin/hps-arrays 0755 << 'END'
#!/bin/sh
# Made by HPS when this host was installed. Starts arrays that lack a disk after 30 seconds.
inactive() {
    for state in /sys/block/md*/md/array_state; do
        [ -r "$state" ] && [ "$(cat "$state")" = inactive ] || continue
        name=${state#/sys/block/}
        name=${name%%/*}
        # Only this host's own arrays: a disk of another host may be here to be read.
        for part in /sys/block/"$name"/slaves/*; do
            uuid=$(mdadm --examine --export "/dev/${part##*/}" | sed -n 's/^MD_UUID=//p')
            if [ -n "$uuid" ] && grep -qF "UUID=$uuid" /etc/mdadm/mdadm.conf; then printf '%s\n' "$name"; fi
            break
        done
    done
}
seconds=0
while [ -n "$(inactive)" ] && [ "$seconds" -lt 30 ]; do
    sleep 1
    seconds=$((seconds + 1))
done
status=0
for name in $(inactive); do mdadm --run "/dev/$name" || status=1; done
exit "$status"
END
    put etc/systemd/system/hps-arrays.service << 'END'
# Made by HPS when this host was installed.
[Unit]
Description=Arrays that lack a disk
DefaultDependencies=no
After=systemd-udevd.service
Before=shutdown.target
Conflicts=shutdown.target

[Service]
Type=oneshot
ExecStart=/usr/local/sbin/hps-arrays

[Install]
WantedBy=sysinit.target
END
    inside systemctl --quiet enable hps-arrays.service || fail "the unit hps-arrays.service cannot be enabled"
}

# arrays_stop: before the machine restarts, so that they are clean.
arrays_stop() {
    local array
    for array in "${ARRAYS[@]}"; do
        mdadm --quiet --stop "${array%% *}" || fail "the array ${array%% *} cannot be stopped: its disks do not store what was written to them"
    done
}
