// SPDX-License-Identifier: GPL-3.0-or-later
//! `--check`: what hosts are installed with, looked for by dnf in the tree and in the repository.

use super::LINE;
use crate::key::GOOD;
use crate::rpm::{Spec, index};
use crate::site::{Answer, Site};

const GROUPS: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE comps PUBLIC "-//Red Hat, Inc.//DTD Comps info//EN" "comps.dtd">
<comps>
  <group><id>core</id><name>Core</name><description>x</description><default>true</default><uservisible>true</uservisible>
    <packagelist><packagereq type="mandatory">filesystem</packagereq></packagelist></group>
  <environment><id>minimal-environment</id><name>Minimal</name><description>x</description><display_order>1</display_order>
    <grouplist><groupid>core</groupid></grouplist><optionlist/></environment>
</comps>
"#;

/// A published tree of 10.1 with these packages; the first group of them is in BaseOS.
fn tree(site: &Site, base: &[Spec<'_>], more: &[Spec<'_>]) {
    let tree = site.distros("x86_64-linux-rockylinux-10.1");
    let groups = site.path("comps.xml");
    std::fs::write(&groups, GROUPS).unwrap();
    for (name, specs) in [("BaseOS", base), ("AppStream", more)] {
        let folder = tree.join(name);
        std::fs::create_dir_all(folder.join("Packages")).unwrap();
        for spec in specs {
            std::fs::write(folder.join("Packages").join(spec.file_name()), spec.build()).unwrap();
        }
        index(&folder, (name == "BaseOS").then_some(groups.as_path()));
    }
}

#[test]
fn what_a_storage_host_needs() {
    let site = Site::new();
    let cluster = include_str!("../../fixtures/lab.cluster").replace("x86_64-linux-debian-12", LINE);
    std::fs::write(site.path("srv/hps-config/clusters/lab.cluster"), cluster).unwrap();
    let plain = |name| Spec::new(name, "1.0");
    let target = Spec { more: "Requires: python3-rtslib >= 2", ..plain("targetcli") };
    tree(&site, &[plain("filesystem"), plain("curl"), plain("rsyslog"), plain("lvm2")], &[target]);
    let check = |words: &[&str]| {
        let answer = site.build(&["--check"]);
        assert_eq!((answer.code, answer.err.lines().count()), (Some(4), 1), "{answer:?}");
        for word in words {
            assert!(answer.out.contains(word), "{word}: {answer:?}");
        }
    };
    check(&["SCH: Unable to find a match: mdadm"]);
    let add = |spec: Spec<'_>| {
        let file = site.stick(&spec.file_name(), &spec.signed(&GOOD));
        assert_eq!(site.build(&[&file]).code, Some(0));
    };
    add(plain("mdadm"));
    check(&["SCH: nothing provides python3-rtslib >= 2 needed by targetcli-1.0-1.el10.x86_64"]);
    add(plain("python3-rtslib"));
    check(&["nothing provides python3-rtslib >= 2"]);
    add(Spec::new("python3-rtslib", "2.1"));
    site.build(&["--check"]).is_silent();
    // A release that has a repository of its own does not see that of its line.
    let release = |arguments: &[&str]| {
        Answer::from_output(site.packaging("x86_64-linux-rockylinux-10.1", arguments).output().unwrap())
    };
    release(&["--check"]).is_silent();
    let own = site.stick("own.rpm", &plain("own").signed(&GOOD));
    assert_eq!(release(&[&own]).code, Some(0));
    assert_eq!(release(&["--check"]).code, Some(4));
    let json: serde_json::Value = serde_json::from_str(&release(&["--check", "--json"]).out).unwrap();
    assert_eq!(json["SCH"], serde_json::json!(["Unable to find a match: mdadm"]));
}
