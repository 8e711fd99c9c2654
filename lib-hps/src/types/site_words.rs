// SPDX-License-Identifier: GPL-3.0-or-later
//! Words of a site profile, each in the form that its program accepts.

use super::{all_bytes, checked_text};

checked_text! {
    /// The name of a site profile: its file name without `.toml`.
    SiteProfileName, "site profile", "expected 1 to 64 of a-z, 0-9, '_' and '-', beginning with a letter or a digit",
    |text| all_bytes(text, 64, |b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'_' | b'-'))
        && !text.starts_with(['_', '-'])
}

checked_text! {
    /// A package, or for a kickstart a group: `htop`, `@container-management`.
    PackageName, "package", "expected the name of a package, such as htop, or for a kickstart of a group, such as @container-management",
    |text| {
        let name = text.strip_prefix('@').unwrap_or(text);
        all_bytes(name, 128, |b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'+' | b'_' | b'-' | b'^'))
            && name.starts_with(|c: char| c.is_ascii_alphanumeric() || (c == '^' && text.starts_with('@')))
    }
}

checked_text! {
    /// A unit of systemd that can be enabled.
    UnitName, "unit", "expected a unit of systemd with its ending, such as nginx.service or backup.timer",
    |text| all_bytes(text, 128, |b| b.is_ascii_alphanumeric() || matches!(b, b'@' | b'.' | b'_' | b'-' | b':'))
        && !text.starts_with(['-', '.'])
        && [".service", ".socket", ".timer", ".target"].iter().any(|end| text.len() > end.len() && text.ends_with(end))
}

checked_text! {
    /// A word of the kernel's command line.
    KernelArgument, "kernel argument", "expected one word for the kernel, such as mitigations=off, of letters, digits and ._-=,:/+@^~*(), not beginning with hps. or inst.",
    |text| all_bytes(text, 200, |b| b.is_ascii_alphanumeric() || b"._-=,:/+@^~*()".contains(&b))
        && !text.starts_with("hps.")
        && !text.starts_with("inst.")
}

checked_text! {
    /// A file of an installed system, from the root.
    SitePath, "path", "expected an absolute path of letters, digits and ._@/-, without .. and of at most 200 bytes",
    |text| {
        let inner = text.strip_prefix('/').unwrap_or_default();
        all_bytes(inner, 200, |b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'@' | b'/' | b'-'))
            && inner.split('/').all(|part| !part.is_empty() && part != "." && part != "..")
            && inner.starts_with(|c: char| c.is_ascii_alphanumeric())
    }
}

checked_text! {
    /// The name of a script, for messages and the log.
    ScriptName, "script", "expected 1 to 64 of a-z, A-Z, 0-9, '.', '_' and '-', beginning with a letter or a digit",
    |text| all_bytes(text, 64, |b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
}

impl PackageName {
    /// Whether it is a group of a kickstart.
    pub fn is_group(&self) -> bool {
        self.0.starts_with('@')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words() {
        for good in ["htop", "libstdc++6", "@container-management", "@^minimal-environment", "python3.11"] {
            assert!(good.parse::<PackageName>().is_ok(), "{good}");
        }
        for bad in ["", "-htop", "^x", "@", "a b", "a;b", "htop\n", "%end", "@-x"] {
            assert!(bad.parse::<PackageName>().is_err(), "{bad:?}");
        }
        for bad in ["nginx", ".service", "a b.service", "-a.service", "../a.service"] {
            assert!(bad.parse::<UnitName>().is_err(), "{bad:?}");
        }
        assert!("getty@tty1.service".parse::<UnitName>().is_ok());
        for bad in ["", "a b", "a\"b", "hps.mode=install", "inst.ks=http://x", "$(x)", "a'b"] {
            assert!(bad.parse::<KernelArgument>().is_err(), "{bad:?}");
        }
        for bad in ["etc/motd", "/", "/etc/../x", "/etc//x", "/etc/x y", "/etc/", "/.x", "/etc/$x"] {
            assert!(bad.parse::<SitePath>().is_err(), "{bad:?}");
        }
        assert!("/etc/systemd/system/getty@.service.d/x.conf".parse::<SitePath>().is_ok());
    }
}
