// SPDX-License-Identifier: GPL-3.0-or-later
//! Why a call of a program did not do what it should.

/// Why a call did not do what it should.
#[derive(Debug, thiserror::Error)]
pub enum ExecError {
    /// The program is not there.
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
        /// The system's word.
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
    /// Somebody else could have changed it.
    #[error("{program} is not started: {problem}")]
    Untrusted {
        /// Its name.
        program: &'static str,
        /// What is wrong, and the command that mends it.
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
        /// What.
        problem: String,
    },
}
