// SPDX-License-Identifier: GPL-3.0-or-later
//! `--verify`: whether published files are still as they were published. Each program checks its own family.

use super::Publisher;
use crate::media::{bar, show};
use crate::program::{self, Ended, Exit};
use hps::media::{Item, verify_again};
use hps::types::one_line;
use std::sync::atomic::Ordering;

#[derive(serde::Serialize)]
struct Verified<'a> {
    name: &'a Item,
    wrong: Vec<String>,
}

impl Publisher<'_> {
    /// Reads one again, or all of the family.
    pub(crate) fn verify(&self, which: Option<&Item>) -> anyhow::Result<Exit> {
        if let Some(which) = which {
            self.find(which)?;
        }
        let mut items: Vec<Item> = self.published()?.into_iter().map(|published| published.item).collect();
        items.retain(|item| self.family.has(item) && which.is_none_or(|which| which == item));
        let mut all = Vec::new();
        for item in &items {
            let wrong = self.read_again(item)?;
            if !self.json {
                print_problems(item, &wrong)?;
            }
            if !wrong.is_empty() {
                let things = if wrong.len() == 1 { "thing that is" } else { "things that are" };
                self.log(&format!("{item}: --verify found {} {things} wrong", wrong.len()))?;
            }
            all.push(Verified { name: item, wrong });
        }
        if self.json {
            program::print_json(&all)?;
        }
        let bad: Vec<String> = all.iter().filter(|v| !v.wrong.is_empty()).map(|v| v.name.to_string()).collect();
        if bad.is_empty() {
            return Ok(Exit::Done);
        }
        let message = format!("not as published: {}; {}", bad.join(", "), self.family.remedy());
        Err(Ended::error(Exit::Refused, message))
    }

    fn read_again(&self, item: &Item) -> anyhow::Result<Vec<String>> {
        let bar = bar("{bar:30} file {pos} of {len}, {eta} left");
        let wrong = verify_again(self.distros(), item, &self.stop, &mut show(&bar));
        bar.finish_and_clear();
        if self.stop.load(Ordering::Relaxed) {
            return Err(Ended::error(Exit::Failed, "stopped"));
        }
        Ok(wrong.unwrap_or_else(|error| vec![one_line(&error)]))
    }
}

fn print_problems(item: &Item, wrong: &[String]) -> std::io::Result<()> {
    if wrong.is_empty() {
        return program::print(format_args!("{item}: every file is unchanged"));
    }
    wrong.iter().try_for_each(|line| program::print(format_args!("{item}: {line}")))
}
