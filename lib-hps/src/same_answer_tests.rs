// SPDX-License-Identifier: GPL-3.0-or-later
//! The preflight check reads the answer file that the boot manager serves, except its secrets.

use crate::answer::AttemptMedia;
use crate::boot::token::{SiteKey, disk_mark};
use crate::boot_context::BootContext;
use crate::config::{Cluster, Dir, HpsConf};
use crate::files::make_dir;
use crate::host::{Event, Grant, Permission, PermissionId, PermissionSource, Who};
use crate::manager::preview;
use crate::preflight::{self, InstallTarget, PreflightInputs};
use crate::store::{Paths, Role, Store, StoreError, activate, save_cluster};
use crate::types::{Distro, HostType, Line, MacAddr, Profile, Stage, Timestamp, Token};
use std::path::Path;

const CLUSTER: &str = include_str!("../../tests/fixtures/lab.cluster");
const ROCKY: &str = "x86_64-linux-rockylinux-10.1";
const PROFILE: &str = "version = 1\ntypes = [\"SCH\"]\npackages = [\"htop\"]\n[[file]]\npath = \"/etc/motd\"\ntext = \"\"\"of the site\n\"\"\"\n";
const KEY: &str = "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nkey of the site\n-----END PGP PUBLIC KEY BLOCK-----\n";

/// A node with a tree, local packages with a key, and a site profile.
fn node(folder: &Path) -> Store {
    let conf = HpsConf::with_base(folder).unwrap();
    for (_, path) in conf.dirs() {
        make_dir(path, 0o755, None).unwrap();
    }
    let cluster = Cluster::parse(&CLUSTER.replace("x86_64-linux-debian-12", ROCKY)).unwrap();
    let paths = Paths::new(conf.clone(), cluster.name.clone());
    paths.make_shared(None).unwrap();
    for path in [paths.permissions_dir(), paths.windows_dir(), paths.site_profiles_dir()]
        .into_iter()
        .chain(paths.host_entries_dirs())
    {
        make_dir(&path, 0o755, None).unwrap();
    }
    save_cluster(&conf, &cluster).unwrap();
    activate(&conf, &cluster.name).unwrap();
    crate::store::SiteKeyFile::new(&paths).create([7; 32], None).unwrap();
    std::fs::write(paths.site_profiles_dir().join("motd.toml"), PROFILE).unwrap();
    let tree = conf.dir(Dir::Distros).join(ROCKY);
    std::fs::create_dir_all(tree.join("images/pxeboot")).unwrap();
    for name in [".treeinfo", "images/pxeboot/vmlinuz", "images/pxeboot/initrd.img"] {
        std::fs::write(tree.join(name), "x").unwrap();
    }
    let local = conf.dir(Dir::Packages).join(ROCKY);
    std::fs::create_dir_all(local.join("keys")).unwrap();
    std::fs::write(local.join("keys/site.asc"), KEY).unwrap();
    std::fs::create_dir_all(local.join("Repo")).unwrap();
    std::fs::write(local.join("Repo/.hps-repository"), "").unwrap();
    Store::open(&conf).unwrap()
}

/// The second attempt of a host, whose first one registered a disk, as the boot manager serves it.
fn served(store: &Store, mac: MacAddr, media: &AttemptMedia) -> String {
    let (who, now) = (Who::operator("test", "root"), Timestamp::from_unix(1_700_000_000));
    let role = Role { host_type: HostType::SCH, profile: Some(Profile::StorageSingle), event: Event::Armed };
    store.allocations().allocate(mac, role, None, &[], &who, now).unwrap();
    let grant = Grant {
        mac,
        host_type: HostType::SCH,
        profile: Some(Profile::StorageSingle),
        distro: ROCKY.parse().unwrap(),
        wipe: vec!["SAMPLE1".parse().unwrap()],
        given_by: Line::lossy("root"),
        given_at: now,
        expires: now.plus("1h".parse().unwrap()),
        reason: Line::lossy("test"),
    };
    let permission = Permission::new(PermissionId::from_random([9; 16]), PermissionSource::Operator, grant);
    store.permissions().give(&permission).unwrap();
    let source = crate::boot::Source::Tree { path: Line::lossy(ROCKY) };
    store
        .hosts()
        .change(mac, &who, now, |host| {
            host.name = Some("sample".parse().unwrap());
            media.clone().begin_attempt(host, &permission, &source, now).unwrap();
            let disks = ["SAMPLE2".parse().unwrap()];
            host.report(Stage::Disks, &Line::lossy(""), &disks, now).unwrap();
            media.clone().begin_attempt(host, &permission, &source, now).unwrap();
            Ok::<_, StoreError>(Some((Line::lossy("test"), None)))
        })
        .unwrap();
    let machine = BootContext::load(store, mac, None, &Default::default(), now).assumed();
    let answer = preview(store, &machine, now).answer_file.unwrap();
    let key = store.site_key().read().unwrap();
    without_secrets(&answer, &disk_mark(&key, &permission.id).to_string())
}

fn without_secrets(answer: &str, mark: &str) -> String {
    let words = answer.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
    let tokens = words.filter(|word| word.parse::<Token>().is_ok());
    tokens.fold(answer.replace(mark, "MARK"), |text, token| text.replace(token, "TOKEN"))
}

#[test]
fn the_desk_looks_at_the_answer_file_that_the_boot_manager_serves() {
    let folder = tempfile::tempdir().unwrap();
    let store = node(folder.path());
    let distro: Distro = ROCKY.parse().unwrap();
    let profiles = store.site_profiles().list().unwrap();
    let inputs = PreflightInputs {
        cluster: &store.cluster,
        file: Path::new("/nonexistent"),
        text: None,
        profiles: &profiles,
        hosts: &[],
        distros: store.paths.distros(),
        packages: store.paths.packages(),
        ksvalidator: Path::new("/nonexistent"),
    };
    let target =
        InstallTarget { host_type: HostType::SCH, profile: Some(Profile::StorageSingle), distro: distro.clone() };
    let source = preflight::sample::source(&target);
    let folders = crate::answer::MediaFolders { distros: inputs.distros, packages: inputs.packages };
    let media = AttemptMedia::find(inputs.cluster, folders, &distro, HostType::SCH, &source).unwrap();
    assert_eq!(media.packages(), Some(&distro));
    let sample = preflight::sample::answer(&inputs, &target, &source, &media).unwrap();
    let mark = disk_mark(&SiteKey::new([0; 32]), &PermissionId::from_random([0; 16])).to_string();
    let sample = without_secrets(&sample, &mark);
    for ingredient in ["of the site", "key of the site", "htop", "SAMPLE1", "SAMPLE2", "TOKEN", "MARK", "/packages/"] {
        assert!(sample.contains(ingredient), "{ingredient}: {sample}");
    }
    let served = served(&store, preflight::sample::MAC.parse().unwrap(), &media);
    let diff = similar::TextDiff::from_lines(sample.as_str(), served.as_str());
    assert_eq!(sample, served, "{}", diff.unified_diff().header("preflight", "boot manager"));
}
