// SPDX-License-Identifier: GPL-3.0-or-later
//! Wrong tokens: how many of them get an answer of their own and a line in the log. A right token is never counted, so
//! nobody can lock out others by sending wrong ones.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

const WINDOW: Duration = Duration::from_secs(60);
/// Of one client within the window.
const MOST: u32 = 10;
/// Clients that are remembered. Beyond that all others count as one.
const MAX_CLIENTS: usize = 1024;

/// The wrong tokens of the last minute, by client.
#[derive(Debug, Default)]
pub(super) struct Refused {
    clients: BTreeMap<String, (Instant, u32)>,
}

/// What to do with a wrong token.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// Refuse it, with a line in the log.
    Log,
    /// Refuse it, with a line that this client is not logged any more for a while.
    LogLast,
    /// Too many.
    Quiet,
}

impl Refused {
    /// Counts one.
    pub(super) fn count(&mut self, client: &str, now: Instant) -> Next {
        self.clients.retain(|_, (begun, _)| now.duration_since(*begun) < WINDOW);
        let is_new = !self.clients.contains_key(client);
        let client = if is_new && self.clients.len() >= MAX_CLIENTS { "" } else { client };
        let (_, count) = self.clients.entry(client.to_owned()).or_insert((now, 0));
        *count = count.saturating_add(1);
        match *count {
            count if count < MOST => Next::Log,
            MOST => Next::LogLast,
            _ => Next::Quiet,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_client_has_its_own_count_for_a_minute() {
        let (mut refused, begun) = (Refused::default(), Instant::now());
        for _ in 1..MOST {
            assert_eq!(refused.count("a", begun), Next::Log);
        }
        assert_eq!(refused.count("a", begun), Next::LogLast);
        assert_eq!(refused.count("a", begun), Next::Quiet);
        assert_eq!(refused.count("b", begun), Next::Log);
        assert_eq!(refused.count("a", begun + WINDOW), Next::Log);
    }

    #[test]
    fn many_clients_take_no_memory_without_an_end() {
        let (mut refused, begun) = (Refused::default(), Instant::now());
        for number in 0..5000 {
            refused.count(&number.to_string(), begun);
        }
        assert!(refused.clients.len() <= MAX_CLIENTS + 1);
    }
}
