// SPDX-License-Identifier: GPL-3.0-or-later
//! `unfit`: the machine's iPXE says, with the ticket of the attempt, that its installer could only die: the attempt has begun and
//! FAILED. Who has the ticket could as well fetch the answer file and report that with the token in it.

use super::answer::begin_with_ticket;
use super::report::{Report, record};
use crate::boot::Lack;
use crate::manager::context::{Context, Failure};
use crate::manager::response::{Problem, Response};
use crate::render::scripts;
use crate::types::{Invalid, Line, Stage};

/// `cmd=unfit`.
pub(crate) fn unfit(context: &Context<'_>) -> Result<Response, Failure> {
    let lack: Lack =
        context.parameter("lacks")?.parse().map_err(|e: Invalid| Failure::new(Problem::Malformed, e.to_string()))?;
    let host = begin_with_ticket(context)?;
    record(context, &host, &Report::of(Stage::Failed, &Line::lossy(lack.in_words())))?;
    let situation = context.situation(context.mac()?);
    Ok(Response::script(scripts::unfit(situation.scene(&context.store), lack), None))
}
