// SPDX-License-Identifier: GPL-3.0-or-later
//! Small published builds, a cluster that names their system, and a host that is installed from one.

use crate::site::{Answer, Site};
use hps::config::{Cluster, HpsConf};
use hps::files::make_dir;
use hps::host::{Event, Grant, Permission, PermissionId, PermissionSource, Who};
use hps::media::build::{Builder, describe};
use hps::media::{Item, Manifest, NodeFiles};
use hps::store::{Paths, Role, Store, StoreError, save_cluster};
use hps::types::{Distro, HostType, Line, MacAddr, Profile, Sha256Digest, Timestamp};
use std::path::PathBuf;
use std::process::Command;

pub(crate) const DEBIAN: &str = "x86_64-linux-debian-12";
const BUILD_IMAGE: &str = env!("CARGO_BIN_EXE_build-image");
const MAC: &str = "525400000001";

pub(crate) fn debian() -> Distro {
    DEBIAN.parse().unwrap()
}

/// So many hours ago.
pub(crate) fn ago(hours: i64) -> Timestamp {
    Timestamp::from_unix(i64::try_from(Timestamp::now().as_unix()).unwrap() - hours * 3600)
}

impl Site {
    /// A site with a cluster whose storage hosts are Debian.
    pub(crate) fn of_debian() -> Self {
        let site = Self::new();
        site.cluster(DEBIAN);
        site
    }

    /// The cluster file, with this system for storage hosts.
    pub(crate) fn cluster(&self, distro: &str) {
        let text = include_str!("../fixtures/lab.cluster").replace(DEBIAN, distro);
        let conf = HpsConf::parse(&std::fs::read_to_string(self.path("hps.conf")).unwrap()).unwrap();
        let cluster = Cluster::parse(&text).unwrap();
        let paths = Paths::new(conf.clone(), cluster.name.clone());
        paths.make_shared(None).unwrap();
        for path in [paths.permissions_dir(), paths.windows_dir()].into_iter().chain(paths.host_entries_dirs()) {
            make_dir(&path, 0o755, None).unwrap();
        }
        save_cluster(&conf, &cluster).unwrap();
        hps::store::activate(&conf, &cluster.name).unwrap();
    }

    pub(crate) fn store(&self) -> Store {
        Store::open(&HpsConf::parse(&std::fs::read_to_string(self.path("hps.conf")).unwrap()).unwrap()).unwrap()
    }

    pub(crate) fn build_image(&self, arguments: &[&str]) -> Answer {
        Answer::from_output(self.building(arguments).output().unwrap())
    }

    pub(crate) fn building(&self, arguments: &[&str]) -> Command {
        self.command_of(BUILD_IMAGE, arguments)
    }

    pub(crate) fn builder(&self) -> Builder {
        Builder::lock(&self.distros(""), &self.base(), &debian(), Timestamp::now()).unwrap()
    }

    /// Publishes a build so many hours ago; the one before it is not current since then.
    pub(crate) fn publish(&self, hours: i64) -> Item {
        let builder = self.builder();
        let workshop = builder.workshop(&hps::exec::NEVER).unwrap();
        let staged = workshop.path().join("build");
        std::fs::create_dir(&staged).unwrap();
        let file = |name: &str, unpacked| {
            std::fs::write(staged.join(name), format!("{name} of {hours}")).unwrap();
            describe(&staged.join(name), unpacked).unwrap()
        };
        let manifest = Manifest {
            version: Manifest::VERSION,
            distro: debian(),
            build: builder.next_name(ago(hours)).unwrap(),
            kernel: Line::lossy("linux-image-6.1.0-9-amd64 6.1.9"),
            recipe: Sha256Digest::hash(b"recipe"),
            node: NodeFiles { kernel: file("vmlinuz", None), initrd: file("initrd.img", None) },
            images: [(HostType::SCH, file("SCH.tar.zst", Some(9)))].into(),
            packages: vec![file("packages.txt", None), file("packages-SCH.txt", None)],
        };
        builder.publish(&staged, &manifest, ago(hours)).unwrap();
        Item::build(&debian(), manifest.build.as_str()).unwrap()
    }

    pub(crate) fn place(&self, item: &Item) -> PathBuf {
        item.place(&self.distros(""))
    }

    /// The published builds by their names, the oldest first.
    pub(crate) fn builds(&self) -> Vec<String> {
        let mut names: Vec<String> = std::fs::read_dir(self.distros(DEBIAN))
            .unwrap()
            .map(|e| e.unwrap().file_name().to_string_lossy().into_owned())
            .filter(|name| !name.starts_with('.') && name != "current.toml")
            .map(|name| format!("{DEBIAN}/{name}"))
            .collect();
        names.sort();
        names
    }

    /// Hidden things in the folder of the system, but for its lock.
    pub(crate) fn hidden(&self) -> Vec<String> {
        let names = std::fs::read_dir(self.distros(DEBIAN)).unwrap();
        let names = names.map(|e| e.unwrap().file_name().to_string_lossy().into_owned());
        names.filter(|name| name.starts_with('.') && name != ".lock").collect()
    }

    /// Arms a host with the system.
    pub(crate) fn arm(&self) -> Permission {
        let (store, now) = (self.store(), Timestamp::now());
        let role = Role { host_type: HostType::SCH, profile: Some(Profile::StorageSingle), event: Event::Armed };
        store.allocations().allocate(mac(), role, None, &[], &who(), now).unwrap();
        let grant = Grant {
            mac: mac(),
            host_type: HostType::SCH,
            profile: Some(Profile::StorageSingle),
            distro: debian(),
            wipe: Vec::new(),
            given_by: Line::lossy("root"),
            given_at: now,
            expires: now.plus("1h".parse().unwrap()),
            reason: Line::lossy("test"),
        };
        let permission = Permission::new(PermissionId::from_random([1; 16]), PermissionSource::Operator, grant);
        store.permissions().give(&permission).unwrap();
        permission
    }

    /// The same host fetches its answer file, and is being installed from this build.
    pub(crate) fn begin(&self, permission: &Permission, build: &Item) {
        self.change(|host| {
            let build = build.build_name().cloned();
            host.begin_attempt(&permission.into(), debian(), build, Timestamp::now()).unwrap();
        });
    }

    /// It reports that it is installed.
    pub(crate) fn end(&self, permission: &Permission) {
        self.change(|host| host.apply(Event::Reported(hps::types::Stage::Installed), Timestamp::now()).unwrap());
        self.store().permissions().mark_used(permission, "installed").unwrap();
    }

    fn change(&self, change: impl Fn(&mut hps::host::Host)) {
        let changed = self.store().hosts().change::<StoreError>(mac(), &who(), Timestamp::now(), |host| {
            change(host);
            Ok(Some((Line::lossy("test"), None)))
        });
        changed.unwrap();
    }

    pub(crate) fn record(&self) -> PathBuf {
        self.store().paths.host(mac()).path().to_path_buf()
    }
}

fn mac() -> MacAddr {
    MAC.parse().unwrap()
}

fn who() -> Who {
    Who::operator("test", "root")
}
