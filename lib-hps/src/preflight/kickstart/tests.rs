// SPDX-License-Identifier: GPL-3.0-or-later
//! Faults of kickstarts, each with its line.
use super::*;

const GOLDEN: &str = include_str!("../../../../tests/golden/answer/kickstart-rocky-10-sch.ks");

#[test]
fn what_is_rendered_is_whole() {
    assert_eq!(faults(GOLDEN).unwrap(), []);
    assert_eq!(packages(GOLDEN).first(), Some(&"@^minimal-environment"));
}

#[test]
fn each_fault_is_found() {
    let line = |begin: &str| GOLDEN.lines().find(|l| l.starts_with(begin)).unwrap_or_else(|| panic!("{begin}"));
    let without = |begin: &str| GOLDEN.replace(&format!("{}\n", line(begin)), "");
    let replaced = |from: &str, to: &str| {
        assert!(GOLDEN.contains(from), "{from}");
        GOLDEN.replacen(from, to, 1)
    };
    for (text, words) in [
        (without("url "), "it has no url"),
        (without("lang "), "it has no lang"),
        (without("timezone "), "it has no timezone"),
        (without("network "), "it has no network"),
        (without("selinux "), "it has no selinux"),
        (without("firewall "), "it has no firewall"),
        (without("%include "), "it has no bootloader and no %include"),
        (without("sshkey "), "no login is possible"),
        (replaced("sshkey --username=admin", "sshkey --username=other"), "no login is possible"),
        (without("# end of"), "its last line is not"),
        (replaced("layout > /tmp/hps-disks.ks", "layout"), "no %pre script writes it"),
        (replaced("layout > /tmp/hps-disks.ks", "# layout > /tmp/hps-disks.ks"), "no %pre script writes it"),
        (replaced("%packages\n", ""), "%end, but no section is open"),
        (replaced("%end\n\n%pre ", "\n%pre "), "%packages is not closed by %end"),
        (replaced("%end\n# end of", "# end of"), "%onerror is not closed by %end"),
        (replaced("%post --interpreter=/bin/bash", "%post --interpreter=/usr/bin/python3"), "HPS cannot check"),
        (replaced("script_end %pre\n%end", "if true; then\n%end"), "%pre: syntax error: unexpected end of file"),
    ] {
        let said: Vec<String> = faults(&text)
            .unwrap()
            .into_iter()
            .map(|f| f.line.map_or_else(String::new, |l| format!("line {l}: ")) + &f.problem)
            .collect();
        assert!(said.iter().any(|said| said.contains(words)), "{words}: {said:?}");
    }
    let without_user = GOLDEN.replace("user --name", "group --name");
    assert!(faults(&without_user).unwrap().iter().any(|f| f.problem.contains("no login is possible")));
    let root = without_user.replace("rootpw --lock", "rootpw --iscrypted $6$sample$sample");
    assert_eq!(faults(&root).unwrap(), [], "a password is a way in");
}

#[test]
fn a_fault_of_a_script_names_the_line_of_the_kickstart() {
    let at = GOLDEN.lines().position(|l| l == "set -e").unwrap() + 1;
    let found = faults(&GOLDEN.replacen("set -e\n", "set -e )\n", 1)).unwrap();
    assert_eq!(found.iter().map(|f| f.line).collect::<Vec<_>>(), [Some(at)], "{found:?}");
}
