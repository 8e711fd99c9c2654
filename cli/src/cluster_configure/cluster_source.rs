// SPDX-License-Identifier: GPL-3.0-or-later
//! The source of the cluster and of the text of its file: a file, or flags and answers over the existing file.

use super::arguments::Arguments;
use super::draft::Draft;
use super::{keys, questions};
use crate::{program, reload};
use anyhow::Context as _;
use hps::config::{Cluster, Dir, HpsConf};
use hps::store::{StoreError, cluster_text};
use std::path::Path;
/// A cluster to write, and the text of its file if that was given.
pub(super) struct ClusterSource {
    pub(super) cluster: Cluster,
    whole: Option<String>,
}

impl ClusterSource {
    /// From the file of the arguments, otherwise from flags and answers.
    pub(super) fn from_arguments(arguments: &Arguments, conf: &HpsConf) -> anyhow::Result<Self> {
        match &arguments.from {
            Some(path) => from_file(path),
            None => Ok(Self { cluster: compose(arguments, conf)?, whole: None }),
        }
    }

    /// The text for the cluster's file.
    pub(super) fn text(&self, conf: &HpsConf, file: &Path) -> anyhow::Result<String> {
        self.whole.clone().map_or_else(|| edited(conf, &self.cluster, file), Ok)
    }
}

/// A whole cluster file. It is used as it is, with its comments.
fn from_file(path: &Path) -> anyhow::Result<ClusterSource> {
    let text = program::read_input(path, program::MAX_INPUT_BYTES)?;
    let cluster = Cluster::parse(&text).map_err(|error| StoreError::of_cluster(path, error))?;
    reload::check_settings(&cluster, path, Some(&text))?;
    Ok(ClusterSource { cluster, whole: Some(text) })
}

/// The text of the cluster's file: the existing one with the values that differ, or a new one.
fn edited(conf: &HpsConf, cluster: &Cluster, file: &Path) -> anyhow::Result<String> {
    match cluster_text(conf, &cluster.name) {
        Ok(text) => cluster.edit_text(&text).with_context(|| file.display().to_string()),
        Err(StoreError::Io(error)) if error.is_not_found() => Ok(cluster.to_text()),
        Err(error) => Err(error.into()),
    }
}

fn compose(arguments: &Arguments, conf: &HpsConf) -> anyhow::Result<Cluster> {
    let keys = keys::read(&arguments.ssh_key_file)?;
    let cluster = Draft::new(arguments, conf, keys)?.finish(questions::can_ask())?;
    let file = conf.dir(Dir::Clusters).join(format!("{}.cluster", cluster.name));
    reload::check_settings(&cluster, &file, None)?;
    Ok(cluster)
}
