// SPDX-License-Identifier: GPL-3.0-or-later
//! A Debian host in the namespace of a node, which has no way out: this machine's own system, in a layer above it, with
//! the package sources of an answer file and nothing else.

use crate::services::Mounted;
use crate::support::{Answer, Node};
use std::process::{Command, Stdio};

/// Runs a command in it. The layer is on a tmpfs, because it may not be below what it lies over.
const IN_HOST: &str = r#"
set -e
layer=$1; shift
mkdir -p "$layer/upper" "$layer/work" "$layer/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$layer/upper,workdir=$layer/work" "$layer/root"
mount --rbind /dev "$layer/root/dev"
mount -t proc proc "$layer/root/proc"
exec env -i PATH=/usr/sbin:/usr/bin LC_ALL=C DEBIAN_FRONTEND=noninteractive chroot "$layer/root" "$@"
"#;

pub(crate) struct Host<'a> {
    node: &'a Node,
    _mounted: Mounted,
}

impl<'a> Host<'a> {
    /// With the files of this answer, and no other source of packages.
    pub(crate) fn new(node: &'a Node, answer: &str) -> Self {
        let layer = node.path("layer");
        std::fs::create_dir(&layer).unwrap();
        let mounted = Mounted::new(&["-t", "tmpfs", "tmpfs"], &layer);
        let host = Self { node, _mounted: mounted };
        host.sh("rm -rf /etc/apt/sources.list* /etc/apt/apt.conf.d/* /etc/apt/preferences.d/* /var/lib/apt/lists/*")
            .done();
        host.sh("mkdir -p /etc/apt/sources.list.d /etc/apt/keyrings /var/lib/apt/lists/partial").done();
        host.place(answer);
        host
    }

    /// Writes the files for apt of an answer, as the node environment does.
    pub(crate) fn place(&self, answer: &str) {
        for (path, text) in files(answer).into_iter().filter(|(path, _)| path.starts_with("etc/apt/")) {
            let mut command = self.command(&["sh", "-c", "cat > \"/$1\"", "sh", &path]);
            let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
            std::io::Write::write_all(&mut child.stdin.take().unwrap(), text.as_bytes()).unwrap();
            assert!(child.wait().unwrap().success());
        }
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = self.node.command("sh");
        command.args(["-c", IN_HOST, "sh"]).arg(self.node.path("layer")).args(words);
        command
    }

    pub(crate) fn sh(&self, script: &str) -> Answer {
        Answer::from_output(self.command(&["sh", "-c", script]).stdin(Stdio::null()).output().unwrap())
    }

    /// `apt-get update`, where each source must be accepted.
    pub(crate) fn update(&self) -> Answer {
        self.sh("apt-get update --error-on=any")
    }

    /// The installed version of a package.
    pub(crate) fn has(&self, package: &str) -> String {
        self.sh(&format!("dpkg-query -W -f '${{Version}}' {package}")).out
    }
}

/// The files of an answer for the node environment: `file=MODE PATH`, then `line=` for each line.
pub(crate) fn files(answer: &str) -> Vec<(String, String)> {
    let mut files: Vec<(String, String)> = Vec::new();
    for line in answer.lines() {
        if let Some(file) = line.strip_prefix("file=") {
            files.push((file.split_once(' ').unwrap().1.to_owned(), String::new()));
        } else if let (Some(text), Some((_, file))) = (line.strip_prefix("line="), files.last_mut()) {
            file.push_str(&format!("{text}\n"));
        }
    }
    files
}
