// SPDX-License-Identifier: GPL-3.0-or-later
//! The client of mirrors: asks, follows redirects, and returns bodies through readers that limit them.

use super::counted::Counted;
use super::deadline::Deadline;
use super::error::{Server, mirror_error};
use super::limit::Limit;
use super::meter::Meter;
use super::proxies::Proxies;
use super::rate_limit::RateLimit;
use super::redirect::next_url;
use super::stall_detector::StallDetector;
use super::{MirrorError, route};
use crate::media::interruptible::Interruptible;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use ureq::http::{Response, StatusCode, Uri, header};
use ureq::tls::{PemItem, RootCerts, TlsConfig, parse_pem};

/// How long to wait for a mirror, and how often to try again.
#[derive(Debug, Clone, Copy)]
pub struct RetryPolicy {
    /// How long a connection may be silent before it is given up.
    pub silence: Duration,
    /// How often a mirror is tried again after a temporary error. A small file of a mirror that cannot be reached is
    /// tried again once.
    pub retries: u32,
    /// How long to wait before the first retry; each further wait is twice as long, up to a minute.
    pub pause: Duration,
}

/// The limits of a body.
#[derive(Debug, Clone, Copy)]
pub(in crate::media) struct Bounds {
    /// Bytes of it, at most.
    pub(in crate::media) most: u64,
    /// Bytes in a second, at most, if the operator limits them.
    pub(in crate::media) rate: Option<u64>,
}

/// The client of mirrors. It makes one request at a time.
#[derive(Debug)]
pub struct Client {
    agent: ureq::Agent,
    meter: Meter,
    proxies: Arc<Proxies>,
    pub(in crate::media) policy: RetryPolicy,
    pub(in crate::media) stop: Arc<AtomicBool>,
    ended: Arc<AtomicBool>,
}

/// How long to wait for a name server, and for a connection; a shorter [`RetryPolicy::silence`] counts. glibc asks the
/// second name server after 5 seconds (resolv.conf(5)).
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Without a network more retries only let a person wait.
const MAX_UNREACHABLE_RETRIES: u32 = 1;

/// A larger buffer than ureq's own: fewer system calls for each megabyte.
const BUFFER: usize = 1 << 20;

impl Client {
    /// A client that ends its work soon after `stop` is set. `certificates` is the system's file of trusted
    /// authorities.
    pub fn new(policy: RetryPolicy, certificates: &Path, proxies: Proxies, stop: Arc<AtomicBool>) -> Self {
        // If they cannot be read, no certificate is trusted: http still works, and https reports an unknown
        // certificate.
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
        let (silence, connect) = (Some(policy.silence), Some(policy.silence.min(CONNECT_TIMEOUT)));
        let config = ureq::Agent::config_builder()
            .tls_config(tls)
            .user_agent(super::USER_AGENT)
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            // Otherwise ureq would use one from the environment, by its own rules.
            .proxy(None)
            .timeout_resolve(connect)
            .timeout_connect(connect)
            .timeout_recv_response(silence)
            .timeout_per_read(silence)
            .timeout_per_write(silence)
            .input_buffer_size(BUFFER)
            .build();
        let (meter, proxies) = (Meter::new(policy.silence), Arc::new(proxies));
        let agent = route::agent(config, &proxies, &meter);
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
        Self { agent, meter, proxies, policy, stop, ended }
    }

    /// Whether Ctrl-C was pressed.
    fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Asks for `url` and follows redirects. Any answer except a redirect is an answer.
    pub(in crate::media) fn ask(
        &self,
        url: &str,
        headers: &[(&str, &str)],
    ) -> Result<Response<ureq::Body>, MirrorError> {
        const REDIRECTS: usize = 5;
        let mut at = url.to_owned();
        for _ in 0..=REDIRECTS {
            if self.is_stopped() {
                return Err(MirrorError::Stopped);
            }
            let content = |problem: String| MirrorError::Content { url: self.called(url), problem };
            let uri: Uri = at.parse().map_err(|error| content(format!("{at:.80} is not an address: {error}")))?;
            let proxy = self.proxies.for_url(&uri);
            let mut request = self.agent.get(&uri);
            for (name, value) in headers {
                request = request.header(*name, *value);
            }
            if let Some(socks) = proxy.and_then(super::Proxy::socks) {
                let socks = socks.map_err(|error| self.broken(url, &uri, &error))?;
                request = request.config().proxy(Some(socks)).build();
            }
            self.meter.asks();
            let response = request.call().map_err(|error| self.broken(url, &uri, &error))?;
            match response.status().as_u16() {
                301 | 302 | 303 | 307 | 308 => {}
                407 if proxy.is_some() => return Err(content(proxy.map(route::needs_user).unwrap_or_default())),
                _ => return Ok(response),
            }
            let location = response.headers().get(header::LOCATION).and_then(|l| l.to_str().ok()).unwrap_or_default();
            at = next_url(&at, location).map_err(|error| content(error.to_string()))?;
        }
        Err(MirrorError::Content { url: self.called(url), problem: "it redirects without end".to_owned() })
    }

    /// The body of an answer to `url`, limited. Bodies are read in no other way.
    pub(in crate::media) fn read<'a>(&'a self, url: &str, body: ureq::Body, bounds: Bounds) -> Incoming<'a> {
        let bounded = StallDetector::new(self.watched(body, bounds.most), self.policy.silence);
        let reader: Box<dyn Read + 'a> = match bounds.rate {
            Some(rate) => Box::new(RateLimit::new(bounded, rate, &self.stop)),
            None => Box::new(bounded),
        };
        Incoming { client: self, url: url.to_owned(), reader }
    }

    fn watched<'a>(&'a self, body: ureq::Body, most: u64) -> Limit<impl Read + 'a> {
        // The limit of ureq counts delivered bytes like ours, and cannot report them in our words.
        let inner = body.into_with_config().limit(u64::MAX).reader();
        Limit::new(Interruptible::new(Counted::new(inner, &self.meter), &self.stop), most)
    }

    /// An address in errors: with the proxy on the way, which may be at fault.
    pub(in crate::media) fn called(&self, url: &str) -> String {
        let uri = url.parse::<Uri>().ok();
        match uri.as_ref().and_then(|uri| self.proxies.for_url(uri)) {
            Some(proxy) => format!("{url} (by the proxy {proxy} of {})", proxy.variable()),
            None => url.to_owned(),
        }
    }

    /// An error of the line in words, or that we closed it. `at` is the target of a redirect of `url`.
    fn broken(&self, url: &str, at: &Uri, error: &ureq::Error) -> MirrorError {
        if self.is_stopped() {
            return MirrorError::Stopped;
        }
        let server = match self.proxies.for_url(at) {
            Some(proxy) => Server::Proxy(proxy),
            None => Server::Host(at.host().unwrap_or_default()),
        };
        mirror_error(&self.called(url), &server, error)
    }

    /// A file of at most `limit` bytes; temporary errors are tried again.
    ///
    /// # Errors
    /// See [`MirrorError`].
    pub fn small(&self, url: &str, limit: u64) -> Result<Vec<u8>, MirrorError> {
        let mut failures = 0;
        loop {
            let error = match self.small_once(url, limit) {
                Err(error) if error.may_pass() && failures < self.retries(&error) => error,
                other => return other,
            };
            failures += 1;
            self.wait(failures).map_err(|MirrorStopped| MirrorError::Stopped)?;
            drop(error);
        }
    }

    fn retries(&self, error: &MirrorError) -> u32 {
        if error.is_unreachable() { self.policy.retries.min(MAX_UNREACHABLE_RETRIES) } else { self.policy.retries }
    }

    fn small_once(&self, url: &str, limit: u64) -> Result<Vec<u8>, MirrorError> {
        let response = self.ask(url, &[])?;
        if response.status() != StatusCode::OK {
            return Err(MirrorError::Status { url: self.called(url), status: response.status().as_u16() });
        }
        // Such a small file may come in pieces that are far apart, but all of it comes soon.
        let time = self.policy.silence.saturating_mul(2);
        let reader = Box::new(Deadline::new(self.watched(response.into_body(), limit), time));
        let mut incoming = Incoming { client: self, url: url.to_owned(), reader };
        let mut bytes = Vec::new();
        match incoming.read_to_end(&mut bytes) {
            Ok(_) => Ok(bytes),
            Err(error) => Err(incoming.error(error)),
        }
    }

    /// Waits before retry number `failures`, counted from 1.
    pub(in crate::media) fn wait(&self, failures: u32) -> Result<(), MirrorStopped> {
        const MAX_PAUSE: Duration = Duration::from_secs(60);
        let doubled = self.policy.pause.saturating_mul(1 << failures.saturating_sub(1).min(16));
        let until = Instant::now() + doubled.min(MAX_PAUSE);
        while Instant::now() < until {
            if self.is_stopped() {
                return Err(MirrorStopped);
            }
            std::thread::sleep(Duration::from_millis(20).min(until.saturating_duration_since(Instant::now())));
        }
        Ok(())
    }
}

/// An incoming body.
pub(in crate::media) struct Incoming<'a> {
    client: &'a Client,
    url: String,
    reader: Box<dyn Read + 'a>,
}

impl Incoming<'_> {
    /// An error of a read as one of the mirror.
    pub(in crate::media) fn error(&self, error: std::io::Error) -> MirrorError {
        let at = self.url.parse::<Uri>().unwrap_or_default();
        self.client.broken(&self.url, &at, &ureq::Error::from(error))
    }
}

impl Read for Incoming<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        loop {
            match self.reader.read(buffer) {
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                other => return other,
            }
        }
    }
}

/// Ctrl-C during a wait.
#[derive(Debug)]
pub(in crate::media) struct MirrorStopped;

impl Drop for Client {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
    }
}
