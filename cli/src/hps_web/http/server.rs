// SPDX-License-Identifier: GPL-3.0-or-later
//! The thread that reads requests and writes answers, for all connections at once (poll(2)).

use super::connection::{Connection, Found};
use super::socket::Listener;
use super::wake::Wake;
use super::workers::{ConnectionId, Handler, Workers};
use super::{Limits, Reply, Request, Response, Status};
use anyhow::Context as _;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

/// At least so often deadlines are looked at.
const TICK: Timespec = Timespec { tv_sec: 0, tv_nsec: 250_000_000 };
/// New connections that are taken before the others have their turn.
const ACCEPTED: usize = 64;
/// Events that wait for the thread. What comes beyond that is lost, and followers read the state anew.
const MAX_EVENTS: usize = 4096;

/// An event for followers.
#[derive(Debug, Clone)]
pub(in crate::hps_web) struct Event {
    /// Only for those who follow this; `None` for all.
    pub(in crate::hps_web) topic: Option<String>,
    /// Its lines, with the empty one at the end.
    pub(in crate::hps_web) text: String,
}

/// Where events come from.
#[derive(Debug, Clone)]
pub(in crate::hps_web) struct Publisher {
    events: SyncSender<Event>,
    topics: Arc<Mutex<BTreeSet<String>>>,
    wake: Wake,
}

impl Publisher {
    /// Gives events to those who follow.
    pub(in crate::hps_web) fn publish(&self, events: impl IntoIterator<Item = Event>) {
        for event in events {
            if self.events.try_send(event).is_err() {
                break;
            }
        }
        self.wake.wake();
    }

    /// What somebody follows beside the events for everybody.
    pub(in crate::hps_web) fn topics(&self) -> BTreeSet<String> {
        self.topics.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// A server.
pub(in crate::hps_web) struct Server {
    listener: Listener,
    limits: Limits,
    woken: UnixStream,
    publisher: Publisher,
    events: Receiver<Event>,
}

impl Server {
    /// A server for this socket.
    ///
    /// # Errors
    /// When the system refuses a socket.
    pub(in crate::hps_web) fn new(listener: Listener, limits: Limits) -> anyhow::Result<Self> {
        listener.set_nonblocking().context("the socket cannot be used")?;
        let (woken, wake) = UnixStream::pair().context("no further socket")?;
        woken.set_nonblocking(true).context("the socket cannot be used")?;
        let (sender, events) = sync_channel(MAX_EVENTS);
        let publisher = Publisher {
            events: sender,
            topics: Arc::new(Mutex::new(BTreeSet::new())),
            wake: Wake::new(wake).context("the socket cannot be used")?,
        };
        Ok(Self { listener, limits, woken, publisher, events })
    }

    /// Where its events come from.
    pub(in crate::hps_web) fn publisher(&self) -> Publisher {
        self.publisher.clone()
    }

    /// Serves until `stop` is set.
    ///
    /// # Errors
    /// When the system has no thread, or does not let it wait.
    pub(in crate::hps_web) fn run(
        mut self,
        handler: impl Fn(&Request) -> Reply + Send + Sync + 'static,
        stop: &AtomicBool,
    ) -> anyhow::Result<()> {
        let handler: Arc<Handler> = Arc::new(handler);
        let workers = Workers::start(&self.limits, &handler, &self.publisher.wake).context("no further thread")?;
        let mut connections = Connections { open: BTreeMap::new(), next: 0, limits: self.limits, workers };
        while !stop.load(Ordering::Relaxed) {
            let ready = self.wait(&connections)?;
            let mut buffer = [0; 256];
            while matches!(self.woken.read(&mut buffer), Ok(1..)) {}
            while let Ok((id, reply)) = connections.workers.answers.try_recv() {
                connections.reply(id, reply);
            }
            while let Ok(event) = self.events.try_recv() {
                connections.push(&event);
            }
            for (id, flags) in ready {
                connections.step(id, |connection, limits| connection.proceed(flags, limits));
            }
            // Not all that wait: who connects without an end would keep this thread from everything else.
            for _ in 0..ACCEPTED {
                let Ok(stream) = self.listener.accept() else { break };
                connections.add(Connection::new(stream, &self.limits));
            }
            connections.end_late();
            let topics = connections.open.values().filter_map(|one| one.topic().map(str::to_owned)).collect();
            *self.publisher.topics.lock().unwrap_or_else(PoisonError::into_inner) = topics;
        }
        Ok(())
    }

    /// The connections for which something can be done.
    fn wait(&self, connections: &Connections) -> anyhow::Result<Vec<(ConnectionId, PollFlags)>> {
        let mut fds = vec![PollFd::new(&self.woken, PollFlags::IN), PollFd::new(&self.listener, PollFlags::IN)];
        fds.extend(connections.open.values().map(|one| PollFd::new(&one.stream, one.interest())));
        match poll(&mut fds, Some(&TICK)) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error).context("waiting for connections failed"),
        }
        let ready = connections.open.keys().zip(fds.iter().skip(2)).map(|(id, fd)| (*id, fd.revents()));
        Ok(ready.filter(|(_, flags)| !flags.is_empty()).collect())
    }
}

struct Connections {
    open: BTreeMap<ConnectionId, Connection>,
    next: ConnectionId,
    limits: Limits,
    workers: Workers,
}

impl Connections {
    /// Takes a connection. If there are too many, the oldest ends that has not sent its request, or that has its answer
    /// and stays; it may be slow on purpose.
    fn add(&mut self, connection: Connection) {
        if self.open.len() >= self.limits.connections {
            let idle = self.open.iter().filter_map(|(id, one)| Some((one.idle_since()?, *id)));
            let Some((_, oldest)) = idle.min() else { return };
            self.open.remove(&oldest);
        }
        self.open.insert(self.next, connection);
        self.next = self.next.wrapping_add(1);
    }

    fn step(&mut self, id: ConnectionId, step: impl FnOnce(&mut Connection, &Limits) -> Found) {
        let limits = self.limits;
        let Some(connection) = self.open.get_mut(&id) else { return };
        match step(connection, &limits) {
            Found::Nothing => {}
            Found::End => drop(self.open.remove(&id)),
            Found::Request(request) => self.ask(id, *request),
        }
    }

    fn ask(&mut self, id: ConnectionId, request: Request) {
        if self.unsent() < self.limits.unsent && self.workers.take(id, request) {
            return;
        }
        self.reply(id, Reply::Whole(busy()));
    }

    fn unsent(&self) -> usize {
        self.open.values().map(Connection::unsent).sum()
    }

    /// Whether an answer is too much beside those that wait. Alone it may have any size.
    fn has_no_room(&self, answer: usize) -> bool {
        let unsent = self.unsent();
        unsent > 0 && unsent.saturating_add(answer) > self.limits.unsent
    }

    fn reply(&mut self, id: ConnectionId, reply: Reply) {
        // Many requests may have begun before the first answer was there.
        let reply = match reply {
            Reply::Whole(response) if self.has_no_room(response.body.len()) => Reply::Whole(busy()),
            other => other,
        };
        let followers = self.open.values().filter(|one| one.is_follower()).count();
        let full = followers >= self.limits.followers;
        self.step(id, |connection, limits| match reply {
            Reply::Events { topic, first } if !full => {
                connection.follow(topic, &first);
                connection.push("", limits)
            }
            Reply::Events { .. } => {
                connection.answer(busy(), limits);
                connection.write(limits)
            }
            Reply::Whole(response) => {
                connection.answer(response, limits);
                connection.write(limits)
            }
        });
    }

    fn push(&mut self, event: &Event) {
        let wanted =
            |one: &Connection| one.is_follower() && (event.topic.is_none() || one.topic() == event.topic.as_deref());
        let ids: Vec<ConnectionId> = self.open.iter().filter(|(_, one)| wanted(one)).map(|(id, _)| *id).collect();
        for id in ids {
            self.step(id, |connection, limits| connection.push(&event.text, limits));
        }
    }

    fn end_late(&mut self) {
        let now = Instant::now();
        let ids: Vec<ConnectionId> = self.open.keys().copied().collect();
        for id in ids {
            self.step(id, |connection, limits| {
                if connection.is_late(now) { connection.end_late(limits) } else { connection.keep_alive(now, limits) }
            });
        }
    }
}

fn busy() -> Response {
    Response::error(Status::Unavailable, "too many requests at a time; try again").with_field("Retry-After", "2")
}
