// SPDX-License-Identifier: GPL-3.0-or-later
//! The name of a host: one DNS label (RFC 1123), lower case.

use super::{DomainName, all_bytes, checked_text};

/// The limit of Linux for a whole host name, `HOST_NAME_MAX` of limits.h and gethostname(2): Anaconda and systemd
/// refuse a longer one.
pub const HOST_NAME_MAX: usize = 64;
/// The longest name that HPS gives by itself: `sch-99999`.
pub const MAX_GIVEN_NAME: usize = 9;

/// Why Linux would not keep the whole name of a host.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameLengthError {
    /// The name and the domain are too long together.
    #[error(
        "name {name} ({}), a dot and network.domain {domain} ({}) are {} characters: Linux accepts at most {HOST_NAME_MAX} as the name of a host; choose a shorter one",
        name.as_str().len(), domain.as_str().len(), name.as_str().len() + 1 + domain.as_str().len()
    )]
    Name {
        /// The name.
        name: HostName,
        /// The domain.
        domain: DomainName,
    },
    /// The domain leaves no room for the names that HPS gives.
    #[error(
        "network.domain {domain} has {} characters: expected at most {MAX_DOMAIN_LENGTH}, because a name such as sch-99999 ({MAX_GIVEN_NAME}), a dot and the domain are {}, and Linux accepts at most {HOST_NAME_MAX}",
        domain.as_str().len(), MAX_GIVEN_NAME + 1 + domain.as_str().len()
    )]
    Domain {
        /// The domain.
        domain: DomainName,
    },
}

const MAX_DOMAIN_LENGTH: usize = HOST_NAME_MAX - MAX_GIVEN_NAME - 1;

/// Whether a host can have a name in a domain. Checked when one of the two is set, and again when it is served.
///
/// # Errors
/// [`NameLengthError::Name`].
pub fn check_whole_name(name: &HostName, domain: &DomainName) -> Result<(), NameLengthError> {
    if name.as_str().len() + 1 + domain.as_str().len() <= HOST_NAME_MAX {
        return Ok(());
    }
    Err(NameLengthError::Name { name: name.clone(), domain: domain.clone() })
}

/// The same for a domain alone: the names that HPS gives must fit.
///
/// # Errors
/// [`NameLengthError::Domain`].
pub fn check_domain(domain: &DomainName) -> Result<(), NameLengthError> {
    if domain.as_str().len() <= MAX_DOMAIN_LENGTH {
        return Ok(());
    }
    Err(NameLengthError::Domain { domain: domain.clone() })
}

checked_text! {
    /// One lower-case DNS label that begins with a letter.
    ///
    /// Words that `dhcp-host` of dnsmasq does not read as a name are refused. Lease times such as `12h` are refused
    /// too, because they begin with a digit. `ips` is the name of this node.
    HostName, "host name",
    "expected 1 to 63 of a-z, 0-9 and '-', beginning with a letter, ending with a letter or digit, and none of the reserved words ignore, infinite, deprecated, localhost and ips",
    |text| {
        all_bytes(text, 63, |b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            && text.starts_with(|c: char| c.is_ascii_lowercase())
            && !text.ends_with('-')
            && !matches!(text, "ignore" | "infinite" | "deprecated" | "localhost" | "ips")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_name_is_what_linux_takes() {
        let name = |length: usize| "n".repeat(length).parse::<HostName>().unwrap();
        let domain = |length: usize| {
            let labels = format!("{}.{}", "d".repeat(60), "e".repeat(139))
                .replace(&"e".repeat(61), &format!("{}.", "e".repeat(60)));
            labels[labels.len() - length..].trim_start_matches('.').parse::<DomainName>().unwrap()
        };
        assert_eq!(check_whole_name(&name(9), &domain(54)), Ok(()));
        assert_eq!(
            check_whole_name(&name(63), &domain(1)).unwrap_err().to_string().matches("are 65 characters").count(),
            1
        );
        let long = check_whole_name(&name(63), &domain(54)).unwrap_err().to_string();
        assert!(long.contains("(63)") && long.contains("(54)") && long.contains("are 118 characters"), "{long}");
        assert_eq!(check_domain(&domain(54)), Ok(()));
        let long = check_domain(&domain(55)).unwrap_err().to_string();
        assert!(long.starts_with("network.domain ") && long.contains("are 65,"), "{long}");
    }

    #[test]
    fn names() {
        for good in ["sch-001", "a"] {
            assert!(good.parse::<HostName>().is_ok(), "{good}");
        }
        for bad in [
            "",
            "SCH-001",
            "12h",
            "ignore",
            "infinite",
            "ips",
            "-a",
            "a-",
            "a.b",
            "a b",
            "a\n",
            "a,b",
            "..",
            "caf\u{e9}",
        ] {
            assert!(bad.parse::<HostName>().is_err(), "{bad:?}");
        }
    }
}
