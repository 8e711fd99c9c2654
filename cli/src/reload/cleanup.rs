// SPDX-License-Identifier: GPL-3.0-or-later
//! What killed processes left behind, and expired marks.

use crate::program::{self, Site};
use hps::config::Dir;
use hps::exec::services;
use hps::store::Store;
use hps::types::one_line;
use std::path::{Path, PathBuf};

/// Removes what killed processes left behind. A failure is reported and does not stop the reload. Returns why marks of
/// an older version could not be copied to the place where they outlive a copy of `clusters/`.
pub(super) fn clear_leftovers(site: &Site, store: &Store) -> Option<String> {
    let now = std::time::SystemTime::now();
    let mut more: Vec<PathBuf> = site.path.parent().map(Path::to_path_buf).into_iter().collect();
    more.extend(services::DEFINITION_FOLDERS.map(PathBuf::from));
    let files = store.leftovers().clear(&more, now).into_iter().map(|r| r.map_err(|e| one_line(&e)));
    let kept = store.mark_upkeep().copy_old().err().map(|error| one_line(&error));
    match store.mark_upkeep().clear_expired(program::now()) {
        Ok(0) => {}
        Ok(count) if program::on_terminal() => {
            program::eprint(format_args!("reload: removed {count} marks of choices at consoles that ended a week ago"));
        }
        Ok(_) => {}
        Err(error) => program::eprint(format_args!("reload: {}", one_line(&error))),
    }
    // An import of a site unpacks packages too.
    let media = [store.paths.distros(), site.conf.dir(Dir::Packages)];
    let trees = media.into_iter().flat_map(|folder| hps::media::stale_folders::clear(folder, now));
    let trees = trees.map(|r| r.map_err(|e| format!("{:#}", anyhow::Error::new(e))));
    for cleared in files.chain(trees) {
        match cleared {
            Ok(path) if program::on_terminal() => {
                program::eprint(format_args!(
                    "reload: removed {}, left over by a process that was killed",
                    path.display()
                ));
            }
            Ok(_) => {}
            Err(why) => program::eprint(format_args!("reload: {why}")),
        }
    }
    kept
}
