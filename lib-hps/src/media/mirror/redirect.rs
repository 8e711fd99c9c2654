// SPDX-License-Identifier: GPL-3.0-or-later
//! The target of a redirect. Only http and https count, and https never becomes http.

use super::is_plain_url;

/// Why a redirect is not followed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum RedirectError {
    #[error("it redirects to {0:.80?}, which is not an http or https address")]
    NoAddress(String),
    #[error("it redirects from https to {0:.80}, whose content can be changed on the way")]
    Unsafe(String),
}

/// The target of a redirect of `from`.
pub(super) fn next_url(from: &str, location: &str) -> Result<String, RedirectError> {
    let (scheme, rest) = from.split_once("://").unwrap_or_default();
    let authority = rest.split('/').next().unwrap_or_default();
    let to = if location.contains("://") || location.split(['/', '?']).next().is_some_and(|first| first.contains(':')) {
        location.to_owned()
    } else if let Some(other) = location.strip_prefix("//") {
        format!("{scheme}://{other}")
    } else if location.starts_with('/') {
        format!("{scheme}://{authority}{location}")
    } else {
        let folder = from.rsplit_once('/').map_or(from, |(folder, _)| folder);
        format!("{folder}/{location}")
    };
    if location.is_empty() || !is_plain_url(&to) {
        return Err(RedirectError::NoAddress(location.to_owned()));
    }
    if scheme == "https" && !to.starts_with("https://") {
        return Err(RedirectError::Unsafe(to));
    }
    Ok(to)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirects_stay_where_they_may() {
        let next = |from: &str, to: &str| next_url(from, to);
        assert_eq!(next("http://a/b/c", "d").unwrap(), "http://a/b/d");
        assert_eq!(next("http://a:8/b/c", "/d").unwrap(), "http://a:8/d");
        assert_eq!(next("https://a/b", "//e/f").unwrap(), "https://e/f");
        assert_eq!(next("http://a/b", "https://e/f").unwrap(), "https://e/f");
        for (from, to) in [
            ("https://a/b", "http://a/b"),
            ("http://a/b", "file:///etc/passwd"),
            ("http://a/b", "ftp://a/b"),
            ("http://a/b", "file:/etc/passwd"),
            ("http://a/b", "HTTPS://u@a/b"),
            ("http://a/b", ""),
            ("http://a/b", "data:text/plain,x"),
        ] {
            assert!(next(from, to).is_err(), "{from} {to}");
        }
    }
}
