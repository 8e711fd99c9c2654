// SPDX-License-Identifier: GPL-3.0-or-later
//! A node's folders, and the program run on them.

use crate::PROGRAM;
use crate::key::{GOOD, Key};
use crate::mirror::Mirror;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

/// Variables that name proxies. An empty one names none.
const PROXIES: [&str; 8] =
    ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY"];

pub(crate) struct Site {
    pub(crate) folder: tempfile::TempDir,
}

/// What the program answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Site {
    pub(crate) fn new() -> Self {
        Self::pinning(&GOOD)
    }

    /// A site where this key is the pinned one.
    pub(crate) fn pinning(key: &Key) -> Self {
        let site = Self { folder: tempfile::tempdir().unwrap() };
        key.pin(site.folder.path());
        let conf = hps::config::HpsConf::with_base(site.folder.path()).unwrap();
        for (_, path) in conf.dirs() {
            std::fs::create_dir_all(path).unwrap();
        }
        std::fs::write(site.path("hps.conf"), conf.to_text()).unwrap();
        site
    }

    pub(crate) fn path(&self, below: &str) -> PathBuf {
        self.folder.path().join(below)
    }

    pub(crate) fn distros(&self, below: &str) -> PathBuf {
        self.path("srv/hps-resources/distros").join(below)
    }

    /// The folder below which all of the site lies.
    pub(crate) fn base(&self) -> hps::files::Base {
        hps::files::Base::from_folders([self.folder.path()])
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        self.command_of(PROGRAM, arguments)
    }

    pub(crate) fn command_of(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        command
            .args(arguments)
            .env("HPS_CONFIG", self.path("hps.conf"))
            .env("HPS_TEST_KEY", self.path("pinned.asc"))
            .envs(PROXIES.map(|name| (name, "")))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Answer {
        Answer::from_output(self.command(arguments).output().unwrap())
    }

    /// Fetches from these mirrors, without patience.
    pub(crate) fn fetch(&self, mirrors: &[&Mirror], more: &[&str]) -> Answer {
        Answer::from_output(self.fetching(mirrors, more).output().unwrap())
    }

    pub(crate) fn fetching(&self, mirrors: &[&Mirror], more: &[&str]) -> Command {
        let mut arguments = Vec::new();
        for (flag, value) in [("--timeout", "1"), ("--retries", "0")] {
            if !more.contains(&flag) {
                arguments.extend([flag, value]);
            }
        }
        for mirror in mirrors {
            arguments.extend(["--mirror", mirror.url.as_str()]);
        }
        arguments.extend(more);
        self.command(&arguments)
    }

    /// What is in the folder of trees, hidden things too, but for the lock and the folder of ISOs.
    pub(crate) fn published(&self) -> Vec<String> {
        let mut names: Vec<String> = std::fs::read_dir(self.distros(""))
            .unwrap()
            .map(|e| e.unwrap().file_name().to_string_lossy().into_owned())
            .filter(|name| name != ".media.lock" && name != ".iso")
            .collect();
        names.sort();
        names
    }

    /// What is in the folder of ISOs.
    pub(crate) fn isos(&self) -> Vec<String> {
        let Ok(entries) = std::fs::read_dir(self.distros(".iso")) else { return Vec::new() };
        let mut names: Vec<String> = entries.map(|e| e.unwrap().file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.path("srv/log/media.log")).unwrap_or_default()
    }
}

impl Answer {
    pub(crate) fn from_output(output: std::process::Output) -> Self {
        Self {
            code: output.status.code(),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Done, and exactly this was said on stdout, and nothing on stderr.
    pub(crate) fn says(&self, line: &str) {
        assert_eq!((self.code, self.out.trim_end(), self.err.as_str()), (Some(0), line, ""));
    }

    /// Done without a word: what cron makes no mail of.
    pub(crate) fn is_silent(&self) {
        self.says("");
    }

    /// The code, nothing on stdout, and one line of error that has these words.
    pub(crate) fn fails(&self, code: i32, words: &[&str]) {
        assert_eq!(self.code, Some(code), "{self:?}");
        assert_eq!((self.out.as_str(), self.err.lines().count()), ("", 1), "{self:?}");
        for word in words {
            assert!(self.err.contains(word), "{word:?} in {}", self.err);
        }
    }
}

pub(crate) fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill").args([&format!("-{name}"), &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
}

/// A file system of this size in the folder of published media; it goes with the value.
pub(crate) struct Disk(PathBuf);

impl Disk {
    pub(crate) fn new(site: &Site, size: &str) -> Self {
        Self::at(site, "", size)
    }

    pub(crate) fn at(site: &Site, below: &str, size: &str) -> Self {
        let (options, place) = (format!("size={size},mode=0755"), site.distros(below));
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &options, "hps-test"]).arg(&place).status();
        assert!(mounted.unwrap().success(), "only root may mount");
        Self(place)
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let ended = Command::new("umount").arg("-l").arg(&self.0).status();
        assert!(ended.is_ok() || std::thread::panicking());
    }
}
