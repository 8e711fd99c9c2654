// SPDX-License-Identifier: GPL-3.0-or-later
//! Downloads that broke and are taken up.

use crate::iso::OLD;
use crate::mirror::{Mirror, Reply, Request};
use crate::site::Site;

const HALF: usize = 1_000_000;

/// A site with half of the ISO, from this mirror.
fn with_half(mirror: &Mirror) -> Site {
    let site = Site::new();
    mirror.once_at(&OLD.iso_path(), |request| Reply { cut: Some(HALF), ..file(request, "\"one\"") });
    site.fetch(&[mirror], &[]).fails(1, &["isconnected"]);
    assert_eq!(site.isos(), [format!("{}.part", OLD.name()), format!("{}.part.toml", OLD.name())]);
    let part = site.distros(&format!(".iso/{}.part", OLD.name()));
    assert_eq!(std::fs::metadata(part).unwrap().len(), HALF as u64);
    site
}

fn file(request: &Request, etag: &str) -> Reply {
    Reply::of_file(request, &OLD.iso, etag)
}

fn is_published(site: &Site, mirror: &Mirror) {
    site.fetch(&[mirror], &[]).says(&format!("{} published", OLD.distro()));
    assert!(site.isos().is_empty(), "{:?}", site.isos());
    site.run(&["--verify"]).says(&format!("{}: every file is unchanged", OLD.distro()));
}

fn ranges(mirror: &Mirror) -> Vec<Option<usize>> {
    mirror.seen(&OLD.iso_path()).iter().map(Request::range).collect()
}

#[test]
fn from_the_same_mirror() {
    let mirror = Mirror::new(&[&OLD]);
    let site = with_half(&mirror);
    mirror.at(&OLD.iso_path(), |request| file(request, "\"one\""));
    is_published(&site, &mirror);
    let seen = mirror.seen(&OLD.iso_path());
    assert_eq!((seen[1].range(), seen[1].header("If-Range")), (Some(HALF), Some("\"one\"")));
    assert_eq!(seen.len(), 2);
}

#[test]
fn within_one_run() {
    let mirror = Mirror::new(&[&OLD]);
    mirror.once_at(&OLD.iso_path(), |request| Reply { cut: Some(HALF), ..file(request, "\"one\"") });
    let site = Site::new();
    site.fetch(&[&mirror], &["--retries", "1"]).says(&format!("{} published", OLD.distro()));
    assert_eq!(ranges(&mirror), [None, Some(OLD.iso.len()).map(|_| HALF)]);
}

#[test]
fn from_another_mirror() {
    let mirror = Mirror::new(&[&OLD]);
    let site = with_half(&mirror);
    let other = Mirror::new(&[&OLD]);
    is_published(&site, &other);
    let seen = other.seen(&OLD.iso_path());
    assert_eq!((seen[0].range(), seen[0].header("If-Range")), (Some(HALF), None), "a tag means nothing elsewhere");
}

#[test]
fn a_file_that_changed_is_noticed() {
    // A server that knows If-Range sends all of it, one that does not sends a range with another tag.
    for knows in [true, false] {
        let mirror = Mirror::new(&[&OLD]);
        let site = with_half(&mirror);
        mirror.at(&OLD.iso_path(), move |request| match request.range() {
            Some(first) if !knows => Reply::new(206, &OLD.iso[first..])
                .header("Content-Range", format!("bytes {first}-{}/{}", OLD.iso.len() - 1, OLD.iso.len()))
                .header("ETag", "\"two\""),
            _ => file(request, "\"two\""),
        });
        is_published(&site, &mirror);
        let seen = ranges(&mirror);
        assert_eq!(seen.last().unwrap().is_none(), !knows, "{seen:?}");
    }
}

#[test]
fn ranges_that_are_wrong() {
    let wrong: [fn(usize) -> String; 4] = [
        |first| format!("bytes {}-{}/{}", first + 1, OLD.iso.len() - 1, OLD.iso.len()),
        |first| format!("bytes {first}-{}/{}", OLD.iso.len() - 5, OLD.iso.len()),
        |first| format!("bytes {first}-{}/{}", OLD.iso.len() + 4, OLD.iso.len() + 5),
        |_| "bytes all".to_owned(),
    ];
    for range in wrong {
        let mirror = Mirror::new(&[&OLD]);
        let site = with_half(&mirror);
        mirror.at(&OLD.iso_path(), move |request| match request.range() {
            Some(first) => Reply::new(206, &OLD.iso[first..]).header("Content-Range", range(first)),
            None => file(request, "\"one\""),
        });
        is_published(&site, &mirror);
    }
}

#[test]
fn bytes_that_are_wrong_are_not_kept() {
    // The range has the right numbers and other bytes: all of it is asked for once more.
    let mirror = Mirror::new(&[&OLD]);
    let site = with_half(&mirror);
    mirror.at(&OLD.iso_path(), |request| {
        let mut reply = file(request, "\"one\"");
        if request.range().is_some() {
            reply.body[0] ^= 1;
        }
        reply
    });
    is_published(&site, &mirror);
    assert_eq!(ranges(&mirror), [None, Some(HALF), None]);
}

#[test]
fn a_part_that_was_damaged_is_not_believed() {
    let mirror = Mirror::new(&[&OLD]);
    let site = with_half(&mirror);
    let part = site.distros(&format!(".iso/{}.part", OLD.name()));
    let mut bytes = std::fs::read(&part).unwrap();
    bytes[HALF / 2] ^= 1;
    std::fs::write(&part, bytes).unwrap();
    is_published(&site, &mirror);
    // One that is longer than the file, one without its note, and a note that is torn.
    for damage in [0, 1, 2] {
        let mirror = Mirror::new(&[&OLD]);
        let site = with_half(&mirror);
        let part = site.distros(&format!(".iso/{}.part", OLD.name()));
        let note = site.distros(&format!(".iso/{}.part.toml", OLD.name()));
        match damage {
            0 => std::fs::write(&part, vec![0; OLD.iso.len() + 1]).unwrap(),
            1 => std::fs::remove_file(&note).unwrap(),
            _ => std::fs::write(&note, "sha256 = \"").unwrap(),
        }
        is_published(&site, &mirror);
        assert_eq!(ranges(&mirror), [None, None], "{damage}");
    }
}

#[test]
fn a_page_does_not_cost_what_has_come() {
    let mirror = Mirror::new(&[&OLD]);
    let site = with_half(&mirror);
    mirror.once_at(&OLD.iso_path(), |_| Reply::new(200, "<html>").header("Content-Type", "text/html"));
    site.fetch(&[&mirror], &[]).fails(1, &["page of text"]);
    mirror.once_at(&OLD.iso_path(), |_| Reply::new(200, vec![0; 5000]));
    site.fetch(&[&mirror], &[]).fails(1, &["it has 5000 bytes, but"]);
    mirror.forget_rules();
    mirror.at(&OLD.iso_path(), |request| file(request, "\"one\""));
    is_published(&site, &mirror);
    assert_eq!(ranges(&mirror).last().unwrap(), &Some(HALF));
}

#[test]
fn what_is_of_no_use_any_more_is_removed() {
    let mirror = Mirror::new(&[&OLD]);
    let site = with_half(&mirror);
    let newer = Mirror::new(&[&OLD, &crate::iso::NEW]);
    site.fetch(&[&newer], &[]).says(&format!("{} published", crate::iso::NEW.distro()));
    assert!(site.isos().is_empty(), "{:?}", site.isos());
}
