// SPDX-License-Identifier: GPL-3.0-or-later
//! The technical name of a cluster, as the shell release defines it.

use super::{all_bytes, checked_text};

checked_text! {
    /// `[a-zA-Z0-9_-]+`, at most 64. It names files, so the two names of the active link are refused.
    ClusterName, "cluster name",
    "expected 1 to 64 of a-z, A-Z, 0-9, '_' and '-', not beginning with '-', and not \"active\" or \"active-cluster\"",
    |text| {
        all_bytes(text, 64, |b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
            && !text.starts_with('-')
            && !matches!(text, "active" | "active-cluster")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for good in ["lab", "Site_1-b"] {
            assert!(good.parse::<ClusterName>().is_ok(), "{good}");
        }
        for bad in ["", "active", "a/b", "..", "a.b", "-x", "a b"] {
            assert!(bad.parse::<ClusterName>().is_err(), "{bad:?}");
        }
    }
}
