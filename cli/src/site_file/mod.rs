// SPDX-License-Identifier: GPL-3.0-or-later
//! One file is the site: `cluster-configure export` packs a provisioning node into a file, and `cluster-configure import` makes another
//! machine that node. The format is [`hps::site_archive`]; decision 148 has what is in it and what is not.

mod apply;
mod collect;
mod difference;
mod encryption;
mod export;
mod export_answer;
mod export_arguments;
mod import_answer;
mod import_site;
mod incoming;
mod rehearse;
mod source;
mod staging;
mod target;

pub(crate) use export::export;
pub(crate) use export_arguments::Export;
pub(crate) use import_site::{ImportOptions, import_site};
pub(crate) use rehearse::{Rehearse, rehearse};
