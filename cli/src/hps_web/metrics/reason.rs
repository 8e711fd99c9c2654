// SPDX-License-Identifier: GPL-3.0-or-later
//! Classes of reasons why an installation failed. The texts come from machines, so they cannot be labels themselves.

/// Each class with words that occur in its reasons. The first class that fits counts.
const CLASSES: [(&str, &[&str]); 7] = [
    ("operator", &["by hand", "set by"]),
    ("gave_up", &["attempts", "came back", "no permission to install"]),
    ("refused_disk", &["REFUSED:", "nothing was written"]),
    ("network", &["cannot be fetched", "does not answer", "interface", "network", "has no link", "download"]),
    ("boot_loader", &["boot loader", "boot order", "efibootmgr", "EFI system partition"]),
    ("disk", &["disk", "partition", "array", "pool", "volume group", "file system", "mounted", "swap"]),
    ("system", &["image", "package", "kernel", "answer file", "kickstart", "installer", "new system"]),
];

/// The class of all other reasons.
const OTHER: &str = "other";

/// All classes.
pub(super) fn classes() -> impl Iterator<Item = &'static str> {
    CLASSES.iter().map(|(name, _)| *name).chain([OTHER])
}

/// The class of a reason; [`OTHER`] if none fits.
pub(super) fn class(reason: &str) -> &'static str {
    let fits = |words: &&[&str]| words.iter().any(|word| reason.contains(word));
    CLASSES.iter().find(|(_, words)| fits(words)).map_or(OTHER, |(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::class;

    #[test]
    fn reasons_of_machines_have_their_class() {
        for (expected, reason) in [
            ("refused_disk", "REFUSED: disk sda carries ext4; nothing was written"),
            ("network", "the complete image cannot be fetched from http://10.0.0.1/x: look at the web server"),
            ("network", "interface eth0 (52:54:00:00:00:01) has no link after 30 seconds: check cable and switch port"),
            ("boot_loader", "the boot loader for BIOS cannot be installed on /dev/sda"),
            ("disk", "no file system can be made on /dev/sda2"),
            ("system", "the image has no kernel, or several"),
            ("gave_up", "it came back after 3 attempts without a report of its end"),
            ("other", "<script>"),
            ("other", ""),
        ] {
            assert_eq!(class(reason), expected, "{reason}");
        }
    }
}
