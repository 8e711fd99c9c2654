// SPDX-License-Identifier: GPL-3.0-or-later
//! A mirror on loopback, which serves what it should unless a test tells it otherwise.

use crate::iso::Release;
use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A request that came.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    /// As in the request's first line.
    pub(crate) target: String,
    headers: Vec<(String, String)>,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The first byte of the range that is asked for.
    pub(crate) fn range(&self) -> Option<usize> {
        self.header("Range")?.strip_prefix("bytes=")?.strip_suffix('-')?.parse().ok()
    }
}

/// What is answered.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// Content-Length, where it is not the body's; zero leaves it out.
    pub(crate) length: Option<usize>,
    /// After this many bytes there is a pause, and then the rest.
    pub(crate) pause: Option<(usize, Duration)>,
    /// Sent in pieces of this size with a pause between them.
    pub(crate) pace: Option<(usize, Duration)>,
    /// The connection is closed after this many bytes.
    pub(crate) cut: Option<usize>,
    /// The body again and again.
    pub(crate) endless: bool,
    /// In the place of all of it.
    pub(crate) raw: Option<Raw>,
}

/// Bytes as they are, head and all, and then others without end.
#[derive(Debug, Clone, Default)]
pub(crate) struct Raw {
    pub(crate) first: Vec<u8>,
    pub(crate) again: Vec<u8>,
    /// Between each two of these.
    pub(crate) pause: Duration,
    /// How many bytes the client took.
    pub(crate) taken: Arc<AtomicU64>,
}

impl Raw {
    fn send(&self, mut stream: TcpStream) -> std::io::Result<()> {
        stream.write_all(&self.first)?;
        loop {
            stream.write_all(&self.again)?;
            self.taken.fetch_add(self.again.len() as u64, Ordering::Relaxed);
            std::thread::sleep(self.pause);
        }
    }
}

impl Reply {
    pub(crate) fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: body.into(),
            length: None,
            pause: None,
            pace: None,
            cut: None,
            endless: false,
            raw: None,
        }
    }

    pub(crate) fn raw(raw: &Raw) -> Self {
        Self { raw: Some(raw.clone()), ..Self::new(200, "") }
    }

    pub(crate) fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// As a good server answers, ranges included.
    pub(crate) fn of_file(request: &Request, bytes: &[u8], etag: &str) -> Self {
        let fresh = request.header("If-Range").is_none_or(|tag| tag == etag);
        let reply = match request.range().filter(|_| fresh) {
            Some(first) if first >= bytes.len() => Self::new(416, ""),
            Some(first) => Self::new(206, &bytes[first..])
                .header("Content-Range", format!("bytes {first}-{}/{}", bytes.len() - 1, bytes.len())),
            None => Self::new(200, bytes),
        };
        reply.header("ETag", etag).header("Content-Type", "application/octet-stream")
    }

    fn send(self, mut stream: TcpStream) -> std::io::Result<()> {
        if let Some(raw) = self.raw {
            return raw.send(stream);
        }
        let mut head = format!("HTTP/1.1 {} X\r\nConnection: close\r\n", self.status);
        match self.length {
            Some(0) => {}
            length => head.push_str(&format!("Content-Length: {}\r\n", length.unwrap_or(self.body.len()))),
        }
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        stream.write_all((head + "\r\n").as_bytes())?;
        if let Some((size, pause)) = self.pace {
            for piece in self.body.chunks(size) {
                stream.write_all(piece)?;
                std::thread::sleep(pause);
            }
            return Ok(());
        }
        let body = &self.body[..self.cut.unwrap_or(self.body.len()).min(self.body.len())];
        let (first, rest) = body.split_at(self.pause.map_or(body.len(), |(after, _)| after.min(body.len())));
        stream.write_all(first)?;
        if let Some((_, pause)) = self.pause {
            std::thread::sleep(pause);
        }
        stream.write_all(rest)?;
        if !self.endless {
            return Ok(());
        }
        loop {
            stream.write_all(body)?;
        }
    }
}

type Rule = Box<dyn Fn(&Request) -> Option<Reply> + Send>;

#[derive(Default)]
struct State {
    files: BTreeMap<String, Vec<u8>>,
    rules: Vec<Rule>,
    seen: Vec<Request>,
}

/// The mirror. It lives as long as the test program.
#[derive(Clone)]
pub(crate) struct Mirror {
    pub(crate) url: String,
    state: Arc<Mutex<State>>,
}

impl Mirror {
    /// One with these releases.
    pub(crate) fn new(releases: &[&Release]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mirror = Self {
            url: format!("http://{}/pub", listener.local_addr().unwrap()),
            state: Arc::new(Mutex::new(State::default())),
        };
        for release in releases {
            mirror.put(&release.path("CHECKSUM"), &release.checksum);
            mirror.put(&release.path("CHECKSUM.sig"), &release.signature);
            mirror.put(&release.iso_path(), &release.iso);
        }
        let served = mirror.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let served = served.clone();
                std::thread::spawn(move || served.answer(stream));
            }
        });
        mirror
    }

    /// The same under another address.
    pub(crate) fn called(&self, url: &str) -> Self {
        Self { url: url.to_owned(), ..self.clone() }
    }

    /// Puts a file below the root.
    pub(crate) fn put(&self, path: &str, bytes: impl AsRef<[u8]>) {
        self.state.lock().unwrap().files.insert(format!("/pub{path}"), bytes.as_ref().to_vec());
    }

    pub(crate) fn remove(&self, path: &str) {
        self.state.lock().unwrap().files.remove(&format!("/pub{path}"));
    }

    /// From now on `rule` answers first; the newest rule before others.
    pub(crate) fn rule(&self, rule: impl Fn(&Request) -> Option<Reply> + Send + 'static) {
        self.state.lock().unwrap().rules.insert(0, Box::new(rule));
    }

    /// A rule for one file below the root.
    pub(crate) fn at(&self, path: &str, rule: impl Fn(&Request) -> Reply + Send + 'static) {
        let path = format!("/pub{path}");
        self.rule(move |request| (request.target == path).then(|| rule(request)));
    }

    /// The same for the first request alone.
    pub(crate) fn once_at(&self, path: &str, rule: impl Fn(&Request) -> Reply + Send + 'static) {
        let path = format!("/pub{path}");
        let done = std::sync::atomic::AtomicBool::new(false);
        self.rule(move |request| {
            let first = request.target == path && !done.swap(true, std::sync::atomic::Ordering::Relaxed);
            first.then(|| rule(request))
        });
    }

    pub(crate) fn forget_rules(&self) {
        self.state.lock().unwrap().rules.clear();
    }

    /// The requests for a file so far.
    pub(crate) fn seen(&self, path: &str) -> Vec<Request> {
        let path = format!("/pub{path}");
        self.state.lock().unwrap().seen.iter().filter(|r| r.target == path).cloned().collect()
    }

    /// Whether anything with this in its address was asked for.
    pub(crate) fn has_seen(&self, part: &str) -> bool {
        self.state.lock().unwrap().seen.iter().any(|request| request.target.contains(part))
    }

    fn answer(&self, mut stream: TcpStream) {
        let mut head = Vec::new();
        let mut byte = [0u8];
        while !head.ends_with(b"\r\n\r\n") && head.len() < 10_000 {
            match stream.read(&mut byte) {
                Ok(1) => head.push(byte[0]),
                _ => return,
            }
        }
        let head = String::from_utf8_lossy(&head).into_owned();
        let mut lines = head.lines();
        let target = lines.next().and_then(|line| line.split(' ').nth(1)).unwrap_or_default().to_owned();
        let headers = lines.filter_map(|l| l.split_once(": ").map(|(n, v)| (n.to_owned(), v.to_owned()))).collect();
        let request = Request { target, headers };
        let reply = {
            let mut state = self.state.lock().unwrap();
            state.seen.push(request.clone());
            state.rules.iter().find_map(|rule| rule(&request)).unwrap_or_else(|| state.reply(&request))
        };
        // A client that goes away is what many tests are about.
        let _gone = reply.send(stream);
    }
}

impl State {
    fn reply(&self, request: &Request) -> Reply {
        if request.target == "/pub/" {
            let folders: std::collections::BTreeSet<&str> =
                self.files.keys().filter_map(|path| path.split('/').nth(2)).collect();
            let links = folders.iter().map(|folder| format!("<a href=\"{folder}/\">{folder}/</a>\n"));
            return Reply::new(200, format!("<html><a href=\"../\">../</a>{}</html>", links.collect::<String>()));
        }
        match self.files.get(&request.target) {
            Some(bytes) => Reply::of_file(request, bytes, &format!("\"{}\"", bytes.len())),
            None => Reply::new(404, "<html>not here</html>"),
        }
    }
}
