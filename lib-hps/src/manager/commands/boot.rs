// SPDX-License-Identifier: GPL-3.0-or-later
//! `init` and `boot_action`: a machine is told what to do. The decision itself is `crate::boot::decide`'s.

use crate::boot::token::{Purpose, mint};
use crate::boot::{BootClaims, Decision, Install};
use crate::config::Enrolment;
use crate::manager::context::{Context, Failure, without_paths};
use crate::manager::response::{Problem, Response};
use crate::render::scripts::{self, Scene};
use crate::situation::Situation;
use crate::types::{Lifetime, Line, MacAddr, Token};

/// How long a ticket lives: a slow machine fetches kernel and initrd first. It also dies when the installer reports.
const TICKET_LIFETIME: Lifetime = Lifetime::HOUR;

/// `cmd=init`.
pub(crate) fn init(context: &Context<'_>) -> Result<Response, Failure> {
    Ok(Response::script(scripts::init(&context.store.cluster), None))
}

/// `cmd=boot_action`. It moves no state: machines ask several times in one boot, and anybody can ask.
pub(crate) fn boot_action(context: &Context<'_>) -> Result<Response, Failure> {
    let mac = context.mac()?;
    let claims = claims(context);
    let mut situation = Situation::gather(&context.store, mac, context.request.remote, context.now);
    // A machine at the menu is shown in the list of hosts; one that only claims a MAC leaves no file behind.
    let may_be_new = context.store.cluster.install.enrolment == Enrolment::Menu && situation.identity.is_proven();
    if may_be_new
        && matches!(situation.host, Ok(None))
        && context.store.create_host(mac, &context.who(), context.now)?
    {
        situation = Situation::gather(&context.store, mac, context.request.remote, context.now);
    }
    Ok(tell(context, &situation, &claims))
}

/// The script for a situation, with a line in the log of a host that is known.
pub(super) fn tell(context: &Context<'_>, situation: &Situation, claims: &BootClaims) -> Response {
    let decision = match situation.decide(&context.store, context.now) {
        Decision::Stop(why) => {
            context.complaints.add(why.as_str());
            Decision::Stop(Line::lossy(&without_paths(why.as_str())))
        }
        other => other,
    };
    for trouble in &situation.troubles {
        context.complaints.add(trouble);
    }
    let host = situation.known();
    if let Some(host) = host {
        let name = host.name.as_ref().map(|n| n.as_str());
        context.log(situation.mac, name, &format!("boot: {}{}", in_words(&decision), claimed(claims)));
    }
    let scene = Scene { cluster: &context.store.cluster, mac: situation.mac, host };
    let ticket = match &decision {
        Decision::Install(install) => match ticket(context, situation.mac, install) {
            Ok(ticket) => Some(ticket),
            Err(failure) => {
                context.complaints.add(&failure.why);
                let stop = Decision::Stop(Line::lossy(
                    "the site key of the provisioning node cannot be read; see the log of its web server",
                ));
                return Response::script(scripts::decision(scene, &stop, None), Some(failure.problem));
            }
        },
        _ => None,
    };
    let error = matches!(decision, Decision::Stop(_)).then_some(Problem::NotAble);
    Response::script(scripts::decision(scene, &decision, ticket.as_ref()), error)
}

fn ticket(context: &Context<'_>, mac: MacAddr, install: &Install) -> Result<Token, Failure> {
    let key = context.store.paths.read_site_key()?;
    let expires = context.now.plus(TICKET_LIFETIME);
    Ok(mint(&key, Purpose::Ticket(&install.permission.id), &context.store.cluster.name, mac, install.attempt, expires))
}

/// What the firmware says of the machine. It proves nothing, so what is malformed is only made readable.
pub(super) fn claims(context: &Context<'_>) -> BootClaims {
    let claim = |name: &str| context.request.parameter(name).map(str::trim).filter(|v| !v.is_empty()).map(Line::lossy);
    BootClaims {
        uuid: claim("uuid"),
        serial: claim("serial"),
        product: claim("product"),
        arch: claim("arch"),
        platform: claim("platform"),
    }
}

fn claimed(claims: &BootClaims) -> String {
    let named = [
        ("platform", &claims.platform),
        ("arch", &claims.arch),
        ("product", &claims.product),
        ("serial", &claims.serial),
        ("uuid", &claims.uuid),
    ];
    let said: Vec<String> =
        named.iter().filter_map(|(name, value)| value.as_ref().map(|v| format!("{name}={v}"))).collect();
    if said.is_empty() { String::new() } else { format!(" ({})", said.join(", ")) }
}

fn in_words(decision: &Decision) -> String {
    match decision {
        Decision::Install(install) => format!(
            "installer of {}, attempt {} ({} of its permission)",
            install.permission.distro, install.attempt, install.of_permission
        ),
        Decision::LocalBoot(None) => "local disk".to_owned(),
        Decision::LocalBoot(Some(why)) => format!("local disk: {why}"),
        Decision::Menu(..) => "menu".to_owned(),
        Decision::Wait => "waits, nothing is permitted".to_owned(),
        Decision::GiveUp { attempts } => format!("gives up after {attempts} attempts"),
        Decision::Stop(why) => format!("stops: {why}"),
    }
}
