// SPDX-License-Identifier: GPL-3.0-or-later
//! See `hps_cli::cluster_configure`.
fn main() -> std::process::ExitCode {
    hps_cli::main_of(hps_cli::cluster_configure::run)
}
