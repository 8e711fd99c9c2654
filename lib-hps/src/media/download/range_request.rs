// SPDX-License-Identifier: GPL-3.0-or-later
//! Requests to a mirror for the missing bytes (RFC 9110, 14).

use super::origin::DownloadOrigin;
use super::partial_file::PartialFile;
use crate::media::mirror::{Client, MirrorError};
use ureq::http::{HeaderMap, header};

/// A body that continues the partial file, or begins it again.
pub(super) struct Answer {
    /// 0, or the number of bytes that are there.
    pub(super) begins_at: u64,
    /// Of the whole file, if the server reports it.
    pub(super) size: Option<u64>,
    pub(super) origin: DownloadOrigin,
    pub(super) body: ureq::Body,
}

/// Requests the missing bytes. If the answer does not fit the request, it requests the whole file.
pub(super) fn ask(client: &Client, url: &str, part: &PartialFile) -> Result<Answer, MirrorError> {
    let have = part.len();
    if have > 0 {
        let range = format!("bytes={have}-");
        let mut headers = vec![("Range", range.as_str())];
        // A validator is valid only for the server that gave it.
        if let Some(validator) = part.origin().filter(|o| o.url == url).and_then(DownloadOrigin::validator) {
            headers.push(("If-Range", validator));
        }
        let response = client.ask(url, &headers)?;
        match response.status().as_u16() {
            206 => {
                if let Some((first, size)) = content_range(response.headers())
                    && first == have
                {
                    let origin = DownloadOrigin::from_headers(url, response.headers(), Some(size));
                    if part.origin().is_none_or(|before| before.agrees_with(&origin)) {
                        return Ok(Answer { begins_at: have, size: Some(size), origin, body: response.into_body() });
                    }
                }
            }
            200 => return whole(client, url, response),
            416 => {}
            status => return Err(MirrorError::Status { url: client.called(url), status }),
        }
    }
    whole(client, url, client.ask(url, &[])?)
}

fn whole(client: &Client, url: &str, response: ureq::http::Response<ureq::Body>) -> Result<Answer, MirrorError> {
    let status = response.status().as_u16();
    if status != 200 {
        return Err(MirrorError::Status { url: client.called(url), status });
    }
    let text = |name| response.headers().get(name).and_then(|v| v.to_str().ok());
    // A page of a portal or of a broken mirror must not replace the bytes that are there.
    if text(header::CONTENT_TYPE).is_some_and(|t| t.starts_with("text/")) {
        let problem = "it sends a page of text instead of an ISO".to_owned();
        return Err(MirrorError::Content { url: client.called(url), problem });
    }
    let size = text(header::CONTENT_LENGTH).and_then(|l| l.parse().ok());
    let origin = DownloadOrigin::from_headers(url, response.headers(), size);
    Ok(Answer { begins_at: 0, size, origin, body: response.into_body() })
}

/// First byte and whole size of `bytes 100-199/200`.
fn content_range(headers: &HeaderMap) -> Option<(u64, u64)> {
    let (range, size) = headers.get(header::CONTENT_RANGE)?.to_str().ok()?.strip_prefix("bytes ")?.split_once('/')?;
    let (first, last) = range.split_once('-')?;
    let (first, last, size): (u64, u64, u64) = (first.parse().ok()?, last.parse().ok()?, size.parse().ok()?);
    (last.checked_add(1) == Some(size)).then_some((first, size))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_that_a_server_names() {
        let range = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_RANGE, text.parse().unwrap());
            content_range(&headers)
        };
        assert_eq!(range("bytes 100-199/200"), Some((100, 200)));
        for bad in [
            "bytes 100-150/200",
            "bytes 100-199/*",
            "bytes */200",
            "100-199/200",
            "bytes a-b/c",
            "bytes 1-18446744073709551615/9",
        ] {
            assert_eq!(range(bad), None, "{bad}");
        }
    }
}
