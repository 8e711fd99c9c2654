// SPDX-License-Identifier: GPL-3.0-or-later
//! Downloading an ISO: written and hashed as it arrives, resumed at its end, from any mirror that has it.
//!
//! The bytes that arrived are in `<name>.part`, and the facts about them in `<name>.part.toml`. These bytes are not
//! trusted: a run that resumes them hashes all of them again, and the digest of the whole decides. From the same
//! address it is resumed only if the file there is the same (If-Range, RFC 9110, 13.1.5).
//!
//! The cost of a mirror is limited: bytes by the size in CHECKSUM or by [`MAX_ISO_BYTES`](super::verify); attempts by
//! [`one_mirror`]; the disk by its reserve and the room for the tree; time as in [`super::mirror`]. A part that cannot
//! become complete is removed.

mod attempt;
mod error;
mod one_mirror;
mod order;
mod origin;
mod partial_file;
mod range_request;

pub use error::DownloadError;
pub use order::Order;

use super::brought::{Brought, BroughtError};
use super::iso::{VerifiedIso, VerifyError};
use super::mirror::Client;
use crate::files::IoError;
use crate::types::one_line;
use attempt::Source;
use error::Faults;
use partial_file::verified_name;

/// Downloads it. `progress` gets the number of bytes so far, and their total.
///
/// # Errors
/// See [`DownloadError`].
pub fn download(
    client: &Client,
    order: &Order<'_>,
    progress: &mut dyn FnMut(u64, Option<u64>),
) -> Result<VerifiedIso, DownloadError> {
    if let Some(iso) = verified_before(client, order, progress)? {
        return Ok(iso);
    }
    let mut faults = Faults::none();
    for url in order.urls {
        if let Some(iso) = (Source { client, order, url }).fetch(&mut faults, progress)? {
            return Ok(iso);
        }
    }
    Err(faults.into_error(order.expected.name()))
}

/// The file as an earlier stopped run left it. It is removed only if the digest shows that it is another one.
fn verified_before(
    client: &Client,
    order: &Order<'_>,
    progress: &mut dyn FnMut(u64, Option<u64>),
) -> Result<Option<VerifiedIso>, DownloadError> {
    let name = order.expected.name();
    let path = order.folder.join(verified_name(name));
    let verified = match Brought::open(&path) {
        Err(BroughtError::Missing(_)) => return Ok(None),
        opened => opened.map_err(VerifyError::from),
    };
    match verified.and_then(|iso| order.expected.verify_own(iso, order.folder, &client.stop, progress)) {
        Ok(iso) => Ok(Some(iso)),
        Err(VerifyError::Stopped) => Err(DownloadError::Stopped { name: name.to_owned() }),
        // Only a file that was read and is wrong is useless: one that could not be read may be readable tomorrow.
        Err(error) if error.is_refusal() => {
            std::fs::remove_file(&path).map(|()| None).map_err(|source| IoError::new("remove", path, source).into())
        }
        Err(VerifyError::Brought(BroughtError::Space { folder, needed, free, .. })) => {
            Err(DownloadError::Space { path: folder, needed, free })
        }
        Err(error) => Err(DownloadError::Unverified { path, problem: one_line(&error) }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::iso::{Expected, MAX_ISO_BYTES};
    use crate::media::mirror::{Proxies, RetryPolicy};
    use crate::types::Sha256Digest;
    use std::path::Path;
    use std::sync::Arc;
    use std::time::Duration;

    #[test]
    fn a_proven_iso_is_removed_only_where_it_is_another_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.iso.proven");
        let expected = Expected::on_the_word_of("admin", "a.iso", Sha256Digest::hash(b"abc"), None);
        let policy = RetryPolicy { silence: Duration::from_secs(1), retries: 0, pause: Duration::ZERO };
        let client = Client::new(policy, Path::new("/nonexistent"), Proxies::default(), Arc::default());
        let order = Order { expected: &expected, urls: &[], folder: folder.path(), limit: None };
        let get = || download(&client, &order, &mut |_, _| {});
        std::fs::write(&path, "abc").unwrap();
        assert_eq!(get().unwrap().size(), 3);
        // It is larger than the free space, and others can write it: a copy would be needed.
        std::fs::File::options().write(true).open(&path).unwrap().set_len(MAX_ISO_BYTES).unwrap();
        std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o666)).unwrap();
        if crate::files::free_space(folder.path()).unwrap() < 2 * MAX_ISO_BYTES {
            assert!(matches!(get(), Err(DownloadError::Space { .. })));
            assert!(path.exists());
        }
        std::fs::remove_file(&path).unwrap();
        // The kernel answers EIO to a read of the first page of this one.
        std::os::unix::fs::symlink("/proc/self/mem", &path).unwrap();
        let error = get().unwrap_err().to_string();
        assert!(error.contains("Input/output error") && error.ends_with(&format!("rm {}", path.display())), "{error}");
        assert!(path.symlink_metadata().is_ok(), "it stays");
        std::fs::remove_file(&path).unwrap();
        std::fs::write(&path, "abX").unwrap();
        assert!(matches!(get(), Err(DownloadError::NoMirror { .. })));
        assert!(!path.exists(), "it is another one");
    }
}
