// SPDX-License-Identifier: GPL-3.0-or-later
//! Lists as createrepo_c writes them, packed in every way, whole and not.

#![expect(clippy::disallowed_methods, reason = "a test")]

use super::*;
use std::process::Command;

const PRIMARY: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<metadata xmlns="http://linux.duke.edu/metadata/common" xmlns:rpm="http://linux.duke.edu/metadata/rpm" packages="2">
<package type="rpm">
  <name>lvm2</name>
  <arch>x86_64</arch>
  <version epoch="10" ver="2.03" rel="4.el10"/>
  <checksum type="sha256" pkgid="YES">00</checksum>
  <summary>name &amp; more</summary>
  <location href="Packages/l/lvm2-2.03-4.el10.x86_64.rpm"/>
  <format>
    <rpm:provides><rpm:entry name="lvm2" flags="EQ"/><rpm:entry name="volumes"/></rpm:provides>
    <rpm:requires><rpm:entry name="required"/></rpm:requires>
    <file>/usr/sbin/lvm</file>
  </format>
</package>
<package type="rpm">
  <name>qemu-kvm</name>
  <arch>x86_64</arch>
  <version epoch="0" ver="9.1" rel="1"/>
  <location href="q.rpm"/>
  <format/>
</package>
</metadata>
"#;

const GROUPS: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE comps PUBLIC "-//Red Hat, Inc.//DTD Comps info//EN" "comps.dtd">
<comps>
  <group><id>core</id><name>Core</name><name xml:lang="de">Kern</name>
    <packagelist><packagereq type="mandatory">filesystem</packagereq></packagelist></group>
  <category><id>category</id></category>
  <environment><id>minimal-environment</id><name>Minimal Install</name>
    <grouplist><groupid>standard</groupid></grouplist></environment>
</comps>
"#;

/// A repository with these lists, packed by this program.
fn repository(folder: &Path, pack: &str, primary: &str, groups: Option<&str>) -> PathBuf {
    let data = folder.join("repodata");
    std::fs::create_dir_all(&data).unwrap();
    let mut index = "<repomd>".to_owned();
    for (kind, text) in [("primary", Some(primary)), ("group", groups)] {
        let Some(text) = text else { continue };
        let file = data.join(format!("{kind}.xml"));
        std::fs::write(&file, text).unwrap();
        let mut name = format!("{kind}.xml");
        if !pack.is_empty() {
            let packed = Command::new(pack).arg("-q").arg("-f").arg(&file).status();
            assert!(packed.unwrap_or_else(|_| panic!("{pack} is not installed")).success());
            name += match pack {
                "gzip" => ".gz",
                "zstd" => ".zst",
                _ => ".xz",
            };
            let _kept_by_zstd = std::fs::remove_file(&file);
        }
        index += &format!("<data type=\"{kind}\"><location href=\"repodata/{name}\"/></data>");
    }
    std::fs::write(data.join("repomd.xml"), index + "</repomd>").unwrap();
    folder.to_path_buf()
}

fn sought(lines: &[&str]) -> BTreeSet<Sought> {
    lines.iter().map(|line| Sought::parse(line).unwrap()).collect()
}

#[test]
fn what_is_there_is_found_however_it_is_packed() {
    for pack in ["", "gzip", "zstd", "xz"] {
        let folder = tempfile::tempdir().unwrap();
        let repository = [repository(folder.path(), pack, PRIMARY, Some(GROUPS))];
        let there = sought(&[
            "lvm2",
            "lvm2.x86_64",
            "lvm2-2.03",
            "lvm2-2.03-4.el10.x86_64",
            "volumes",
            "/usr/sbin/lvm",
            "qemu-*",
            "@core",
            "@Core --nodefaults",
            "@^minimal-environment",
            "@^Minimal Install",
        ]);
        assert_eq!(missing(&repository, &there).unwrap(), BTreeSet::new(), "{pack}");
        let absent = sought(&[
            "lvm",
            "lvm2.aarch64",
            "lvm2-2",
            "required",
            "/usr/sbin/lvm2",
            "xen-*",
            "filesystem",
            "@minimal-environment",
            "@^core",
            "@category",
            "@standard",
            "@Kern",
        ]);
        assert_eq!(missing(&repository, &absent).unwrap(), absent, "{pack}");
    }
}

#[test]
fn words_of_a_kickstart() {
    for (line, expected) in [
        ("-lvm2", None),
        ("# lvm2", None),
        ("", None),
        ("@php:8.2/minimal", None),
        ("%include /tmp/x", None),
        ("lvm2 # volumes", Some("package lvm2")),
        ("@core --optional", Some("group @core")),
        ("@^minimal-environment", Some("environment @^minimal-environment")),
    ] {
        assert_eq!(Sought::parse(line).map(|s| s.to_string()).as_deref(), expected, "{line}");
    }
}

#[test]
fn reading_ends_when_all_was_found() {
    let folder = tempfile::tempdir().unwrap();
    let endless = PRIMARY.replace("</metadata>", "<package broken");
    for pack in ["", "gzip"] {
        let repository = [repository(folder.path(), pack, &endless, None)];
        assert_eq!(missing(&repository, &sought(&["lvm2", "qemu-kvm"])).unwrap(), BTreeSet::new());
        let error = missing(&repository, &sought(&["nosuch"])).unwrap_err().to_string();
        assert!(error.contains("primary.xml") && error.contains("bad XML"), "{error}");
    }
    // The second repository is not even opened.
    let two = [repository(folder.path(), "", PRIMARY, None), folder.path().join("nosuch")];
    assert_eq!(missing(&two, &sought(&["lvm2"])).unwrap(), BTreeSet::new());
    assert!(matches!(missing(&two, &sought(&["nosuch"])), Err(ListError::Io(error)) if error.path().ends_with(INDEX)));
}

#[test]
fn what_is_damaged_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let place = repository(folder.path(), "gzip", PRIMARY, None);
    let repository = [place.clone()];
    let fails = |words: &[&str]| {
        let error = missing(&repository, &sought(&["nosuch"])).unwrap_err();
        let text = format!("{error}: {:?}", std::error::Error::source(&error).map(ToString::to_string));
        assert!(words.iter().all(|word| text.contains(word)), "{words:?} in {text}");
    };
    let packed = place.join("repodata/primary.xml.gz");
    let whole = std::fs::read(&packed).unwrap();
    std::fs::write(&packed, &whole[..whole.len() / 2]).unwrap();
    fails(&["primary.xml.gz", "gzip failed", "end of file"]);
    std::fs::write(&packed, "no gzip").unwrap();
    fails(&["primary.xml.gz", "not in gzip format"]);
    std::fs::remove_file(&packed).unwrap();
    fails(&["primary.xml.gz", "No such file"]);
    let index = place.join(INDEX);
    let text = std::fs::read_to_string(&index).unwrap();
    std::fs::write(&index, text.replace("repodata/primary", "../primary")).unwrap();
    fails(&["repomd.xml", "not a file beside it"]);
    std::fs::write(&index, text.replace("</repomd>", "")).unwrap();
    fails(&["repomd.xml", "cut short"]);
    std::fs::write(&index, "<html></html>").unwrap();
    fails(&["its root is html"]);
}

/// Without a bound each of these would be kept until the memory is full.
#[test]
fn a_list_without_end_is_ended() {
    let refused = |start: &str, endless: &'static str, word: &str| {
        struct Endless(&'static str, usize);
        impl Read for Endless {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                buffer.iter_mut().for_each(|byte| {
                    *byte = self.0.as_bytes()[self.1];
                    self.1 = (self.1 + 1) % self.0.len();
                });
                Ok(buffer.len())
            }
        }
        let mut missing = sought(&["nosuch"]);
        let source = BufReader::with_capacity(1 << 16, start.as_bytes().chain(Endless(endless, 0)));
        let why = primary::strike(source, &mut missing).unwrap_err().to_string();
        assert!(why.contains(word) && why.lines().count() == 1, "{start} {endless}: {why}");
    };
    let tag = "more than 1048576 bytes";
    refused("<metadata><package><location href=\"", "a", tag);
    refused("<metadata><package ", "a=\"\" ", tag);
    refused("<metadata><package><name>", "a", tag);
    refused("<metadata><package><name>", "a&amp;", "a name in it has more than 16384 bytes");
    refused("<metadata><package><name>", "a<!-- -->", "a name in it has more than 16384 bytes");
    refused("<metadata><!--", "-", tag);
    refused("<metadata><![CDATA[", "a", tag);
    refused("<!DOCTYPE a [", " ", tag);
    refused("<metadata>", "<a>", "more than 64 deep");
    refused("", "\n", tag);
}

/// A hundred megabytes of one letter are some kilobytes.
#[test]
fn a_packed_list_of_any_size_is_ended() {
    let folder = tempfile::tempdir().unwrap();
    let place = repository(folder.path(), "zstd", PRIMARY, None);
    let script = "{ printf '<metadata><package><location href=\"'; head -c 100000000 /dev/zero | tr '\\0' a; } | zstd -q -f -o \"$1\"";
    let packed = place.join("repodata/primary.xml.zst");
    assert!(Command::new("sh").args(["-c", script, "sh"]).arg(&packed).status().unwrap().success());
    let size = std::fs::metadata(&packed).unwrap().len();
    assert!(size < 100_000, "{size}");
    let error = missing(&[place], &sought(&["nosuch"])).unwrap_err();
    assert!(error.to_string().contains("primary.xml.zst: bad XML"), "{error}");
    assert!(error.to_string().contains("more than 1048576 bytes"), "{error}");
}

#[test]
fn repositories_of_a_tree() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["BaseOS", "AppStream"] {
        repository(&folder.path().join(name), "", PRIMARY, None);
    }
    std::fs::create_dir_all(folder.path().join("images/repodata")).unwrap();
    let names: Vec<String> = tree_repositories(folder.path()).unwrap().into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["AppStream", "BaseOS"]);
}
