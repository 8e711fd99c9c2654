// SPDX-License-Identifier: GPL-3.0-or-later
//! See `hps_cli::self_test`.
fn main() -> std::process::ExitCode {
    hps_cli::main_of(hps_cli::self_test::run)
}
