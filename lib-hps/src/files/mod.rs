// SPDX-License-Identifier: GPL-3.0-or-later
//! Which files a program may believe, and how each kind of file is opened.
//!
//! Three kinds of files exist, and each has one way to be opened:
//!
//! - A file of HPS that only root writes ([`Trust::Root`]): `hps.conf`, cluster files, the site key, permissions, profiles.
//! - A file of HPS that the web server's user writes too ([`Trust::Shared`]): records, history, claims, marks.
//! - A file that a person names on the command line ([`open_input`]). Its owner does not matter, since that person chose it.
//!
//! Where a folder is missing it is made by [`make_folder`], which judges each one above it.
//!
//! A lock that root waits for is a file of its own kind ([`open_lock`]): others must not be able to open it, not even for reading.
//!
//! All three must be regular files. The check is made on the open descriptor, so a file that is exchanged between check
//! and use gains nothing. Nothing here waits for a FIFO. The standard library's `File::open` and `read` know none of this: they
//! follow links, wait for a FIFO, and read `/dev/zero` until the memory is full. Call them for files of `/proc` and `/sys` only.

mod bounded;
mod error;
mod folder;
mod input;
mod io_error;
mod lock;
mod making;
mod trusted;
mod users;
mod walk;

pub use error::FileError;
pub(crate) use folder::Folder;
pub use input::{open_input, read_input};
pub use io_error::IoError;
pub use lock::open_lock;
pub use making::make_folder;
pub use trusted::{Base, Checked, Trust, check_file, check_folder, check_mode, open_trusted, read_trusted};
pub use users::{WEB_USER, user_name};
pub(crate) use walk::{Astray, Rule, walk, walk_to_folder};
