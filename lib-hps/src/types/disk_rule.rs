// SPDX-License-Identifier: GPL-3.0-or-later
//! Which disks of a machine: words that must all hold, as the node reads them (scripts/node/steps/disks.sh).

use super::{all_bytes, checked_text};

checked_text! {
    /// Words with one blank between them: `serial=`, `wwn=` and `path=` with a value in which `*` stands for anything, `min=` and
    /// `max=` with gibibytes (`100G`); and `smallest` or `largest`, for which of several.
    DiskRule, "rule for disks",
    "expected words such as smallest, largest, serial=S3Z*, wwn=naa.5000*, path=pci0000:00/*, min=100G or max=4000G, with one blank between them",
    |text| text.len() <= 200 && text.split(' ').all(is_word)
}

fn is_word(word: &str) -> bool {
    match word.split_once('=') {
        None => matches!(word, "smallest" | "largest"),
        Some(("serial" | "wwn" | "path", value)) => {
            all_bytes(value, 128, |b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b':' | b'/' | b'*' | b'-'))
        }
        Some(("min" | "max", value)) => value
            .strip_suffix('G')
            .is_some_and(|number| all_bytes(number, 7, |b| b.is_ascii_digit()) && !number.starts_with('0')),
        Some(_) => false,
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
        let has = |word| self.0.split(' ').any(|w| w == word);
        if has("smallest") && has("largest") {
            return Some("smallest and largest contradict each other".to_owned());
        }
        let (least, most) = (self.gibibytes("min=").max()?, self.at_most()?);
        (least > most).then(|| format!("min={least}G is above max={most}G"))
    }

    /// Whether it says which of several disks.
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
        assert!(DiskRule::default().orders() && !"min=1G".parse::<DiskRule>().unwrap().orders());
    }
}
