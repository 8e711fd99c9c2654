// SPDX-License-Identifier: GPL-3.0-or-later
//! `build-image`: makes the node environment and the images of Debian hosts from apt, and publishes them.
//!
//! What is proven: apt proves every package with Debian's keyring, named in each line of the sources; nothing else goes in
//! but the scripts that are compiled into this program.

mod make;

use crate::program::{self, Ended, Exit};
use clap::{Parser, ValueEnum};
use hps::config::Dir;
use hps::exec::ExecError;
use hps::exec::apt::{self, Archive, Mirror};
use hps::exec::mmdebstrap::{Bootstrap, Variant};
use hps::media::build::{self, BuildError, Builder};
use hps::media::recipe::{self, Kernel, Recipe};
use hps::media::{File, Manifest};
use hps::types::{Distro, HostType};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Make the node environment and the images that Debian hosts are installed from.
///
/// Packages come from Debian's archives and are proven by apt with Debian's keyring. When apt has nothing newer and
/// the recipe is the same, nothing is done. A build is published as a whole, and an earlier one stays for the machines
/// that are fetching it.
#[derive(Debug, Parser)]
#[command(
    name = "build-image",
    version,
    after_help = "\
Examples:
  build-image                         refresh what is published, or make the image for storage hosts
  build-image --type SCH --type TCH   images for two types of hosts
  build-image --kernel cloud          for virtual machines only, and smaller
  build-image --check                 exit 10 when apt has something newer

Exit codes: 0 done or nothing to do, 1 failed, 2 wrong usage, 3 refused, 4 not found, 5 busy, 10 something is newer (--check, --dry-run).
The file $HPS_CONFIG, or /srv/hps-config/hps.conf, says where everything lies."
)]
pub struct Arguments {
    /// What to build
    #[arg(long, default_value = "x86_64-linux-debian-12")]
    distro: Distro,
    /// A host type to make an image for (repeatable) [default: those that are published, else SCH]
    #[arg(long = "type", value_name = "TYPE")]
    types: Vec<HostType>,
    /// Which kernel [default: that of the published build, else generic]
    #[arg(long, value_enum)]
    kernel: Option<KernelArgument>,
    /// Add firmware from Debian's non-free-firmware
    #[arg(long)]
    firmware: bool,
    /// Debian's archive [default: as this machine's apt is configured]
    #[arg(long, value_name = "URL")]
    mirror: Option<Mirror>,
    /// Debian's security archive [default: as this machine's apt is configured]
    #[arg(long, value_name = "URL")]
    security_mirror: Option<Mirror>,
    /// Only say what apt has that is newer
    #[arg(long)]
    check: bool,
    /// Only say what would be done
    #[arg(long)]
    dry_run: bool,
    /// Build even when nothing has changed
    #[arg(long)]
    force: bool,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum KernelArgument {
    /// For every machine
    Generic,
    /// For virtual machines alone: smaller
    Cloud,
}

/// How many builds stay, the newest with them.
const KEEP: usize = 2;

#[derive(serde::Serialize)]
struct Answer<'a> {
    distro: &'a Distro,
    build: Option<&'a str>,
    kernel: Option<&'a str>,
    new: bool,
    changes: Vec<String>,
    initrd: Option<&'a File>,
    images: Option<&'a BTreeMap<HostType, File>>,
    removed: Vec<String>,
}

/// Runs the program.
///
/// # Errors
/// What stands in the way, in one line.
pub fn run(arguments: Arguments) -> anyhow::Result<Exit> {
    let site = program::load_site()?;
    let Some(suite) = Recipe::suite(&arguments.distro) else {
        let message = format!("{} is not built here; expected x86_64-linux-debian-12", arguments.distro);
        return Err(Ended::error(Exit::NotFound, message));
    };
    program::need_root()?;
    if !Path::new(apt::KEYRING).exists() {
        let message = format!("{} is not there; install it with: apt-get install debian-archive-keyring", apt::KEYRING);
        return Err(Ended::error(Exit::Failed, message));
    }
    let interrupted = program::interrupted()?;
    let folder = site.conf.dir(Dir::Distros).join(arguments.distro.as_str());
    let builder = Builder::lock(&folder).map_err(|error| match error {
        BuildError::Busy(_) => Ended::error(Exit::Busy, error.to_string()),
        other => other.into(),
    })?;
    let before = build::current(&folder);
    let recipe = recipe(&arguments, before.as_ref());
    let workshop = builder.workshop()?;
    let settings = apt::network_settings()?;
    let archives = archives(&arguments, &recipe, suite)?;

    progress("asking apt what it has");
    let all = recipe.all_packages();
    let question = Bootstrap {
        variant: Variant::Apt,
        suite,
        packages: &all,
        archives: &archives,
        settings: &settings,
        dpkg: None,
        prepare: None,
        finish: None,
        variables: &[],
        temporary: workshop.path(),
    };
    let versions = question.simulate(&interrupted).map_err(|error| out_of_reach(error, &archives))?;
    let digest = recipe.digest(&versions);
    let known = known_versions(&folder, before.as_ref());
    let changes = recipe::changes(&known, &versions);
    let same = before.as_ref().filter(|b| b.recipe == digest && build::is_whole(&folder, b) && !arguments.force);
    if let Some(manifest) = same {
        answer(&arguments, Some(manifest), false, changes, Vec::new())?;
        return Ok(Exit::Done);
    }
    if arguments.check || arguments.dry_run {
        answer(&arguments, before.as_ref(), false, changes, Vec::new())?;
        return Ok(Exit::WouldChange);
    }

    let order = make::Order {
        distro: &arguments.distro,
        recipe: &recipe,
        versions: &versions,
        digest,
        question: &question,
        workshop: workshop.path(),
        interrupted: &interrupted,
    };
    let (staged, manifest) = make::make(&order)?;
    builder.publish(&staged, &manifest)?;
    let removed = builder.prune(KEEP)?;
    answer(&arguments, Some(&manifest), true, changes, removed)?;
    Ok(Exit::Done)
}

/// Without a network, apt's many lines say one thing.
fn out_of_reach(error: ExecError, archives: &[Archive]) -> anyhow::Error {
    const WORDS: [&str; 8] = [
        "failure resolving",
        "Could not resolve",
        "Could not connect",
        "Cannot initiate the connection",
        "Unable to connect",
        "Connection timed out",
        "Connection failed",
        "Network is unreachable",
    ];
    let ExecError::Failed { said, .. } = &error else { return error.into() };
    if !WORDS.iter().any(|word| said.contains(word)) {
        return error.into();
    }
    let mut mirrors: Vec<String> = archives.iter().map(|archive| archive.mirror.to_string()).collect();
    mirrors.sort_unstable();
    mirrors.dedup();
    Ended::error(
        Exit::Failed,
        format!(
            "Debian's archive cannot be reached: {}; what is published stays; look at the network, or name another with --mirror and --security-mirror",
            mirrors.join(", ")
        ),
    )
}

/// What to build: as asked, with all types that are published already, so that no build takes an image away.
fn recipe(arguments: &Arguments, before: Option<&Manifest>) -> Recipe {
    let mut types: std::collections::BTreeSet<HostType> = arguments.types.iter().copied().collect();
    types.extend(before.iter().flat_map(|manifest| manifest.images.keys()));
    if types.is_empty() {
        types.insert(HostType::Sch);
    }
    let kernel = match arguments.kernel {
        Some(KernelArgument::Generic) => Kernel::Generic,
        Some(KernelArgument::Cloud) => Kernel::Cloud,
        None => before.map_or(Kernel::Generic, |manifest| Kernel::of_package(manifest.kernel.as_str())),
    };
    Recipe { kernel, firmware: arguments.firmware, types }
}

/// The release with its updates: from the mirrors given, else as this machine has them.
fn archives(arguments: &Arguments, recipe: &Recipe, suite: &str) -> anyhow::Result<Vec<Archive>> {
    let configured = apt::configured(suite)?;
    let place = |suffix: &str, given: Option<&Mirror>, flag: &str| -> anyhow::Result<Archive> {
        let suite = format!("{suite}{suffix}");
        let known = configured.iter().find(|(_, known)| *known == suite).map(|(mirror, _)| mirror);
        let mirror = given.or(known).cloned().ok_or_else(|| {
            Ended::error(
                Exit::NotFound,
                format!("apt of this machine knows no archive of {suite}; name one with {flag}"),
            )
        })?;
        Ok(Archive { mirror, suite, components: recipe.components() })
    };
    Ok(vec![
        place("", arguments.mirror.as_ref(), "--mirror")?,
        place("-updates", arguments.mirror.as_ref(), "--mirror")?,
        place("-security", arguments.security_mirror.as_ref(), "--security-mirror")?,
    ])
}

fn known_versions(folder: &Path, before: Option<&Manifest>) -> BTreeMap<String, String> {
    let file = |manifest: &Manifest| -> PathBuf { folder.join(manifest.build.as_str()).join(make::PACKAGES) };
    let text = before.and_then(|manifest| std::fs::read_to_string(file(manifest)).ok());
    recipe::parse_versions(&text.unwrap_or_default())
}

fn answer(
    arguments: &Arguments,
    manifest: Option<&Manifest>,
    new: bool,
    changes: Vec<String>,
    removed: Vec<String>,
) -> anyhow::Result<()> {
    if arguments.json {
        return program::say_json(&Answer {
            distro: &arguments.distro,
            build: manifest.map(|m| m.build.as_str()),
            kernel: manifest.map(|m| m.kernel.as_str()),
            new,
            changes,
            initrd: manifest.map(|m| &m.node.initrd),
            images: manifest.map(|m| &m.images),
            removed,
        });
    }
    if !new {
        for line in &changes {
            program::say(line)?;
        }
    }
    // A cron job that found nothing to do has nothing to say.
    match manifest {
        Some(manifest) if new => program::say(format_args!("{} {}", arguments.distro, manifest.build))?,
        Some(manifest) if program::on_terminal() && changes.is_empty() => {
            program::note(format_args!("build-image: {} is up to date", manifest.build));
        }
        _ => {}
    }
    Ok(())
}

/// A line of talk for a person who waits.
fn progress(line: impl std::fmt::Display) {
    if program::on_terminal() {
        program::note(format_args!("build-image: {line}"));
    }
}
