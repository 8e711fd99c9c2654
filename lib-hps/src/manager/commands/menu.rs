// SPDX-License-Identifier: GPL-3.0-or-later
//! `process_menu_item`: what a person at the console chose.
//!
//! The network cannot tell a person at the console from another program on the LAN. So a choice here counts only for a host
//! that was never installed, where the cluster says so, and only on a disk that holds nothing at all.

use super::boot::{claims, tell};
use crate::boot::{Decision, MenuItem, MenuPage};
use crate::config::Enrolment;
use crate::host::{Event, Permission, PermissionId, PermissionSource};
use crate::manager::context::{Context, Failure};
use crate::manager::response::{Problem, Response};
use crate::render::scripts::{self, Scene};
use crate::reservation::place;
use crate::situation::Situation;
use crate::store::{Role, StoreError};
use crate::types::{HostType, Lifetime, Line, MacAddr, Profile};

/// A choice at the console is for now, not for later.
const MENU_PERMISSION: Lifetime = Lifetime::HOUR;

/// `cmd=process_menu_item`.
pub(crate) fn process_menu_item(context: &Context<'_>) -> Result<Response, Failure> {
    let mac = context.mac()?;
    let item: MenuItem = context
        .parameter("menu_item")?
        .parse()
        .map_err(|e: crate::types::Invalid| Failure::new(Problem::Malformed, e.to_string()))?;
    let situation = Situation::gather(&context.store, mac, context.request.remote, context.now);
    let scene = Scene { cluster: &context.store.cluster, mac, host: situation.known() };
    let page = |page| scripts::decision(scene, &Decision::Menu(page, None), None);
    let text = match item {
        MenuItem::Init => page(MenuPage::Main),
        MenuItem::Install => page(MenuPage::Install),
        MenuItem::LocalBoot => scripts::decision(scene, &Decision::LocalBoot(None), None),
        MenuItem::Reboot => scripts::reboot(scene),
        MenuItem::ShowIpxe => scripts::show_ipxe(scene),
        // Of a host that this machine is not, it is told no more than a stranger.
        MenuItem::ShowHost if !situation.identity.is_proven() => scripts::show_host(Scene { host: None, ..scene }),
        MenuItem::ShowHost => scripts::show_host(scene),
        MenuItem::InstallAs(host_type, profile) => return install_as(context, &situation, host_type, profile),
        MenuItem::GaveUp => return gave_up(context, &situation),
    };
    Ok(Response::script(text, None))
}

fn install_as(
    context: &Context<'_>,
    situation: &Situation,
    host_type: HostType,
    profile: Option<Profile>,
) -> Result<Response, Failure> {
    let refused = |why: &str| Failure::new(Problem::Refused, why.to_owned());
    let store = &context.store;
    let mac = situation.mac;
    if store.cluster.install.enrolment != Enrolment::Menu {
        return Err(refused("the menu installs nothing in this cluster; on the provisioning node: host-state arm"));
    }
    // The same rule that decide() has, asked here before anything is written.
    if situation.ever_installed.is_some() || situation.known().is_some_and(|h| h.state().has_system()) {
        return Err(refused(
            "this host was installed before; a new installation needs host-state arm on the provisioning node",
        ));
    }
    if !situation.identity.is_proven() {
        return Err(refused("nothing proves that this request comes from this host"));
    }
    let (profile, distro) = store.cluster.role(host_type, profile).map_err(|why| Failure::new(Problem::NotNow, why))?;
    let role = Role { host_type, profile, event: Event::TypeChosen };
    place(store, mac, role, None, &context.who(), context.now)?;
    let permission = Permission::new(
        PermissionId::from_random(crate::store::random()?),
        mac,
        host_type,
        profile,
        distro.clone(),
        true,
        context.who().as_line().clone(),
        context.now,
        context.now.plus(MENU_PERMISSION),
        Line::lossy("chosen at the console"),
        PermissionSource::Menu,
    );
    store.give_permission(&permission)?;
    let situation = Situation::gather(store, mac, context.request.remote, context.now);
    Ok(tell(context, &situation, &claims(context)))
}

/// The machine came back, and nothing permits another attempt. Our own script sends this; the rule is asked again.
fn gave_up(context: &Context<'_>, situation: &Situation) -> Result<Response, Failure> {
    let Decision::GiveUp { attempts } = situation.decide(&context.store, context.now) else {
        return Err(Failure::new(Problem::NotNow, "this host may still be installed, or is not INSTALLING"));
    };
    if !situation.identity.is_proven() {
        return Err(Failure::new(Problem::Refused, "nothing proves that this request comes from this host"));
    }
    fail_for_good(context, situation.mac, attempts)?;
    let situation = Situation::gather(&context.store, situation.mac, context.request.remote, context.now);
    Ok(tell(context, &situation, &claims(context)))
}

fn fail_for_good(context: &Context<'_>, mac: MacAddr, attempts: u32) -> Result<(), Failure> {
    let reason = Line::lossy(&format!("the installation did not report its end (attempts: {attempts})"));
    if let Some(permission) = context.store.permission(mac, context.now)? {
        context.store.spend_permission(&permission.id, reason.as_str())?;
    }
    context.store.change_host(mac, &context.who(), context.now, |host| {
        host.apply(Event::GaveUp, context.now)
            .map_err(|refused| StoreError::Refused { host: host.label(), refused })?;
        host.reason = Some(reason.clone());
        Ok::<_, Failure>(Some((Line::lossy("gave up"), Some(reason.clone()))))
    })?;
    Ok(())
}
