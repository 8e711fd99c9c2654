// SPDX-License-Identifier: GPL-3.0-or-later
//! A real Squid with the rules of Debian.

use std::net::{TcpListener, TcpStream};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A Squid with the rules of Debian's squid.conf: CONNECT to port 443 and to no other, and by this machine alone.
pub(crate) struct Squid {
    child: Child,
    pub(crate) port: u16,
    pub(crate) folder: tempfile::TempDir,
}

/// The user `proxy`, which every Debian has under this number.
const PROXY: u32 = 13;

const RULES: &str = "acl SSL_ports port 443\n\
                     acl Safe_ports port 80 443 1025-65535\n\
                     http_access deny !Safe_ports\n\
                     http_access deny CONNECT !SSL_ports\n";

impl Squid {
    pub(crate) fn new(more: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let at = |name: &str| folder.path().join(name).display().to_string();
        let conf = format!(
            "http_port 127.0.0.1:{port}\npid_filename {}\naccess_log stdio:{}\ncache_log {}\ncoredump_dir {}\n\
             cache deny all\nshutdown_lifetime 0 seconds\n\
             {RULES}{more}http_access allow localhost\nhttp_access deny all\n",
            at("pid"),
            at("access.log"),
            at("cache.log"),
            at("")
        );
        std::fs::write(folder.path().join("squid.conf"), conf).unwrap();
        // It refuses to run as root.
        std::os::unix::fs::chown(folder.path(), Some(PROXY), Some(PROXY)).unwrap();
        let child = Command::new("/usr/sbin/squid")
            .args(["-N", "-n", &format!("hps{port}"), "-f"])
            .arg(folder.path().join("squid.conf"))
            .uid(PROXY)
            .gid(PROXY)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("squid, which scripts/setup test installs");
        let squid = Self { child, port, folder };
        let began = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(began.elapsed() < Duration::from_secs(60), "squid does not come up: {}", squid.text("cache.log"));
            std::thread::sleep(Duration::from_millis(50));
        }
        squid
    }

    pub(crate) fn text(&self, name: &str) -> String {
        std::fs::read_to_string(self.folder.path().join(name)).unwrap_or_default()
    }

    /// Its log, once that has a line with this word.
    pub(crate) fn log(&self, word: &str) -> String {
        let began = Instant::now();
        while !self.text("access.log").contains(word) && began.elapsed() < Duration::from_secs(20) {
            std::thread::sleep(Duration::from_millis(50));
        }
        self.text("access.log")
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

impl Drop for Squid {
    fn drop(&mut self) {
        let ended = self.child.kill().and_then(|()| self.child.wait());
        // What it shares with itself it leaves behind when it is killed.
        let name = format!("hps{}-", self.port);
        for entry in std::fs::read_dir("/dev/shm").into_iter().flatten().flatten() {
            if entry.file_name().to_string_lossy().starts_with(&name) {
                let _gone = std::fs::remove_file(entry.path());
            }
        }
        assert!(ended.is_ok() || std::thread::panicking());
    }
}
