// SPDX-License-Identifier: GPL-3.0-or-later
//! All contents of the repository, verified again, and whether hosts find there what they need. Both ask apt, which
//! reads the repository as a host does, with the key of the site.

use super::DebRepositoryError;
use super::index;
use super::repository::DebRepository;
use crate::exec::ExecError;
use crate::exec::apt_index::{AptIndex, AptIndexError};
use crate::media::brought::Brought;
use crate::media::proven_package_error::ProvenPackageError;
use crate::media::settled;
use crate::types::Sha256Digest;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

impl DebRepository {
    /// Reads every file of it again. Returns the faults, a line each. `progress` gets the number of packages so far,
    /// and their total.
    ///
    /// # Errors
    /// When apt cannot be asked, or `stop` is set meanwhile.
    pub fn verify(
        &self,
        stop: &AtomicBool,
        progress: &mut dyn FnMut(u64, Option<u64>),
    ) -> Result<Vec<String>, DebRepositoryError> {
        let debs = match index::read(&self.repo(), self.paths()) {
            Ok(Some((_, debs))) => debs,
            Ok(None) => return Ok(Vec::new()),
            Err(error) => return Ok(vec![error.to_string()]),
        };
        let mut wrong = Vec::new();
        let room = self.workshop()?;
        match self.as_a_host(room.path(), stop) {
            Ok(_) => {}
            Err(AptIndexError::Exec(ExecError::Failed { said, .. })) => {
                wrong.push(format!("apt does not accept the index: {said}"));
            }
            Err(error) => return Err(ProvenPackageError::from(error).into()),
        }
        let total = debs.len() as u64;
        for (number, deb) in (1..).zip(&debs) {
            if stop.load(Ordering::Relaxed) {
                return Err(ExecError::Stopped { program: "the check" }.into());
            }
            let path = self.repo().join(deb.path());
            let found = Brought::open(&path).map_err(std::io::Error::other);
            match found.and_then(|brought| Sha256Digest::hash_reader(brought.into_file())) {
                Ok((digest, _)) if digest == deb.sha256 => {}
                Ok(_) => wrong.push(format!("{}: its bytes are not those of the index", path.display())),
                Err(error) => wrong.push(format!("{}: cannot be read ({error})", path.display())),
            }
            if let Some(why) = settled::wrong_of(&path) {
                wrong.push(format!("{}: {why}", path.display()));
            }
            progress(number, Some(total));
        }
        Ok(wrong)
    }

    /// Whether a host can install these packages from the repository alone: none, or what apt reports.
    ///
    /// # Errors
    /// When apt cannot be asked, or `stop` is set meanwhile.
    pub fn lacks(&self, packages: &[&str], stop: &AtomicBool) -> Result<Option<String>, DebRepositoryError> {
        let room = self.workshop()?;
        let asked = self.as_a_host(room.path(), stop).and_then(|index| index.needed(packages, stop));
        match asked {
            Ok(_) => Ok(None),
            Err(AptIndexError::Exec(ExecError::Failed { said, .. })) => Ok(Some(said)),
            Err(error) => Err(ProvenPackageError::from(error).into()),
        }
    }

    fn as_a_host(&self, room: &Path, stop: &AtomicBool) -> Result<AptIndex, AptIndexError> {
        let (key, repo, suite) = (self.public_key(), self.repo(), self.paths().suite());
        let line = format!("deb [signed-by={}] file:{} {suite} {}", key.display(), repo.display(), index::COMPONENT);
        AptIndex::fetch(room, &[line], self.paths().architecture(), &[], stop)
    }
}
