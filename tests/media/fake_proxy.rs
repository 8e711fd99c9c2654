// SPDX-License-Identifier: GPL-3.0-or-later
//! Proxies that do what Squid does not.

use std::io::Read as _;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// A proxy that does what it is told to and notes what it was asked.
pub(crate) struct Fake {
    pub(crate) url: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Fake {
    /// `open` reads what a client asks for and says where to connect to.
    pub(crate) fn new(open: fn(&mut TcpStream) -> std::io::Result<(String, String)>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = listener.local_addr().unwrap().to_string();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let noted = Arc::clone(&asked);
        std::thread::spawn(move || {
            for mut client in listener.incoming().flatten() {
                let noted = Arc::clone(&noted);
                std::thread::spawn(move || -> std::io::Result<()> {
                    let (note, to) = open(&mut client)?;
                    noted.lock().unwrap().push(note);
                    let mut server = TcpStream::connect(to)?;
                    let (mut back, mut from) = (client.try_clone()?, server.try_clone()?);
                    let answers = std::thread::spawn(move || {
                        std::io::copy(&mut from, &mut back)?;
                        back.shutdown(Shutdown::Write)
                    });
                    std::io::copy(&mut client, &mut server)?;
                    server.shutdown(Shutdown::Write)?;
                    answers.join().unwrap()
                });
            }
        });
        Self { url, asked }
    }

    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

pub(crate) fn head(stream: &mut TcpStream) -> std::io::Result<String> {
    let (mut head, mut byte) = (Vec::new(), [0u8]);
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}
