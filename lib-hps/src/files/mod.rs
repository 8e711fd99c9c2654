// SPDX-License-Identifier: GPL-3.0-or-later
//! Which files a program may trust, and how each kind of file is opened.
//!
//! Three kinds of files exist, and each has one way to be opened:
//!
//! - A file of HPS that only root writes ([`Trust::Root`]): `hps.conf`, cluster files, the site key, permissions, profiles.
//! - A file of HPS that the web server's user writes too ([`Trust::Shared`]): records, history, allocations, marks.
//! - A file that a person names on the command line ([`open_input`]). Its owner does not matter, because that person
//!   chose it.
//!
//! If a folder is missing, [`make_folder`] makes it and checks each folder above it.
//!
//! A file is written by [`write_atomic`] or [`create_atomic`], lines are appended to a [`RotatingFile`], and processes wait for each
//! other by a [`Lock`]. A lock that root waits for is a file that others cannot open, not even for reading ([`LockKind::Root`]).
//!
//! All three must be regular files. The check is on the open descriptor, so an exchange of the file between check and
//! use has no effect. Nothing here waits for a FIFO. The standard library's `File::open` and `read` do not check: they
//! follow links, wait for a FIFO, and read `/dev/zero` until the memory is full. Use them only for files of `/proc` and
//! `/sys`.

mod atomic;
mod base;
mod bounded;
mod checked_folder;
mod error;
mod folder;
mod folder_faults;
mod free_space;
mod held_locks;
mod input;
mod io_error;
mod lock;
mod lock_owner;
mod making;
mod path_fault;
mod path_rule;
mod presence;
mod random;
mod rotating_file;
mod shared_file;
mod streamed_file;
mod trust;
mod trusted;
mod untrusted;
mod users;
mod walk;

pub use atomic::{Access, create_atomic, remove, sync_folder, write_atomic};
pub(crate) use atomic::{PreparedFile, is_temporary};
pub use base::Base;
pub use checked_folder::{CheckedFolder, check_folder};
pub use error::FileError;
pub(crate) use folder::Folder;
pub use folder_faults::{FolderFault, folder_faults};
pub use free_space::{free_inodes, free_space};
pub use held_locks::{HeldLock, held_locks, process_start};
pub use input::{open_input, read_input};
pub use io_error::IoError;
pub use lock::{Lock, LockError, LockKind};
pub use making::{make_dir, make_folder};
pub(crate) use path_fault::PathFault;
pub(crate) use path_rule::PathRule;
pub(crate) use presence::is_there;
pub use random::random;
pub(crate) use rotating_file::{MAX_BYTES as MAX_ROTATING_BYTES, RotatingFile};
pub(crate) use shared_file::{open_plain, open_shared};
pub use streamed_file::StreamedFile;
pub use trust::Trust;
pub use trusted::{check_file, check_mode, open_trusted, read_trusted};
pub use users::{WEB_USER, user_name};
pub(crate) use walk::{walk, walk_to_folder};
