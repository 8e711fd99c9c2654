// SPDX-License-Identifier: GPL-3.0-or-later
//! How each host is switched on and off, by the MAC that names its record. Only root reads and writes it.

use super::StoreError;
use super::records::{Key, Kind, Records};
use crate::config::PowerControl;
use crate::types::MacAddr;

/// How the hosts of a cluster are switched.
#[derive(Debug, Clone, Copy)]
pub struct PowerControls<'a> {
    records: &'a dyn Records,
}

impl<'a> PowerControls<'a> {
    pub(super) fn new(records: &'a dyn Records) -> Self {
        Self { records }
    }

    /// How a host is switched; `None` if nothing is known.
    ///
    /// # Errors
    /// When the file cannot be read or accepted: when somebody else than root may have written it.
    pub fn get(self, mac: MacAddr) -> Result<Option<PowerControl>, StoreError> {
        let key = Key::power_control(mac);
        let Some(document) = self.records.text(&key)? else { return Ok(None) };
        match PowerControl::parse(&document.text) {
            Ok(control) => Ok(Some(control)),
            Err(mistakes) => Err(StoreError::Mistakes { path: self.records.locate(&key), mistakes }),
        }
    }

    /// The hosts that can be switched, by MAC. A file with another name is none.
    ///
    /// # Errors
    /// When the folder cannot be listed. A missing one holds none.
    pub fn list(self) -> Result<Vec<MacAddr>, StoreError> {
        let keys = self.records.list(Kind::PowerControl)?;
        Ok(keys.iter().filter_map(|key| key.name().parse().ok()).collect())
    }

    /// Stores how a host is switched.
    ///
    /// # Errors
    /// When it cannot be written: when the caller is not root.
    pub fn put(self, mac: MacAddr, control: &PowerControl) -> Result<(), StoreError> {
        self.records.put(&Key::power_control(mac), control.to_text().as_bytes())
    }

    /// Forgets how a host is switched.
    ///
    /// # Errors
    /// When the file cannot be removed.
    pub fn remove(self, mac: MacAddr) -> Result<(), StoreError> {
        self.records.remove(&Key::power_control(mac))
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::store;
    use super::*;
    use crate::files::make_dir;
    use crate::types::PowerProtocol;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn only_a_file_of_root_alone_counts() {
        let (_folder, store) = store("10.0.0.2-10.0.0.9");
        let (mac, controls) = ("525400000001".parse().unwrap(), store.power_controls());
        assert!(controls.list().unwrap().is_empty() && controls.get(mac).unwrap().is_none(), "without its folder");
        make_dir(&store.paths.power_controls_dir(), 0o700, None).unwrap();
        let control = PowerControl::new(PowerProtocol::WakeOnLan);
        controls.put(mac, &control).unwrap();
        let path = store.paths.power_control(mac).path().to_path_buf();
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!((controls.get(mac).unwrap(), controls.list().unwrap()), (Some(control), vec![mac]));
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o660)).unwrap();
        assert!(matches!(controls.get(mac), Err(StoreError::Untrusted(_))));
        controls.remove(mac).unwrap();
        assert!(controls.get(mac).unwrap().is_none());
    }
}
