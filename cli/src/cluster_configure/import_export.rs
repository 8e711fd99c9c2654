// SPDX-License-Identifier: GPL-3.0-or-later
//! `cluster-configure import` of a file of `cluster-configure export`.

use super::flags::SettingFlags;
use super::import_arguments::Import;
use crate::program::{self, Ended, Exit, Site};
use crate::site_file::{ImportOptions, import_site};

/// Imports the file.
///
/// # Errors
/// As [`import_site`], and [`Exit::Usage`] for a flag that only a site of the shell release needs.
pub(super) fn import(site: &Site, import: &Import, has_base: bool) -> anyhow::Result<Exit> {
    let interface = import.settings.interface.clone();
    let mut others = import.settings.clone();
    others.interface = None;
    if others != SettingFlags::default() {
        let line = format!(
            "{}: an export has its settings; of the flags for settings only --interface can be given",
            import.folder.display()
        );
        return Err(Ended::error(Exit::Usage, line));
    }
    let ask: &dyn Fn(&str) -> anyhow::Result<bool> = &program::confirm;
    import_site(
        site,
        &ImportOptions {
            file: &import.folder,
            identity: import.identity.as_deref(),
            interface: interface.as_ref(),
            has_base,
            replace: import.replace,
            activate: import.activate,
            no_reload: import.no_reload,
            dry_run: import.dry_run,
            yes: import.yes,
            json: import.json,
            ask: program::can_ask().then_some(ask),
        },
    )
}
