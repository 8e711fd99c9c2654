// SPDX-License-Identifier: GPL-3.0-or-later
//! `curl`: what a machine would get from this node by HTTP or TFTP.

use super::{ExecError, Limit, Run};
use std::sync::atomic::AtomicBool;
use std::time::Duration;

/// For one file. TFTP waits for some seconds before it asks again.
const LIMIT: Duration = Duration::from_secs(15);

/// The status of the answer to a GET, whatever it is. The certificate is not checked: it may be one of this node.
///
/// # Errors
/// When curl is missing, or there is no answer.
pub fn status(url: &str, stop: &AtomicBool) -> Result<u16, ExecError> {
    let seconds = LIMIT.as_secs().to_string();
    let run = Run::new("curl", "curl")
        .args([
            "--disable",
            "--silent",
            "--show-error",
            "--globoff",
            "--insecure",
            "--noproxy",
            "*",
            "--proto",
            "=https",
        ])
        .args(["--output", "/dev/null", "--write-out", "%{http_code}", "--max-time", &seconds, "--", url]);
    let text = run.text(Limit::CHECK, stop)?;
    let bad = || ExecError::Output { program: "curl", problem: "no status".to_owned() };
    text.trim().parse().map_err(|_| bad())
}

/// The body of a good response, of at most so many bytes. No proxy is asked, and no redirect followed.
///
/// # Errors
/// When curl is missing, or the answer is another one than success.
pub fn fetch(url: &str, most: usize, stop: &AtomicBool) -> Result<Vec<u8>, ExecError> {
    let seconds = LIMIT.as_secs().to_string();
    let run = Run::new("curl", "curl").args(["--disable", "--silent", "--show-error", "--fail", "--globoff"]).args([
        "--noproxy",
        "*",
        "--proto",
        "=http,tftp",
        "--max-time",
        &seconds,
        "--",
        url,
    ]);
    Ok(run.output(Limit::CHECK.bytes(most), stop)?.stdout)
}
