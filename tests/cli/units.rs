// SPDX-License-Identifier: GPL-3.0-or-later
//! The units that `reload` writes for systemd: accepted by systemd, and as closed as the guide says.

use hps::render::units::{self, PagePlaces, Services};
use hps::render::web_units;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The worst exposure of each unit, as `systemd-analyze security` of Debian 12 prints it, ten times. docs/guide/install.md
/// has the same figures. The notifier starts a program of the site, about which HPS knows nothing.
const EXPOSURE: [(&str, u32); 7] = [
    ("hps-dnsmasq", 33),
    ("hps-lighttpd", 28),
    ("hps-chronyd", 37),
    ("hps-notify", 74),
    ("hps-web", 23),
    ("hps-web-tls", 28),
    ("hps-web-changes", 40),
];

fn written(folder: &Path, interface_unit: Option<&str>) -> Vec<PathBuf> {
    let path = |name: &str| folder.join(name);
    for program in ["hps-notify", "hps-web", "hps-web-changes"] {
        std::fs::write(path(program), "#!/bin/sh\n").unwrap();
        std::fs::set_permissions(path(program), std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    }
    let dirs = ["/srv/hps-config/clusters", "/run/hps"].map(Path::new);
    let services = Services {
        page: PagePlaces {
            program: &path("hps-web"),
            lighttpd: &path("web-lighttpd.conf"),
            folder: Path::new("/run/hps/web"),
            socket: Path::new("/run/hps/web/page.sock"),
            helper: &path("hps-web-changes"),
            changes: Path::new("/run/hps/web/changes.sock"),
            log: Path::new("/srv/log/web"),
            secrets: &[Path::new("/srv/hps-config/state/site.key")],
        },
        dnsmasq: &path("dnsmasq.conf"),
        lighttpd: &path("lighttpd.conf"),
        chrony: &path("chrony.conf"),
        run: Path::new("/run/hps"),
        notify: &path("hps-notify"),
        conf: &path("hps.conf"),
        folders: &dirs,
        writable: &dirs,
        interface_unit,
    };
    let texts = [
        ("hps-dnsmasq", units::systemd_dnsmasq(services)),
        ("hps-lighttpd", units::systemd_lighttpd(services)),
        ("hps-chronyd", units::systemd_chronyd(services)),
        ("hps-notify", units::systemd_notify(services)),
        ("hps-web", web_units::systemd_web(services)),
        ("hps-web-tls", web_units::systemd_web_tls(services)),
        ("hps-web-changes", web_units::systemd_web_changes(services)),
    ];
    let write = |(name, text): (&str, String)| {
        let place = path(&format!("{name}.service"));
        std::fs::write(&place, text).unwrap();
        place
    };
    texts.map(write).to_vec()
}

fn analyze(arguments: &[&str], units: &[PathBuf]) -> (bool, String) {
    let output = Command::new("systemd-analyze").args(arguments).args(units).output();
    let output = output.expect("systemd-analyze is not installed: apt-get install systemd");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.success(), text(&output.stdout) + &text(&output.stderr))
}

#[test]
fn systemd_accepts_every_unit() {
    let folder = tempfile::tempdir().unwrap();
    for interface_unit in [None, Some(r"sys-subsystem-net-devices-br\x2dlan.device")] {
        let units = written(folder.path(), interface_unit);
        // About other units of this machine there may be lines too.
        let (good, said) = analyze(&["verify", "--man=no"], &units);
        assert!(good && !said.contains("hps-"), "{said}");
        let dnsmasq = std::fs::read_to_string(&units[0]).unwrap();
        for words in ["BindsTo=", "After=", "WantedBy=multi-user.target "] {
            let depends = interface_unit.is_some_and(|unit| dnsmasq.contains(&format!("{words}{unit}\n")));
            assert_eq!(depends, interface_unit.is_some(), "{words}: {dnsmasq}");
        }
    }
    let units = written(folder.path(), None);
    let text = std::fs::read_to_string(&units[1]).unwrap();
    std::fs::write(&units[1], text.replace("RestrictRealtime=", "RestrictReal=")).unwrap();
    assert!(analyze(&["verify", "--man=no"], &units).1.contains("hps-lighttpd.service"), "a wrong word is seen");
}

#[test]
fn each_unit_is_as_closed_as_the_guide_says() {
    let folder = tempfile::tempdir().unwrap();
    let units = written(folder.path(), None);
    let guide = include_str!("../../docs/guide/install.md");
    for ((name, worst), unit) in EXPOSURE.iter().zip(&units) {
        let threshold = format!("--threshold={worst}");
        let arguments = ["security", "--offline=true", "--no-pager", &threshold];
        let (good, said) = analyze(&arguments, std::slice::from_ref(unit));
        let line = said.lines().find(|line| line.contains("Overall exposure")).unwrap_or(&said);
        assert!(good, "{name}: {line}");
        let figure = format!("{}.{}", worst / 10, worst % 10);
        let row = guide.lines().find(|line| line.starts_with(&format!("| {name} |"))).unwrap_or_default();
        assert!(row.contains(&figure), "{name}: the guide has not {figure}: {line}");
    }
}
