// SPDX-License-Identifier: GPL-3.0-or-later
//! Why a call of a program failed.

/// Why a call failed.
#[derive(Debug, thiserror::Error)]
pub enum ExecError {
    /// The program is missing.
    #[error("{program} is not installed; install it with: apt-get install {package}")]
    Missing {
        /// Its name.
        program: &'static str,
        /// The Debian package that has it.
        package: &'static str,
    },
    /// It could not be started.
    #[error("{program} could not be started")]
    Start {
        /// Its name.
        program: &'static str,
        /// The system's reason.
        source: std::io::Error,
    },
    /// It ended with an error.
    #[error("{program} failed ({status}): {said}")]
    Failed {
        /// Its name.
        program: &'static str,
        /// Exit code or signal.
        status: String,
        /// The end of what it wrote, in one line.
        said: String,
    },
    /// Another user could have changed it.
    #[error("{program} is not started: {problem}")]
    Untrusted {
        /// Its name.
        program: &'static str,
        /// What is wrong, and the command that corrects it.
        problem: String,
    },
    /// It took too long.
    #[error("{program} did not end within {seconds} seconds and was ended")]
    Late {
        /// Its name.
        program: &'static str,
        /// How long it may take.
        seconds: u64,
    },
    /// It was stopped, because the program that called it was.
    #[error("{program} was stopped")]
    Stopped {
        /// Its name.
        program: &'static str,
    },
    /// What it wrote is not what was expected.
    #[error("{program} wrote something unexpected: {problem}")]
    Output {
        /// Its name.
        program: &'static str,
        /// What was wrong in it.
        problem: String,
    },
}
