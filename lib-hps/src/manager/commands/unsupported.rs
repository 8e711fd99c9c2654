// SPDX-License-Identifier: GPL-3.0-or-later
//! `unsupported`: the machine's iPXE reports, with the ticket of the attempt, that it cannot run its installer. The
//! attempt has begun, and it becomes FAILED. A sender with the ticket could also fetch the answer file and report the
//! same with its token.

use super::answer::begin_with_ticket;
use super::report::{Report, record};
use crate::boot::MissingFeature;
use crate::manager::boot_script::script_context;
use crate::manager::context::RequestContext;
use crate::manager::failure::Failure;
use crate::manager::response::Response;
use crate::render::scripts;
use crate::types::{Line, Stage};

/// `cmd=unsupported`.
pub(crate) fn unsupported(context: &RequestContext<'_>) -> Result<Response, Failure> {
    let feature: MissingFeature = context.parameter("missing")?.parse()?;
    let host = begin_with_ticket(context)?;
    record(context, &host, &Report::new(Stage::Failed, &Line::lossy(feature.describe())))?;
    let machine = context.boot_context(context.mac()?);
    Ok(Response::script(scripts::unsupported(script_context(&context.store, &machine, context.via()), feature), None))
}
