// SPDX-License-Identifier: GPL-3.0-or-later
//! Why a mirror failed. The named cause is the true cause: a name without an address, a port without a server and a
//! wrong clock each have their own sentence, which names the host and what to do.

use super::proxy::Proxy;
use crate::types::Timestamp;
use rustls::CertificateError;
use std::error::Error as _;
use std::io::ErrorKind;
use ureq::Timeout;

/// Why a mirror failed.
#[derive(Debug, thiserror::Error)]
pub enum MirrorError {
    /// It answered, but without the file.
    #[error("{url}: the server answered {status}")]
    Status {
        /// The requested address.
        url: String,
        /// 404, ...
        status: u16,
    },
    /// Its answer cannot be the file.
    #[error("{url}: {problem}")]
    Content {
        /// The requested address.
        url: String,
        /// What is wrong.
        problem: String,
    },
    /// The line broke, or stayed silent.
    #[error("{url}: {problem}")]
    Line {
        /// The requested address.
        url: String,
        /// What happened.
        problem: String,
    },
    /// No server was reached: its name, the way to it, or its port.
    #[error("{url}: {problem}")]
    Unreachable {
        /// The requested address.
        url: String,
        /// What happened.
        problem: String,
    },
    /// Ctrl-C.
    #[error("stopped")]
    Stopped,
}

impl MirrorError {
    /// Whether it may be temporary.
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Line { .. } | Self::Unreachable { .. } => true,
            Self::Status { status, .. } => matches!(status, 408 | 425 | 429 | 500..=599),
            Self::Content { .. } | Self::Stopped => false,
        }
    }

    /// Whether the mirror reports that there is no such file.
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::Status { status: 404 | 410, .. })
    }

    /// Whether no server was reached.
    pub fn is_unreachable(&self) -> bool {
        matches!(self, Self::Unreachable { .. })
    }
}

/// An error that this program finds while bytes arrive. It travels through ureq and rustls inside an
/// [`std::io::Error`].
#[derive(Debug, Clone, thiserror::Error)]
pub(super) enum Fault {
    /// See [`MirrorError::Content`].
    #[error("{0}")]
    Content(String),
    /// See [`MirrorError::Line`].
    #[error("{0}")]
    Line(String),
}

impl From<Fault> for std::io::Error {
    fn from(fault: Fault) -> Self {
        Self::other(fault)
    }
}

impl From<Fault> for ureq::Error {
    fn from(fault: Fault) -> Self {
        Self::Io(fault.into())
    }
}

/// An error of ureq as an error of the mirror with the name `url`. `server` is the connected host: that of the mirror,
/// or the proxy.
pub(super) fn mirror_error(url: &str, server: &Server<'_>, error: &ureq::Error) -> MirrorError {
    let url = url.to_owned();
    let unreachable = |problem: String| MirrorError::Unreachable { url: url.clone(), problem };
    let line = |problem: String| MirrorError::Line { url: url.clone(), problem };
    match error {
        ureq::Error::Io(error) => {
            if let Some(fault) = error.get_ref().and_then(|inner| inner.downcast_ref::<Fault>()) {
                return match fault.clone() {
                    Fault::Content(problem) => MirrorError::Content { url, problem },
                    Fault::Line(problem) => line(problem),
                };
            }
            if let Some(tls) = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
                return line(describe_tls(tls));
            }
            let words = error.to_string();
            if let Some(why) = words.strip_prefix("failed to lookup address information: ") {
                return unreachable(format!("the name {server} cannot be resolved: {why}"));
            }
            match error.kind() {
                ErrorKind::ConnectionRefused => unreachable(format!("{server} refuses connections")),
                ErrorKind::NetworkUnreachable | ErrorKind::HostUnreachable | ErrorKind::NetworkDown => {
                    unreachable(format!("there is no route to {server}: {words}"))
                }
                _ => line(words),
            }
        }
        ureq::Error::Rustls(error) => line(describe_tls(error)),
        ureq::Error::HostNotFound => unreachable(format!("{server} has no address")),
        ureq::Error::Timeout(Timeout::Resolve) => unreachable(format!("timeout: no name server answers for {server}")),
        ureq::Error::Timeout(Timeout::Connect) => unreachable(format!("timeout: {server} does not answer")),
        ureq::Error::Timeout(_) => line("timeout: nothing comes".to_owned()),
        // Not HTTP, or more than any server sends: another try would be the same.
        ureq::Error::Protocol(error) => {
            MirrorError::Content { url, problem: format!("its answer is not valid HTTP: {error}") }
        }
        ureq::Error::LargeResponseHeader(..) => {
            MirrorError::Content { url, problem: "its header is too large".to_owned() }
        }
        other => {
            let cause = other.source().map(|cause| format!(": {cause}")).unwrap_or_default();
            line(format!("{other}{cause}"))
        }
    }
}

/// A TLS error. A certificate that is not valid yet, or no longer, often means a wrong clock.
fn describe_tls(error: &rustls::Error) -> String {
    let clock = "; if the clock is wrong, set it with: timedatectl set-ntp true";
    let rustls::Error::InvalidCertificate(problem) = error else { return format!("TLS: {error}") };
    let time = |time: &rustls::pki_types::UnixTime| {
        Timestamp::from_unix(i64::try_from(time.as_secs()).unwrap_or(i64::MAX)).to_string()
    };
    match problem {
        CertificateError::NotValidYetContext { time: now, not_before } => {
            format!(
                "its certificate is valid from {} on, but the clock of this machine shows {}{clock}",
                time(not_before),
                time(now)
            )
        }
        CertificateError::ExpiredContext { time: now, not_after } => {
            format!(
                "its certificate was valid until {}, but the clock of this machine shows {}{clock}",
                time(not_after),
                time(now)
            )
        }
        CertificateError::UnknownIssuer => {
            format!(
                "TLS: {error} (its certificate is not known here; apt-get install ca-certificates, or set SSL_CERT_FILE)"
            )
        }
        _ => format!("TLS: {error}"),
    }
}

/// The connected host.
pub(super) enum Server<'a> {
    /// The host of the requested address.
    Host(&'a str),
    /// The proxy on the way to it.
    Proxy(&'a Proxy),
}

impl std::fmt::Display for Server<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Host(host) => write!(f, "{host}"),
            Self::Proxy(proxy) => write!(f, "the proxy {proxy} of {}", proxy.variable()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustls::pki_types::UnixTime;
    use std::time::Duration;

    #[test]
    fn the_cause_is_named() {
        let server = Server::Host("mirror.example");
        let words = |error: ureq::Error| mirror_error("http://mirror.example/x", &server, &error);
        let io = |kind, text: &str| ureq::Error::Io(std::io::Error::new(kind, text.to_owned()));
        let unknown = words(io(ErrorKind::Other, "failed to lookup address information: Temporary failure"));
        assert!(unknown.is_unreachable() && unknown.may_pass());
        assert_eq!(
            unknown.to_string(),
            "http://mirror.example/x: the name mirror.example cannot be resolved: Temporary failure"
        );
        assert!(words(io(ErrorKind::ConnectionRefused, "x")).is_unreachable());
        assert!(words(ureq::Error::Timeout(Timeout::Connect)).is_unreachable());
        assert!(!words(ureq::Error::Timeout(Timeout::RecvBody)).is_unreachable());
        assert!(!words(Fault::Content("too much".to_owned()).into()).may_pass());
    }

    #[test]
    fn a_clock_that_is_wrong_is_named_with_its_time() {
        let at = |seconds| UnixTime::since_unix_epoch(Duration::from_secs(seconds));
        let early = CertificateError::NotValidYetContext { time: at(60), not_before: at(1_700_000_000) };
        let words = describe_tls(&rustls::Error::InvalidCertificate(early));
        assert!(
            words.contains("valid from 2023-11-14T22:13:20Z on") && words.contains("1970-01-01T00:01:00Z"),
            "{words}"
        );
        let late = CertificateError::ExpiredContext { time: at(4_000_000_000), not_after: at(1_700_000_000) };
        let words = describe_tls(&rustls::Error::InvalidCertificate(late));
        assert!(words.contains("until 2023-11-14T22:13:20Z") && words.contains("2096-"), "{words}");
    }
}
