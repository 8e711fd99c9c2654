// SPDX-License-Identifier: GPL-3.0-or-later
//! Requests to one BMC. Answers are bounded, links to another host are refused, and the password is in no error.

use super::pin::Pin;
use super::transport::{PinnedTls, Stop, StopConnector};
use crate::power::{Limits, PowerError};
use crate::types::{BmcAddress, BmcCredentials, CredentialsName, Line, Sha256Digest};
use std::io::Read as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use ureq::http::{Method, Request, header};
use ureq::unversioned::resolver::DefaultResolver;
use ureq::unversioned::transport::{Connector as _, TcpConnector};

/// No document that is asked for is larger; a system of a large machine has some 50 KB.
const MAX_BYTES: u64 = 2 << 20;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// So many characters of a BMC's own words are shown.
const MAX_WORDS: usize = 200;
const REDIRECTS: usize = 3;

/// An answer, read whole.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) etag: Option<String>,
    pub(super) location: Option<String>,
    pub(super) token: Option<String>,
    pub(super) retry_after: Option<u64>,
    body: Vec<u8>,
}

impl Reply {
    pub(super) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    pub(super) fn document<T: serde::de::DeserializeOwned>(&self) -> Result<T, String> {
        serde_json::from_slice(&self.body).map_err(|error| format!("no document of Redfish: {error}"))
    }
}

/// How requests prove who asks.
#[derive(Clone)]
pub(super) enum Proof {
    Nobody,
    /// The token of a session.
    Token(String),
    /// User and password with each request (RFC 7617).
    Basic(String),
}

/// What is sent with a request.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Sent<'a> {
    pub(super) body: Option<&'a serde_json::Value>,
    pub(super) etag: Option<&'a str>,
}

/// One BMC.
pub(super) struct Http {
    agent: ureq::Agent,
    pub(super) address: BmcAddress,
    base: String,
    name: CredentialsName,
    secret: String,
    pub(super) proof: Proof,
    pin: Arc<Pin>,
    pub(super) limits: Limits,
    is_closing: Arc<AtomicBool>,
}

impl std::fmt::Debug for Http {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Http {{ {} }}", self.base)
    }
}

impl Http {
    /// `fingerprint` is that of the accepted certificate; without one the BMC is asked by http.
    pub(super) fn new(
        address: BmcAddress,
        fingerprint: Option<Sha256Digest>,
        (name, credentials): (CredentialsName, &BmcCredentials),
        limits: Limits,
    ) -> Self {
        let is_closing = Arc::new(AtomicBool::new(false));
        let pin = Pin::new(fingerprint);
        let agent = agent(&pin, &limits, &is_closing);
        let scheme = if fingerprint.is_some() { "https" } else { "http" };
        let base = format!("{scheme}://{address}");
        let (secret, proof) = (credentials.password().to_owned(), Proof::Nobody);
        Self { agent, address, base, name, secret, proof, pin, limits, is_closing }
    }

    pub(super) fn get(&self, path: &str) -> Result<Reply, PowerError> {
        self.ask(Method::GET, path, Sent::default())
    }

    /// Sends a request. Redirects of GET to the same BMC are followed; any other answer is an answer, except that user and
    /// password are not accepted.
    pub(super) fn ask(&self, method: Method, path: &str, sent: Sent<'_>) -> Result<Reply, PowerError> {
        let mut path = path.to_owned();
        for _ in 0..=REDIRECTS {
            let reply = self.ask_once(&method, &path, sent)?;
            match reply.status {
                301 | 302 | 307 | 308 if method == Method::GET => {
                    path = self.own_path(reply.location.as_deref().unwrap_or_default())?;
                }
                401 => {
                    return Err(PowerError::Credentials {
                        address: self.address.clone(),
                        credentials: self.name.clone(),
                    });
                }
                403 => {
                    let (address, credentials) = (self.address.clone(), self.name.clone());
                    return Err(PowerError::Forbidden { address, credentials, why: self.words(&reply) });
                }
                _ => return Ok(reply),
            }
        }
        Err(self.answer("it redirects without end"))
    }

    fn ask_once(&self, method: &Method, path: &str, sent: Sent<'_>) -> Result<Reply, PowerError> {
        if !self.is_closing.load(Ordering::Relaxed) {
            self.limits.check()?;
        }
        let mut request = Request::builder().method(method.clone()).uri(format!("{}{path}", self.base));
        request = request.header(header::ACCEPT, "application/json").header("OData-Version", "4.0");
        request = match &self.proof {
            Proof::Nobody => request,
            Proof::Token(token) => request.header("X-Auth-Token", token),
            Proof::Basic(value) => request.header(header::AUTHORIZATION, value),
        };
        if let Some(etag) = sent.etag {
            request = request.header(header::IF_MATCH, etag);
        }
        let body = sent.body.map(ToString::to_string).unwrap_or_default();
        if sent.body.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        let bad = |error: ureq::http::Error| self.answer(&error.to_string());
        let answered = if *method == Method::GET || *method == Method::DELETE {
            self.agent.run(request.body(()).map_err(bad)?)
        } else {
            self.agent.run(request.body(body).map_err(bad)?)
        };
        let response = answered.map_err(|error| self.broken(&error))?;
        let text = |name: &str| {
            let value = response.headers().get(name)?.to_str().ok()?;
            (value.len() <= 2048).then(|| value.to_owned())
        };
        let (etag, location, token) = (text("etag"), text("location"), text("x-auth-token"));
        let retry_after = text("retry-after").and_then(|seconds| seconds.parse().ok());
        let status = response.status().as_u16();
        let mut bytes = Vec::new();
        let mut reader = response.into_body().into_with_config().limit(u64::MAX).reader().take(MAX_BYTES + 1);
        reader.read_to_end(&mut bytes).map_err(|error| self.broken(&ureq::Error::from(error)))?;
        if bytes.len() as u64 > MAX_BYTES {
            return Err(self.answer("a document has more than 2 MiB"));
        }
        Ok(Reply { status, etag, location, token, retry_after, body: bytes })
    }

    /// The last request, which Ctrl-C does not prevent. Its answer does not matter.
    pub(super) fn close(&self, path: &str) {
        self.is_closing.store(true, Ordering::Relaxed);
        let _best_effort = self.ask_once(&Method::DELETE, path, Sent::default());
        self.is_closing.store(false, Ordering::Relaxed);
    }

    /// The path of a link, which must lead to this BMC.
    pub(super) fn own_path(&self, link: &str) -> Result<String, PowerError> {
        own_path(&self.base, link).ok_or_else(|| {
            let link: String = link.chars().take(80).collect();
            self.answer(&format!("it links to {link:?}, which is not on this BMC"))
        })
    }

    /// An answer that is not understood.
    pub(super) fn answer(&self, why: &str) -> PowerError {
        PowerError::Answer { address: self.address.clone(), why: self.clean(why) }
    }

    /// A refusal, with status and words of the BMC.
    pub(super) fn refused(&self, what: &'static str, reply: &Reply) -> PowerError {
        PowerError::Refused { address: self.address.clone(), what, why: self.words(reply) }
    }

    /// Status and message (DSP0266, 8.6: error responses). A BMC may repeat what it was sent.
    pub(super) fn words(&self, reply: &Reply) -> Line {
        let message = serde_json::from_slice::<serde_json::Value>(&reply.body).ok().and_then(|document| {
            let error = document.get("error")?;
            let extended = error.get("@Message.ExtendedInfo").and_then(|info| info.get(0)?.get("Message"));
            Some(extended.or_else(|| error.get("message"))?.as_str()?.to_owned())
        });
        match message {
            Some(message) => self.clean(&format!("HTTP {}: {message}", reply.status)),
            None => self.clean(&format!("HTTP {}", reply.status)),
        }
    }

    /// One line without the password, not too long.
    pub(super) fn clean(&self, text: &str) -> Line {
        let text = text.replace(&self.secret, "***");
        Line::lossy(&text.chars().take(MAX_WORDS).collect::<String>())
    }

    fn broken(&self, error: &ureq::Error) -> PowerError {
        if self.limits.check().is_err() {
            return PowerError::Stopped;
        }
        broken(&self.address, &self.pin, &self.limits, error)
    }
}

/// What an error of the line means.
fn broken(address: &BmcAddress, pin: &Pin, limits: &Limits, error: &ureq::Error) -> PowerError {
    let address = address.clone();
    if let Some((expected, found)) = pin.other() {
        return PowerError::Certificate { address, expected, found };
    }
    let line = |why: &str| Line::lossy(&why.chars().take(MAX_WORDS).collect::<String>());
    let unreachable = |why: &str| PowerError::Unreachable { address: address.clone(), why: line(why) };
    match error {
        ureq::Error::Timeout(ureq::Timeout::Connect | ureq::Timeout::Resolve) => unreachable("no answer"),
        ureq::Error::Timeout(_) => PowerError::Silent { address, seconds: limits.answer.as_secs() },
        ureq::Error::HostNotFound => unreachable("its name is not in DNS"),
        ureq::Error::Rustls(error) => PowerError::Tls { address, why: line(&error.to_string()) },
        ureq::Error::Io(error) => match error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
            Some(tls) => PowerError::Tls { address, why: line(&tls.to_string()) },
            None if error.get_ref().is_some_and(|inner| inner.is::<ureq::Error>()) => {
                PowerError::Silent { address, seconds: limits.answer.as_secs() }
            }
            None => unreachable(&error.to_string()),
        },
        other => PowerError::Answer { why: line(&other.to_string()), address },
    }
}

fn agent(pin: &Arc<Pin>, limits: &Limits, is_closing: &Arc<AtomicBool>) -> ureq::Agent {
    let config = ureq::Agent::config_builder()
        .user_agent("hps")
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        // BMCs are on a network of their own.
        .proxy(None)
        .allow_non_standard_methods(true)
        .timeout_resolve(Some(CONNECT_TIMEOUT.min(limits.answer)))
        .timeout_connect(Some(CONNECT_TIMEOUT.min(limits.answer)))
        .timeout_global(Some(limits.answer))
        .build();
    let stop = Stop { stop: Arc::clone(&limits.stop), is_closing: Arc::clone(is_closing) };
    let connector = ().chain(TcpConnector::default()).chain(StopConnector(stop)).chain(PinnedTls(Arc::clone(pin)));
    ureq::Agent::with_parts(config, connector, DefaultResolver::default())
}

/// A certificate that a BMC shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// SHA-256 of its DER form, as `openssl x509 -fingerprint -sha256` prints it.
    pub fingerprint: Sha256Digest,
}

/// Asks a BMC for its certificate. Only the public first document is asked for; no user and no password is sent.
///
/// # Errors
/// When it cannot be reached, or speaks no TLS.
pub fn certificate(address: &BmcAddress, limits: &Limits) -> Result<Seen, PowerError> {
    let pin = Pin::new(None);
    let agent = agent(&pin, limits, &Arc::new(AtomicBool::new(false)));
    let answer = agent.get(format!("https://{address}/redfish/v1/")).call();
    // Whatever the BMC answers, its certificate came before.
    match (pin.seen(), answer) {
        (Some(fingerprint), _) => Ok(Seen { fingerprint }),
        (None, Err(_)) if limits.check().is_err() => Err(PowerError::Stopped),
        (None, Err(error)) => Err(broken(address, &pin, limits, &error)),
        (None, Ok(_)) => Err(PowerError::Answer { address: address.clone(), why: Line::lossy("no certificate") }),
    }
}

fn own_path(base: &str, link: &str) -> Option<String> {
    let path = link.strip_prefix(base).unwrap_or(link);
    let is_plain = path.bytes().all(|b| b.is_ascii_graphic() && !matches!(b, b'\\' | b'"' | b'<' | b'>'));
    (path.starts_with('/') && !path.starts_with("//") && is_plain && path.len() <= 1024).then(|| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_leads_to_the_same_bmc_or_nowhere() {
        let own = |link: &str| own_path("https://10.0.9.7", link);
        assert_eq!(own("/redfish/v1/Systems/1").as_deref(), Some("/redfish/v1/Systems/1"));
        assert_eq!(own("https://10.0.9.7/redfish/v1/TaskMonitors/4").as_deref(), Some("/redfish/v1/TaskMonitors/4"));
        for other in [
            "",
            "https://10.0.9.8/x",
            "https://10.0.9.7.evil/x",
            "http://10.0.9.7/x",
            "//evil/x",
            "x",
            "/a b",
            "/a\r\nX: y",
            "https://10.0.9.7@evil/x",
        ] {
            assert_eq!(own(other), None, "{other}");
        }
    }
}
