// SPDX-License-Identifier: GPL-3.0-or-later
//! Waking the thread that waits for connections: a byte in a socket that it waits for too.

use std::io::{self, Write as _};
use std::os::unix::net::UnixStream;
use std::sync::Arc;

/// One end of the socket.
#[derive(Debug, Clone)]
pub(super) struct Wake(Arc<UnixStream>);

impl Wake {
    /// # Errors
    /// When the system refuses that writing does not wait.
    pub(super) fn new(stream: UnixStream) -> io::Result<Self> {
        stream.set_nonblocking(true)?;
        Ok(Self(Arc::new(stream)))
    }

    pub(super) fn wake(&self) {
        // A full socket wakes too.
        let _full = (&*self.0).write(&[0]);
    }
}
