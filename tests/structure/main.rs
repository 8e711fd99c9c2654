// SPDX-License-Identifier: GPL-3.0-or-later
//! The rooms of the library, and which of them may know which. The design says so; this holds it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test says what went wrong by panicking"
)]

mod glossary;
mod house;
mod imports;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn sources(path: &Path) -> Vec<PathBuf> {
    if path.is_file() {
        return vec![path.to_path_buf()];
    }
    let entries = std::fs::read_dir(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    entries
        .flat_map(|entry| sources(&entry.unwrap().path()))
        .filter(|p| p.extension().is_some_and(|e| e == "rs"))
        .collect()
}

fn library() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// A body of HTTP that is read in another way has none of the bounds, and a proxy that ureq finds itself is found by other rules.
#[test]
fn what_mirrors_send_comes_in_one_way() {
    let place = library().join("media/mirror");
    for file in sources(&library()).into_iter().filter(|file| !file.starts_with(&place)) {
        let text = std::fs::read_to_string(&file).unwrap();
        for word in [
            "into_with_config",
            "into_reader",
            "as_reader",
            "read_to_vec",
            "body_mut",
            "try_from_env",
            "ureq::get",
            "ureq::Agent",
        ] {
            assert!(!text.contains(word), "{} has {word}; ask and read by media::mirror::Client", file.display());
        }
    }
}

#[test]
fn the_pure_rooms_touch_nothing() {
    for room in ["types", "config", "host", "boot", "render"] {
        for file in sources(&library().join(room)) {
            if file.to_string_lossy().ends_with("tests.rs") {
                continue;
            }
            let text = std::fs::read_to_string(&file).unwrap();
            let code = code(&text);
            for touch in
                ["std::fs", "std::env", "std::process", "std::net::Tcp", "SystemTime", "Instant::now", "File::open"]
            {
                assert!(!code.contains(touch), "{} uses {touch}", file.display());
            }
            // The clock is read in one place, which only the two edges call.
            let reads = code.contains("Timestamp::now()");
            assert!(!reads || file.ends_with("types/timestamp.rs"), "{} reads the clock", file.display());
        }
    }
}

/// The code of the files in a room, without their tests.
fn code_of(room: &str) -> Vec<(String, String)> {
    let files = sources(&library().join(room)).into_iter();
    let files = files.map(|file| (file.display().to_string(), std::fs::read_to_string(&file).unwrap()));
    let files = files.filter(|(path, _)| !path.ends_with("tests.rs"));
    files.map(|(path, text)| (path, code(&text))).collect()
}

#[test]
fn what_is_proven_is_read_and_kept_in_one_way() {
    for (path, code) in code_of("media") {
        // Files of Debian's packages, of the kernel, of a workshop that only root enters, and the authorities that root names.
        let trusted = ["boot_loaders.rs", "leftovers.rs", "cpio.rs", "mirror/client.rs"];
        let trusted = trusted.iter().any(|file| path.ends_with(file));
        for word in ["fs::read_to_string", "fs::read("] {
            assert!(
                trusted || !code.contains(word),
                "{path} has {word}: a pipe in its place would hang; use media::brought"
            );
        }
        let makes = path.ends_with("work_folder.rs");
        assert!(
            makes || !code.contains("tempdir"),
            "{path} makes a temporary folder that others may enter; use media::work_folder"
        );
    }
}

#[test]
fn nothing_in_the_library_prints_or_reads_the_environment() {
    for file in sources(&library()) {
        let path = file.to_string_lossy();
        if path.ends_with("tests.rs") || path.contains("/tests/") {
            continue;
        }
        let text = std::fs::read_to_string(&file).unwrap();
        let code = code(&text);
        for word in ["println!", "eprintln!", "std::env::var", "env::args"] {
            assert!(!code.contains(word), "{} has {word}", file.display());
        }
    }
}

/// A file without what is compiled for tests alone, and without comments: the lines, trimmed. (rustfmt closes an item at its own depth.)
fn lines_of_code(text: &str) -> Vec<&str> {
    let depth = |line: &str| line.len() - line.trim_start().len();
    let mut code = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if line.trim() == "#[cfg(test)]" {
            let item = lines.by_ref().find(|line| !line.trim_start().starts_with("#[")).unwrap_or_default();
            if !item.ends_with([';', '}']) {
                lines.by_ref().find(|other| depth(other) == depth(item) && other.trim_start().starts_with('}'));
            }
        } else if !line.trim_start().starts_with("//") {
            code.push(line.trim());
        }
    }
    code
}

/// A file without what is compiled for tests alone, and without comments.
fn code(text: &str) -> String {
    lines_of_code(text).join("\n")
}

/// The same as statements, each on one line, however rustfmt has broken it.
fn statements(text: &str) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    let mut current = String::new();
    for line in lines_of_code(text).into_iter().filter(|line| !line.is_empty()) {
        let goes_on = line.starts_with(['.', '?']);
        if goes_on && current.is_empty() {
            current = all.pop().unwrap_or_default();
        }
        if !goes_on && !current.is_empty() {
            current.push(' ');
        }
        current.push_str(line);
        if line.ends_with([';', '{', '}', ',']) {
            all.push(std::mem::take(&mut current));
        }
    }
    all.push(current);
    all
}

#[test]
fn code_is_what_is_compiled_and_a_statement_is_one_line() {
    let text = "use a;\n#[cfg(test)]\nuse b;\n// c.exists()\nfn d() {\n    let e = f\n        .exists()\n        .then(|| {\n            1\n        })\n        .ok();\n    #[cfg(test)]\n    {\n        g.exists();\n    }\n}\n\n\
                #[cfg(test)]\nmod tests {\n    fn h() {}\n}\n\nfn i() {\n    let Ok(j) =\n        k.read()\n    else {\n        return None;\n    };\n}\n";
    assert_eq!(
        statements(text).join("|"),
        "use a;|fn d() {|let e = f.exists().then(|| {|1 }).ok();|}|fn i() {|let Ok(j) = k.read() else {|return None;|};|}|"
    );
}

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
const READERS: [&str; 23] = [
    "store.",
    "store()",
    "self.host(",
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
const MAY_HIDE: [(&str, &str, &str); 35] = [
    ("files/shared_file.rs", "file.metadata()?.is_file()", "the kind of a file that was opened"),
    ("files/lock.rs", "!metadata.is_file()", "the kind of a file that was opened"),
    (
        "files/rotating_file.rs",
        "metadata.len() > MAX_BYTES",
        "when a file rotates; writing to it reports what is wrong",
    ),
    ("store/edit.rs", "map_or_else(|| mac.colons()", "what a message calls a host"),
    ("store/edit.rs", "let holder = self", "what a message calls a host"),
    ("store/hosts.rs", "first_storage", "it shapes menus and a hint only"),
    ("store/hosts.rs", "path().parent()", "whether there is a folder to lock; reading the history says what is wrong"),
    ("store/neighbour.rs", "ask(interface, address)", "an address that cannot be asked for proves nobody"),
    ("store/notifications.rs", "is_ok_and(|m| !m.is_dir())", "whether an old notice is dropped"),
    ("store/removal.rs", "is_ok_and(|m| m.is_dir())", "which of two calls removes it; the call says what is wrong"),
    ("store/shared.rs", "is_ok_and(|m| m.is_file())", "a mark of older clusters, which shapes menus"),
    ("manager/explain.rs", "", "the boot context has warnings of what cannot be read"),
    ("host_state/import/mod.rs", "file.is_dir()", "which message; reading the list says what is wrong"),
    ("host_state/watch.rs", "macs.iter().filter_map", "it is looked at again"),
    ("host_state/readers.rs", "metadata.is_dir()", "the kind of a file that was looked at"),
    ("files/lock_owner.rs", "", "which process holds a lock, for a message"),
    ("store/spent.rs", "let Ok(Some(mark))", "a mark that cannot be read stays, and counts"),
    ("store/retire.rs", "self.host(permission.mac)", "the words of the history only"),
    ("store/clusters.rs", "is_ok_and(|now| now == target)", "the link is made again"),
    ("store/dhcp_entries.rs", "is_ok_and(|now| now == entry.as_bytes())", "the file is written again"),
    ("media/trees.rs", "if kind.is_dir()", "the kind of what was looked at"),
    ("store/paths.rs", "if kind.is_dir()", "the kind of what was looked at"),
    ("media/trees.rs", "target.is_dir()", "which advice for a link that is refused anyway"),
    ("media/tree_store.rs", "map_err(IoError::during(\"read\", &hidden))?.is_dir()", "the kind of what was looked at"),
    ("media/source.rs", "Ok(metadata) if metadata.is_file()", "the kind of what was looked at; an error is said"),
    ("media/leftovers.rs", "?.is_dir()", "the kind of what was looked at"),
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
        "store.installed(mac, host)",
        "marks that cannot be read are found by themselves",
    ),
    ("host_state/check/folder.rs", "read_plain(file, MAX_RECORD_BYTES)", "the number of a line, for a message"),
    ("host_state/check/preflight.rs", ".unwrap_or_default()", "what cannot be taken is found by itself"),
];

/// Whoever ends a permission, removes a host or says what there is must fail where they could not look: see the store's documents.rs.
#[test]
fn what_could_not_be_read_is_not_nothing() {
    let cli = library().join("../../cli/src");
    let media = ["trees.rs", "tree_store.rs", "source.rs", "zfs.rs", "leftovers.rs", "inventory.rs", "packages/mod.rs"];
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
        if path.ends_with("tests.rs") || path.contains("/tests/") {
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

/// Whether a machine was ever installed, and whether a permission is older than that, has one answer: `Installed`, which the store fills. A second way to
/// ask would forget one of the marks (decision 81).
#[test]
fn whether_a_machine_was_ever_installed_is_asked_in_one_way() {
    let programs = library().join("../../cli/src");
    for file in [library(), programs].iter().flat_map(|place| sources(place)) {
        let path = file.to_string_lossy().into_owned();
        let of_store = file.starts_with(library().join("store")) || path.ends_with("host/installed.rs");
        if of_store || path.ends_with("tests.rs") || path.contains("/tests/") {
            continue;
        }
        let code = code(&std::fs::read_to_string(&file).unwrap());
        for word in [".ever_installed(", "struct Installed", "enum Installed"] {
            // They name the file of a mark to a person.
            let names = ["manager/explain.rs", "host_state/rm.rs", "host_state/readers.rs"];
            let names_it = names.iter().any(|file| path.ends_with(file)) && word == ".ever_installed(";
            assert!(names_it || !code.contains(word), "{path} has {word}; ask Store::installed, which knows all marks");
        }
    }
}

/// `File::open` and its like follow links, wait for a FIFO and read `/dev/zero` for ever. What HPS believes and what a person names is
/// opened by `hps::files`; these files read something else.
const READ_OTHERWISE: [(&str, &str); 2] = [
    ("src/build_image/mod.rs", "reads a build in a folder of root's"),
    ("src/media.rs", "reads the key of the tests, in programs of the tests alone"),
];

#[test]
fn files_of_hps_and_files_that_a_person_names_are_opened_in_one_way() {
    let programs = library().join("../../cli/src");
    let mut files = sources(&programs);
    for room in ["store", "manager", "permitted.rs", "boot_context.rs", "reservation.rs"] {
        files.extend(sources(&library().join(room)));
    }
    for file in files {
        let path = file.to_string_lossy();
        if path.ends_with("tests.rs") || path.contains("/tests/") {
            continue;
        }
        let text = std::fs::read_to_string(&file).unwrap();
        let code = code(&text);
        let direct = ["fs::read(", "fs::read_to_string(", "File::open("].iter().any(|call| code.contains(call));
        let listed = READ_OTHERWISE.iter().any(|(name, _)| file.ends_with(name));
        assert!(!direct || listed, "{path} opens a file past hps::files, which looks at owner, mode and kind");
    }
}

/// A program with handlers for signals waits for what it has called, unless that call looks at the flag that they set. So only these make
/// calls that no flag stops, and they are for programs without handlers: `reload`, `host-state check`, `cluster-configure` and alike.
#[test]
fn calls_that_no_flag_stops_are_of_programs_without_handlers() {
    const PLACES: [&str; 16] = [
        "exec/mod.rs",
        "exec/limit.rs",
        "exec/run.rs",
        "exec/bash.rs",
        "exec/dnsmasq.rs",
        "exec/ip.rs",
        "exec/ksvalidator.rs",
        "exec/lighttpd.rs",
        "exec/services/detached.rs",
        "exec/services/supervisord.rs",
        "exec/services/systemd.rs",
        // What the preflight check of `reload` and `host-state check` reads.
        "packages/lists/mod.rs",
        "cli/src/layout.rs",
        "host_state/readers.rs",
        "reload/plan.rs",
        "reload/repair.rs",
    ];
    let programs = library().join("../../cli/src");
    for file in [library(), programs].iter().flat_map(|place| sources(place)) {
        let path = file.to_string_lossy().into_owned();
        if path.ends_with("tests.rs") {
            continue;
        }
        let code = code(&std::fs::read_to_string(&file).unwrap());
        let never = code.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == "NEVER");
        let listed = PLACES.iter().any(|place| path.ends_with(place));
        assert!(!never || listed, "{path} names NEVER: its caller may have handlers for signals, so take `stop`");
        let handlers = code.contains("program::interrupted()");
        assert!(!(handlers && never), "{path} has handlers for signals, and makes a call that they do not stop");
    }
}

/// A file that lines are added to is a log, and every log is written at one place, which makes one line of what it is given.
#[test]
fn each_log_is_written_at_one_place() {
    const PLACES: [&str; 6] = [
        // The file itself, and the two that append to it: histories of hosts, and their logs.
        "files/rotating_file.rs",
        "store/hosts.rs",
        "store/log.rs",
        // media.log.
        "cli/src/media.rs",
        // notify.log: what `program::eprint` prints.
        "exec/services/detached.rs",
        // No log: a package is opened without cutting it, to set its time.
        "packages/repository.rs",
    ];
    let programs = library().join("../../cli/src");
    for file in [library(), programs].iter().flat_map(|place| sources(place)) {
        let path = file.to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&file).unwrap();
        let code = code(&text);
        if path.ends_with("tests.rs") || path.contains("/tests/") || PLACES.iter().any(|place| path.ends_with(place)) {
            continue;
        }
        for word in ["append(true)", "OFlags::APPEND", "RotatingFile::"] {
            assert!(
                !code.contains(word),
                "{path} appends to a file: a log line goes through Line or log_line, at one place"
            );
        }
    }
}

/// A temporary file with a name, made by TMPDIR alone, can be replaced by whoever has that folder.
#[test]
fn temporary_files_with_a_name_are_made_in_a_work_folder() {
    for file in sources(&library()).into_iter().chain(sources(&library().join("../../cli/src"))) {
        let path = file.to_string_lossy();
        if path.ends_with("tests.rs") || path.contains("/tests/") || path.ends_with("testing.rs") {
            continue;
        }
        let text = std::fs::read_to_string(&file).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap();
        for word in ["NamedTempFile::new()", "tempfile::tempdir()", "TempDir::new()"] {
            assert!(!code.contains(word), "{} has {word}; use hps::media::work_folder", file.display());
        }
    }
}

/// The folders above a file are judged in one place.
#[test]
fn one_walk_judges_the_way_to_a_file() {
    for file in sources(&library()).into_iter().chain(sources(&library().join("../../cli/src"))) {
        let text = std::fs::read_to_string(&file).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap();
        let judges = code.contains("readlinkat(") || code.contains("0o1000") || code.contains("SVTX");
        assert!(
            !judges || file.ends_with("files/walk.rs"),
            "{} judges folders itself; call files::walk",
            file.display()
        );
    }
}
