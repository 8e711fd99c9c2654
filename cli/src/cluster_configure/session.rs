// SPDX-License-Identifier: GPL-3.0-or-later
//! The state of a conversation: which question is next, and what a typed line means. It knows no terminal.

use super::draft::Draft;
use super::question::Question;
use std::net::Ipv4Addr;

/// What a typed line led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The answer is in the plan; the next question is another one.
    Taken(Question),
    /// The line of help.
    Help(&'static str),
    /// The question before is next.
    Back,
    /// There is no question before.
    AtStart,
    /// Why the answer is refused; the same question is next.
    Refused(String),
}

/// Goes back.
pub(super) const BACK: &str = "<";
/// Shows help.
pub(super) const HELP: &str = "?";

/// A conversation.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) draft: Draft,
    questions: Vec<Question>,
    at: usize,
}

impl Session {
    /// Asks what is not fixed.
    pub(super) fn new(draft: Draft) -> Self {
        let asked =
            |question: &Question| question.is_asked() && *question != Question::Dhcp && !draft.fixed.contains(question);
        let questions = Question::ALL.into_iter().filter(asked).collect();
        let mut session = Self { draft, questions, at: 0 };
        session.enter();
        session
    }

    /// The next question; none if all are answered.
    pub(super) fn question(&self) -> Option<Question> {
        self.questions.get(self.at).copied()
    }

    /// The number of the next question, from 1 on, and of all.
    pub(super) fn progress(&self) -> (usize, usize) {
        (self.at + 1, self.questions.len())
    }

    /// Takes a typed line.
    pub(super) fn take(&mut self, line: &str) -> Outcome {
        let Some(question) = self.question() else { return Outcome::Refused("all questions are answered".to_owned()) };
        match line.trim() {
            HELP => Outcome::Help(question.help()),
            BACK | "back" => self.back(),
            text if text.chars().any(char::is_control) => {
                Outcome::Refused("this has a control character, such as an arrow key: type it again".to_owned())
            }
            text => match self.draft.answer(question, text) {
                Ok(()) => {
                    self.at += 1;
                    self.enter();
                    Outcome::Taken(question)
                }
                Err(why) => Outcome::Refused(why),
            },
        }
    }

    /// Goes back one question.
    pub(super) fn back(&mut self) -> Outcome {
        match self.at.checked_sub(1) {
            Some(before) => {
                self.at = before;
                self.enter();
                Outcome::Back
            }
            None => Outcome::AtStart,
        }
    }

    fn enter(&mut self) {
        if let Some(question) = self.question() {
            self.draft.forget_stale(question);
        }
    }

    /// Other DHCP servers answer on the interface, or none: then there is one question more, or not.
    pub(super) fn hear(&mut self, servers: Vec<Ipv4Addr>) {
        let is_asked = !servers.is_empty() && !self.draft.fixed.contains(&Question::Dhcp);
        let at = self.questions.iter().position(|question| *question == Question::Dhcp);
        match (is_asked, at) {
            (true, None) => self.questions.insert(self.at, Question::Dhcp),
            (false, Some(at)) if at >= self.at => {
                self.questions.remove(at);
            }
            _ => {}
        }
        self.draft.heard = servers;
    }
}

#[cfg(test)]
#[path = "session_tests.rs"]
mod tests;
