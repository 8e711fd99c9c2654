// SPDX-License-Identifier: GPL-3.0-or-later
//! Why a host could not be switched. Each is one line; the program puts the name of the host before it. None has a
//! password in it.

use super::{PowerState, Switch};
use crate::exec::ExecError;
use crate::types::{BmcAddress, CredentialsName, Line, PowerProtocol, Sha256Digest};
use crate::wire::WireError;

/// Why a host could not be switched.
#[derive(Debug, thiserror::Error)]
pub enum PowerError {
    /// No connection to the BMC.
    #[error("{address}: the BMC cannot be reached ({why}); check its address and network cable")]
    Unreachable {
        /// Where.
        address: BmcAddress,
        /// Why.
        why: Line,
    },
    /// The BMC accepts the connection, or may not, and does not answer.
    #[error("{address}: the BMC did not answer within {seconds} seconds; if it hangs, restart the BMC")]
    Silent {
        /// Where.
        address: BmcAddress,
        /// How long it had.
        seconds: u64,
    },
    /// The BMC does not accept user and password. They were tried once: another try may lock the account.
    #[error(
        "{address}: the BMC does not accept the user or the password of the credentials {credentials}; they were tried once; correct them with: host-power credentials set {credentials}"
    )]
    Credentials {
        /// Where.
        address: BmcAddress,
        /// Which.
        credentials: CredentialsName,
    },
    /// The user may not do this.
    #[error(
        "{address}: the user of the credentials {credentials} may not do this ({why}); give it the role of an operator or administrator on the BMC"
    )]
    Forbidden {
        /// Where.
        address: BmcAddress,
        /// Which.
        credentials: CredentialsName,
        /// The words of the BMC.
        why: Line,
    },
    /// Another certificate than the one that was accepted.
    #[error(
        "{address}: the certificate of the BMC has changed; no password was sent; it is {found}, accepted was {expected}; if you changed it, accept it with: host-power set HOST --new-certificate"
    )]
    Certificate {
        /// Where.
        address: BmcAddress,
        /// The accepted one.
        expected: Sha256Digest,
        /// The present one.
        found: Sha256Digest,
    },
    /// TLS failed for another reason.
    #[error(
        "{address}: no TLS connection with the BMC ({why}); HPS needs TLS 1.2 or 1.3; update the firmware of the BMC"
    )]
    Tls {
        /// Where.
        address: BmcAddress,
        /// Why.
        why: Line,
    },
    /// The BMC answers with an error.
    #[error("{address}: the BMC refuses to {what} ({why})")]
    Refused {
        /// Where.
        address: BmcAddress,
        /// What was asked.
        what: &'static str,
        /// Status and words of the BMC.
        why: Line,
    },
    /// Nothing says where the console of the host is.
    #[error("HPS does not know where its console is; store that with: host-power set HOST --console sol")]
    NoConsole,
    /// A BMC has one session of serial over LAN.
    #[error("{address}: another session has the console of the BMC, from another program or machine")]
    ConsoleInUse {
        /// Where.
        address: BmcAddress,
    },
    /// Another program changes the same setting again and again.
    #[error("{address}: another program changed the boot setting of the BMC at the same time, twice; try again")]
    Conflict {
        /// Where.
        address: BmcAddress,
    },
    /// A task of the BMC failed.
    #[error("{address}: the BMC accepted the request to {what}, but its task ended as {why}")]
    Task {
        /// Where.
        address: BmcAddress,
        /// What was asked.
        what: &'static str,
        /// State and words of the task.
        why: Line,
    },
    /// What it answers is not what the protocol says.
    #[error("{address}: the answer of the BMC is not understood: {why}")]
    Answer {
        /// Where.
        address: BmcAddress,
        /// What is wrong.
        why: Line,
    },
    /// The BMC has several systems.
    #[error("{address}: the BMC has the systems {systems}; name one with: host-power set HOST --system ID")]
    Systems {
        /// Where.
        address: BmcAddress,
        /// Their ids.
        systems: Line,
    },
    /// It reported success, and what is read back says otherwise.
    #[error(
        "{address}: the BMC accepted {switch}, but still reports {state} after {seconds} seconds; look at the machine, and restart its BMC"
    )]
    Unchanged {
        /// Where, or how.
        address: Line,
        /// What was asked.
        switch: Switch,
        /// What is read back.
        state: PowerState,
        /// How long it had.
        seconds: u64,
    },
    /// The same for the boot setting.
    #[error(
        "{address}: the BMC accepted the boot from the network, but its setting reads {found}; set it at the console, or update the firmware of the BMC"
    )]
    BootUnchanged {
        /// Where.
        address: BmcAddress,
        /// What is read back.
        found: Line,
    },
    /// The protocol cannot do this.
    #[error("protocol {protocol} cannot {what}{instead}")]
    Unsupported {
        /// The protocol.
        protocol: PowerProtocol,
        /// What was asked.
        what: &'static str,
        /// What to do.
        instead: &'static str,
    },
    /// A program is missing or failed.
    #[error(transparent)]
    Exec(#[from] ExecError),
    /// The packet of wake-on-LAN was not sent.
    #[error(transparent)]
    Wire(#[from] WireError),
    /// The site's program failed.
    #[error("{program} {why}")]
    Program {
        /// The program.
        program: Line,
        /// How it ended.
        why: Line,
    },
    /// Ctrl-C.
    #[error("stopped before it was done; look at the machine with: host-power status")]
    Stopped,
}
