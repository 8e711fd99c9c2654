// SPDX-License-Identifier: GPL-3.0-or-later
//! What would be served, checked before a machine asks for it: by `host-state check` and by `reload`.

mod kickstarts;
mod packages;
mod published;
mod values;

use crate::PROGRAM;
use crate::setup::edit_cluster;
use crate::support::{Answer, Node};
use hps::media::package_versions::version_lines;
use hps::media::recipe::Recipe;
use hps::media::{File, Kernel, Manifest, NodeFiles};
use hps::types::{Cpu, HostType, Line, Sha256Digest};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub(super) const DEBIAN: &str = "x86_64-linux-debian-12";

pub(super) const ROCKY_10: &str = "x86_64-linux-rockylinux-10";

pub(super) const TREE: &str = "srv/hps-resources/distros/x86_64-linux-rockylinux-10.1";

/// What a storage host is installed with, beside the groups.
pub(super) const PACKAGES: [&str; 5] = ["curl", "rsyslog", "lvm2", "mdadm", "targetcli"];

pub(super) const GROUPS: &str = "<comps><environment><id>minimal-environment</id></environment></comps>";

/// What else is in the image.
pub(super) const CONTENTS: &str =
    "group root\ngroup staff\nkeyboard de\nkeyboard us\ntimezone Etc/UTC\ntimezone UTC\nuser operator\nuser root\n";

/// Publishes a build of Debian as this version makes it, with these packages in the image of a storage host. Of it only the lists
/// are what they seem to be.
pub(crate) fn publish_image(node: &Node, without: &str) {
    publish_images(node, without, &[(HostType::SCH, HostType::SCH)]);
}

/// The same for these types, each with the type of HPS that it is made from.
pub(crate) fn publish_images(node: &Node, without: &str, types: &[(HostType, HostType)]) {
    publish_images_with(node, without, types, BTreeMap::new(), CONTENTS);
}

/// The same with these packages of the site, and with these contents.
pub(crate) fn publish_images_with(
    node: &Node,
    without: &str,
    types: &[(HostType, HostType)],
    site: BTreeMap<HostType, std::collections::BTreeSet<String>>,
    contents: &str,
) {
    let recipe = Recipe {
        cpu: Cpu::X86_64,
        kernel: Kernel::Generic,
        firmware: false,
        types: types.iter().copied().collect(),
        site,
    };
    let versions: BTreeMap<String, String> =
        recipe.all_packages().into_iter().map(|name| (name, "1.0".to_owned())).collect();
    let folder = node.path("srv/hps-resources/distros").join(DEBIAN);
    let build = folder.join("20261122T110203Z");
    std::fs::create_dir_all(&build).unwrap();
    let file = |name: &str, text: &str, unpacked| {
        std::fs::write(build.join(name), text).unwrap();
        File { file: name.to_owned(), sha256: Sha256Digest::hash(text.as_bytes()), size: text.len() as u64, unpacked }
    };
    let installed: String = version_lines(&versions)
        .lines()
        .filter(|l| !l.starts_with(without))
        .fold("libc6:amd64 2.36\n".to_owned(), |text, line| text + line + "\n");
    let manifest = Manifest {
        version: Manifest::VERSION,
        distro: DEBIAN.parse().unwrap(),
        build: Line::lossy("20261122T110203Z"),
        kernel: Line::lossy("linux-image-6.1.0-9-amd64 6.1.9"),
        recipe: recipe.digest(&versions),
        node: NodeFiles { kernel: file("vmlinuz", "k", None), initrd: file("initrd.img", "i", None) },
        images: types.iter().map(|(t, _)| (*t, file(&format!("{t}.tar.zst"), "image", Some(9)))).collect(),
        packages: std::iter::once(file("packages.txt", &version_lines(&versions), None))
            .chain(types.iter().map(|(t, _)| file(&format!("packages-{t}.txt"), &installed, None)))
            .chain(types.iter().map(|(t, _)| file(&format!("contents-{t}.txt"), contents, None)))
            .collect(),
    };
    for place in [folder.join("current.toml"), build.join("manifest.toml")] {
        std::fs::write(place, manifest.to_text()).unwrap();
    }
}

/// A repository with packages of these names, as createrepo_c writes one.
pub(super) fn repository(folder: &Path, names: &[&str], groups: Option<&str>) {
    let data = folder.join("repodata");
    std::fs::create_dir_all(&data).unwrap();
    let packages: String = names
        .iter()
        .map(|name| {
            format!(
                "<package type=\"rpm\"><name>{name}</name><arch>x86_64</arch><version epoch=\"0\" ver=\"1\" rel=\"1\"/>\
                 <location href=\"{name}.rpm\"/></package>\n"
            )
        })
        .collect();
    std::fs::write(data.join("primary.xml"), format!("<metadata>{packages}</metadata>")).unwrap();
    let mut lists = "<data type=\"primary\"><location href=\"repodata/primary.xml\"/></data>".to_owned();
    if let Some(groups) = groups {
        std::fs::write(data.join("comps.xml"), groups).unwrap();
        lists += "<data type=\"group\"><location href=\"repodata/comps.xml\"/></data>";
    }
    std::fs::write(data.join("repomd.xml"), format!("<repomd>{lists}</repomd>")).unwrap();
}

pub(super) fn boot_files(tree: &Path) {
    std::fs::create_dir_all(tree.join("images/pxeboot")).unwrap();
    for name in [".treeinfo", "images/pxeboot/vmlinuz", "images/pxeboot/initrd.img"] {
        std::fs::write(tree.join(name), name).unwrap();
    }
}

/// Publishes a tree, of which the lists alone are what they seem to be.
pub(super) fn publish_tree(node: &Node, base: &[&str], more: &[&str]) -> PathBuf {
    let tree = node.path(TREE);
    boot_files(&tree);
    repository(&tree.join("BaseOS"), base, Some(GROUPS));
    repository(&tree.join("AppStream"), more, None);
    tree
}

/// A node whose storage hosts are installed with Rocky Linux.
pub(super) fn of_rocky() -> Node {
    let node = Node::served(PROGRAM);
    edit_cluster(&node, DEBIAN, ROCKY_10);
    node
}

/// `host-state check` says this and nothing else.
#[track_caller]
pub(super) fn says(answer: &Answer, code: i32, words: &[&str]) {
    assert_eq!(answer.code, code, "{answer:?}");
    assert_eq!(answer.out.lines().count(), 1, "one line: {answer:?}");
    for word in words {
        assert!(answer.out.contains(word), "{word}: {answer:?}");
    }
}

#[track_caller]
pub(super) fn is_silent(answer: &Answer) {
    assert_eq!((answer.code, answer.out.as_str()), (0, ""), "{}", answer.err);
}
