// SPDX-License-Identifier: GPL-3.0-or-later
//! What a machine should do now: host, cluster and request give a [`Decision`].
//!
//! [`decide`] is the one place that decides the answer to `boot_action`. [`identity`] finds out who sent the request,
//! [`token`] proves an installer, and the renderer turns a decision into a script.

mod decision;
mod erase;
pub mod identity;
mod menu_item;
mod missing_feature;
mod outcome;
mod processor;
mod reasons;
mod rules;
mod source;
mod task;
pub mod token;
mod trace;

pub use decision::{Facts, decide};
pub use erase::{Erase, EraseFacts};
pub use menu_item::MenuItem;
pub use missing_feature::MissingFeature;
pub use outcome::{Decision, Install, MenuPage};
pub use processor::CpuObjection;
pub(crate) use reasons::describe_permission;
pub use rules::{PermittingRule, RuleError, Tie, choose, fitting};
pub use source::{Fetched, Source};
pub use task::{Task, TaskFacts};
pub use trace::{Step, Subject, Trace};
