// SPDX-License-Identifier: GPL-3.0-or-later
//! The `hps.conf` of this run: the existing one, or a new one.

use super::arguments::Arguments;
use crate::program::{self, Ended, Exit, Site};
use crate::reload;
use anyhow::Context as _;
use hps::config::{DEFAULT_CONF, HpsConf};
use hps::files::{self, Base, Trust};
use std::path::{Path, PathBuf};
/// `hps.conf`: the existing one, or the defaults below `--base`.
pub(super) fn site(arguments: &Arguments) -> anyhow::Result<Site> {
    let base = match &arguments.base {
        Some(base) => std::path::absolute(base).context("--base")?,
        None => PathBuf::from("/"),
    };
    let path = match &arguments.base {
        None => program::conf_path(),
        Some(_) => {
            let path = base.join("srv/hps-config/hps.conf");
            let other = std::env::var_os("HPS_CONFIG").filter(|other| !other.is_empty()).map(PathBuf::from);
            if let Some(other) = other.filter(|other| !is_same(other, &path)) {
                let line = format!(
                    "--base means {}, but HPS_CONFIG is {}: leave out --base, or unset HPS_CONFIG",
                    path.display(),
                    other.display()
                );
                return Err(Ended::error(Exit::Refused, line));
            }
            path
        }
    };
    let there = path.try_exists().with_context(|| format!("{}: cannot be checked", path.display()))?;
    let conf = if there {
        let conf = hps::store::load_conf(&path)?;
        let strays = reload::stray_folders(&conf, &path);
        match (strays.first(), &arguments.base) {
            // A command of a lab would otherwise write into the real system.
            (Some(line), Some(_)) => return Err(Ended::error(Exit::Refused, line.as_str())),
            _ => strays.iter().for_each(|line| program::eprint(format_args!("cluster-configure: {line}"))),
        }
        conf
    } else {
        // It will be made there, in a folder that only root can replace.
        if let Some(folder) = path.parent() {
            files::check_folder(folder, &Base::for_conf(&path, Path::new(DEFAULT_CONF)), Trust::Root)?;
        }
        HpsConf::with_base(&base).map_err(|e| Ended::error(Exit::Failed, e.problem))?
    };
    program::check_folders(&conf)?;
    let conf = match arguments.services {
        Some(services) => conf.with_service_manager(services.into()),
        None => conf,
    };
    Ok(Site { path, conf })
}

fn is_same(one: &Path, other: &Path) -> bool {
    let real = |path: &Path| path.canonicalize().or_else(|_| std::path::absolute(path)).ok();
    real(one) == real(other)
}
