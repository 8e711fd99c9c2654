// SPDX-License-Identifier: GPL-3.0-or-later
//! Other programs: one module for each, called without a shell, with typed arguments.
//!
//! No program is found by the caller's PATH, and none is started by other means than these: `program_path` knows where programs are, `guard` ends
//! them, and every call names its [`Limit`] and what stops it. `clippy.toml` refuses `Command::new` everywhere else.

mod captured;
mod ending;
mod error;
mod filter;
mod guard;
mod interactive;
mod limit;
mod program_path;
mod replace_process;
mod run;
mod stream;
mod user;

pub mod age;
pub mod apt;
pub mod apt_ftparchive;
pub mod apt_index;
pub mod bash;
pub mod chronyd;
pub mod createrepo_c;
pub mod curl;
pub mod dhcp_port;
pub mod dnf;
pub mod dnsmasq;
pub mod dpkg_deb;
pub mod editor;
pub mod foreign_programs;
pub mod fragment;
pub mod getent;
pub mod gpg;
pub mod gpg_file;
pub mod gpg_signer;
pub mod gpgv;
pub mod grub_mkimage;
pub mod gzip;
pub mod ip;
pub mod ipmitool;
pub mod ksvalidator;
pub mod lighttpd;
pub mod mmdebstrap;
pub mod modifyrepo_c;
pub mod network_namespace;
pub mod openssl;
pub mod rpm;
pub mod rpmkeys;
pub mod rsync;
pub mod services;
pub mod site_command;
pub mod ss;
pub mod ssh;
pub mod sudo;
pub mod systemd_creds;
pub mod timedatectl;
pub mod unshare;
pub mod xorriso;
pub mod xz;
pub mod zstd;

pub use error::ExecError;
pub use filter::{FilterIn, FilterOut};
pub use interactive::{Heard, Interactive};
pub use limit::{Limit, NEVER};
pub use program_path::{Untrusted, trusted};
pub use replace_process::replace_process;
pub use run::Run;
pub use stream::Stream;
pub use user::User;
