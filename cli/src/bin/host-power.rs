// SPDX-License-Identifier: GPL-3.0-or-later
//! See `hps_cli::host_power`.
fn main() -> std::process::ExitCode {
    hps_cli::main_of(hps_cli::host_power::run)
}
