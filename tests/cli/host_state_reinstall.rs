// SPDX-License-Identifier: GPL-3.0-or-later
//! `host-state reinstall`: a machine that has a system is installed again, on the disk that is named.

use crate::PROGRAM;
use crate::setup::MAC;
use crate::support::Node;

#[test]
fn a_new_installation_names_its_disk() {
    let node = Node::served(PROGRAM);
    let host_state = |arguments: &[&str]| node.run("host-state", arguments);
    host_state(&["add", MAC, "--type", "SCH"]).done();
    host_state(&["set", "sch-001", "state=INSTALLED"]).done();
    host_state(&["reinstall", "sch-001"])
        .fails(3, &["sch-001: name the disk", "--wipe SERIAL", "its record has no disk"]);
    let record = node.path("srv/hps-config/clusters/lab/hosts/525400000001.toml");
    let text = std::fs::read_to_string(&record).unwrap();
    std::fs::write(&record, text.replace("state = ", "system_disks = [\"S3Z8\"]\nstate = ")).unwrap();
    host_state(&["reinstall", "sch-001"]).fails(3, &["its last installation used: S3Z8"]);
    assert!(host_state(&["show", "sch-001"]).out.contains("installed on    S3Z8\n"));
    let wrong = host_state(&["reinstall", "sch-001", "--wipe", "WRONG"]);
    assert!(
        wrong.code == 0 && wrong.err.contains("--wipe names WRONG, but its last installation used: S3Z8"),
        "{}",
        wrong.err
    );
    host_state(&["reinstall", "sch-001", "--wipe", "S3Z8", "--distro", "x86_64-linux-debian-11"])
        .fails(3, &["debian-11 cannot be installed"]);
    let armed = host_state(&["reinstall", "sch-001", "--wipe", "S3Z8", "--reason", "new release", "--json"]);
    assert_eq!(armed.code, 0, "{}", armed.err);
    assert!(armed.out.contains("\"S3Z8\""), "{}", armed.out);
    let file = std::fs::read_to_string(node.path("srv/hps-config/clusters/lab/permissions/525400000001.toml")).unwrap();
    let last = host_state(&["history", "sch-001", "--lines", "1"]).out;
    assert!(last.contains(" INSTALLED reinstall: SCH ") && last.contains("may wipe S3Z8: new release"), "{last}");
    assert!(!armed.err.contains("its last installation used"), "{}", armed.err);
    assert!(!armed.err.contains("start it from the network once"), "the network is first: {}", armed.err);
    let cluster = node.path("srv/hps-config/clusters/lab.cluster");
    let text = std::fs::read_to_string(&cluster).unwrap();
    assert!(text.contains("\norder = \"network\""), "{text}");
    std::fs::write(&cluster, text.replace("order = \"network\"", "order = \"disk\"")).unwrap();
    let armed = host_state(&["reinstall", "sch-001", "--wipe", "S3Z8", "--dry-run"]);
    let once = "so start it from the network once: with the boot menu of its firmware (often F12), with ipmitool chassis bootdev pxe options=efiboot, or on the host with efibootmgr --bootnext";
    assert!(armed.err.contains(once), "{}", armed.err);
    let new = host_state(&["arm", "52:54:00:00:00:02", "--type", "SCH", "--dry-run"]);
    assert!(!new.err.contains(once), "a machine without a system starts from the network by itself: {}", new.err);
    assert!(file.contains("wipe = [\"S3Z8\"]") && file.contains("require_blank = false"), "{file}");
}
