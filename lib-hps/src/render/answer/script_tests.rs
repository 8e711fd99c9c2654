// SPDX-License-Identifier: GPL-3.0-or-later
//! The scripts of a kickstart, in their order.

use super::*;

/// Registered, then marked, then Anaconda's; and it keeps the tables that have the mark.
#[test]
fn a_kickstart_marks_its_disks_before_anaconda_has_them() {
    let source = Source::Tree { path: Line::lossy("x86_64-linux-rockylinux-10.1") };
    let text = render("x86_64-linux-rockylinux-10.1", &source, None);
    let mut rest = text.as_str();
    for line in [
        "%pre --interpreter",
        "disks_refuse",
        "disks_register",
        "layout > /tmp/hps-disks.ks",
        "layout_check 'RHEL10'",
        "marks_write \"${DISKS[@]}\"",
        "%end",
        "%pre-install --interpreter",
        "ANSWER[disk_mark]='",
        "marks_keep \"${DISKS[@]}\"",
        "stage partitioned \"$DISK_REPORT\"",
        "%end",
    ] {
        let at = rest.find(&format!("\n{line}")).unwrap_or_else(|| panic!("{line} is not behind the lines before it"));
        rest = &rest[at + line.len()..];
    }
    for line in LAYOUT.lines().filter(|line| line.contains("printf 'clearpart ")) {
        assert!(line.contains(" --none ") && !line.contains("initlabel"), "{line}");
    }
}

/// Anaconda answers `--erroronfail` with a question at the console. Instead each script says that it has begun, and that it has come to its end,
/// and the next one looks. Nothing of it stays in the new system.
#[test]
fn a_kickstart_reports_how_each_of_its_scripts_ended() {
    for system in ["rockylinux-9", "rockylinux-10"] {
        let distro = format!("x86_64-linux-{system}.1");
        let text = render(&distro, &Source::Tree { path: Line::lossy(&distro) }, None);
        let mut rest = text.as_str();
        for line in [
            "%pre --interpreter",
            "script_begin %pre\n",
            "script_end %pre\n%end\n",
            "%pre --interpreter",
            "script_begin 'second %pre' %pre\nscript_end 'second %pre'\n%end\n",
            "%pre-install --interpreter",
            "script_begin %pre-install %pre\n",
            "script_end %pre-install\n%end\n",
            "%post --interpreter",
            "trap hps_ended EXIT\n",
            "echo ended > /root/hps-ended\n%end\n",
            "%post --nochroot --interpreter",
            "script_begin %post %pre-install\n",
            "target_ended\n",
            "target_arrays\n",
            "target_logs\n",
            "target_forget\n",
            "script_end %post\n",
            "stage installed 'sch-001'\n%end\n",
            "%onerror --interpreter",
            "fail \"Anaconda gave up: $(anaconda_reason)\"\n%end\n",
        ] {
            let at =
                rest.find(&format!("\n{line}")).unwrap_or_else(|| panic!("{line} is not behind the lines before it"));
            rest = &rest[at + line.len()..];
        }
        assert!(!text.contains("erroronfail"));
        let sections: Vec<&str> =
            text.lines().filter(|l| l.starts_with('%') && !l.starts_with("%include") && *l != "%end").collect();
        for section in sections {
            // Else Anaconda keeps what it prints in the new system.
            assert!(section == "%packages" || section.contains(" --log="), "{section}");
        }
        let inside = text.split("\n%post --interpreter").nth(1).unwrap().split("\n%end\n").next().unwrap();
        assert!(!inside.contains("HPS_TOKEN"), "Anaconda leaves its text in the new system");
    }
}

const LAYOUT: &str = include_str!("../../../../scripts/node/kickstart/layout.sh");
