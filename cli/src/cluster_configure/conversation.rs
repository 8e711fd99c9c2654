// SPDX-License-Identifier: GPL-3.0-or-later
//! The questions at a terminal, up to the one that writes.

use super::machine::Machine;
use super::nothing_written::NothingWritten;
use super::question::Question;
use super::session::{BACK, HELP, Outcome, Session};
use crate::other_dhcp::{Heard, listen};
use crate::program::terminal;
use crate::program::{self, Ended, Exit};
use hps::config::HpsConf;
use hps::store::{StoreError, load_cluster};
use hps::types::{ClusterName, one_line};

/// A conversation with a person.
pub(super) struct Conversation<'a> {
    conf: &'a HpsConf,
    pub(super) session: Session,
    /// Whether the services are started, so that other DHCP servers matter.
    starts: bool,
    #[expect(dead_code, reason = "it counts until it is dropped")]
    nothing_written: NothingWritten,
}

/// What a person decides at the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Decision {
    /// Write, and serve it.
    Yes,
    /// Write, and serve what is served now.
    Prepare,
    Back,
}

impl<'a> Conversation<'a> {
    pub(super) fn begin(conf: &'a HpsConf, session: Session, starts: bool) -> anyhow::Result<Self> {
        let conversation = Self { conf, session, starts, nothing_written: NothingWritten::begin()? };
        let (_, count) = conversation.session.progress();
        let follow = if count == 1 { "1 question follows".to_owned() } else { format!("{count} questions follow") };
        terminal::tell("", "cluster-configure prepares a cluster: the machines of one network, and what they become.");
        terminal::tell(
            "",
            "At the end it writes the settings, and starts DHCP, TFTP, DNS and HTTP on one interface of this node.",
        );
        terminal::tell(
            "",
            &format!(
                "{follow}, and one more if another DHCP server answers. Enter takes the value in brackets; {HELP} explains the question; {BACK} goes back to the one before."
            ),
        );
        terminal::tell(
            "",
            "Nothing is written until you have seen a summary and typed yes. Ctrl-C leaves everything as it is.",
        );
        Ok(conversation)
    }

    /// Asks the questions that are left, until their answers make a cluster that `accept` accepts.
    ///
    /// # Errors
    /// The end of the input, and facts of this machine that cannot be read.
    pub(super) fn run<T>(&mut self, accept: impl Fn(&Session) -> anyhow::Result<T>) -> anyhow::Result<T> {
        loop {
            while let Some(question) = self.session.question() {
                self.ask(question)?;
            }
            match accept(&self.session) {
                Ok(accepted) => return Ok(accepted),
                // Flags alone are at fault, so no answer can help.
                Err(error) if self.session.progress().1 == 0 => return Err(error),
                Err(error) => {
                    program::eprint("");
                    terminal::tell("", &format!("{error:#}"));
                    self.session.back();
                }
            }
        }
    }

    fn ask(&mut self, question: Question) -> anyhow::Result<()> {
        if matches!(question, Question::Interface | Question::Address) {
            self.session.draft.machine = Machine::look()?;
        }
        let (number, count) = self.session.progress();
        program::eprint("");
        let title = format!("{number}/{count} {}", question.text());
        let choices = self.session.draft.choices(question);
        for note in self.session.draft.notes(question) {
            terminal::tell("  ", &note);
        }
        let prompt = if choices.is_empty() { title } else { format!("{number}/{count} Number or word") };
        if !choices.is_empty() {
            terminal::tell("", &format!("{number}/{count} {}", question.text()));
            for (index, choice) in choices.iter().enumerate() {
                let about = if question == Question::Interface { &choice.about } else { &choice.word };
                let more = match question {
                    Question::Interface => String::new(),
                    _ if choice.about.is_empty() => String::new(),
                    _ => format!(": {}", choice.about),
                };
                terminal::tell(&format!("  {} ", index + 1), &format!("{about}{more}"));
            }
        }
        loop {
            let default = self.session.draft.default_text(question);
            let line = terminal::ask(&prompt, default.as_deref())?;
            if question == Question::Address {
                self.session.draft.machine = Machine::look()?;
            }
            match self.session.take(&line) {
                Outcome::Taken(question) => {
                    if let Err(why) = self.settle(question)? {
                        terminal::tell("  ", &why);
                        self.session.back();
                    }
                    return Ok(());
                }
                Outcome::Back => return Ok(()),
                Outcome::Help(help) => terminal::tell("  ", help),
                Outcome::AtStart => terminal::tell("  ", "This is the first question. Ctrl-C leaves."),
                Outcome::Refused(why) => terminal::tell("  ", &why),
            }
        }
    }

    /// What follows from an answer.
    fn settle(&mut self, question: Question) -> anyhow::Result<Result<(), String>> {
        match question {
            Question::Name => return Ok(begin_from(&mut self.session, self.conf)),
            Question::Address if self.starts => self.listen(),
            _ => {}
        }
        Ok(Ok(()))
    }

    /// Looks for other DHCP servers once the interface is known. If something cannot be heard, reload reports it.
    fn listen(&mut self) {
        let draft = &self.session.draft;
        let Some(interface) = draft.interface() else { return };
        let known = draft.other_dhcp_servers();
        // Answers of this node's own dnsmasq are known by its addresses.
        let servers = match listen("cluster-configure", &interface, true) {
            Ok(Heard::Servers(servers)) => servers,
            _ => Vec::new(),
        };
        let others: Vec<_> = servers.iter().filter(|s| s.gives_addresses() && !s.is_at(&known)).collect();
        for server in &others {
            terminal::tell("", &format!("another DHCP server answers on {interface}: {server}"));
        }
        let others = others.iter().map(|server| server.identifier).collect();
        self.session.hear(others);
    }

    /// The question that writes. `other` is the cluster that is served now, if it is another one.
    ///
    /// # Errors
    /// [`Exit::Failed`] for no, and at the end of the input.
    pub(super) fn decide(&self, other: Option<&ClusterName>) -> anyhow::Result<Decision> {
        let question = match other {
            None => format!("Write this and start the services? yes, no, or {BACK} to go back"),
            Some(other) => {
                format!("yes: write this, and serve it instead of {other}; prepare: only write it; no; {BACK}: back")
            }
        };
        let question = if self.starts || other.is_some() {
            question
        } else {
            format!("Write this? yes, no, or {BACK} to go back")
        };
        program::eprint("");
        loop {
            // Without a default: a key too many must neither start a DHCP server nor lose all answers.
            let line = terminal::ask(&question, None)?;
            match (line.trim().to_ascii_lowercase().as_str(), other) {
                ("yes" | "y", _) => return Ok(Decision::Yes),
                ("prepare", Some(_)) => return Ok(Decision::Prepare),
                (BACK | "back", _) => return Ok(Decision::Back),
                ("no" | "n", _) => return Err(Ended::error(Exit::Failed, "nothing was written")),
                (HELP, _) => terminal::tell(
                    "  ",
                    "yes writes the files above and starts the services; no leaves everything as it is.",
                ),
                _ => terminal::tell("  ", "Type one of these words."),
            }
        }
    }
}

/// Takes the settings of the cluster that was named, if it exists.
pub(super) fn begin_from(session: &mut Session, conf: &HpsConf) -> Result<(), String> {
    let Some(name) = session.draft.plan.name.clone() else { return Ok(()) };
    if session.draft.before.as_ref().is_some_and(|before| before.name == name) {
        return Ok(());
    }
    match load_cluster(conf, &name) {
        Ok(before) => session.draft.begin_from(Some(before)),
        Err(StoreError::Io(error)) if error.is_not_found() => session.draft.begin_from(None),
        // A file that cannot be read must not count as a new cluster: its settings would be lost.
        Err(error) => {
            session.draft.plan.name = None;
            return Err(format!("{}; correct it with: cluster-configure edit {name}", one_line(&error)));
        }
    }
    Ok(())
}
