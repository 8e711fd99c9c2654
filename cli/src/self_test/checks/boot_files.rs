// SPDX-License-Identifier: GPL-3.0-or-later

use super::super::client::Client;
use super::super::expected::expected;
use super::dhcp::questions;
use super::{Context, Found};
use crate::reload::drift::{LoaderFiles, WrittenFile};
use hps::config::Dir;
use hps::render::dnsmasq::BootLoader;
use hps::store::read_plain;
use hps::types::{Sha256Digest, Transport};
use std::path::Path;

/// No boot loader is larger.
const MAX_BYTES: u64 = 64 << 20;

/// Boot loaders on disk, and as a client gets them.
pub(in super::super) fn run(context: &Context) -> anyhow::Result<Vec<Found>> {
    let loaders = context.loaders()?;
    let warning = |line: &String| {
        let (text, advice) = line.rsplit_once("; ").unwrap_or((line, ""));
        Found::warning(text, advice)
    };
    let mut found: Vec<Found> = loaders.warnings.iter().map(warning).collect();
    let wrong = loaders.files.iter().filter(|file| file.differs);
    found.extend(wrong.map(|file| {
        let what = if file.is_there { "is not the file that reload publishes" } else { "is missing" };
        Found::problem(format!("{} {what}", file.path.display()), "write it again with: reload")
    }));
    let client = context.client()?;
    let wanted = expected(&context.store.cluster, &loaders.served);
    if let Err(error) = client.take_offered(&questions(&wanted)) {
        // Without an offer that is a problem of DHCP.
        if !context.is_broken("dhcp") && !context.is_broken("dnsmasq") {
            found.push(Found::problem(format!("no file was fetched: {error:#}"), "self-test --only dhcp"));
        }
        return Ok(found);
    }
    let (mut fetched, mut silent) = (0, Vec::new());
    for loader in &loaders.served {
        let Some(digest) = digest(context, loaders, loader)? else { continue };
        for transport in transports(context, loader) {
            // One file tells enough, and each takes some seconds.
            if silent.contains(&transport) {
                continue;
            }
            match fetch(context, client, loader, transport, digest) {
                None => fetched += 1,
                Some(problem) => {
                    silent.push(transport);
                    found.push(problem);
                }
            }
        }
    }
    if silent.contains(&Transport::Http) && found.iter().any(|one| one.status.is_wrong()) {
        context.is_broken_now("lighttpd");
    }
    if found.is_empty() {
        found.push(Found::ok(format!("{fetched} files were fetched and compared")));
    }
    Ok(found)
}

/// What should be fetched; `None` if the file on disk is wrong, which is reported.
fn digest(context: &Context, loaders: &LoaderFiles, loader: &BootLoader) -> anyhow::Result<Option<Sha256Digest>> {
    let path = context.site.conf.dir(Dir::Tftp).join(&loader.file);
    match loaders.files.iter().find(|file| file.path == path) {
        Some(WrittenFile { differs: true, .. }) => Ok(None),
        Some(file) => Ok(Some(file.digest)),
        // One that stays as it is.
        None => Ok(Some(Sha256Digest::hash(&read(&path)?))),
    }
}

fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    use anyhow::Context as _;
    read_plain(path, MAX_BYTES).with_context(|| format!("{}: cannot read", path.display()))
}

/// By which ways clients fetch it. A second stage is fetched by the way of the first. A service that does not serve has
/// a line of its own.
fn transports(context: &Context, loader: &BootLoader) -> Vec<Transport> {
    let all = [(Transport::Tftp, "dnsmasq"), (Transport::Http, "lighttpd")];
    let is_used = |transport: Transport| {
        loader.architectures.is_empty() || loader.architectures.iter().any(|a| a.transport() == transport)
    };
    all.into_iter()
        .filter(|(transport, service)| is_used(*transport) && !context.is_broken(service))
        .map(|(transport, _)| transport)
        .collect()
}

fn fetch(
    context: &Context,
    client: &Client,
    loader: &BootLoader,
    transport: Transport,
    digest: Sha256Digest,
) -> Option<Found> {
    let cluster = &context.store.cluster;
    let (url, port) = match transport {
        Transport::Tftp => (format!("tftp://{}/{}", cluster.server(), loader.file), "UDP port 69".to_owned()),
        Transport::Http => {
            (format!("{}/boot/{}", cluster.base_url(), loader.file), format!("TCP port {}", cluster.network.http_port))
        }
    };
    match client.fetch(&url) {
        Ok(bytes) if Sha256Digest::hash(&bytes) == digest => None,
        Ok(_) => Some(Found::problem(
            format!("{url}: a client gets another file than that on disk"),
            "find out which program answers: ss -lntup",
        )),
        Err(_) if context.is_broken("rights") => {
            Some(Found::unchecked(format!("{url} was not fetched: first correct the problem of rights"), ""))
        }
        Err(error) => {
            let text = format!("{url}: a client cannot fetch it: {error:#}");
            Some(Found::problem(text, format!("check the firewall for {port}, and the logs of the services")))
        }
    }
}
