// SPDX-License-Identifier: GPL-3.0-or-later
//! What only one place may do, since the rule about it is there.
//! To see it fail: write `tempfile::tempdir()` in a file of `lib-hps/src/media`.

use crate::sources::{code, code_of, is_test, library, sources};

/// A body of HTTP that is read in another way has none of the bounds, and a proxy that ureq finds itself is found by other rules.
#[test]
fn what_mirrors_send_comes_in_one_way() {
    // What BMCs send has bounds of its own, in one file.
    let places = [library().join("media/mirror"), library().join("power/redfish/http.rs")];
    let is_place = |file: &std::path::PathBuf| places.iter().any(|place| file.starts_with(place));
    for file in sources(&library()).into_iter().filter(|file| !is_place(file)) {
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
fn what_is_proven_is_read_and_kept_in_one_way() {
    for (path, code) in code_of("media") {
        // Files of Debian's packages, of the kernel, of a workshop that only root enters, and the authorities that root names.
        let trusted = ["boot_loaders.rs", "stale_folders.rs", "cpio.rs", "mirror/client.rs"];
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

/// Whether a machine was ever installed, and whether a permission is older than that, has one answer: `Installed`, which the store fills. A second way to
/// ask would forget one of the marks (decision 81).
#[test]
fn whether_a_machine_was_ever_installed_is_asked_in_one_way() {
    let programs = library().join("../../cli/src");
    for file in [library(), programs].iter().flat_map(|place| sources(place)) {
        let path = file.to_string_lossy().into_owned();
        let of_store = file.starts_with(library().join("store")) || path.ends_with("host/installed.rs");
        if of_store || is_test(&file) {
            continue;
        }
        let code = code(&std::fs::read_to_string(&file).unwrap());
        for word in [".ever_installed(", "struct Installed", "enum Installed"] {
            // They name the file of a mark to a person.
            let names = ["manager/explain.rs", "host_state/rm.rs", "host_state/readers.rs"];
            let names_it = names.iter().any(|file| path.ends_with(file)) && word == ".ever_installed(";
            assert!(
                names_it || !code.contains(word),
                "{path} has {word}; ask InstalledMarks::installed, which knows all marks"
            );
        }
    }
}

/// `File::open` and its like follow links, wait for a FIFO and read `/dev/zero` for ever. What HPS believes and what a person names is
/// opened by `hps::files`; these files read something else.
const READ_OTHERWISE: [(&str, &str); 1] =
    [("src/media.rs", "reads the key of the tests, in programs of the tests alone")];

#[test]
fn files_of_hps_and_files_that_a_person_names_are_opened_in_one_way() {
    let programs = library().join("../../cli/src");
    let mut files = sources(&programs);
    for room in ["store", "manager", "permitted.rs", "boot_context.rs", "reservation"] {
        files.extend(sources(&library().join(room)));
    }
    for file in files {
        let path = file.to_string_lossy();
        if is_test(&file) {
            continue;
        }
        let text = std::fs::read_to_string(&file).unwrap();
        let code = code(&text);
        let direct = ["fs::read(", "fs::read_to_string(", "File::open("].iter().any(|call| code.contains(call));
        let listed = READ_OTHERWISE.iter().any(|(name, _)| file.ends_with(name));
        assert!(!direct || listed, "{path} opens a file past hps::files, which looks at owner, mode and kind");
    }
}

/// A file that lines are added to is a log, and every log is written at one place, which makes one line of what it is given.
#[test]
fn each_log_is_written_at_one_place() {
    const PLACES: [&str; 7] = [
        // The file itself, and the two that append to it: histories of hosts, and their logs.
        "files/rotating_file.rs",
        "journal/history.rs",
        "journal/log.rs",
        // The audit of the site: JSON of values that are lines.
        "store/audit.rs",
        // media.log.
        "cli/src/media.rs",
        // notify.log: what `program::eprint` prints.
        "exec/services/detached.rs",
        // No log: a package is opened without cutting it, to set its time.
        "media/retired.rs",
    ];
    let programs = library().join("../../cli/src");
    for file in [library(), programs].iter().flat_map(|place| sources(place)) {
        let path = file.to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&file).unwrap();
        let code = code(&text);
        if is_test(&file) || PLACES.iter().any(|place| path.ends_with(place)) {
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
        if is_test(&file) || path.ends_with("testing.rs") {
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
            !judges || file.ends_with("files/walk.rs") || file.ends_with("files/path_rule.rs"),
            "{} judges folders itself; call files::walk",
            file.display()
        );
    }
}
