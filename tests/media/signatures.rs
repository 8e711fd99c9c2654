// SPDX-License-Identifier: GPL-3.0-or-later
//! What does not count as the word of the maker.

use crate::iso::{NEW, OLD, checksum};
use crate::key::{ATTACKER, EXPIRED, GOOD, Key, REVOKED};
use crate::mirror::Mirror;
use crate::site::Site;

/// A mirror whose CHECKSUM and signatures are these.
fn mirror(text: &[u8], signatures: &[(&str, Vec<u8>)]) -> Mirror {
    let mirror = Mirror::new(&[&OLD]);
    mirror.remove(&OLD.path("CHECKSUM.sig"));
    mirror.put(&OLD.path("CHECKSUM"), text);
    for (name, bytes) in signatures {
        mirror.put(&OLD.path(name), bytes);
    }
    mirror
}

fn refused(site: &Site, mirror: &Mirror, words: &[&str]) {
    for more in [&["--check"][..], &[]] {
        site.fetch(&[mirror], more).fails(3, words);
    }
    assert!(site.published().is_empty() && site.isos().is_empty(), "{:?} {:?}", site.published(), site.isos());
    assert!(mirror.seen(&OLD.iso_path()).is_empty(), "nothing is downloaded that is not proven");
}

#[test]
fn only_one_detached_signature_by_the_pinned_key_counts() {
    let site = Site::new();
    let text = &OLD.checksum;
    let two = [GOOD.sign(text), GOOD.sign(text)].concat();
    let with_attackers = [GOOD.sign(text), ATTACKER.sign(text)].concat();
    let bad: [(&str, Vec<u8>, &str); 8] = [
        ("by an attacker", ATTACKER.sign(text), "another key"),
        ("over another text", GOOD.sign(&NEW.checksum), "does not fit"),
        ("two", two, "more than one"),
        ("another one beside it", with_attackers, "another key"),
        ("inline", GOOD.sign_inline(text), "CHECKSUM.sig"),
        ("packed", GOOD.sign_packed(text), "CHECKSUM.sig"),
        ("SHA-1", GOOD.sign_with_sha1(text), "CHECKSUM.sig"),
        ("none at all", b"hello".to_vec(), "not a detached signature"),
    ];
    for (what, signature, word) in bad {
        println!("{what}");
        refused(&site, &mirror(text, &[("CHECKSUM.sig", signature)]), &["CHECKSUM of rockylinux 10.1", word]);
    }
    // One that counts is enough, whichever it is.
    let both = [("CHECKSUM.sig", b"broken".to_vec()), ("CHECKSUM.asc", GOOD.sign_armored(text))];
    site.fetch(&[&mirror(text, &both)], &[]).says(&format!("{} published", OLD.distro()));
}

/// Twenty thousand signatures in some kilobytes: gpgv takes each of them on, and reads the text for each.
#[test]
fn a_signature_that_is_thousands_does_not_keep_us() {
    let pack = "import sys, zlib; c = zlib.compressobj(9, zlib.DEFLATED, -15); \
                sys.stdout.buffer.write(b'\\xa3\\x01' + c.compress(sys.stdin.buffer.read() * 20000) + c.flush())";
    let folder = tempfile::tempdir().unwrap();
    let one = folder.path().join("one");
    std::fs::write(&one, ATTACKER.sign(&OLD.checksum)).unwrap();
    let mut python = std::process::Command::new("python3");
    let packed = python.args(["-c", pack]).stdin(std::fs::File::open(&one).unwrap()).output().unwrap().stdout;
    assert!((100..64 << 10).contains(&packed.len()), "{}", packed.len());
    let site = Site::new();
    let begun = std::time::Instant::now();
    refused(&site, &mirror(&OLD.checksum, &[("CHECKSUM.sig", packed)]), &["not a detached signature"]);
    assert!(begun.elapsed() < std::time::Duration::from_secs(10), "{:?}", begun.elapsed());
}

#[test]
fn a_key_that_expired_or_was_revoked_counts_no_more() {
    for (key, word) in [(&*EXPIRED, "expired"), (&*REVOKED, "revoked")] {
        let key: &Key = key;
        let site = Site::pinning(key);
        refused(&site, &mirror(&OLD.checksum, &[("CHECKSUM.sig", key.sign(&OLD.checksum))]), &[word]);
    }
}

#[test]
fn a_checksum_that_was_changed_is_no_checksum() {
    let site = Site::new();
    let name = OLD.name();
    let good = String::from_utf8(OLD.checksum.clone()).unwrap();
    let other = good.replace(&hps::types::Sha256Digest::hash(&OLD.iso).to_string(), &"0".repeat(64));
    refused(&site, &mirror(other.as_bytes(), &[("CHECKSUM.sig", OLD.signature.clone())]), &["does not fit"]);
    // Signed all right, and still not plain.
    for (text, word) in [
        (good.clone() + &good, "more than one"),
        (good.replace("SHA256 (", "# SHA256 ("), "no line"),
        (good.replace(&name, &format!("x{name}")), "no line"),
        (String::from_utf8(checksum(&[(&NEW.name(), &NEW.iso)])).unwrap(), "no line"),
        (good.replace(" bytes", " octets"), "no size"),
    ] {
        let signature = GOOD.sign(text.as_bytes());
        refused(&site, &mirror(text.as_bytes(), &[("CHECKSUM.sig", signature)]), &[word]);
    }
}

#[test]
fn a_good_mirror_behind_a_bad_one_is_enough() {
    let site = Site::new();
    let bad = mirror(&OLD.checksum, &[("CHECKSUM.sig", ATTACKER.sign(&OLD.checksum))]);
    site.fetch(&[&bad, &Mirror::new(&[&OLD])], &[]).says(&format!("{} published", OLD.distro()));
}
