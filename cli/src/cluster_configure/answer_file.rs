// SPDX-License-Identifier: GPL-3.0-or-later
//! `--from FILE` with answers: TOML, one key for each question (`host_range = "10.0.0.20-10.0.0.99"`). A file with
//! `version` or `[network]` is a whole cluster file instead.

use super::draft::Draft;
use super::keys;
use super::plan::Keys;
use super::question::Question;
use crate::program::{Ended, Exit};
use hps::config::line_of_key;
use hps::types::ClusterName;
use std::path::Path;
use toml::{Table, Value};

/// The answers of a file, in the order of the questions.
pub(super) struct AnswerFile<'a> {
    path: &'a Path,
    text: &'a str,
    answers: Vec<(Question, Vec<String>)>,
}

/// `None` for a text that is a cluster file, or no TOML: the reader of cluster files reports what is wrong.
///
/// # Errors
/// [`Exit::Failed`], with a line for each key that is unknown or has a table as value.
pub(super) fn read<'a>(path: &'a Path, text: &'a str) -> anyhow::Result<Option<AnswerFile<'a>>> {
    let Ok(table) = text.parse::<Table>() else { return Ok(None) };
    if table.is_empty() || table.contains_key("version") || table.values().any(|value| value.is_table()) {
        return Ok(None);
    }
    let (mut answers, mut wrong) = (Vec::new(), Vec::new());
    for (key, value) in &table {
        match (Question::for_key(key), words(value)) {
            (Some(question), Some(words)) => answers.push((question, words)),
            (None, _) => {
                wrong.push(line(path, text, key, &format!("unknown key {key}; expected one of {}", keys_list())))
            }
            (_, None) => {
                wrong.push(line(path, text, key, &format!("{key}: expected text, a number or a list of them")))
            }
        }
    }
    answers.sort_by_key(|(question, _)| *question);
    Ended::errors(Exit::Failed, wrong).map_or(Ok(Some(AnswerFile { path, text, answers })), Err)
}

fn keys_list() -> String {
    Question::ALL.map(Question::key).join(", ")
}

fn line(path: &Path, text: &str, key: &str, problem: &str) -> String {
    let line = line_of_key(text, key).map_or_else(String::new, |line| format!("line {line}: "));
    format!("{}: {line}{problem}", path.display())
}

fn words(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::String(text) => Some(vec![text.clone()]),
        Value::Integer(number) => Some(vec![number.to_string()]),
        Value::Array(values) => values.iter().map(|value| value.as_str().map(ToOwned::to_owned)).collect(),
        _ => None,
    }
}

impl AnswerFile<'_> {
    /// The name of the cluster that it is for.
    pub(super) fn name(&self) -> Option<ClusterName> {
        let (_, words) = self.answers.iter().find(|(question, _)| *question == Question::Name)?;
        words.first()?.parse().ok()
    }

    /// Decides what no flag decided.
    ///
    /// # Errors
    /// [`Exit::Failed`], with a line for each answer that is refused.
    pub(super) fn apply(&self, draft: &mut Draft) -> anyhow::Result<()> {
        let mut wrong = Vec::new();
        for (question, words) in &self.answers {
            if draft.fixed.contains(question) {
                continue;
            }
            let taken = match question {
                Question::SshKey => several_keys(words).map(|keys| draft.plan.ssh_key = Some(keys)),
                _ => draft.answer(*question, &words.join(" ")),
            };
            match taken {
                Ok(()) => {
                    draft.fixed.insert(*question);
                }
                Err(why) => {
                    let key = question.key();
                    wrong.push(line(self.path, self.text, key, &format!("{key}: {why}")));
                }
            }
        }
        Ended::errors(Exit::Failed, wrong).map_or(Ok(()), Err)
    }
}

fn several_keys(words: &[String]) -> Result<Keys, String> {
    let mut all = Keys { keys: Vec::new(), file: None };
    for word in words {
        let one = keys::typed(word).map_err(|why| why.to_string())?;
        all.keys.extend(one.keys);
        all.file = all.file.or(one.file);
    }
    Ok(all)
}
