// SPDX-License-Identifier: GPL-3.0-or-later
//! `host-state notify`: calls the site's command for each pending notification, outside of any request.

use crate::layout;
use crate::program::{self, Ended, Exit};
use anyhow::Context as _;
use hps::exec::ExecError;
use hps::exec::User;
use hps::exec::site_command::{Called, call};
use hps::render::lighttpd::USER;
use hps::store::{Notification, NotificationQueue, Store, StoreError};
use hps::types::one_line;
use hps::types::{Line, MacAddr};
use std::collections::HashSet;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Call the site's command for hosts that became INSTALLED or FAILED.
///
/// The key install.notify of the cluster file names the command.
/// It runs once for each notification, oldest first, as user hps, without arguments.
/// These variables describe the event: HPS_HOST, HPS_MAC, HPS_STATE, HPS_FROM, HPS_REASON, HPS_TIME and HPS_CLUSTER.
/// The command has 60 seconds.
/// With exit code 0 the notification is done.
/// Otherwise it is repeated up to five times: after 5 and 30 seconds, 2, 10 and 30 minutes.
/// Notifications of one host keep their order.
/// If this program is killed while the command runs, that notification is repeated.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  host-state notify
  host-state notify --follow")]
pub(super) struct Arguments {
    /// Keep running and call the command for new notifications; reload keeps this process running
    #[arg(long)]
    follow: bool,
}

/// How long the site's command may take.
const LIMIT: Duration = Duration::from_secs(60);
/// How often it looks for new notifications.
const PAUSE: Duration = Duration::from_secs(2);

/// The result of one look at the notifications.
enum Round {
    /// All due notifications are done.
    Done,
    /// The command failed on some of them.
    Failed,
}

pub(super) fn run(store: Store, arguments: &Arguments) -> anyhow::Result<Exit> {
    let stop = program::interrupted()?;
    if arguments.follow {
        return follow(store, &stop);
    }
    if store.cluster.install.notify.is_none() {
        program::eprint(format_args!(
            "host-state: cluster {} has no command for notifications (install.notify in its file)",
            store.cluster.name
        ));
        return Ok(Exit::Done);
    }
    let caller = Caller::new(&store, &stop)?;
    match caller.round(&store, &take(&store)?)? {
        Round::Done => Ok(Exit::Done),
        Round::Failed => Ok(Exit::Failed),
    }
}

fn follow(mut store: Store, stop: &AtomicBool) -> anyhow::Result<Exit> {
    let mut notifications = take(&store)?;
    let mut said = String::new();
    loop {
        let mut told = Caller::new(&store, stop).and_then(|caller| caller.round(&store, &notifications)).map(drop);
        // The cluster file may name another command now, or another cluster may be active. While it cannot be read, its
        // last values count.
        match program::open_store() {
            Ok(newest) => {
                if newest.cluster.name != store.cluster.name {
                    notifications = take(&newest)?;
                }
                store = newest;
            }
            Err(error) => told = told.and(Err(error)),
        }
        // The same problem is reported once, not every two seconds.
        let trouble = told
            .err()
            .filter(|error| !was_stopped(error))
            .map(|error| Line::lossy(&format!("{error:#}")).to_string())
            .unwrap_or_default();
        if trouble != said && !trouble.is_empty() {
            program::eprint(format_args!("host-state: {trouble}"));
        }
        said = trouble;
        pause(stop);
        if stop.load(Ordering::Relaxed) {
            return Ok(Exit::Done);
        }
    }
}

/// The end of this program is not a problem.
fn was_stopped(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref(), Some(ExecError::Stopped { .. }))
}

fn take(store: &Store) -> Result<NotificationQueue, StoreError> {
    store.notifications().lock_queue()
}

fn pause(stop: &AtomicBool) {
    let begun = Instant::now();
    while begun.elapsed() < PAUSE && !stop.load(Ordering::Relaxed) {
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// The site's command, and its user.
struct Caller<'a> {
    command: &'a Path,
    user: Option<User>,
    stop: &'a AtomicBool,
}

impl<'a> Caller<'a> {
    fn new(store: &'a Store, stop: &'a AtomicBool) -> anyhow::Result<Self> {
        let Some(command) = &store.cluster.install.notify else {
            return Err(Ended::error(
                Exit::NotFound,
                format!("cluster {} has no command: set install.notify in its file", store.cluster.name),
            ));
        };
        // Only root can change to another user; and the site's command does not need the rights of root.
        let user = if rustix::process::geteuid().is_root() { Some(layout::web_user(stop)?) } else { None };
        Ok(Self { command: Path::new(command.as_str()), user, stop })
    }

    fn round(&self, store: &Store, notifications: &NotificationQueue) -> anyhow::Result<Round> {
        // Hosts with an earlier pending notification: a later one must not overtake it.
        let mut behind: HashSet<MacAddr> = HashSet::new();
        let mut round = Round::Done;
        let mut unreadable = Vec::new();
        for waiting in notifications.waiting()? {
            let notification = match waiting.notification {
                Ok(notification) => notification,
                Err(error @ StoreError::Content { .. }) => {
                    complain(store, &format!("{}; it is removed", one_line(&error)));
                    notifications.remove(&waiting.name)?;
                    continue;
                }
                Err(error) => {
                    unreadable.push(error);
                    continue;
                }
            };
            if behind.contains(&notification.mac) || !notification.is_due(program::now()) {
                behind.insert(notification.mac);
                continue;
            }
            match call(self.command, &environment(&notification), self.user, LIMIT, self.stop) {
                Called::Done => notifications.remove(&waiting.name)?,
                Called::Stopped => return Ok(round),
                Called::Failed(why) => {
                    behind.insert(notification.mac);
                    round = Round::Failed;
                    let what =
                        format!("{} is {}: {} {why}", notification.host, notification.state, self.command.display());
                    match notifications.failed(&waiting.name, &notification, program::now())? {
                        Some(again) => program::eprint(format_args!("host-state: {what}; again at {again}")),
                        None => complain(store, &format!("{what}; given up, the site was not notified")),
                    }
                }
            }
            if self.stop.load(Ordering::Relaxed) {
                break;
            }
        }
        // Reported at the end, so that the other notifications are sent.
        let count = unreadable.len();
        match unreadable.into_iter().next() {
            Some(first) => {
                Err(first).with_context(|| format!("notifications that cannot be read: {count}; remove them"))
            }
            None => Ok(round),
        }
    }
}

fn environment(notification: &Notification) -> [(&'static str, String); 7] {
    [
        ("HPS_HOST", notification.host.to_string()),
        ("HPS_MAC", notification.mac.colons()),
        ("HPS_STATE", notification.state.to_string()),
        ("HPS_FROM", notification.from.to_string()),
        ("HPS_REASON", notification.reason.to_string()),
        ("HPS_TIME", notification.time.to_string()),
        ("HPS_CLUSTER", notification.cluster.to_string()),
    ]
}

/// Important lines: on stderr, and in the system's log.
fn complain(store: &Store, text: &str) {
    let line = Line::lossy(text);
    program::eprint(format_args!("host-state: {line}"));
    // If the system's log does not accept it, stderr has it.
    let _second = store.journal().log_system(&format!("{USER}-notify"), &line);
}
