// SPDX-License-Identifier: GPL-3.0-or-later
//! The site's own programs that add settings: the executable files in `cluster-config.d` of the scripts of HPS and of
//! `/etc/hps`, in the order of their names.
//!
//! A fragment gets each setting as `CLUSTER_KEY`, and prints lines `CLUSTER_KEY=value`. It is checked as an answer is. A
//! flag counts more than a fragment, and a fragment more than an answer.

use super::draft::Draft;
use super::question::Question;
use crate::program::{Ended, Exit, Site};
use hps::config::Dir;
use hps::exec::{NEVER, fragment};
use hps::files::IoError;
use hps::types::one_line;
use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

const FOLDER: &str = "cluster-config.d";
const PREFIX: &str = "CLUSTER_";
/// Where `hps.conf` is below the base.
const CONF: &str = "srv/hps-config/hps.conf";

/// The fragments of a site.
#[derive(Debug, Default)]
pub(super) struct Fragments {
    programs: Vec<PathBuf>,
    conf: PathBuf,
    is_dry: bool,
}

impl Fragments {
    /// Finds them. Of two with one name only that of `/etc/hps` counts.
    ///
    /// # Errors
    /// A folder that cannot be read.
    pub(super) fn find(site: &Site, is_dry: bool) -> anyhow::Result<Self> {
        let mut found = BTreeMap::new();
        let etc = base(&site.path).map(|base| base.join("etc/hps").join(FOLDER));
        for folder in [Some(site.conf.dir(Dir::Scripts).join(FOLDER)), etc].into_iter().flatten() {
            for program in executables(&folder)? {
                found.insert(program.file_name().map(ToOwned::to_owned), program);
            }
        }
        Ok(Self { programs: found.into_values().collect(), conf: site.path.clone(), is_dry })
    }

    /// Calls each of them, and takes what it prints.
    ///
    /// # Errors
    /// The first one that fails, or prints something wrong.
    pub(super) fn apply(&self, draft: &mut Draft) -> anyhow::Result<()> {
        for program in &self.programs {
            let failed = |why: String| {
                Ended::error(Exit::Failed, format!("fragment {}: {why}; nothing was written", program.display()))
            };
            let text = fragment::call(program, &self.environment(draft), &NEVER).map_err(|e| failed(one_line(&e)))?;
            for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
                add(draft, line).map_err(failed)?;
            }
        }
        Ok(())
    }

    fn environment(&self, draft: &Draft) -> Vec<(String, String)> {
        let mut all = vec![
            ("HPS_CONFIG".to_owned(), self.conf.display().to_string()),
            ("HPS_DRY_RUN".to_owned(), u8::from(self.is_dry).to_string()),
        ];
        for question in Question::ALL {
            let value = match question {
                Question::SshKey => {
                    let keys = draft.ssh_keys();
                    Some(keys.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
                }
                _ => draft.plan.text(question).or_else(|| draft.default_text(question)),
            };
            all.extend(value.map(|value| (format!("{PREFIX}{}", question.key().to_ascii_uppercase()), value)));
        }
        all
    }
}

/// The folder above `srv/hps-config/hps.conf`: `/`, or that of a lab. With another place of `hps.conf` there is none.
fn base(conf: &Path) -> Option<PathBuf> {
    let above = conf.ancestors().nth(Path::new(CONF).components().count())?;
    (above.join(CONF) == conf).then(|| above.to_path_buf())
}

/// The executable files of a folder; none if it does not exist. What editors and dpkg leave does not count.
fn executables(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let entries = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        read => read.map_err(IoError::during("read", folder))?,
    };
    let mut found = Vec::new();
    for entry in entries {
        let path = entry.map_err(IoError::during("read", folder))?.path();
        let metadata = std::fs::metadata(&path).map_err(IoError::during("look at", &path))?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let is_left = name.starts_with(['.', '#']) || name.ends_with('~') || name.contains(".dpkg-");
        if !is_left && !metadata.is_dir() && metadata.permissions().mode() & 0o111 != 0 {
            found.push(path.clone());
        }
    }
    Ok(found)
}

/// Takes a line `CLUSTER_KEY=value`. The value may be in quotes, as `declare -p` and `env` print it.
fn add(draft: &mut Draft, line: &str) -> Result<(), String> {
    let expected = || format!("it printed \"{line}\": expected {PREFIX}KEY=value");
    let (key, value) = line.split_once('=').ok_or_else(expected)?;
    let key = key.strip_prefix(PREFIX).ok_or_else(expected)?;
    let Some(question) = Question::for_key(&key.to_ascii_lowercase()).filter(|q| *q != Question::Name) else {
        let known: Vec<String> = Question::ALL.into_iter().skip(1).map(|q| q.key().to_ascii_uppercase()).collect();
        return Err(format!("it printed {PREFIX}{key}: expected one of {}, after {PREFIX}", known.join(", ")));
    };
    if draft.fixed.contains(&question) {
        return Ok(());
    }
    let bare = value.strip_prefix('"').and_then(|v| v.strip_suffix('"'));
    let bare = bare.or_else(|| value.strip_prefix('\'').and_then(|v| v.strip_suffix('\'')));
    draft.answer(question, bare.unwrap_or(value)).map_err(|why| format!("{PREFIX}{key}: {why}"))
}
