// SPDX-License-Identifier: GPL-3.0-or-later
//! `process_menu_item`: what a person at the console chose, or a script of ours asks next.

use super::{boot::tell, install, wishes};
use crate::boot::{Decision, MenuItem, MenuPage};
use crate::host::{Host, HostState};
use crate::manager::context::{Context, Failure};
use crate::manager::response::{Problem, Response};
use crate::media;
use crate::render::scripts::{self, Scene};
use crate::situation::Situation;
use crate::types::{HostType, Invalid};

/// `cmd=process_menu_item`.
pub(crate) fn process_menu_item(context: &Context<'_>) -> Result<Response, Failure> {
    let item: MenuItem = context
        .parameter("menu_item")?
        .parse()
        .map_err(|e: Invalid| Failure::new(Problem::Malformed, e.to_string()))?;
    let situation = context.situation(context.mac()?);
    let proven = situation.identity.is_proven();
    let scene = situation.scene(&context.store);
    // Of a host that this machine is not, it is told no more than a stranger.
    let scene = if proven { scene } else { Scene { host: None, ..scene } };
    let page = |page| scripts::decision(scene, &Decision::Menu(page, None), None);
    let text = match item {
        MenuItem::Init => page(MenuPage::Main),
        MenuItem::Install if situation.was_installed() => page(MenuPage::Main),
        MenuItem::Install => page(MenuPage::Install),
        MenuItem::LocalBoot => scripts::decision(scene, &Decision::LocalBoot(None), None),
        MenuItem::Reboot => scripts::reboot(scene),
        MenuItem::ShowIpxe => scripts::show_ipxe(scene),
        MenuItem::ShowHost => scripts::show_host(scene),
        MenuItem::ShowCluster => scripts::show_cluster(scene),
        MenuItem::ShowPaths => scripts::show_paths(scene),
        MenuItem::RecoverDrh => {
            // It reads all records, and says names and addresses: not for strangers.
            install::prove(&situation)?;
            scripts::drh_hosts(scene, &drh_hosts(context)?)
        }
        MenuItem::Rescue => rescue(context, scene)?,
        MenuItem::InstallAs(host_type, profile) => return install::by_menu(context, &situation, host_type, profile),
        MenuItem::GaveUp => return install::gave_up(context, &situation),
        MenuItem::Enrol => return install::enrol(context, &situation),
        MenuItem::Reinstall | MenuItem::Unconfigure | MenuItem::ForceOn | MenuItem::ForceOff => {
            return wishes::wish(context, &situation, item);
        }
    };
    Ok(Response::script(text, None))
}

/// What a machine is told after its situation changed.
pub(super) fn tell_again(context: &Context<'_>, situation: &Situation) -> Response {
    tell(context, &context.situation(situation.mac))
}

/// Nobody asks for that at a boot, so all records may be read for it.
fn drh_hosts(context: &Context<'_>) -> Result<Vec<Host>, Failure> {
    let hosts = context.store.hosts()?.into_iter().filter_map(|file| file.host.ok());
    Ok(hosts.filter(|h| h.host_type == Some(HostType::Drh) && h.state() == HostState::Installed).collect())
}

fn rescue(context: &Context<'_>, scene: Scene<'_>) -> Result<String, Failure> {
    let systems = context.store.cluster.types.values().map(|settings| &settings.distro);
    let (kernel, initrd) = media::node_environment(context.store.paths.distros(), systems)
        .map_err(|e| Failure::new(Problem::NotAble, e.to_string()))?;
    Ok(scripts::rescue(scene, &kernel, &initrd))
}
