// SPDX-License-Identifier: GPL-3.0-or-later
//! See `hps_cli::build_repository`.
fn main() -> std::process::ExitCode {
    hps_cli::main_of(hps_cli::build_repository::run)
}
