// SPDX-License-Identifier: GPL-3.0-or-later
//! Hosts as an administrator names them: a MAC, a name, or a range of names such as `sch-[001-040]`.

use super::{HostName, Invalid, MacAddr, serde_as_text};
use std::fmt;
use std::str::FromStr;

/// One host, as it was typed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HostRef {
    /// By its MAC.
    Mac(MacAddr),
    /// By its name.
    Name(HostName),
}

impl fmt::Display for HostRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mac(mac) => f.write_str(&mac.colons()),
            Self::Name(name) => name.fmt(f),
        }
    }
}

/// A MAC in any spelling, a name in any case, or names with one range of numbers in brackets:
/// `sch-[001-003,007]`. Numbers with leading zeros keep their width. At most 10,000 hosts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostPattern(PatternForm);

#[derive(Debug, Clone, PartialEq, Eq)]
enum PatternForm {
    One(HostRef),
    Range { before: String, runs: Vec<Run>, after: String },
}

/// Numbers from `first` to `last`, written with at least `width` digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Run {
    first: u32,
    last: u32,
    width: usize,
}

/// More hosts than a site has; a typing error must not fill the memory.
const MAX_HOSTS: u64 = 10_000;

const RULE: &str = "expected a MAC, such as 52:54:00:12:34:56, a host name, such as sch-001, or names with one range, \
                    such as sch-[001-040] or sch-[001-003,007], at most 10000 hosts";

impl HostPattern {
    /// The hosts, in the order in which they are written; a number that is written twice comes twice.
    pub fn hosts(&self) -> Vec<HostRef> {
        match &self.0 {
            PatternForm::One(host) => vec![host.clone()],
            PatternForm::Range { before, runs, after } => {
                let numbers = runs.iter().flat_map(|run| (run.first..=run.last).map(|number| run.text(number)));
                // Each was checked when the pattern was parsed.
                numbers.filter_map(|n| format!("{before}{n}{after}").parse().ok()).map(HostRef::Name).collect()
            }
        }
    }
}

impl HostPattern {
    /// Whether it names the host of one of these MACs.
    pub fn has_mac(&self, macs: &[MacAddr]) -> bool {
        matches!(&self.0, PatternForm::One(HostRef::Mac(mac)) if macs.contains(mac))
    }

    /// Whether it names this host. Takes the time of one name, for any number of names.
    pub fn has_name(&self, name: &HostName) -> bool {
        match &self.0 {
            PatternForm::One(host) => matches!(host, HostRef::Name(named) if named == name),
            PatternForm::Range { before, runs, after } => {
                let number =
                    name.as_str().strip_prefix(before.as_str()).and_then(|rest| rest.strip_suffix(after.as_str()));
                number.is_some_and(|digits| runs.iter().any(|run| run.has(digits)))
            }
        }
    }
}

impl Run {
    /// Whether these digits are one of its numbers, as it writes them.
    fn has(self, digits: &str) -> bool {
        digits.parse().is_ok_and(|number| (self.first..=self.last).contains(&number) && self.text(number) == digits)
    }

    fn text(self, number: u32) -> String {
        format!("{number:0width$}", width = self.width)
    }

    fn count(self) -> u64 {
        u64::from(self.last - self.first) + 1
    }

    /// `7`, `007` or `001-040`. With leading zeros both must have the same width.
    fn parse(text: &str) -> Option<Self> {
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        let number = |digits: &str| -> Option<u32> {
            let plain = (1..=9).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
            plain.then(|| digits.parse().ok())?
        };
        let padded = |digits: &str| digits.len() > 1 && digits.starts_with('0');
        if (padded(first) || padded(last)) && first.len() != last.len() {
            return None;
        }
        let width = if padded(first) { first.len() } else { 1 };
        let run = Self { first: number(first)?, last: number(last)?, width };
        (run.first <= run.last).then_some(run)
    }
}

impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(self.first))?;
        if self.first == self.last { Ok(()) } else { write!(f, "-{}", self.text(self.last)) }
    }
}

impl FromStr for HostPattern {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        if let Ok(mac) = text.parse() {
            return Ok(Self(PatternForm::One(HostRef::Mac(mac))));
        }
        // Names are stored in lower case, but typed in any case.
        let lower = text.to_ascii_lowercase();
        if let Ok(name) = lower.parse() {
            return Ok(Self(PatternForm::One(HostRef::Name(name))));
        }
        let parse = || {
            let (before, rest) = lower.split_once('[')?;
            let (list, after) = rest.split_once(']')?;
            let runs = list.split(',').map(Run::parse).collect::<Option<Vec<Run>>>()?;
            let count: u64 = runs.iter().map(|run| run.count()).sum();
            if count > MAX_HOSTS {
                return None;
            }
            let named = |number: String| format!("{before}{number}{after}").parse::<HostName>().is_ok();
            // The longest and the shortest number of a run decide: the text around the number is the same for all.
            let fits = runs.iter().all(|run| named(run.text(run.first)) && named(run.text(run.last)));
            fits.then(|| PatternForm::Range { before: before.to_owned(), runs, after: after.to_owned() })
        };
        parse().map(Self).ok_or_else(|| Invalid::new("host", text, RULE))
    }
}

impl fmt::Display for HostPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            PatternForm::One(host) => host.fmt(f),
            PatternForm::Range { before, runs, after } => {
                let runs: Vec<String> = runs.iter().map(ToString::to_string).collect();
                write!(f, "{before}[{}]{after}", runs.join(","))
            }
        }
    }
}

serde_as_text!(HostPattern);

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<String> {
        text.parse::<HostPattern>().unwrap().hosts().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_a_pattern_names() {
        assert_eq!(names("52-54-00-12-34-56"), ["52:54:00:12:34:56"]);
        assert_eq!(names("SCH-001"), ["sch-001"]);
        assert_eq!(names("sch-[001-003,007]"), ["sch-001", "sch-002", "sch-003", "sch-007"]);
        assert_eq!(names("r[8-11]"), ["r8", "r9", "r10", "r11"]);
        assert_eq!(names("rack[1-2]-a"), ["rack1-a", "rack2-a"]);
        assert_eq!(names("n[0-1]"), ["n0", "n1"]);
        assert_eq!(names("sch-[00001-10000]").len(), 10_000);
    }

    #[test]
    fn what_is_no_pattern() {
        for bad in [
            "",
            "[]",
            "sch-[]",
            "sch-[1",
            "sch-1]",
            "sch-[3-1]",
            "sch-[01-2]",
            "sch-[1-02]",
            "sch-[a-b]",
            "sch-[+1-2]",
            "sch-[1-2-3]",
            "sch-[1,,2]",
            "sch-[1-2][3-4]",
            "[001-002]",
            "sch-[1-2]-",
            "sch 1",
            "sch-[0-10000]",
            "sch-[1-999999999]",
            "sch-[1-9999999999]",
            "../[1-2]",
            "ips",
        ] {
            assert!(bad.parse::<HostPattern>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_name_is_found_without_the_others() {
        let pattern = |text: &str| text.parse::<HostPattern>().unwrap();
        for text in ["sch-[001-003,007]", "r[8-11]", "rack[1-2]-a", "n[0-1]", "sch-001", "52-54-00-12-34-56"] {
            let named = names(text);
            for name in [
                "sch-001", "sch-1", "sch-0001", "sch-004", "sch-007", "r8", "r08", "r11", "r12", "rack1-a", "rack1",
                "n0", "n2", "sch-",
            ] {
                let Ok(host) = name.parse::<HostName>() else { continue };
                assert_eq!(pattern(text).has_name(&host), named.contains(&host.to_string()), "{text} {name}");
            }
        }
        let mac = "525400123456".parse().unwrap();
        assert!(pattern("52-54-00-12-34-56").has_mac(&[mac]) && !pattern("n[0-1]").has_mac(&[mac]));
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_answered(text: String) {
            let _parsed = text.parse::<HostPattern>();
        }

        #[test]
        fn text_survives_a_round_trip(first in 0u32..2_000, more in 0u32..200, width in 1usize..6, single in 0u32..9_999) {
            let last = first + more;
            let text = format!("sch-[{first:0width$}-{last:0width$},{single}]x");
            if let Ok(pattern) = text.parse::<HostPattern>() {
                proptest::prop_assert_eq!(&pattern.to_string().parse::<HostPattern>().unwrap(), &pattern);
                let hosts = pattern.hosts();
                proptest::prop_assert_eq!(hosts.len(), more as usize + 2);
                proptest::prop_assert_eq!(hosts[0].to_string(), format!("sch-{first:0width$}x"));
            }
        }
    }
}
