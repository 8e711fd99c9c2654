// SPDX-License-Identifier: GPL-3.0-or-later
//! The tokens by which programs change something over the API: a file for each name, which only root reads and writes. It
//! has the digest of the token alone. A token has 256 random bits, so a plain digest is enough.

use super::{Paths, StoreError, documents};
use crate::files::{Access, FileError, Trust, create_atomic, is_there, make_dir, read_trusted, remove};
use crate::types::{Line, Sha256Digest, Timestamp, WebName};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

const MAX_BYTES: u64 = 4096;
const ENDING: &str = ".toml";
/// What each token begins with, so that a person who finds one knows what it is.
const BEGIN: &str = "hps_";

/// A token. No text form but [`WebToken::reveal`] has it.
#[derive(Clone, PartialEq, Eq)]
pub struct WebToken(String);

impl std::fmt::Debug for WebToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("WebToken")
    }
}

impl WebToken {
    /// From random bytes.
    pub fn new(random: [u8; 32]) -> Self {
        let digits: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
        Self(format!("{BEGIN}{digits}"))
    }

    /// A text that has the form of a token; `None` for another one.
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix(BEGIN)?;
        let fits = digits.len() == 64 && digits.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        fits.then(|| Self(text.to_owned()))
    }

    /// For the person who made it.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    fn digest(&self) -> Sha256Digest {
        Sha256Digest::hash(self.0.as_bytes())
    }
}

/// What is stored of a token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoredToken {
    version: u32,
    /// SHA-256 of the token.
    digest: Sha256Digest,
    /// When it was made.
    pub created: Timestamp,
    /// By whom.
    pub created_by: Line,
}

/// The name of a token, and what is stored of it or why that cannot be accepted.
pub type ListedToken = (WebName, Result<StoredToken, StoreError>);

/// The tokens of a site.
#[derive(Debug, Clone, Copy)]
pub struct WebTokens<'a> {
    paths: &'a Paths,
}

impl<'a> WebTokens<'a> {
    pub(super) fn new(paths: &'a Paths) -> Self {
        Self { paths }
    }

    fn path(self, name: &WebName) -> PathBuf {
        self.paths.web_tokens_dir().join(format!("{name}{ENDING}"))
    }

    /// Stores a token under a name. `false` if the name has one.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn create(self, name: &WebName, token: &WebToken, at: Timestamp, by: Line) -> Result<bool, StoreError> {
        make_dir(&self.paths.web_tokens_dir(), 0o700, None)?;
        let stored = StoredToken { version: 1, digest: token.digest(), created: at, created_by: by };
        let path = self.path(name);
        let text = toml::to_string(&stored).map_err(|error| StoreError::content(&path, error))?;
        Ok(create_atomic(&path, text.as_bytes(), Access::Owner)?)
    }

    /// All of them, by their names. One that cannot be accepted is an error in its place.
    ///
    /// # Errors
    /// When the folder cannot be listed. A missing one holds none.
    pub fn list(self) -> Result<Vec<ListedToken>, StoreError> {
        let mut names: Vec<WebName> = documents::list_where_there(&self.paths.web_tokens_dir())?
            .iter()
            .filter_map(|file| file.strip_suffix(ENDING)?.parse().ok())
            .collect();
        names.sort();
        Ok(names.into_iter().filter_map(|name| Some((name.clone(), self.read(&name).transpose()?))).collect())
    }

    /// The name of a token that is valid now. A file that cannot be accepted is no token.
    ///
    /// # Errors
    /// When the folder cannot be listed.
    pub fn name_of(self, token: &WebToken) -> Result<Option<WebName>, StoreError> {
        let digest = token.digest().to_bytes();
        let is_it = |stored: &StoredToken| {
            let other = stored.digest.to_bytes();
            digest.iter().zip(other).fold(0, |different, (a, b)| different | (a ^ b)) == 0
        };
        let found = self.list()?.into_iter().find(|(_, stored)| stored.as_ref().is_ok_and(is_it));
        Ok(found.map(|(name, _)| name))
    }

    /// Ends a token. Returns whether it was there.
    ///
    /// # Errors
    /// When its file cannot be removed.
    pub fn revoke(self, name: &WebName) -> Result<bool, StoreError> {
        let path = self.path(name);
        let was_there = is_there(&path)?;
        remove(&path)?;
        Ok(was_there)
    }

    fn read(self, name: &WebName) -> Result<Option<StoredToken>, StoreError> {
        let path = self.path(name);
        let bytes = match read_trusted(&path, &super::base(self.paths.conf()), Trust::Root, MAX_BYTES) {
            Err(FileError::Io(error)) if error.is_not_found() => return Ok(None),
            read => read?,
        };
        let stored: StoredToken =
            toml::from_slice(&bytes).map_err(|error| StoreError::content(&path, error.message()))?;
        match stored.version {
            1 => Ok(Some(stored)),
            other => Err(StoreError::content(&path, format!("version is {other}: this program reads version 1"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::store;
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn a_token_counts_until_it_is_revoked_and_its_file_has_no_token() {
        let (_folder, store) = store("10.0.0.2-10.0.0.9");
        let (tokens, name): (_, WebName) = (store.web_tokens(), "ci".parse().unwrap());
        let token = WebToken::new([7; 32]);
        let create = |token: &WebToken| tokens.create(&name, token, Timestamp::now(), Line::lossy("root")).unwrap();
        assert_eq!(tokens.name_of(&token).unwrap(), None);
        assert!(create(&token));
        assert!(!create(&WebToken::new([8; 32])), "the name has one");
        assert_eq!(tokens.name_of(&token).unwrap(), Some(name.clone()));
        assert_eq!(tokens.name_of(&WebToken::new([8; 32])).unwrap(), None);
        let path = store.paths.web_tokens_dir().join("ci.toml");
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(!text.contains("0707") && !format!("{token:?}").contains("07"), "{text}");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o622)).unwrap();
        assert_eq!(tokens.name_of(&token).unwrap(), None, "others could have written it");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        assert!(tokens.revoke(&name).unwrap() && !tokens.revoke(&name).unwrap());
        assert_eq!(tokens.name_of(&token).unwrap(), None);
    }

    #[test]
    fn only_a_whole_token_has_the_form_of_one() {
        let good = WebToken::new([0xab; 32]);
        assert_eq!(WebToken::parse(good.reveal()), Some(good.clone()));
        for bad in ["", "hps_", "hps_AB", &good.reveal()[1..], &format!("{}0", good.reveal()), "hps_../../etc/passwd"] {
            assert_eq!(WebToken::parse(bad), None, "{bad}");
        }
    }
}
