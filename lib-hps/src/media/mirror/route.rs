// SPDX-License-Identifier: GPL-3.0-or-later
//! The way to a server: directly, or through the site's proxy for its scheme and host.
//!
//! A request for http goes to an HTTP proxy with the whole address in its first line (RFC 9112, 3.2.2), one for https
//! through a tunnel (CONNECT; RFC 9110, 9.3.6). ureq supports only the tunnel, and proxies allow that only to port 443,
//! so both are here. SOCKS proxies are ureq's task.

use super::error::Fault;
use super::meter::{Meter, MeterConnector};
use super::proxies::Proxies;
use super::proxy::{Proxy, ProxyKind};
use base64::Engine as _;
use std::sync::Arc;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, Either, NextTimeout, RustlsConnector, SocksConnector, TcpConnector,
    Transport,
};
use ureq::{Agent, Error};

/// No answer of a proxy to CONNECT is larger.
const ANSWER: usize = 64 << 10;

/// An agent that uses these proxies and the meter.
pub(super) fn agent(config: ureq::config::Config, proxies: &Arc<Proxies>, meter: &Meter) -> Agent {
    let connector =
        ().chain(SocksConnector::default())
            .chain(TcpConnector::default())
            .chain(MeterConnector(meter.clone()))
            .chain(ProxyConnector { proxies: Arc::clone(proxies), tls: RustlsConnector::default() })
            .chain(RustlsConnector::default());
    Agent::with_parts(config, connector, Names { proxies: Arc::clone(proxies), inner: DefaultResolver::default() })
}

/// Resolves the name of the connected host. Behind an HTTP proxy no other name need be known here.
#[derive(Debug)]
struct Names {
    proxies: Arc<Proxies>,
    inner: DefaultResolver,
}

impl Resolver for Names {
    fn resolve(
        &self,
        uri: &Uri,
        config: &ureq::config::Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, Error> {
        match self.proxies.for_url(uri).filter(|proxy| !matches!(proxy.kind(), ProxyKind::Socks(_))) {
            Some(proxy) => self.inner.resolve(&proxy.address()?, config, timeout),
            None => self.inner.resolve(uri, config, timeout),
        }
    }
}

/// Makes a connection to a proxy one that reaches the server.
#[derive(Debug)]
struct ProxyConnector {
    proxies: Arc<Proxies>,
    /// To proxies that are spoken to in TLS.
    tls: RustlsConnector,
}

impl<In: Transport> Connector<In> for ProxyConnector {
    type Out = Either<In, Through>;

    fn connect(&self, details: &ConnectionDetails, chained: Option<In>) -> Result<Option<Self::Out>, Error> {
        let Some(transport) = chained else { return Ok(None) };
        let proxy = match self.proxies.for_url(details.uri) {
            Some(proxy) if !matches!(proxy.kind(), ProxyKind::Socks(_)) => proxy,
            _ => return Ok(Some(Either::A(transport))),
        };
        let mut inner: Box<dyn Transport> = Box::new(transport);
        if proxy.kind() == ProxyKind::Https {
            let to_proxy = ConnectionDetails {
                uri: &proxy.address()?,
                addrs: details.addrs.clone(),
                config: details.config,
                request_level: details.request_level,
                resolver: details.resolver,
                now: details.now,
                timeout: details.timeout,
                current_time: Arc::clone(&details.current_time),
                run_connector: Arc::clone(&details.run_connector),
                register_shutdown: Arc::clone(&details.register_shutdown),
            };
            inner = Box::new(self.tls.connect(&to_proxy, Some(inner))?.ok_or(Error::ConnectionFailed)?);
        }
        if details.needs_tls() {
            tunnel(&mut *inner, details, proxy)?;
            return Ok(Some(Either::B(Through { inner, whole: None })));
        }
        let host = details.uri.authority().map(ToString::to_string).unwrap_or_default();
        let whole = Whole { begin: format!("http://{host}"), credentials: credentials(proxy) };
        Ok(Some(Either::B(Through { inner, whole: Some(whole) })))
    }
}

/// The header with user and password (RFC 7617), or nothing.
fn credentials(proxy: &Proxy) -> String {
    let encode = |text: String| base64::engine::general_purpose::STANDARD.encode(text);
    proxy.user().map_or_else(String::new, |(name, password)| {
        format!("Proxy-Authorization: Basic {}\r\n", encode(format!("{name}:{password}")))
    })
}

/// Asks the proxy for a tunnel to the server.
fn tunnel(transport: &mut dyn Transport, details: &ConnectionDetails, proxy: &Proxy) -> Result<(), Error> {
    let host = details.uri.host().unwrap_or_default();
    let target = format!("{host}:{}", details.uri.port_u16().unwrap_or(443));
    let agent = super::USER_AGENT;
    let request =
        format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\nUser-Agent: {agent}\r\n{}\r\n", credentials(proxy));
    send(transport, request.as_bytes(), details.timeout)?;
    let status = loop {
        let more = transport.maybe_await_input(details.timeout)?;
        let buffers = transport.buffers();
        let input = buffers.input();
        if let Some(end) = input.windows(4).position(|four| four == b"\r\n\r\n") {
            let status = status_of(input).filter(|_| end <= ANSWER);
            buffers.input_consume(end + 4);
            break status;
        }
        if !more {
            return Err(Fault::Line(format!("the proxy {proxy} ends the connection without an answer")).into());
        }
        if input.len() > ANSWER {
            break None;
        }
        // No byte of it was used: the next call waits for more.
        buffers.input_consume(0);
    };
    let variable = proxy.variable();
    Err(match status {
        Some(200..=299) => return Ok(()),
        Some(407) => Fault::Content(needs_user(proxy)),
        Some(status @ 500..=599) => {
            Fault::Line(format!("the proxy {proxy} of {variable} answered {status} to CONNECT {target}"))
        }
        Some(status) => Fault::Content(format!(
            "the proxy {proxy} of {variable} answered {status} to CONNECT {target}; allow it there, or put the host into no_proxy"
        )),
        None => Fault::Content(format!("{proxy} of {variable} does not answer like an HTTP proxy")),
    }
    .into())
}

/// The error of a proxy that answers 407.
pub(super) fn needs_user(proxy: &Proxy) -> String {
    let variable = proxy.variable();
    let what = if proxy.user().is_some() {
        "does not accept the user and password of"
    } else {
        "wants a user and a password in"
    };
    format!("the proxy {proxy} {what} {variable} (407); expected {variable}=http://USER:PASSWORD@{proxy}")
}

fn status_of(input: &[u8]) -> Option<u16> {
    let line = input.split(|b| *b == b'\r').next()?;
    let (version, rest) = std::str::from_utf8(line).ok()?.split_once(' ')?;
    let status = rest.split(' ').next()?;
    (version.starts_with("HTTP/1.") && status.len() == 3).then(|| status.parse().ok())?
}

fn send(transport: &mut dyn Transport, bytes: &[u8], timeout: NextTimeout) -> Result<(), Error> {
    let output = transport.buffers().output();
    let place = output.get_mut(..bytes.len()).ok_or(Error::Tls("a request is too large"))?;
    place.copy_from_slice(bytes);
    transport.transmit_output(bytes.len(), timeout)
}

/// A connection to a proxy: with a tunnel to the server behind it, or with requests that name the server.
#[derive(Debug)]
struct Through {
    inner: Box<dyn Transport>,
    whole: Option<Whole>,
}

/// Turns a request for a server into one for a proxy.
struct Whole {
    /// `http://server:port`.
    begin: String,
    credentials: String,
}

impl std::fmt::Debug for Whole {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.begin)
    }
}

impl Whole {
    /// The request `GET /path ...` with the whole address, and with the credentials after its first line. ureq sends a
    /// request without a body at once.
    fn request(&self, request: &[u8]) -> Vec<u8> {
        let Some(rest) = request.strip_prefix(b"GET ") else { return request.to_vec() };
        let line_end = rest.windows(2).position(|two| two == b"\r\n").map_or(rest.len(), |at| at + 2);
        let (line, headers) = rest.split_at(line_end);
        [b"GET ", self.begin.as_bytes(), line, self.credentials.as_bytes(), headers].concat()
    }
}

impl Transport for Through {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.inner.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        let Some(whole) = &self.whole else { return self.inner.transmit_output(amount, timeout) };
        let request = whole.request(self.inner.buffers().output().get(..amount).unwrap_or_default());
        send(&mut *self.inner, &request, timeout)
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        self.inner.await_input(timeout)
    }

    fn is_open(&mut self) -> bool {
        self.inner.is_open()
    }

    /// There is no TLS to the server yet, whatever protocol the proxy uses.
    fn is_tls(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_for_a_proxy_name_the_server() {
        let whole =
            Whole { begin: "http://m:8080".to_owned(), credentials: "Proxy-Authorization: Basic eA==\r\n".to_owned() };
        let request = whole.request(b"GET /a?b HTTP/1.1\r\nhost: m:8080\r\n\r\n");
        assert_eq!(
            String::from_utf8(request).unwrap(),
            "GET http://m:8080/a?b HTTP/1.1\r\nProxy-Authorization: Basic eA==\r\nhost: m:8080\r\n\r\n"
        );
    }

    #[test]
    fn answers_of_proxies() {
        assert_eq!(status_of(b"HTTP/1.1 200 Connection established\r\n\r\n"), Some(200));
        assert_eq!(status_of(b"HTTP/1.0 407\r\nx: y\r\n\r\n"), Some(407));
        for bad in ["", "SSH-2.0-x\r\n", "HTTP/1.1 2000 x\r\n", "HTTP/1.1 OK 200\r\n"] {
            assert_eq!(status_of(bad.as_bytes()), None, "{bad:?}");
        }
    }
}
