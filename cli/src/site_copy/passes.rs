// SPDX-License-Identifier: GPL-3.0-or-later
//! The passes of rsync that make a copy: over the published media until there is no change, and one over the settings.

use super::answer::Answer;
use super::left_out::LeftOut;
use super::progress::progress;
use super::remote::{CURRENT_FILES, NEW_FILES, Remote, stopped};
use super::site_files::SiteFiles;
use crate::program::{Ended, Exit};
use anyhow::Context as _;
use hps::exec::ExecError;
use hps::exec::rsync::{Sent, Transfer};
use hps::types::PlainPath;

/// If more are needed, a build or a download is running.
const MAX_PASSES: usize = 5;
const UNCHANGED: &str = "the existing copies are unchanged";

/// What the passes need.
#[derive(Debug)]
pub(super) struct Passes<'a> {
    pub(super) remote: &'a Remote<'a>,
    pub(super) files: &'a SiteFiles,
    pub(super) left_out: &'a LeftOut,
    /// The files of the newest copy there. A new copy shares unchanged files with it.
    pub(super) older: Option<&'static str>,
}

impl Passes<'_> {
    /// Lists what a copy would change in the newest one.
    pub(super) fn list(&self, answer: &mut Answer<'_>) -> anyhow::Result<()> {
        let files =
            [(&self.files.resources, &self.left_out.of_resources), (&self.files.settings, &self.left_out.of_settings)];
        for (paths, left_out) in files {
            let transfer = self.transfer(paths, left_out);
            let transfer = Transfer { target: CURRENT_FILES, older: None, is_dry_run: true, ..transfer };
            if self.pass(transfer, answer)?.0 == Sent::FilesVanished {
                let message = "files were removed while they were read; nothing was copied; try again";
                return Err(Ended::error(Exit::Failed, message));
            }
        }
        Ok(())
    }

    /// Sends trees, images and packages until a pass changes nothing, so that the copy shows one moment of this node.
    pub(super) fn send_resources(&self, answer: &mut Answer<'_>) -> anyhow::Result<()> {
        for number in 1..=MAX_PASSES {
            progress(format_args!("trees, images and packages, pass {number}"));
            let transfer = self.transfer(&self.files.resources, &self.left_out.of_resources);
            // The next pass sees that a file is gone.
            if self.pass(transfer, answer)? == (Sent::All, 0) {
                return Ok(());
            }
        }
        let message = format!(
            "published files changed during each of {MAX_PASSES} passes, by a running build or download; try again later"
        );
        Err(Ended::error(Exit::Failed, message))
    }

    /// Sends the settings, records and programs, in one pass. The caller has the lock of `reload`.
    pub(super) fn send_settings(&self, answer: &mut Answer<'_>) -> anyhow::Result<()> {
        progress("settings and records");
        self.pass(self.transfer(&self.files.settings, &self.left_out.of_settings), answer).map(drop)
    }

    fn transfer<'a>(&'a self, paths: &'a [PlainPath], left_out: &'a [String]) -> Transfer<'a> {
        let login = &self.remote.recipient.login;
        Transfer { login, target: NEW_FILES, paths, left_out, older: self.older, is_dry_run: false }
    }

    /// How it ended, and how many changes it made.
    fn pass(&self, transfer: Transfer<'_>, answer: &mut Answer<'_>) -> anyhow::Result<(Sent, usize)> {
        if transfer.paths.is_empty() {
            return Ok((Sent::All, 0));
        }
        let mut count = 0;
        let mut on_change = |change| {
            count += 1;
            answer.changed(change);
        };
        let sent = transfer.send(self.remote.stop, &mut on_change);
        match sent {
            Ok(sent) => Ok((sent, count)),
            Err(ExecError::Stopped { .. }) => Err(stopped()),
            Err(error) => Err(error).context(UNCHANGED),
        }
    }
}
