// SPDX-License-Identifier: GPL-3.0-or-later
//! What a machine should do: the result of the boot decision, in words for people and for JSON.

use super::{Erase, Source, Task};
use crate::host::Permission;
use crate::types::Line;
use std::fmt;

/// What the machine should do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// Start an installer.
    Install(Box<Install>),
    /// Start the node environment for a task.
    Task(Box<Task>),
    /// Start the node environment, which erases disks.
    Erase(Box<Erase>),
    /// This rule or window permits the installation of a machine without address and name: it requests them first.
    Enrol(Line),
    /// Boot its own disk. The notice is shown for a moment.
    LocalBoot(Option<Line>),
    /// Let the person at the console choose.
    Menu(MenuPage, Option<Line>),
    /// It has no permission: start its own disk, if one starts, otherwise wait and ask again.
    OwnDisk,
    /// It has no permission: wait and ask again.
    Wait,
    /// The installation did not report its end, and no further attempt is permitted: report this to the boot manager,
    /// then to the person.
    GiveUp {
        /// How many there were.
        attempts: u32,
    },
    /// It cannot continue until a person corrects what the line names: show it, wait, ask again.
    Stop(Line),
}

/// What an installer needs beyond host and cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Install {
    /// The permission it runs under.
    pub permission: Permission,
    /// The number of the attempt that this boot begins.
    pub attempt: u32,
    /// That number among those of the permission.
    pub of_permission: u32,
    /// How many attempts the permission allows.
    pub most: u32,
    /// What it installs from.
    pub source: Source,
}

impl Install {
    /// The attempt by both its numbers, the same on the screen, in the log and for people. `host-state log --install`
    /// accepts the first number.
    pub fn describe_attempt(&self) -> String {
        format!("attempt {}, {} of {} of its permission", self.attempt, self.of_permission, self.most)
    }
}

/// A page of the menu.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MenuPage {
    /// What can be done with this machine.
    Main,
    /// What it can become.
    Install,
}

/// For the log of a host.
impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Install(install) => {
                write!(f, "installer of {}, {}", install.permission.distro, install.describe_attempt())
            }
            Self::Task(task) => write!(f, "node environment: {}", task.request.describe()),
            Self::Erase(erase) => {
                write!(f, "erase of {}, attempt {} of {}", erase.permission.serials(), erase.attempt, erase.most)
            }
            Self::Enrol(by) => write!(f, "{by} permits it; it requests address and name"),
            Self::LocalBoot(None) => f.write_str("local disk"),
            Self::LocalBoot(Some(why)) => write!(f, "local disk: {why}"),
            Self::Menu(..) => f.write_str("menu"),
            Self::OwnDisk => f.write_str("its own disk if one starts, no permission"),
            Self::Wait => f.write_str("waits, no permission"),
            Self::GiveUp { attempts } => write!(f, "gives up after {attempts} attempts"),
            Self::Stop(why) => write!(f, "stops: {why}"),
        }
    }
}

impl Decision {
    /// Its word in JSON.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Install(_) => "install",
            Self::Task(_) => "task",
            Self::Erase(_) => "erase",
            Self::Enrol(_) => "enrol",
            Self::LocalBoot(_) => "local_boot",
            Self::Menu(..) => "menu",
            Self::OwnDisk => "own_disk",
            Self::Wait => "wait",
            Self::GiveUp { .. } => "give_up",
            Self::Stop(_) => "stop",
        }
    }

    /// The instruction of the machine, to follow "it would be told to".
    pub fn instruction(&self) -> String {
        match self {
            Self::Install(_) => format!("start the {self}"),
            Self::Task(task) => format!("start the node environment, which {}", task.request.task.describe()),
            Self::Erase(erase) => format!(
                "start the node environment, which erases {} (attempt {} of {})",
                erase.permission.serials(),
                erase.attempt,
                erase.most
            ),
            Self::Enrol(by) => {
                format!("request an address and a name, which {by} permits, and then start the installer")
            }
            Self::LocalBoot(None) => "boot from its own disk".to_owned(),
            Self::LocalBoot(Some(why)) => format!("boot from its own disk, with this on the screen: {why}"),
            Self::Menu(_, None) => "show the menu".to_owned(),
            Self::Menu(_, Some(notice)) => format!("show the menu, with this on the screen: {notice}"),
            Self::OwnDisk => "start its own disk if one starts, and otherwise ask again every 30 seconds".to_owned(),
            Self::Wait => "wait, and ask again every 30 seconds".to_owned(),
            Self::GiveUp { .. } => "give up: it becomes FAILED".to_owned(),
            // The trace has the reason.
            Self::Stop(_) => "stop, show the reason on its screen, and ask again every 30 seconds".to_owned(),
        }
    }
}
