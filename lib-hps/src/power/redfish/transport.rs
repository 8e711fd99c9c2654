// SPDX-License-Identifier: GPL-3.0-or-later
//! The connection to a BMC: TCP that Ctrl-C ends at once, and TLS with one accepted certificate above it.
//!
//! ureq's own TLS knows authorities, or no check at all. So the handshake is made here, with [`Pin`].

use super::pin::Pin;
use rustls::pki_types::{IpAddr, ServerName};
use rustls::{ClientConnection, StreamOwned};
use std::fmt;
use std::io::{self, Read as _, Write as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use ureq::Error;
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, Either, LazyBuffers, NextTimeout, Transport, TransportAdapter, time,
};

/// After so long the flag is looked at again.
const SLICE: Duration = Duration::from_millis(100);

/// What ends a wait.
#[derive(Debug, Clone)]
pub(super) struct Stop {
    pub(super) stop: Arc<AtomicBool>,
    /// Set for the last request, which ends the session.
    pub(super) is_closing: Arc<AtomicBool>,
}

impl Stop {
    fn is_set(&self) -> bool {
        self.stop.load(Ordering::Relaxed) && !self.is_closing.load(Ordering::Relaxed)
    }
}

fn stopped() -> Error {
    Error::Io(io::Error::other("stopped"))
}

/// Makes each connection one that a flag ends.
#[derive(Debug)]
pub(super) struct StopConnector(pub(super) Stop);

impl<In: Transport> Connector<In> for StopConnector {
    type Out = Stoppable<In>;

    fn connect(&self, _: &ConnectionDetails<'_>, chained: Option<In>) -> Result<Option<Self::Out>, Error> {
        Ok(chained.map(|inner| Stoppable { inner, stop: self.0.clone() }))
    }
}

#[derive(Debug)]
pub(super) struct Stoppable<In> {
    inner: In,
    stop: Stop,
}

impl<In: Transport> Transport for Stoppable<In> {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.inner.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        if self.stop.is_set() {
            return Err(stopped());
        }
        self.inner.transmit_output(amount, timeout)
    }

    /// A wait in slices.
    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        let whole = timeout.for_read();
        let begun = Instant::now();
        loop {
            if self.stop.is_set() {
                return Err(stopped());
            }
            let left = whole.after.saturating_sub(begun.elapsed());
            if left.is_zero() {
                return Err(Error::Timeout(whole.reason));
            }
            let slice = NextTimeout { after: time::Duration::Exact(left.min(SLICE)), per_read: None, ..whole };
            match self.inner.await_input(slice) {
                Err(Error::Timeout(_)) => {}
                other => return other,
            }
        }
    }

    fn is_open(&mut self) -> bool {
        self.inner.is_open()
    }
}

/// Puts TLS on each connection for https.
#[derive(Debug)]
pub(super) struct PinnedTls(pub(super) Arc<Pin>);

impl<In: Transport> Connector<In> for PinnedTls {
    type Out = Either<In, Tls>;

    fn connect(&self, details: &ConnectionDetails<'_>, chained: Option<In>) -> Result<Option<Self::Out>, Error> {
        let Some(transport) = chained else { return Ok(None) };
        if !details.needs_tls() {
            return Ok(Some(Either::A(transport)));
        }
        let host = details.uri.host().unwrap_or_default().trim_matches(['[', ']']);
        let name = match host.parse::<std::net::IpAddr>() {
            Ok(address) => ServerName::IpAddress(IpAddr::from(address)),
            Err(_) => ServerName::try_from(host.to_owned()).map_err(|_| Error::Tls("no name for TLS"))?,
        };
        let mut connection = ClientConnection::new(Arc::new(self.0.config()?), name)?;
        let mut socket = TransportAdapter::new(transport.boxed(), Arc::clone(&details.current_time));
        socket.set_timeout(details.timeout);
        connection.complete_io(&mut socket)?;
        let buffers = LazyBuffers::new(details.config.input_buffer_size(), details.config.output_buffer_size());
        Ok(Some(Either::B(Tls { buffers, stream: StreamOwned::new(connection, socket) })))
    }
}

pub(super) struct Tls {
    buffers: LazyBuffers,
    stream: StreamOwned<ClientConnection, TransportAdapter>,
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tls")
    }
}

impl Transport for Tls {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        self.stream.get_mut().set_timeout(timeout);
        let output = self.buffers.output().get(..amount).ok_or(Error::Tls("no output"))?;
        Ok(self.stream.write_all(output)?)
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        self.stream.get_mut().set_timeout(timeout);
        let amount = match self.stream.read(self.buffers.input_append_buf()) {
            Ok(amount) => amount,
            // Some BMCs close the connection without the close of TLS; the length of the body counts then.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => 0,
            Err(error) => return Err(error.into()),
        };
        self.buffers.input_appended(amount);
        Ok(amount > 0)
    }

    fn is_open(&mut self) -> bool {
        self.stream.get_mut().get_mut().is_open()
    }

    fn is_tls(&self) -> bool {
        true
    }
}
