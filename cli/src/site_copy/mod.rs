// SPDX-License-Identifier: GPL-3.0-or-later
//! `site-copy`: copies this provisioning node (IPS) to a disaster recovery host, so that another machine can replace it.
//!
//! Trees, images and packages are sent in passes until a pass finds no change. Then settings and records are sent in
//! one pass, under the lock of `reload` and `cluster-configure`. Each record is replaced as a whole, so none is half.
//! Permissions to install are left out. docs/guide/disaster-recovery.md describes the way back.

mod answer;
mod arguments;
mod left_out;
mod lock;
mod passes;
mod program_folders;
mod progress;
mod recipient;
mod remote;
mod site_files;

pub use arguments::Arguments;

use crate::program::{self, Exit};
use answer::Answer;
use hps::exec::rsync::Transfer;
use hps::exec::ssh::Login;
use hps::store::Store;
use left_out::LeftOut;
use lock::{lock_copies, lock_reload};
use passes::Passes;
use program_folders::ProgramFolders;
use recipient::Recipient;
use remote::Remote;
use site_files::SiteFiles;

/// Runs the program.
///
/// # Errors
/// What prevents the run, in one line. The existing copies are then unchanged.
pub fn run(arguments: Arguments) -> anyhow::Result<Exit> {
    program::need_root()?;
    let stop = program::interrupted()?;
    Transfer::check_program()?;
    Login::check_program()?;
    let programs = ProgramFolders::for_this_process()?.programs()?;
    let site = program::load_site()?;
    let store = Store::open(&site.conf)?;
    let host = arguments.host.host(&store)?;
    let files = SiteFiles::find(&site, programs)?;
    let recipient = Recipient::new(&arguments, &store, &host)?;
    let _lock = lock_copies(&site.conf)?;
    let remote = Remote::new(&recipient, &stop);
    let current = remote.ask()?;
    let left_out = LeftOut::new(&site.conf);
    let passes = Passes { remote: &remote, files: &files, left_out: &left_out, older: current };
    let mut answer = Answer::new(&arguments, &recipient, &files);
    if arguments.dry_run {
        passes.list(&mut answer)?;
        answer.print()?;
        return Ok(if answer.has_changes() { Exit::WouldChange } else { Exit::Done });
    }
    let name = program::now().compact();
    remote.prepare()?;
    passes.send_resources(&mut answer)?;
    let lock = lock_reload(&site.conf, &stop)?;
    passes.send_settings(&mut answer)?;
    drop(lock);
    remote.explain(&name, &files)?;
    remote.publish(&name, arguments.keep)?;
    answer.copied(name);
    answer.print()?;
    Ok(Exit::Done)
}
