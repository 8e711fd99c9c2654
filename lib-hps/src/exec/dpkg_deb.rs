// SPDX-License-Identifier: GPL-3.0-or-later
//! `dpkg-deb`: the files and the fields of a package, without an installation. No script of the package runs.

use super::{ExecError, Limit, Run};
use std::path::Path;
use std::sync::atomic::AtomicBool;

/// Unpacks the files of a package to a folder.
///
/// # Errors
/// When dpkg-deb is missing, fails or is stopped.
pub fn extract(package: &Path, to: &Path, stop: &AtomicBool) -> Result<(), ExecError> {
    Run::new("dpkg-deb", "dpkg").arg("--extract").path(package).path(to).output(Limit::READ, stop).map(drop)
}

/// What the control file of a package has in these fields, in their order; empty without the field. It also reads the
/// list of its files to the end, so a package that was cut off is refused.
///
/// # Errors
/// When dpkg-deb is missing, fails or is stopped, and for a file that is no package.
pub fn fields<const N: usize>(package: &Path, names: [&str; N], stop: &AtomicBool) -> Result<[String; N], ExecError> {
    let run = Run::new("dpkg-deb", "dpkg").arg("--field").path(package).args(names);
    let text = run.text(Limit::CHECK, stop)?;
    let contents = Run::new("dpkg-deb", "dpkg").arg("--contents").path(package);
    contents.output(Limit::READ.bytes(MAX_CONTENTS_BYTES), stop)?;
    Ok(names.map(|name| field(&text, name).unwrap_or_default().to_owned()))
}

/// A line for each file; a package of a kernel has some thousands.
const MAX_CONTENTS_BYTES: usize = 256 << 20;

/// A field of one line in a paragraph of deb822(5).
pub fn field<'a>(paragraph: &'a str, name: &str) -> Option<&'a str> {
    paragraph.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':').map(str::trim))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_of_a_paragraph() {
        let text = "Package: a\nVersion: 1:2\nDescription: x\n Package: y\nPackage-Type: z\n";
        assert_eq!((field(text, "Package"), field(text, "Version")), (Some("a"), Some("1:2")));
        assert_eq!((field(text, "Size"), field(text, "Package-Type")), (None, Some("z")));
    }
}
