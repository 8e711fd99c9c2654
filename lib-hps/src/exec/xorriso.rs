// SPDX-License-Identifier: GPL-3.0-or-later
//! `xorriso`: what an ISO 9660 image holds, and files out of it, without a mount.

use super::{ExecError, Run};
use std::path::Path;
use std::sync::atomic::AtomicBool;

/// What an entry of an image is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
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
    pub kind: Kind,
    /// Its size in bytes; of files only.
    pub size: u64,
    /// Its path, which begins with a slash. Whatever is no plain ASCII character stands there as a backslash and its code.
    pub path: String,
}

/// A line of the listing is no longer than this, with the longest path that Rock Ridge can have.
const LINE: usize = 2048;

fn xorriso() -> Run {
    // No start-up file takes part.
    Run::new("xorriso", "xorriso").arg("-no_rc")
}

/// Everything that `iso` holds; no more than `limit` entries are read.
///
/// # Errors
/// When xorriso is missing or cannot read the image, when there are more entries, and when `stop` is set meanwhile.
pub fn list(iso: &Path, limit: usize, stop: &AtomicBool) -> Result<Vec<Entry>, ExecError> {
    let wrong = |problem: String| ExecError::Output { program: "xorriso", problem };
    let output = xorriso()
        .args(["-abort_on", "FAILURE", "-backslash_codes", "encode_output", "-indev"])
        .arg(iso)
        .args(["-find", "/", "-exec", "lsdl", "--"])
        .output_at_most(limit.saturating_mul(LINE), stop)?;
    let text = String::from_utf8(output.stdout).map_err(|_| wrong("a listing that is not UTF-8".to_owned()))?;
    if text.lines().count() > limit {
        return Err(wrong(format!("more than {limit} entries")));
    }
    text.lines().map(|line| entry(line).ok_or_else(|| wrong(format!("the line {line:?}")))).collect()
}

/// Mode, links, owner, group, size (of a device two numbers), three words of a date, and the path in quotes.
fn entry(line: &str) -> Option<Entry> {
    let (words, rest) = line.split_once('\'')?;
    let kind = match words.as_bytes().first()? {
        b'-' => Kind::File,
        b'd' => Kind::Folder,
        _ => Kind::Other,
    };
    let size = words.split_ascii_whitespace().nth(4)?;
    let size = if kind == Kind::File { size.parse().ok()? } else { 0 };
    // A quote inside is written as '"'"'. What is behind the path, the target of a link, is no matter here.
    let (path, _) =
        rest.replace("'\"'\"'", "\u{0}").split_once('\'').map(|(p, r)| (p.replace('\u{0}', "'"), r.len()))?;
    path.starts_with('/').then_some(Entry { kind, size, path })
}

/// Extracts one file or folder of `iso` to `target`, which must not exist.
///
/// # Errors
/// When xorriso is missing, the image has no such path, and when `stop` is set meanwhile.
pub fn extract(iso: &Path, path: &str, target: &Path, stop: &AtomicBool) -> Result<(), ExecError> {
    xorriso()
        .args(["-osirrox", "on:concat_split_off", "-abort_on", "FAILURE", "-indev"])
        .arg(iso)
        .args(["-extract", path])
        .arg(target)
        .output_unless(stop)
        .map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_a_listing() {
        let entry = |line: &str| entry(line).map(|e| (e.kind, e.size, e.path));
        for (line, expected) in [
            ("drwxr-xr-x    1 0        0               0 Nov 23 02:34 '/'", (Kind::Folder, 0, "/")),
            (
                "-rw-r--r--    1 0        0         1234567 Nov 23  2024 '/a b/it'\"'\"'s'",
                (Kind::File, 1_234_567, "/a b/it's"),
            ),
            ("-rw-r--r--    1 0 0 2 Nov 23 02:34 '/new\\nline'", (Kind::File, 2, "/new\\nline")),
            ("crw-r--r--    1 0        0             1,3 Nov 23 02:34 '/dev'", (Kind::Other, 0, "/dev")),
            ("lrwxrwxrwx    1 0 0 0 Nov 23 02:34 '/link' -> '/etc/shadow'", (Kind::Other, 0, "/link")),
        ] {
            assert_eq!(entry(line), Some((expected.0, expected.1, expected.2.to_owned())), "{line}");
        }
        for bad in ["", "x", "-rw-r--r-- 1 0 0 many Nov 23 02:34 '/a'", "-rw-r--r-- 1 0 0 1 Nov 23 02:34 'a'", "-rw 'a"]
        {
            assert_eq!(entry(bad), None, "{bad}");
        }
    }
}
