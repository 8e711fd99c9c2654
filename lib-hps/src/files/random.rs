// SPDX-License-Identifier: GPL-3.0-or-later
//! Random bytes of the system, for ids, keys and names of temporary files.

use super::IoError;
use std::io::Read as _;
use std::path::Path;

/// Random bytes.
///
/// # Errors
/// When `/dev/urandom` cannot be read.
pub fn random<const N: usize>() -> Result<[u8; N], IoError> {
    let path = Path::new("/dev/urandom");
    let mut bytes = [0; N];
    std::fs::File::open(path)
        .and_then(|mut file| file.read_exact(&mut bytes))
        .map_err(IoError::during("read", path))?;
    Ok(bytes)
}
