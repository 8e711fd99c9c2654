// SPDX-License-Identifier: GPL-3.0-or-later
//! The wire, request by request, on a real store in a temporary folder.

mod attacks;
mod errors;
mod explain;
mod install;
mod legacy;
mod memory;
mod menu;
mod methods;
mod reference;
mod refusals;
mod replay;
mod requests;
mod rules;
mod site;
mod tables;
mod throw;
