// SPDX-License-Identifier: GPL-3.0-or-later
//! The helper of root's: it accepts orders of the web server's user, one a connection, and runs the command of each whose
//! token is valid now.

use super::answer::{self, Answer, Outcome};
use super::order::{self, Order, is_host};
use super::refused::{Next, Refused};
use crate::hps_web::become_user;
use crate::hps_web::listen;
use crate::program::{self, Exit};
use anyhow::Context as _;
use hps::exec::{Limit, Run, User};
use hps::render::lighttpd::USER;
use hps::store::WebToken;
use hps::types::{WebName, one_line, printable_line};
use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Orders at a time. Switching a host may take minutes.
const AT_ONCE: usize = 8;
/// For an order to arrive, and for an answer to be taken.
const SOCKET_TIME: Duration = Duration::from_secs(5);
/// For a command. `host-power` has its own limits below this.
const COMMAND: Limit = Limit::CHECK.time(Duration::from_secs(300)).bytes(answer::MAX_BYTES / 2);
const PAUSE: Duration = Duration::from_millis(100);

/// Accept changes of hps-web.
#[derive(Debug, clap::Args)]
pub(in crate::hps_web) struct Serve {
    /// The socket to make
    #[arg(long, value_name = "PATH")]
    socket: PathBuf,
}

struct Helper {
    /// The only user besides root whose orders are read.
    user: User,
    /// This program.
    program: PathBuf,
    refused: Mutex<Refused>,
    stop: Arc<AtomicBool>,
}

pub(in crate::hps_web) fn serve(Serve { socket }: &Serve, stop: Arc<AtomicBool>) -> anyhow::Result<Exit> {
    program::need_root()?;
    let user = become_user::numbers(USER, &stop)?;
    let listener = listen::unix_for_group(socket, user.gid)?;
    listener.set_nonblocking(true).context("the socket cannot be used")?;
    let program = std::env::current_exe().context("the path of this program is not known")?;
    let helper = Arc::new(Helper { user, program, refused: Mutex::default(), stop });
    let working = Arc::new(AtomicUsize::new(0));
    while !helper.stop.load(Ordering::Relaxed) {
        let Ok((stream, _)) = listener.accept() else {
            std::thread::sleep(PAUSE);
            continue;
        };
        if working.load(Ordering::Relaxed) >= AT_ONCE {
            send(&stream, &Answer::new(Outcome::Busy, "too many changes at a time; try again"));
            continue;
        }
        working.fetch_add(1, Ordering::Relaxed);
        let (own, count) = (Arc::clone(&helper), Arc::clone(&working));
        let started = std::thread::Builder::new().name("change".to_owned()).spawn(move || {
            own.take(&stream);
            count.fetch_sub(1, Ordering::Relaxed);
        });
        if started.is_err() {
            working.fetch_sub(1, Ordering::Relaxed);
        }
    }
    while working.load(Ordering::Relaxed) > 0 {
        std::thread::sleep(PAUSE);
    }
    listen::remove(socket);
    Ok(Exit::Done)
}

impl Helper {
    fn take(&self, stream: &UnixStream) {
        let is_ours = rustix::net::sockopt::socket_peercred(stream)
            .is_ok_and(|peer| peer.uid.is_root() || peer.uid.as_raw() == self.user.uid);
        if !is_ours {
            return;
        }
        let answer = match receive(stream) {
            Some(order) => self.answer(&order),
            None => Answer::new(Outcome::Bad, "this is no order"),
        };
        send(stream, &answer);
    }

    /// The settings and the tokens are read at each order, so what an administrator changes counts at once.
    fn answer(&self, order: &Order) -> Answer {
        let Ok(store) = program::open_store() else {
            return Answer::new(Outcome::Busy, "the settings of this node cannot be read; see its log");
        };
        if !store.cluster.web.changes {
            return Answer::new(Outcome::Off, "the cluster permits no changes over the API (web.changes)");
        }
        let name = WebToken::parse(&order.token).map(|token| store.web_tokens().name_of(&token)).transpose();
        match name.map(Option::flatten) {
            Ok(Some(name)) => self.run(order, &name),
            Ok(None) => self.refuse(order),
            Err(error) => {
                program::eprint(format_args!("hps-web: {}", one_line(&error)));
                Answer::new(Outcome::Failed, "the tokens cannot be read; see the log of this node")
            }
        }
    }

    fn refuse(&self, order: &Order) -> Answer {
        let client = printable_line(&order.client);
        let next = self.refused.lock().unwrap_or_else(PoisonError::into_inner).count(&client, Instant::now());
        let more = match next {
            Next::Quiet => return Answer::new(Outcome::TooMany, "too many wrong tokens; wait a minute"),
            Next::Log => "",
            Next::LogLast => "; further ones of this minute are not logged",
        };
        program::eprint(format_args!("hps-web: a wrong or revoked token from {client}{more}"));
        Answer::new(Outcome::NoToken, "the token is missing, wrong or revoked; see: hps-web token list")
    }

    fn run(&self, order: &Order, name: &WebName) -> Answer {
        if !is_host(&order.host) {
            return Answer::new(Outcome::NotFound, "expected one host: a MAC, a name or an address");
        }
        let words = order.change.command(&order.host);
        let client = printable_line(&order.client);
        program::eprint(format_args!("hps-web: token {name} from {client}: {}", printable_line(&words.join(" "))));
        let conf = program::conf_path();
        // The history and the audit name the person behind sudo: here the token.
        let run = Run::at("hps-web", &self.program, "hps").arg("act").args(&words);
        let run = run.env("HPS_CONFIG", conf).env("SUDO_USER", format!("token {name}"));
        match run.ended(COMMAND, &self.stop) {
            Ok(output) => command_answer(output.status.code(), &output.stdout, &output.stderr),
            Err(error) => {
                program::eprint(format_args!("hps-web: {}", one_line(&error)));
                Answer::new(Outcome::Failed, "the command failed; see the log of this node")
            }
        }
    }
}

/// The exit codes of all programs (docs/reference/exit-codes.md).
fn command_answer(code: Option<i32>, out: &[u8], err: &[u8]) -> Answer {
    let out = String::from_utf8_lossy(out).trim().to_owned();
    let err = String::from_utf8_lossy(err);
    let line = || err.lines().find(|line| !line.trim().is_empty()).unwrap_or("the command failed").to_owned();
    let outcome = match code {
        Some(0 | 10) if !out.is_empty() => return Answer::new(Outcome::Done, out),
        Some(0 | 10) => return Answer::new(Outcome::Done, "[]"),
        Some(2) => Outcome::Bad,
        Some(3) => Outcome::Refused,
        Some(4) => Outcome::NotFound,
        Some(5) => Outcome::Busy,
        _ => Outcome::Failed,
    };
    Answer::new(outcome, printable_line(&line()))
}

fn receive(stream: &UnixStream) -> Option<Order> {
    stream.set_nonblocking(false).ok()?;
    stream.set_read_timeout(Some(SOCKET_TIME)).ok()?;
    let mut bytes = Vec::new();
    let most = u64::try_from(order::MAX_BYTES).ok()?;
    stream.take(most).read_to_end(&mut bytes).ok()?;
    serde_json::from_slice(&bytes).ok()
}

/// A client that is gone gets none.
fn send(mut stream: &UnixStream, answer: &Answer) {
    let Ok(bytes) = serde_json::to_vec(answer) else { return };
    let _gone = stream
        .set_nonblocking(false)
        .and_then(|()| stream.set_write_timeout(Some(SOCKET_TIME)))
        .and_then(|()| stream.write_all(&bytes));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exit_code_is_a_status() {
        let outcome = |code| command_answer(Some(code), b"", b"\nhost-state: why\nmore\n").outcome;
        assert_eq!([0, 10].map(outcome), [Outcome::Done; 2]);
        assert_eq!(
            [1, 2, 3, 4, 5].map(outcome),
            [Outcome::Failed, Outcome::Bad, Outcome::Refused, Outcome::NotFound, Outcome::Busy]
        );
        assert_eq!(command_answer(Some(3), b"", b"host-state: a\x1b[31m\n").text, "host-state: a?[31m");
        assert_eq!(command_answer(None, b"[]", b"").outcome, Outcome::Failed);
    }
}
