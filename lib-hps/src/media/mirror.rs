// SPDX-License-Identifier: GPL-3.0-or-later
//! Mirrors, spoken to by HTTP: listings and small files, with time-outs and retries. Nothing that comes from here is
//! believed; it is what verification looks at.
//!
//! Proxies are those of the environment (ALL_PROXY, HTTPS_PROXY, HTTP_PROXY, NO_PROXY), which ureq reads. Redirects are
//! followed here, since only http and https count, and https never becomes http.

use crate::types::Invalid;
use std::fmt;
use std::io::Read as _;
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use ureq::http::{Response, StatusCode, header};
use ureq::tls::{PemItem, RootCerts, TlsConfig, parse_pem};

/// The root of a mirror, below which the releases lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mirror(String);

impl Mirror {
    /// The address of something below it.
    pub fn url(&self, below: &str) -> String {
        format!("{}/{below}", self.0)
    }
}

impl FromStr for Mirror {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let url = text.trim_end_matches('/');
        if is_plain_url(url) && !url.contains(['?', '#']) {
            return Ok(Self(url.to_owned()));
        }
        Err(Invalid::new("mirror", text, "expected http://HOST/PATH or https://HOST/PATH, without a password"))
    }
}

impl fmt::Display for Mirror {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// `http://` or `https://`, a host, no user, and nothing but printable ASCII.
pub(super) fn is_plain_url(url: &str) -> bool {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://")).unwrap_or_default();
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    !host.is_empty() && !host.contains('@') && url.bytes().all(|b| b.is_ascii_graphic())
}

/// How patient one is.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// How long nothing may come before a connection is given up.
    pub silence: Duration,
    /// How often a mirror is tried again after an error that may pass.
    pub retries: u32,
    /// How long to wait before the first retry; each further wait is twice as long, up to a minute.
    pub pause: Duration,
}

/// Why a mirror gave nothing.
#[derive(Debug, thiserror::Error)]
pub enum MirrorError {
    /// It answered, but not with the file.
    #[error("{url}: the server answered {status}")]
    Status {
        /// What was asked for.
        url: String,
        /// 404, ...
        status: u16,
    },
    /// What it sent cannot be what was asked for.
    #[error("{url}: {problem}")]
    Content {
        /// What was asked for.
        url: String,
        /// What is wrong.
        problem: String,
    },
    /// The line broke, or stayed silent.
    #[error("{url}: {problem}")]
    Line {
        /// What was asked for.
        url: String,
        /// What happened.
        problem: String,
    },
    /// Ctrl-C.
    #[error("stopped")]
    Stopped,
}

impl MirrorError {
    /// Whether it may pass.
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Line { .. } => true,
            Self::Status { status, .. } => matches!(status, 408 | 425 | 429 | 500..=599),
            Self::Content { .. } | Self::Stopped => false,
        }
    }

    /// Whether the mirror says that there is no such file.
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::Status { status: 404 | 410, .. })
    }
}

/// What speaks to mirrors.
#[derive(Debug)]
pub struct Client {
    agent: ureq::Agent,
    pub(super) patience: Patience,
    pub(super) stop: Arc<AtomicBool>,
    ended: Arc<AtomicBool>,
}

/// A larger buffer than ureq's own: fewer system calls for each megabyte.
const BUFFER: usize = 1 << 20;

impl Client {
    /// One that ends what it does soon after `stop` is set. `certificates` is the system's file of trusted authorities.
    pub fn new(patience: Patience, certificates: &Path, stop: Arc<AtomicBool>) -> Self {
        // Where they cannot be read nothing is trusted: http still works, and https says that its certificate is not known.
        let pem = std::fs::read(certificates).unwrap_or_default();
        let roots: Vec<_> = parse_pem(&pem)
            .filter_map(|item| match item {
                Ok(PemItem::Certificate(certificate)) => Some(certificate),
                _ => None,
            })
            .collect();
        let tls = TlsConfig::builder()
            .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .root_certs(RootCerts::from(roots))
            .build();
        let silence = Some(patience.silence);
        let agent = ureq::Agent::config_builder()
            .tls_config(tls)
            .user_agent(concat!("hps/", env!("CARGO_PKG_VERSION")))
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_resolve(silence)
            .timeout_connect(silence)
            .timeout_recv_response(silence)
            .timeout_per_read(silence)
            .timeout_per_write(silence)
            .input_buffer_size(BUFFER)
            .build()
            .new_agent();
        let ended = Arc::new(AtomicBool::new(false));
        let (watched, flags) = (agent.clone(), (Arc::clone(&stop), Arc::clone(&ended)));
        // A read that waits for a silent server is ended by closing its connection.
        std::thread::spawn(move || {
            while !flags.1.load(Ordering::Relaxed) {
                if flags.0.load(Ordering::Relaxed) {
                    return watched.shutdown();
                }
                std::thread::sleep(Duration::from_millis(50));
            }
        });
        Self { agent, patience, stop, ended }
    }

    /// Whether Ctrl-C was pressed.
    pub(super) fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Asks for `url` and follows redirects. Any answer that is no redirect is an answer.
    pub(super) fn ask(&self, url: &str, headers: &[(&str, &str)]) -> Result<Response<ureq::Body>, MirrorError> {
        const REDIRECTS: usize = 5;
        let mut at = url.to_owned();
        for _ in 0..=REDIRECTS {
            if self.is_stopped() {
                return Err(MirrorError::Stopped);
            }
            let mut request = self.agent.get(&at);
            for (name, value) in headers {
                request = request.header(*name, *value);
            }
            let response = request.call().map_err(|error| self.broken(url, &error))?;
            if !is_redirect(response.status()) {
                return Ok(response);
            }
            let location = response.headers().get(header::LOCATION).and_then(|l| l.to_str().ok()).unwrap_or_default();
            at = next_url(&at, location).map_err(|problem| MirrorError::Content { url: url.to_owned(), problem })?;
        }
        Err(MirrorError::Content { url: url.to_owned(), problem: "it redirects without end".to_owned() })
    }

    /// An error of the line in words, or that it was closed by us.
    pub(super) fn broken(&self, url: &str, error: &dyn std::error::Error) -> MirrorError {
        if self.is_stopped() {
            return MirrorError::Stopped;
        }
        let mut problem = error.to_string();
        if problem.contains("UnknownIssuer") {
            problem.push_str(
                " (its certificate is not known here; apt-get install ca-certificates, or set SSL_CERT_FILE)",
            );
        }
        MirrorError::Line { url: url.to_owned(), problem }
    }

    /// A file of at most `limit` bytes; errors that may pass are tried again.
    ///
    /// # Errors
    /// See [`MirrorError`].
    pub fn small(&self, url: &str, limit: u64) -> Result<Vec<u8>, MirrorError> {
        let mut failures = 0;
        loop {
            let error = match self.small_once(url, limit) {
                Err(error) if error.may_pass() && failures < self.patience.retries => error,
                other => return other,
            };
            failures += 1;
            self.wait(failures).map_err(|MirrorStopped| MirrorError::Stopped)?;
            drop(error);
        }
    }

    fn small_once(&self, url: &str, limit: u64) -> Result<Vec<u8>, MirrorError> {
        let response = self.ask(url, &[])?;
        if response.status() != StatusCode::OK {
            return Err(MirrorError::Status { url: url.to_owned(), status: response.status().as_u16() });
        }
        let mut reader = response.into_body().into_with_config().limit(u64::MAX).reader();
        let (mut bytes, mut buffer) = (Vec::new(), vec![0u8; 1 << 16]);
        // A body that trickles keeps every time-out of a read, so there is one for the whole.
        let deadline = Instant::now() + self.patience.silence.saturating_mul(2);
        loop {
            let count = reader.read(&mut buffer).map_err(|error| self.broken(url, &error))?;
            bytes.extend_from_slice(buffer.get(..count).unwrap_or_default());
            if bytes.len() as u64 > limit {
                let problem = format!("it sends more than the {limit} bytes that such a file may have");
                return Err(MirrorError::Content { url: url.to_owned(), problem });
            }
            if count == 0 {
                return Ok(bytes);
            }
            if Instant::now() > deadline {
                return Err(MirrorError::Line { url: url.to_owned(), problem: "it sends too slowly".to_owned() });
            }
        }
    }

    /// Waits before retry number `failures`, counted from 1.
    pub(super) fn wait(&self, failures: u32) -> Result<(), MirrorStopped> {
        const LONGEST: Duration = Duration::from_secs(60);
        let doubled = self.patience.pause.saturating_mul(1 << failures.saturating_sub(1).min(16));
        let until = Instant::now() + doubled.min(LONGEST);
        while Instant::now() < until {
            if self.is_stopped() {
                return Err(MirrorStopped);
            }
            std::thread::sleep(Duration::from_millis(20).min(until.saturating_duration_since(Instant::now())));
        }
        Ok(())
    }
}

/// Ctrl-C while waiting.
#[derive(Debug)]
pub(super) struct MirrorStopped;

impl Drop for Client {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
    }
}

fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

/// Where a redirect of `from` leads.
fn next_url(from: &str, location: &str) -> Result<String, String> {
    let (scheme, rest) = from.split_once("://").unwrap_or_default();
    let authority = rest.split('/').next().unwrap_or_default();
    let to = if location.contains("://") || location.split(['/', '?']).next().is_some_and(|first| first.contains(':')) {
        location.to_owned()
    } else if let Some(other) = location.strip_prefix("//") {
        format!("{scheme}://{other}")
    } else if location.starts_with('/') {
        format!("{scheme}://{authority}{location}")
    } else {
        let folder = from.rsplit_once('/').map_or(from, |(folder, _)| folder);
        format!("{folder}/{location}")
    };
    if location.is_empty() || !is_plain_url(&to) {
        return Err(format!("it redirects to {location:.80?}, which is no address of http or https"));
    }
    if scheme == "https" && !to.starts_with("https://") {
        return Err(format!("it redirects from https to {to:.80}, which anybody on the way could change"));
    }
    Ok(to)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mirrors_are_addresses_of_http() {
        let mirror: Mirror = "https://mirror.example/pub/rocky/".parse().unwrap();
        assert_eq!(mirror.url("10.1/isos"), "https://mirror.example/pub/rocky/10.1/isos");
        for bad in [
            "",
            "mirror.example",
            "ftp://a/b",
            "file:///etc",
            "http://",
            "http://u:p@h/",
            "http://h/a b",
            "http://h/?x",
            "http:///x",
        ] {
            assert!(bad.parse::<Mirror>().is_err(), "{bad}");
        }
    }

    #[test]
    fn redirects_stay_where_they_may() {
        let next = |from: &str, to: &str| next_url(from, to);
        assert_eq!(next("http://a/b/c", "d").unwrap(), "http://a/b/d");
        assert_eq!(next("http://a:8/b/c", "/d").unwrap(), "http://a:8/d");
        assert_eq!(next("https://a/b", "//e/f").unwrap(), "https://e/f");
        assert_eq!(next("http://a/b", "https://e/f").unwrap(), "https://e/f");
        for (from, to) in [
            ("https://a/b", "http://a/b"),
            ("http://a/b", "file:///etc/passwd"),
            ("http://a/b", "ftp://a/b"),
            ("http://a/b", "file:/etc/passwd"),
            ("http://a/b", "HTTPS://u@a/b"),
            ("http://a/b", ""),
            ("http://a/b", "data:text/plain,x"),
        ] {
            assert!(next(from, to).is_err(), "{from} {to}");
        }
    }
}
