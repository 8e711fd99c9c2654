// SPDX-License-Identifier: GPL-3.0-or-later
//! The files of a site of the shell release, read for an import. Nothing of them is run.

mod cluster;
mod host;
mod hps_conf;
mod lines;
mod note;

pub use cluster::{ShellCluster, read_cluster};
pub use host::{ShellHost, read_host, settle_doubles};
pub use hps_conf::clusters_folder;
pub use note::{Fate, Note};
