// SPDX-License-Identifier: GPL-3.0-or-later
//! A whole site profile, and mistakes with their lines.

use super::*;

const WHOLE: &str = r##"
version = 1
description = "what all hosts have"
types = ["SCH", "TCH"]
hosts = ["cch-[001-003]", "52:54:00:00:00:09"]
packages = ["htop"]
services = ["nginx.service"]
ports = ["80/tcp"]
kernel_arguments = ["mitigations=off"]
[[file]]
path = "/etc/motd"
text = "hello\n"
[[file]]
path = "/usr/local/sbin/hello"
mode = "0755"
template = true
text = '''
#!/bin/sh
	echo {{ host_name }}
'''
[[script]]
name = "first"
text = "#!/bin/sh\ntrue\n"
"##;

fn parse(text: &str) -> Result<SiteProfile, ParseErrors> {
    SiteProfile::parse(text, "all".parse().unwrap())
}

#[test]
fn a_whole_one_and_who_has_it() {
    let (debian, rocky) = ("x86_64-linux-debian-13".parse().unwrap(), "x86_64-linux-rockylinux-10".parse().unwrap());
    let profile = parse(WHOLE).unwrap();
    assert_eq!((profile.label().as_str(), profile.files[0].mode.0, profile.files[1].mode.0), ("all", 0o644, 0o755));
    let name: HostName = "cch-002".parse().unwrap();
    let mac: MacAddr = "525400000009".parse().unwrap();
    assert!(profile.is_for(HostType::TCH, None, &[]));
    assert!(profile.is_for(HostType::CCH, Some(&name), &[]) && profile.is_for(HostType::CCH, None, &[mac]));
    assert!(!profile.is_for(HostType::CCH, None, &[]));
    assert_eq!(profile.fits(HostType::CCH, &rocky), Ok(()));
    assert_eq!(profile.fits(HostType::SCH, &debian), Ok(()));
    assert!(
        profile
            .fits(HostType::CCH, &debian)
            .unwrap_err()
            .to_string()
            .ends_with("name CCH in its types, then run: build-image --distro x86_64-linux-debian-13")
    );
    let zfs = parse("version = 1\nhosts = [\"sch-001\"]\n[disks]\nvolumes = \"zfs\"\n").unwrap();
    assert!(zfs.fits(HostType::SCH, &debian).unwrap_err().to_string().contains("name SCH in its types"));
    assert_eq!(zfs.fits(HostType::SCH, &rocky), Ok(()));
    let group = parse(&WHOLE.replace("htop", "@base")).unwrap();
    assert!(group.fits(HostType::SCH, &debian).unwrap_err().to_string().contains("@base is a group"));
}

#[test]
fn what_is_wrong_is_named_with_its_line() {
    for (from, to, expected) in [
        ("version = 1", "version = 2", "line 2: version is 2"),
        (
            "types = [\"SCH\", \"TCH\"]\nhosts = [\"cch-[001-003]\", \"52:54:00:00:00:09\"]",
            "",
            "has neither types nor hosts",
        ),
        ("packages", "package", "unknown key package"),
        ("htop", "htop; rm", "expected the name of a package"),
        ("\"0755\"", "\"755\"", "expected four octal digits"),
        ("/etc/motd", "/etc/../motd", "without .."),
        ("/etc/motd", "/var/run/motd", "line 10: file /var/run/motd: files in /var/run are lost"),
        ("hello\\n", "\\u001b[2J", "without control characters"),
        ("hello\\n", "\\u2028%end", "without control characters"),
        ("#!/bin/sh\\ntrue", "true", "line 21: script first: its first line"),
        ("80/tcp", "80", "expected one such as 80/tcp"),
    ] {
        let text = WHOLE.replace(from, to);
        assert_ne!(text, WHOLE, "{from}");
        let error = parse(&text).unwrap_err().to_string();
        assert!(error.contains(expected) && !error.contains('\n'), "{to}: {error}");
    }
}
