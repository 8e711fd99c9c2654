// SPDX-License-Identifier: GPL-3.0-or-later
//! Builds that are published, replaced, removed, and killed in between.

use super::*;
use crate::exec::NEVER;
use crate::media::NodeFiles;

fn distro() -> Distro {
    "x86_64-linux-debian-12".parse().unwrap()
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix(1_700_000_000 + seconds)
}

fn lock(distros: &Path) -> Result<Builder, BuildError> {
    Builder::lock(distros, &Base::from_folders([distros]), &distro(), at(0))
}

fn stage(builder: &Builder, workshop: &Path) -> (PathBuf, Manifest) {
    let staged = workshop.join("build");
    std::fs::create_dir(&staged).unwrap();
    let file = |name: &str| {
        std::fs::write(staged.join(name), name).unwrap();
        describe(&staged.join(name), None).unwrap()
    };
    let manifest = Manifest {
        version: Manifest::VERSION,
        distro: distro(),
        build: builder.next_name(at(0)).unwrap(),
        kernel: Line::lossy("k 1"),
        recipe: Sha256Digest::hash(b""),
        node: NodeFiles { kernel: file("vmlinuz"), initrd: file("initrd.img") },
        images: [].into(),
        packages: vec![file("packages.txt")],
    };
    (staged, manifest)
}

fn publish(builder: &Builder, now: Timestamp) -> Item {
    let workshop = builder.workshop(&NEVER).unwrap();
    let (staged, manifest) = stage(builder, workshop.path());
    builder.publish(&staged, &manifest, now).unwrap();
    Item::build(&distro(), manifest.build.as_str()).unwrap()
}

fn names(builder: &Builder) -> Vec<String> {
    let mut names = builder.folder.all_names().unwrap();
    names.sort();
    names
}

#[test]
fn builds_come_whole_and_old_ones_go() {
    let root = tempfile::tempdir().unwrap();
    let builder = lock(root.path()).unwrap();
    let busy = Builder::lock(root.path(), &Base::from_folders([root.path()]), &distro(), at(0)).unwrap_err();
    let begin = format!("another run is in progress: process {} (", std::process::id());
    assert!(busy.to_string().starts_with(&begin), "{busy}");
    assert_eq!(current(builder.folder.path()).unwrap(), None);
    let items: Vec<Item> = (0..4).map(|number| publish(&builder, at(number * 100))).collect();
    assert_eq!(items[0].build_name().unwrap().as_str(), at(0).compact());
    let listed = builds_of(root.path(), &distro()).unwrap();
    let order: Vec<&Item> = listed.iter().map(|build| &build.item).collect();
    assert_eq!(order, items.iter().rev().collect::<Vec<_>>());
    assert!(listed.iter().all(|build| build.current == (build.item == items[3]) && build.manifest.is_ok()));
    // Each of the others since the next one was published.
    assert_eq!(listed.iter().skip(1).map(|b| b.since).collect::<Vec<_>>(), [at(300), at(200), at(100)]);
    assert_eq!(builder.too_many(1).unwrap(), [items[1].clone(), items[0].clone()]);
    assert_eq!(builder.too_many(0).unwrap().len(), 3, "the current one is never too many");
    builder.remove(&items[0]).unwrap();
    assert_eq!(builder.too_many(1).unwrap(), [items[1].clone()]);
    std::fs::write(items[3].place(root.path()).join("packages.txt"), "cut").unwrap();
    assert!(!builds::is_whole(builder.folder.path(), &current(builder.folder.path()).unwrap().unwrap()));
    builder.remove(&items[3]).unwrap();
    assert_eq!(current(builder.folder.path()).unwrap(), None, "nothing names what is not there");
    builder.ask_space(1).unwrap();
    let space = builder.ask_space(u64::MAX).unwrap_err().to_string();
    assert!(space.contains("are needed to build") && space.contains("--remove"), "{space}");
}

#[test]
fn what_a_killed_run_left_is_ended_or_removed() {
    let root = tempfile::tempdir().unwrap();
    let builder = lock(root.path()).unwrap();
    let old = publish(&builder, at(0));
    // Killed before its build was in place.
    let workshop = builder.workshop(&NEVER).unwrap();
    let (staged, manifest) = stage(&builder, workshop.path());
    std::fs::write(builder.folder.path().join(NEXT), manifest.to_text()).unwrap();
    // And while it wrote a file.
    std::fs::write(builder.folder.path().join(".hps-0123456789abcdef.tmp"), "torn").unwrap();
    drop(builder);
    let builder = lock(root.path()).unwrap();
    assert!(builder.finished().is_none() && !staged.exists());
    let stays = [LOCK, old.build_name().unwrap().as_str(), CURRENT];
    assert_eq!(names(&builder), stays);
    // Killed after that, and before it was current.
    let workshop = builder.workshop(&NEVER).unwrap();
    let (staged, manifest) = stage(&builder, workshop.path());
    std::fs::write(staged.join(MANIFEST), manifest.to_text()).unwrap();
    std::fs::write(builder.folder.path().join(NEXT), manifest.to_text()).unwrap();
    std::fs::rename(&staged, builder.folder.path().join(manifest.build.as_str())).unwrap();
    drop(builder);
    let builder = Builder::lock(root.path(), &Base::from_folders([root.path()]), &distro(), at(500)).unwrap();
    assert_eq!(builder.finished().unwrap().build_name(), Some(&manifest.build));
    assert_eq!(current(builder.folder.path()).unwrap(), Some(manifest));
    let listed = builds_of(root.path(), &distro()).unwrap();
    assert_eq!((listed[1].item.clone(), listed[1].since), (old.clone(), at(500)));
    // Killed while it removed.
    std::fs::rename(old.place(root.path()), builder.folder.path().join(".build-gone")).unwrap();
    drop(builder);
    let builder = lock(root.path()).unwrap();
    assert!(builder.finished().is_none());
    assert_eq!(names(&builder).len(), 3, "{:?}", names(&builder));
}

#[test]
fn what_is_to_be_current_is_written_before_it_is_in_place() {
    let root = tempfile::tempdir().unwrap();
    let builder = lock(root.path()).unwrap();
    let old = publish(&builder, at(0));
    let workshop = builder.workshop(&NEVER).unwrap();
    let (staged, manifest) = stage(&builder, workshop.path());
    // The rename fails, as if the run was killed just before it.
    let in_the_way = builder.folder.path().join(manifest.build.as_str());
    std::fs::create_dir_all(in_the_way.join("x")).unwrap();
    let error = builder.publish(&staged, &manifest, at(1)).unwrap_err().to_string();
    assert!(error.ends_with("cannot put in place") && builder.folder.path().join(NEXT).is_file(), "{error}");
    drop(builder);
    let builder = lock(root.path()).unwrap();
    assert!(builder.finished().is_none() && !builder.folder.path().join(NEXT).exists(), "its build is not in place");
    assert_eq!(current(builder.folder.path()).unwrap().map(|m| m.build), old.build_name().cloned());
}

#[test]
fn names_are_times_that_only_grow() {
    let root = tempfile::tempdir().unwrap();
    let builder = lock(root.path()).unwrap();
    assert_eq!(builder.next_name(at(0)).unwrap().as_str(), at(0).compact());
    std::fs::create_dir(builder.folder.path().join(at(7).compact())).unwrap();
    assert_eq!(builder.next_name(at(0)).unwrap().as_str(), at(8).compact());
    assert_eq!(builder.next_name(at(9)).unwrap().as_str(), at(9).compact());
}
