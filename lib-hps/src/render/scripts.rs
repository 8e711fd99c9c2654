// SPDX-License-Identifier: GPL-3.0-or-later
//! A decision as an iPXE script.

use super::ipxe::{Script, Shown};
use crate::boot::{Decision, Install, MenuItem, MenuPage, Source};
use crate::config::Cluster;
use crate::host::Host;
use crate::types::{HostType, Line, MacAddr, Token};

/// What scripts are about.
#[derive(Debug, Clone, Copy)]
pub struct Scene<'a> {
    /// The cluster.
    pub cluster: &'a Cluster,
    /// The machine.
    pub mac: MacAddr,
    /// Its record, where there is one that can be read.
    pub host: Option<&'a Host>,
}

/// How long a machine waits before it asks again.
const WAIT_SECONDS: u32 = 30;
/// How long a message stays that a person should read.
const READ_SECONDS: u32 = 5;

/// `cmd=init`: go on to `boot_action` with what iPXE knows of the machine.
pub fn init(cluster: &Cluster) -> String {
    // `:uristring` percent-encodes what the firmware claims; an empty value stays empty.
    let claims = "uuid=${uuid}&serial=${serial:uristring}&product=${product:uristring}&arch=${buildarch:uristring}&platform=${platform:uristring}";
    let url = format!("{}?cmd=boot_action&mac=${{netX/mac:hexraw}}", cluster.boot_manager_url());
    Script::new()
        .label("ask")
        .chain_or(&format!("{url}&{claims}"), "bare")
        // Firmware may claim bytes that a web server refuses; the claims are only for people.
        .label("bare")
        .chain_or(&url, "again")
        .label("again")
        .echo(&format!("HPS {}: no answer from the boot manager; asking again in 10 seconds", cluster.name))
        .sleep(10)
        .line("goto ask")
        .into_text()
}

/// A decision. `ticket` is placed on the kernel's command line of an installer, and needed for nothing else.
pub fn decision(scene: Scene<'_>, decision: &Decision, ticket: Option<&Token>) -> String {
    match decision {
        Decision::Install(install) => match ticket {
            Some(ticket) => install_script(scene, install, ticket),
            None => stop(scene, &Line::lossy("No ticket was made for this installation.")),
        },
        Decision::LocalBoot(notice) => local_boot(scene, notice.as_ref()),
        Decision::Menu(page, notice) => menu(scene, *page, notice.as_ref()),
        Decision::Wait => wait(scene),
        Decision::GiveUp { attempts } => give_up(scene, *attempts),
        Decision::Stop(problem) => stop(scene, problem),
    }
}

impl Scene<'_> {
    fn title(&self) -> String {
        let name = self.host.and_then(|h| h.name.as_ref()).map_or("unknown host", |n| n.as_str());
        format!("HPS {} - {} ({})", self.cluster.name, name, self.mac.colons())
    }

    fn ask_again(&self) -> String {
        format!("{}?cmd=init", self.cluster.boot_manager_url())
    }

    fn item(&self, item: MenuItem) -> String {
        format!("{}?cmd=process_menu_item&mac={}&menu_item={item}", self.cluster.boot_manager_url(), self.mac)
    }

    fn titled(&self) -> Script {
        Script::new().echo(&self.title())
    }
}

fn install_script(scene: Scene<'_>, install: &Install, ticket: &Token) -> String {
    let permission = &install.permission;
    let (of, most) = (install.of_permission, scene.cluster.install.max_attempts);
    let what = permission
        .profile
        .map_or_else(|| permission.host_type.to_string(), |p| format!("{} {p}", permission.host_type));
    let script = scene
        .titled()
        .echo(&format!("Installing {what} with {}, attempt {of} of {most}", permission.distro))
        .echo(&format!("Permission of {}: {}", permission.given_by, permission.reason))
        .line("imgfree");
    let script = match &install.source {
        Source::Image { kernel, initrd, .. } => {
            let base = format!("{}/distros", scene.cluster.base_url());
            script
                .line(format_args!(
                    "kernel {base}/{} initrd=initrd.img {} || goto failed",
                    kernel.path,
                    node_arguments(scene, ticket)
                ))
                .line(format_args!("initrd --name initrd.img {base}/{} || goto failed", initrd.path))
        }
        Source::Tree { path } => tree_lines(scene, script, path, permission.distro.major(), ticket),
    };
    script
        .line("boot || goto failed")
        .label("failed")
        .echo("The installer could not be fetched or started; see the line above. Asking again.")
        .sleep(WAIT_SECONDS)
        .chain(&scene.ask_again())
        .into_text()
}

/// The command line of the node environment's kernel.
fn node_arguments(scene: Scene<'_>, ticket: &Token) -> String {
    let mut arguments = format!(
        "hps.mode=install hps.url={} hps.mac={} hps.ticket={ticket}",
        scene.cluster.boot_manager_url(),
        scene.mac
    );
    if let Some(address) = scene.host.and_then(|h| h.address) {
        arguments.push_str(&format!(" hps.ip={address}/{}", scene.cluster.network.address.prefix_len()));
    }
    if let Some(gateway) = scene.cluster.network.gateway {
        arguments.push_str(&format!(" hps.gateway={gateway}"));
    }
    arguments.push_str(&console_arguments(scene.cluster));
    arguments
}

fn console_arguments(cluster: &Cluster) -> String {
    let serial = cluster.boot.consoles.iter().map(|c| format!(" console={c}"));
    std::iter::once(" console=tty0".to_owned()).chain(serial).collect()
}

fn tree_lines(scene: Scene<'_>, script: Script, path: &str, major: u32, ticket: &Token) -> Script {
    let tree = format!("{}/distros/{path}", scene.cluster.base_url());
    let answer = format!("{}?cmd=answer&mac={}&ticket={ticket}", scene.cluster.boot_manager_url(), scene.mac);
    // From 10 on the programs need x86-64-v3 and an older machine dies without a word. iPXE sees leaf 1 of cpuid
    // only; FMA (ecx bit 12) and MOVBE (bit 22) together are in every v3 processor and in no older one.
    let script = if major >= 10 {
        script.line("cpuid --ecx 12 || goto too_old").line("cpuid --ecx 22 || goto too_old")
    } else {
        script
    };
    script
        .line(format_args!(
            "kernel {tree}/images/pxeboot/vmlinuz initrd=initrd.img inst.repo={tree} inst.ks={answer} BOOTIF=01-{} ip=dhcp rd.neednet=1 inst.cmdline{} || goto failed",
            scene.mac.dashes(),
            console_arguments(scene.cluster)
        ))
        .line(format_args!("initrd --name initrd.img {tree}/images/pxeboot/initrd.img || goto failed"))
        .line("goto go")
        .label("too_old")
        .echo_wrapped("This processor is older than x86-64-v3, which this operating system needs: it would die without a word. Choose another system for this host (host-state arm --distro), or another machine.")
        .sleep(300)
        .line("reboot")
        .label("go")
}

fn local_boot(scene: Scene<'_>, notice: Option<&Line>) -> String {
    let mut script = scene.titled();
    if let Some(notice) = notice {
        script = script.echo_wrapped(notice.as_str()).sleep(READ_SECONDS);
    }
    boot_disk(script.echo("Booting from the local disk"))
        .label("failed")
        .echo("The local disk does not boot. Asking again.")
        .sleep(WAIT_SECONDS)
        .chain(&scene.ask_again())
        .into_text()
}

fn menu(scene: Scene<'_>, page: MenuPage, notice: Option<&Line>) -> String {
    let address = scene.host.and_then(|h| h.address).map_or_else(|| "${netX/ip}".to_owned(), |a| a.to_string());
    let mut script = Script::new().label("menu");
    // The title is ours and of harmless characters, the address is a type's or iPXE's own.
    script = script.line(format_args!("menu {} {address}", Shown::new(&scene.title())));
    if let Some(notice) = notice {
        script = script.line(format_args!("item --gap -- {}", Shown::from(notice)));
    }
    let items = items(scene.cluster, page);
    for (key, item, text) in &items {
        script = script.line(format_args!("item --key {key} {item} [{key}] {}", Shown::new(text)));
    }
    let timeout = u64::from(scene.cluster.boot.menu_timeout) * 1000;
    let safe = match page {
        MenuPage::Main => MenuItem::LocalBoot,
        MenuPage::Install => MenuItem::Init,
    };
    script = script.line(format_args!("choose --timeout {timeout} --default {safe} chosen || goto menu"));
    for (_, item, _) in &items {
        script = script.line(format_args!("iseq ${{chosen}} {item} && goto {item} ||"));
    }
    script = script.line("goto menu");
    for (_, item, _) in items {
        script = script
            .line(format_args!(":{item}"))
            .line(format_args!("chain --replace --autofree {} || goto menu", scene.item(item)));
    }
    script.into_text()
}

/// Key, item and text of a page. What cannot be installed is not shown.
fn items(cluster: &Cluster, page: MenuPage) -> Vec<(char, MenuItem, String)> {
    let mut items = Vec::new();
    match page {
        MenuPage::Main => {
            items.push(('i', MenuItem::Install, "Install this machine".to_owned()));
            items.push(('l', MenuItem::LocalBoot, "Boot from the local disk".to_owned()));
            items.push(('h', MenuItem::ShowHost, "Show what is known of this host".to_owned()));
            items.push(('x', MenuItem::ShowIpxe, "Show what iPXE knows of this machine".to_owned()));
            items.push(('r', MenuItem::Reboot, "Restart".to_owned()));
        }
        MenuPage::Install => {
            let keys: [(HostType, &[char]); 4] = [
                (HostType::Sch, &['s', 'm']),
                (HostType::Tch, &['t']),
                (HostType::Cch, &['c']),
                (HostType::Drh, &['d']),
            ];
            for (host_type, keys) in keys {
                let profiles = host_type.profiles();
                let variants: Vec<_> =
                    if profiles.is_empty() { vec![None] } else { profiles.iter().copied().map(Some).collect() };
                for (key, profile) in keys.iter().zip(variants) {
                    let Ok((_, distro)) = cluster.role(host_type, profile) else { continue };
                    let variant = profile.map_or_else(String::new, |p| format!(", {}", p.title()));
                    let text = format!("{} {host_type}{variant}, {distro}", host_type.title());
                    items.push((*key, MenuItem::InstallAs(host_type, profile), text));
                }
            }
            items.push(('b', MenuItem::Init, "Back".to_owned()));
        }
    }
    items
}

fn wait(scene: Scene<'_>) -> String {
    scene
        .titled()
        .echo("Nobody has permitted anything for this machine. On the provisioning node:")
        .echo(&format!("    host-state arm {} --type SCH", scene.mac.colons()))
        .echo(&format!("Asking again in {WAIT_SECONDS} seconds"))
        .sleep(WAIT_SECONDS)
        .chain(&scene.ask_again())
        .into_text()
}

fn give_up(scene: Scene<'_>, attempts: u32) -> String {
    scene
        .titled()
        .echo_wrapped(&format!("The installation did not report its end (attempts: {attempts}), and nothing permits another attempt. Read host-state log {}, then arm the host again.", scene.mac))
        .sleep(READ_SECONDS)
        .chain_or(&scene.item(MenuItem::GaveUp), "again")
        .label("again")
        .sleep(WAIT_SECONDS)
        .chain(&scene.ask_again())
        .into_text()
}

fn stop(scene: Scene<'_>, problem: &Line) -> String {
    scene
        .titled()
        .echo_wrapped(problem.as_str())
        .echo(&format!("Asking again in {WAIT_SECONDS} seconds"))
        .sleep(WAIT_SECONDS)
        .chain(&scene.ask_again())
        .into_text()
}

/// An error as a script, for machines of which nothing more is known: shown, then asked again. `ask_again` is the
/// address of `cmd=init` where a cluster is known.
pub fn error(problem: &str, ask_again: Option<&str>) -> String {
    let script = Script::new().echo_wrapped(&format!("HPS: {problem}")).sleep(WAIT_SECONDS);
    match ask_again {
        Some(url) => script.chain_or(url, "restart").label("restart").line("reboot").into_text(),
        None => script.line("reboot").into_text(),
    }
}

/// An error that keeps this node from knowing anything: shown, and then the machine boots its disk if it has one, because
/// a slip of the pen in a file of this node must not stop the machines of a site.
pub fn stranded(problem: &str) -> String {
    let script =
        Script::new().echo_wrapped(&format!("HPS: {problem}")).echo("Booting from the local disk").sleep(READ_SECONDS);
    boot_disk(script)
        .label("failed")
        .echo("The local disk does not boot. Starting again.")
        .sleep(WAIT_SECONDS)
        .line("reboot")
        .into_text()
}

/// Goes to `failed` where the disk does not boot.
fn boot_disk(script: Script) -> Script {
    script
        .line("iseq ${platform} efi && goto efi ||")
        .line("sanboot --no-describe --drive 0x80 || goto failed")
        .label("efi")
        // The firmware goes on to the next entry of its boot order, which the installation made the disk's.
        .line("exit 1")
}

/// `menu_item=reboot`.
pub fn reboot(scene: Scene<'_>) -> String {
    scene.titled().echo("Restarting").line("reboot").into_text()
}

/// `menu_item=show_ipxe`: what iPXE knows, expanded by iPXE itself.
pub fn show_ipxe(scene: Scene<'_>) -> String {
    let mut script = scene.titled();
    for setting in [
        "version",
        "platform",
        "buildarch",
        "manufacturer",
        "product",
        "serial",
        "uuid",
        "netX/mac",
        "netX/chip",
        "netX/ip",
        "netX/netmask",
        "netX/gateway",
        "next-server",
        "filename",
    ] {
        // What firmware says may hold anything: as uristring it holds nothing that acts.
        script = script.line(format_args!("echo {setting:<14} ${{{setting}:uristring}}"));
    }
    back(script, scene)
}

/// `menu_item=show_host`: what this service knows of the host.
pub fn show_host(scene: Scene<'_>) -> String {
    let mut script = scene.titled();
    match scene.host {
        None => script = script.echo("There is no record that this machine may see."),
        Some(host) => {
            let or_dash = |value: Option<String>| value.unwrap_or_else(|| "-".to_owned());
            for (key, value) in [
                ("state", host.state().to_string()),
                ("type", or_dash(host.host_type.map(|t| t.to_string()))),
                ("profile", or_dash(host.profile.map(|p| p.to_string()))),
                ("address", or_dash(host.address.map(|a| a.to_string()))),
                ("updated", host.updated.to_string()),
                ("reason", or_dash(host.reason.as_ref().map(Line::to_string))),
            ] {
                script = script.echo(&format!("{key:<8} {value}"));
            }
        }
    }
    back(script, scene)
}

fn back(script: Script, scene: Scene<'_>) -> String {
    script.line("prompt --timeout 60000 Press any key for the menu ||").chain(&scene.item(MenuItem::Init)).into_text()
}

#[cfg(test)]
#[path = "scripts_tests.rs"]
mod tests;
