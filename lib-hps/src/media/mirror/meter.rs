// SPDX-License-Identifier: GPL-3.0-or-later
//! Counts the incoming bytes of a connection where they arrive: below TLS and below the framing of HTTP.
//!
//! A reader above HTTP sees the bytes of a file. It does not see headers, answers of 1xx, chunk sizes and trailers, and
//! a read that waits for these does not return. So the transport has limits of its own. A head is small and comes soon.
//! While a body arrives, all other bytes stay in proportion to those of the file, and no single read takes longer than
//! the silence that the policy allows.

use super::error::Fault;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use ureq::Error;
use ureq::unversioned::transport::{Buffers, ConnectionDetails, Connector, NextTimeout, Transport};

/// More than TLS, a proxy and an answer of HTTP have before the body.
const HEAD: u64 = 1 << 20;
/// How much may arrive beyond twice the file: bytes that were read ahead, and a few headers.
const BESIDE: u64 = 4 << 20;

/// The meter of one client, which makes one request at a time.
#[derive(Debug, Clone)]
pub(super) struct Meter {
    silence: Duration,
    exchange: Arc<Mutex<Exchange>>,
}

#[derive(Debug)]
struct Exchange {
    /// Bytes that came in.
    wire: u64,
    /// How many of these may arrive.
    most: u64,
    /// The deadline of the awaited bytes.
    until: Instant,
    /// Bytes of the file among them.
    file: u64,
    in_body: bool,
}

impl Meter {
    pub(super) fn new(silence: Duration) -> Self {
        let exchange = Exchange { wire: 0, most: HEAD, until: Instant::now(), file: 0, in_body: false };
        Self { silence, exchange: Arc::new(Mutex::new(exchange)) }
    }

    fn exchange(&self) -> MutexGuard<'_, Exchange> {
        // Numbers stay valid after a panic of their holder.
        self.exchange.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A request begins. Name resolution, connection, request and answer may each take as long as the policy allows.
    pub(super) fn asks(&self) {
        let until = Instant::now() + self.silence.saturating_mul(4);
        *self.exchange() = Exchange { wire: 0, most: HEAD, until, file: 0, in_body: false };
    }

    /// A read of the body begins.
    pub(super) fn reads(&self) {
        let mut exchange = self.exchange();
        exchange.in_body = true;
        exchange.until = Instant::now() + self.silence;
        exchange.most = exchange.file.saturating_mul(2).saturating_add(HEAD + BESIDE);
    }

    /// It returned this many bytes of the file.
    pub(super) fn brought(&self, bytes: u64) {
        let mut exchange = self.exchange();
        exchange.file = exchange.file.saturating_add(bytes);
    }

    /// How long a read may wait now.
    fn left(&self) -> Result<Duration, Fault> {
        let left = self.exchange().until.saturating_duration_since(Instant::now());
        if left.is_zero() { Err(self.late()) } else { Ok(left) }
    }

    fn late(&self) -> Fault {
        let exchange = self.exchange();
        let what = if exchange.in_body { "no byte of the file" } else { "no answer" };
        Fault::Line(format!("timeout: {what} comes, after {} bytes", exchange.wire))
    }

    fn came(&self, bytes: usize) -> Result<(), Fault> {
        let mut exchange = self.exchange();
        exchange.wire = exchange.wire.saturating_add(bytes as u64);
        if exchange.wire <= exchange.most {
            return Ok(());
        }
        Err(Fault::Content(if exchange.in_body {
            format!("it sends {} bytes for {} bytes of the file", exchange.wire, exchange.file)
        } else {
            format!("it sends {} bytes before any of the file", exchange.wire)
        }))
    }
}

/// Makes each connection a metered one.
#[derive(Debug)]
pub(super) struct MeterConnector(pub(super) Meter);

impl<In: Transport> Connector<In> for MeterConnector {
    type Out = Metered<In>;

    fn connect(&self, _: &ConnectionDetails, chained: Option<In>) -> Result<Option<Self::Out>, Error> {
        Ok(chained.map(|inner| Metered { inner, meter: self.0.clone() }))
    }
}

/// A connection whose bytes are counted.
#[derive(Debug)]
pub(super) struct Metered<In> {
    inner: In,
    meter: Meter,
}

impl<In: Transport> Transport for Metered<In> {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.inner.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        self.inner.transmit_output(amount, self.sooner(timeout)?)
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        let timeout = self.sooner(timeout)?;
        let before = self.inner.buffers().input().len();
        let more = self.inner.await_input(timeout)?;
        let after = self.inner.buffers().input().len();
        self.meter.came(after.saturating_sub(before))?;
        Ok(more)
    }

    fn is_open(&mut self) -> bool {
        self.inner.is_open()
    }

    fn is_tls(&self) -> bool {
        self.inner.is_tls()
    }
}

impl<In> Metered<In> {
    /// The timeout, or the remaining time if that is shorter.
    fn sooner(&self, mut timeout: NextTimeout) -> Result<NextTimeout, Fault> {
        timeout.after = timeout.after.min(self.meter.left()?.into());
        Ok(timeout)
    }
}
