// SPDX-License-Identifier: GPL-3.0-or-later
//! A host that does not exist, and its answer file. Its values look right, and its token is not valid.

use super::{InstallTarget, PreflightInputs};
use crate::answer::{AnswerError, AnswerInputs, AttemptMedia, MediaFolders};
use crate::boot::token::{Purpose, SiteKey, TokenSubject, mint};
use crate::boot::{Fetched, Install, Source};
use crate::config::{Cluster, SiteProfile};
use crate::host::{Grant, Host, MacsError, Permission, PermissionId, PermissionSource, Refused};
use crate::render::scripts::{ScriptContext, Shims, check_installer};
use crate::types::{Invalid, KernelLineError, Line, Loader, MacAddr, Method, Sha256Digest, Stage, Timestamp};

/// From the block that RFC 7042 reserves for documentation.
pub(crate) const MAC: &str = "00005e005301";

/// What a target will be installed from when that is published.
pub(crate) fn source(target: &InstallTarget) -> Source {
    let file = |name: &str| Fetched {
        path: format!("{}/sample/{name}", target.distro),
        sha256: Sha256Digest::hash(name.as_bytes()),
        size: 1,
    };
    match target.distro.method() {
        Method::Kickstart => Source::Tree { path: Line::lossy(target.distro.as_str()) },
        Method::Image => Source::Image {
            build: Line::lossy("sample"),
            kernel: file("vmlinuz"),
            initrd: file("initrd.img"),
            image: file(&format!("{}.tar.zst", target.host_type)),
            unpacked: 1,
        },
    }
}

/// Why a sample host has no answer file.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SampleError {
    /// A value of the sample.
    #[error(transparent)]
    Value(#[from] Invalid),
    /// Its MACs.
    #[error(transparent)]
    Macs(#[from] MacsError),
    /// Its record does not accept an attempt.
    #[error(transparent)]
    Record(#[from] Refused),
    /// The kernel does not accept the command line of the installer.
    #[error(transparent)]
    KernelLine(#[from] KernelLineError),
    /// The answer file cannot be rendered.
    #[error(transparent)]
    Answer(#[from] AnswerError),
}

/// The answer file of its second attempt, whose first one registered a disk.
///
/// # Errors
/// Why the renderer makes none.
pub(crate) fn answer(
    inputs: &PreflightInputs<'_>,
    target: &InstallTarget,
    source: &Source,
    media: &AttemptMedia,
) -> Result<String, SampleError> {
    let cluster = without_secrets(inputs.cluster);
    // Profiles of single hosts are checked when an administrator asks for these hosts by name.
    let of_type = inputs.profiles.iter().filter(|profile| profile.is_for(target.host_type, None, &[]));
    let profiles: Vec<SiteProfile> = of_type.cloned().collect();
    let mac: MacAddr = MAC.parse()?;
    let then = Timestamp::from_unix(1_700_000_000);
    let id = PermissionId::from_random([0; 16]);
    let grant = Grant {
        mac,
        host_type: target.host_type,
        profile: target.profile,
        distro: target.distro.clone(),
        wipe: vec!["SAMPLE1".parse()?],
        given_by: Line::lossy("nobody"),
        given_at: then,
        expires: then,
        reason: Line::lossy("a sample"),
    };
    let permission = Permission::new(id.clone(), PermissionSource::Operator, grant);
    let mut host = Host::new(mac, then);
    // As many cards as a cluster file can expect. A card that a real record lacks is found when the host is armed.
    let further: Result<Vec<MacAddr>, _> = (2..=16).map(|number| format!("02485053ff{number:02x}").parse()).collect();
    host.set_further_macs(&further?)?;
    host.name = Some("sample".parse()?);
    host.address = Some(cluster.network.host_range.first());
    let begin = |host: &mut Host| media.clone().begin_attempt(host, &permission, source, then);
    begin(&mut host)?;
    host.report(Stage::Disks, &Line::lossy(""), &["SAMPLE2".parse()?], then)?;
    begin(&mut host)?;
    let key = SiteKey::new([0; 32]);
    let context = |loader| ScriptContext {
        cluster: &cluster,
        mac,
        host: Some(&host),
        probable_host: None,
        was_installed: true,
        has_storage: true,
        loader,
        shims: Shims::default(),
    };
    let install = Install {
        permission: permission.clone(),
        attempt: u32::MAX,
        of_permission: 2,
        most: cluster.install.max_attempts,
        source: source.clone(),
    };
    let ticket =
        mint(&key, TokenSubject { cluster: &cluster.name, mac, purpose: Purpose::Ticket(&id) }, install.attempt, then);
    for loader in [Loader::Ipxe, Loader::Grub] {
        check_installer(context(loader), &install, &ticket)?;
    }
    let folders = MediaFolders { distros: inputs.distros, packages: inputs.packages };
    let inputs = AnswerInputs::collect(folders, &key, &cluster, &host, &permission, source, &profiles)?;
    Ok(inputs.answer_file(mac)?)
}

/// Other programs read the sample.
fn without_secrets(cluster: &Cluster) -> Cluster {
    let mut cluster = cluster.clone();
    if let Some(hash) = &mut cluster.install.root_password_hash {
        *hash = hash.sample();
    }
    cluster
}
