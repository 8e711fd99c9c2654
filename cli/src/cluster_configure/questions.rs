// SPDX-License-Identifier: GPL-3.0-or-later
//! Questions to a person on a terminal. Without a terminal, a value without default is an error that names its flag.

use super::keys;
use crate::other_dhcp::{Heard, listen};
use crate::program::{Ended, Exit};
use anyhow::Context as _;
use dialoguer::{Confirm, Input, Select};
use hps::config::{self, DhcpMode};
use hps::exec::ip::Interface;
use hps::types::{InterfaceName, SshKey};
use ipnet::Ipv4Net;
use std::fmt::Display;
use std::io::IsTerminal as _;
use std::net::Ipv4Addr;
use std::str::FromStr;

/// What a person types for no value.
const NONE: &str = "none";

/// Why an answer is not accepted.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum AnswerError {
    /// What is wrong with the value.
    #[error("{0}; or: {NONE}")]
    Value(String),
    #[error("expected another address of {0}, or {NONE}")]
    Gateway(Ipv4Net),
}

/// Whether a person can be asked.
pub(super) fn can_ask() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

/// The source of answers.
pub(super) trait Answers {
    /// A value: from the flag, otherwise the answer, with a default.
    fn value<T>(&self, question: &str, flag: &'static str, given: Option<T>, default: Option<T>) -> anyhow::Result<T>
    where
        T: FromStr + Display + Clone,
        T::Err: Display;

    /// A value that may be left out: from the flag, otherwise the answer, with the old value as default.
    fn optional<T>(
        &self,
        question: &str,
        given: Option<T>,
        before: Option<T>,
        valid: impl Fn(&T) -> Result<(), AnswerError>,
    ) -> anyhow::Result<Option<T>>
    where
        T: FromStr + Display + Clone,
        T::Err: Display;

    /// The interface to serve on; the first one found is the default.
    fn interface(&self, before: Option<Interface>, found: Vec<Interface>) -> anyhow::Result<Interface>;

    /// The administrator's keys; `found` are those of the person who runs this.
    fn keys(&self, found: Vec<SshKey>) -> anyhow::Result<Vec<SshKey>>;

    /// Who may be installed.
    fn enrolment(&self) -> anyhow::Result<config::Enrolment>;

    /// Who gives addresses, if another server answers on the interface, and which other servers may answer. `mode` and
    /// `known` are the present values.
    fn dhcp(
        &self,
        interface: &InterfaceName,
        mode: DhcpMode,
        known: Vec<Ipv4Addr>,
    ) -> anyhow::Result<(DhcpMode, Vec<Ipv4Addr>)>;
}

/// Asks nothing.
pub(super) struct Nobody;

impl Answers for Nobody {
    fn value<T>(&self, question: &str, flag: &'static str, given: Option<T>, default: Option<T>) -> anyhow::Result<T>
    where
        T: FromStr + Display + Clone,
        T::Err: Display,
    {
        given.or(default).ok_or_else(|| missing(flag, question))
    }

    fn optional<T>(
        &self,
        _: &str,
        given: Option<T>,
        before: Option<T>,
        _: impl Fn(&T) -> Result<(), AnswerError>,
    ) -> anyhow::Result<Option<T>>
    where
        T: FromStr + Display + Clone,
        T::Err: Display,
    {
        Ok(given.or(before))
    }

    fn interface(&self, before: Option<Interface>, mut found: Vec<Interface>) -> anyhow::Result<Interface> {
        match (before, found.len()) {
            (Some(before), _) => Ok(before),
            (None, 1) => Ok(found.remove(0)),
            (None, _) => Err(missing(
                "--interface",
                "the interface to serve on (this machine has several with an address, or none)",
            )),
        }
    }

    fn keys(&self, _: Vec<SshKey>) -> anyhow::Result<Vec<SshKey>> {
        // The key must be named: the key of a cron job's account would be a surprise.
        Err(missing("--ssh-key-file", "the administrator's public key"))
    }

    fn enrolment(&self) -> anyhow::Result<config::Enrolment> {
        Ok(config::Enrolment::Menu)
    }

    fn dhcp(
        &self,
        _: &InterfaceName,
        mode: DhcpMode,
        known: Vec<Ipv4Addr>,
    ) -> anyhow::Result<(DhcpMode, Vec<Ipv4Addr>)> {
        // reload looks, and refuses what does not agree.
        Ok((mode, known))
    }
}

fn missing(flag: &'static str, what: &str) -> anyhow::Error {
    Ended::error(Exit::Usage, format!("{flag} is missing: {what}"))
}

fn or_none<T>(text: &str, valid: impl Fn(&T) -> Result<(), AnswerError>) -> Result<Option<T>, AnswerError>
where
    T: FromStr,
    T::Err: Display,
{
    let text = text.trim();
    if text.eq_ignore_ascii_case(NONE) {
        return Ok(None);
    }
    let value = text.parse::<T>().map_err(|error| AnswerError::Value(error.to_string()))?;
    valid(&value).map(|()| Some(value))
}

/// An interface with its addresses.
fn describe(interface: &Interface) -> String {
    let addresses: Vec<String> = interface.addresses.iter().map(ToString::to_string).collect();
    match addresses.is_empty() {
        true => format!("{} (no address now)", interface.name),
        false => format!("{} ({})", interface.name, addresses.join(", ")),
    }
}

/// A yes or a no; Enter is no.
pub(super) fn confirm(question: &str) -> anyhow::Result<bool> {
    Confirm::new().with_prompt(question).default(false).interact().context("no answer")
}

/// Asks on the terminal.
pub(super) struct Person;

impl Answers for Person {
    fn value<T>(&self, question: &str, _: &'static str, given: Option<T>, default: Option<T>) -> anyhow::Result<T>
    where
        T: FromStr + Display + Clone,
        T::Err: Display,
    {
        if let Some(given) = given {
            return Ok(given);
        }
        let mut input = Input::<String>::new()
            .with_prompt(question)
            .validate_with(|text: &String| text.trim().parse::<T>().map(drop).map_err(|e| e.to_string()));
        if let Some(default) = default {
            input = input.default(default.to_string());
        }
        let text = input.interact_text().context("no answer")?;
        text.trim().parse().map_err(|e: T::Err| Ended::error(Exit::Failed, e.to_string()))
    }

    fn optional<T>(
        &self,
        question: &str,
        given: Option<T>,
        before: Option<T>,
        valid: impl Fn(&T) -> Result<(), AnswerError>,
    ) -> anyhow::Result<Option<T>>
    where
        T: FromStr + Display + Clone,
        T::Err: Display,
    {
        if given.is_some() {
            return Ok(given);
        }
        let text = Input::<String>::new()
            .with_prompt(question)
            .default(before.map_or_else(|| NONE.to_owned(), |before| before.to_string()))
            .validate_with(|text: &String| or_none(text, &valid).map(drop))
            .interact_text()
            .context("no answer")?;
        or_none(&text, &valid).map_err(|why| Ended::error(Exit::Failed, why.to_string()))
    }

    fn interface(&self, before: Option<Interface>, mut found: Vec<Interface>) -> anyhow::Result<Interface> {
        if found.is_empty() {
            return Nobody.interface(before, found);
        }
        let default = match before {
            Some(before) => found.iter().position(|i| i.name == before.name).unwrap_or_else(|| {
                found.insert(0, before);
                0
            }),
            None => 0,
        };
        let shown: Vec<String> = found.iter().map(describe).collect();
        let chosen = Select::new()
            .with_prompt("Interface to serve DHCP, TFTP, DNS and HTTP on")
            .items(&shown)
            .default(default)
            .interact()
            .context("no answer")?;
        Ok(found.swap_remove(chosen))
    }

    fn keys(&self, found: Vec<SshKey>) -> anyhow::Result<Vec<SshKey>> {
        if !found.is_empty() {
            for key in &found {
                crate::program::eprint(format_args!("found: {key}"));
            }
            if Confirm::new()
                .with_prompt("Use it as the administrator's key on hosts")
                .default(true)
                .interact()
                .context("no answer")?
            {
                return Ok(found);
            }
        }
        let text = Input::<String>::new()
            .with_prompt("The administrator's public ssh key (the line, or the path of a .pub file)")
            .allow_empty(true)
            .validate_with(|text: &String| keys::typed(text).map(drop))
            .interact_text()
            .context("no answer")?;
        keys::typed(&text).map_err(|why| Ended::error(Exit::Failed, why.to_string()))
    }

    fn enrolment(&self) -> anyhow::Result<config::Enrolment> {
        let items =
            ["menu: a person at the console of a new machine may choose", "armed: only what host-state arm permitted"];
        let chosen = Select::new()
            .with_prompt("Who may be installed")
            .items(items)
            .default(0)
            .interact()
            .context("no answer")?;
        Ok(if chosen == 0 { config::Enrolment::Menu } else { config::Enrolment::Armed })
    }

    fn dhcp(
        &self,
        interface: &InterfaceName,
        mode: DhcpMode,
        mut known: Vec<Ipv4Addr>,
    ) -> anyhow::Result<(DhcpMode, Vec<Ipv4Addr>)> {
        // Answers of this node's own dnsmasq are known by its addresses. If something cannot be heard, reload reports it.
        let Ok(Heard::Servers(others)) = listen("cluster-configure", interface, true) else { return Ok((mode, known)) };
        let others: Vec<_> = others.iter().filter(|s| s.gives_addresses() && !s.is_at(&known)).collect();
        if others.is_empty() {
            return Ok((mode, known));
        }
        for server in &others {
            crate::program::eprint(format_args!("another DHCP server answers on {interface}: {server}"));
        }
        let items = [
            "server: this node; the other server is switched off first",
            "proxy: the other server; this node adds the boot files",
            "none: the other server, with the boot files that reload --print prints",
            "server, beside the other: both give addresses, each to its own machines",
        ];
        let default = DhcpMode::ALL.iter().position(|known| *known == mode).unwrap_or(0);
        let chosen = Select::new()
            .with_prompt("Who gives addresses")
            .items(items)
            .default(default)
            .interact()
            .context("no answer")?;
        if chosen == 3 {
            known.extend(others.iter().map(|server| server.identifier));
        }
        Ok((DhcpMode::ALL.get(chosen).copied().unwrap_or_default(), known))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hps::types::SyslogServer;

    #[test]
    fn none_and_a_value_are_told_apart() {
        let read = |text: &str| or_none::<SyslogServer>(text, |_| Ok(()));
        assert_eq!(read(" None "), Ok(None));
        assert_eq!(read("tcp:10.0.0.5").map(|s| s.map(|s| s.to_string())), Ok(Some("tcp:10.0.0.5".to_owned())));
        assert!(matches!(read("logs"), Err(AnswerError::Value(_))));
        let gateway = || AnswerError::Gateway("10.0.0.0/24".parse().unwrap());
        assert_eq!(or_none::<u16>("7", |_| Err(gateway())), Err(gateway()));
    }
}
