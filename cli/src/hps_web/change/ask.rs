// SPDX-License-Identifier: GPL-3.0-or-later
//! The side of hps-web: a request becomes an order, and the answer of the helper a response. A few changes at a time, so
//! that the page answers while a host is switched.

use super::answer::{self, Answer};
use super::order::{Change, MAX_BYTES, Order, is_host};
use crate::hps_web::http::{Request, Response, Status};
use std::io::{Read as _, Write as _};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// The last parts of the addresses that change something.
pub(in crate::hps_web) const ACTIONS: [&str; 3] = ["arm", "disarm", "power"];

/// Of the workers that make answers, so many may wait for the helper.
const AT_ONCE: usize = 2;
/// More than the helper gives a command.
const TIMEOUT: Duration = Duration::from_secs(320);

/// The way to the helper.
#[derive(Debug)]
pub(in crate::hps_web) struct Changes {
    /// Its socket; none if this process serves only its own machine.
    socket: Option<PathBuf>,
    waiting: AtomicUsize,
}

impl Changes {
    pub(in crate::hps_web) fn new(socket: Option<PathBuf>) -> Self {
        Self { socket, waiting: AtomicUsize::new(0) }
    }

    /// The answer to a POST.
    pub(in crate::hps_web) fn answer(&self, host: &str, action: &str, request: &Request) -> Response {
        let Some(socket) = &self.socket else {
            return Response::error(
                Status::Forbidden,
                "here nothing is changed: that is served with [web] changes = true",
            );
        };
        if !request.query.is_empty() {
            return Response::error(Status::BadRequest, "this address takes no query; send a body in JSON");
        }
        let Some(token) = request.field("authorization").and_then(|value| value.strip_prefix("Bearer ")) else {
            let response = Response::error(Status::Unauthorized, "send a token: Authorization: Bearer TOKEN");
            return response.with_field("WWW-Authenticate", "Bearer");
        };
        let change = match Change::read(action, &request.body) {
            Ok(change) => change,
            Err(why) => return Response::error(Status::BadRequest, &why),
        };
        if !is_host(host) {
            let why = "expected a MAC, such as 52:54:00:12:34:56, a host name or an address";
            return Response::error(Status::NotFound, why);
        }
        let client = request.client().map_or_else(|| "an unknown client".to_owned(), |address| address.to_string());
        let order = Order { token: token.trim().to_owned(), client, host: host.to_owned(), change };
        if self.waiting.fetch_add(1, Ordering::Relaxed) >= AT_ONCE {
            self.waiting.fetch_sub(1, Ordering::Relaxed);
            let response = Response::error(Status::Unavailable, "too many changes at a time; try again");
            return response.with_field("Retry-After", "5");
        }
        let answered = ask(socket, &order);
        self.waiting.fetch_sub(1, Ordering::Relaxed);
        match answered {
            Ok(answer) => response(&answer),
            // Without web.changes the helper does not run.
            Err(error) if is_off(&error) => {
                Response::error(Status::Forbidden, "the cluster permits no changes over the API (web.changes)")
            }
            Err(_) => Response::error(Status::Unavailable, "the helper does not answer; see its log: hps-web-changes"),
        }
    }
}

fn is_off(error: &std::io::Error) -> bool {
    matches!(error.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::ConnectionRefused)
}

fn response(answer: &Answer) -> Response {
    let status = answer.outcome.status();
    match status {
        Status::Ok => Response::new("application/json", format!("{}\n", answer.text).into_bytes()),
        Status::Unauthorized => Response::error(status, &answer.text).with_field("WWW-Authenticate", "Bearer"),
        Status::TooMany => Response::error(status, &answer.text).with_field("Retry-After", "60"),
        _ => Response::error(status, &answer.text),
    }
}

fn ask(socket: &PathBuf, order: &Order) -> std::io::Result<Answer> {
    let bytes = serde_json::to_vec(order)?;
    if bytes.len() >= MAX_BYTES {
        return Ok(Answer::new(answer::Outcome::Bad, "the body is too large"));
    }
    let mut stream = UnixStream::connect(socket)?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    stream.set_write_timeout(Some(TIMEOUT))?;
    stream.write_all(&bytes)?;
    stream.shutdown(Shutdown::Write)?;
    let mut text = Vec::new();
    stream.take(answer::MAX_BYTES as u64).read_to_end(&mut text)?;
    Ok(serde_json::from_slice(&text)?)
}
