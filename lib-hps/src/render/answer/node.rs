// SPDX-License-Identifier: GPL-3.0-or-later
//! The answer file of the node environment: `key=value` lines between a first and a last line. The value is the
//! rest of the line; the node reads it with a loop and never as shell.

use super::Answer;
use super::host_error::HostError;
use crate::boot::Source;
use crate::render::system::system;
use crate::types::Distro;
use std::fmt::{Display, Write as _};

/// The last line. Without it a node does nothing.
pub const END: &str = "end";

/// Words that a node must know to carry out this answer. Older environments refuse the file because of them; other
/// unknown keys are ignored.
const VERSION: u32 = 3;
/// The most that a node fetches (scripts/node/report.sh).
const MAX_ANSWER_BYTES: usize = 262_144;
const VERSION_WITH_ZFS: u32 = 4;

/// Why there is none.
#[derive(Debug, thiserror::Error)]
pub enum NodeAnswerError {
    /// The system is installed by another method.
    #[error("{0} is not installed by image")]
    NotAnImage(Distro),
    /// The host cannot have one.
    #[error(transparent)]
    Host(#[from] HostError),
    /// More than a node fetches.
    #[error(
        "its answer file has {bytes} bytes, and a node accepts {MAX_ANSWER_BYTES}: give the host fewer keys or files"
    )]
    TooLarge {
        /// What it has.
        bytes: usize,
    },
}

/// The whole file.
///
/// # Errors
/// See [`NodeAnswerError`].
pub fn node(answer: &Answer<'_>) -> Result<String, NodeAnswerError> {
    let Source::Image { image, unpacked, .. } = answer.source else {
        return Err(NodeAnswerError::NotAnImage(answer.permission.distro.clone()));
    };
    let system = system(&answer.target_system()).map_err(HostError::from)?;
    let (cluster, install) = (answer.cluster, &answer.cluster.install);
    let disks = answer.disks().map_err(HostError::from)?;
    let zfs = answer.zfs(&disks)?;
    let mut out = Lines(format!("hps-answer {}\n", if zfs { VERSION_WITH_ZFS } else { VERSION }));
    out.put("mac", answer.interface);
    out.put("host_name", answer.name);
    out.put("cluster", &cluster.name);
    let place = cluster.placement(answer.address);
    out.put("domain", place.domain());
    out.put("host_type", answer.host_type);
    if let Some(profile) = answer.permission.profile {
        out.put("profile", profile);
    }
    out.put("attempt", answer.attempt.number);
    out.put("token", answer.token);
    out.put("url", cluster.boot_manager_url());
    out.put("address", format_args!("{}/{}", answer.address, place.network().prefix_len()));
    out.put("image_url", format_args!("{}/distros/{}", cluster.base_url(), image.path));
    out.put("image_sha256", image.sha256);
    out.put("image_size", image.size);
    out.put("image_unpacked", unpacked);
    out.put("disk_min_bytes", answer.disk_min_bytes());
    out.put("memory_min_mib", install.memory_min_mib);
    out.put("require_blank", if answer.permission.require_blank { "yes" } else { "no" });
    out.put("disk_mark", answer.disk_mark);
    // For messages; the environment of an older build takes it for the conditions too (decision 100).
    out.put("system_rule", &disks.system);
    out.put("system_order", disks.system.order());
    out.list("system_condition", &disks.system.conditions());
    out.put("mirror", if disks.mirror { "yes" } else { "no" });
    out.all("root_gib", disks.root_gib);
    out.all("swap_gib", disks.swap_gib);
    out.put("pool", answer.pool(&disks).as_str());
    out.all("pool_rule", &disks.pool);
    out.list("pool_condition", &answer.pool_conditions(&disks));
    out.put("pool_level", disks.level);
    if zfs {
        out.put("volumes", "zfs");
    }
    out.all("may_wipe", &answer.attempt.may_wipe);
    out.all("wipe", &answer.permission.wipe);
    out.all("known_disk", answer.known_disks());
    out.put("admin_user", &install.admin_user);
    out.all("ssh_key", &install.ssh_keys);
    out.put("root_password", install.root_password_hash.as_ref().map_or("!", |hash| hash.as_str()));
    out.put("timezone", &install.timezone);
    out.put("keyboard", &install.keyboard);
    out.put("boot_order", cluster.boot.order.as_str());
    out.all("console", &cluster.boot.consoles);
    out.all("kernel_argument", &system.kernel_arguments);
    out.all("package", &system.packages);
    out.all("service", &system.services);
    for file in &system.files {
        out.put("file", format_args!("{:04o} {}", file.mode, file.path));
        out.all("line", file.text.lines());
    }
    for script in &system.scripts {
        out.put("script", &script.name);
        out.all("line", script.text.lines());
    }
    out.0.push_str(END);
    out.0.push('\n');
    if out.0.len() > MAX_ANSWER_BYTES {
        return Err(NodeAnswerError::TooLarge { bytes: out.0.len() });
    }
    Ok(out.0)
}

struct Lines(String);

impl Lines {
    fn put(&mut self, key: &str, value: impl Display) {
        // Writing to a String cannot fail; no type in this file can contain a line end.
        let _infallible = writeln!(self.0, "{key}={value}");
    }

    /// A list that must arrive whole: first how long it is, by the same key with an `s`.
    fn list<T: Display>(&mut self, key: &str, values: &[T]) {
        if !values.is_empty() {
            self.put(&format!("{key}s"), values.len());
            self.all(key, values);
        }
    }

    fn all<T: Display>(&mut self, key: &str, values: impl IntoIterator<Item = T>) {
        for value in values {
            self.put(key, value);
        }
    }
}
