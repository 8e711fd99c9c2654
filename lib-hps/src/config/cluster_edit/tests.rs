// SPDX-License-Identifier: GPL-3.0-or-later
//! What stays and what changes, to the byte.

use super::EditError;
use crate::config::{Cluster, StorageNetwork, TypeSettings};
use crate::types::HostType;

const LAB: &str = include_str!("../../../../tests/fixtures/lab.cluster");

/// A file as an administrator keeps one: own comments, own order, tables in one line.
const OWN: &str = r#"# Rack 7. Ask Kim before you change the ranges!
install.ssh_keys = [
  "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAbcdefghijklmnopqrstuvwxyz kim",   # Kim, until May
  # the night shift
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBbcdefghijklmnopqrstuvwxyz lee',
]
install.enrolment="menu"
name   =   'lab'  # as on the door
version = 1

  [types]
  SCH = { distro = "x86_64-linux-debian-12", disks = { system = "largest" } }   # the blue ones
  [types.TCH]
  distro = "x86_64-linux-debian-12"
  network.bridge = "guests"

[[storage_network]]     # the fast switch
network = "10.9.0.0/24"
name = "fast"
vlan = 7

# The old switch goes in May.
[[storage_network]]
name = "old"
network = "10.8.0.0/24"
vlan = 8

[network] # one cable, port 12
domain = "lab.internal"

host_range = "10.0.0.2-10.0.0.127"    # half of it
dhcp_range = "10.0.0.128-10.0.0.252"
# the router of the second floor
gateway = "10.0.0.254"  # not .1!
address = "10.0.0.1/24"
interface = "eth0"
# end
"#;

fn edited(text: &str, change: impl FnOnce(&mut Cluster)) -> String {
    let mut cluster = Cluster::parse(text).unwrap();
    change(&mut cluster);
    cluster.checked().unwrap().edit_text(text).unwrap()
}

/// Lines that are only in one of the two, `-` and `+`.
fn diff(before: &str, after: &str) -> Vec<String> {
    let diff = similar::TextDiff::from_lines(before, after);
    let sign = |change: &similar::Change<&str>| match change.tag() {
        similar::ChangeTag::Equal => None,
        similar::ChangeTag::Delete => Some(format!("-{}", change.value().trim_end_matches('\n'))),
        similar::ChangeTag::Insert => Some(format!("+{}", change.value().trim_end_matches('\n'))),
    };
    diff.iter_all_changes().filter_map(|change| sign(&change)).collect()
}

#[test]
fn the_same_cluster_is_the_same_text() {
    for text in [OWN, LAB, &Cluster::parse(OWN).unwrap().to_text(), &OWN.replace('\n', "\r\n")] {
        assert_eq!(edited(text, |_| ()), *text);
    }
}

#[test]
fn one_value_is_one_value() {
    let after = edited(OWN, |c| c.network.gateway = Some("10.0.0.253".parse().unwrap()));
    assert_eq!(after, OWN.replace("10.0.0.254", "10.0.0.253"));
    let windows = OWN.replace('\n', "\r\n");
    let after = edited(&windows, |c| c.install.enrolment = crate::config::Enrolment::Armed);
    assert_eq!(after, windows.replace("\"menu\"", "\"armed\""));
    let after = edited(OWN, |c| c.types.get_mut(&HostType::SCH).unwrap().disks.system = "smallest".parse().unwrap());
    assert_eq!(after, OWN.replace("\"largest\"", "\"smallest\""));
    let after = edited(OWN, |c| c.storage_networks[1].network = "10.7.0.0/24".parse().unwrap());
    assert_eq!(after, OWN.replace("10.8.0.0", "10.7.0.0"));
}

#[test]
fn a_new_key_goes_where_it_belongs_with_its_comment() {
    let added = |text: &str, change: fn(&mut Cluster)| diff(text, &edited(text, change));
    let ntp = added(OWN, |c| c.network.ntp = vec!["10.0.0.9".parse().unwrap()]);
    assert_eq!(ntp, [format!("+{:<44} # time servers of hosts", "ntp = [\"10.0.0.9\"]")]);
    let after = edited(OWN, |c| c.network.ntp = vec!["10.0.0.9".parse().unwrap()]);
    assert!(after.contains("# not .1!\nntp = "), "{after}");
    // A generated file has the key as a comment.
    let generated = Cluster::parse(LAB).unwrap().to_text();
    let mtu = added(&generated, |c| c.network.mtu = Some(9_000.try_into().unwrap()));
    assert_eq!(mtu.len(), 2, "{mtu:?}");
    assert!(mtu[0].starts_with("-# mtu = 1500") && mtu[1].starts_with("+mtu = 9000"), "{mtu:?}");
    let gateway = added(&generated, |c| c.network.gateway = Some("10.0.0.254".parse().unwrap()));
    assert!(gateway[0].starts_with("-# gateway = ") && gateway[1].starts_with("+gateway = "), "{gateway:?}");
    // An administrator's comment stays, whatever it begins with.
    let noted = OWN.replace("# end", "# syslog = \"10.0.0.8\" was the old one");
    let syslog = added(&noted, |c| c.network.syslog = Some("10.0.0.7".parse().unwrap()));
    assert_eq!(syslog.len(), 1, "{syslog:?}");
}

#[test]
fn a_table_that_is_not_there_is_begun() {
    let after = edited(OWN, |c| c.boot.consoles = vec!["ttyS0".parse().unwrap()]);
    let lines = diff(OWN, &after);
    assert_eq!((lines.len(), lines[0].as_str(), lines[1].as_str()), (3, "+", "+[boot]"), "{lines:?}");
    assert!(lines[2].starts_with("+consoles = [\"ttyS0\"] "), "{lines:?}");
    let after = edited(OWN, |c| {
        c.types.insert(HostType::DRH, TypeSettings::new("x86_64-linux-debian-13".parse().unwrap()));
    });
    assert!(after.contains("\n[types.DRH]\ndistro = \"x86_64-linux-debian-13\""), "{after}");
    assert!(diff(OWN, &after).iter().all(|line| line.starts_with('+')), "{after}");
    // In one line, and with dots.
    let after = edited(OWN, |c| {
        let network = &mut c.types.get_mut(&HostType::SCH).unwrap().network;
        network.addressing = crate::config::Addressing::Dhcp;
    });
    let lines = diff(OWN, &after);
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(
        lines[1].contains(", network = { addressing = \"dhcp\" }") && lines[1].ends_with("# the blue ones"),
        "{lines:?}"
    );
    let lines = diff(OWN, &edited(OWN, |c| c.install.max_attempts = 5));
    assert_eq!(lines, ["+install.max_attempts = 5"]);
    let lines = diff(
        OWN,
        &edited(OWN, |c| {
            c.types.get_mut(&HostType::TCH).unwrap().network.bond = "802.3ad".parse().unwrap();
        }),
    );
    assert_eq!(lines, ["+network.bond = \"802.3ad\""]);
}

#[test]
fn what_is_taken_away_is_kept_as_a_comment_or_goes_as_a_whole() {
    let after = edited(OWN, |c| c.network.gateway = None);
    assert_eq!(diff(OWN, &after), ["-gateway = \"10.0.0.254\"  # not .1!", "+# gateway = \"10.0.0.254\"  # not .1!"]);
    // A generated line becomes the generated comment, so that there and back is the same file.
    let generated = Cluster::parse(LAB).unwrap().to_text();
    let with = edited(&generated, |c| c.network.gateway = Some("10.0.0.254".parse().unwrap()));
    assert_eq!(edited(&with, |c| c.network.gateway = None), generated);
    let after = edited(OWN, |c| c.storage_networks.truncate(1));
    assert_eq!(after, OWN.replace("\n# The old switch goes in May.\n[[storage_network]]\nname = \"old\"\nnetwork = \"10.8.0.0/24\"\nvlan = 8\n", ""));
    let after = edited(OWN, |c| {
        c.types.remove(&HostType::TCH);
    });
    assert_eq!(
        after,
        OWN.replace("  [types.TCH]\n  distro = \"x86_64-linux-debian-12\"\n  network.bridge = \"guests\"\n", "")
    );
    let after = edited(OWN, |c| {
        c.types.remove(&HostType::SCH);
    });
    assert_eq!(diff(OWN, &after).len(), 1, "{after}");
    let after = edited(OWN, |c| c.types.get_mut(&HostType::TCH).unwrap().network.bridge = None);
    assert_eq!(diff(OWN, &after), ["-  network.bridge = \"guests\""]);
}

#[test]
fn lists_of_tables_grow_where_they_are() {
    let next = |c: &mut Cluster| {
        let next = StorageNetwork::numbered(3, c.network.address, &[]).unwrap();
        c.storage_networks.push(next);
    };
    let after = edited(OWN, next);
    assert!(after.contains("vlan = 8\n\n[[storage_network]]\nname = \"storage3\""), "{after}");
    assert!(diff(OWN, &after).iter().all(|line| line.starts_with('+')), "{after}");
    let none = edited(LAB, next);
    assert!(none.starts_with(LAB) && none.contains("\n\n[[storage_network]]\nname = \"storage3\""), "{none}");
    let inline = LAB.replace(
        "name = \"lab\"\n",
        "name = \"lab\"\nstorage_network = [ { name = \"a\", network = \"10.9.0.0/24\", vlan = 7 } ] # fast\n",
    );
    let after = edited(&inline, next);
    assert_eq!(diff(&inline, &after).len(), 2, "{after}");
    assert_eq!(edited(&after, |c| c.storage_networks.truncate(1)), inline);
    let mut rules = edited(LAB, |c| {
        c.rules = vec![toml::from_str("name = \"a.b\"\nserial = \"1\"\ntype = \"SCH\"").unwrap()];
    });
    assert!(rules.contains("[[rule]]\nname = \"a.b\""), "{rules}");
    rules = edited(&rules, |c| c.rules.clear());
    assert_eq!(rules, LAB);
}

#[test]
fn elements_of_a_list_that_stay_keep_their_comments() {
    let key = |n: char| format!("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI{n}bcdefghijklmnopqrstuvwxyz new");
    let after = edited(OWN, |c| c.install.ssh_keys.push(key('C').parse().unwrap()));
    assert_eq!(diff(OWN, &after), [format!("+  \"{}\",", key('C'))]);
    let after = edited(OWN, |c| {
        c.install.ssh_keys.pop();
    });
    assert_eq!(
        diff(OWN, &after)
            .iter()
            .map(|l| l.trim_start_matches("-  ").split(' ').next().unwrap().to_owned())
            .collect::<Vec<_>>(),
        ["#", "'ssh-ed25519"]
    );
    let after = edited(OWN, |c| {
        c.install.ssh_keys.remove(0);
    });
    assert_eq!(diff(OWN, &after).len(), 1, "{after}");
    assert!(after.contains("# the night shift") && !after.contains("until May"), "{after}");
    let one = LAB.replace("[install]", "ntp = [ '10.0.0.8', \"10.0.0.9\" ] # clocks\n[install]");
    let ntp =
        |text: &str, list: &[&str]| edited(text, |c| c.network.ntp = list.iter().map(|a| a.parse().unwrap()).collect());
    for (list, expected) in [
        (&["10.0.0.8", "10.0.0.9", "10.0.0.7"][..], "[ '10.0.0.8', \"10.0.0.9\", \"10.0.0.7\" ]"),
        (&["10.0.0.9"], "[ \"10.0.0.9\" ]"),
        (&["10.0.0.9", "10.0.0.8"], "[ \"10.0.0.9\", '10.0.0.8' ]"),
        (&["10.0.0.7"], "[ \"10.0.0.7\" ]"),
    ] {
        assert_eq!(ntp(&one, list), one.replace("[ '10.0.0.8', \"10.0.0.9\" ]", expected));
    }
    let empty = one.replace("[ '10.0.0.8', \"10.0.0.9\" ]", "[]");
    assert_eq!(ntp(&empty, &["10.0.0.7", "10.0.0.8"]), empty.replace("[]", "[\"10.0.0.7\", \"10.0.0.8\"]"));
    assert_eq!(ntp(&one, &[]), one.replace("[ '10.0.0.8', \"10.0.0.9\" ]", "[ ]"));
}

#[test]
fn what_cannot_be_edited_in_place_is_refused() {
    let mut cluster = Cluster::parse(OWN).unwrap();
    cluster.storage_networks.reverse();
    assert_eq!(cluster.edit_text(OWN), Err(EditError::Differs));
    assert!(matches!(cluster.edit_text("version = 1"), Err(EditError::Content(_))));
}
