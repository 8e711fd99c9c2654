// SPDX-License-Identifier: GPL-3.0-or-later
//! What the programs that publish media share: the accepted keys, the client of mirrors, media.log, and the progress on
//! a terminal.

use crate::audit;
use crate::program::{self, Ended, Exit};
use anyhow::Context as _;
use hps::config::{Dir, HpsConf};
use hps::exec::gpg;
use hps::files::Base;
use hps::media::loader_packages::LoaderPackages;
use hps::media::mirror::{Client, Proxies, RetryPolicy};
use hps::media::vendor::{Keys, TEST_KEY_VARIABLE};
use hps::media::work_folder::work_folder;
use hps::types::{ClusterName, log_line};
use indicatif::{ProgressBar, ProgressStyle};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

/// The accepted keys: those compiled in, or in test builds the one that a variable names.
///
/// # Errors
/// When the key of the tests cannot be read, or `stop` is set meanwhile.
pub fn keys(stop: &AtomicBool) -> anyhow::Result<Keys> {
    let Some(path) = TEST_KEY_VARIABLE.and_then(std::env::var_os) else { return Ok(Keys::pinned()) };
    let armored = std::fs::read_to_string(&path).context("the test key cannot be read")?;
    let home = work_folder().context("a folder for gpg")?;
    let found = gpg::show_keys(home.path(), Path::new(&path), stop)?;
    let key = found.first().context("the test key is not a key")?;
    Ok(Keys::for_tests(key.fingerprint.clone(), armored))
}

/// The client of mirrors: how many seconds a mirror may be silent, and how often it is tried.
///
/// # Errors
/// When a variable has a bad proxy.
pub fn client(timeout: u64, retries: u32, stop: &Arc<AtomicBool>) -> anyhow::Result<Client> {
    let policy = RetryPolicy { silence: Duration::from_secs(timeout), retries, pause: Duration::from_secs(1) };
    let certificates = std::env::var_os("SSL_CERT_FILE").filter(|path| !path.is_empty());
    let certificates = certificates.map_or_else(|| PathBuf::from("/etc/ssl/certs/ca-certificates.crt"), PathBuf::from);
    Ok(Client::new(policy, &certificates, proxies()?, Arc::clone(stop)))
}

/// The proxies of the environment.
///
/// # Errors
/// When a variable has a bad proxy.
pub fn proxies() -> anyhow::Result<Proxies> {
    let value = |name: &str| std::env::var_os(name).map(|value| value.to_string_lossy().into_owned());
    Proxies::from_variables(value).map_err(|error| Ended::error(Exit::Usage, error.to_string()))
}

/// The root folder of HPS on this machine.
pub fn base(conf: &HpsConf) -> Base {
    Base::from_folders(conf.dirs().map(|(_, path)| path))
}

/// The boot loaders that were fetched from Debian packages.
pub fn loader_packages(conf: &HpsConf) -> LoaderPackages {
    LoaderPackages::new(conf.dir(Dir::State).join(LoaderPackages::FOLDER), base(conf))
}

/// A line in media.log.
///
/// # Errors
/// When it cannot be written.
pub fn log(program: &str, conf: &HpsConf, line: &str) -> anyhow::Result<()> {
    let path = conf.dir(Dir::Log).join("media.log");
    audit::note(program, conf, &audit::line(program, line));
    // Others choose the names of files and keys.
    let line = format!("{} {}\n", program::now(), log_line(line));
    std::fs::OpenOptions::new()
        .append(true)
        .create(true)
        .open(&path)
        .and_then(|mut file| file.write_all(line.as_bytes()))
        .with_context(|| format!("{}: cannot write", path.display()))
}

/// The names of all clusters.
///
/// # Errors
/// When their folder cannot be listed, or has a file with a bad name.
pub fn clusters(conf: &HpsConf) -> anyhow::Result<Vec<ClusterName>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(conf.dir(Dir::Clusters))? {
        let path = entry?.path();
        if path.extension().is_some_and(|e| e == "cluster") {
            names.push(path.file_stem().unwrap_or_default().to_string_lossy().parse()?);
        }
    }
    Ok(names)
}

/// Bytes so far, of how many, how fast, how long still.
pub const BYTES: &str = "{bar:30} {binary_bytes} of {binary_total_bytes}, {binary_bytes_per_sec}, {eta} left";

/// A bar on a terminal; without a terminal nothing.
pub fn bar(template: &str) -> ProgressBar {
    if !program::on_terminal() {
        return ProgressBar::hidden();
    }
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(0).with_style(style)
}

/// Tells a bar the progress.
pub fn show(bar: &ProgressBar) -> impl FnMut(u64, Option<u64>) + '_ {
    let mut begun = false;
    move |have, size| {
        // Bytes from before this run must not count for the speed.
        if !begun {
            begun = true;
            bar.set_position(have);
            bar.reset_eta();
        }
        if let Some(size) = size.filter(|size| bar.length() != Some(*size)) {
            bar.set_length(size);
        }
        bar.set_position(have);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_forges_no_line_of_the_log() {
        let folder = tempfile::tempdir().unwrap();
        let conf = HpsConf::with_base(folder.path()).unwrap();
        std::fs::create_dir_all(conf.dir(Dir::Log)).unwrap();
        log("build-image", &conf, "from a\n2026-11-22T10:00:30Z x86_64-linux-rockylinux-9.9 published.iso").unwrap();
        let text = std::fs::read_to_string(conf.dir(Dir::Log).join("media.log")).unwrap();
        assert!(text.lines().count() == 1 && text.contains("from a\\n2026-11-22"), "{text}");
    }
}
