// SPDX-License-Identifier: GPL-3.0-or-later
//! One connection: it sends its request, waits for its answer, takes it, and ends.

use super::request::{Parsed, parse};
use super::response::events_head;
use super::socket::Stream;
use super::{Limits, Method, Request, Response, Status};
use rustix::event::PollFlags;
use std::collections::VecDeque;
use std::io::{ErrorKind, Read as _, Write as _};
use std::time::{Duration, Instant};

/// For a client to read the answer to a request that it has not sent whole.
const DRAIN_TIME: Duration = Duration::from_secs(2);
/// Bytes of a request that were not read and are thrown away.
const DRAIN_BYTES: usize = 1 << 20;

#[derive(Debug)]
enum Stage {
    /// What arrived of the request, and how long it is, once its head has arrived.
    Reading(Vec<u8>, Option<usize>),
    /// A worker makes the answer.
    Answering,
    /// What is left of the answer begins at the number.
    Writing(Vec<u8>, usize),
    /// Events that the client has not taken yet.
    Following { topic: Option<String>, unsent: VecDeque<u8>, written: Instant },
    /// The answer is sent. So many bytes of the request are thrown away: closing at once would take the answer back.
    Draining(usize),
}

/// What a step found out.
#[derive(Debug)]
pub(super) enum Found {
    /// Nothing that another must do.
    Nothing,
    /// A request for the workers.
    Request(Box<Request>),
    /// The connection is over.
    End,
}

/// A connection.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) stream: Stream,
    stage: Stage,
    begun: Instant,
    deadline: Option<Instant>,
    /// Whether the client wants the body of the answer.
    wants_body: bool,
}

impl Connection {
    pub(super) fn new(stream: Stream, limits: &Limits) -> Self {
        let begun = Instant::now();
        let deadline = begun.checked_add(limits.request_time);
        Self { stream, stage: Stage::Reading(Vec::new(), None), begun, deadline, wants_body: true }
    }

    /// When it began, if its client has not sent the whole request, or has the whole answer.
    pub(super) fn idle_since(&self) -> Option<Instant> {
        matches!(self.stage, Stage::Reading(..) | Stage::Draining(_)).then_some(self.begun)
    }

    pub(super) fn is_follower(&self) -> bool {
        matches!(self.stage, Stage::Following { .. })
    }

    /// What it follows beside the events for everybody.
    pub(super) fn topic(&self) -> Option<&str> {
        match &self.stage {
            Stage::Following { topic, .. } => topic.as_deref(),
            _ => None,
        }
    }

    /// Bytes that the client has not taken yet.
    pub(super) fn unsent(&self) -> usize {
        match &self.stage {
            Stage::Writing(bytes, _) => bytes.len(),
            Stage::Following { unsent, .. } => unsent.len(),
            _ => 0,
        }
    }

    /// What to wait for.
    pub(super) fn interest(&self) -> PollFlags {
        match &self.stage {
            Stage::Reading(..) | Stage::Draining(_) => PollFlags::IN,
            Stage::Answering => PollFlags::empty(),
            Stage::Writing(..) => PollFlags::OUT,
            Stage::Following { unsent, .. } if unsent.is_empty() => PollFlags::IN,
            Stage::Following { .. } => PollFlags::IN | PollFlags::OUT,
        }
    }

    /// Whether its time is over.
    pub(super) fn is_late(&self, now: Instant) -> bool {
        self.deadline.is_some_and(|deadline| deadline <= now)
    }

    /// What to do with it then: a request that never came whole gets an answer.
    pub(super) fn end_late(&mut self, limits: &Limits) -> Found {
        match &self.stage {
            Stage::Reading(bytes, _) if !bytes.is_empty() => {
                self.answer(Response::error(Status::Timeout, "the request did not arrive in time"), limits);
                self.write(limits)
            }
            _ => Found::End,
        }
    }

    /// The client has sent something, has taken something, or is gone.
    pub(super) fn proceed(&mut self, ready: PollFlags, limits: &Limits) -> Found {
        if ready.intersects(PollFlags::ERR | PollFlags::NVAL) {
            return Found::End;
        }
        match self.stage {
            Stage::Reading(..) => self.read(limits),
            // Its answer is thrown away when it comes.
            Stage::Answering => Found::End,
            Stage::Writing(..) => self.write(limits),
            Stage::Following { .. } => {
                if ready.contains(PollFlags::OUT)
                    && let Found::End = self.write_events()
                {
                    return Found::End;
                }
                if ready.intersects(PollFlags::IN | PollFlags::HUP) { self.drain(DRAIN_BYTES) } else { Found::Nothing }
            }
            Stage::Draining(left) => self.drain(left),
        }
    }

    fn read(&mut self, limits: &Limits) -> Found {
        let mut buffer = [0; 8192];
        let Stage::Reading(bytes, whole) = &mut self.stage else { return Found::Nothing };
        let before = bytes.len();
        match self.stream.read(&mut buffer) {
            Ok(0) => return Found::End,
            Ok(length) => bytes.extend_from_slice(buffer.get(..length).unwrap_or_default()),
            Err(error) if is_later(&error) => return Found::Nothing,
            Err(_) => return Found::End,
        }
        // A client may send single bytes. Reading all of them again each time would take the square of their number.
        let is_worth_a_look = match *whole {
            Some(whole) => bytes.len() >= whole,
            None => {
                let fresh = bytes.get(before..).unwrap_or_default();
                before == 0 || fresh.contains(&b'\n') || bytes.len() >= limits.head
            }
        };
        if !is_worth_a_look {
            return Found::Nothing;
        }
        match parse(bytes, limits) {
            Parsed::Partial(length) => {
                *whole = length;
                Found::Nothing
            }
            Parsed::Whole(request) => {
                self.wants_body = request.method != Method::Head;
                self.stage = Stage::Answering;
                // A worker always answers.
                self.deadline = None;
                Found::Request(request)
            }
            Parsed::Bad(response) => {
                self.answer(response, limits);
                self.write(limits)
            }
        }
    }

    /// The answer to its request.
    pub(super) fn answer(&mut self, response: Response, limits: &Limits) {
        self.stage = Stage::Writing(response.into_bytes(self.wants_body), 0);
        self.deadline = Instant::now().checked_add(limits.answer_time);
    }

    /// Events are the answer to its request.
    pub(super) fn follow(&mut self, topic: Option<String>, first: &str) {
        let unsent = events_head().bytes().chain(first.bytes()).collect();
        self.stage = Stage::Following { topic, unsent, written: Instant::now() };
        self.deadline = None;
    }

    /// An event. A follower that does not take what it gets ends.
    pub(super) fn push(&mut self, event: &str, limits: &Limits) -> Found {
        let Stage::Following { unsent, .. } = &mut self.stage else { return Found::Nothing };
        if unsent.len() + event.len() > limits.unsent_events {
            return Found::End;
        }
        unsent.extend(event.bytes());
        self.write_events()
    }

    /// A line for a follower that got nothing for a while: a proxy or a browser must not take the connection for dead.
    pub(super) fn keep_alive(&mut self, now: Instant, limits: &Limits) -> Found {
        match &self.stage {
            Stage::Following { written, .. } if now.duration_since(*written) >= limits.keep_alive => {
                self.push(": \n\n", limits)
            }
            _ => Found::Nothing,
        }
    }

    pub(super) fn write(&mut self, limits: &Limits) -> Found {
        let Stage::Writing(bytes, begin) = &mut self.stage else { return Found::Nothing };
        while let Some(rest) = bytes.get(*begin..).filter(|rest| !rest.is_empty()) {
            match self.stream.write(rest) {
                Ok(0) => return Found::End,
                Ok(length) => *begin += length,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if is_later(&error) => return Found::Nothing,
                Err(_) => return Found::End,
            }
        }
        if self.stream.end_answer().is_err() {
            return Found::End;
        }
        self.stage = Stage::Draining(DRAIN_BYTES);
        self.deadline = Instant::now().checked_add(DRAIN_TIME.min(limits.answer_time));
        Found::Nothing
    }

    fn write_events(&mut self) -> Found {
        let Stage::Following { unsent, written, .. } = &mut self.stage else { return Found::Nothing };
        loop {
            let (first, _) = unsent.as_slices();
            if first.is_empty() {
                *written = Instant::now();
                return Found::Nothing;
            }
            match self.stream.write(first) {
                Ok(0) => return Found::End,
                Ok(length) => drop(unsent.drain(..length)),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if is_later(&error) => return Found::Nothing,
                Err(_) => return Found::End,
            }
        }
    }

    /// Throws away what the client still sends.
    fn drain(&mut self, left: usize) -> Found {
        let mut buffer = [0; 8192];
        match self.stream.read(&mut buffer) {
            Ok(0) => Found::End,
            Ok(length) => match left.checked_sub(length) {
                Some(left) => {
                    if let Stage::Draining(own) = &mut self.stage {
                        *own = left;
                    }
                    Found::Nothing
                }
                None => Found::End,
            },
            Err(error) if is_later(&error) => Found::Nothing,
            Err(_) => Found::End,
        }
    }
}

fn is_later(error: &std::io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted)
}
