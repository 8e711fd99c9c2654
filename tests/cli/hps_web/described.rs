// SPDX-License-Identifier: GPL-3.0-or-later
//! The answers fit their description, by schemathesis: right requests, wrong requests, and everything between.

use super::Web;
use crate::PROGRAM;
use crate::setup::{MACS, installing, three};
use crate::support::Node;

#[test]
fn the_answers_fit_their_description() {
    let node = Node::unserved(PROGRAM);
    three(&node);
    installing(&node, MACS[0], "packages", 30_000);
    node.run("host-state", &["arm", "sch-002", "--reason", "test"]).done();
    node.run("host-state", &["window", "open", "--type", "SCH", "--for", "90h", "--any", "--name", "rack7"]).done();
    std::fs::write(node.path("srv/log/hosts/525400000001.install-1.log"), "end\n").unwrap();
    let web = Web::alone(&node);
    let (base, key) = web.address.split_once("/?key=").unwrap();
    let (description, bearer) = (format!("{base}/api/v1/openapi.json"), format!("Authorization: Bearer {key}"));
    // Events have no end; answers.rs has them.
    let run = [
        "--no-color",
        "run",
        &description,
        "-H",
        &bearer,
        "--exclude-path",
        "/api/v1/events",
        "--max-examples",
        "20",
        "--seed",
        "1",
        "--phases",
        "examples,coverage,fuzzing",
        "--generation-database",
        "none",
    ];
    let mut command = node.command("schemathesis");
    command.args(run).current_dir(node.folder.path());
    let output = command.output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}");
    assert!(text.contains("12 selected / 13 total") || text.contains("13 selected / 14 total"), "{text}");
}
