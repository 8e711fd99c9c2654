// SPDX-License-Identifier: GPL-3.0-or-later
//! Which disks of a machine: words that a disk must all fit, as the node reads them (scripts/node/steps/disk_rule.sh).
//!
//! The grammar is in three places: here, in the pattern of a rule in `steps/answer.sh`, and in `disk_fits` in
//! `steps/disk_rule.sh`. The table tests/fixtures/node/disk-rules.table keeps them in agreement: the tests of both
//! sides read it. A new word must be added to all of them.

use super::{all_bytes, checked_text};

checked_text! {
    /// Words with one blank between them: `bus=` with one of [`BUSES`]; `serial=`, `wwn=` and `path=` with a value in which `*` stands
    /// for anything; these four with `not-` before them; `min=` and `max=` with gibibytes (`100G`); and `smallest` or `largest`, for
    /// which of several. A disk on a bus of [`FOREIGN`] fits only a rule that names it: by its bus, or by a serial, a WWN or a path without `*`.
    DiskRule, "rule for disks",
    "expected words such as smallest, largest, serial=S3Z*, wwn=naa.5000*, path=pci0000:00/*, bus=sas, not-bus=nvme, not-path=pci0000:80/*, min=100G or max=4000G, with one blank between them",
    |text| text.len() <= 200 && text.split(' ').all(is_word)
}

/// How the disks of a host are connected.
const BUSES: [&str; 6] = ["ata", "sas", "scsi", "nvme", "virtio", "other"];

/// Buses whose disks are used only if a rule names them: plugged in by hand, shown by a management controller, or
/// shared over a network.
const FOREIGN: [&str; 9] =
    ["usb", "mmc", "firewire", "removable", "virtual-media", "iscsi", "fc", "nvme-fabrics", "network"];

fn is_word(word: &str) -> bool {
    match word.strip_prefix("not-").unwrap_or(word).split_once('=') {
        None => matches!(word, "smallest" | "largest"),
        Some(("bus", value)) => BUSES.contains(&value) || FOREIGN.contains(&value),
        Some(("min" | "max", _)) if word.starts_with("not-") => false,
        Some(("serial" | "wwn" | "path", value)) => {
            all_bytes(value, 128, |b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b':' | b'/' | b'*' | b'-'))
        }
        Some(("min" | "max", value)) => value
            .strip_suffix('G')
            .is_some_and(|number| all_bytes(number, 7, |b| b.is_ascii_digit()) && !number.starts_with('0')),
        Some(_) => false,
    }
}

/// How many characters of a serial a node reports (`disk_serial` in scripts/node/steps/disk.sh).
const NAME_LENGTH: usize = 64;

/// Whether a text fits a pattern, in which `*` stands for any text.
fn fits(pattern: &[u8], text: &[u8]) -> bool {
    match pattern.split_first() {
        None => text.is_empty(),
        Some((b'*', rest)) => (0..=text.len()).any(|skipped| text.get(skipped..).is_some_and(|left| fits(rest, left))),
        Some((first, rest)) => text.split_first().is_some_and(|(found, left)| found == first && fits(rest, left)),
    }
}

impl DiskRule {
    fn gibibytes(&self, key: &str) -> impl Iterator<Item = u32> {
        self.0.split(' ').filter_map(move |word| word.strip_prefix(key)?.strip_suffix('G')?.parse().ok())
    }

    /// The largest size that fits, in GiB.
    pub fn at_most(&self) -> Option<u32> {
        self.gibibytes("max=").min()
    }

    /// Why no disk can fit it.
    pub fn contradicts_itself(&self) -> Option<String> {
        let has = |word: &str| self.0.split(' ').any(|w| w == word);
        if has("smallest") && has("largest") {
            return Some("smallest and largest contradict each other".to_owned());
        }
        let mut buses = self.0.split(' ').filter(|word| word.starts_with("bus="));
        if let Some(one) = buses.next()
            && let Some(other) = buses.find(|other| *other != one)
        {
            return Some(format!("{one} and {other} contradict each other"));
        }
        if let Some(word) = self.0.split(' ').find(|word| has(&format!("not-{word}"))) {
            return Some(format!("{word} and not-{word} contradict each other"));
        }
        let (least, most) = (self.gibibytes("min=").max()?, self.at_most()?);
        (least > most).then(|| format!("min={least}G is above max={most}G"))
    }

    /// Why a word of it can fit no disk, or exclude none, or exclude all, on any machine. A file of an earlier version
    /// with such a rule is read, but no host is installed by it.
    pub fn means_nothing(&self) -> Option<String> {
        let words: Vec<(&str, &str, &str)> = self
            .0
            .split(' ')
            .filter_map(|word| word.split_once('=').map(|(key, value)| (word, key, value)))
            .filter(|(_, key, _)| !matches!(*key, "min" | "max"))
            .collect();
        for (word, key, value) in &words {
            let plain = key.trim_start_matches("not-");
            let excludes = *key != plain;
            // (`not-serial=none` is a disk that has a serial.)
            if *key == "serial" && *value == "none" {
                return Some(format!(
                    "{word}: a disk without a serial has no name that a rule can use; use path=, bus= or not-serial=*"
                ));
            }
            let least = value.bytes().filter(|b| *b != b'*').count();
            if plain == "serial" && least > NAME_LENGTH {
                return Some(format!(
                    "{word}: a node reports at most {NAME_LENGTH} characters of a serial, so it fits no disk; write the first ones and *"
                ));
            }
            if excludes && plain == "path" && least == 0 {
                return Some(format!("{word} excludes every disk"));
            }
        }
        for (word, key, value) in &words {
            let is_whole = !key.starts_with("not-") && !value.contains('*');
            let excluding = words.iter().find(|(_, not, pattern)| {
                is_whole && not.strip_prefix("not-") == Some(key) && fits(pattern.as_bytes(), value.as_bytes())
            });
            if let Some((excluding, ..)) = excluding {
                return Some(format!("{word} and {excluding} contradict each other"));
            }
            // (A WWN may be written in several ways.)
            let other = words.iter().find(|(_, other, second)| {
                is_whole
                    && matches!(*key, "serial" | "path")
                    && other == key
                    && !fits(second.as_bytes(), value.as_bytes())
            });
            if let Some((other, ..)) = other {
                return Some(format!("{word} and {other} contradict each other"));
            }
        }
        None
    }

    /// Whether it orders several disks.
    pub fn orders(&self) -> bool {
        self.0.split(' ').any(|word| !word.contains('='))
    }
}

impl Default for DiskRule {
    /// The smallest that is large enough.
    fn default() -> Self {
        Self("smallest".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The node reads the same table: tests/node/disks.
    const TABLE: &str = include_str!("../../../tests/fixtures/node/disk-rules.table");

    #[test]
    fn the_rules_of_the_table() {
        let mut rules = Vec::new();
        for line in TABLE.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let (verdict, rest) = line.split_once('\t').unwrap();
            let rule = rest.split('\t').next().unwrap();
            match verdict {
                "bad" => assert!(rule.parse::<DiskRule>().is_err(), "{rule}"),
                "fits" | "not" => assert!(rule.parse::<DiskRule>().is_ok(), "{rule}"),
                "disk" => {}
                _ => panic!("{line}"),
            }
            rules.push(rule);
        }
        for bus in BUSES.iter().chain(&FOREIGN) {
            assert!(rules.contains(&format!("bus={bus}").as_str()), "{bus} is not in the table");
        }
    }

    #[test]
    fn words() {
        for good in [
            "smallest",
            "largest min=100G",
            "serial=S3Z*",
            "path=pci0000:00/0000:00:05.0/*",
            "wwn=naa.5000c500 max=4000G",
        ] {
            assert!(good.parse::<DiskRule>().is_ok(), "{good}");
        }
        for bad in [
            "",
            " ",
            "smallest ",
            "smallest  largest",
            "tiny",
            "serial=",
            "serial=a;b",
            "min=100",
            "min=0G",
            "min=-1G",
            "size=1G",
            "serial=$(x)",
            "serial='a'",
            "min=100G\n",
        ] {
            assert!(bad.parse::<DiskRule>().is_err(), "{bad:?}");
        }
        let why = |text: &str| text.parse::<DiskRule>().unwrap().contradicts_itself();
        assert_eq!(why("largest min=10G max=10G"), None);
        assert_eq!(why("min=200G max=300G max=100G").unwrap(), "min=200G is above max=100G");
        assert!(why("smallest largest").is_some());
        assert_eq!(why("bus=usb bus=usb not-bus=nvme"), None);
        assert_eq!(why("bus=usb bus=nvme").unwrap(), "bus=usb and bus=nvme contradict each other");
        assert_eq!(why("path=pci* not-path=pci*").unwrap(), "path=pci* and not-path=pci* contradict each other");
        let nothing = |text: &str| text.parse::<DiskRule>().unwrap().means_nothing();
        let long = "S".repeat(65);
        for (rule, words) in [
            ("serial=none".to_owned(), "a disk without a serial has no name"),
            (format!("serial={long}"), "at most 64 characters of a serial"),
            (format!("not-serial={long}"), "at most 64 characters of a serial"),
            (format!("not-serial=*{long}*"), "at most 64 characters of a serial"),
            ("smallest not-path=*".to_owned(), "excludes every disk"),
            ("path=pci1/a not-path=pci1/*".to_owned(), "path=pci1/a and not-path=pci1/* contradict"),
            ("serial=S1 not-serial=*1".to_owned(), "contradict"),
            ("serial=S1 serial=S2".to_owned(), "serial=S1 and serial=S2 contradict"),
        ] {
            assert!(nothing(&rule).is_some_and(|why| why.contains(words)), "{rule}: {:?}", nothing(&rule));
            assert_eq!(why(&rule), None, "an older file with it is read: {rule}");
        }
        for rule in [
            "smallest not-serial=*",
            "smallest not-serial=none",
            "serial=S1 serial=S*",
            "path=pci1/a not-path=pci2/*",
            "wwn=0x5000 wwn=naa.5000",
            "not-wwn=naa.* min=1G",
            &format!("serial={}", "S".repeat(64)),
            &format!("wwn=nvme.{long}"),
        ] {
            assert_eq!(nothing(rule), None, "{rule}");
        }
        assert!(DiskRule::default().orders() && !"min=1G".parse::<DiskRule>().unwrap().orders());
    }
}
