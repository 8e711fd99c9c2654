// SPDX-License-Identifier: GPL-3.0-or-later
//! A request, read strictly: what two programs could read in two ways is refused.

use super::{Limits, Response, Status};
use std::net::IpAddr;

/// More fields than any browser or proxy sends.
const MAX_FIELDS: usize = 64;

/// What a request may ask for; every other method gets 405.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::hps_web) enum Method {
    Get,
    Head,
    Post,
    /// A method of HTTP that HPS has no use for.
    Other,
}

/// A whole request.
#[derive(Debug, Clone)]
pub(in crate::hps_web) struct Request {
    pub(in crate::hps_web) method: Method,
    /// The path, decoded; it begins with `/`.
    pub(in crate::hps_web) path: String,
    /// Names and values of the query, in their order.
    pub(in crate::hps_web) query: Vec<(String, String)>,
    /// Names in small letters, and values.
    fields: Vec<(String, String)>,
    pub(in crate::hps_web) body: Vec<u8>,
}

/// What the bytes so far are.
#[derive(Debug)]
pub(super) enum Parsed {
    /// The begin of a request, and the bytes of all of it, if its head is here.
    Partial(Option<usize>),
    /// A request.
    Whole(Box<Request>),
    /// No request that HPS accepts.
    Bad(Response),
}

/// Reads what arrived so far.
pub(super) fn parse(bytes: &[u8], limits: &Limits) -> Parsed {
    let mut slots = [httparse::EMPTY_HEADER; MAX_FIELDS];
    let mut head = httparse::Request::new(&mut slots);
    let refuse = |status, why: &str| Parsed::Bad(Response::error(status, why));
    let length = match head.parse(bytes) {
        Ok(httparse::Status::Partial) if bytes.len() >= limits.head => {
            return refuse(Status::HeadTooLarge, "the request has too many or too long fields");
        }
        Ok(httparse::Status::Partial) => return Parsed::Partial(None),
        Ok(httparse::Status::Complete(length)) if length > limits.head => {
            return refuse(Status::HeadTooLarge, "the request has too many or too long fields");
        }
        Ok(httparse::Status::Complete(length)) => length,
        Err(httparse::Error::TooManyHeaders) => {
            return refuse(Status::HeadTooLarge, "the request has too many or too long fields");
        }
        Err(_) => return refuse(Status::BadRequest, "this is no request of HTTP/1.1"),
    };
    let fields = head.headers.iter().map(|field| {
        // RFC 9110, 5.5: bytes beyond ASCII have no meaning.
        Some((field.name.to_ascii_lowercase(), std::str::from_utf8(field.value).ok()?.to_owned()))
    });
    let Some(fields) = fields.collect::<Option<Vec<_>>>() else {
        return refuse(Status::BadRequest, "a field of the request is not text");
    };
    let (Some(method), Some(target)) = (head.method, head.path) else {
        return refuse(Status::BadRequest, "this is no request of HTTP/1.1");
    };
    let body = match body_length(&fields, limits) {
        Ok(length) => length,
        Err(response) => return Parsed::Bad(response),
    };
    let whole = length.saturating_add(body);
    let Some(body) = bytes.get(length..whole) else { return Parsed::Partial(Some(whole)) };
    let Some((path, query)) = target_parts(target) else {
        return refuse(Status::BadRequest, "the address of the request is not accepted");
    };
    let method = match method {
        "GET" => Method::Get,
        "HEAD" => Method::Head,
        "POST" => Method::Post,
        _ => Method::Other,
    };
    Parsed::Whole(Box::new(Request { method, path, query, fields, body: body.to_vec() }))
}

/// The length of the body. Two lengths, or a length of another form, could end the request in another place for a proxy.
fn body_length(fields: &[(String, String)], limits: &Limits) -> Result<usize, Response> {
    if fields.iter().any(|(name, _)| name == "transfer-encoding") {
        return Err(Response::error(Status::LengthRequired, "send the body with Content-Length, not in chunks"));
    }
    let mut lengths = fields.iter().filter(|(name, _)| name == "content-length").map(|(_, value)| value.trim());
    let (first, second) = (lengths.next(), lengths.next());
    let Some(first) = first else { return Ok(0) };
    let plain = !first.is_empty() && first.len() <= 10 && first.bytes().all(|b| b.is_ascii_digit());
    let length = first.parse::<usize>().ok().filter(|_| plain && second.is_none());
    match length {
        None => Err(Response::error(Status::BadRequest, "Content-Length is not a number")),
        Some(length) if length > limits.body => {
            Err(Response::error(Status::BodyTooLarge, "the body of the request is too large"))
        }
        Some(length) => Ok(length),
    }
}

/// The decoded path and the query of a target in origin form. `None` for another form and for bad encodings.
fn target_parts(target: &str) -> Option<(String, Vec<(String, String)>)> {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let path = decoded(path).filter(|path| path.starts_with('/'))?;
    let query = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    Some((path, query))
}

/// Percent-encoding (RFC 3986) of UTF-8; `None` if it is none, or has a slash.
fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let [high, low, after @ ..] = rest else { return None };
        let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        let byte = digit(*high)? << 4 | digit(*low)?;
        // For one program a slash in this form is part of a name, for another the end of it.
        if matches!(byte, b'/' | 0) {
            return None;
        }
        bytes.push(byte);
        rest = after;
    }
    String::from_utf8(bytes).ok()
}

impl Request {
    /// The value of a field, by its name in small letters; `None` if it is missing or comes twice.
    pub(in crate::hps_web) fn field(&self, name: &str) -> Option<&str> {
        let mut values = self.fields.iter().filter(|(own, _)| own == name).map(|(_, value)| value.trim());
        let first = values.next();
        first.filter(|_| values.next().is_none())
    }

    /// The address of the client: by a proxy on this machine, which adds it at the end.
    pub(in crate::hps_web) fn client(&self) -> Option<IpAddr> {
        let last = self.fields.iter().rfind(|(name, _)| name == "x-forwarded-for")?.1.rsplit(',').next()?;
        last.trim().parse().ok()
    }

    /// A request for tests.
    #[cfg(test)]
    pub(in crate::hps_web) fn sample(method: Method, target: &str) -> Self {
        let (path, query) = target_parts(target).unwrap();
        Self { method, path, query, fields: Vec::new(), body: Vec::new() }
    }
}
