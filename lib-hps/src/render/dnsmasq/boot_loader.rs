// SPDX-License-Identifier: GPL-3.0-or-later
//! Which boot loader each client is offered.

use crate::types::{ClientArchitecture, Loader, MacAddr, MacPrefix, Transport};

/// A boot loader for some kinds of client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BootLoader {
    /// The file in the TFTP folder.
    pub file: String,
    /// The architectures that it serves.
    pub architectures: Vec<ClientArchitecture>,
    /// Which setting of `boot.loader` selects it.
    pub loader: Loader,
    /// The cards that it is for.
    pub cards: Cards,
}

/// Some network cards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cards {
    /// Each one.
    All,
    /// Those whose MAC begins so.
    Beginning(MacPrefix),
    /// These.
    These(Vec<MacAddr>),
}

impl Cards {
    /// The first bytes of their MACs. DHCP servers compare whole bytes, so an odd number of digits has 16 of them.
    pub(in crate::render) fn first_bytes(&self) -> Vec<Vec<u8>> {
        match self {
            Self::All => Vec::new(),
            Self::Beginning(prefix) => prefix.first_bytes(),
            Self::These(macs) => macs.iter().map(|mac| mac.octets().to_vec()).collect(),
        }
    }
}

/// What one kind of client is offered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::render) struct Offer<'a> {
    pub(in crate::render) architecture: ClientArchitecture,
    pub(in crate::render) file: &'a str,
    /// The group of cards that it is for; all of them without one.
    pub(in crate::render) group: Option<usize>,
    /// The groups that have another offer.
    pub(in crate::render) not: Vec<usize>,
}

impl Offer<'_> {
    /// Whether it is fetched by HTTP (RFC 5970).
    pub(in crate::render) fn is_http(&self) -> bool {
        self.architecture.transport() == Transport::Http
    }
}

/// The groups of cards that have a boot loader of their own, numbered from 1.
pub(in crate::render) fn groups(loaders: &[BootLoader]) -> impl Iterator<Item = (usize, &BootLoader)> {
    (1..).zip(loaders.iter().filter(|loader| loader.cards != Cards::All))
}

/// Each offer, those for some cards first. At most one fits a client: a group before another one, and before all cards.
pub(in crate::render) fn offers(loaders: &[BootLoader]) -> Vec<Offer<'_>> {
    let groups: Vec<_> = groups(loaders).collect();
    let mut offers = Vec::new();
    let earlier = |architecture: ClientArchitecture, group: usize| {
        let those =
            groups.iter().filter(|(number, other)| *number < group && other.architectures.contains(&architecture));
        those.map(|(number, _)| *number).collect::<Vec<_>>()
    };
    for (group, loader) in &groups {
        for architecture in &loader.architectures {
            let not = earlier(*architecture, *group);
            offers.push(Offer { architecture: *architecture, file: &loader.file, group: Some(*group), not });
        }
    }
    for loader in loaders.iter().filter(|loader| loader.cards == Cards::All) {
        for architecture in &loader.architectures {
            let not = earlier(*architecture, usize::MAX);
            offers.push(Offer { architecture: *architecture, file: &loader.file, group: None, not });
        }
    }
    offers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_offer_fits_a_client() {
        let loader = |file: &str, numbers: &[u16], cards| BootLoader {
            file: file.to_owned(),
            architectures: numbers.iter().map(|n| ClientArchitecture::new(*n)).collect(),
            loader: Loader::Ipxe,
            cards,
        };
        let prefix = |text: &str| Cards::Beginning(text.parse().unwrap());
        let loaders = [
            loader("snponly.efi", &[7, 16], Cards::All),
            loader("ipxe.efi", &[7], prefix("52:54")),
            loader("own.efi", &[7, 16], prefix("52:54:00")),
        ];
        let found: Vec<_> = offers(&loaders)
            .into_iter()
            .map(|o| (o.architecture.number(), o.file.to_owned(), o.group, o.not))
            .collect();
        let expected = [
            (7, "ipxe.efi", Some(1), vec![]),
            (7, "own.efi", Some(2), vec![1]),
            (16, "own.efi", Some(2), vec![]),
            (7, "snponly.efi", None, vec![1, 2]),
            (16, "snponly.efi", None, vec![2]),
        ];
        assert_eq!(found, expected.map(|(a, file, group, not)| (a, file.to_owned(), group, not)));
        assert_eq!(prefix("52:54").first_bytes(), [[0x52, 0x54]]);
        let nibble = prefix("52:5").first_bytes();
        assert!(nibble.len() == 16 && nibble[0] == [0x52, 0x50] && nibble[15] == [0x52, 0x5f]);
    }
}
