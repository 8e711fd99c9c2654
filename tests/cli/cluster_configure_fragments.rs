// SPDX-License-Identifier: GPL-3.0-or-later
//! The site's own programs that add settings.

use crate::PROGRAM;
use crate::setup::CLUSTER;
use crate::support::Node;

const ETC: &str = "etc/hps/cluster-config.d";
const SCRIPTS: &str = "srv/hps-system/scripts/cluster-config.d";

fn fragment(node: &Node, folder: &str, name: &str, mode: u32, script: &str) {
    let folder = node.path(folder);
    std::fs::create_dir_all(&folder).unwrap();
    let place = folder.join(name);
    std::fs::write(&place, format!("#!/bin/sh\n{script}\n")).unwrap();
    std::fs::set_permissions(&place, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
}

#[test]
fn fragments_add_settings_in_the_order_of_their_names() {
    let node = Node::new(PROGRAM);
    fragment(&node, ETC, "20-time", 0o755, "echo CLUSTER_NTP=10.99.0.5; echo; echo \"CLUSTER_CONSOLE='ttyS1'\"");
    fragment(&node, SCRIPTS, "10-first", 0o755, "echo CLUSTER_NTP=10.99.0.4; echo CLUSTER_SYSLOG=tcp:10.99.0.9");
    // The settings are in the environment, with what the fragments before have added.
    let told =
        "[ \"$CLUSTER_NTP\" = 10.99.0.5 ] && echo \"CLUSTER_DESCRIPTION=$CLUSTER_NAME $CLUSTER_ADDRESS $HPS_DRY_RUN\"";
    fragment(&node, SCRIPTS, "30-last", 0o755, told);
    // The same name in /etc/hps replaces it; what is not executable or left by an editor does not count.
    fragment(&node, SCRIPTS, "40-replaced", 0o755, "echo CLUSTER_SYSLOG=none");
    fragment(&node, ETC, "40-replaced", 0o755, "true");
    fragment(&node, ETC, "50-readme", 0o644, "exit 1");
    fragment(&node, ETC, "60-old~", 0o755, "exit 1");
    let shown = node.configure(&["--dry-run", "--no-reload"]);
    assert!(shown.code == 10 && shown.out.contains("10.99.0.1/24 1\""), "a dry run calls them: {shown:?}");
    // A flag counts more.
    node.configure(&["--no-reload", "--console", "ttyS0"]).done();
    let text = std::fs::read_to_string(node.path(CLUSTER)).unwrap();
    for line in [
        "ntp = [\"10.99.0.5\"]",
        "syslog = \"tcp:10.99.0.9\"",
        "consoles = [\"ttyS0\"]",
        "description = \"lab 10.99.0.1/24 0\"",
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }
}

#[test]
fn a_fragment_that_fails_stops_with_its_name() {
    let node = Node::new(PROGRAM);
    for (script, word) in [
        ("echo no inventory >&2; exit 7", "no inventory"),
        ("echo Looking...", "expected CLUSTER_KEY=value"),
        ("echo CLUSTER_COLOUR=red", "expected one of"),
        ("echo CLUSTER_NAME=other", "expected one of"),
        ("echo CLUSTER_GATEWAY=10.98.0.1", "CLUSTER_GATEWAY: expected another address of 10.99.0.0/24"),
    ] {
        fragment(&node, ETC, "10-site", 0o755, script);
        for more in [&["--no-reload", "--dry-run"][..], &["--no-reload"]] {
            node.configure(more).fails(1, &["fragment", "cluster-config.d/10-site", word, "nothing was written"]);
        }
    }
    fragment(&node, ETC, "10-site", 0o777, "true");
    node.configure(&["--no-reload"]).fails(1, &["10-site", "chmod go-w"]);
    assert!(node.snapshot("srv/hps-config").is_empty());
}
