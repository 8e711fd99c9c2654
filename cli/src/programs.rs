// SPDX-License-Identifier: GPL-3.0-or-later
//! The programs of HPS: their names, which scripts and cron use, and what each does.

use crate::{
    build_image, build_repository, check_and_download_rocky, cluster_configure, host_power, host_state, hps_web,
    reload, self_test, site_copy,
};
use clap::{Command, CommandFactory};

/// A program that an administrator runs.
#[derive(Debug, Clone, Copy)]
pub struct Program {
    /// The name of its file.
    pub name: &'static str,
    command: fn() -> Command,
}

const fn program<Arguments: CommandFactory>(name: &'static str) -> Program {
    Program { name, command: Arguments::command }
}

/// All programs except `hps`, in the order of their names.
pub const PROGRAMS: [Program; 10] = [
    program::<build_image::Arguments>("build-image"),
    program::<build_repository::Arguments>("build-repository"),
    program::<check_and_download_rocky::Arguments>("check-and-download-rocky"),
    program::<cluster_configure::Arguments>("cluster-configure"),
    program::<host_power::Arguments>("host-power"),
    program::<host_state::Arguments>("host-state"),
    program::<hps_web::Arguments>("hps-web"),
    program::<reload::Arguments>("reload"),
    program::<self_test::Arguments>("self-test"),
    program::<site_copy::Arguments>("site-copy"),
];

impl Program {
    /// Its arguments.
    pub fn command(&self) -> Command {
        (self.command)()
    }

    /// What it does, in one line.
    pub fn about(&self) -> String {
        self.command().get_about().map(ToString::to_string).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::PROGRAMS;

    #[test]
    fn each_has_the_name_of_its_command_and_the_names_are_sorted() {
        for program in PROGRAMS {
            assert_eq!(program.command().get_name(), program.name);
            assert!(!program.about().is_empty(), "{}", program.name);
        }
        assert!(PROGRAMS.is_sorted_by_key(|program| program.name));
    }
}
