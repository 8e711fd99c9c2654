// SPDX-License-Identifier: GPL-3.0-or-later
//! Lost marks of ended permissions, and a lost site key. An ended permission must not count again. So everything that
//! could count ends before the lost file is made again. The administrator gets a report and permits again what is
//! wanted.

use crate::program;
use anyhow::Context as _;
use hps::boot::token::SiteKey;
use hps::permitted::{PermittedError, permitted_with};
use hps::store::Store;
use hps::types::one_line;

const WHY: &str = "the site key or the marks of ended permissions were lost";

/// What is missing although the site is not new.
#[derive(Debug, Default)]
pub struct Lost {
    marks: bool,
    said: Vec<String>,
}

impl Lost {
    /// If the marks are lost, removes each permission and each window: without the marks it is not known which of them
    /// had ended. Runs before the folder of marks is made.
    ///
    /// # Errors
    /// When something cannot be checked or removed.
    pub fn look(store: &Store) -> anyhow::Result<Self> {
        if !store.mark_upkeep().are_lost()? {
            return Ok(Self::default());
        }
        let removed = store.permissions().remove_all()?;
        let said = format!(
            "{}: was missing, and only this folder shows which permissions have ended. reload removed all {removed} entries of permissions and windows, and ended \
             what rules permit known machines; permit again what you want: host-state arm HOST",
            store.paths.spent_dir().display()
        );
        Ok(Self { marks: true, said: vec![said] })
    }

    /// Makes the site key if there is none, and returns what a person must know. The ids of what rules and windows
    /// permit follow from the key, so marks of an older key fit nothing. So what they permit to known machines ends
    /// first.
    ///
    /// # Errors
    /// When the key or a record cannot be read, or a mark or the key cannot be written.
    pub fn complete(mut self, store: &Store, group: u32) -> anyhow::Result<Vec<String>> {
        let path = store.paths.site_key();
        let is_there = match path.symlink_metadata() {
            Ok(_) => true,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => false,
            Err(error) => return Err(error).with_context(|| format!("{}: cannot be checked", path.display())),
        };
        if is_there {
            if self.marks
                && let Err(why) =
                    store.site_key().read().map_err(PermittedError::from).and_then(|key| end_ruled(store, &key, WHY))
            {
                self.said.push(format!(
                    "{}; until this is corrected, check what rules permit: host-state list, host-state explain HOST",
                    one_line(&why)
                ));
            }
            return Ok(self.said);
        }
        let random = hps::files::random()?;
        match end_ruled(store, &SiteKey::new(random), WHY) {
            Ok(ended) => {
                store.site_key().create(random, Some(group))?;
                if !store.hosts().known_macs()?.is_empty() {
                    self.said.push(format!(
                        "{}: was missing, and reload made a new one; running installations will fail, and {ended} permissions that rules and \
                         windows gave known machines have ended; permit again what you want: host-state arm HOST",
                        path.display()
                    ));
                }
            }
            Err(why) => self
                .said
                .push(format!("{}: is missing, and reload could not make a new one, so no machine is installed; correct this, then run reload again: {why}", path.display())),
        }
        Ok(self.said)
    }
}

/// Ends what rules and windows permit by this key to each known machine. Returns how many permissions.
pub(crate) fn end_ruled(store: &Store, key: &SiteKey, why: &str) -> Result<usize, PermittedError> {
    let mut ended = 0;
    for mac in store.hosts().known_macs()? {
        // If a record is bad, only the MAC of the machine is known.
        let firmware = store.hosts().find(mac).ok().flatten().map(|host| host.firmware).unwrap_or_default();
        for permission in permitted_with(store, || Ok(key.clone()), mac, &firmware, program::now())? {
            store.permissions().mark_used(&permission, why)?;
            ended += 1;
        }
    }
    Ok(ended)
}
