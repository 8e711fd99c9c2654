// SPDX-License-Identifier: GPL-3.0-or-later
//! Which host types the menu offers, and by which keys.

use super::super::{ScriptContext, Shims, decision};
use crate::boot::{Decision, MenuPage};
use crate::config::Cluster;
use crate::types::Loader;

const CLUSTER: &str = include_str!("../../../../tests/fixtures/lab.cluster");

/// Types of the site's own have digits, and a plain host is no storage host and needs none.
#[test]
fn the_menu_has_each_type_that_the_cluster_installs() {
    let own = |name: &str, from: &str| {
        format!("[types.{name}]\nfrom = \"{from}\"\ntitle = \"My {name}\"\ndistro = \"x86_64-linux-debian-12\"\n")
    };
    let text = [
        CLUSTER.to_owned(),
        "[types.PLAIN]\ndistro = \"x86_64-linux-debian-13\"\n".to_owned(),
        own("WEB", "PLAIN"),
        own("STORE", "SCH"),
        own("KVM", "TCH"),
    ]
    .concat();
    let cluster = Cluster::parse(&text).unwrap();
    let menu = |cluster: &Cluster, has_storage| {
        let context = ScriptContext {
            cluster,
            mac: "525400000001".parse().unwrap(),
            host: None,
            probable_host: None,
            was_installed: false,
            has_storage,
            loader: Loader::Ipxe,
            shims: Shims::default(),
        };
        decision(context, &Decision::Menu(MenuPage::Install, None), None)
    };
    let items = |script: &str| {
        let items = script.lines().filter_map(|line| line.trim().strip_prefix("item --key "));
        items.filter(|line| line.contains("install_")).map(str::to_owned).collect::<Vec<_>>()
    };
    let all = items(&menu(&cluster, true));
    let expected = [
        "s install_SCH_STORAGESINGLE ",
        "m install_SCH_STORAGERAID ",
        "p install_PLAIN ",
        "1 install_KVM ",
        "2 install_STORE_STORAGESINGLE ",
        "3 install_STORE_STORAGERAID ",
        "4 install_WEB ",
    ];
    assert!(all.len() == expected.len() && all.iter().zip(expected).all(|(a, e)| a.starts_with(e)), "{all:#?}");
    assert!(all.iter().any(|line| line.contains("My WEB WEB, x86_64-linux-debian-12")), "{all:#?}");
    assert!(all.iter().any(|line| line.contains("Plain host PLAIN, x86_64-linux-debian-13")), "{all:#?}");
    let first = menu(&cluster, false);
    assert!(items(&first).iter().all(|line| !line.contains("KVM")) && items(&first).len() == 6, "{first}");
    assert!(first.contains("first host of a cluster is a storage host"), "{first}");
    let plain = Cluster::parse(&CLUSTER.replace("types.SCH", "types.PLAIN")).unwrap();
    let first = menu(&plain, false);
    assert!(items(&first).len() == 1 && !first.contains("storage host"), "{first}");
}
