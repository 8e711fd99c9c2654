// SPDX-License-Identifier: GPL-3.0-or-later
//! See `hps_cli::front`.
fn main() -> std::process::ExitCode {
    // The words of the other programs come next too.
    if hps_cli::program::answer_shell(hps_cli::front::with_programs, std::env::args_os()) {
        return std::process::ExitCode::SUCCESS;
    }
    hps_cli::main_of(hps_cli::front::run)
}
