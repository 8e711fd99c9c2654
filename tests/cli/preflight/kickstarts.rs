// SPDX-License-Identifier: GPL-3.0-or-later
//! Kickstarts, as ksvalidator reads them, and the programs that a check runs.

use super::{PACKAGES, is_silent, of_rocky, publish_tree, says};
use crate::PROGRAM;
use crate::setup::edit_cluster;
use crate::support::{Answer, Node};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

/// `host-state check`, with a script that stands for ksvalidator.
fn check_with(node: &Node, ksvalidator: &str) -> Answer {
    node.set_ksvalidator(ksvalidator);
    node.run("host-state", &["check"])
}

#[test]
fn kickstarts_are_shown_to_ksvalidator_without_secrets() {
    let node = of_rocky();
    publish_tree(&node, &PACKAGES, &[]);
    let place = node.path("ksvalidator");
    node.set_ksvalidator("");
    std::fs::remove_file(&place).unwrap();
    let check = || node.run("host-state", &["check"]);
    says(&check(), 0, &["note: ", "ksvalidator is not installed", "pip install pykickstart", "HPS_KSVALIDATOR"]);
    let hash = format!("$6$verysecretsalt${}", "verysecrethash".repeat(7).split_at(86).0);
    edit_cluster(&node, "# root_password_hash = \"\"", &format!("root_password_hash = \"{hash}\""));
    let seen = node.path("seen");
    let show = format!("cat \"$@\" >> {} 2> /dev/null || :", seen.display());
    node.set_ksvalidator(&show);
    let before = node.snapshot("srv");
    is_silent(&check_with(&node, &show));
    assert_eq!(node.snapshot("srv"), before, "nothing was written");
    let text = std::fs::read_to_string(&seen).unwrap();
    assert!(text.contains("rootpw --iscrypted $6$") && !text.contains("verysecret"), "{text}");
    assert_eq!(text.matches("\n# end of the kickstart").count(), 2, "one for each profile");
    let complain =
        "printf 'The following problem occurred on line 7 of the kickstart file:\\n\\nno such thing\\n' >&2; exit 1";
    let words =
        ["lab.cluster:", "SCH STORAGESINGLE and SCH STORAGERAID: its kickstart, line 7: ", "RHEL 10: no such thing"];
    says(&check_with(&node, complain), 1, &words);
    edit_cluster(&node, "\"lab.internal\"", "\"other.internal\"");
    node.run("reload", &[]).fails(1, &["no such thing", "nothing was changed"]);
    // Root does not run what somebody else could have written.
    for (mode, user, words) in [(0o775, 0, "chmod go-w"), (0o755, 65_534, "chown -h root"), (0o644, 0, "chmod +x")] {
        std::fs::set_permissions(&place, std::fs::Permissions::from_mode(mode)).unwrap();
        std::os::unix::fs::chown(&place, Some(user), None).unwrap();
        says(&check(), 0, &["note: ", "ksvalidator did not check the kickstarts", words]);
    }
}

/// A folder of somebody else's programs is where an administrator happens to be, and in PATH.
#[test]
fn programs_of_the_current_folder_are_not_run() {
    let node = of_rocky();
    publish_tree(&node, &PACKAGES, &[]);
    let (folder, ran) = (node.path("elsewhere"), node.path("ran"));
    std::fs::create_dir(&folder).unwrap();
    let programs =
        ["ksvalidator", "bash", "sh", "gzip", "zstd", "ip", "dnsmasq", "lighttpd", "getent", "useradd", "rpm"];
    let others = ["systemctl", "supervisorctl", "gpgv", "setsid", "kill", "env", "python3", "cat"];
    for name in programs.iter().chain(&others) {
        let place = folder.join(name);
        std::fs::write(&place, format!("#!/bin/sh\necho {name} >> {}\n", ran.display())).unwrap();
        std::fs::set_permissions(&place, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    edit_cluster(&node, "\"lab.internal\"", "\"other.internal\"");
    let at = folder.display().to_string();
    for first in [".", &at] {
        let script = format!("cd {at}; PATH={first}:/usr/bin:/usr/sbin BASH_ENV={first}/bash exec \"$@\"");
        for (program, argument) in [("host-state", "check"), ("reload", "--dry-run"), ("reload", "--json")] {
            let mut command = node.command("/bin/sh");
            command.args(["-c", &script, "sh"]).arg(Path::new(PROGRAM).with_file_name(program)).arg(argument);
            let answer = Answer::from_output(command.output().unwrap());
            let who = || std::fs::read_to_string(&ran).unwrap();
            assert!(!ran.exists(), "PATH={first}: {program} {argument}: {}{answer:?}", who());
            assert_ne!(answer.code, 2, "{answer:?}");
        }
    }
}

/// The real one, on kickstarts that are not good.
#[test]
fn ksvalidator_names_the_line() {
    let golden = include_str!("../../golden/answer/kickstart-rocky-10-sch.ks");
    let folder = tempfile::tempdir().unwrap();
    // In a folder of this user, whoever has the checkout.
    let program = folder.path().join("ksvalidator");
    std::fs::write(&program, "#!/bin/sh\nexec \"$(cat \"${0%/*}/place\")\" \"$@\"\n").unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let place =
        std::env::split_paths(&std::env::var_os("PATH").unwrap()).map(|f| f.join("ksvalidator")).find(|p| p.is_file());
    std::fs::write(folder.path().join("place"), place.unwrap().as_os_str().as_encoded_bytes()).unwrap();
    let check = |text: &str, major| {
        let file = folder.path().join("x.ks");
        std::fs::write(&file, text).unwrap();
        hps::exec::ksvalidator::check(&program, &[&file], major).expect("scripts/setup test installs ksvalidator")
    };
    assert_eq!(check(golden, 10), None);
    assert_eq!(check(golden, 9), None);
    let other =
        golden.replace("\nkeyboard --vckeymap=us --xlayouts=us\n", "\nkeyboard --vckeymap=latam --xlayouts=latam\n");
    assert_ne!(other, golden);
    for major in [9, 10] {
        assert_eq!(check(&other, major), None);
    }
    let line = 1 + golden.lines().position(|l| l.starts_with("timezone ")).unwrap();
    let said = check(&golden.replace("\ntimezone UTC", "\ntimezone --nosuch UTC"), 10).unwrap();
    assert_eq!((said.line, said.problem.contains("--nosuch")), (Some(line), true), "{said:?}");
    assert!(check(&golden.replace("\nskipx", "\nnosuch"), 10).unwrap().problem.contains("nosuch"));
    assert!(check(golden, 99).unwrap().problem.contains("RHEL99"));
}
