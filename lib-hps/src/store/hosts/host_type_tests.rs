// SPDX-License-Identifier: GPL-3.0-or-later
//! Hosts of a type of the site's own: their names, and a record whose type nothing defines.

use crate::config::Cluster;
use crate::host::{Event, Who};
use crate::store::testing::stores;
use crate::store::{Role, Store, StoreError};
use crate::types::{HostType, MacAddr, Timestamp};

fn with_types(store: Store, more: &str) -> Store {
    let cluster = Cluster::parse(&format!("{}{more}", store.cluster.to_text())).unwrap();
    Store { cluster, ..store }
}

fn own(name: &str, prefix: &str) -> String {
    format!("\n[types.{name}]\nfrom = \"PLAIN\"\nprefix = \"{prefix}\"\ndistro = \"x86_64-linux-debian-12\"\n")
}

fn add(store: &Store, n: u32, host_type: &str) -> String {
    let host_type: HostType = host_type.parse().unwrap();
    let role = Role { host_type, profile: None, event: Event::TypeChosen };
    let (who, at) = (Who::operator("test", "root"), Timestamp::from_unix(1));
    let host = store.allocations().allocate(mac(n), role, None, &[], &who, at).unwrap();
    host.name.unwrap().to_string()
}

fn mac(n: u32) -> MacAddr {
    format!("5254{n:08x}").parse().unwrap()
}

#[test]
fn names_begin_with_the_prefix_of_the_type() {
    for (_folder, store) in stores("10.0.0.2-10.0.0.20") {
        let store = with_types(store, &(own("WEB", "www") + &own("DB", "www") + &own("APP", "app")));
        let names: Vec<String> =
            [(1, "WEB"), (2, "DB"), (3, "WEB"), (4, "APP"), (5, "PLAIN")].map(|(n, t)| add(&store, n, t)).to_vec();
        assert_eq!(names, ["www-001", "www-002", "www-003", "app-001", "plain-001"]);
    }
}

#[test]
fn a_record_of_an_unknown_type_is_refused_alone() {
    for (_folder, store) in stores("10.0.0.2-10.0.0.20") {
        let store = with_types(store, &own("WEB", "web"));
        add(&store, 1, "WEB");
        add(&store, 2, "SCH");
        let text = store.cluster.to_text().replace("[types.WEB", "[types.WEBB");
        assert!(text.contains("WEBB"));
        let store = Store { cluster: Cluster::parse(&text).unwrap(), ..store };
        let error = store.hosts().find(mac(1)).unwrap_err();
        let message = error.to_string();
        assert!(matches!(error, StoreError::Content { .. }), "{message}");
        for word in ["525400000001", "line ", "type WEB", "[types.WEB]", "did you mean WEBB?"] {
            assert!(message.contains(word), "{word}: {message}");
        }
        assert!(store.hosts().find(mac(2)).unwrap().is_some());
        let good: Vec<bool> = store.hosts().list().unwrap().iter().map(|file| file.host.is_ok()).collect();
        assert_eq!(good, [false, true]);
        assert_eq!(add(&store, 3, "WEBB"), "web-002", "its name is still its own");
    }
}
