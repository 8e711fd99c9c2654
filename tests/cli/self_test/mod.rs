// SPDX-License-Identifier: GPL-3.0-or-later
//! `self-test`: silent on a good node, and one line with the right name for each fault that is planted.

mod good;
mod network;
mod node_files;

use crate::PROGRAM;
use crate::neighbour::Neighbour;
use crate::preflight::publish_image;
use crate::setup::three;
use crate::support::{Answer, Node};
use std::path::Path;

/// A node that can build machines: a bridge with a machine on it, hosts, an image, and rotated logs.
pub(super) struct GoodNode {
    pub(super) node: Node,
    pub(super) neighbour: Neighbour,
}

impl GoodNode {
    pub(super) fn new() -> Self {
        let node = Node::new(PROGRAM);
        let neighbour = Neighbour::new(&node, "10.99.0.254/24");
        node.configure(&[]).done();
        publish_image(&node, "nothing");
        three(&node);
        node.run("reload", &[]).done();
        let rules = node.path("logrotate.d");
        std::fs::create_dir_all(&rules).unwrap();
        std::os::unix::fs::symlink(node.path("srv/hps-config/services/logrotate.conf"), rules.join("hps")).unwrap();
        Self { node, neighbour }
    }

    /// `self-test`, with the logrotate rules of this node instead of those of the system.
    pub(super) fn test(&self, arguments: &[&str]) -> Answer {
        self.test_after("true", arguments)
    }

    /// The same after a command in the mount namespace of that run.
    pub(super) fn test_after(&self, command: &str, arguments: &[&str]) -> Answer {
        let program = Path::new(PROGRAM).with_file_name("self-test");
        let script = format!("mount --bind \"$1\" /etc/logrotate.d && {command} && shift && exec \"$@\"");
        let mut run = self.node.command("sh");
        run.args(["-c", &script, "sh"]).arg(self.node.path("logrotate.d")).arg(program).args(arguments);
        Answer::from_output(run.stdin(std::process::Stdio::null()).output().unwrap())
    }

    /// The same by another program, such as faketime.
    pub(super) fn test_by(&self, by: &[&str]) -> Answer {
        let program = Path::new(PROGRAM).with_file_name("self-test");
        let script = "mount --bind \"$1\" /etc/logrotate.d && shift && exec \"$@\"";
        let mut run = self.node.command("sh");
        run.args(["-c", script, "sh"]).arg(self.node.path("logrotate.d")).args(by).arg(program);
        Answer::from_output(run.stdin(std::process::Stdio::null()).output().unwrap())
    }

    /// Nothing is wrong.
    #[track_caller]
    pub(super) fn is_good(&self) {
        let answer = self.test(&[]);
        assert_eq!((answer.code, answer.out.as_str(), answer.err.as_str()), (0, "", ""), "{answer:?}");
    }

    /// Exactly one line: of this check, with this status and these words.
    #[track_caller]
    pub(super) fn finds(&self, status: &str, check: &str, words: &[&str]) {
        Self::is_found(&self.test(&[]), status, check, words);
    }

    #[track_caller]
    pub(super) fn is_found(answer: &Answer, status: &str, check: &str, words: &[&str]) {
        let begin = format!("{status} {check}: ");
        assert_eq!(answer.out.lines().count(), 1, "{begin}: {answer:?}");
        assert!(answer.out.starts_with(&begin), "{begin}: {answer:?}");
        for word in words {
            assert!(answer.out.contains(word), "{word}: {answer:?}");
        }
        assert!(answer.out.contains("; "), "no advice: {answer:?}");
        assert_eq!((answer.code, answer.err.as_str()), (i32::from(status == "problem"), ""), "{answer:?}");
    }
}
