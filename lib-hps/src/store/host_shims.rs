// SPDX-License-Identifier: GPL-3.0-or-later
//! Which cards DHCP sends to the shim of an installation tree since the last `reload`: a line for each card, with the
//! line of releases. `reload` writes the file together with the configuration of dnsmasq.

use super::{Paths, StoreError, read_plain};
use crate::files::IoError;
use crate::types::{Distro, MacAddr};
use std::collections::BTreeMap;
use std::io::ErrorKind;

const FIRST: &str = "# Written by reload: the cards that get the shim of an installation tree.\n";
/// A line has less than 64 bytes, and a cluster has fewer cards than this has lines.
const MAX_BYTES: u64 = 4 << 20;

/// The file.
#[derive(Debug, Clone, Copy)]
pub struct HostShims<'a> {
    paths: &'a Paths,
}

impl<'a> HostShims<'a> {
    /// The file below these paths.
    pub fn new(paths: &'a Paths) -> Self {
        Self { paths }
    }

    /// Its text.
    pub fn to_text(cards: &BTreeMap<MacAddr, Distro>) -> String {
        cards.iter().fold(FIRST.to_owned(), |text, (mac, line)| format!("{text}{mac} {line}\n"))
    }

    /// Whose shim this card gets; `None` is the boot loader of the others. No file is the same as none for any card.
    ///
    /// # Errors
    /// When the file cannot be read, or is not one of `reload`.
    pub fn offered(self, mac: MacAddr) -> Result<Option<Distro>, StoreError> {
        let path = self.paths.host_shims();
        let bytes = match read_plain(&path, MAX_BYTES) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(IoError::during("read", &path)(error).into()),
        };
        let card = mac.to_string();
        let text = String::from_utf8_lossy(&bytes);
        let Some(found) = text.lines().find_map(|line| line.strip_prefix(&card)) else { return Ok(None) };
        let line = found.trim().parse();
        line.map(Some).map_err(|error: crate::types::Invalid| StoreError::content(&path, error))
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::store;
    use super::*;

    #[test]
    fn a_card_has_the_shim_of_its_line() {
        let (_folder, store) = store("10.0.0.2-10.0.0.9");
        let macs: [MacAddr; 2] = ["525400000001", "525400000002"].map(|mac| mac.parse().unwrap());
        let line: Distro = "x86_64-linux-rockylinux-10".parse().unwrap();
        let offered = |mac| store.host_shims().offered(mac);
        assert_eq!(offered(macs[0]).unwrap(), None);
        let path = store.paths.host_shims();
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, HostShims::to_text(&[(macs[0], line.clone())].into())).unwrap();
        assert_eq!(macs.map(|mac| offered(mac).unwrap()), [Some(line), None]);
        // What cannot be read is not "none".
        std::fs::write(&path, "525400000001 other\n").unwrap();
        assert!(offered(macs[0]).is_err());
        std::fs::remove_file(&path).unwrap();
        std::fs::create_dir(&path).unwrap();
        assert!(offered(macs[0]).is_err());
    }
}
