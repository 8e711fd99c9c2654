// SPDX-License-Identifier: GPL-3.0-or-later
//! What a machine should do now: host, cluster and request give a [`Decision`].
//!
//! [`decide`] is the one place where the answer to `boot_action` is decided. Who is asking is
//! [`identity`]'s, what proves an installer is [`token`]'s, and how a decision looks on the wire is
//! the renderer's.

mod decision;
pub mod identity;
mod lack;
mod menu_item;
mod rules;
mod source;
pub mod token;
mod trace;

pub(crate) use decision::permission_in_words;
pub use decision::{Decision, Facts, Install, MenuPage, decide};
pub use lack::Lack;
pub use menu_item::MenuItem;
pub use rules::{Arming, Tie, choose, fitting};
pub use source::{Fetched, Source};
pub use trace::{Step, Subject, Trace};
