// SPDX-License-Identifier: GPL-3.0-or-later
//! Questions to a person on a terminal, or to nobody: then a value without default is an error that names its flag.

use super::keys;
use crate::program::{Ended, Exit};
use anyhow::Context as _;
use dialoguer::{Confirm, Input, Select};
use hps::config;
use hps::exec::ip::Interface;
use hps::types::SshKey;
use std::fmt::Display;
use std::str::FromStr;

/// Who answers.
pub(super) trait Answers {
    /// A value: the flag's, else the answer, with a default.
    fn value<T>(&self, question: &str, flag: &'static str, given: Option<T>, default: Option<T>) -> anyhow::Result<T>
    where
        T: FromStr + Display + Clone,
        T::Err: Display;

    /// The interface to serve on.
    fn interface(&self, before: Option<Interface>, found: Vec<Interface>) -> anyhow::Result<Interface>;

    /// The administrator's keys; `found` are those of whoever runs this.
    fn keys(&self, found: Vec<SshKey>) -> anyhow::Result<Vec<SshKey>>;

    /// Who may be installed.
    fn enrolment(&self) -> anyhow::Result<config::Enrolment>;
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
        // Whose key it is to be must be said: a cron job's own would be a surprise.
        Err(missing("--ssh-key-file", "the administrator's public key"))
    }

    fn enrolment(&self) -> anyhow::Result<config::Enrolment> {
        Ok(config::Enrolment::Menu)
    }
}

fn missing(flag: &'static str, what: &str) -> anyhow::Error {
    Ended::error(Exit::Usage, format!("{flag} is missing: {what}"))
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

    fn interface(&self, before: Option<Interface>, mut found: Vec<Interface>) -> anyhow::Result<Interface> {
        if found.is_empty() {
            return Nobody.interface(before, found);
        }
        let shown: Vec<String> = found
            .iter()
            .map(|i| {
                format!("{} ({})", i.name, i.addresses.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))
            })
            .collect();
        let default = before.and_then(|b| found.iter().position(|i| i.name == b.name)).unwrap_or(0);
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
                crate::program::note(format_args!("found: {key}"));
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
        keys::typed(&text).map_err(|why| Ended::error(Exit::Failed, why))
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
}
