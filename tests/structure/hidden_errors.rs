// SPDX-License-Identifier: GPL-3.0-or-later
//! A read that failed is an error, never "nothing is there".
//! To see it fail: write `path.exists()` in a file of `lib-hps/src/store`.

use crate::sources::{is_test, library, sources, statements};
use std::collections::BTreeSet;

/// What turns "could not look" into "nothing is there" when it is asked of a file or a record.
const HIDES: [&str; 8] = [
    ".exists()",
    "Path::is_dir",
    ".is_dir()",
    ".is_file()",
    ".ok().flatten()",
    "let Ok(Some(",
    "metadata().is_ok",
    "metadata().is_err()",
];

/// What does so to the result of a reader, and harmless things to other results.
const DROPS: [&str; 5] = [".unwrap_or_default()", ".ok()?", ".is_ok_and(", ".ok()).unwrap_or", "map_while(Result::ok)"];

/// What reads a file, a folder, a record or what is published.
const READERS: [&str; 33] = [
    "store.",
    "store()",
    "hosts()",
    "self.find(",
    "self.own(",
    "self.host(",
    "stored()",
    "marks.",
    "marks()",
    "journal()",
    "permissions.",
    "allocations",
    "::new(self.",
    "records.",
    "documents::",
    "read_dir(",
    "fs::read(",
    "read_plain(",
    "read_to_string(",
    "read_link(",
    "metadata()",
    "_metadata(",
    "file_type()",
    "load_conf(",
    ".lines()",
    "newest(",
    "newest_release(",
    "used_by(",
    "packages_in_image(",
    "Inventory::read(",
    "standing(",
    "names(",
    "current(",
];

/// Whether this statement hides an error.
fn hides(statement: &str) -> bool {
    let reads = || READERS.iter().any(|word| statement.contains(word));
    let drops = || DROPS.iter().any(|word| statement.contains(word));
    let gives_up = || statement.contains("let Ok(") && statement.ends_with("else {");
    let entries = || statement.contains("read_dir(") && statement.contains(".flatten()");
    HIDES.iter().any(|word| statement.contains(word)) || (reads() && (drops() || gives_up() || entries()))
}

/// Where that is right, by file and a part of the statement, and why.
const MAY_HIDE: [(&str, &str, &str); 33] = [
    ("files/shared_file.rs", "file.metadata()?.is_file()", "the kind of a file that was opened"),
    ("files/lock.rs", "!metadata.is_file()", "the kind of a file that was opened"),
    (
        "files/rotating_file.rs",
        "metadata.len() > MAX_BYTES",
        "when a file rotates; writing to it reports what is wrong",
    ),
    ("allocations/taken.rs", ".ok().flatten()", "what a message calls a host"),
    ("hosts/mod.rs", "Key::first_storage_host()", "it shapes menus and a hint only"),
    ("store/installed_marks.rs", "Kind::InstalledMark", "a mark that cannot be listed is an error, and not absent"),
    ("notifications/mod.rs", "is_ok_and(|m| !m.is_dir())", "whether an old notification is dropped"),
    ("store/documents.rs", "is_ok_and(|m| m.is_dir())", "which of two calls removes it; the call says what is wrong"),
    ("store/shared.rs", "is_ok_and(|m| m.is_file())", "a mark of older clusters, which shapes menus"),
    ("manager/explain.rs", "", "the boot context has warnings of what cannot be read"),
    ("host_state/import/mod.rs", "file.is_dir()", "which message; reading the list says what is wrong"),
    ("host_state/watch.rs", "macs.iter().filter_map", "it is looked at again"),
    ("host_state/readers.rs", "metadata.is_dir()", "the kind of a file that was looked at"),
    ("files/lock_owner.rs", "", "which process holds a lock, for a message"),
    ("store/mark_upkeep.rs", "let Ok(Some(mark))", "a mark that cannot be read stays, and counts"),
    ("permissions/prune.rs", "self.host(permission.mac)", "the words of the history only"),
    ("store/clusters.rs", "is_ok_and(|now| now == target)", "the link is made again"),
    ("store/host_entries.rs", "is_ok_and(|now| now == entry.as_bytes())", "the file is written again"),
    ("media/trees.rs", "if kind.is_dir()", "the kind of what was looked at"),
    ("store/all_clusters.rs", "if kind.is_dir()", "the kind of what was looked at"),
    ("media/trees.rs", "target.is_dir()", "which advice for a link that is refused anyway"),
    ("media/tree_store.rs", "map_err(IoError::during(\"read\", &hidden))?.is_dir()", "the kind of what was looked at"),
    ("media/source.rs", "Ok(metadata) if metadata.is_file()", "the kind of what was looked at; an error is said"),
    ("media/stale_folders.rs", "?.is_dir()", "the kind of what was looked at"),
    (
        "media/packages/mod.rs",
        "Ok(metadata) if metadata.is_file()",
        "the kind of what was looked at; an error is given on",
    ),
    ("host_state/complete.rs", ".unwrap_or_default()", "what the shell offers when somebody presses Tab"),
    ("host_state/add.rs", "preview_edit(", "which of two refusals"),
    ("host_state/import/read_csv.rs", "text.lines()", "no reader: lines of a text in memory"),
    ("host_state/readers.rs", "at.metadata().ok()?", "what is not there is found by those that need it"),
    ("host_state/readers.rs", ".unwrap_or_default()", "what cannot be read is found by itself"),
    (
        "host_state/check/permissions.rs",
        "store.installed_marks().installed(mac, host)",
        "marks that cannot be read are found by themselves",
    ),
    ("host_state/check/folder.rs", "read_plain(file, MAX_RECORD_BYTES)", "the number of a line, for a message"),
    ("host_state/check/preflight.rs", ".unwrap_or_default()", "what cannot be taken is found by itself"),
];

/// Whoever ends a permission, removes a host or says what there is must fail where they could not look: see the store's documents.rs.
#[test]
fn what_could_not_be_read_is_not_nothing() {
    let cli = library().join("../../cli/src");
    let media = [
        "trees.rs",
        "tree_store.rs",
        "iso_folder.rs",
        "source.rs",
        "published_build.rs",
        "zfs.rs",
        "stale_folders.rs",
        "inventory.rs",
        "packages/mod.rs",
    ];
    let mut places = vec![library().join("store"), library().join("manager")];
    places.extend(["permitted.rs", "boot_context.rs"].map(|file| library().join(file)));
    places.extend(media.map(|file| library().join("media").join(file)));
    let files = ["atomic.rs", "lock.rs", "lock_owner.rs", "rotating_file.rs", "shared_file.rs", "folder.rs"];
    places.extend(files.map(|file| library().join("files").join(file)));
    places.extend(["host_state", "published", "check_and_download_rocky"].map(|program| cli.join(program)));
    let mut used = BTreeSet::new();
    let mut found = Vec::new();
    for file in places.iter().flat_map(|place| sources(place)) {
        let path = file.to_string_lossy().into_owned();
        if is_test(&file) {
            continue;
        }
        for statement in statements(&std::fs::read_to_string(&file).unwrap()).into_iter().filter(|s| hides(s)) {
            match MAY_HIDE.iter().position(|(file, part, _)| path.ends_with(file) && statement.contains(part)) {
                Some(excused) => drop(used.insert(excused)),
                None => found.push(format!("{path}: {statement}")),
            }
        }
    }
    let found = found.join("\n");
    assert!(found.is_empty(), "give the error on, or say in MAY_HIDE why nothing rests on it:\n{found}");
    let unused: Vec<_> = MAY_HIDE.iter().enumerate().filter(|(at, _)| !used.contains(at)).collect();
    assert!(unused.is_empty(), "these hide nothing any more: {unused:?}");
}

/// The same for the shell that decides about disks: see scripts/node/steps/disk.sh. A function that can fail is asked in an assignment, whose
/// status is looked at; in a word, a list of `for` or a process substitution its status is lost.
#[test]
fn the_shell_of_a_node_asks_what_can_fail_where_its_status_is_seen() {
    const CAN_FAIL: [&str; 6] = ["disk_nodes", "disk_names", "disk_signatures", "lvm ", "lsblk ", "ls "];
    let node = library().join("../../scripts/node");
    for folder in ["steps", "kickstart"] {
        for entry in std::fs::read_dir(node.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let text = std::fs::read_to_string(&path).unwrap();
            for line in text.lines().filter(|line| !line.trim_start().starts_with('#')) {
                for name in CAN_FAIL {
                    let lost = line.contains(&format!("< <({name}"))
                        || (line.contains(&format!("$({name}"))
                            && (line.trim_start().starts_with("for ") || line.trim_start().starts_with("local ")));
                    assert!(!lost, "{}: {}: the status of {name} is lost", path.display(), line.trim());
                }
            }
        }
    }
}
