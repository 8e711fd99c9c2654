// SPDX-License-Identifier: GPL-3.0-or-later
//! A page as a script of GRUB, and the loop that follows the pages.
//!
//! GRUB has no command that replaces one script by another, and nested menus would fill its stack. So the first file is
//! a loop. Each page defines the function `hps_next`, which sets the next address. The last line of a page sets
//! `hps_heard`: `source` also succeeds where a server does not answer, and it reads the body of an error.

use crate::render::grub::{Quoted, Script};
use crate::render::page::{Address, After, Item, LocalDisk, Menu, Page, Shown, Start, Then, Way};
use crate::types::Distro;

/// What the loop waits after a page that did not arrive.
const AGAIN_SECONDS: u32 = 10;
/// How long the sentence about a refused kernel stays.
const REFUSED_SECONDS: u32 = 5;
/// GRUB sets this variable when the shim checks signatures.
const SECURE_BOOT: &str = "[ \"$shim_lock\" = y ]";
/// Whose shim started this GRUB, as the first file has it; empty for Debian's.
const SHIM: &str = "\"$hps_shim\"";
/// Loaders on the disk of a machine, the most particular one first. Each is signed, so Secure Boot accepts it.
const DISK_LOADERS: [&str; 5] = [
    "/EFI/debian/shimx64.efi",
    "/EFI/rocky/shimx64.efi",
    "/EFI/almalinux/shimx64.efi",
    "/EFI/Microsoft/Boot/bootmgfw.efi",
    "/EFI/BOOT/BOOTX64.EFI",
];
/// SMBIOS type 1 (DMTF DSP0134): the name of a value on the wire and what GRUB's `smbios` reads it by.
const REPORTED: [(&str, &str); 3] =
    [("uuid", "--get-uuid 8"), ("serial", "--get-string 7"), ("product", "--get-string 5")];

/// The first file, for the site with this name. `shim` is the line of releases whose shim starts this GRUB; without one
/// it is Debian's. GRUB of an installation tree has neither the command `true` nor `smbios`.
pub(super) fn start(init: &Address, site: &str, shim: Option<&Distro>) -> String {
    let first = format!("set hps_url={}", place(init));
    let script = Script::new().line("# Written by reload. GRUB asks the boot manager what this machine is to do.");
    let script = match shim {
        // Menus keep only what is exported.
        Some(line) => script.line(format_args!("set hps_shim='&shim={line}'")).line("export hps_shim"),
        None => script,
    };
    script
        .line(&first)
        .block(
            "while [ 1 = 1 ]; do",
            |script| {
                script
                    .line("set hps_heard=")
                    .line("source \"$hps_url\"")
                    .block("if [ \"$hps_heard\" = yes ]; then", |script| script.line("hps_next"), "fi")
                    .block(
                        "if [ \"$hps_heard\" != yes ]; then",
                        |script| {
                            let seconds = AGAIN_SECONDS;
                            script
                                .echo(&format!(
                                    "HPS {site}: no answer from the boot manager; asking again in {seconds} seconds"
                                ))
                                .sleep(seconds)
                                .line(&first)
                        },
                        "fi",
                    )
            },
            "done",
        )
        .into_text()
}

/// The script of `cmd=init` for GRUB of an installation tree. It cannot read what the firmware reports, so it says
/// nothing of it, and what the record has counts.
pub(super) fn init_of_tree(init: &Address) -> String {
    let script = Script::new().line("set hps_firmware=");
    end(next_line(script, &format!("set hps_url={}\"&mac=$net_default_mac\"", boot_action(init))))
}

/// The script of `cmd=init` for Debian's GRUB.
///
/// GRUB cannot percent-encode. So a value that the firmware reports is passed on only if all its characters are on a
/// list, with `+` for a space. It stays in variables, which GRUB never reads as commands.
pub(super) fn init(init: &Address) -> String {
    let mut script = Script::new().line("set hps_firmware=");
    for (name, value) in REPORTED {
        script = script.block(
            format_args!("if smbios --type 1 {value} --set hps_value; then"),
            |script| {
                script.block(
                    "if regexp '^[0-9A-Za-z ._:/(),-]+$' \"$hps_value\"; then",
                    |script| {
                        script
                            .block(
                                "while regexp --set 1:hps_a --set 2:hps_b '^([^ ]*) (.*)$' \"$hps_value\"; do",
                                |script| script.line("set hps_value=\"$hps_a+$hps_b\""),
                                "done",
                            )
                            .line(format_args!("set hps_firmware=\"$hps_firmware&{name}=$hps_value\""))
                    },
                    "fi",
                )
            },
            "fi",
        );
    }
    let script = script.line("set hps_firmware=\"$hps_firmware&arch=$grub_cpu&platform=$grub_platform\"");
    let next = format!("set hps_url={}\"&mac=$net_default_mac$hps_firmware\"", boot_action(init));
    end(next_line(script, &next))
}

fn boot_action(init: &Address) -> String {
    let action = format!("(http,{}){}?cmd=boot_action&loader=grub", init.server(), init.program());
    format!("{}{SHIM}", Quoted::new(&action))
}

/// A page.
pub(super) fn write(page: &Page) -> String {
    let script = follow(Script::new(), page.then());
    let script = page.shown().iter().fold(script, |script, part| match part {
        Shown::Line(text) => script.echo(text),
        Shown::Paragraph(text) => script.echo_wrapped(text),
        Shown::Pause(seconds) => script.sleep(*seconds),
        Shown::Firmware => firmware(script),
    });
    let script = match page.then() {
        Then::Menu(list) => menu(script, list),
        Then::Start(what) => kernel(script, what),
        Then::LocalDisk(disk) => local_disk(script, disk),
        Then::Request(..) => script,
        Then::Wait(seconds, ..) => {
            by_key(script.echo(&format!("Asking again in {seconds} seconds; press Esc for the menu")), *seconds)
        }
        Then::Key(seconds, _) => {
            script.echo("Press Esc for the menu").line(format_args!("sleep --interruptible {seconds}"))
        }
        Then::After(_) => script.sleep(After::SECONDS),
        Then::Reboot => script.line("reboot"),
    };
    end(script)
}

/// Defines what comes after this page. GRUB keeps functions where it forgets variables: when a menu ends.
fn follow(script: Script, then: &Then) -> Script {
    match then {
        Then::Menu(menu) => next(script, Some(&menu.again)),
        Then::Start(Start { foreign: Some((report, _)), again, .. }) => next_by(script, SECURE_BOOT, report, again),
        Then::Start(start) => next(script, Some(&start.again)),
        Then::Request(address, _) | Then::Key(_, address) => next(script, Some(address)),
        Then::Wait(_, menu, again) => next_by_key(script, menu, again),
        Then::LocalDisk(disk) => match (&disk.menu, disk.after.address()) {
            (Some((_, menu)), Some(again)) => next_by_key(script, menu, again),
            (_, again) => next(script, again),
        },
        Then::After(after) => next(script, after.address()),
        Then::Reboot => next(script, None),
    }
}

/// An address as GRUB's file name.
fn place(address: &Address) -> String {
    let (loader, shim) = if address.is_script() { ("&loader=grub", SHIM) } else { ("", "") };
    format!("{}{shim}", Quoted::new(&format!("(http,{}){}{loader}", address.server(), address.path())))
}

/// The end of each page: the loop continues with `hps_next`.
fn end(script: Script) -> String {
    script.line("set hps_heard=yes").into_text()
}

/// The next address, or a restart.
fn next(script: Script, address: Option<&Address>) -> Script {
    let Some(address) = address else { return next_line(script, "reboot") };
    let firmware = if address.with_firmware() { "\"$hps_firmware\"" } else { "" };
    next_line(script, &format!("set hps_url={}{firmware}", place(address)))
}

fn next_line(script: Script, line: &str) -> Script {
    script.block("function hps_next {", |script| script.line(line), "}")
}

/// The same by the answer of [`by_key`].
fn next_by_key(script: Script, with_key: &Address, without: &Address) -> Script {
    next_by(script.line("set hps_key="), "[ \"$hps_key\" = yes ]", with_key, without)
}

fn next_by(script: Script, condition: &'static str, then: &Address, otherwise: &Address) -> Script {
    script.block(
        "function hps_next {",
        |script| {
            script.line(format_args!("set hps_url={}", place(otherwise))).block(
                format_args!("if {condition}; then"),
                |script| script.line(format_args!("set hps_url={}", place(then))),
                "fi",
            )
        },
        "}",
    )
}

/// Waits for the key Esc.
fn by_key(script: Script, seconds: u32) -> Script {
    script.block(
        format_args!("if ! sleep --interruptible {seconds}; then"),
        |script| script.line("set hps_key=yes"),
        "fi",
    )
}

/// What firmware and GRUB report. A value with a control character is not shown.
fn firmware(script: Script) -> Script {
    let script =
        REPORTED.into_iter().chain([("manufacturer", "--get-string 4")]).fold(script, |script, (name, value)| {
            script.block(
                format_args!("if smbios --type 1 {value} --set hps_value; then"),
                |script| {
                    script.block(
                        "if regexp '^[ -~]+$' \"$hps_value\"; then",
                        |script| script.line(format_args!("echo \"{name:<14} $hps_value\"")),
                        "fi",
                    )
                },
                "fi",
            )
        });
    ["grub_cpu", "grub_platform", "net_default_mac", "net_default_ip", "net_default_server", "shim_lock"]
        .into_iter()
        .fold(script, |script, name| script.line(format_args!("echo \"{name:<18} ${name}\"")))
}

/// A menu. GRUB shows the entries of a `configfile`, which it fetches again, and `normal_exit` leaves them. The level
/// that `normal_exit` counted is given back by a `normal`, which then reads a file that is empty.
fn menu(script: Script, menu: &Menu) -> Script {
    script.block("if [ \"$hps_role\" = menu ]; then", |script| entries(script, menu), "fi").block(
        "if [ \"$hps_role\" = '' ]; then",
        |script| {
            script
                .line("set hps_role=menu")
                .line("export hps_role")
                .line(format_args!("configfile {}", place(&menu.again)))
                .line("unset hps_role")
                .line("normal_exit")
                .line("normal (proc)/luks_script")
                .line("clear")
        },
        "fi",
    )
}

fn entries(script: Script, menu: &Menu) -> Script {
    let script =
        script.line(format_args!("set timeout={}", menu.timeout)).line(format_args!("set default={}", menu.safe));
    let address = menu.address.map_or_else(|| "\"$net_default_ip\"".to_owned(), |address| address.to_string());
    let title = format!("{}' '{address}", Quoted::new(&menu.title));
    let script = script.block(format_args!("menuentry {title} {{"), |script| script.line("clear"), "}");
    let script = menu.notices.iter().fold(script, |script, notice| {
        script.block(format_args!("menuentry {} {{", Quoted::shown(notice)), |script| script.line("clear"), "}")
    });
    menu.items.iter().fold(script, entry)
}

/// The page of a choice is read inside the menu. It defines `hps_next`; then the menu ends.
fn entry(script: Script, item: &Item) -> Script {
    let Item { key, item: name, text, address } = item;
    let text = Quoted::new(&format!("[{key}] {text}"));
    script.block(
        format_args!("menuentry --hotkey={key} --id={name} {text} {{"),
        |script| script.line("set hps_role=entry").line(format_args!("source {}", place(address))).line("normal_exit"),
        "}",
    )
}

fn kernel(script: Script, start: &Start) -> Script {
    let Some((_, text)) = start.foreign else { return own_kernel(script, start) };
    script
        .block(format_args!("if {SECURE_BOOT}; then"), |script| script.echo_wrapped(text).sleep(REFUSED_SECONDS), "fi")
        .block(format_args!("if ! {SECURE_BOOT}; then"), |script| own_kernel(script, start), "fi")
}

fn own_kernel(script: Script, start: &Start) -> Script {
    let arguments: String = start.arguments.split(' ').map(|word| format!(" {}", Quoted::new(word))).collect();
    script
        .block(
            format_args!("if linux {}{arguments}; then", place(&start.kernel)),
            |script| {
                script.block(
                    format_args!("if initrd {}; then", place(&start.initrd)),
                    |script| script.line("boot"),
                    "fi",
                )
            },
            "fi",
        )
        .echo(start.failed)
        .block(
            format_args!("if {SECURE_BOOT}; then"),
            |script| {
                script.echo("Secure Boot is on: it refuses a kernel that is not signed, or was changed (\"bad shim signature\").")
            },
            "fi",
        )
        .sleep(After::SECONDS)
}

fn local_disk(script: Script, disk: &LocalDisk) -> Script {
    let Some((seconds, _)) = disk.menu else { return boot_disk(script, disk) };
    let script = by_key(script.echo("Press Esc for the menu (rescue, record of this host)"), seconds);
    script.block("if [ \"$hps_key\" != yes ]; then", |script| boot_disk(script, disk), "fi")
}

/// Each loader that a disk has. If none starts, the machine says so and asks again. GRUB's `exit` reports success, and
/// the firmware may then show its own menu, so it is only used where a site chose it.
fn boot_disk(script: Script, disk: &LocalDisk) -> Script {
    match disk.way {
        Way::Chainloader { .. } => chainloader(script).echo(disk.failed).sleep(After::SECONDS),
        // A disk's number is no word of UEFI.
        Way::Exit | Way::Sanboot => script.line("exit"),
    }
}

fn chainloader(script: Script) -> Script {
    DISK_LOADERS.into_iter().fold(script, |script, loader| {
        script.block(
            format_args!("if search --no-floppy --file --set=hps_disk {loader}; then"),
            |script| {
                // The loader looks for its files on this device, whatever device it is read from.
                script.line("set root=\"$hps_disk\"").block(
                    format_args!("if chainloader {loader}; then"),
                    |script| script.line("boot"),
                    "fi",
                )
            },
            "fi",
        )
    })
}
