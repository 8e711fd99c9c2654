// SPDX-License-Identifier: GPL-3.0-or-later
//! The scripts and lists of `scripts/node/`, compiled in.

/// A file of the recipe: its name below `scripts/node/`, its text, and its mode.
pub(super) type Part = (&'static str, &'static str, u32);

macro_rules! parts {
    ($($mode:literal $name:literal),* $(,)?) => {
        [$(($name, include_str!(concat!("../../../scripts/node/", $name)), $mode)),*]
    };
}

pub(super) static PARTS: [Part; 50] = parts![
    0o755 "init",
    0o755 "install",
    0o755 "rescue",
    0o755 "task",
    0o755 "tasks/discover",
    0o755 "erase",
    0o755 "dhcp",
    0o644 "report.sh",
    0o644 "log.sh",
    0o644 "cmdline.sh",
    0o644 "drivers.sh",
    0o644 "storage.sh",
    0o644 "steps/network.sh",
    0o644 "steps/answer.sh",
    0o644 "steps/fit.sh",
    0o644 "steps/disk.sh",
    0o644 "steps/hardware.sh",
    0o644 "steps/task.sh",
    0o644 "steps/look.sh",
    0o644 "steps/disk_rule.sh",
    0o644 "steps/disks_found.sh",
    0o644 "steps/disks_wait.sh",
    0o644 "steps/disks.sh",
    0o644 "steps/sizes.sh",
    0o644 "steps/array.sh",
    0o644 "steps/partition.sh",
    0o644 "steps/pool.sh",
    0o644 "steps/zfs.sh",
    0o644 "steps/image.sh",
    0o644 "steps/configure.sh",
    0o644 "steps/bootorder.sh",
    0o644 "steps/bootloader.sh",
    0o644 "steps/finish.sh",
    0o644 "steps/erase.sh",
    0o644 "steps/erase_method.sh",
    0o644 "steps/erase_verify.sh",
    0o755 "build/node-trim",
    0o755 "build/image-prepare",
    0o755 "build/image-finish",
    0o644 "build/image.dpkg",
    0o644 "packages/node.list",
    0o644 "packages/programs.list",
    0o644 "packages/modules.list",
    0o644 "packages/firmware.list",
    0o644 "packages/common.list",
    0o644 "packages/SCH.list",
    0o644 "packages/TCH.list",
    0o644 "packages/CCH.list",
    0o644 "packages/DRH.list",
    0o644 "packages/PLAIN.list",
];

/// The text of a file of the recipe, by its name below `scripts/node/`.
pub fn part(name: &str) -> Option<&'static str> {
    PARTS.iter().find(|(part, ..)| *part == name).map(|(_, text, _)| *text)
}

/// The entries of a list for one architecture: one a line, `#` begins a comment, and `[amd64]` after a name restricts it, as
/// in control files of Debian packages.
pub(super) fn list<'a>(text: &'a str, architecture: &'static str) -> impl Iterator<Item = &'a str> {
    let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default().trim());
    lines.filter(|line| !line.is_empty()).filter_map(move |line| match line.split_once(" [") {
        None => Some(line),
        Some((name, only)) => (only.strip_suffix(']') == Some(architecture)).then(|| name.trim_end()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;
    use std::path::Path;

    #[test]
    fn every_file_of_the_recipe_is_compiled_in() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scripts/node");
        let mut found = Vec::new();
        for folder in ["", "steps", "tasks", "build", "packages"] {
            for entry in std::fs::read_dir(root.join(folder)).unwrap().map(Result::unwrap) {
                if entry.file_type().unwrap().is_file() {
                    let mode = entry.metadata().unwrap().permissions().mode() & 0o111;
                    let name = Path::new(folder).join(entry.file_name());
                    let part = PARTS.iter().find(|p| Path::new(p.0) == name);
                    assert!(
                        part.is_some_and(|p| p.2 & 0o111 == mode),
                        "{} is not in PARTS, or of another mode",
                        name.display()
                    );
                    found.push(name);
                }
            }
        }
        assert_eq!(found.len(), PARTS.len());
    }
}
