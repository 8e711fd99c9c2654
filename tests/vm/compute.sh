# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# A compute host beside a storage host that runs: two cards as a bond, the bridge for guests over it, a storage network, and a volume
# of the storage host, attached as docs/guide/host-types.md says.

COMPUTE=compute
# Ports that nobody opened.
CLOSED_PORT=8000

# compute_network MAC MAC: hosts of the type TCH have these two cards as a bond; the host gets its record.
compute_network() {
    local file
    file=${LAB_DIR:?}/site/srv/hps-config/clusters/$LAB_CLUSTER.cluster
    sed -i '/^\[types\.TCH\.network\]$/,/^$/s/^nics = \[1\]/nics = [1, 2]/' "$file"
    run_logged "$LAB_DIR/log/$COMPUTE-reload.log" hps reload || case_fail "reload refused the cluster file"
    run_logged "$LAB_DIR/log/$COMPUTE-add.log" hps host-state add "$1" --type TCH || case_fail "host-state add refused"
    run_logged "$LAB_DIR/log/$COMPUTE-set.log" hps host-state set "$1" "macs=$1,$2" || case_fail "host-state set refused"
}

# compute_install MAC MAC: a blank machine becomes a compute host.
compute_install() {
    case_on "$COMPUTE"
    compute_network "$1" "$2"
    case_machine bios "$1" '' TCH
    machine_nic "$MACHINE" 2 "$2"
    disk_blank "$(machine_disk "$MACHINE")" 12G
    install_blank "$1"
    check_installed "$1"
}

# address_on INTERFACE: the IPv4 address there, with its prefix length.
address_on() { inside "ip -brief -4 address show dev $1 | sed 's/.* \([0-9.]*\/[0-9]*\).*/\1/'"; }

# storage_address: the machine's, in the first storage network, by the machine's main one.
storage_address() { printf '10.100.1.%s\n' "${1##*.}"; }

# active_card: the permanent MAC of the card that the bond uses.
active_card() {
    # shellcheck disable=SC2016  # expanded in the machine
    inside 'grep -A 20 "Slave Interface: $(sed -n "s/^Currently Active Slave: //p" /proc/net/bonding/bond0)$" /proc/net/bonding/bond0 |
        sed -n "s/^Permanent HW addr: //p" | head -n 1'
}

# active_card_is MAC
active_card_is() { [[ $(active_card 2> /dev/null) == "$1" ]]; }

# compute_check MAC MAC: what makes it a compute host.
compute_check() {
    local prefix=${LAB_ADDRESS##*/}
    expect_equal "its address is on the bridge br0" "$ADDRESS/$prefix" "$(address_on br0)"
    expect_equal "... over the bond" bond0 "$(inside 'ls /sys/class/net/br0/brif')"
    expect_equal "... with the MAC of card 1" "$1" "$(inside 'cat /sys/class/net/br0/address')"
    expect_equal "its address in the storage network ends as the main one" "$(storage_address "$ADDRESS")/$prefix" "$(address_on storage1)"
    expect_equal "card 1 is in use" "$1" "$(active_card)"
    machine_link "$MACHINE" 1 off
    expect "... and card 2, when the cable of card 1 is pulled" case_until active_card_is "$2"
    machine_link "$MACHINE" 1 on
    expect "... and card 1 again, when it is back" case_until active_card_is "$1"
    expect "libvirt answers" grep -q '^CPU model: *x86_64$' <<< "$(inside 'sudo virsh nodeinfo')"
    expect_equal "the iSCSI initiator's name is the one that follows from the host's name" \
        "InitiatorName=$(initiator_name "$(inside hostname)")" "$(inside 'sudo grep ^InitiatorName= /etc/iscsi/initiatorname.iscsi')"
    firewall_check
}

# initiator_name HOST
initiator_name() { printf 'iqn.2026-01.internal.lab:%s\n' "$1"; }

# firewall_check: a port that nobody opened is open on the machine itself, and dropped from outside.
firewall_check() {
    inside "sudo systemd-run --quiet --unit probe --socket-property ListenStream=$CLOSED_PORT --socket-property Accept=yes /bin/true"
    expect "a port that nobody opened answers on the machine" inside "exec 3<> /dev/tcp/$ADDRESS/$CLOSED_PORT"
    expect_equal "... and is dropped from outside" 124 \
        "$(status=0; in_network timeout 5 bash -c "exec 3<> /dev/tcp/$ADDRESS/$CLOSED_PORT" 2> /dev/null || status=$?; printf '%s' "$status")"
    inside 'sudo systemctl stop probe.socket'
}

# volume_export INITIATOR: by the storage host, in the storage network, for this one host.
volume_export() {
    inside "set -e
        sudo lvcreate --quiet --yes --name first --size 200M pool
        sudo targetcli /backstores/block create first /dev/pool/first
        sudo targetcli /iscsi create $TARGET
        sudo targetcli /iscsi/$TARGET/tpg1/portals delete 0.0.0.0 3260
        sudo targetcli /iscsi/$TARGET/tpg1/portals create $(storage_address "$ADDRESS") 3260
        sudo targetcli /iscsi/$TARGET/tpg1/luns create /backstores/block/first
        sudo targetcli /iscsi/$TARGET/tpg1/acls create $1
        sudo targetcli saveconfig" > "$LAB_DIR/log/$CASE-export.log" 2>&1
}

# volume_attach PORTAL: by the compute host.
volume_attach() {
    inside "set -e
        sudo iscsiadm --mode discovery --type sendtargets --portal $1
        sudo iscsiadm --mode node --targetname $TARGET --portal $1 --login
        sudo iscsiadm --mode node --targetname $TARGET --portal $1 --op update --name node.startup --value automatic
        sudo udevadm settle
        disk=/dev/disk/by-path/ip-$1:3260-iscsi-$TARGET-lun-0
        sudo mkfs.ext4 -q \$disk
        printf '%s /srv/first ext4 _netdev,nofail,x-systemd.device-timeout=10min 0 2\n' \$disk | sudo tee -a /etc/fstab
        sudo mkdir /srv/first
        sudo systemctl daemon-reload
        sudo mount /srv/first
        printf 'the only copy\n' | sudo tee /srv/first/precious
        sync" > "$LAB_DIR/log/$CASE-attach.log" 2>&1
}

# volume_is_there: mounted, by a session of the storage network, with what was written to it.
volume_is_there() { inside "sudo iscsiadm --mode session; cat /srv/first/precious" 2> /dev/null | grep -zq "$TARGET.*the only copy"; }

# guest_start: a guest without an operating system, with a disk in that volume and a card on the bridge. In software: whether the
# processor can do it is not what is asked.
guest_start() {
    inside "set -e
        sudo qemu-img create -q -f raw /srv/first/guest.raw 16M
        cat > guest.xml << 'END'
<domain type='qemu'>
  <name>guest</name><memory unit='MiB'>64</memory><vcpu>1</vcpu>
  <os><type arch='x86_64' machine='pc'>hvm</type></os>
  <devices>
    <disk type='file'><source file='/srv/first/guest.raw'/><target dev='vda' bus='virtio'/></disk>
    <interface type='bridge'><source bridge='br0'/><model type='virtio'/></interface>
  </devices>
</domain>
END
        sudo virsh define guest.xml
        sudo virsh start guest" > "$LAB_DIR/log/$CASE-guest.log" 2>&1
}

# guest_check: it runs, confined, and is on the bridge.
guest_check() {
    expect "a guest starts, on a disk in that volume" guest_start
    expect_equal "... runs" running "$(inside 'sudo virsh domstate guest')"
    expect_equal "... has its card on br0" 2 "$(inside 'ls /sys/class/net/br0/brif | wc -l')"
    # shellcheck disable=SC2016  # expanded in the machine
    expect "... and is confined by AppArmor" grep -q '^libvirt-.*enforce' <<< "$(inside 'sudo cat /proc/$(sudo cat /run/libvirt/qemu/guest.pid)/attr/current')"
    inside 'sudo virsh destroy guest' > /dev/null 2>&1
}
