// SPDX-License-Identifier: GPL-3.0-or-later
//! `hps-web`, as the web server's user, asked by curl.

mod answers;
mod behind_lighttpd;
mod changes;
mod described;
mod metrics;
mod pages;
mod reads_only;

use crate::support::{Answer, Node};
use std::io::{BufRead as _, BufReader, Read as _};
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A server that ends when it is dropped.
pub(super) struct Web<'a> {
    node: &'a Node,
    child: Child,
    socket: PathBuf,
    /// The address that it printed, if it serves the machine.
    pub(super) address: String,
}

impl<'a> Web<'a> {
    /// Behind a socket, as the user of the boot manager. `before` is put in front of the program.
    pub(super) fn behind_socket_with(node: &'a Node, before: &[&str]) -> Self {
        let folder = node.path("web");
        std::fs::create_dir(&folder).unwrap();
        node.run("chown", &["hps:hps", folder.to_str().unwrap()]).done();
        let socket = folder.join("sock");
        let program = std::path::Path::new(crate::PROGRAM).with_file_name("hps-web");
        let (user, rest) =
            (["setpriv", "--reuid=hps", "--regid=hps", "--clear-groups", "--"], [program.to_str().unwrap()]);
        let words: Vec<&str> = before.iter().copied().chain(user).chain(rest).collect();
        let mut command = node.command(words[0]);
        command.args(&words[1..]).arg("--socket").arg(&socket);
        // A program in front of it, such as strace, does not end it: both are in a group of their own.
        let child = command.process_group(0).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut web = Self { node, child, socket, address: String::new() };
        web.wait(|web| web.socket.exists());
        web
    }

    pub(super) fn behind_socket(node: &'a Node) -> Self {
        Self::behind_socket_with(node, &[])
    }

    /// On a port of the loopback interface of the node, as root.
    pub(super) fn alone(node: &'a Node) -> Self {
        let mut command = node.command("hps-web");
        let mut child = command
            .process_group(0)
            .args(["--port", "0"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut address = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut address).unwrap();
        Self { node, child, socket: PathBuf::new(), address: address.trim().to_owned() }
    }

    fn wait(&mut self, done: impl Fn(&Self) -> bool) {
        let begun = Instant::now();
        while !done(self) {
            if self.child.try_wait().unwrap().is_some() || begun.elapsed() > Duration::from_secs(30) {
                let mut text = String::new();
                self.child.stderr.take().unwrap().read_to_string(&mut text).unwrap();
                panic!("hps-web does not serve: {text}");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// curl with these arguments before the address.
    pub(super) fn curl(&self, arguments: &[&str], path: &str) -> Answer {
        let address = format!("http://hps{path}");
        let socket = self.socket.to_str().unwrap();
        let own = ["-sS", "--globoff", "--max-time", "20", "--unix-socket", socket];
        self.node.run("curl", &[&own[..], arguments, &[&address]].concat())
    }

    /// The body of an answer with status 200.
    pub(super) fn get(&self, path: &str) -> String {
        let answer = self.curl(&["--fail-with-body"], path);
        assert_eq!(answer.code, 0, "{path}: {answer:?}");
        answer.out
    }

    pub(super) fn json(&self, path: &str) -> serde_json::Value {
        let text = self.get(path);
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}: {text}"))
    }

    /// The status of an answer, and its body.
    pub(super) fn status(&self, arguments: &[&str], path: &str) -> (String, String) {
        let answer = self.curl(&[&["-w", "\n%{http_code}"], arguments].concat(), path);
        let (body, status) = answer.out.rsplit_once('\n').unwrap_or_else(|| panic!("{answer:?}"));
        (status.to_owned(), body.to_owned())
    }

    /// Asks again until the answer has this, for at most ten seconds: the server looks at the files twice a second.
    pub(super) fn until(&self, path: &str, has: impl Fn(&serde_json::Value) -> bool) -> serde_json::Value {
        let begun = Instant::now();
        loop {
            let value = self.json(path);
            if has(&value) {
                return value;
            }
            assert!(begun.elapsed() < Duration::from_secs(20), "{path}: {value:#}");
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// Ends it as systemd does. Returns its exit code and what it said.
    pub(super) fn end(mut self) -> (Option<i32>, String) {
        Command::new("kill").arg(self.child.id().to_string()).status().unwrap();
        let begun = Instant::now();
        while self.child.try_wait().unwrap().is_none() {
            assert!(begun.elapsed() < Duration::from_secs(10), "it does not end");
            std::thread::sleep(Duration::from_millis(20));
        }
        let mut text = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut text).unwrap();
        (self.child.wait().unwrap().code(), text)
    }
}

impl Drop for Web<'_> {
    fn drop(&mut self) {
        let group = format!("-{}", self.child.id());
        if self.child.try_wait().is_ok_and(|ended| ended.is_none()) {
            let _ended = Command::new("kill").args(["-KILL", "--", &group]).status();
            // One that is not in a group of its own.
            let _ended = self.child.kill();
        }
        let _ended = self.child.wait();
    }
}
