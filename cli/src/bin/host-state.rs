// SPDX-License-Identifier: GPL-3.0-or-later
//! See `hps_cli::host_state`.
fn main() -> std::process::ExitCode {
    // A shell asks what may come next: see `host-state completion`.
    if hps_cli::host_state::answer_shell(std::env::args_os()) {
        return std::process::ExitCode::SUCCESS;
    }
    hps_cli::main_of(hps_cli::host_state::run)
}
