// SPDX-License-Identifier: GPL-3.0-or-later
//! A package from an address. It is trusted as little as a file from a person.

use super::{PackageError, refused};
use crate::files::IoError;
use crate::media::mirror::{Bounds, Client, MirrorError, is_plain_url};
use crate::media::space;
use crate::types::Invalid;
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::str::FromStr;
use ureq::http::{StatusCode, header};

/// The address of a file, by http or https.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Url(String);

impl FromStr for Url {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        if is_plain_url(text) {
            return Ok(Self(text.to_owned()));
        }
        Err(Invalid::new("address", text, "expected http://HOST/PATH or https://HOST/PATH, without a password"))
    }
}

impl std::fmt::Display for Url {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl Url {
    /// Fetches it to `to`; temporary errors are tried again, from the beginning.
    ///
    /// # Errors
    /// The error of the server or of the disk.
    pub fn fetch(&self, client: &Client, to: &Path, limit: u64) -> Result<(), PackageError> {
        let mut failures = 0;
        loop {
            match self.fetch_once(client, to, limit) {
                Err(PackageError::Mirror(error)) if error.may_pass() && failures < client.policy.retries => {}
                other => return other,
            }
            failures += 1;
            client.wait(failures).map_err(|_stopped| MirrorError::Stopped)?;
        }
    }

    fn fetch_once(&self, client: &Client, to: &Path, limit: u64) -> Result<(), PackageError> {
        let url = self.0.as_str();
        let response = client.ask(url, &[])?;
        if response.status() != StatusCode::OK {
            return Err(MirrorError::Status { url: client.called(url), status: response.status().as_u16() }.into());
        }
        let length = response.headers().get(header::CONTENT_LENGTH).and_then(|l| l.to_str().ok());
        let size: Option<u64> = length.and_then(|length| length.parse().ok());
        let too_large = || refused(url, format!("it is larger than {}, the limit for a package", words(limit)));
        if size.is_some_and(|size| size > limit) {
            return Err(too_large());
        }
        let folder = to.parent().unwrap_or(to);
        let mut file = std::fs::File::create(to).map_err(IoError::during("create", to))?;
        let mut body = client.read(url, response.into_body(), Bounds { most: limit, rate: None });
        let (mut buffer, mut got) = (vec![0u8; 1 << 20], 0u64);
        loop {
            let count = match body.read(&mut buffer) {
                Ok(0) => break,
                Ok(count) => count as u64,
                Err(error) => return Err(body.error(error).into()),
            };
            room(folder, count)?;
            got += count;
            let bytes = usize::try_from(count).ok().and_then(|count| buffer.get(..count)).unwrap_or_default();
            file.write_all(bytes).map_err(IoError::during("write", to))?;
        }
        match size.filter(|size| *size != got) {
            Some(size) => {
                let problem = format!("the line broke at {got} of {size} bytes");
                Err(MirrorError::Line { url: client.called(url), problem }.into())
            }
            None => Ok(()),
        }
    }
}

/// Whether this many bytes of a package fit into a folder, without using the disk's reserve.
pub(super) fn room(folder: &Path, bytes: u64) -> Result<(), PackageError> {
    if space::has_room(folder, bytes)? {
        return Ok(());
    }
    Err(PackageError::Full { path: folder.to_path_buf(), kept: words(space::RESERVE) })
}

fn words(bytes: u64) -> String {
    space::format_size(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        assert_eq!("https://h/a%2bb/x.rpm?y".parse::<Url>().unwrap().to_string(), "https://h/a%2bb/x.rpm?y");
        for bad in ["", "/a.rpm", "a.rpm", "file:///a.rpm", "ftp://h/a.rpm", "http://u:p@h/a.rpm", "http://h/a b.rpm"] {
            assert!(bad.parse::<Url>().is_err(), "{bad}");
        }
    }
}
