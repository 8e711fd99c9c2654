// SPDX-License-Identifier: GPL-3.0-or-later
//! The building itself, in a workshop folder: the node environment, then an image for each host type.

use super::progress::progress;
use anyhow::Context as _;
use hps::exec::mmdebstrap::{Bootstrap, Variant};
use hps::exec::{Limit, Run, zstd};
use hps::media::recipe::Recipe;
use hps::media::{self, File, Manifest, NodeFiles, build, builds, cpio, package_versions};
use hps::types::{Distro, HostType, Line, Sha256Digest};
use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

/// The list of all packages that a build was made from.
pub(super) const PACKAGES: &str = "packages.txt";

/// The level of zstd. Firmware fetches the initrd at a few MB a second, so every megabyte of it counts. An image is
/// fetched at the network's speed; level 19 would cost the IPS a minute more for a tenth less.
const INITRD_LEVEL: u32 = 19;
const IMAGE_LEVEL: u32 = 12;

/// What to make, and from what.
pub(super) struct Order<'a> {
    pub(super) distro: &'a Distro,
    /// The name of what is made.
    pub(super) build: Line,
    pub(super) recipe: &'a Recipe,
    pub(super) versions: &'a BTreeMap<String, String>,
    pub(super) digest: Sha256Digest,
    /// The query to apt, answered: suite, archives and settings are those of all parts.
    pub(super) question: &'a Bootstrap<'a>,
    pub(super) workshop: &'a Path,
}

/// Makes everything; returns the folder that is ready to be published, and its manifest.
pub(super) fn make(order: &Order<'_>, stop: &AtomicBool) -> anyhow::Result<(PathBuf, Manifest)> {
    let (scripts, staged) = (order.workshop.join("recipe"), order.workshop.join("build"));
    order.recipe.write(&scripts).with_context(|| scripts.display().to_string())?;
    std::fs::create_dir(&staged).with_context(|| staged.display().to_string())?;
    let node = node(order, &scripts, &staged, stop)?;
    std::fs::write(staged.join(PACKAGES), package_versions::version_lines(order.versions)).context(PACKAGES)?;
    let mut packages = vec![build::describe(&staged.join(PACKAGES), None)?];
    let mut images = BTreeMap::new();
    let mut made: BTreeMap<Vec<String>, (HostType, File)> = BTreeMap::new();
    for host_type in order.recipe.types.keys().copied() {
        let mut contents = order.recipe.image_packages(host_type);
        contents.sort_unstable();
        let file = match made.get(&contents) {
            Some((same, file)) => {
                progress(format_args!("image {host_type}: has the packages of {same}, so it is the same image"));
                packages.extend(same_lists(&staged, *same, host_type)?);
                file.clone()
            }
            None => {
                let (file, lists) = image(order, host_type, &scripts, &staged, stop)?;
                packages.extend(lists);
                made.insert(contents, (host_type, file.clone()));
                file
            }
        };
        images.insert(host_type, file);
    }
    let (name, version) = package_versions::kernel_of(order.versions).context("apt names no kernel")?;
    let manifest = Manifest {
        version: Manifest::VERSION,
        distro: order.distro.clone(),
        build: order.build.clone(),
        kernel: Line::lossy(&format!("{name} {version}")),
        recipe: order.digest,
        node,
        images,
        packages,
    };
    Ok((staged, manifest))
}

/// The node environment: packages are extracted, and the entries of the lists are copied out of them.
fn node(order: &Order<'_>, scripts: &Path, staged: &Path, stop: &AtomicBool) -> anyhow::Result<NodeFiles> {
    let (root, out) = (order.workshop.join("node-root"), order.workshop.join("initrd"));
    progress("node environment: packages");
    let packages = order.recipe.node_packages();
    Bootstrap { variant: Variant::Extract, packages: &packages, ..order.question.clone() }.make(&root, stop)?;
    progress("node environment: initrd");
    // It changes into roots that it has just extracted, so it needs only the tools of a shell script.
    let trim = scripts.join("build/node-trim");
    Run::new("bash", "bash").path(&trim).path(&root).path(scripts).path(&out).output(Limit::WORK, stop)?;
    let archive = order.workshop.join("initrd.cpio");
    let write = || -> std::io::Result<()> {
        let mut file = std::io::BufWriter::with_capacity(1 << 20, std::fs::File::create(&archive)?);
        cpio::write(&out, &mut file)?;
        file.flush()
    };
    write().with_context(|| archive.display().to_string())?;
    zstd::compress(&archive, &staged.join("initrd.img"), INITRD_LEVEL, stop)?;
    let kernel = staged.join("vmlinuz");
    std::fs::rename(order.workshop.join("initrd.vmlinuz"), &kernel).with_context(|| kernel.display().to_string())?;
    for folder in [&root, &out] {
        std::fs::remove_dir_all(folder).with_context(|| folder.display().to_string())?;
    }
    Ok(NodeFiles {
        kernel: build::describe(&kernel, None)?,
        initrd: build::describe(&staged.join("initrd.img"), None)?,
    })
}

/// The lists of an image that another type has too, by the names that readers of this type look for.
fn same_lists(staged: &Path, same: HostType, host_type: HostType) -> anyhow::Result<[File; 2]> {
    let copy = |name: fn(HostType) -> String| {
        let (from, to) = (staged.join(name(same)), staged.join(name(host_type)));
        std::fs::copy(&from, &to).with_context(|| from.display().to_string())?;
        Ok::<_, anyhow::Error>(build::describe(&to, None)?)
    };
    Ok([copy(builds::package_list)?, copy(media::contents_list)?])
}

/// The image of one host type: an installed system as an archive, the list of its packages and the list of its
/// contents.
fn image(
    order: &Order<'_>,
    host_type: HostType,
    scripts: &Path,
    staged: &Path,
    stop: &AtomicBool,
) -> anyhow::Result<(File, [File; 2])> {
    progress(format_args!("image {host_type}: packages"));
    let packages = order.recipe.image_packages(host_type);
    let archive = order.workshop.join(format!("{host_type}.tar"));
    let list = staged.join(builds::package_list(host_type));
    let contents = staged.join(media::contents_list(host_type));
    Bootstrap {
        packages: &packages,
        dpkg: Some(&scripts.join("build/image.dpkg")),
        prepare: Some(&scripts.join("build/image-prepare")),
        finish: Some(&scripts.join("build/image-finish")),
        variables: &[("HPS_PACKAGES", list.clone()), ("HPS_CONTENTS", contents.clone())],
        ..order.question.clone()
    }
    .make(&archive, stop)?;
    progress(format_args!("image {host_type}: compressing"));
    let unpacked = std::fs::metadata(&archive).with_context(|| archive.display().to_string())?.len();
    let file = staged.join(format!("{host_type}.tar.zst"));
    zstd::compress(&archive, &file, IMAGE_LEVEL, stop)?;
    // A list without these would refuse correct settings.
    let text = builds::text(&contents).with_context(|| contents.display().to_string())?;
    anyhow::ensure!(
        ["user root\n", "timezone Etc/UTC\n", "keyboard us\n"].iter().all(|line| text.contains(line)),
        "{}: the list of the image's contents lacks root, UTC or the keyboard layout us",
        contents.display()
    );
    let lists = [build::describe(&list, None)?, build::describe(&contents, None)?];
    Ok((build::describe(&file, Some(unpacked))?, lists))
}
