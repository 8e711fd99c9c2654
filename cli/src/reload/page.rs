// SPDX-License-Identifier: GPL-3.0-or-later
//! The page of hps-web for other machines: the configuration of its lighttpd, its certificate, and the file of its users.

use super::definitions::optional;
use crate::change::Change;
use crate::program::{Ended, Exit, Site, node_name};
use anyhow::Context as _;
use hps::config::{Dir, WebLogin};
use hps::exec::services::{Service, ServiceFiles};
use hps::exec::{self, NEVER, openssl};
use hps::files::{Access, create_atomic};
use hps::media::work_folder::sheet;
use hps::render::web;
use hps::store::Store;
use std::path::{Path, PathBuf};

/// The configuration of the lighttpd in front of hps-web; `None` if there is none and none is wanted.
pub(super) fn configuration(site: &Site, store: &Store) -> anyhow::Result<Option<Change>> {
    let (files, paths) = (ServiceFiles::new(&site.conf), &store.paths);
    let text = web::configuration(
        &store.cluster,
        &web::Places {
            root: &files.page_folder(),
            socket: &files.page_socket(),
            own_certificate: &paths.web_certificate(),
            users: &paths.web_users(),
            log: &paths.web_log_dir(),
            pid: &files.pid_file(Service::WebTls),
        },
    );
    optional(store.cluster.web.server, files.configuration(Service::WebTls), |path| {
        Change::new(path, text.into_bytes(), Access::World)
    })
}

/// Secrets below the folder of state, which hps-web does not need.
pub(super) fn secrets(site: &Site) -> Vec<PathBuf> {
    let state = site.conf.dir(Dir::State);
    ["site.key", "packages-key.asc", "bmc-credentials", "web.pem", "web-users", "web-tokens"]
        .map(|name| state.join(name))
        .to_vec()
}

/// What must be there before lighttpd starts, and can be made: a certificate, and an empty file of users. Returns what a
/// person must know.
///
/// # Errors
/// When it cannot be made.
pub(super) fn prepare(store: &Store, group: u32) -> anyhow::Result<Vec<String>> {
    let (web, paths) = (&store.cluster.web, &store.paths);
    let mut notes = Vec::new();
    if !web.server {
        return Ok(notes);
    }
    if web.login == WebLogin::File {
        store.web_users().create(Some(group))?;
    }
    let file = paths.web_certificate();
    if web.certificate.is_none() && !file.exists() {
        let name = node_name().map_or_else(|| "hps".to_owned(), |name| name.to_string());
        let pem = openssl::self_signed(&name, web.address.unwrap_or(store.cluster.server()), &NEVER)
            .context("the certificate of the page cannot be made")?;
        create_atomic(&file, &pem, Access::Owner)?;
        let facts = openssl::certificate_facts(&file, &NEVER)?;
        notes.push(format!(
            "a certificate was made for the page, which browsers do not know; its SHA-256 fingerprint: {}",
            facts.fingerprint
        ));
    }
    Ok(notes)
}

/// What keeps people from the page although it is served, one line each.
pub(super) fn missing(store: &Store) -> Vec<String> {
    let web = &store.cluster.web;
    let no_users = || store.web_users().list().is_ok_and(|users| users.is_empty());
    match web.login {
        WebLogin::File if web.server && no_users() => {
            vec!["no one can log in to the page yet; add a login with: hps-web user add NAME".to_owned()]
        }
        _ => Vec::new(),
    }
}

/// Our own check of a rendered configuration, and that of lighttpd, which reads the certificate too.
///
/// # Errors
/// The error of lighttpd.
pub(super) fn check(store: &Store, change: Option<&Change>) -> anyhow::Result<()> {
    let Some(change) = change.filter(|change| !change.after().is_empty()) else { return Ok(()) };
    if !std::str::from_utf8(change.after()).is_ok_and(web::is_complete) {
        return Err(Ended::error(Exit::Failed, "a rendered configuration is incomplete; nothing was changed"));
    }
    let web = &store.cluster.web;
    if web.login == WebLogin::Pam {
        let service = Path::new("/etc/pam.d").join(web::PAM_SERVICE);
        if !service.is_file() {
            let line = format!("web.login is \"pam\", but {} is missing; nothing was changed", service.display());
            return Err(Ended::error(Exit::NotFound, line));
        }
    }
    for file in [&web.certificate, &web.key].into_iter().flatten() {
        if !Path::new(file.as_str()).is_file() {
            let line =
                format!("{file} of [web] is not on this machine; nothing was changed; put it there, then: reload");
            return Err(Ended::error(Exit::NotFound, line));
        }
    }
    if web.certificate.is_none() && !store.paths.web_certificate().exists() {
        // reload makes it, and then checks again.
        return Ok(());
    }
    let file = sheet(change.after())?;
    exec::lighttpd::check(file.path()).context(
        "lighttpd does not accept its rendered configuration for the page; nothing was changed; it needs the package \
         lighttpd-mod-openssl, and for PAM lighttpd-mod-authn-pam",
    )
}
