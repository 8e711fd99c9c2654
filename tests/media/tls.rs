// SPDX-License-Identifier: GPL-3.0-or-later
//! A server of TLS, by openssl's own.

use crate::iso::OLD;
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A server of TLS, by openssl's own, with a certificate for localhost.
pub(crate) struct Tls {
    child: Child,
    pub(crate) port: u16,
    folder: tempfile::TempDir,
}

impl Tls {
    /// Serves the files of `OLD`.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("www/pub/10.1/isos/x86_64");
        std::fs::create_dir_all(&root).unwrap();
        for (name, bytes) in
            [("CHECKSUM", &OLD.checksum), ("CHECKSUM.sig", &OLD.signature), (OLD.name().as_str(), &OLD.iso)]
        {
            // With -HTTP a file is a whole answer.
            let head = format!("HTTP/1.0 200 OK\r\nContent-Length: {}\r\n\r\n", bytes.len());
            std::fs::write(root.join(name), [head.as_bytes(), bytes].concat()).unwrap();
        }
        std::fs::write(root.join("CHECKSUM.asc"), "HTTP/1.0 404 Not Found\r\n\r\n").unwrap();
        let made = Command::new("openssl")
            .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-days", "2"])
            .args(["-addext", "subjectAltName=DNS:localhost", "-addext", "basicConstraints=critical,CA:FALSE"])
            .args(["-keyout", "key.pem", "-out", "cert.pem"])
            .current_dir(folder.path())
            .stderr(Stdio::null())
            .status();
        assert!(made.unwrap().success());
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let child = Command::new("openssl")
            .args(["s_server", "-quiet", "-HTTP", "-accept", &port.to_string()])
            .args(["-cert", "../cert.pem", "-key", "../key.pem"])
            .current_dir(folder.path().join("www"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let tls = Self { child, port, folder };
        let began = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(began.elapsed() < Duration::from_secs(60), "openssl does not serve");
            std::thread::sleep(Duration::from_millis(50));
        }
        tls
    }

    pub(crate) fn certificate(&self) -> PathBuf {
        self.folder.path().join("cert.pem")
    }
}

impl Drop for Tls {
    fn drop(&mut self) {
        let ended = self.child.kill().and_then(|()| self.child.wait());
        assert!(ended.is_ok() || std::thread::panicking());
    }
}
