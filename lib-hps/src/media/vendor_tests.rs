// SPDX-License-Identifier: GPL-3.0-or-later
//! Names of releases, and the newest of a listing.

use super::super::release::releases_in;
use super::*;

fn release(text: &str) -> Release {
    text.parse().unwrap()
}

#[test]
fn a_line_a_release_or_the_newest() {
    assert_eq!("10".parse::<Wanted>().unwrap(), Wanted::Line(10));
    assert_eq!("latest".parse::<Wanted>().unwrap(), Wanted::Latest);
    assert!("newest".parse::<Wanted>().is_err());
}

#[test]
fn the_newest_of_a_listing() {
    let listing = "<a href=\"../\">..</a><a href=\"9.7/\">9.7/</a><a href='/pub/rocky/10.0/'>x</a>\n<A HREF=\"10.2/\"><a href=\"10.10/\"><a href=\"10.2-beta/\"><a href=\"11.0/\"><a href=\"8.10/\"><a href=\"RPM-GPG-KEY\">";
    let offered = releases_in(listing);
    assert_eq!(offered, ["8.10", "9.7", "10.0", "10.2", "10.10", "11.0"].map(release));
    let newest = |wanted: &str| wanted.parse::<Wanted>().unwrap().newest(Vendor::Rocky, &offered);
    assert_eq!(newest("10"), Some(release("10.10")));
    assert_eq!(newest("9"), Some(release("9.7")));
    assert_eq!(newest("latest"), Some(release("10.10")), "a line whose key is not known does not count");
    assert_eq!(newest("10.0"), Some(release("10.0")));
    assert_eq!(newest("10.7"), None);
}

#[test]
fn names_on_a_mirror() {
    let ten = release("10.1");
    assert_eq!(Vendor::Rocky.iso_name(ten, "x86_64", Variant::Dvd), "Rocky-10.1-x86_64-dvd1.iso");
    assert_eq!(Vendor::Alma.iso_name(ten, "x86_64", Variant::Dvd), "AlmaLinux-10.1-x86_64-dvd.iso");
    for vendor in Vendor::ALL {
        for variant in Variant::ALL {
            let name = vendor.iso_name(ten, "x86_64", variant);
            assert_eq!(Vendor::parse_iso_name(&name), Some((vendor, ten, "x86_64".to_owned(), variant)));
        }
    }
    for bad in
        ["", "Rocky-10.1-x86_64-dvd.iso", "Rocky-10.1-x86_64-dvd1.iso.part", "Rocky-010.1-x86_64-dvd1.iso", "rocky.iso"]
    {
        assert_eq!(Vendor::parse_iso_name(bad), None, "{bad}");
    }
    assert_eq!(Vendor::Rocky.iso_folder(ten, "x86_64"), "10.1/isos/x86_64");
    assert_eq!(Vendor::Alma.distro(ten, "x86_64").unwrap().as_str(), "x86_64-linux-almalinux-10.1");
    for vendor in Vendor::ALL {
        for major in [9, 10] {
            let key = vendor.key(major).unwrap();
            assert!(key.armored.starts_with("-----BEGIN PGP PUBLIC KEY BLOCK-----"));
            assert_eq!(key.fingerprint.len(), 40);
        }
    }
}
