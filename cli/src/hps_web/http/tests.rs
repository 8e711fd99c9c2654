// SPDX-License-Identifier: GPL-3.0-or-later
//! What clients cannot do to the server: hold it up, make it grow, or send a request that means two things.

use super::{Event, Limits, Listener, Method, Publisher, Reply, Request, Response, Server};
use std::io::{Read as _, Write as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

const GET: &str = "GET /x HTTP/1.1\r\nHost: h\r\n\r\n";

/// A server that runs until it is dropped.
struct Running {
    folder: tempfile::TempDir,
    stop: Arc<AtomicBool>,
    publisher: Publisher,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Running {
    fn new(limits: Limits, handler: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let listener = UnixListener::bind(folder.path().join("s")).unwrap();
        let server = Server::new(Listener::Unix(listener), limits).unwrap();
        let (stop, publisher) = (Arc::new(AtomicBool::new(false)), server.publisher());
        let own = Arc::clone(&stop);
        let thread = std::thread::spawn(move || server.run(handler, &own).unwrap());
        Self { folder, stop, publisher, thread: Some(thread) }
    }

    fn connect(&self) -> UnixStream {
        let stream = UnixStream::connect(self.folder.path().join("s")).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        stream
    }

    fn ask_slowly(&self, request: &str) -> String {
        let mut stream = self.connect();
        for byte in request.as_bytes() {
            stream.write_all(&[*byte]).unwrap();
        }
        whole(&mut stream)
    }

    fn ask(&self, request: &str) -> String {
        let mut stream = self.connect();
        stream.write_all(request.as_bytes()).unwrap();
        whole(&mut stream)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.take().unwrap().join().unwrap();
    }
}

fn whole(stream: &mut UnixStream) -> String {
    let mut bytes = Vec::new();
    // The rest of a request that was not read resets the connection.
    let _reset = stream.read_to_end(&mut bytes);
    String::from_utf8(bytes).unwrap()
}

fn echo(request: &Request) -> Reply {
    let text = format!("{:?} {} {:?} {}", request.method, request.path, request.query, request.body.len());
    Reply::Whole(Response::new("text/plain", text.into_bytes()))
}

fn quick() -> Limits {
    Limits {
        connections: 8,
        followers: 2,
        request_time: Duration::from_millis(600),
        answer_time: Duration::from_millis(600),
        ..Limits::default()
    }
}

#[test]
fn requests_are_read_in_one_way() {
    let server = Running::new(Limits::default(), echo);
    let body = |request: &str| server.ask(request).split_once("\r\n\r\n").map(|(_, body)| body.to_owned());
    assert_eq!(
        body("GET /a%20b?x=1&x=%2b HTTP/1.1\r\nHost: h\r\n\r\n").unwrap(),
        "Get /a b [(\"x\", \"1\"), (\"x\", \"+\")] 0"
    );
    assert_eq!(body("POST /p HTTP/1.0\r\nContent-Length: 3\r\n\r\nabc").unwrap(), "Post /p [] 3");
    assert_eq!(body("BREW / HTTP/1.1\r\n\r\n").unwrap(), "Other / [] 0");
    let head = server.ask("HEAD / HTTP/1.1\r\n\r\n");
    assert!(head.contains("Content-Length: 11\r\n") && head.ends_with("\r\n\r\n"), "{head}");
    for (status, request) in [
        ("400", "nonsense\r\n\r\n".to_owned()),
        ("400", "GET x HTTP/1.1\r\n\r\n".to_owned()),
        ("400", "GET http://h/ HTTP/1.1\r\n\r\n".to_owned()),
        ("400", "GET /%zz HTTP/1.1\r\n\r\n".to_owned()),
        ("400", "GET /%ff HTTP/1.1\r\n\r\n".to_owned()),
        ("400", "GET / HTTP/1.1\r\nA : b\r\n\r\n".to_owned()),
        ("400", "GET / HTTP/1.1\r\nA: b\r\n folded\r\n\r\n".to_owned()),
        ("400", "POST / HTTP/1.1\r\nContent-Length: +1\r\n\r\na".to_owned()),
        ("400", "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab".to_owned()),
        ("400", "POST / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n".to_owned()),
        ("411", "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n".to_owned()),
        ("413", "POST / HTTP/1.1\r\nContent-Length: 70000\r\n\r\n".to_owned()),
        ("431", format!("GET / HTTP/1.1\r\n{}\r\n", "A: b\r\n".repeat(100))),
        ("431", format!("GET /{} HTTP/1.1\r\n\r\n", "a".repeat(20_000))),
    ] {
        let answer = server.ask(&request);
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{request:.60}: {answer:.200}");
    }
}

#[test]
fn every_answer_protects_the_browser() {
    let server = Running::new(Limits::default(), echo);
    let answer = server.ask(GET);
    for field in [
        "Content-Security-Policy: default-src 'none'; script-src 'self'",
        "X-Content-Type-Options: nosniff",
        "X-Frame-Options: DENY",
        "Cache-Control: no-store",
        "Referrer-Policy: no-referrer",
    ] {
        assert!(answer.contains(field), "{field}: {answer}");
    }
    let split = Response::new("text/plain", Vec::new()).with_field("Location", "/\r\nSet-Cookie: x");
    assert!(!String::from_utf8(split.into_bytes(true)).unwrap().contains("\nSet-Cookie"));
}

#[test]
fn slow_clients_hold_nobody_up_and_end() {
    let server = Running::new(quick(), echo);
    // More than there may be, each with the begin of a request: the oldest end for the next ones.
    let slow: Vec<UnixStream> = (0..20)
        .map(|_| {
            let mut stream = server.connect();
            stream.write_all(b"GET /x HT").unwrap();
            stream
        })
        .collect();
    let begun = Instant::now();
    assert!(server.ask(GET).contains("Get /x"));
    assert!(begun.elapsed() < Duration::from_millis(500), "{:?}", begun.elapsed());
    let answers: Vec<String> = slow.into_iter().map(|mut stream| whole(&mut stream)).collect();
    assert!(answers.iter().filter(|answer| answer.starts_with("HTTP/1.1 408 ")).count() >= 7, "{answers:?}");
    assert!(begun.elapsed() < Duration::from_secs(5));
}

#[test]
fn who_does_not_take_the_answer_ends_and_what_waits_is_bounded() {
    let limits = Limits { unsent: 1 << 20, ..quick() };
    let big = |_: &Request| Reply::Whole(Response::new("text/plain", vec![b'x'; 4 << 20]));
    let server = Running::new(limits, big);
    let mut lazy = server.connect();
    lazy.write_all(GET.as_bytes()).unwrap();
    std::thread::sleep(Duration::from_millis(200));
    // 4 MiB wait for that one, which is more than the bound.
    assert!(server.ask(GET).starts_with("HTTP/1.1 503 "));
    std::thread::sleep(Duration::from_millis(1200));
    let mut taken = Vec::new();
    let _reset = lazy.read_to_end(&mut taken);
    assert!(taken.len() < 4 << 20, "it ended after its time");
    assert_eq!(server.ask(GET).len() >> 20, 4);
}

#[test]
fn followers_get_what_they_follow_and_those_that_do_not_take_it_end() {
    let follow = |request: &Request| Reply::Events {
        topic: request.query.first().map(|(_, value)| value.clone()),
        first: ": hello\n\n".to_owned(),
    };
    let server = Running::new(Limits { keep_alive: Duration::from_millis(300), ..quick() }, follow);
    let begin = |query: &str| {
        let mut stream = server.connect();
        stream.write_all(format!("GET /{query} HTTP/1.1\r\n\r\n").as_bytes()).unwrap();
        until(&mut stream, ": hello\n\n");
        stream
    };
    let (mut all, mut one) = (begin(""), begin("?host=a"));
    assert!(server.ask(GET).starts_with("HTTP/1.1 503 "), "a third one is too many");
    let event = |topic: Option<&str>, text: &str| Event { topic: topic.map(str::to_owned), text: text.to_owned() };
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(server.publisher.topics().into_iter().collect::<Vec<_>>(), ["a"]);
    server.publisher.publish([
        event(Some("b"), "data: b\n\n"),
        event(Some("a"), "data: a\n\n"),
        event(None, "data: all\n\n"),
    ]);
    assert!(!until(&mut all, "data: all\n\n").contains("data: a\n"), "it follows no host");
    let both = until(&mut one, "data: all\n\n");
    assert!(both.contains("data: a\n\n") && !both.contains("data: b"), "{both}");
    until(&mut one, ": \n\n");
    drop(all);
    // It takes nothing any more: more than what may wait for it.
    let long = format!("data: {}\n\n", "y".repeat(60_000));
    for _ in 0..40 {
        server.publisher.publish([event(None, &long)]);
        std::thread::sleep(Duration::from_millis(5));
    }
    let mut left = Vec::new();
    let _reset = one.read_to_end(&mut left);
    assert!(left.len() < 40 * 60_000);
    begin("");
}

/// What comes, up to the text.
fn until(stream: &mut UnixStream, text: &str) -> String {
    let mut seen = Vec::new();
    let mut byte = [0];
    while !seen.ends_with(text.as_bytes()) {
        stream.read_exact(&mut byte).unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&seen)));
        seen.push(byte[0]);
    }
    String::from_utf8(seen).unwrap()
}

#[test]
fn a_slow_answer_holds_up_no_other_and_too_many_requests_are_refused() {
    let limits = Limits { workers: 2, waiting: 2, connections: 64, ..quick() };
    let server = Running::new(limits, |request: &Request| {
        if request.path == "/slow" {
            std::thread::sleep(Duration::from_millis(800));
        }
        echo(request)
    });
    let mut slow = server.connect();
    slow.write_all(b"GET /slow HTTP/1.1\r\n\r\n").unwrap();
    std::thread::sleep(Duration::from_millis(100));
    let begun = Instant::now();
    assert!(server.ask(GET).contains("Get /x") && begun.elapsed() < Duration::from_millis(500));
    let mut many: Vec<UnixStream> = (0..12)
        .map(|_| {
            let mut stream = server.connect();
            stream.write_all(b"GET /slow HTTP/1.1\r\n\r\n").unwrap();
            stream
        })
        .collect();
    let refused = many.iter_mut().filter_map(|stream| whole(stream).starts_with("HTTP/1.1 503 ").then_some(())).count();
    assert!((6..12).contains(&refused), "{refused}");
    assert!(whole(&mut slow).contains("/slow"), "an answer that takes longer than a request may is still given");
}

#[test]
fn a_field_that_comes_twice_is_none_and_the_last_proxy_names_the_client() {
    let server = Running::new(Limits::default(), |request: &Request| {
        let text = format!("{:?} {:?}", request.field("authorization"), request.client());
        Reply::Whole(Response::new("text/plain", text.into_bytes()))
    });
    let answer =
        server.ask("GET / HTTP/1.1\r\nX-Forwarded-For: 1.1.1.1, 10.0.0.9\r\nAuthorization:  Bearer a \r\n\r\n");
    assert!(answer.ends_with("Some(\"Bearer a\") Some(10.0.0.9)"), "{answer}");
    let answer = server.ask("GET / HTTP/1.1\r\nAuthorization: a\r\nAuthorization: b\r\n\r\n");
    assert!(answer.ends_with("None None"), "{answer}");
    assert_eq!(Request::sample(Method::Get, "/?a=b").query.len(), 1);
}

/// All of these requests begin before the first of their answers is there.
#[test]
fn answers_that_are_not_taken_have_a_bound_however_many_began() {
    let limits = Limits { connections: 64, unsent: 2 << 20, waiting: 32, ..Limits::default() };
    let server = Running::new(limits, |request: &Request| {
        std::thread::sleep(Duration::from_millis(100));
        let size = if request.path == "/large" { 1 << 20 } else { 1 };
        Reply::Whole(Response::new("text/plain", vec![b'x'; size]))
    });
    let mut many: Vec<UnixStream> = (0..16).map(|_| server.connect()).collect();
    for stream in &mut many {
        stream.write_all(b"GET /large HTTP/1.1\r\n\r\n").unwrap();
    }
    std::thread::sleep(Duration::from_millis(1500));
    let answers: Vec<String> = many.iter_mut().map(whole).collect();
    let given = answers.iter().filter(|answer| answer.starts_with("HTTP/1.1 200 ")).count();
    assert!((1..=2).contains(&given), "{given}");
    assert!(answers.iter().filter(|answer| answer.starts_with("HTTP/1.1 503 ")).count() == 16 - given);
}

#[test]
fn clients_that_stay_after_their_answer_keep_nobody_out() {
    let server = Running::new(Limits { connections: 8, ..Limits::default() }, echo);
    let mut stay: Vec<UnixStream> = (0..8).map(|_| server.connect()).collect();
    for stream in &mut stay {
        stream.write_all(GET.as_bytes()).unwrap();
        assert!(whole(stream).contains("Get /x"));
    }
    assert!(server.ask(GET).contains("Get /x"));
}

#[test]
fn a_request_that_comes_in_single_bytes_is_the_same_request() {
    let server = Running::new(Limits::default(), echo);
    let post = "POST /x?a=b HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nh\nllo";
    assert_eq!(server.ask_slowly(post), server.ask(post));
    assert!(server.ask_slowly(post).starts_with("HTTP/1.1 200"));
    assert_eq!(server.ask_slowly(GET), server.ask(GET));
    let long = format!("GET /x HTTP/1.1\r\nA: {}", "x".repeat(17_000));
    assert!(server.ask_slowly(&long).starts_with("HTTP/1.1 431"));
}
