// SPDX-License-Identifier: GPL-3.0-or-later
//! `--list`: everything that this node can install, the same list from both programs.

use super::in_use::InUse;
use super::{Publisher, in_use};
use crate::program::{self, Exit};
use hps::media::{Item, Origin, Published, space};
use hps::types::{Distro, Line, one_line};

#[derive(serde::Serialize)]
struct Listed<'a> {
    name: &'a Item,
    distro: &'a Distro,
    build: Option<&'a Line>,
    /// For builds: whether installations that begin now use it.
    current: Option<bool>,
    from: Option<&'a Origin>,
    problem: Option<String>,
    in_use: Option<String>,
}

impl<'a> Listed<'a> {
    fn new(published: &'a Published, in_use: &InUse) -> Self {
        let build = published.item.build_name();
        Self {
            name: &published.item,
            distro: published.item.distro(),
            build,
            current: build.map(|_| published.current),
            from: published.origin.as_ref().ok(),
            problem: published.origin.as_ref().err().map(|error| one_line(error)),
            in_use: in_use.reason_to_keep(&published.item),
        }
    }

    /// The same in words.
    fn line(&self) -> String {
        let size = |bytes| space::format_size(bytes);
        let from = match self.from {
            Some(Origin::Iso(o)) => format!("{}  {:>9}  {} {}", o.published, size(o.size), o.iso, o.word),
            Some(Origin::Packages(made)) => {
                let published = made.published.map_or_else(|| "-".to_owned(), |time| time.to_string());
                format!("{published}  {:>9}  {}", size(made.size), made.kernel)
            }
            None => self.problem.clone().unwrap_or_default(),
        };
        let current = if self.current == Some(true) { "; the newest" } else { "" };
        let used = self.in_use.as_ref().map_or_else(String::new, |why| format!("; {why}"));
        format!("{}  {from}{current}{used}", self.name)
    }
}

impl Publisher<'_> {
    /// Lists it.
    pub(crate) fn list(&self) -> anyhow::Result<Exit> {
        let published = self.published()?;
        let in_use = in_use::gather(&self.site.conf, self.distros());
        let listed: Vec<Listed<'_>> = published.iter().map(|one| Listed::new(one, &in_use)).collect();
        if self.json {
            program::print_json(&listed)?;
            return Ok(Exit::Done);
        }
        for listed in &listed {
            program::print(listed.line())?;
        }
        Ok(Exit::Done)
    }
}
