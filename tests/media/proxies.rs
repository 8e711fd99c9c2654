// SPDX-License-Identifier: GPL-3.0-or-later
//! Proxies as curl has them: a real Squid with Debian's rules, and fakes of what it does not do.

use crate::fake_proxy::{Fake, head};
use crate::iso::OLD;
use crate::mirror::{Mirror, Reply};
use crate::site::{Answer, Site};
use crate::squid::Squid;
use crate::tls::Tls;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::time::{Duration, Instant};

fn fetch(site: &Site, mirror: &Mirror, variables: &[(&str, &str)]) -> Answer {
    Answer::from_output(site.fetching(&[mirror], &[]).envs(variables.iter().copied()).output().unwrap())
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
        Answer::from_output(command.output().unwrap())
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
    answer.fails(2, &["all_proxy", "\"quic://127.0.0.1:1\" is not a proxy", "socks5h://"]);
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
    fetch(&Site::new(), &mirror, &[("https_proxy", &address)]).fails(1, &["does not answer like an HTTP proxy"]);
}
