// SPDX-License-Identifier: GPL-3.0-or-later
//! A request as it comes from the web server, or from a person who sets `QUERY_STRING` by hand.
//!
//! Only `REMOTE_ADDR` comes from the socket; the client chooses everything else here. The configuration of the web
//! server sets `HPS_CONFIG`, and a client cannot set it.

use hps::config::DEFAULT_CONF;
use hps::manager::{Body, MAX_BODY_BYTES, Method, Request};
use std::ffi::OsString;
use std::io::Read;
use std::path::PathBuf;

/// Reads the environment through `variable`, and a body from `stdin` if `CONTENT_LENGTH` announces one.
pub(crate) fn request(variable: impl Fn(&str) -> Option<OsString>, stdin: impl Read) -> Request {
    let text = |name: &str| variable(name).map(|value| value.to_string_lossy().into_owned()).unwrap_or_default();
    let query = variable("QUERY_STRING").unwrap_or_default();
    let conf = variable("HPS_CONFIG").filter(|p| !p.is_empty());
    let conf = conf.map_or_else(|| PathBuf::from(DEFAULT_CONF), PathBuf::from);
    let length = text("CONTENT_LENGTH");
    let body = if length.is_empty() { Body::Whole(Vec::new()) } else { body(length.parse().ok(), stdin) };
    let json = text("HTTP_ACCEPT").split(',').any(|t| t.trim().starts_with("application/json"));
    let request = Request::new(query.to_str(), text("REMOTE_ADDR").parse().ok(), conf);
    request.with_method(Method::from_name(&text("REQUEST_METHOD"))).with_json(json).with_body(body)
}

fn body(length: Option<u64>, stdin: impl Read) -> Body {
    let Some(length) = length else { return Body::CutShort };
    if length > MAX_BODY_BYTES {
        return Body::TooLarge;
    }
    let mut bytes = Vec::new();
    match stdin.take(length).read_to_end(&mut bytes) {
        Ok(read) if read as u64 == length => Body::Whole(bytes),
        _ => Body::CutShort,
    }
}
