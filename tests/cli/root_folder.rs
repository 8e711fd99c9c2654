// SPDX-License-Identifier: GPL-3.0-or-later
//! A system whose `/` is not root's, as in a container that a user unpacked, or whose /usr/local its group can write.

use crate::PROGRAM;
use crate::support::{Answer, Node};
use std::path::Path;

/// Starts a command in a system of its own: `/` with this owner and mode, and /usr/local/sbin with the programs, both folders of this mode.
/// It is gone when the command ends, since `ip netns exec` gives each command mounts of its own.
const SYSTEM: &str = r#"
owner=$1 mode=$2 local=$3 lab=$4 programs=$5 scripts=$6
shift 6
top=$lab/top
mkdir -p "$top"
mount -t tmpfs top "$top"
for name in bin sbin lib lib64; do [ ! -L "/$name" ] || cp -a "/$name" "$top"; done
for folder in /usr /etc /dev /proc "$lab" "$scripts"; do
    mkdir -p "$top$folder"
    mount --bind "$folder" "$top$folder"
done
mkdir -p "$top/tmp"
chmod 1777 "$top/tmp"
mount -t tmpfs local "$top/usr/local"
mkdir "$top/usr/local/sbin"
for program in host-state reload site-copy; do
    touch "$top/usr/local/sbin/$program"
    mount --bind "$programs/$program" "$top/usr/local/sbin/$program"
done
chgrp 50 "$top/usr/local" "$top/usr/local/sbin"
chmod "$local" "$top/usr/local" "$top/usr/local/sbin"
chown "$owner" "$top"
chmod "$mode" "$top"
exec chroot "$top" "$@"
"#;

fn within(node: &Node, system: [&str; 3], command: &[&str]) -> Answer {
    let lab = node.folder.path().display().to_string();
    let programs = Path::new(PROGRAM).parent().unwrap().display().to_string();
    let places = [&lab, &programs, scripts()];
    node.run("sh", &[&["-euc", SYSTEM, "sh"][..], &system, &places, command].concat())
}

fn scripts() -> &'static str {
    concat!(env!("CARGO_MANIFEST_DIR"), "/../scripts")
}

#[test]
fn the_owner_of_the_top_folder_is_not_asked_for_and_its_mode_is() {
    let node = Node::served(PROGRAM);
    let list = ["/usr/local/sbin/host-state", "list"];
    let check = format!(". {}/lab/path.sh; only_roots /usr/bin; only_roots /", scripts());
    let roots = ["bash", "-euc", &check];
    let copy = ["timeout", "20", "/usr/local/sbin/site-copy", "drh-001"];
    for owner in ["1000:1000", "65534:65534"] {
        for mode in ["0755", "1777"] {
            within(&node, [owner, mode, "0755"], &list).done();
        }
        within(&node, [owner, "0755", "0755"], &roots).done();
        assert_eq!(within(&node, [owner, "0755", "0755"], &copy).code, 4, "no such host");
        for mode in ["0775", "0757"] {
            within(&node, [owner, mode, "0755"], &list).fails(3, &["/: ", "can write it", "-w /\n"]);
            assert_ne!(within(&node, [owner, mode, "0755"], &roots).code, 0, "{mode}");
        }
    }
    // The folders below count as before.
    let lab = node.folder.path();
    std::os::unix::fs::chown(lab, Some(1000), None).unwrap();
    within(&node, ["1000:1000", "0755", "0755"], &list).fails(3, &["belongs to user"]);
}

/// Debian once gave /usr/local to the group staff, and /etc/staff-group-for-usr-local still does.
#[test]
fn site_copy_names_the_folder_that_it_leaves_out_and_the_command_that_mends_it() {
    let node = Node::served(PROGRAM);
    let copy = ["timeout", "20", "/usr/local/sbin/site-copy", "drh-001"];
    let said = within(&node, ["0", "0755", "2775"], &copy);
    said.fails(
        1,
        &[
            "host-state is in /usr/local/sbin, which is left out of $PATH: users other than root can write /usr/local and /usr/local/sbin",
            "; correct it with: chmod g-w /usr/local /usr/local/sbin\n",
        ],
    );
    let both = within(&node, ["0", "0755", "2777"], &copy);
    both.fails(1, &["correct it with: chmod go-w /usr/local /usr/local/sbin\n"]);
    let sticky = within(&node, ["0", "0755", "3775"], &copy);
    sticky.fails(1, &["others can add files to /usr/local/sbin; install it in a folder that only root can change"]);
    assert_eq!(within(&node, ["0", "0755", "2755"], &copy).code, 4, "no such host");
}
