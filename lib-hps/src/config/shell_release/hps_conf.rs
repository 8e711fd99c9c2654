// SPDX-License-Identifier: GPL-3.0-or-later
//! `hps.conf` of the shell release: only where the clusters are. The folders of this version are its own.

use super::lines::assignments;
use super::note::Notes;
use std::path::PathBuf;

/// The folder of clusters, an absolute path, as the text of an `hps.conf` has it.
pub fn clusters_folder(text: &str) -> Option<PathBuf> {
    let all = assignments(text, &mut Notes::new("hps.conf"));
    let found = all.into_iter().find(|found| found.key == "HPS_CLUSTER_CONFIG_BASE_DIR")?;
    Some(PathBuf::from(found.value)).filter(|folder| folder.is_absolute())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_is_an_absolute_path() {
        let text = "# HPS\nexport HPS_LOG_DIR=\"$X\"\nexport HPS_CLUSTER_CONFIG_BASE_DIR=\"/data/clusters\"\n";
        assert_eq!(clusters_folder(text), Some(PathBuf::from("/data/clusters")));
        for text in ["", "HPS_CLUSTER_CONFIG_BASE_DIR=clusters\n", "HPS_CLUSTER_CONFIG_BASE_DIR=$HOME/clusters\n"] {
            assert_eq!(clusters_folder(text), None, "{text}");
        }
    }
}
