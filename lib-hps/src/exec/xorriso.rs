// SPDX-License-Identifier: GPL-3.0-or-later
//! `xorriso`: the contents of an ISO 9660 image, and files extracted from it, without a mount.

use super::{ExecError, Limit, Run};
use std::fs::File;
use std::path::Path;
use std::sync::atomic::AtomicBool;

/// The kind of an entry of an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryKind {
    /// A file.
    File,
    /// A folder.
    Folder,
    /// A link, a device, a pipe or a socket.
    Other,
}

/// One entry of an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// What it is.
    pub kind: EntryKind,
    /// Its size in bytes; of files only.
    pub size: u64,
    /// Its path, which begins with a slash. A character outside of printable ASCII appears as a backslash and its code.
    pub path: String,
}

/// No line of a listing is longer, with the longest path of Rock Ridge.
const LINE: usize = 2048;
/// An image has one El Torito boot catalog, if any.
const MAX_CATALOGS: usize = 4;

/// An open image. xorriso gets it as its standard input, so that no other file can take its place.
#[derive(Debug, Clone, Copy)]
pub struct Image<'a> {
    /// The bytes.
    pub file: &'a File,
    /// Its name in messages.
    pub name: &'a Path,
}

/// Where xorriso finds it. (It would treat a name that begins with /dev as a drive.)
const ADDRESS: &str = "stdio:/proc/self/fd/0";

impl Image<'_> {
    /// xorriso with this image. It uses no start-up file, no ACL and no attribute of a file.
    fn opened(self, options: &[&str]) -> Result<Run, ExecError> {
        let input = self.file.try_clone().map_err(|source| ExecError::Start { program: "xorriso", source })?;
        let run = Run::new("xorriso", "xorriso").arg("-no_rc").args(options);
        Ok(run.args(["-abort_on", "FAILURE", "-acl", "off", "-xattr", "off", "-indev", ADDRESS]).input(input))
    }

    /// An error with the image's own name.
    fn named(self, error: ExecError) -> ExecError {
        match error {
            ExecError::Failed { program, status, said } => {
                let said = said.replace(ADDRESS, &self.name.display().to_string());
                ExecError::Failed { program, status, said }
            }
            other => other,
        }
    }
}

fn wrong(problem: String) -> ExecError {
    ExecError::Output { program: "xorriso", problem }
}

/// All contents of `iso`; at most `limit` entries of each kind are read.
///
/// # Errors
/// When xorriso is missing or cannot read the image, when there are more entries, and when `stop` is set meanwhile.
pub fn list(iso: Image<'_>, limit: usize, stop: &AtomicBool) -> Result<Vec<Entry>, ExecError> {
    let plain = |tests: &[&str], kind: EntryKind| -> Result<Vec<Entry>, ExecError> {
        let text = find(iso, tests, limit, stop)?;
        let entry = |line: &str| {
            let path = quoted(line).ok_or_else(|| wrong(format!("the line {line:?}")))?;
            Ok(Entry { kind, size: 0, path })
        };
        text.lines().map(entry).collect()
    };
    const ODD: [&str; 6] = ["-not", "-type", "f", "-not", "-type", "d"];
    let mut entries = plain(&ODD, EntryKind::Other)?;
    if (1..=MAX_CATALOGS).contains(&entries.len()) {
        // (For everything, this would need a time that grows with the square of a folder.)
        let text = find(iso, &[&ODD[..], &["-exec", "lsdl"]].concat(), limit, stop)?;
        let catalogs: Vec<Entry> = text.lines().filter_map(catalog).collect();
        entries.retain(|entry| catalogs.iter().all(|catalog| catalog.path != entry.path));
        entries.extend(catalogs);
    }
    entries.extend(plain(&["-type", "d"], EntryKind::Folder)?);
    let text = find(iso, &["-type", "f", "-exec", "report_lba"], limit, stop)?;
    for line in text.lines().filter(|line| !line.starts_with("Report layout:")) {
        let (extent, entry) = file(line).ok_or_else(|| wrong(format!("the line {line:?}")))?;
        // A file of more than 4 GiB has several extents, and a line for each.
        if extent == 0 {
            entries.push(entry);
        }
    }
    if entries.len() > limit {
        return Err(too_many(limit));
    }
    Ok(entries)
}

fn find(iso: Image<'_>, tests: &[&str], limit: usize, stop: &AtomicBool) -> Result<String, ExecError> {
    let output = iso
        .opened(&["-backslash_codes", "encode_output"])?
        .args(["-find", "/"])
        .args(tests)
        .arg("--")
        .output(Limit::READ.bytes(limit.saturating_mul(LINE)), stop)
        .map_err(|error| iso.named(error))?;
    let text = String::from_utf8(output.stdout).map_err(|_| wrong("a listing that is not UTF-8".to_owned()))?;
    if text.lines().count() > limit.saturating_mul(2) {
        return Err(too_many(limit));
    }
    Ok(text)
}

fn too_many(limit: usize) -> ExecError {
    wrong(format!("more than {limit} entries"))
}

/// A path in quotes.
fn quoted(text: &str) -> Option<String> {
    // A quote inside is written as '"'"'.
    let inside = text.trim().strip_prefix('\'')?.strip_suffix('\'')?.replace("'\"'\"'", "\u{0}");
    (inside.starts_with('/') && !inside.contains('\'')).then(|| inside.replace('\u{0}', "'"))
}

/// `er--r--r--    1 0        0            2048 Nov 23 03:20 '/boot.cat'`: the El Torito boot catalog. It is not a file
/// in the image, but is extracted as one.
fn catalog(line: &str) -> Option<Entry> {
    let (words, _) = line.strip_prefix('e')?.split_once('\'')?;
    let size = words.split_ascii_whitespace().nth(4)?.parse().ok()?;
    let path = quoted(line.get(words.len() + 1..)?)?;
    Some(Entry { kind: EntryKind::File, size, path })
}

/// `File data lba:  0 ,       38 ,        1 ,        3 , '/a'`: number of the extent, its start, its blocks, size of the
/// whole file in bytes, path.
fn file(line: &str) -> Option<(u32, Entry)> {
    let mut fields = line.strip_prefix("File data lba:")?.splitn(5, " ,");
    let extent = fields.next()?.trim().parse().ok()?;
    let size = fields.nth(2)?.trim().parse().ok()?;
    Some((extent, Entry { kind: EntryKind::File, size, path: quoted(fields.next()?)? }))
}

/// Extracts one file or folder of `iso` to `target`, which must not exist.
///
/// # Errors
/// When xorriso is missing, the image has no such path, and when `stop` is set meanwhile.
pub fn extract(iso: Image<'_>, path: &str, target: &Path, stop: &AtomicBool) -> Result<(), ExecError> {
    iso.opened(&["-osirrox", "on:concat_split_off"])?
        .args(["-extract", path])
        .path(target)
        .output(Limit::WORK, stop)
        .map(drop)
        .map_err(|error| iso.named(error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_a_listing() {
        let file = |line: &str| file(line).map(|(extent, e)| (extent, e.size, e.path));
        assert_eq!(
            file("File data lba:  0 ,       38 ,        1 ,  1234567 , '/a b/it'\"'\"'s, x'"),
            Some((0, 1_234_567, "/a b/it's, x".to_owned()))
        );
        assert_eq!(file("File data lba:  2 , 38 , 1 , 7 , '/new\\nline'"), Some((2, 7, "/new\\nline".to_owned())));
        for bad in ["", "'/a'", "File data lba: 0 , 1 , 2 , x , '/a'", "File data lba: 0 , 1 , 2 , 3 , 'a'"] {
            assert_eq!(file(bad), None, "{bad}");
        }
        let boot = Entry { kind: EntryKind::File, size: 2048, path: "/boot.cat".to_owned() };
        assert_eq!(catalog("er--r--r--    1 0        0            2048 Nov 23 03:20 '/boot.cat'"), Some(boot));
        assert_eq!(catalog("lrwxrwxrwx    1 0 0 0 Nov 23 02:34 '/link' -> '/etc/shadow'"), None);
        assert_eq!(quoted("'/'").as_deref(), Some("/"));
        for bad in ["", "'", "/a", "'a'", "'/a' -> '/b'"] {
            assert_eq!(quoted(bad), None, "{bad}");
        }
    }
}
