// SPDX-License-Identifier: GPL-3.0-or-later
//! Switching many hosts at once: what each needs is checked first, so many are at work at a time, each is noted in its
//! history, and a line is printed as each ends.

mod credentials;
mod outcome;
mod ready;
mod run;

pub(crate) use credentials::{load as load_credentials, secret_name};
pub(crate) use outcome::Outcome;
pub(crate) use ready::{Ready, ready};
pub(crate) use run::{Order, run};
