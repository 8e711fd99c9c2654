// SPDX-License-Identifier: GPL-3.0-or-later
//! Everything that goes into an answer file, collected in one place.
//!
//! The boot manager makes the answer file of a host here, and the preflight check makes that of a sample host. Both use
//! the same functions, so no ingredient can be missing from one of them.

mod error;
mod inputs;
mod media;
mod suitable;

pub use error::AnswerError;
pub use inputs::AnswerInputs;
pub use media::{AttemptMedia, MediaFolders};
pub use suitable::{PublishedSystem, Unsuitable, check_profiles, wanted};
