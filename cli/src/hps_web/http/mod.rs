// SPDX-License-Identifier: GPL-3.0-or-later
//! A small server of HTTP/1.1 (RFC 9112), one request for each connection, with bounds for all that a client can use up.
//!
//! One thread reads requests and writes answers, without waiting for any single client. A few workers make the answers.
//! So slow clients cost memory up to a bound and no thread. Decision 156 has the reasons.

mod connection;
mod limits;
mod request;
mod response;
mod server;
mod socket;
mod wake;
mod workers;

pub(super) use limits::Limits;
pub(super) use request::{Method, Request};
pub(super) use response::{Reply, Response, Status};
pub(super) use server::{Event, Publisher, Server};
pub(super) use socket::Listener;

#[cfg(test)]
mod tests;
