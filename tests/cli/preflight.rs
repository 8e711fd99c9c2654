// SPDX-License-Identifier: GPL-3.0-or-later
//! What would be served, looked at before a machine asks for it: by `host-state check` and by `reload`.

use crate::PROGRAM;
use crate::key::GOOD;
use crate::rpm::{Spec, index};
use crate::support::{Answer, Node};
use hps::media::package_versions::version_lines;
use hps::media::recipe::Recipe;
use hps::media::{File, Kernel, Manifest, NodeFiles};
use hps::types::{HostType, Line, Sha256Digest};
use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

const CLUSTER: &str = "srv/hps-config/clusters/lab.cluster";
const DEBIAN: &str = "x86_64-linux-debian-12";
const ROCKY: &str = "x86_64-linux-rockylinux-10";
const TREE: &str = "srv/hps-resources/distros/x86_64-linux-rockylinux-10.1";
/// What a storage host is installed with, beside the groups.
const PACKAGES: [&str; 5] = ["curl", "rsyslog", "lvm2", "mdadm", "targetcli"];
const GROUPS: &str = "<comps><environment><id>minimal-environment</id></environment></comps>";

/// What else is in the image.
const CONTENTS: &str =
    "group root\ngroup staff\nkeyboard de\nkeyboard us\ntimezone Etc/UTC\ntimezone UTC\nuser operator\nuser root\n";

/// Publishes a build of Debian as this version makes it, with these packages in the image of a storage host. Of it only the lists
/// are what they seem to be.
pub(crate) fn publish_image(node: &Node, without: &str) {
    let recipe =
        Recipe { kernel: Kernel::Generic, firmware: false, types: [HostType::Sch].into(), site: BTreeMap::new() };
    let versions: BTreeMap<String, String> =
        recipe.all_packages().into_iter().map(|name| (name, "1.0".to_owned())).collect();
    let folder = node.path("srv/hps-resources/distros").join(DEBIAN);
    let build = folder.join("20261122T110203Z");
    std::fs::create_dir_all(&build).unwrap();
    let file = |name: &str, text: &str, unpacked| {
        std::fs::write(build.join(name), text).unwrap();
        File { file: name.to_owned(), sha256: Sha256Digest::of(text.as_bytes()), size: text.len() as u64, unpacked }
    };
    let installed: String = version_lines(&versions)
        .lines()
        .filter(|l| !l.starts_with(without))
        .fold("libc6:amd64 2.36\n".to_owned(), |text, line| text + line + "\n");
    let manifest = Manifest {
        version: Manifest::VERSION,
        distro: DEBIAN.parse().unwrap(),
        build: Line::lossy("20261122T110203Z"),
        kernel: Line::lossy("linux-image-6.1.0-9-amd64 6.1.9"),
        recipe: recipe.digest(&versions),
        node: NodeFiles { kernel: file("vmlinuz", "k", None), initrd: file("initrd.img", "i", None) },
        images: [(HostType::Sch, file("SCH.tar.zst", "image", Some(9)))].into(),
        packages: vec![
            file("packages.txt", &version_lines(&versions), None),
            file("packages-SCH.txt", &installed, None),
            file("contents-SCH.txt", CONTENTS, None),
        ],
    };
    std::fs::write(folder.join("current.toml"), manifest.to_text()).unwrap();
}

/// A repository with packages of these names, as createrepo_c writes one.
fn repository(folder: &Path, names: &[&str], groups: Option<&str>) {
    let data = folder.join("repodata");
    std::fs::create_dir_all(&data).unwrap();
    let packages: String = names
        .iter()
        .map(|name| {
            format!(
                "<package type=\"rpm\"><name>{name}</name><arch>x86_64</arch><version epoch=\"0\" ver=\"1\" rel=\"1\"/>\
                 <location href=\"{name}.rpm\"/></package>\n"
            )
        })
        .collect();
    std::fs::write(data.join("primary.xml"), format!("<metadata>{packages}</metadata>")).unwrap();
    let mut lists = "<data type=\"primary\"><location href=\"repodata/primary.xml\"/></data>".to_owned();
    if let Some(groups) = groups {
        std::fs::write(data.join("comps.xml"), groups).unwrap();
        lists += "<data type=\"group\"><location href=\"repodata/comps.xml\"/></data>";
    }
    std::fs::write(data.join("repomd.xml"), format!("<repomd>{lists}</repomd>")).unwrap();
}

fn boot_files(tree: &Path) {
    std::fs::create_dir_all(tree.join("images/pxeboot")).unwrap();
    for name in [".treeinfo", "images/pxeboot/vmlinuz", "images/pxeboot/initrd.img"] {
        std::fs::write(tree.join(name), name).unwrap();
    }
}

/// Publishes a tree, of which the lists alone are what they seem to be.
fn publish_tree(node: &Node, base: &[&str], more: &[&str]) -> PathBuf {
    let tree = node.path(TREE);
    boot_files(&tree);
    repository(&tree.join("BaseOS"), base, Some(GROUPS));
    repository(&tree.join("AppStream"), more, None);
    tree
}

fn edit(node: &Node, from: &str, to: &str) {
    let text = std::fs::read_to_string(node.path(CLUSTER)).unwrap();
    assert!(text.contains(from), "{from} in {text}");
    std::fs::write(node.path(CLUSTER), text.replacen(from, to, 1)).unwrap();
}

/// A node whose storage hosts are installed with Rocky Linux.
fn of_rocky() -> Node {
    let node = Node::served(PROGRAM);
    edit(&node, DEBIAN, ROCKY);
    node
}

/// `host-state check`, with a script that stands for ksvalidator.
fn check_with(node: &Node, ksvalidator: &str) -> Answer {
    node.set_ksvalidator(ksvalidator);
    node.run("host-state", &["check"])
}

/// `host-state check` says this and nothing else.
#[track_caller]
fn says(answer: &Answer, code: i32, words: &[&str]) {
    assert_eq!(answer.code, code, "{answer:?}");
    assert_eq!(answer.out.lines().count(), 1, "one line: {answer:?}");
    for word in words {
        assert!(answer.out.contains(word), "{word}: {answer:?}");
    }
}

#[track_caller]
fn is_silent(answer: &Answer) {
    assert_eq!((answer.code, answer.out.as_str()), (0, ""), "{}", answer.err);
}

#[test]
fn what_reload_refuses_is_found_by_check_too() {
    for (from, to, words) in [
        (DEBIAN, "x86_64-linux-debian-14", &["types.SCH.distro", "cannot be installed by this version"][..]),
        ("timezone = \"UTC\"", "timezone = \"Europe/Atlantis\"", &["install.timezone", "no such time zone"]),
        (
            "[legacy]",
            "[[rule]]\nname = \"racks\"\nmac = \"525400000009\"\ntype = \"TCH\"\n\n[legacy]",
            &["rule racks", "TCH"],
        ),
    ] {
        let node = Node::served(PROGRAM);
        publish_image(&node, "nothing");
        edit(&node, from, to);
        let text = std::fs::read_to_string(node.path(CLUSTER)).unwrap();
        let line = 1 + text.lines().position(|l| l.contains(to.lines().next().unwrap())).unwrap();
        let check = node.run("host-state", &["check"]);
        assert_eq!(check.code, 1, "{check:?}");
        let place = format!("lab.cluster:{line}: ");
        let found = check.out.lines().any(|l| l.contains(&place) && words.iter().all(|word| l.contains(word)));
        assert!(found, "{place}{words:?}: {check:?}");
        node.run("reload", &[]).fails(1, words);
        node.run("reload", &["--dry-run"]).fails(1, words);
    }
}

#[test]
fn packages_and_groups_are_looked_for_in_the_tree_and_beside_it() {
    let node = of_rocky();
    let check = || node.run("host-state", &["check"]);
    publish_tree(&node, &PACKAGES[..2], &PACKAGES[2..]);
    node.run("host-state", &["arm", "52:54:00:00:00:01", "--type", "SCH"]).done();
    is_silent(&check());
    node.run("reload", &[]).done();
    let tree = publish_tree(&node, &PACKAGES[..3], &["targetcli", "mdadm-tools"]);
    let lacks =
        ["rockylinux-10.1: SCH STORAGESINGLE and SCH STORAGERAID: ", "installs package mdadm,", "build-repository"];
    says(&check(), 1, &lacks);
    let json: serde_json::Value = serde_json::from_str(&node.run("host-state", &["check", "--json"]).out).unwrap();
    let keys: Vec<&String> = json[0].as_object().unwrap().keys().collect();
    assert_eq!(keys, ["advice", "file", "line", "problem", "severity"]);
    assert_eq!((&json[0]["severity"], &json[0]["line"]), (&"problem".into(), &serde_json::Value::Null));
    // A package of the site helps, where the kickstart would name its repository.
    let mut build = node.command("build-repository");
    let file = node.path("x.rpm");
    std::fs::write(&file, Spec::new("mdadm", "4.4").signed(&GOOD)).unwrap();
    build.env("HPS_TEST_KEY", GOOD.pin(node.folder.path())).args(["--distro", ROCKY]).arg(&file);
    Answer::of(build.output().unwrap()).done();
    is_silent(&check());
    // What a site profile adds is looked for too.
    let profile = node.path("srv/hps-config/clusters/lab/profiles/tools.toml");
    std::fs::create_dir_all(profile.parent().unwrap()).unwrap();
    std::fs::write(&profile, "version = 1\ntypes = [\"SCH\"]\npackages = [\"htop\"]\n").unwrap();
    let found = check();
    assert!(found.code == 1 && found.out.contains("installs package htop,"), "{found:?}");
    std::fs::remove_file(&profile).unwrap();
    // Without groups nothing can be installed.
    repository(&tree.join("BaseOS"), &PACKAGES, Some("<comps><group><id>minimal-environment</id></group></comps>"));
    says(&check(), 1, &["environment @^minimal-environment", "the tree of the dvd"]);
    repository(&tree.join("BaseOS"), &PACKAGES, None);
    says(&check(), 1, &["environment @^minimal-environment"]);
}

#[test]
fn lists_of_createrepo_are_read() {
    let node = of_rocky();
    let tree = publish_tree(&node, &[], &[]);
    let groups = node.path("comps.xml");
    std::fs::write(&groups, GROUPS).unwrap();
    std::fs::remove_dir_all(tree.join("BaseOS")).unwrap();
    std::fs::remove_dir_all(tree.join("AppStream")).unwrap();
    let base = tree.join("BaseOS/Packages");
    std::fs::create_dir_all(&base).unwrap();
    for name in PACKAGES {
        // A package may go by the name of what it provides.
        let (name, more) = if name == "curl" { ("curl-minimal", "Provides: curl = 1.0") } else { (name, "") };
        let spec = Spec { more, ..Spec::new(name, "1.0") };
        std::fs::write(base.join(spec.file_name()), spec.build()).unwrap();
    }
    index(&tree.join("BaseOS"), Some(&groups));
    node.run("host-state", &["arm", "52:54:00:00:00:01", "--type", "SCH"]).done();
    is_silent(&node.run("host-state", &["check"]));
    std::fs::remove_file(base.join(Spec::new("lvm2", "1.0").file_name())).unwrap();
    index(&tree.join("BaseOS"), Some(&groups));
    says(&node.run("host-state", &["check"]), 1, &["installs package lvm2,"]);
}

#[test]
fn a_tree_that_lacks_something_stops_only_those_who_need_it() {
    let node = of_rocky();
    publish_tree(&node, &PACKAGES[..2], &PACKAGES[2..4]);
    let lacks = "installs package targetcli,";
    edit(&node, "\"lab.internal\"", "\"other.internal\"");
    let reload = node.run("reload", &["--json"]);
    assert_eq!(reload.code, 0, "{reload:?}");
    let check = node.run("host-state", &["check"]);
    assert!(check.code == 0 && check.out.contains("note: ") && check.out.contains(lacks), "{check:?}");
    node.run("host-state", &["arm", "52:54:00:00:00:01", "--type", "SCH"]).done();
    let check = node.run("host-state", &["check"]);
    assert!(check.code == 1 && check.out.contains(lacks), "{check:?}");
    assert!(check.out.contains("sch-001 may be installed with it"), "{check:?}");
    publish_tree(&node, &PACKAGES, &[]);
    is_silent(&node.run("host-state", &["check"]));
}

#[test]
fn what_is_damaged_is_said_and_stops_nothing() {
    let node = of_rocky();
    let tree = publish_tree(&node, &PACKAGES[..2], &PACKAGES[2..]);
    let initrd = tree.join("images/pxeboot/initrd.img");
    std::fs::remove_file(&initrd).unwrap();
    says(&node.run("host-state", &["check"]), 1, &["initrd.img: SCH ", "is missing from the tree", "publish it again"]);
    boot_files(&tree);
    let list = tree.join("AppStream/repodata/primary.xml");
    std::fs::write(&list, "<metadata><package>").unwrap();
    let words = ["AppStream/repodata/primary.xml: SCH ", "cut short", "--verify x86_64-linux-rockylinux-10.1"];
    says(&node.run("host-state", &["check"]), 1, &words);
    edit(&node, "\"lab.internal\"", "\"other.internal\"");
    node.run("reload", &[]).fails(1, &words);
    let conf = std::fs::read_to_string(node.path("srv/hps-config/services/dnsmasq.conf")).unwrap();
    assert!(conf.contains("other.internal"), "{conf}");
}

#[test]
fn a_tree_without_lists_is_a_note() {
    let node = of_rocky();
    boot_files(&node.path(TREE));
    says(&node.run("host-state", &["check"]), 0, &["note: ", "rockylinux-10.1: SCH ", "no lists of packages"]);
    let reload = node.run("reload", &["--json"]);
    assert!(reload.code == 0 && reload.err.is_empty(), "{reload:?}");
    let json: serde_json::Value = serde_json::from_str(&reload.out).unwrap();
    assert!(json["notes"][0].as_str().unwrap().contains("no lists of packages"), "{json}");
}

#[test]
fn what_is_not_published_is_a_problem_for_whoever_is_on_the_way_to_it() {
    let node = Node::served(PROGRAM);
    let words = ["distros/x86_64-linux-debian-12: SCH ", "is not published on this node", "build-image"];
    is_silent(&node.run("host-state", &["check"]));
    let json = node.run("host-state", &["check", "--json"]);
    assert!(json.code == 0 && words[1..].iter().all(|word| json.out.contains(word)), "{json:?}");
    assert!(json.out.contains("\"severity\": \"note\""), "{json:?}");
    let reload = node.run("reload", &[]);
    assert_eq!((reload.code, reload.err.as_str()), (0, ""), "quiet under cron: {reload:?}");
    node.run("host-state", &["window", "open", "--any", "--type", "SCH", "--for", "1h"]).done();
    says(&node.run("host-state", &["check"]), 1, &words);
    node.run("host-state", &["window", "close", "--all"]);

    let node = Node::served(PROGRAM);
    node.run("host-state", &["add", "52:54:00:00:00:01", "--type", "SCH"]).done();
    publish_image(&node, "nothing");
    node.run("host-state", &["arm", "sch-001", "--type", "SCH"]).done();
    is_silent(&node.run("host-state", &["check"]));
    std::fs::remove_dir_all(node.path("srv/hps-resources/distros").join(DEBIAN)).unwrap();
    let check = node.run("host-state", &["check"]);
    let problem = check.out.lines().find(|line| !line.starts_with("note: ")).unwrap();
    assert!(problem.contains("SCH STORAGESINGLE") && problem.contains("sch-001 may be installed with it"), "{problem}");
    assert_eq!(node.run("reload", &[]).code, 0);
    // A record that a person took the address out of.
    publish_image(&node, "nothing");
    let record = node.path("srv/hps-config/clusters/lab/hosts/525400000001.toml");
    let text = std::fs::read_to_string(&record).unwrap();
    let without: String = text.lines().filter(|l| !l.starts_with("name =")).map(|l| format!("{l}\n")).collect();
    std::fs::write(&record, without).unwrap();
    let check = node.run("host-state", &["check"]);
    assert!(check.code == 1 && check.out.contains("no address or no name"), "{check:?}");

    let node = Node::served(PROGRAM);
    edit(&node, "[legacy]", "[[rule]]\nname = \"racks\"\nmac = \"525400000009\"\ntype = \"SCH\"\n\n[legacy]");
    let check = node.run("host-state", &["check"]);
    assert!(check.code == 1 && check.out.contains("rule racks permits it"), "{check:?}");
}

#[test]
fn the_image_is_looked_at_by_its_lists() {
    let node = Node::served(PROGRAM);
    let build = format!("{DEBIAN}/20261122T110203Z");
    publish_image(&node, "mdadm ");
    node.run("host-state", &["arm", "52:54:00:00:00:01", "--type", "SCH"]).done();
    let lacks = [&format!("{build}/packages-SCH.txt: SCH "), "a site profile names: mdadm,", "build-image"];
    says(&node.run("host-state", &["check"]), 1, &lacks);
    node.run("reload", &[]).done();
    publish_image(&node, "nothing");
    let manifest = node.path("srv/hps-resources/distros").join(DEBIAN).join("current.toml");
    let text = std::fs::read_to_string(&manifest).unwrap();
    let recipe = text.lines().find(|l| l.starts_with("recipe")).unwrap();
    std::fs::write(&manifest, text.replace(recipe, &format!("recipe = \"{}\"", Sha256Digest::of(b"")))).unwrap();
    says(
        &node.run("host-state", &["check"]),
        0,
        &["note: ", "made by other scripts, lists or site profiles", "build-image"],
    );
    std::fs::write(node.path("srv/hps-resources/distros").join(&build).join("SCH.tar.zst"), "cut").unwrap();
    let check = node.run("host-state", &["check"]);
    assert!(check.code == 1 && check.out.contains("has 3 bytes where 5 were published"), "{check:?}");
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
    edit(&node, "# root_password_hash = \"\"", &format!("root_password_hash = \"{hash}\""));
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
    edit(&node, "\"lab.internal\"", "\"other.internal\"");
    node.run("reload", &[]).fails(1, &["no such thing", "nothing was changed"]);
    // Root does not run what somebody else could have written.
    for (mode, user, words) in [(0o775, 0, "chmod go-w"), (0o755, 65_534, "chown -h root"), (0o644, 0, "chmod +x")] {
        std::fs::set_permissions(&place, std::fs::Permissions::from_mode(mode)).unwrap();
        std::os::unix::fs::chown(&place, Some(user), None).unwrap();
        says(&check(), 0, &["note: ", "kickstarts were not shown to ksvalidator", words]);
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
    edit(&node, "\"lab.internal\"", "\"other.internal\"");
    let at = folder.display().to_string();
    for first in [".", &at] {
        let script = format!("cd {at}; PATH={first}:/usr/bin:/usr/sbin BASH_ENV={first}/bash exec \"$@\"");
        for (program, argument) in [("host-state", "check"), ("reload", "--dry-run"), ("reload", "--json")] {
            let mut command = node.command("/bin/sh");
            command.args(["-c", &script, "sh"]).arg(Path::new(PROGRAM).with_file_name(program)).arg(argument);
            let answer = Answer::of(command.output().unwrap());
            let who = || std::fs::read_to_string(&ran).unwrap();
            assert!(!ran.exists(), "PATH={first}: {program} {argument}: {}{answer:?}", who());
            assert_ne!(answer.code, 2, "{answer:?}");
        }
    }
}

/// The real one, on kickstarts that are not good.
#[test]
fn ksvalidator_names_the_line() {
    let golden = include_str!("../golden/answer/kickstart-rocky-10-sch.ks");
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
