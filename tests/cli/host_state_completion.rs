// SPDX-License-Identifier: GPL-3.0-or-later
//! `host-state completion`: what a shell offers when somebody presses Tab.

use crate::PROGRAM;
use crate::setup::{CLUSTER, MACS, three};
use crate::support::Node;

#[test]
fn shells_complete_names() {
    let node = Node::served(PROGRAM);
    three(&node);
    for shell in ["bash", "zsh", "fish"] {
        let script = node.run("host-state", &["completion", shell]);
        assert!(script.code == 0 && script.out.contains("HPS_COMPLETE"), "{shell}: {}", script.out);
    }
    let folder = std::path::Path::new(PROGRAM).parent().unwrap().display().to_string();
    // As bash does it when the tabulator is pressed.
    let press = |words: &str| {
        let script = format!(
            "PATH={folder}:$PATH; source <(host-state completion bash); \
             COMP_LINE='{words}'; COMP_POINT=${{#COMP_LINE}}; COMP_WORDS=({words}); COMP_CWORD=$((${{#COMP_WORDS[@]}}-1)); COMP_TYPE=9; \
             complete -p host-state >&2; f=$(complete -p host-state | sed 's/.*-F \\([^ ]*\\).*/\\1/'); \
             $f host-state \"${{COMP_WORDS[COMP_CWORD]}}\" \"${{COMP_WORDS[COMP_CWORD-1]}}\"; echo \"${{COMPREPLY[@]}}\""
        );
        node.run("bash", &["-c", &script])
    };
    let names = press("host-state show sch-");
    assert_eq!(names.out.trim(), "sch-001 sch-002 sch-003", "{}", names.err);
    assert_eq!(press("host-state histo").out.trim(), "history");
    assert!(press("host-state rm --dr").out.contains("--dry-run"));
    // bash parts these at the colon and the equals sign.
    node.run("host-state", &["add", MACS[3]]).done();
    assert_eq!(press("host-state show 52:54:00:0").out.trim(), "00:00:04");
    assert_eq!(press("host-state set sch-001 state=INSTALLE").out.trim(), "INSTALLED");
    assert_eq!(press("host-state set sch-001 pro").out.trim(), "profile=");
    assert_eq!(press("host-state list --state FAILED,REI").out.trim(), "FAILED,REINSTALL");
    assert!(press("host-state arm x --type ").out.contains("SCH TCH CCH DRH PLAIN"));
    let file = node.path(CLUSTER);
    let own = "\n[types.WEB]\nfrom = \"PLAIN\"\ndistro = \"x86_64-linux-debian-12\"\n";
    std::fs::write(&file, std::fs::read_to_string(&file).unwrap() + own).unwrap();
    assert_eq!(press("host-state arm x --type w").out.trim(), "WEB");
    assert_eq!(press("host-state set sch-001 type=W").out.trim(), "WEB");
    let open = ["window", "open", "--type", "SCH", "--for", "2h", "--any", "--name", "rack7"];
    node.run("host-state", &open).done();
    assert_eq!(press("host-state window close ra").out.trim(), "rack7");
}
