// SPDX-License-Identifier: GPL-3.0-or-later
//! Whether a program only reads: strace writes its calls to a file, and this finds those that lock or change something.

use std::path::Path;

/// strace, which writes the calls of the program behind these words to `calls`.
pub(crate) fn traced(calls: &Path) -> [&str; 6] {
    [
        "strace",
        "-f",
        "-o",
        calls.to_str().unwrap(),
        "-e",
        "trace=flock,openat,open,creat,unlink,unlinkat,rename,renameat,renameat2,mkdir,mkdirat,chmod,fchmod,fchmodat,chown,fchown,fchownat,truncate,ftruncate,link,linkat,symlink,symlinkat",
    ]
}

/// Fails with the calls that are no opening for reading. A line with one of the texts `own` is permitted.
pub(crate) fn assert_only_reads(calls: &Path, own: &[&str]) {
    let text = std::fs::read_to_string(calls).unwrap();
    let reads = |line: &&str| {
        line.contains("open") && !["O_WRONLY", "O_RDWR", "O_CREAT", "O_TRUNC"].iter().any(|flag| line.contains(flag))
            || ["/dev/null", "+++ ", "--- SIG"].iter().chain(own).any(|part| line.contains(part))
    };
    let others: Vec<&str> = text.lines().filter(|line| !reads(line)).collect();
    assert!(others.is_empty(), "{others:#?}");
}
