// SPDX-License-Identifier: GPL-3.0-or-later
//! `apt-get` with folders of its own: the index of some archives, and packages by this index.
//!
//! The archives' keys prove the index, and the index has the digest of each package. apt reads no configuration and no
//! sources of this machine, so no setting can make it accept an archive without a proof. It installs no package.

use super::apt::RESOLVER;
use super::{ExecError, Limit, Run};
use crate::files::{Access, FileError, IoError, make_dir, write_atomic};
use crate::types::Sha256Digest;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

const PROGRAM: &str = "apt-get";

/// Why apt gives no package.
#[derive(Debug, thiserror::Error)]
pub enum AptIndexError {
    /// apt failed, or was stopped.
    #[error(transparent)]
    Exec(#[from] ExecError),
    /// A folder for it cannot be made.
    #[error(transparent)]
    Folder(#[from] FileError),
    /// A file for it cannot be written.
    #[error(transparent)]
    Io(#[from] IoError),
}

/// An index that was fetched and proven.
#[derive(Debug)]
pub struct AptIndex {
    configuration: PathBuf,
}

/// The package that apt would take: the newest one of its name in all archives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Its name.
    pub package: String,
    /// Its version.
    pub version: String,
    /// The name of its file.
    pub file: String,
    /// The bytes of its file.
    pub size: u64,
    /// Their digest in the index.
    pub sha256: Sha256Digest,
}

impl Candidate {
    /// `amd64`, or `all`: the end of the name of its file.
    pub fn architecture(&self) -> &str {
        let stem = self.file.strip_suffix(".deb").unwrap_or(&self.file);
        stem.rsplit_once('_').map_or("", |(_, architecture)| architecture)
    }
}

impl AptIndex {
    /// Fetches the index of the archives to `folder`, for packages of this architecture (`amd64`), and of none.
    /// `archives` are lines of sources.list, each with the keyring that must prove it. `settings` are lines of apt.conf
    /// for the way to the archives: see [`super::apt::network_settings`].
    ///
    /// # Errors
    /// When an archive cannot be reached or proven, or `stop` is set meanwhile.
    pub fn fetch(
        folder: &Path,
        archives: &[String],
        architecture: &str,
        settings: &[String],
        stop: &AtomicBool,
    ) -> Result<Self, AptIndexError> {
        // apt's own user enters them, whatever the umask of the caller is.
        for place in ["lists", "cache", "cache/archives"] {
            make_dir(&folder.join(place), 0o755, None)?;
        }
        let sources = folder.join("sources.list");
        let lines: String = archives.iter().map(|archive| format!("{archive}\n")).collect();
        write_atomic(&sources, lines.as_bytes(), Access::World)?;
        let configuration = folder.join("apt.conf");
        // A proxy's password may be in it.
        write_atomic(
            &configuration,
            configuration_of(folder, &sources, architecture, settings).as_bytes(),
            Access::GroupRead,
        )?;
        let index = Self { configuration };
        index.call().args(["--quiet=2", "--error-on=any", "update"]).output(Limit::WORK, stop)?;
        Ok(index)
    }

    /// What apt would take for this name.
    ///
    /// # Errors
    /// When no archive has it, or `stop` is set meanwhile.
    pub fn candidate(&self, package: &str, stop: &AtomicBool) -> Result<Candidate, AptIndexError> {
        let call = self.call().args(["--quiet=2", "--print-uris", "download", package]);
        let text = call.text(Limit::CHECK, stop)?;
        candidate_of(&text, package).ok_or_else(|| {
            let problem = format!("no file, size and SHA-256 digest of {package}");
            ExecError::Output { program: PROGRAM, problem }.into()
        })
    }

    /// Downloads it into a folder. apt's own user may write there, so the file counts only after its digest was
    /// compared.
    ///
    /// # Errors
    /// When it cannot be fetched, or `stop` is set meanwhile.
    pub fn download(&self, candidate: &Candidate, to: &Path, stop: &AtomicBool) -> Result<PathBuf, AptIndexError> {
        let wanted = format!("{}={}", candidate.package, candidate.version);
        self.call().args(["--quiet=2", "download", &wanted]).in_folder(to).output(Limit::WORK, stop)?;
        Ok(to.join(&candidate.file))
    }

    /// The names of all packages in it.
    ///
    /// # Errors
    /// When apt fails, or `stop` is set meanwhile.
    pub fn names(&self, stop: &AtomicBool) -> Result<BTreeSet<String>, AptIndexError> {
        let call = Run::new("apt-cache", "apt").env("APT_CONFIG", &self.configuration);
        let text = call.args(["--quiet=2", "pkgnames"]).text(Limit::READ, stop)?;
        Ok(text.lines().map(str::to_owned).collect())
    }

    /// What apt would fetch to install these packages into an empty system: they, and all that they depend on. A path
    /// that begins with `/` is the file of a package.
    ///
    /// # Errors
    /// When they cannot be installed together, or `stop` is set meanwhile.
    pub fn needed(&self, packages: &[&str], stop: &AtomicBool) -> Result<Vec<Candidate>, AptIndexError> {
        let call = self.call().args(["--quiet=2", "--print-uris", "--no-install-recommends", "install", "--"]);
        let text = call.args(packages).text(Limit::READ, stop)?;
        let fetched = |line: &&str| line.starts_with('\'') && !line.starts_with("'file:");
        let lines = text.lines().filter(fetched);
        let found: Option<Vec<Candidate>> = lines.map(candidate_of_line).collect();
        found.ok_or_else(|| {
            let problem = "a package without file, size and SHA-256 digest".to_owned();
            ExecError::Output { program: PROGRAM, problem }.into()
        })
    }

    /// Downloads several into a folder, under the names of their files. See [`AptIndex::download`].
    ///
    /// # Errors
    /// When one cannot be fetched, or `stop` is set meanwhile.
    pub fn download_all(&self, candidates: &[Candidate], to: &Path, stop: &AtomicBool) -> Result<(), AptIndexError> {
        let wanted = candidates.iter().map(|candidate| format!("{}={}", candidate.package, candidate.version));
        self.call().args(["--quiet=2", "download"]).args(wanted).in_folder(to).output(Limit::WORK, stop)?;
        Ok(())
    }

    fn call(&self) -> Run {
        let (name, value) = RESOLVER;
        Run::new(PROGRAM, "apt").env("APT_CONFIG", &self.configuration).env(name, value)
    }
}

/// apt reads this file first, so it names where apt looks for all others.
fn configuration_of(folder: &Path, sources: &Path, architecture: &str, settings: &[String]) -> String {
    let mut text = String::new();
    for name in ["main", "parts", "sourceparts", "trusted", "trustedparts", "preferences", "preferencesparts"] {
        text.push_str(&format!("Dir::Etc::{name} \"/dev/null\";\n"));
    }
    let at = |name: &str| folder.join(name).display().to_string();
    for (name, value) in [
        ("Dir::Etc::sourcelist", sources.display().to_string()),
        ("Dir::State", folder.display().to_string()),
        ("Dir::State::lists", at("lists")),
        // No package is installed.
        ("Dir::State::status", "/dev/null".to_owned()),
        ("Dir::Cache", at("cache")),
        ("APT::Architecture", architecture.to_owned()),
        ("APT::Architectures", architecture.to_owned()),
        // Otherwise apt-get prints MD5 digests of what it would install.
        ("Acquire::ForceHash", "SHA256".to_owned()),
        ("Acquire::Languages", "none".to_owned()),
    ] {
        text.push_str(&format!("{name} \"{value}\";\n"));
    }
    settings.iter().for_each(|line| text.push_str(&format!("{line}\n")));
    text
}

/// `'URI' FILE SIZE SHA256:DIGEST`, as apt-get --print-uris prints it. FILE is `NAME_VERSION_ARCHITECTURE.deb`.
fn candidate_of(text: &str, package: &str) -> Option<Candidate> {
    let found = text.lines().find(|line| line.starts_with('\'')).and_then(candidate_of_line);
    found.filter(|candidate| candidate.package == package)
}

fn candidate_of_line(line: &str) -> Option<Candidate> {
    let mut words = line.split_whitespace();
    let (_, file, size, digest) = (words.next()?, words.next()?, words.next()?, words.next()?);
    let mut parts = file.strip_suffix(".deb")?.split('_');
    let (package, version) = (parts.next()?, parts.next()?);
    if file.contains('/') {
        return None;
    }
    Some(Candidate {
        package: package.to_owned(),
        // A colon is written so in names of files.
        version: version.replace("%3a", ":"),
        file: file.to_owned(),
        size: size.parse().ok()?,
        sha256: digest.strip_prefix("SHA256:")?.parse().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_package_that_apt_would_take() {
        let digest = Sha256Digest::hash(b"x");
        let line = |file: &str, digest: &str| format!("'http://m/pool/main/i/{file}' {file} 248 {digest}\n");
        let found = candidate_of(&line("ipxe_1%3a1.21+git-1_all.deb", &format!("SHA256:{digest}")), "ipxe").unwrap();
        assert_eq!((found.version.as_str(), found.size, found.sha256), ("1:1.21+git-1", 248, digest));
        assert_eq!(found.architecture(), "all");
        for (file, digest) in [
            ("ipxe_1_all.deb", "MD5Sum:00".to_owned()),
            ("other_1_all.deb", format!("SHA256:{digest}")),
            ("../ipxe_1_all.deb", format!("SHA256:{digest}")),
            ("ipxe", format!("SHA256:{digest}")),
        ] {
            assert_eq!(candidate_of(&line(file, &digest), "ipxe"), None, "{file} {digest}");
        }
        assert_eq!(candidate_of("", "ipxe"), None);
    }

    #[test]
    fn no_configuration_of_the_machine_is_read() {
        let settings = ["Acquire::http::Proxy \"http://p:3128\";".to_owned()];
        let text = configuration_of(Path::new("/f"), Path::new("/f/sources.list"), "arm64", &settings);
        for line in [
            "Dir::Etc::main \"/dev/null\";",
            "Dir::Etc::parts \"/dev/null\";",
            "APT::Architecture \"arm64\";",
            settings[0].as_str(),
        ] {
            assert!(text.lines().any(|found| found == line), "{line}: {text}");
        }
    }
}
