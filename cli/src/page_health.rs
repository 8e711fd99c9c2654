// SPDX-License-Identifier: GPL-3.0-or-later
//! What a person should look at before the page of `[web]` fails: its certificate, and who may log in.

use crate::host_state::check::{Finding, Severity};
use crate::program;
use hps::config::WebLogin;
use hps::exec::openssl::{CertificateFacts, certificate_facts};
use hps::store::Store;
use hps::types::one_line;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

/// So long before its end a certificate is a problem.
const DAYS_BEFORE: u64 = 30;
const DAY: u64 = 86_400;

/// The file with the certificate that the page shows.
pub(crate) fn certificate_file(store: &Store) -> PathBuf {
    let given = store.cluster.web.certificate.as_ref().map(|path| PathBuf::from(path.as_str()));
    given.unwrap_or_else(|| store.paths.web_certificate())
}

/// What is wrong, or will be soon; and what is known of the certificate.
pub(crate) fn look(store: &Store, stop: &AtomicBool) -> (Vec<Finding>, Option<CertificateFacts>) {
    let web = &store.cluster.web;
    let mut findings = Vec::new();
    if !web.server {
        return (findings, None);
    }
    let mut add = |severity, file: &PathBuf, problem: String, advice: &str| {
        findings.push(Finding { severity, file: file.clone(), line: None, problem, advice: advice.to_owned() });
    };
    let file = certificate_file(store);
    let facts = match certificate_facts(&file, stop) {
        Ok(facts) => Some(facts),
        Err(error) => {
            add(Severity::Problem, &file, format!("the certificate of the page: {}", one_line(&error)), "reload");
            None
        }
    };
    if let Some(facts) = &facts {
        let (now, ends) = (program::now().as_unix(), facts.ends.as_unix());
        let advice = match web.certificate {
            Some(_) => "put a newer one there, then: reload --stop; reload".to_owned(),
            None => format!("for a new one: rm {}; reload --stop; reload", file.display()),
        };
        if ends <= now {
            add(Severity::Problem, &file, format!("the certificate of the page ended at {}", facts.ends), &advice);
        } else if ends - now < DAYS_BEFORE * DAY {
            let days = (ends - now) / DAY;
            add(Severity::Problem, &file, format!("the certificate of the page ends in {days} days"), &advice);
        }
    }
    if web.login == WebLogin::File {
        let users = store.paths.web_users();
        match store.web_users().list() {
            Ok(names) if names.is_empty() => {
                add(Severity::Note, &users, "no one can log in to the page".to_owned(), "hps-web user add NAME");
            }
            Ok(_) => {}
            Err(error) => add(Severity::Problem, &users, one_line(&error), "hps-web user list"),
        }
    }
    (findings, facts)
}
