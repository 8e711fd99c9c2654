// SPDX-License-Identifier: GPL-3.0-or-later
//! The system's log: a datagram to the socket where journald, rsyslog or another daemon listens (RFC 3164, section 4.1).
//!
//! The time is left out: RFC 3164 gives it in local time, which HPS does not know without a time zone database. The daemon notes
//! when a message came. Sending never waits: a log must not hold up a boot.

use super::StoreError;
use crate::files::IoError;
use crate::types::Line;
use std::io::ErrorKind;
use std::os::unix::net::UnixDatagram;
use std::path::Path;

/// Facility daemon (3), severity informational (6).
const PRIORITY: u8 = 3 * 8 + 6;

/// Sends one message under the name of a program. It is lost where no daemon listens, or the daemon is not fast enough.
///
/// # Errors
/// When there is a socket that does not accept it from this user: an administrator should know that.
pub(super) fn send(socket: &Path, program: &str, text: &Line) -> Result<(), StoreError> {
    let message = format!("<{PRIORITY}>{program}[{}]: {text}", std::process::id());
    let sent = UnixDatagram::unbound().and_then(|datagram| {
        datagram.set_nonblocking(true)?;
        datagram.send_to(message.as_bytes(), socket)
    });
    match sent {
        Ok(_) => Ok(()),
        // No daemon, one that is just being started again, or one whose queue is full.
        Err(error)
            if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::ConnectionRefused | ErrorKind::WouldBlock) =>
        {
            Ok(())
        }
        Err(error) => Err(IoError::new("send to", socket, error).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_message_is_one_datagram_with_its_tag() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let line = Line::lossy("sch-001 stage disks: \u{e9}\nx");
        send(&path, "boot_manager", &line).unwrap();
        let daemon = UnixDatagram::bind(&path).unwrap();
        daemon.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
        send(&path, "boot_manager", &line).unwrap();
        let mut bytes = [0; 2048];
        let length = daemon.recv(&mut bytes).unwrap();
        let expected = format!("<30>boot_manager[{}]: sch-001 stage disks: \u{e9} x", std::process::id());
        assert_eq!(std::str::from_utf8(&bytes[..length]).unwrap(), expected);
        drop(daemon);
        send(&path, "boot_manager", &line).unwrap();
    }

    #[test]
    fn a_daemon_that_does_not_read_holds_nobody_up() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let _deaf = UnixDatagram::bind(&path).unwrap();
        let begun = std::time::Instant::now();
        for _ in 0..10_000 {
            send(&path, "boot_manager", &Line::lossy("x")).unwrap();
        }
        assert!(begun.elapsed() < Duration::from_secs(20));
    }

    #[test]
    fn what_is_no_socket_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let error = send(&folder.path().join("a/\0b"), "boot_manager", &Line::lossy("x")).unwrap_err();
        assert!(error.to_string().ends_with("cannot send to"), "{error}");
    }
}
