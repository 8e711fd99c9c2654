// SPDX-License-Identifier: GPL-3.0-or-later
//! Members of the group hps-read may read without root, by the real sudo and by the rule that the package installs.

use crate::PROGRAM;
use crate::reads_only::{assert_only_reads, traced};
use crate::setup::{MACS, json, three};
use crate::support::{ADDRESS, Answer, INTERFACE, Node};
use std::path::Path;

/// The machine of a node without `--base`, for one command: its folders, users, programs and rule of sudo.
const MACHINE: &str = r#"
lab=$1 programs=$2 rule=$3
shift 3
mount --bind "$lab/srv" /srv
mount --bind "$lab/run" /run
for name in passwd group; do mount --bind "$lab/$name" "/etc/$name"; done
mount -t tmpfs -o mode=0750 sudoers /etc/sudoers.d
sed 's|/usr/lib/hps/|/usr/local/sbin/|' "$rule" > /etc/sudoers.d/hps
chmod 0440 /etc/sudoers.d/hps
mount -t tmpfs -o mode=0755 programs /usr/local/sbin
for program in boot_manager cluster-configure host-state hps hps-read reload; do
    touch "/usr/local/sbin/$program"
    mount --bind "$programs/$program" "/usr/local/sbin/$program"
done
unset HPS_CONFIG
PATH=/usr/local/sbin:$PATH
exec "$@"
"#;
const RULE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../packaging/files/sudoers.d/hps");
const KEY: &str = "srv/hps-config/state/site.key";
const SECRET: &str = "secretsecretsecretsecretsecretsecretsecretsecretsecretsecretsecretsecretsecretsecretse";
/// Commands of readers, for a host that all of them know.
const READS: [&[&str]; 13] = [
    &["host-state", "list"],
    &["host-state", "list", "--json", "--sort", "mac"],
    &["host-state", "show", "sch-001"],
    &["host-state", "show", "sch-[001-003]", "--json"],
    &["host-state", "history", "sch-001"],
    &["host-state", "hardware", "sch-001"],
    &["host-state", "log", "sch-001"],
    &["host-state", "explain", "sch-001", "--json"],
    &["host-state", "pending"],
    &["host-state", "window", "list"],
    &["host-state", "ssh-known-hosts"],
    &["host-state", "watch", "sch-002", "--timeout", "1s"],
    &["hps", "host-state", "list"],
];

struct Site(Node);

impl Site {
    /// A configured node with three hosts, a window, a permission and a log. alice (4001) is a member, and bob (4002) is not.
    fn new() -> Self {
        let node = Node::new(PROGRAM);
        for folder in ["srv", "run"] {
            std::fs::create_dir(node.path(folder)).unwrap();
        }
        let passwd = std::fs::read_to_string("/etc/passwd").unwrap();
        let people = "alice:*:4001:4001::/:/bin/sh\nbob:*:4002:4002::/:/bin/sh\ncarol:*:4003:4003::/:/bin/sh\n";
        std::fs::write(node.path("passwd"), passwd + people).unwrap();
        let group = std::fs::read_to_string("/etc/group").unwrap();
        std::fs::write(node.path("group"), group + "hps-read:x:4100:alice,carol\n").unwrap();
        let site = Self(node);
        let key = site.0.path("key.pub").display().to_string();
        let configure = ["cluster-configure", "--name", "lab", "--interface", INTERFACE, "--address", ADDRESS];
        let more = ["--ssh-key-file", &key, "--services", "plain", "--type", "SCH=x86_64-linux-debian-12"];
        site.root(&[&configure[..], &more, &["--no-reload"]].concat()).done();
        let cluster = site.0.path("srv/hps-config/clusters/lab.cluster");
        let text = std::fs::read_to_string(&cluster).unwrap();
        std::fs::write(
            &cluster,
            text.replacen("[install]\n", &format!("[install]\nroot_password_hash = \"$6$abcdefgh${SECRET}\"\n"), 1),
        )
        .unwrap();
        for mac in &MACS[..3] {
            site.root(&["host-state", "add", mac, "--type", "SCH"]).done();
        }
        site.root(&["host-state", "arm", "sch-001", "--for", "90h", "--reason", "test"]);
        site.root(&["host-state", "window", "open", "--type", "SCH", "--for", "90h", "--any", "--name", "rack7"])
            .done();
        let hardware = site.0.path("srv/hps-config/clusters/lab/hardware");
        std::fs::create_dir_all(&hardware).unwrap();
        let report = "version = 1\n[now]\nat = \"2026-11-30T00:00:00Z\"\noccasion = \"discovery\"\n";
        std::fs::write(hardware.join("525400000001.toml"), report).unwrap();
        std::fs::write(
            site.0.path("srv/log/hosts/525400000001.log"),
            "2026-11-30T00:00:00Z 525400000001 sch-001 boot\n",
        )
        .unwrap();
        site
    }

    fn root(&self, command: &[&str]) -> Answer {
        let lab = self.0.folder.path().display().to_string();
        let programs = Path::new(PROGRAM).parent().unwrap().display().to_string();
        let machine = ["--mount", "sh", "-euc", MACHINE, "sh", &lab, &programs, RULE];
        self.0.run("unshare", &[&machine[..], command].concat())
    }

    fn person(&self, number: &str, groups: &str, command: &[&str]) -> Answer {
        let (user, group) = (format!("--reuid={number}"), format!("--regid={number}"));
        let name = match number {
            "4001" => "USER=alice",
            "4002" => "USER=bob",
            _ => "USER=carol",
        };
        let groups = format!("--groups={groups}");
        self.root(&[&["env", "-u", "LOGNAME", name, "setpriv", &user, &group, &groups, "--"], command].concat())
    }

    fn alice(&self, command: &[&str]) -> Answer {
        self.person("4001", "4001,4100", command)
    }
}

#[test]
fn a_member_reads_what_root_reads() {
    let site = Site::new();
    for command in READS {
        let (root, alice) = (site.root(command), site.alice(command));
        assert_eq!((alice.code, &alice.out), (root.code, &root.out), "{command:?}: {}", alice.err);
        let expected = i32::from(command.contains(&"--timeout"));
        assert!(root.code == expected && alice.err == root.err, "{command:?}: {}{}", root.err, alice.err);
    }
    let status = json(&site.alice(&["hps", "--json"]));
    assert_eq!(status, json(&site.root(&["hps", "--json"])));
    let names = site.alice(&[
        "env",
        "HPS_COMPLETE=bash",
        "_CLAP_COMPLETE_INDEX=2",
        "host-state",
        "--",
        "host-state",
        "show",
        "sch-",
    ]);
    assert_eq!(names.out.split_whitespace().collect::<Vec<_>>(), ["sch-001", "sch-002", "sch-003"], "{}", names.err);
}

#[test]
fn who_is_no_member_is_told_how_to_become_one() {
    let site = Site::new();
    let list = ["host-state", "list"];
    site.person("4002", "4002", &list)
        .fails(3, &["only root may do this; try again with sudo", "sudo adduser bob hps-read"]);
    site.person("4003", "4003", &list).fails(3, &["a member of the group hps-read; log in again"]);
    site.person("4002", "4002", &["hps"]).fails(3, &["sudo adduser bob hps-read"]);
    site.person("4002", "4002", &["host-state", "disarm", "sch-001"])
        .fails(3, &["only root may do this; try again with sudo ("]);
    assert_eq!(site.person("4002", "4002", &["sudo", "-n", "-u", "hps", "/usr/local/sbin/hps-read", "list"]).code, 1);
}

#[test]
fn a_member_changes_nothing_and_sees_no_secret() {
    let site = Site::new();
    let before = site.0.snapshot("srv");
    let read = |words: &[&str]| site.alice(&[&["sudo", "-n", "-u", "hps", "/usr/local/sbin/hps-read"], words].concat());
    assert_eq!(read(&["list"]).code, 0);
    for words in [
        "arm sch-001",
        "add 52:54:00:00:00:09",
        "render sch-001",
        "check",
        "audit",
        "notify",
        "window open --any",
        "window close rack7",
        "import /etc/hosts",
    ] {
        assert_eq!(read(&words.split(' ').collect::<Vec<_>>()).code, 2, "{words}");
    }
    // A message about a bad line would quote it.
    let cluster = "/srv/hps-config/clusters/lab.cluster";
    read(&["show", "--hosts-from", cluster]).fails(3, &["standard input"]);
    site.alice(&["host-state", "show", "--hosts-from", cluster]).fails(3, &["standard input"]);
    let own = site.0.path("own.conf");
    std::fs::write(&own, "export HPS_CLUSTERS_DIR=\"/tmp\"\n").unwrap();
    let variable = format!("HPS_CONFIG={}", own.display());
    let words = ["sudo", "-n", "-u", "hps", &variable, "/usr/local/sbin/hps-read", "list"];
    assert_eq!(site.alice(&words).code, 1, "sudo sets no variable");
    let words = ["env", &variable, "sudo", "-n", "-E", "-u", "hps", "/usr/local/sbin/hps-read", "list"];
    let answer = site.alice(&words);
    assert!(answer.code != 0 || answer.out.contains("sch-001"), "{answer:?}");
    for program in ["/usr/local/sbin/host-state list", "/bin/cat /srv/hps-config/state/site.key", "/bin/sh"] {
        let words: Vec<&str> = ["sudo", "-n", "-u", "hps"].into_iter().chain(program.split(' ')).collect();
        assert_eq!(site.alice(&words).code, 1, "{program}");
    }
    let root = ["sudo", "-n", "/usr/local/sbin/hps-read", "list"];
    assert_eq!(site.alice(&root).code, 1, "not as root");
    // Another program by the name of this one.
    let link = "mkdir /tmp/$$ && ln -s /usr/local/sbin/host-state /tmp/$$/hps-read && sudo -n -u hps /tmp/$$/hps-read list; code=$?; rm -r /tmp/$$; exit $code";
    assert_eq!(site.alice(&["sh", "-c", link]).code, 1);
    for path in [KEY, "srv/hps-config/clusters/lab.cluster", "srv/hps-config/clusters/lab/hosts/525400000001.toml"] {
        assert_ne!(site.alice(&["cat", &format!("/{path}")]).code, 0, "{path}");
    }
    for command in READS {
        let answer = site.alice(command);
        assert!(!answer.out.contains(SECRET) && !answer.err.contains(SECRET), "{command:?}");
    }
    assert!(site.alice(&["host-state", "arm", "sch-002"]).code == 3);
    assert_eq!(site.0.snapshot("srv"), before);
}

/// A member can stop such a program at any moment, and for ever.
#[test]
fn a_reading_program_holds_no_lock_and_opens_nothing_for_writing() {
    let site = Site::new();
    let calls = site.0.path("calls");
    for command in READS.iter().filter(|command| command[0] == "host-state") {
        let user = ["setpriv", "--reuid=hps", "--regid=hps", "--clear-groups", "hps-read"];
        let answer = site.root(&[&traced(&calls)[..], &user, &command[1..]].concat());
        assert_eq!(answer.code, i32::from(command.contains(&"--timeout")), "{command:?}: {}", answer.err);
        assert_only_reads(&calls, &[]);
    }
}

#[test]
fn a_lab_is_read_by_its_owner_alone() {
    let node = Node::served(PROGRAM);
    three(&node);
    let answer = node.run("hps-read", &["list"]);
    answer.fails(3, &["HPS_CONFIG is set"]);
}
