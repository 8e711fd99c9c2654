// SPDX-License-Identifier: GPL-3.0-or-later
//! Proxies as curl has them: a real Squid with Debian's rules, and fakes of what it does not do.

use crate::iso::OLD;
use crate::mirror::{Mirror, Reply};
use crate::site::{Answer, Site};
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// A Squid with the rules of Debian's squid.conf: CONNECT to port 443 and to no other, and by this machine alone.
struct Squid {
    child: Child,
    port: u16,
    folder: tempfile::TempDir,
}

/// The user `proxy`, which every Debian has under this number.
const PROXY: u32 = 13;
const RULES: &str = "acl SSL_ports port 443\n\
                     acl Safe_ports port 80 443 1025-65535\n\
                     http_access deny !Safe_ports\n\
                     http_access deny CONNECT !SSL_ports\n";

impl Squid {
    fn new(more: &str) -> Self {
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

    fn text(&self, name: &str) -> String {
        std::fs::read_to_string(self.folder.path().join(name)).unwrap_or_default()
    }

    /// Its log, once that has a line with this word.
    fn log(&self, word: &str) -> String {
        let began = Instant::now();
        while !self.text("access.log").contains(word) && began.elapsed() < Duration::from_secs(20) {
            std::thread::sleep(Duration::from_millis(50));
        }
        self.text("access.log")
    }

    fn url(&self) -> String {
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

fn fetch(site: &Site, mirror: &Mirror, variables: &[(&str, &str)]) -> Answer {
    Answer::of(site.fetching(&[mirror], &[]).envs(variables.iter().copied()).output().unwrap())
}

#[test]
fn a_squid_with_its_defaults_serves_a_mirror_of_http() {
    let (site, mirror) = (Site::new(), Mirror::new(&[&OLD]));
    let squid = Squid::new("");
    fetch(&site, &mirror, &[("http_proxy", &squid.url())]).says(&format!("{} published", OLD.distro()));
    let log = squid.log(&OLD.name());
    assert!(log.contains(&format!("GET {}{}", mirror.url, OLD.iso_path())) && !log.contains("CONNECT"), "{log}");
    // Without a scheme, and for all.
    let site = Site::new();
    let plain = squid.url().replace("http://", "");
    fetch(&site, &mirror, &[("ALL_PROXY", &plain)]).says(&format!("{} published", OLD.distro()));
    // What it does not know is its fault, and the line says so.
    let nowhere = mirror.called("http://mirror.invalid/pub");
    let answer = fetch(&site, &nowhere, &[("http_proxy", &squid.url())]);
    answer.fails(1, &["mirror.invalid", "the server answered 50", "by the proxy 127.0.0.1:", "http_proxy"]);
}

#[test]
fn a_squid_that_wants_a_password_gets_it() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::set_permissions(folder.path(), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let helper = folder.path().join("ask");
    // Squid encodes what it hands over, and which characters depends on its version.
    let known = "case $line in 'us@er p:ss' | 'us%40er p%3'[aA]ss | 'us@er p%3'[aA]ss | 'us%40er p:ss') echo OK ;; *) echo ERR ;; esac";
    std::fs::write(&helper, format!("#!/bin/sh\nwhile read -r line; do {known}; done\n")).unwrap();
    std::fs::set_permissions(&helper, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let more = format!(
        "auth_param basic program {}\nauth_param basic children 1\nacl known proxy_auth REQUIRED\nhttp_access deny !known\n",
        helper.display()
    );
    let squid = Squid::new(&more);
    let (site, mirror) = (Site::new(), Mirror::new(&[&OLD]));
    let with = |user: &str| format!("http://{user}127.0.0.1:{}", squid.port);
    fetch(&site, &mirror, &[("http_proxy", &with(""))]).fails(1, &["407", "http_proxy=http://USER:PASSWORD@127.0.0.1"]);
    let wrong = fetch(&site, &mirror, &[("http_proxy", &with("user:wr0ng@"))]);
    wrong.fails(1, &["does not accept the user and password"]);
    assert!(!wrong.err.contains("wr0ng"), "{wrong:?}");
    fetch(&site, &mirror, &[("http_proxy", &with("us%40er:p%3Ass@"))]).says(&format!("{} published", OLD.distro()));
}

/// A server of TLS, by openssl's own, with a certificate for localhost.
struct Tls {
    child: Child,
    port: u16,
    folder: tempfile::TempDir,
}

impl Tls {
    /// Serves the files of `OLD`.
    fn new() -> Self {
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

    fn certificate(&self) -> PathBuf {
        self.folder.path().join("cert.pem")
    }
}

impl Drop for Tls {
    fn drop(&mut self) {
        let ended = self.child.kill().and_then(|()| self.child.wait());
        assert!(ended.is_ok() || std::thread::panicking());
    }
}

/// A proxy that does what it is told to and notes what it was asked.
struct Fake {
    url: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Fake {
    /// `open` reads what a client asks for and says where to connect to.
    fn new(open: fn(&mut TcpStream) -> std::io::Result<(String, String)>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = listener.local_addr().unwrap().to_string();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let noted = Arc::clone(&asked);
        std::thread::spawn(move || {
            for mut client in listener.incoming().flatten() {
                let noted = Arc::clone(&noted);
                std::thread::spawn(move || -> std::io::Result<()> {
                    let (note, to) = open(&mut client)?;
                    noted.lock().unwrap().push(note);
                    let mut server = TcpStream::connect(to)?;
                    let (mut back, mut from) = (client.try_clone()?, server.try_clone()?);
                    let answers = std::thread::spawn(move || {
                        std::io::copy(&mut from, &mut back)?;
                        back.shutdown(Shutdown::Write)
                    });
                    std::io::copy(&mut client, &mut server)?;
                    server.shutdown(Shutdown::Write)?;
                    answers.join().unwrap()
                });
            }
        });
        Self { url, asked }
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

fn head(stream: &mut TcpStream) -> std::io::Result<String> {
    let (mut head, mut byte) = (Vec::new(), [0u8]);
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}

#[test]
fn https_goes_through_a_tunnel() {
    let tls = Tls::new();
    let proxy = Fake::new(|client| {
        let head = head(client)?;
        let target = head.split(' ').nth(1).unwrap_or_default().replace("localhost", "127.0.0.1");
        client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")?;
        Ok((head, target))
    });
    let site = Site::new();
    let mirror = Mirror::new(&[]).called(&format!("https://localhost:{}/pub", tls.port));
    let run = |variables: &[(&str, &str)]| {
        let mut command = site.fetching(&[&mirror], &["--release", "10.1", "--timeout", "20"]);
        command.env("SSL_CERT_FILE", tls.certificate()).envs(variables.iter().copied());
        Answer::of(command.output().unwrap())
    };
    run(&[("HTTPS_PROXY", &format!("http://u:p@{}", proxy.url))]).says(&format!("{} published", OLD.distro()));
    let asked = proxy.asked();
    let connect = format!("CONNECT localhost:{} HTTP/1.1\r\nHost: localhost:{}\r\n", tls.port, tls.port);
    assert!(asked.len() >= 3 && asked.iter().all(|head| head.starts_with(&connect)), "{asked:?}");
    assert!(asked[0].contains("Proxy-Authorization: Basic dTpw\r\n"), "{asked:?}");
    site.run(&["--remove", &OLD.distro()]).says(&format!("{} removed", OLD.distro()));
    // A Squid with its defaults has no tunnel to this port, and the line says whose word that is.
    let squid = Squid::new("");
    run(&[("https_proxy", &squid.url())]).fails(1, &["answered 403 to CONNECT localhost:", "https_proxy", "no_proxy"]);
    // What is for http is not for https.
    run(&[("http_proxy", &squid.url())]).says(&format!("{} published", OLD.distro()));
}

#[test]
fn one_for_https_is_not_for_http() {
    let (site, mirror) = (Site::new(), Mirror::new(&[&OLD]));
    let nobody = "http://127.0.0.1:1";
    let elsewhere = [("https_proxy", nobody), ("HTTPS_PROXY", nobody), ("HTTP_PROXY", nobody)];
    fetch(&site, &mirror, &elsewhere).says(&format!("{} published", OLD.distro()));
    let site = Site::new();
    fetch(&site, &mirror, &[("http_proxy", nobody)])
        .fails(1, &["the proxy 127.0.0.1:1 of http_proxy refuses connections"]);
}

#[test]
fn hosts_of_no_proxy_are_asked_themselves() {
    let mirror = Mirror::new(&[&OLD]);
    let port = mirror.url.split(':').nth(2).unwrap().trim_end_matches("/pub").to_owned();
    let nobody = "http://127.0.0.1:1";
    for (list, direct) in [
        ("other.example, 127.0.0.1".to_owned(), true),
        ("127.0.0.0/8".to_owned(), true),
        ("\tother , 127.0.0.1 ".to_owned(), true),
        (format!("127.0.0.1:{port}"), true),
        ("*".to_owned(), true),
        ("127.0.0.2,10.0.0.0/8,::1".to_owned(), false),
        ("0.1".to_owned(), false),
    ] {
        let site = Site::new();
        let answer = fetch(&site, &mirror, &[("all_proxy", nobody), ("no_proxy", &list)]);
        assert_eq!(answer.code, Some(if direct { 0 } else { 1 }), "{list:?} {answer:?}");
    }
    let named = mirror.called(&mirror.url.replace("127.0.0.1", "localhost"));
    for list in ["localhost", ".localhost", "LOCALHOST."] {
        let site = Site::new();
        let answer = fetch(&site, &named, &[("http_proxy", nobody), ("NO_PROXY", list)]);
        assert_eq!(answer.code, Some(0), "{list} {answer:?}");
    }
}

#[test]
fn socks_is_done_and_what_is_no_proxy_is_said() {
    let mirror = Mirror::new(&[&OLD]);
    // RFC 1928, without a password.
    let socks = Fake::new(|client| {
        let mut hello = [0; 2];
        client.read_exact(&mut hello)?;
        let mut methods = vec![0; usize::from(hello[1])];
        client.read_exact(&mut methods)?;
        client.write_all(&[5, 0])?;
        let mut request = [0; 4];
        client.read_exact(&mut request)?;
        let host = match request[3] {
            1 => {
                let mut address = [0; 4];
                client.read_exact(&mut address)?;
                std::net::Ipv4Addr::from(address).to_string()
            }
            _ => {
                let mut length = [0];
                client.read_exact(&mut length)?;
                let mut name = vec![0; usize::from(length[0])];
                client.read_exact(&mut name)?;
                String::from_utf8_lossy(&name).into_owned()
            }
        };
        let mut port = [0; 2];
        client.read_exact(&mut port)?;
        client.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0])?;
        Ok((host, format!("127.0.0.1:{}", u16::from_be_bytes(port))))
    });
    let named = mirror.called(&mirror.url.replace("127.0.0.1", "mirror.invalid"));
    fetch(&Site::new(), &named, &[("all_proxy", &format!("socks5h://{}", socks.url))])
        .says(&format!("{} published", OLD.distro()));
    assert!(socks.asked().iter().all(|host| host == "mirror.invalid") && !socks.asked().is_empty());
    fetch(&Site::new(), &mirror, &[("ALL_PROXY", &format!("socks5://{}", socks.url))])
        .says(&format!("{} published", OLD.distro()));
    assert_eq!(socks.asked().last().map(String::as_str), Some("127.0.0.1"));
    let answer = fetch(&Site::new(), &mirror, &[("all_proxy", "quic://user:s3cret@127.0.0.1:1")]);
    answer.fails(2, &["all_proxy", "\"quic://127.0.0.1:1\" is no proxy", "socks5h://"]);
    assert!(!answer.err.contains("s3cret"), "{answer:?}");
}

#[test]
fn a_proxy_that_does_not_answer_is_ended() {
    let mirror = Mirror::new(&[]).called("https://mirror.invalid/pub");
    for drip in [false, true] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        std::thread::spawn(move || {
            for mut client in listener.incoming().flatten() {
                std::thread::spawn(move || {
                    while client.write_all(if drip { b"x" } else { b"" }).is_ok() {
                        std::thread::sleep(Duration::from_millis(300));
                    }
                });
            }
        });
        let began = Instant::now();
        fetch(&Site::new(), &mirror, &[("https_proxy", &address)]).fails(1, &["mirror.invalid", "imeout"]);
        assert!(began.elapsed() < Duration::from_secs(15), "{:?}", began.elapsed());
    }
    let talker = Mirror::new(&[]);
    talker.rule(|_| Some(Reply::new(200, "").header("x", "y".repeat(100_000))));
    let address = talker.url.trim_end_matches("/pub").to_owned();
    fetch(&Site::new(), &mirror, &[("https_proxy", &address)]).fails(1, &["does not answer as a proxy"]);
}
