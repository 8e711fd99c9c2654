// SPDX-License-Identifier: GPL-3.0-or-later

use super::BootLoader;
use crate::types::{ClientArchitecture, Loader};
use std::collections::BTreeSet;

/// The same loaders, so that each architecture is served by one of them: by one of `loader` if there is one.
pub fn preferred(loaders: Vec<BootLoader>, loader: Loader) -> Vec<BootLoader> {
    let chosen = |served: &BootLoader| served.loader == loader;
    let mut taken: BTreeSet<ClientArchitecture> =
        loaders.iter().filter(|l| chosen(l)).flat_map(|l| l.architectures.clone()).collect();
    let keep = |served: BootLoader| {
        let wanted = chosen(&served);
        let architectures = served.architectures.iter().copied().filter(|a| wanted || taken.insert(*a)).collect();
        BootLoader { architectures, ..served }
    };
    loaders.into_iter().map(keep).collect()
}

#[cfg(test)]
mod tests {
    use super::super::Cards;
    use super::*;

    #[test]
    fn each_architecture_has_one_loader() {
        let loader = |file: &str, numbers: &[u16], loader| BootLoader {
            file: file.to_owned(),
            architectures: ClientArchitecture::listed().filter(|a| numbers.contains(&a.number())).collect(),
            loader,
            cards: Cards::All,
        };
        let all = vec![
            loader("undionly.kpxe", &[0], Loader::Ipxe),
            loader("snponly.efi", &[7, 9, 16], Loader::Ipxe),
            loader("shimx64.efi", &[7, 9, 16], Loader::Grub),
            loader("grubx64.efi", &[], Loader::Grub),
        ];
        let served = |wanted, number: u16| {
            let serves = |l: &BootLoader| l.architectures.iter().any(|a| a.number() == number);
            let by: Vec<String> = preferred(all.clone(), wanted).into_iter().filter(serves).map(|l| l.file).collect();
            assert_eq!(by.len(), 1, "{number}");
            by.concat()
        };
        for number in [7, 9, 16] {
            assert_eq!(served(Loader::Ipxe, number), "snponly.efi");
            assert_eq!(served(Loader::Grub, number), "shimx64.efi");
        }
        assert_eq!(served(Loader::Grub, 0), "undionly.kpxe");
    }
}
