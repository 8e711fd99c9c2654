// SPDX-License-Identifier: GPL-3.0-or-later
//! A build runs programs of its packages, so this machine must be able to run those of its processor.

use crate::program::{Ended, Exit};
use hps::exec::foreign_programs;
use hps::types::Cpu;

/// # Errors
/// When it cannot, with what to install.
pub(super) fn need_programs(cpu: Cpu) -> anyhow::Result<()> {
    foreign_programs::can_run(cpu).map_err(|obstacle| {
        Ended::error(
            Exit::Failed,
            format!(
                "this machine cannot run programs of {cpu}, which a build for it needs ({obstacle}); install arch-test, binfmt-support and qemu-user-static, or use a provisioning node of {cpu}"
            ),
        )
    })
}
