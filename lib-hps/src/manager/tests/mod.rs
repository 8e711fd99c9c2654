// SPDX-License-Identifier: GPL-3.0-or-later
//! The wire, request by request, on a real store in a temporary folder.

mod attacks;
mod cases;
mod commands;
mod erase;
mod errors;
mod explain;
mod hardware;
mod hostile;
mod install;
mod legacy;
mod legacy_changes;
mod legacy_kickstart;
mod memory;
mod menu;
mod methods;
mod reference;
mod refusals;
mod replay;
mod reports;
mod requests;
mod rules;
mod site;
mod site_folders;
mod tables;
mod tasks;
mod throw;
