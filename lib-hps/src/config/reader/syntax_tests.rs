// SPDX-License-Identifier: GPL-3.0-or-later
//! Lines that are no TOML, beside other mistakes.

use crate::config::{Cluster, ClusterError};

const CLUSTER: &str = include_str!("../../../../tests/fixtures/lab.cluster");

fn mistakes(text: &str) -> Vec<(usize, String)> {
    match Cluster::parse(text) {
        Err(ClusterError::File(all)) => all.iter().map(|one| (one.line(), one.without_line())).collect(),
        other => panic!("{other:?}"),
    }
}

/// As people write them who know other files. The rest of the file is read, and no mistake makes another one.
#[test]
fn values_without_quotes_are_explained_together_with_other_mistakes() {
    let text = CLUSTER
        .replace("\"10.0.0.1/24\"", "10.0.0.1/24 # ours")
        .replace("domain = ", "http_port = 99999\nhttp_port = 80\ngateway =\ndomain = ")
        .replace("[types.SCH]", "[types.SCH.disks]\nmirror = yes\n[types.SCH]")
        + "[[rule]]\nname = \"r\"\ntype = SCH\nserial = \"1\"\n";
    let found = mistakes(&text);
    let expected = [
        "network.address is 10.0.0.1/24: text needs quotes: address = \"10.0.0.1/24\" (column 11: address = ",
        "network.http_port is 99999: expected",
        "network.http_port stands twice: remove one of the lines (column 1: http_port = 80)",
        "network.gateway has no value",
        "types.SCH.disks.mirror is yes: expected true, without quotes, or text in quotes",
        "rule.type is SCH: text needs quotes: type = \"SCH\" (column 8: type = SCH)",
    ];
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    for ((_, problem), begin) in found.iter().zip(expected) {
        assert!(problem.starts_with(begin), "{begin}: {problem}");
    }
    assert!(found.is_sorted_by_key(|(line, _)| *line), "{found:#?}");
    let conflict = CLUSTER.replace("[install]", "<<<<<<< HEAD\n=======\n>>>>>>> other\n[install]");
    let found = mistakes(&conflict);
    assert!(found.len() == 1 && found[0].1.starts_with("a mark of a merge conflict"), "{found:?}");
    let secret = CLUSTER.replace("[install]", "[install]\nroot_password_hash = $6$saltsalt$abc");
    assert!(!mistakes(&secret)[0].1.contains("saltsalt"), "{:?}", mistakes(&secret));
}
