// SPDX-License-Identifier: GPL-3.0-or-later
//! The threads that make answers.

use super::wake::Wake;
use super::{Limits, Reply, Request};
use std::io;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

/// What makes an answer.
pub(super) type Handler = dyn Fn(&Request) -> Reply + Send + Sync;

/// A number for each connection that is never used twice.
pub(super) type ConnectionId = u64;

/// Threads that wait for requests. They end with the process.
pub(super) struct Workers {
    requests: SyncSender<(ConnectionId, Request)>,
    pub(super) answers: Receiver<(ConnectionId, Reply)>,
}

impl Workers {
    /// Starts them.
    ///
    /// # Errors
    /// When the system has no thread for them.
    pub(super) fn start(limits: &Limits, handler: &Arc<Handler>, wake: &Wake) -> io::Result<Self> {
        let (requests, incoming) = sync_channel(limits.waiting);
        let (outgoing, answers) = channel();
        let incoming = Arc::new(Mutex::new(incoming));
        for number in 0..limits.workers {
            let (incoming, outgoing) = (Arc::clone(&incoming), outgoing.clone());
            let (handler, wake) = (Arc::clone(handler), wake.clone());
            std::thread::Builder::new()
                .name(format!("answer-{number}"))
                .spawn(move || work(&incoming, &outgoing, &*handler, &wake))?;
        }
        Ok(Self { requests, answers })
    }

    /// Gives a request to them. `false` if too many wait.
    pub(super) fn take(&self, id: ConnectionId, request: Request) -> bool {
        self.requests.try_send((id, request)).is_ok()
    }
}

fn work(
    incoming: &Mutex<Receiver<(ConnectionId, Request)>>,
    outgoing: &Sender<(ConnectionId, Reply)>,
    handler: &Handler,
    wake: &Wake,
) {
    loop {
        let next = incoming.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((id, request)) = next else { return };
        if outgoing.send((id, handler(&request))).is_err() {
            return;
        }
        wake.wake();
    }
}
