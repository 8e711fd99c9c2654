// SPDX-License-Identifier: GPL-3.0-or-later
//! The mirror of the tests as a program, for tests with virtual machines: a release whose ISO has a kernel and an initrd that
//! boot, signed with a key made for the occasion.
//!
//!     cargo test -p hps-cli --test serve-mirror -- KERNEL INITRD FOLDER [EFI]
//!
//! EFI is a folder whose files the tree has in `EFI/BOOT`. Writes the key that is to be pinned to `FOLDER/pinned.asc`, the mirror's address to `FOLDER/url`, and ends when its standard
//! input does.
#![allow(
    dead_code,
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test says what went wrong by panicking, and this one uses a part of what the others share"
)]

mod iso;
mod key;
mod mirror;

use std::io::Read as _;
use std::path::Path;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [kernel, initrd, folder, efi @ ..] = arguments.as_slice() else {
        panic!("usage: serve-mirror KERNEL INITRD FOLDER [EFI]")
    };
    let (kernel, initrd) = (std::fs::read(kernel).unwrap(), std::fs::read(initrd).unwrap());
    let iso = iso::make(|tree| {
        iso::fill_with(tree, "Rocky Linux", "10.1", &kernel, &initrd);
        efi.iter().for_each(|efi| add_efi(tree, Path::new(efi)));
    });
    let mirror = mirror::Mirror::new(&[&iso::Release::from_iso("10.1", iso)]);
    let folder = Path::new(folder);
    key::GOOD.pin(folder);
    std::fs::write(folder.join("url.new"), &mirror.url).unwrap();
    std::fs::rename(folder.join("url.new"), folder.join("url")).unwrap();
    let mut rest = Vec::new();
    std::io::stdin().read_to_end(&mut rest).unwrap();
}

fn add_efi(tree: &Path, from: &Path) {
    let folder = tree.join("EFI/BOOT");
    std::fs::create_dir_all(&folder).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), folder.join(entry.file_name())).unwrap();
    }
}
