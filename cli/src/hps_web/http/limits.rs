// SPDX-License-Identifier: GPL-3.0-or-later
//! How much clients can use up.

use std::time::Duration;

/// The bounds of a server.
#[derive(Debug, Clone, Copy)]
pub(in crate::hps_web) struct Limits {
    /// Connections at a time. A further one replaces the oldest that has not sent its request yet.
    pub(in crate::hps_web) connections: usize,
    /// Connections among them that follow events.
    pub(in crate::hps_web) followers: usize,
    /// Bytes of a request line with its fields.
    pub(in crate::hps_web) head: usize,
    /// Bytes of a body.
    pub(in crate::hps_web) body: usize,
    /// For the whole request to arrive.
    pub(in crate::hps_web) request_time: Duration,
    /// For the whole answer to be taken.
    pub(in crate::hps_web) answer_time: Duration,
    /// Bytes of all answers that clients have not taken yet. Beyond that requests get 503.
    pub(in crate::hps_web) unsent: usize,
    /// Bytes of events that a follower has not taken yet. Beyond that its connection ends, and it begins again.
    pub(in crate::hps_web) unsent_events: usize,
    /// Requests that wait for a worker. Beyond that requests get 503.
    pub(in crate::hps_web) waiting: usize,
    /// Threads that make answers.
    pub(in crate::hps_web) workers: usize,
    /// Between two lines that show a follower that the connection is alive.
    pub(in crate::hps_web) keep_alive: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 256,
            followers: 64,
            head: 16 << 10,
            body: 64 << 10,
            request_time: Duration::from_secs(10),
            answer_time: Duration::from_secs(60),
            unsent: 64 << 20,
            unsent_events: 256 << 10,
            waiting: 64,
            workers: 4,
            keep_alive: Duration::from_secs(15),
        }
    }
}
