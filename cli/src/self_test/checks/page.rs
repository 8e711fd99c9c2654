// SPDX-License-Identifier: GPL-3.0-or-later

use super::super::stop::STOP;
use super::{Context, Found, from_finding};
use crate::page_health;
use hps::exec::curl;
use hps::exec::services::{Service, ServiceFiles};
use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

const TIMEOUT: Duration = Duration::from_secs(10);

/// Whether the page answers, asks for a login, and has a certificate that is valid for a while.
pub(in super::super) fn run(context: &Context) -> anyhow::Result<Vec<Found>> {
    let web = &context.store.cluster.web;
    if !web.server {
        return Ok(vec![Found::ok("the cluster file has no page")]);
    }
    let (findings, facts) = page_health::look(&context.store, STOP);
    let mut found: Vec<Found> = findings.iter().map(from_finding).collect();
    let is_broken = |service: Service| context.is_broken(service.program());
    if !is_broken(Service::Web) {
        let socket = ServiceFiles::new(&context.site.conf).page_socket();
        if let Err(why) = ask(&socket) {
            let text = format!("hps-web does not answer at {}: {why}", socket.display());
            found.push(Found::problem(text, "reload --stop, then: reload"));
        }
    }
    if !is_broken(Service::WebTls) {
        let url = format!("https://{}:{}/", web.address.unwrap_or(context.store.cluster.server()), web.port);
        match curl::status(&url, STOP) {
            Ok(401) => {}
            Ok(status) => {
                let text = format!("{url} answers with status {status}, and should ask for a login (401)");
                found.push(Found::problem(text, "reload --stop, then: reload"));
            }
            Err(error) => {
                found.push(Found::problem(format!("{url}: {error}"), "reload --stop, then: reload"));
            }
        }
    }
    if let (true, Some(facts)) = (found.is_empty(), facts) {
        let text = format!("its certificate ends at {}; SHA-256 fingerprint {}", facts.ends, facts.fingerprint);
        found.push(Found::ok(&text));
    }
    Ok(found)
}

/// A request that it answers from its memory.
fn ask(socket: &Path) -> anyhow::Result<()> {
    let mut stream = UnixStream::connect(socket)?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    stream.set_write_timeout(Some(TIMEOUT))?;
    stream.write_all(b"GET /api/v1/openapi.json HTTP/1.1\r\nHost: hps\r\n\r\n")?;
    let mut begin = [0; 12];
    stream.read_exact(&mut begin)?;
    anyhow::ensure!(&begin == b"HTTP/1.1 200", "{}", String::from_utf8_lossy(&begin));
    Ok(())
}
