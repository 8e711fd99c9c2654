// SPDX-License-Identifier: GPL-3.0-or-later

use super::dhcp::{ClientKind, Discover};
use super::error::WireError;
use super::server::{self, DhcpServer};
use super::sockets::Sockets;
use crate::files::random;
use crate::types::{InterfaceName, MacAddr};
use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// A question every so often: firmware by UEFI, firmware by BIOS, and a client that boots nothing. A server may answer
/// only some of them.
const QUESTIONS: [ClientKind; 3] = [ClientKind::Pxe(7), ClientKind::Pxe(0), ClientKind::Plain];
const INTERVAL: Duration = Duration::from_millis(600);
/// For a question of each architecture, of which the own dnsmasq answers all at once.
const SHORT_INTERVAL: Duration = Duration::from_millis(100);
/// dnsmasq offers an address only after 3 seconds in which it waits for an answer to a ping, and later on a busy
/// machine.
const LIMIT: Duration = Duration::from_secs(5);
/// For answers that are expected.
const LONG_LIMIT: Duration = Duration::from_secs(12);
/// An expected answer that did not come after so long is asked for again. A new port of a bridge may drop the first packets, and
/// dnsmasq pings an address for 3 seconds before it offers it.
const REPEAT: Duration = Duration::from_millis(4_200);
/// Once another server has answered, further ones are waited for so long.
const GRACE: Duration = Duration::from_millis(700);
/// How often `stop` is checked.
const PAUSE: Duration = Duration::from_millis(100);

/// What ends a discovery early.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Enough {
    /// An answer to each question: of a server at one of the own addresses, or of any server if none is own.
    EachAnswered,
    /// An address from a server that is not on this machine.
    AnotherServer,
}

/// A search for DHCP servers on one interface, with a MAC of its own for each search. It takes no address.
#[derive(Debug)]
pub struct Discovery<'a> {
    interface: &'a InterfaceName,
    own: &'a [Ipv4Addr],
    questions: &'a [ClientKind],
    enough: Enough,
    mac: Option<MacAddr>,
}

impl<'a> Discovery<'a> {
    /// A search that ends soon after a server that is not at one of the `own` addresses offers an address.
    pub fn new(interface: &'a InterfaceName, own: &'a [Ipv4Addr]) -> Self {
        Self { interface, own, questions: &QUESTIONS, enough: Enough::AnotherServer, mac: None }
    }

    /// The same with these clients, until each has an answer: for an exchange as each architecture. A question without an
    /// answer is asked again.
    #[must_use]
    pub fn as_clients(self, questions: &'a [ClientKind]) -> Self {
        Self { questions, enough: Enough::EachAnswered, ..self }
    }

    /// The same with the MAC of a machine: for a rehearsal in a network of its own, never on a network where the machine is.
    #[must_use]
    pub fn as_machine(self, mac: MacAddr) -> Self {
        Self { mac: Some(mac), ..self }
    }

    /// Asks, and collects every server that answers, in the order of arrival.
    ///
    /// # Errors
    /// When the sockets cannot be opened, or do not work.
    pub fn run(&self, stop: &AtomicBool) -> Result<Vec<DhcpServer>, WireError> {
        let failed = |error: crate::files::IoError| WireError::Open {
            interface: self.interface.clone(),
            source: error.into_reason(),
        };
        let [a, b, x, y, z, w] = random::<6>().map_err(failed)?;
        let [p, h, q, s] = MacAddr::DISCOVERY_PREFIX;
        // The first octet is that of a unicast address, so this is always an address.
        let Some(mac) = self.mac.or_else(|| MacAddr::from_octets([p, h, q, s, a, b])) else { return Ok(Vec::new()) };
        let first = u32::from_be_bytes([x, y, z, w]);
        let uuid = random::<16>().map_err(failed)?;
        let sockets = Sockets::open(self.interface)?;
        let (begun, mut found) = (Instant::now(), Vec::new());
        let mut questions = self.questions.iter().copied().zip(0_u32..).peekable();
        let mut asked: Vec<(u32, ClientKind)> = Vec::new();
        let (interval, limit) = match self.enough {
            Enough::AnotherServer => (INTERVAL, LIMIT),
            Enough::EachAnswered => (SHORT_INTERVAL, LONG_LIMIT),
        };
        let mut until = begun + limit.max(interval * u32::try_from(self.questions.len()).unwrap_or(u32::MAX) + GRACE);
        let mut repeat = begun + REPEAT;
        while Instant::now() < until && !stop.load(Ordering::Relaxed) {
            if let Some((kind, number)) = questions.next_if(|(_, number)| begun.elapsed() >= interval * *number) {
                let xid = first.wrapping_add(number);
                asked.push((xid, kind));
                sockets.send(&Discover { xid, mac, kind, uuid }.to_bytes())?;
            }
            let rest = until.saturating_duration_since(Instant::now()).min(PAUSE);
            sockets.receive(rest, |source, reply| {
                let question = asked.iter().find(|(xid, _)| *xid == reply.xid && reply.mac == mac);
                if let Some((_, kind)) = question {
                    server::add(&mut found, source, *kind, reply);
                }
            })?;
            let answered = |(_, kind): &(u32, ClientKind)| {
                let counts = |server: &&DhcpServer| self.own.is_empty() || server.is_at(self.own);
                found.iter().filter(counts).any(|server| server.offers.iter().any(|(known, _)| known == kind))
            };
            if self.enough == Enough::EachAnswered && repeat <= Instant::now() && questions.peek().is_none() {
                for (xid, kind) in asked.iter().filter(|question| !answered(question)) {
                    sockets.send(&Discover { xid: *xid, mac, kind: *kind, uuid }.to_bytes())?;
                }
                repeat = Instant::now() + REPEAT;
            }
            let another = |server: &DhcpServer| server.gives_addresses() && !server.is_at(self.own);
            let enough = match self.enough {
                Enough::AnotherServer => found.iter().any(another),
                Enough::EachAnswered => questions.peek().is_none() && asked.iter().all(answered),
            };
            if enough {
                until = until.min(Instant::now() + GRACE);
            }
        }
        Ok(found)
    }
}
