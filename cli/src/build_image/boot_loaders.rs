// SPDX-License-Identifier: GPL-3.0-or-later
//! `build-image --boot-loaders`: the packages of boot loaders, fetched and proven by apt, kept for `reload`.

use super::arguments::Arguments;
use super::progress::progress;
use crate::debian_archives::{archives, asking, explained, lines, need_keyring};
use crate::media;
use crate::program::{self, Exit};
use crate::published::{Publisher, not_locked};
use hps::exec::apt::{self, Archive};
use hps::media::ProvenPackageError;
use hps::media::boot_loaders::BootLoaders;
use hps::media::loader_packages::LoaderPackage;
use hps::media::proven_package::PackageSource;
use hps::types::{Cpu, Distro};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The release that this machine has, in `/etc/os-release` (os-release(5)).
const OS_RELEASE: &str = "/etc/os-release";

/// What is reported of one package.
#[derive(serde::Serialize)]
struct Fetched<'a> {
    package: &'a str,
    release: &'a str,
    version: String,
    before: Option<String>,
    files: Vec<&'a Path>,
    new: bool,
}

/// Fetches them.
pub(super) fn fetch(publisher: &Publisher<'_>, arguments: &Arguments) -> anyhow::Result<Exit> {
    need_keyring()?;
    let loaders = BootLoaders::load()?;
    let kept = media::loader_packages(&publisher.site.conf);
    let mut by_release: BTreeMap<&str, Vec<(&str, Vec<&Path>)>> = BTreeMap::new();
    for ((release, package), paths) in loaders.to_fetch(installed_release(), Path::new("/")) {
        by_release.entry(release).or_default().push((package, paths.into_iter().collect()));
    }
    let only_asked = arguments.check || arguments.dry_run;
    let mut answer = Vec::new();
    for (release, packages) in by_release {
        let archives = archives(arguments.mirrors(), &["main"], release, &publisher.stop)?;
        let configured = apt::network_settings(&publisher.stop)?;
        let settings = lines(configured, &archives, &media::proxies()?)?;
        progress(asking(&archives));
        let with_reason = |error| with_reason(error, &archives);
        let source =
            PackageSource::open(&archives, Cpu::X86_64.debian(), &settings, &publisher.stop).map_err(with_reason)?;
        for (package, files) in packages {
            let candidate = source.candidate(package, &publisher.stop).map_err(with_reason)?;
            let before = kept.package(release, package).unwrap_or_else(|error| {
                progress(error);
                None
            });
            let whole = |record: &LoaderPackage| {
                files.iter().all(|path| matches!(kept.file(release, package, path), Ok(Some(_))))
                    && record.sha256() == candidate.sha256
            };
            let new = !before.as_ref().is_some_and(whole);
            let version = candidate.version.clone();
            if new && !only_asked {
                let taken = source.take(candidate, &files, &publisher.stop).map_err(with_reason)?;
                let record = kept.keep(release, &taken).map_err(with_reason)?;
                publisher.log(&format!(
                    "boot loaders of package {package} {version} of Debian {release} fetched, proven by apt (SHA-256 {})",
                    record.sha256()
                ))?;
            }
            let before = before.map(|record| record.package_version().to_owned());
            answer.push(Fetched { package, release, version, before, files, new });
        }
    }
    report(arguments, &answer, only_asked)?;
    let newer = answer.iter().any(|fetched| fetched.new);
    Ok(if only_asked && newer { Exit::WouldChange } else { Exit::Done })
}

/// One line for each package that is new. A cron job that found nothing to do prints nothing.
fn report(arguments: &Arguments, answer: &[Fetched<'_>], only_asked: bool) -> anyhow::Result<()> {
    if arguments.json {
        return program::print_json(&answer);
    }
    for fetched in answer {
        let Fetched { package, release, version, before, new, .. } = fetched;
        let before = before.as_ref().map_or_else(String::new, |before| format!(" (before: {before})"));
        match (new, only_asked) {
            (true, true) => program::print(format_args!("{package} {version} of Debian {release} is newer{before}"))?,
            (true, false) => {
                let names: Vec<_> = fetched.files.iter().filter_map(|path| path.file_name()?.to_str()).collect();
                let names = names.join(", ");
                program::print(format_args!(
                    "{package} {version} of Debian {release}{before}: {names}; to serve: reload"
                ))?;
            }
            (false, _) => progress(format_args!("{package} {version} of Debian {release} is up to date")),
        }
    }
    Ok(())
}

fn with_reason(error: ProvenPackageError, archives: &[Archive]) -> anyhow::Error {
    match error.exec() {
        Ok(error) => explained(error, archives),
        Err(ProvenPackageError::Lock(error)) => not_locked(error),
        Err(error) => error.into(),
    }
}

/// The code name of the release of this machine, if it is a known one.
fn installed_release() -> Option<&'static str> {
    let bytes = hps::files::read_input(&PathBuf::from(OS_RELEASE), 64 << 10).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let name = text.lines().find_map(|line| line.strip_prefix("VERSION_CODENAME="))?.trim_matches('"').to_owned();
    Distro::codenames().into_iter().find(|known| *known == name)
}
