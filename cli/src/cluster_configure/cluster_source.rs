// SPDX-License-Identifier: GPL-3.0-or-later
//! The source of the cluster and of the text of its file: a whole file, or flags, files of answers and answers over the
//! existing file.

use super::answer_file;
use super::arguments::Arguments;
use super::draft::Draft;
use super::fragments::Fragments;
use super::keys;
use super::machine::Machine;
use super::plan::Plan;
use crate::{program, reload};
use anyhow::Context as _;
use hps::config::{Cluster, Dir, HpsConf};
use hps::store::{StoreError, active_cluster, cluster_text, load_cluster};
use hps::types::ClusterName;
use std::path::{Path, PathBuf};

/// A cluster to write, and the text that its file is made from, if that is not the file itself.
#[derive(Debug, Clone)]
pub(super) struct ClusterSource {
    pub(super) cluster: Cluster,
    from: Option<String>,
}

/// What the arguments decide.
pub(super) struct Start {
    pub(super) draft: Draft,
    /// The whole file of `--from`, and its text.
    whole: Option<(PathBuf, String)>,
    /// Whether questions may be asked.
    pub(super) may_ask: bool,
}

impl Start {
    pub(super) fn new(arguments: &Arguments, conf: &HpsConf, guided: bool) -> anyhow::Result<Self> {
        let flags = &arguments.settings;
        let keys = [flags.ssh_key.clone(), keys::read(&flags.ssh_key_file)?].concat();
        let plan = Plan::from_flags(arguments, keys);
        let machine = Machine::look()?;
        let Some(path) = &arguments.from else {
            let before = existing(conf, plan.name.as_ref())?;
            return Ok(Self { draft: Draft::new(plan, before, machine, guided), whole: None, may_ask: true });
        };
        let text = program::read_input(path, program::MAX_INPUT_BYTES)?;
        if let Some(answers) = answer_file::read(path, &text)? {
            let name = plan.name.clone().or_else(|| answers.name());
            let before = existing(conf, name.as_ref())?;
            let mut draft = Draft::new(plan, before, machine, guided);
            answers.apply(&mut draft)?;
            return Ok(Self { draft, whole: None, may_ask: true });
        }
        let cluster = Cluster::parse(&text).map_err(|error| StoreError::of_cluster(path, error))?;
        reload::check_settings(&cluster, path, Some(&text))?;
        let draft = Draft::new(plan, Some(cluster), machine, false);
        Ok(Self { draft, whole: Some((path.clone(), text)), may_ask: false })
    }

    /// The cluster of a draft, with what the fragments of the site add.
    ///
    /// # Errors
    /// A missing setting, a contradiction, and a fragment that fails.
    pub(super) fn source(&self, draft: &Draft, fragments: &Fragments, conf: &HpsConf) -> anyhow::Result<ClusterSource> {
        let mut draft = draft.clone();
        fragments.apply(&mut draft)?;
        if let (Some((_, text)), true) = (&self.whole, draft.plan == Plan::default()) {
            let before = draft.before.clone();
            let cluster = before.context("the file has no cluster")?;
            return Ok(ClusterSource { cluster, from: Some(text.clone()) });
        }
        let cluster = draft.cluster()?;
        let file = conf.dir(Dir::Clusters).join(format!("{}.cluster", cluster.name));
        reload::check_settings(&cluster, &file, None)?;
        Ok(ClusterSource { cluster, from: self.whole.as_ref().map(|(_, text)| text.clone()) })
    }
}

impl ClusterSource {
    /// A cluster that exists, unchanged.
    pub(super) fn existing(conf: &HpsConf, name: &ClusterName) -> anyhow::Result<Self> {
        Ok(Self { cluster: load_cluster(conf, name)?, from: None })
    }

    /// The text for the cluster's file: the given one, otherwise the existing one, with the values that differ; or a new
    /// one.
    pub(super) fn text(&self, conf: &HpsConf, file: &Path) -> anyhow::Result<String> {
        if let Some(text) = &self.from {
            return self.cluster.edit_text(text).with_context(|| file.display().to_string());
        }
        match cluster_text(conf, &self.cluster.name) {
            Ok(text) => self.cluster.edit_text(&text).with_context(|| file.display().to_string()),
            Err(StoreError::Io(error)) if error.is_not_found() => Ok(self.cluster.to_text()),
            Err(error) => Err(error.into()),
        }
    }
}

/// The named cluster, or the active one. A file that cannot be read must not count as a new cluster: its settings would
/// be lost.
fn existing(conf: &HpsConf, name: Option<&ClusterName>) -> anyhow::Result<Option<Cluster>> {
    Ok(match name {
        Some(name) => match load_cluster(conf, name) {
            Err(StoreError::Io(error)) if error.is_not_found() => None,
            read => Some(read?),
        },
        None => match active_cluster(conf) {
            Err(StoreError::NoActiveCluster { .. }) => None,
            read => Some(read?),
        },
    })
}
