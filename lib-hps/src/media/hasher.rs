// SPDX-License-Identifier: GPL-3.0-or-later
//! SHA-256 on a thread of its own: while one block is hashed, the next one comes from the network and goes to the disk.

use crate::types::Sha256Digest;
use sha2::{Digest as _, Sha256};
use std::io::{self, Read};
use std::sync::mpsc::{Receiver, SyncSender, channel, sync_channel};
use std::thread::JoinHandle;

/// How many blocks may wait to be hashed. Then a read waits.
const MAX_WAITING: usize = 4;

/// A running digest over what its readers read, one after another.
pub(super) struct Hasher {
    feed: SyncSender<Vec<u8>>,
    /// Hashed blocks, ready to be filled again.
    spare: Receiver<Vec<u8>>,
    thread: JoinHandle<Sha256>,
}

impl Hasher {
    /// For no bytes so far.
    ///
    /// # Errors
    /// When the system starts no thread.
    pub(super) fn start() -> io::Result<Self> {
        let (feed, blocks) = sync_channel::<Vec<u8>>(MAX_WAITING);
        let (used, spare) = channel();
        let thread = std::thread::Builder::new().name("sha256".to_owned()).spawn(move || {
            let mut hash = Sha256::new();
            for block in blocks {
                hash.update(&block);
                // At the end no reader needs them.
                let _unneeded = used.send(block);
            }
            hash
        })?;
        Ok(Self { feed, spare, thread })
    }

    /// A reader whose bytes are hashed as they are read.
    pub(super) fn reader<R: Read>(&self, inner: R) -> Hashed<'_, R> {
        Hashed { inner, hasher: self }
    }

    fn update(&self, bytes: &[u8]) {
        let mut block = self.spare.try_recv().unwrap_or_default();
        block.clear();
        block.extend_from_slice(bytes);
        // If the thread has ended, [`Self::finish`] reports that.
        let _ended = self.feed.send(block);
    }

    /// The digest of all of it.
    ///
    /// # Errors
    /// When the thread has ended early.
    pub(super) fn finish(self) -> io::Result<Sha256Digest> {
        drop(self.feed);
        let hash = self.thread.join().map_err(|_| io::Error::other("the hash thread has ended"))?;
        Ok(Sha256Digest::from_bytes(hash.finalize().into()))
    }
}

/// See [`Hasher::reader`].
pub(super) struct Hashed<'a, R> {
    inner: R,
    hasher: &'a Hasher,
}

impl<R: Read> Read for Hashed<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.hasher.update(buffer.get(..count).unwrap_or_default());
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads 1, 2, 3, ... bytes, as they come from a network.
    struct Uneven<'a>(&'a [u8], usize);

    impl Read for Uneven<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.1 = self.1 % 4096 + 1;
            let most = self.1.min(buffer.len());
            self.0.read(&mut buffer[..most])
        }
    }

    #[test]
    fn what_readers_read_is_hashed_in_its_order() {
        let bytes: Vec<u8> = (0..100_000u32).flat_map(u32::to_le_bytes).collect();
        let hasher = Hasher::start().unwrap();
        let (first, second) = bytes.split_at(123_456);
        for part in [first, second] {
            let mut copy = Vec::new();
            hasher.reader(Uneven(part, 0)).read_to_end(&mut copy).unwrap();
            assert_eq!(copy, part);
        }
        assert_eq!(hasher.finish().unwrap(), Sha256Digest::hash(&bytes));
        assert_eq!(Hasher::start().unwrap().finish().unwrap(), Sha256Digest::hash(b""));
    }
}
