// SPDX-License-Identifier: GPL-3.0-or-later
//! The one file that has a whole site: a tar archive (POSIX ustar) with the settings, records and marks of a
//! provisioning node, and its media if they were asked for.
//!
//! The first member is the [`Manifest`]: the origin of the file, and name, size, mode and SHA-256 of every other member, in their order.
//! The last member is the digest of the manifest. A file that was cut has none, and a changed byte anywhere differs from a digest.
//! Names of members are [`MemberName`]s: a folder of `hps.conf` and a path in it that HPS knows. Nothing else is in such a file.
//! Decision 148 has the reasons.

mod error;
mod manifest;
mod member_name;
mod reader;
#[cfg(test)]
mod reader_tests;
mod writer;

pub use error::ArchiveError;
pub use manifest::{FORMAT, ListedFile, Manifest, Origin};
pub use member_name::{Folder, MemberName, Part, is_left_out};
pub use reader::{MAX_SETTING_BYTES, Reader};
pub use writer::Writer;

/// The name of the first member.
const MANIFEST: &str = "manifest.json";
/// The name of the last member.
const DIGEST: &str = "manifest.sha256";
