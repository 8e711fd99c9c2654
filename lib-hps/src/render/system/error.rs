// SPDX-License-Identifier: GPL-3.0-or-later
//! Why the files of a system cannot be rendered.

use crate::config::{RoleError, SiteProfileFitError, TextError};
use crate::types::{KernelLineError, NameLengthError};

/// What of the host, the cluster file or a site profile cannot be followed.
#[derive(Debug, thiserror::Error)]
pub enum SystemError {
    /// A record or a domain from before the limit on the length of names.
    #[error(transparent)]
    Name(#[from] NameLengthError),
    /// The record lacks a network card that the cluster file expects, or its links contradict each other.
    #[error(transparent)]
    Role(#[from] RoleError),
    /// The address does not fit the network.
    #[error(transparent)]
    Prefix(#[from] ipnet::PrefixLenError),
    /// A site profile does not suit the type of the host.
    #[error(transparent)]
    Profile(#[from] SiteProfileFitError),
    /// A template of a site profile cannot be filled in.
    #[error("{profile}: the template of {file} cannot be filled in: {why}")]
    Template {
        /// The name of the profile in messages.
        profile: String,
        /// The file of the new system.
        file: String,
        /// What is wrong in it. The message leaves the values out.
        why: TemplateError,
    },
    /// Each profile fits alone, but all profiles of the host together do not.
    #[error("site profiles {profiles}, together: their {why}")]
    Arguments {
        /// The names of the profiles in messages.
        profiles: String,
        /// The sum.
        why: KernelLineError,
    },
    /// The command line of the new system is too long.
    #[error(transparent)]
    KernelLine(#[from] KernelLineError),
    /// Two files have one path.
    #[error("two files of the host are called /{0}")]
    SamePath(String),
    /// A file would be a folder too.
    #[error("/{above} is a file of the host, but /{path} is below it: give one of them another path")]
    BelowFile {
        /// The file.
        above: String,
        /// The other one.
        path: String,
    },
    /// More than an answer file can have.
    #[error("the files and scripts of its site profiles are {bytes} bytes: expected at most {most}")]
    TooLarge {
        /// Their size.
        bytes: usize,
        /// The most they may have.
        most: usize,
    },
}

/// What is wrong in a template of a site.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// It does not fit its values.
    #[error("{}{}{}", line.map_or_else(String::new, |line| format!("line {line}: ")), kind, detail.as_ref().map_or_else(String::new, |detail| format!(": {detail}")))]
    Filling {
        /// The line, from 1.
        line: Option<usize>,
        /// What kind of mistake.
        kind: minijinja::ErrorKind,
        /// Details.
        detail: Option<String>,
    },
    /// Its result is not accepted as text.
    #[error(transparent)]
    Text(#[from] TextError),
}

impl From<minijinja::Error> for TemplateError {
    fn from(error: minijinja::Error) -> Self {
        Self::Filling { line: error.line(), kind: error.kind(), detail: error.detail().map(str::to_owned) }
    }
}
