// SPDX-License-Identifier: GPL-3.0-or-later
//! A host that does not exist, and its answer file: the boot manager's own renderers, with values that look right and open nothing.
//! The only place here that knows what an answer is made of.

use super::found::one_line as causes;
use super::{Case, Desk};
use crate::boot::token::{SiteKey, disk_mark};
use crate::boot::{Fetched, Install, Source};
use crate::config::{Cluster, SiteProfile};
use crate::host::{Grant, Host, Permission, PermissionId, PermissionSource};
use crate::media;
use crate::render::answer::{Answer, kickstart, node};
use crate::render::scripts::{Scene, check_installer};
use crate::render::system::SigningKey;
use crate::types::{Distro, Line, MacAddr, Method, Sha256Digest, Stage, Timestamp, Token};

/// Of the block that RFC 7042 sets apart for documentation.
pub(super) const MAC: &str = "00005e005301";

/// What a case will be installed from once that is published.
pub(super) fn source(case: &Case) -> Source {
    let file = |name: &str| Fetched {
        path: format!("{}/sample/{name}", case.distro),
        sha256: Sha256Digest::of(name.as_bytes()),
        size: 1,
    };
    match case.distro.method() {
        Method::Kickstart => Source::Tree { path: Line::lossy(case.distro.as_str()) },
        Method::Image => Source::Image {
            build: Line::lossy("sample"),
            kernel: file("vmlinuz"),
            initrd: file("initrd.img"),
            image: file(&format!("{}.tar.zst", case.host_type)),
            unpacked: 1,
        },
    }
}

/// The answer file of its second attempt, whose first one registered a disk; `packages` is the repository of local packages.
///
/// # Errors
/// One line: why the renderer makes none.
pub(super) fn answer(
    desk: &Desk<'_>,
    case: &Case,
    source: &Source,
    is_published: bool,
    packages: Option<Distro>,
) -> Result<String, String> {
    let cluster = without_secrets(desk.cluster)?;
    // What single hosts have beyond it is looked at when they are asked about by name.
    let of_type = desk.profiles.iter().filter(|profile| profile.is_for(case.host_type, None, &[]));
    let profiles: Vec<SiteProfile> = of_type.cloned().collect();
    for profile in &profiles {
        profile.fits(case.host_type, &case.distro)?;
    }
    let zfs = if is_published {
        media::zfs::is_there(desk.distros, &case.distro, case.host_type, source, desk.packages, packages.as_ref())
            .map_err(one_line)?
    } else {
        // Before anything is published nobody misses it.
        desk.cluster.wants_zfs(case.host_type, desk.profiles)
    };
    let keys = match &packages {
        Some(distro) => media::packages::key_files(desk.packages, distro).map_err(|e| causes(&e))?,
        None => Vec::new(),
    };
    let keys: Vec<SigningKey> = keys.into_iter().map(|(name, armored)| SigningKey { name, armored }).collect();
    let mac: MacAddr = MAC.parse().map_err(one_line)?;
    let then = Timestamp::from_unix(1_700_000_000);
    let id = PermissionId::from_random([0; 16]);
    let grant = Grant {
        mac,
        host_type: case.host_type,
        profile: case.profile,
        distro: case.distro.clone(),
        wipe: vec!["SAMPLE1".parse().map_err(one_line)?],
        given_by: Line::lossy("nobody"),
        given_at: then,
        expires: then,
        reason: Line::lossy("a sample"),
    };
    let permission = Permission::new(id.clone(), PermissionSource::Operator, grant);
    let mut host = Host::new(mac, then);
    // As many cards as a cluster file can count on: what the record of a host lacks is found when it is armed.
    let further: Result<Vec<MacAddr>, _> = (2..=16).map(|number| format!("02485053ff{number:02x}").parse()).collect();
    host.set_further_macs(&further.map_err(one_line)?)?;
    host.name = Some("sample".parse().map_err(one_line)?);
    host.address = Some(cluster.network.host_range.first());
    let begin = |host: &mut Host| {
        host.begin_attempt(&(&permission).into(), case.distro.clone(), Some(source.build().clone()), then)
            .map_err(one_line)
    };
    begin(&mut host)?;
    host.report(Stage::Disks, &Line::lossy(""), &["SAMPLE2".parse().map_err(one_line)?], then).map_err(one_line)?;
    begin(&mut host)?;
    if let Some(attempt) = &mut host.attempt {
        attempt.zfs = zfs;
        attempt.packages = packages;
    }
    let token = Token { attempt: 2, expires: then, proof: Sha256Digest::of(b"") };
    let scene = Scene { cluster: &cluster, mac, host: Some(&host), was_installed: true, has_storage: true };
    let install = Install {
        permission: permission.clone(),
        attempt: u32::MAX,
        of_permission: 2,
        most: cluster.install.max_attempts,
        source: source.clone(),
    };
    check_installer(scene, &install, &Token { attempt: u32::MAX, ..token.clone() })?;
    let mark = disk_mark(&SiteKey::new([0; 32]), &id);
    let answer = Answer::new(&cluster, &host, mac, &permission, source, &token, mark)
        .ok_or("the sample host lacks what an answer needs")?
        .with(&profiles, &keys);
    match case.distro.method() {
        Method::Kickstart => kickstart(&answer).map_err(one_line),
        Method::Image => node(&answer),
    }
}

/// Other programs get to read the sample.
fn without_secrets(cluster: &Cluster) -> Result<Cluster, String> {
    let mut cluster = cluster.clone();
    if let Some(hash) = &mut cluster.install.root_password_hash {
        *hash = hash.sample();
    }
    Ok(cluster)
}

fn one_line(error: impl std::fmt::Display) -> String {
    error.to_string()
}
