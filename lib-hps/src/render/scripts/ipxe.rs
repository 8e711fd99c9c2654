// SPDX-License-Identifier: GPL-3.0-or-later
//! A page as an iPXE script.

use crate::render::ipxe::{Script, Shown as Cleaned};
use crate::render::page::{Address, After, LocalDisk, Menu, Page, ProcessorCheck, Shown, Start, Then, Way};

/// What iPXE reports about the machine. `:uristring` percent-encodes what the firmware reports; an empty value stays
/// empty.
const FIRMWARE: &str = "uuid=${uuid}&serial=${serial:uristring}&product=${product:uristring}&arch=${buildarch:uristring}&platform=${platform:uristring}";

/// The script of `cmd=init`. `site` is the name of the cluster.
pub(super) fn init(init: &Address, site: &str) -> String {
    let url = format!("http://{}{}?cmd=boot_action&mac=${{netX/mac:hexraw}}", init.server(), init.program());
    Script::new()
        .label("ask")
        .chain_or(&format!("{url}&{FIRMWARE}"), "bare")
        // Firmware may report bytes that a web server refuses. This information is only for people, so it is left out
        // then.
        .label("bare")
        .chain_or(&url, "again")
        .label("again")
        .echo(&format!("HPS {site}: no answer from the boot manager; asking again in 10 seconds"))
        .sleep(10)
        .line("goto ask")
        .into_text()
}

/// A page.
pub(super) fn write(page: &Page) -> String {
    let script = page.shown().iter().fold(Script::new(), |script, part| match part {
        Shown::Line(text) => script.echo(text),
        Shown::Paragraph(text) => script.echo_wrapped(text),
        Shown::Pause(seconds) => script.sleep(*seconds),
        Shown::Firmware => firmware(script),
    });
    let script = match page.then() {
        Then::Menu(list) => menu(script, list),
        Then::Start(what) => start(script, what),
        Then::LocalDisk(disk) => local_disk(script, disk),
        Then::Request(address, again) => {
            after(script.chain_or(&url(address), "again").label("again"), &After::Ask(again.clone()))
        }
        Then::Wait(seconds, key, again) => script
            .line(format_args!(
                "prompt --key m --timeout {} Asking again in {seconds} seconds; press m for the menu && goto menu ||",
                seconds * 1000
            ))
            .chain(&url(again))
            .label("menu")
            .chain(&url(key)),
        Then::Key(seconds, address) => script
            .line(format_args!("prompt --timeout {} Press any key for the menu ||", seconds * 1000))
            .chain(&url(address)),
        Then::After(what) => after(script, what),
        Then::Reboot => script.line("reboot"),
    };
    script.into_text()
}

fn url(address: &Address) -> String {
    let more = if address.with_firmware() { format!("&{FIRMWARE}") } else { String::new() };
    format!("http://{}{}{more}", address.server(), address.path())
}

fn after(script: Script, what: &After) -> Script {
    let script = script.sleep(After::SECONDS);
    match what {
        After::Ask(address) => script.chain(&url(address)),
        After::AskOrReboot(address) => script.chain_or(&url(address), "restart").label("restart").line("reboot"),
        After::Reboot => script.line("reboot"),
    }
}

/// What iPXE reports about the machine, expanded by iPXE itself.
fn firmware(script: Script) -> Script {
    let settings = [
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
    ];
    // Firmware may report any text; as uristring it has no characters that act.
    let line = |setting| format!("echo {setting:<14} ${{{setting}:uristring}}");
    settings.into_iter().fold(script, |script, setting| script.line(line(setting)))
}

fn menu(script: Script, menu: &Menu) -> Script {
    let address = menu.address.map_or_else(|| "${netX/ip}".to_owned(), |a| a.to_string());
    // The title is our own and has only harmless characters. The address comes from a type or from iPXE.
    let mut script = script.label("menu").line(format_args!("menu {} {address}", Cleaned::new(&menu.title)));
    for notice in &menu.notices {
        script = script.line(format_args!("item --gap -- {}", Cleaned::new(notice)));
    }
    for item in &menu.items {
        let text = Cleaned::new(&item.text);
        script = script.line(format_args!("item --key {key} {name} [{key}] {text}", key = item.key, name = item.item));
    }
    let timeout = u64::from(menu.timeout) * 1000;
    script = script.line(format_args!("choose --timeout {timeout} --default {} chosen || goto menu", menu.safe));
    for item in &menu.items {
        script = script.line(format_args!("iseq ${{chosen}} {name} && goto {name} ||", name = item.item));
    }
    script = script.line("goto menu");
    for item in &menu.items {
        script = script.line(format_args!(":{}", item.item)).chain_or(&url(&item.address), "menu");
    }
    script
}

fn start(script: Script, start: &Start) -> Script {
    let script = script.line("imgfree");
    let script = if start.check.is_some() { v3_lines(script) } else { script };
    let script = script
        .line(format_args!("kernel {} initrd=initrd.img {} || goto failed", url(&start.kernel), start.arguments))
        .line(format_args!("initrd --name initrd.img {} || goto failed", url(&start.initrd)));
    let script = match &start.check {
        Some(check) => too_old(script, check, &start.again),
        None => script,
    };
    let script = script.line("boot || goto failed").label("failed").echo(start.failed);
    after(script, &After::Ask(start.again.clone()))
}

/// From release 10 on the programs need x86-64-v3, and on an older machine the installer stops without a message. So
/// iPXE checks FMA, MOVBE, XSAVE, AVX, F16C and LZCNT. It does not see AVX2, BMI1 and BMI2 (leaf 7), but no processor
/// has MOVBE and FMA without them. The kickstart checks all of them again.
fn v3_lines(script: Script) -> Script {
    ["--ecx 12", "--ecx 22", "--ecx 26", "--ecx 28", "--ecx 29", "--ext --ecx 5"]
        .into_iter()
        .fold(script, |script, bit| script.line(format_args!("cpuid {bit} || goto too_old")))
}

fn too_old(script: Script, check: &ProcessorCheck, again: &Address) -> Script {
    let script = script
        .line("goto go")
        .label("too_old")
        .chain_or(&url(&check.report), "unheard")
        .label("unheard")
        .echo_wrapped(check.text);
    after(script, &After::Ask(again.clone())).label("go")
}

fn local_disk(script: Script, disk: &LocalDisk) -> Script {
    let script = match disk.menu {
        Some((seconds, _)) => script.line(format_args!(
            "prompt --key m --timeout {} Press m for the menu (rescue, record of this host) && goto menu ||",
            seconds * 1000
        )),
        None => script,
    };
    let script = match &disk.way {
        Way::Chainloader { bios, uefi } => chainloader(script, bios, uefi, disk.blank),
        Way::Exit => script.line("exit 1"),
        Way::Sanboot => first_disk(script).line("exit 1"),
    };
    let script = match &disk.menu {
        Some((_, address)) => script.label("menu").chain_or(&url(address), "failed"),
        None => script,
    };
    after(script.label("failed").echo(disk.failed), &disk.after)
}

/// A GRUB that looks for the disk. The one for BIOS returns only if it cannot be fetched.
fn chainloader(script: Script, bios: &Address, uefi: &Address, blank: bool) -> Script {
    let script =
        script.line("iseq ${platform} efi && goto efi ||").line(format_args!("chain --autofree {} ||", url(bios)));
    let script = script
        .line("sanboot --no-describe --drive 0x80 || goto failed")
        .label("efi")
        .line("iseq ${buildarch} x86_64 || goto firmware")
        .line(format_args!("chain --autofree {} || goto firmware", url(uefi)));
    let script = if blank { script.line("goto failed") } else { script };
    script.label("firmware").line("exit 1")
}

/// BIOS goes to `failed` if its first disk does not boot. UEFI goes on behind this: the firmware continues with the next entry of its
/// boot order.
fn first_disk(script: Script) -> Script {
    script
        .line("iseq ${platform} efi && goto efi ||")
        .line("sanboot --no-describe --drive 0x80 || goto failed")
        .label("efi")
}
