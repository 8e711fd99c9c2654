// SPDX-License-Identifier: GPL-3.0-or-later

use super::super::client::Client;
use super::super::expected::expected;
use super::dhcp::questions;
use super::{Context, Found};
use crate::reload::drift;
use hps::config::Dir;

/// The program, and its answers to iPXE of a machine that no record knows. The MAC of the client is one with which only
/// HPS asks, and the boot manager keeps nothing of it.
pub(in super::super) fn run(context: &Context) -> anyhow::Result<Vec<Found>> {
    let place = context.site.conf.dir(Dir::HttpCgi).join("boot_manager");
    let files = drift::written_files(&context.site, &context.store)?;
    if files.iter().any(|file| file.path == place && file.differs) {
        let text = format!("{} is not the program that reload publishes", place.display());
        return Ok(vec![Found::problem(text, "write it again with: reload")]);
    }
    let client = context.client()?;
    let wanted = expected(&context.store.cluster, &context.loaders()?.served);
    if let Err(error) = client.take_offered(&questions(&wanted)) {
        return Ok(match context.is_broken("dhcp") || context.is_broken("dnsmasq") {
            true => vec![Found::unchecked("first correct the problem of dhcp", "")],
            false => vec![Found::problem(format!("it was not asked: {error:#}"), "self-test --only dhcp")],
        });
    }
    let url = context.store.cluster.boot_manager_url();
    let mut found = Vec::new();
    for question in ["cmd=init".to_owned(), format!("cmd=boot_action&mac={}", client.mac())] {
        found.extend(ask(context, client, &format!("{url}?{question}")));
    }
    found.dedup_by(|a, b| a.advice == b.advice);
    Ok(found)
}

fn ask(context: &Context, client: &Client, url: &str) -> Option<Found> {
    let log = context.store.paths.web_log_dir().join("boot_manager.log");
    match client.fetch(url) {
        Ok(bytes) if bytes.starts_with(b"#!ipxe\n") => None,
        Ok(_) => {
            Some(Found::problem(format!("{url} gives no script of iPXE"), "find out which program answers: ss -lntp"))
        }
        Err(error) => {
            let text = format!("{url}: a client gets no answer: {error:#}");
            let port = context.store.cluster.network.http_port;
            let advice = format!("see the end of {}; check the firewall for TCP port {port}", log.display());
            Some(Found::problem(text, advice))
        }
    }
}
