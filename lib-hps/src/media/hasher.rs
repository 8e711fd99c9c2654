// SPDX-License-Identifier: GPL-3.0-or-later
//! SHA-256 on a thread of its own: while one block is hashed, the next one comes from the network and goes to the disk.

use crate::types::Sha256Digest;
use sha2::{Digest as _, Sha256};
use std::io;
use std::sync::mpsc::{Receiver, SyncSender, channel, sync_channel};
use std::thread::JoinHandle;

/// So many blocks may wait to be hashed; then whoever brings the next one waits.
const WAITING: usize = 4;

/// A running digest.
pub(super) struct Hasher {
    feed: SyncSender<(Vec<u8>, usize)>,
    /// Blocks that are hashed, to be filled again.
    spare: Receiver<Vec<u8>>,
    thread: JoinHandle<Sha256>,
}

impl Hasher {
    /// Of nothing so far.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub(super) fn start() -> io::Result<Self> {
        let (feed, blocks) = sync_channel::<(Vec<u8>, usize)>(WAITING);
        let (used, spare) = channel();
        let thread = std::thread::Builder::new().name("sha256".to_owned()).spawn(move || {
            let mut hash = Sha256::new();
            for (block, length) in blocks {
                hash.update(block.get(..length).unwrap_or(&block));
                // At the end nobody wants them back.
                let _unwanted = used.send(block);
            }
            hash
        })?;
        Ok(Self { feed, spare, thread })
    }

    /// Takes the first `length` bytes of a block, and gives another one of its size for it, whose content is of no account.
    ///
    /// # Errors
    /// When the thread is gone.
    pub(super) fn update(&self, block: Vec<u8>, length: usize) -> io::Result<Vec<u8>> {
        let size = block.len();
        self.feed.send((block, length)).map_err(|_| gone())?;
        Ok(self.spare.try_recv().ok().filter(|spare| spare.len() == size).unwrap_or_else(|| vec![0; size]))
    }

    /// The digest of all of it.
    ///
    /// # Errors
    /// When the thread is gone.
    pub(super) fn finish(self) -> io::Result<Sha256Digest> {
        drop(self.feed);
        let hash = self.thread.join().map_err(|_| gone())?;
        Ok(Sha256Digest::from_bytes(hash.finalize().into()))
    }
}

fn gone() -> io::Error {
    io::Error::other("the thread that hashes has ended")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_hashed_in_their_order() {
        let bytes: Vec<u8> = (0..100_000u32).flat_map(u32::to_le_bytes).collect();
        let hasher = Hasher::start().unwrap();
        let mut block = vec![0; 4096];
        // The lengths vary, as those of a network do.
        let mut rest = bytes.as_slice();
        for length in (1..=4096).cycle() {
            let (now, later) = rest.split_at(rest.len().min(length));
            block[..now.len()].copy_from_slice(now);
            block = hasher.update(block, now.len()).unwrap();
            assert_eq!(block.len(), 4096);
            rest = later;
            if rest.is_empty() {
                break;
            }
        }
        assert_eq!(hasher.finish().unwrap(), Sha256Digest::of(&bytes));
        assert_eq!(Hasher::start().unwrap().finish().unwrap(), Sha256Digest::of(b""));
    }
}
